//! What the manifests promise: who holds which keys, what ships, with which rights it runs, who
//! reaches whom. They are rendered as `kubectl apply -k` would, and every document is looked at.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;

use bus::Identity;
use domain::mode::{Flags, Mode};
use serde_json::Value;

mod k8s;

use k8s::BUS_TLS;
use k8s::schema::{Schemas, VERSIONS, broken};
use k8s::{
    Doc, at, documents, everything, files, kustomizations, read, render, secrets, workload,
    workloads,
};

/// The Secret with the exchange's keys.
const EXCHANGE: &str = "exitbrain-exchange";
/// Each overlay's mode, and that of the base: what applies where nobody chose.
const MODES: [(&str, Mode); 5] = [
    ("k8s/base", Mode::Legacy),
    ("k8s/overlays/legacy", Mode::Legacy),
    ("k8s/overlays/live", Mode::Live),
    ("k8s/overlays/shadow", Mode::Shadow),
    ("k8s/overlays/staging", Mode::Shadow),
];
/// What a deployment consists of. No Role, no binding: nobody may ask the cluster anything.
const KINDS: [&str; 11] = [
    "ConfigMap",
    "Deployment",
    "Job",
    "Kustomization",
    "Namespace",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "Service",
    "ServiceAccount",
    "StatefulSet",
];

/// The Secret with the seed of `identity`; names of Kubernetes know no underscore.
fn seed_of(identity: Identity) -> String {
    format!("nkey-{}", identity.name().replace('_', "-"))
}

/// The Secrets that each workload may see: its own seeds, and what else its task needs.
fn may_see(workload: &str) -> BTreeSet<String> {
    use Identity as I;
    let (identities, more): (&[Identity], &[&str]) = match workload {
        "market" => (&[I::Market], &[]),
        "planner" => (&[I::Planner], &[]),
        "executor" => (&[I::Executor], &[]),
        "diagnostics" => (&[I::Diagnostics], &[]),
        "legacy" => (
            &[I::PositionMonitor, I::TrailingStopManager, I::DynamicTpsl],
            &[],
        ),
        "gateway-guard" => (&[I::GuardTrade, I::GuardOut], &["nkey-approval"]),
        "gateway" => (
            &[I::GatewayTrade, I::GatewayIn],
            &["approval-public", "operator-public", EXCHANGE],
        ),
        "provision" => (&[I::Provisioner], &[]),
        _ => (&[], &[]),
    };
    let own = identities.iter().map(|identity| seed_of(*identity));
    own.chain(more.iter().map(|name| (*name).to_owned()))
        .collect()
}

fn mode_of(docs: &[Doc]) -> Mode {
    let flags = docs
        .iter()
        .find(|doc| doc.name().starts_with("exitbrain-flags"));
    let data = flags.unwrap().0["data"].as_object().unwrap();
    assert_eq!(data.len(), 3, "{data:?}");
    let (flags, warnings) = Flags::parse(|name| Some(data.get(name)?.as_str()?.to_owned()));
    assert!(warnings.is_empty(), "{warnings:?}");
    flags.resolve()
}

#[test]
fn every_manifest_is_part_of_what_is_applied() {
    let rendered: BTreeSet<(String, String)> = everything()
        .into_iter()
        .map(|(_, doc)| (doc.kind().to_owned(), doc.name().to_owned()))
        .collect();
    let kinds = KINDS.map(String::from);
    for file in files("k8s").iter().filter(|it| it.ends_with(".yaml")) {
        for doc in documents(&read(file)) {
            if file.ends_with("/kustomization.yaml") || doc.kind() == "Namespace" {
                continue; // the overlays name the namespace anew
            }
            let key = (doc.kind().to_owned(), doc.name().to_owned());
            assert!(rendered.contains(&key), "{file}: {key:?} is in no overlay");
        }
    }
    for (folder, doc) in everything() {
        assert!(
            kinds.contains(&doc.kind().to_owned()),
            "{folder}: {}",
            doc.kind()
        );
    }
    let expected: BTreeSet<String> = MODES.iter().map(|(it, _)| (*it).to_owned()).collect();
    assert_eq!(kustomizations(), expected);
}

#[test]
fn every_document_is_valid_for_an_old_and_for_the_newest_kubernetes() {
    let all = everything();
    for version in VERSIONS {
        let mut schemas = Schemas::of(version);
        for (folder, doc) in &all {
            let faults = schemas.faults(doc);
            assert!(faults.is_empty(), "{version} {folder}: {faults:#?}");
        }
        for (what, doc) in broken(&workload("gateway")) {
            assert!(!schemas.faults(&doc).is_empty(), "{version} takes {what}");
        }
    }
}

#[test]
fn only_the_gateway_sees_the_keys_of_the_exchange() {
    let all = everything();
    for (folder, doc) in &all {
        let gateway = doc.kind() == "Deployment" && doc.name() == "gateway";
        let told = doc.0.to_string().contains(EXCHANGE);
        assert_eq!(told, gateway, "{folder}: {} {}", doc.kind(), doc.name());
        assert_ne!(doc.kind(), "Secret", "keys are in no repository");
        if gateway {
            let account = at(&doc.0, "/spec/template/spec/serviceAccountName");
            let holders = all.iter().filter(|(it, doc)| {
                let pod = doc.pod();
                it == folder && pod.is_some_and(|pod| &pod["serviceAccountName"] == account)
            });
            assert_eq!(holders.count(), 1, "{folder}: the account is not its own");
        }
    }
}

