//! The settings that ship can be used, and reach those who read them.

use std::collections::BTreeMap;

use tests::system::SERVICES;

use super::{Doc, at, kustomizations, read, render, workload};

/// Those that work by the rules' numbers.
const POLICY_READERS: [&str; 3] = ["planner", "executor", "legacy"];

#[test]
fn every_service_is_deployed_with_flags_and_settings() {
    for folder in kustomizations() {
        let docs = render(&folder);
        let maps = docs.iter().filter(|doc| doc.kind() == "ConfigMap");
        let maps: BTreeMap<&str, String> = maps
            .map(|doc| {
                (
                    doc.name().rsplit_once('-').unwrap().0,
                    doc.name().to_owned(),
                )
            })
            .collect();
        for name in SERVICES {
            let doc = docs
                .iter()
                .find(|doc| doc.pod().is_some() && doc.name() == name);
            let doc = doc.unwrap_or_else(|| panic!("{folder}: no {name}"));
            let container = doc.containers()[0].clone();
            let command = serde_json::json!([format!("/usr/local/bin/{name}")]);
            assert_eq!(container["command"], command, "{folder}");
            let flags = at(&container, "/envFrom/0/configMapRef/name");
            assert_eq!(flags, &maps["exitbrain-flags"], "{folder}: {name}");
            let pod = doc.pod().unwrap().to_string();
            assert!(pod.contains(&maps["exitbrain-config"]), "{folder}: {name}");
            let reads = POLICY_READERS.contains(&name);
            assert_eq!(
                pod.contains(&maps["exitbrain-policy"]),
                reads,
                "{folder}: {name}"
            );
        }
    }
}

fn config_of(path: &str) -> runtime::Config {
    let path = super::root().join(path).to_string_lossy().into_owned();
    runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), path)]).unwrap()
}

/// Whether the only container of a workload mounts this folder.
fn mounts(doc: &Doc, folder: &std::path::Path) -> bool {
    let told = at(doc.containers()[0], "/volumeMounts").as_array().unwrap();
    let folder = folder.display().to_string();
    told.iter().any(|it| it["mountPath"] == folder.as_str())
}

#[test]
fn the_shipped_settings_can_be_used_and_lie_where_the_pods_mount_them() {
    for (one, other) in [
        ("deploy/config/production.toml", "k8s/base/config.toml"),
        ("deploy/config/policy.toml", "k8s/base/policy.toml"),
    ] {
        assert_eq!(read(one), read(other), "copy one over the other");
    }
    let config = config_of("k8s/base/config.toml");
    assert!(config.required_symbols().is_ok());
    assert_eq!(config.bus.leases, runtime::config::Leases::Kv);
    assert!(config.venue.rest_url.starts_with("https://"));
    let gateway = workload("gateway");
    for file in [
        config.venue.key_file,
        config.bus.keys_dir.join("gateway-in.nk"),
    ] {
        assert!(
            mounts(&gateway, file.parent().unwrap()),
            "{}",
            file.display()
        );
    }
    // By hand, the services are started from the project's folder.
    let local = config_of("deploy/config/local.toml").policy.file.unwrap();
    assert!(super::root().join(local).exists());
    let file = config.policy.file.unwrap();
    assert_eq!(file.file_name().unwrap(), "policy.toml");
    for name in SERVICES {
        let reads = POLICY_READERS.contains(&name);
        assert_eq!(
            mounts(&workload(name), file.parent().unwrap()),
            reads,
            "{name}"
        );
    }
}
