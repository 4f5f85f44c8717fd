//! With which rights the pods run, how they are asked after, and what they are called.

use std::collections::BTreeSet;

use tests::system::SERVICES;

use super::{Doc, at, everything, kustomizations, render, workload, workloads};

#[test]
fn every_container_is_unprivileged_on_a_read_only_root() {
    for (folder, doc) in workloads() {
        let (pod, name) = (doc.pod().unwrap(), format!("{folder}: {}", doc.name()));
        assert_eq!(at(pod, "/securityContext/runAsNonRoot"), true, "{name}");
        assert_eq!(at(pod, "/securityContext/runAsUser"), 65_532, "{name}");
        assert_eq!(
            at(pod, "/securityContext/seccompProfile/type"),
            "RuntimeDefault"
        );
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            assert!(pod.get(key).is_none(), "{name}");
        }
        assert!(!pod.to_string().contains("hostPath"), "{name}");
        for container in doc.containers() {
            let rights = &container["securityContext"];
            assert_eq!(rights["runAsNonRoot"], true, "{name}");
            assert_eq!(rights["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(rights["allowPrivilegeEscalation"], false, "{name}");
            assert_eq!(
                rights["capabilities"]["drop"],
                serde_json::json!(["ALL"]),
                "{name}"
            );
            assert!(rights["capabilities"].get("add").is_none(), "{name}");
            assert!(rights.get("privileged").is_none(), "{name}");
            for pointer in ["/resources/requests/cpu", "/resources/requests/memory"] {
                at(container, pointer);
            }
            at(container, "/resources/limits/memory");
        }
    }
}

#[test]
fn every_long_running_container_is_asked_whether_it_lives_and_is_ready() {
    for (folder, doc) in workloads().iter().filter(|(_, doc)| doc.kind() != "Job") {
        for container in doc.containers() {
            let name = format!("{folder}: {}", doc.name());
            let ports: BTreeSet<&str> = at(container, "/ports")
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|it| it["name"].as_str())
                .collect();
            for probe in ["livenessProbe", "readinessProbe"] {
                let port = at(&container[probe], "/httpGet/port").as_str().unwrap();
                assert!(ports.contains(port), "{name}: {port}");
            }
            if SERVICES.contains(&doc.name()) {
                assert_eq!(
                    container["livenessProbe"]["httpGet"]["path"], "/livez",
                    "{name}"
                );
                assert_eq!(
                    container["readinessProbe"]["httpGet"]["path"], "/readyz",
                    "{name}"
                );
            }
        }
    }
    // The port of the probes is the one that the service is told to open.
    for name in SERVICES.iter().filter(|name| **name != "diagnostics") {
        let container = workload(name).containers()[0].clone();
        let env = container["env"].as_array().unwrap().iter();
        let told = env.filter_map(|it| {
            let pair = it["name"].as_str().zip(it["value"].as_str());
            pair.map(|(key, value)| (key.to_owned(), value.to_owned()))
        });
        let told = told.filter(|(key, _)| key.starts_with("EXITBRAIN__"));
        let config = runtime::Config::load(told).unwrap();
        let port = config.probe.listen.unwrap().port();
        assert_eq!(container["ports"][0]["containerPort"], port, "{name}");
    }
}

#[test]
fn no_pod_gets_a_token_of_the_cluster() {
    for folder in kustomizations() {
        let docs = render(&folder);
        let mut used = BTreeSet::new();
        for doc in docs.iter().filter(|doc| doc.pod().is_some()) {
            let pod = doc.pod().unwrap();
            assert_eq!(pod["automountServiceAccountToken"], false, "{folder}");
            assert_eq!(pod["serviceAccountName"], doc.name(), "{folder}");
            used.insert(doc.name());
        }
        let accounts = docs.iter().filter(|doc| doc.kind() == "ServiceAccount");
        let accounts: BTreeSet<&str> = accounts
            .inspect(|it| assert_eq!(it.0["automountServiceAccountToken"], false))
            .map(Doc::name)
            .collect();
        assert_eq!(used, accounts, "{folder}");
    }
}

#[test]
fn everything_carries_the_recommended_labels() {
    let words = ["name", "component", "part-of", "managed-by", "version"];
    for (folder, doc) in everything() {
        let overlay = (folder != "k8s/base").then_some("instance");
        let wanted = words.into_iter().chain(overlay);
        let labels = doc.labels("/metadata/labels");
        let pod = doc.labels("/spec/template/metadata/labels");
        for word in wanted {
            let key = format!("app.kubernetes.io/{word}");
            let name = format!("{folder}: {} {} has no {key}", doc.kind(), doc.name());
            assert!(labels.contains_key(&key), "{name}");
            assert!(doc.pod().is_none() || pod.contains_key(&key), "{name}");
        }
    }
}