#[test]
fn each_workload_sees_its_own_secrets_and_no_other() {
    for (folder, doc) in everything() {
        let mut expected = match doc.pod() {
            Some(_) => may_see(doc.name()),
            None => BTreeSet::new(),
        };
        if folder != "k8s/base" && doc.kind() == "StatefulSet" {
            expected.insert(BUS_TLS.to_owned()); // the servers' own key, and theirs alone
        }
        assert_eq!(secrets(&doc.0), expected, "{folder}: {}", doc.name());
        let text = doc.0.to_string();
        for word in ["secretKeyRef", "secretRef", "imagePullSecrets"] {
            assert!(!text.contains(word), "{folder}: {} by {word}", doc.name());
        }
    }
}

#[test]
fn each_overlay_is_in_its_mode_and_only_live_is_live() {
    for (folder, mode) in MODES {
        assert_eq!(mode_of(&render(folder)), mode, "{folder}");
    }
}

#[test]
fn legacy_shadow_and_live_are_one_installation_that_differs_in_its_flags_alone() {
    let plain = |folder: &str| -> Vec<Value> {
        let mut docs = render(folder);
        let at = docs
            .iter()
            .position(|doc| doc.name().starts_with("exitbrain-flags"))
            .unwrap();
        let flags = docs.remove(at);
        let name = flags.name().to_owned();
        let text = |doc: &Doc| doc.0.to_string().replace(&name, "exitbrain-flags");
        docs.iter()
            .map(|doc| serde_json::from_str(&text(doc)).unwrap())
            .collect()
    };
    let legacy = plain("k8s/overlays/legacy");
    assert_eq!(legacy, plain("k8s/overlays/shadow"));
    assert_eq!(legacy, plain("k8s/overlays/live"));
    let namespace = |docs: &[Value]| docs[0]["metadata"]["name"].clone();
    assert_ne!(
        namespace(&legacy),
        namespace(&plain("k8s/overlays/staging"))
    );
}

#[test]
fn the_gateway_is_never_there_twice_and_two_guards_and_executors_own_by_lease() {
    for (folder, doc) in workloads() {
        let (replicas, strategy) = (&doc.0["spec"]["replicas"], doc.text("/spec/strategy/type"));
        let expected = match doc.name() {
            "gateway-guard" | "executor" => (2, "RollingUpdate"),
            "gateway" | "planner" | "legacy" => (1, "Recreate"),
            "market" | "diagnostics" => (1, "RollingUpdate"),
            "nats" => (3, ""),
            "provision" => continue,
            other => panic!("{folder}: {other}"),
        };
        assert_eq!(
            (replicas, strategy),
            (&expected.0.into(), expected.1),
            "{folder}: {}",
            doc.name()
        );
    }
}

#[test]
fn whoever_is_there_more_than_once_is_never_evicted_at_once() {
    for folder in kustomizations() {
        let docs = render(&folder);
        let many = docs
            .iter()
            .filter(|doc| doc.0["spec"]["replicas"].as_u64() > Some(1));
        let many: BTreeSet<&str> = many.map(Doc::name).collect();
        let budgets = docs
            .iter()
            .filter(|doc| doc.kind() == "PodDisruptionBudget");
        let mut kept = BTreeSet::new();
        for budget in budgets {
            assert_eq!(budget.0["spec"]["maxUnavailable"], 1, "{folder}");
            let chosen = budget.labels("/spec/selector/matchLabels");
            let pods = docs.iter().filter(|doc| {
                let labels = doc.labels("/spec/template/metadata/labels");
                doc.pod().is_some() && chosen.iter().all(|(k, v)| labels.get(k) == Some(v))
            });
            kept.extend(pods.map(Doc::name));
        }
        assert_eq!(kept, many, "{folder}");
    }
}

#[test]
fn the_bus_is_three_servers_that_keep_the_leases_on_volumes() {
    let bus = workload("nats");
    let pod = bus.pod().unwrap();
    assert_eq!(
        bus.0["spec"]["volumeClaimTemplates"][0]["metadata"]["name"],
        "streams"
    );
    let mounts = at(pod, "/containers/0/volumeMounts").as_array().unwrap();
    assert!(
        mounts
            .iter()
            .any(|it| it["name"] == "streams" && it["mountPath"] == "/data")
    );
    let apart = at(
        pod,
        "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/0",
    );
    assert_eq!(apart["topologyKey"], "kubernetes.io/hostname");
    let command = serde_json::json!(["nats-server", "--config", "/etc/nats-cluster/cluster.conf"]);
    assert_eq!(at(pod, "/containers/0/command"), &command);
    let cluster = read("k8s/base/cluster.conf");
    for server in 0..3 {
        assert!(
            cluster.contains(&format!("nats://nats-{server}.nats:6222")),
            "{cluster}"
        );
    }
    let job = at(
        workload("provision").pod().unwrap(),
        "/containers/0/command",
    )
    .clone();
    let words: Vec<&str> = job
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        words[..4],
        ["/usr/local/bin/exitctl", "provision", "--replicas", "3"]
    );
    for (folder, doc) in everything().iter().filter(|(_, doc)| doc.name() == "nats") {
        let claims = &doc.0["spec"]["volumeClaimTemplates"].to_string();
        // A claim can't change: a version in it would have the next one refused.
        assert!(!claims.contains("app.kubernetes.io/version"), "{folder}");
    }
}
