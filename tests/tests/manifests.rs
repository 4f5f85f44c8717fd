//! What the manifests promise: who holds which keys, what ships, with which rights it runs.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bus::Identity;
use domain::mode::{Flags, Mode};
use tests::system::SERVICES;

/// The Secret with the exchange's keys.
const EXCHANGE: &str = "exitbrain-exchange";
/// What ships, and the only words that an overlay may change in it.
const SAFE: [&str; 3] = [
    "EXIT_MODE=LEGACY",
    "EXIT_EXECUTOR_MODE=SHADOW",
    "EXIT_BRAIN_V3_LIVE_ROLLOUT=DISABLED",
];
/// Those that work by the rules' numbers.
const POLICY_READERS: [&str; 3] = ["planner", "executor", "legacy"];
const OVERLAYS: [&str; 2] = ["staging", "production"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the project without its comments and empty lines.
fn lines_of(path: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    let code = text.lines().map(|line| match line.split_once(" #") {
        Some((code, _)) => code.trim_end(),
        None => line,
    });
    let told = code.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    told.map(String::from).collect()
}

/// The documents of one base manifest, by kind.
fn documents(name: &str) -> BTreeMap<String, String> {
    let text = lines_of(&format!("k8s/base/{name}.yaml")).join("\n");
    let mut by_kind = BTreeMap::new();
    for document in text.split("\n---\n") {
        let kind = document
            .lines()
            .find_map(|line| line.strip_prefix("kind: "))
            .unwrap_or_else(|| panic!("{name}: a document without a kind"));
        let before = by_kind.insert(kind.to_owned(), format!("{document}\n"));
        assert!(before.is_none(), "{name} has two documents of kind {kind}");
    }
    by_kind
}

fn deployment(service: &str) -> String {
    documents(service).remove("Deployment").unwrap()
}

/// Every workload: the services, the bus, and the job that provisions it.
fn workloads() -> Vec<(&'static str, String)> {
    let services = SERVICES.into_iter().map(|name| (name, deployment(name)));
    let bus = documents("nats").remove("StatefulSet").unwrap();
    let job = documents("provision").remove("Job").unwrap();
    services
        .chain([("nats", bus), ("provision", job)])
        .collect()
}

/// How many lines say exactly this, at this depth.
fn count(text: &str, line: &str) -> usize {
    text.lines().filter(|it| *it == line).count()
}

/// The Secrets that a pod mounts, as volumes or in a projected one.
fn secrets(deployment: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = deployment.lines().map(str::trim).collect();
    let named = lines.windows(2).filter_map(|pair| match pair {
        ["- secret:" | "secret:", next] => next
            .strip_prefix("name: ")
            .or_else(|| next.strip_prefix("secretName: ")),
        _ => None,
    });
    named.map(String::from).collect()
}

/// The Secret with the seed of `identity`; names of Kubernetes know no underscore.
fn seed_of(identity: Identity) -> String {
    format!("nkey-{}", identity.name().replace('_', "-"))
}

fn flags_in(path: &str) -> Vec<String> {
    let lines = lines_of(path).into_iter();
    let told = lines.filter_map(|line| line.trim().strip_prefix("- EXIT_").map(String::from));
    told.map(|tail| format!("EXIT_{tail}")).collect()
}

fn mode_of(flags: &[String]) -> Mode {
    let get = |name: &str| {
        let pairs = flags.iter().filter_map(|flag| flag.split_once('='));
        let mut named = pairs.filter(|(key, _)| *key == name);
        named.next().map(|(_, value)| value.to_owned())
    };
    let (flags, warnings) = Flags::parse(get);
    assert!(warnings.is_empty(), "{warnings:?}");
    flags.resolve()
}

#[test]
fn only_the_gateway_mounts_the_keys_of_the_exchange() {
    for (name, text) in workloads() {
        let holds = secrets(&text).contains(EXCHANGE);
        assert_eq!(holds, name == "gateway", "{name}");
        assert_eq!(text.contains(EXCHANGE), name == "gateway", "{name}");
        assert!(
            !text.contains("secretKeyRef") && !text.contains("secretRef"),
            "{name}"
        );
    }
}

#[test]
fn each_service_mounts_its_own_seeds_and_no_other() {
    let seeds = |identities: &[Identity], more: &[&str]| -> BTreeSet<String> {
        let own = identities.iter().map(|identity| seed_of(*identity));
        own.chain(more.iter().map(|name| (*name).to_owned()))
            .collect()
    };
    let expected = [
        ("market", seeds(&[Identity::Market], &[])),
        ("planner", seeds(&[Identity::Planner], &[])),
        ("executor", seeds(&[Identity::Executor], &[])),
        ("diagnostics", seeds(&[Identity::Diagnostics], &[])),
        (
            "legacy",
            seeds(
                &[
                    Identity::PositionMonitor,
                    Identity::TrailingStopManager,
                    Identity::DynamicTpsl,
                ],
                &[],
            ),
        ),
        (
            "gateway-guard",
            seeds(
                &[Identity::GuardTrade, Identity::GuardOut],
                &["nkey-approval"],
            ),
        ),
        (
            "gateway",
            seeds(
                &[Identity::GatewayTrade, Identity::GatewayIn],
                &["approval-public", "operator-public", EXCHANGE],
            ),
        ),
        ("nats", BTreeSet::new()),
        ("provision", seeds(&[Identity::Provisioner], &[])),
    ];
    let expected: BTreeMap<_, _> = expected.into_iter().collect();
    for (name, text) in workloads() {
        assert_eq!(secrets(&text), expected[name], "{name}");
    }
}

#[test]
fn what_ships_is_legacy_shadow_disabled() {
    for path in ["k8s/base", "k8s/overlays/production"] {
        let flags = flags_in(&format!("{path}/kustomization.yaml"));
        assert_eq!(flags, SAFE, "{path}");
        assert_eq!(mode_of(&flags), Mode::Legacy, "{path}");
    }
}

#[test]
fn no_overlay_is_shipped_live() {
    for overlay in OVERLAYS {
        let flags = flags_in(&format!("k8s/overlays/{overlay}/kustomization.yaml"));
        assert_eq!(flags.len(), SAFE.len(), "{overlay}");
        assert_eq!(flags[1..], SAFE[1..], "{overlay}");
        assert!(mode_of(&flags) < Mode::Live, "{overlay}");
    }
}

#[test]
fn overlays_differ_only_in_namespace_images_and_flags() {
    let [staging, production] =
        OVERLAYS.map(|it| lines_of(&format!("k8s/overlays/{it}/kustomization.yaml")));
    assert_eq!(staging.len(), production.len());
    let may = ["namespace:", "newName:", "newTag:", "digest:", "- EXIT_"];
    for (one, other) in staging.iter().zip(&production) {
        let free = |line: &str| may.iter().any(|word| line.trim().starts_with(word));
        assert!(
            one == other || (free(one) && free(other)),
            "{one} | {other}"
        );
    }
}

#[test]
fn the_gateway_is_never_there_twice_and_two_guards_and_executors_own_by_lease() {
    let gateway = deployment("gateway");
    assert_eq!(count(&gateway, "  replicas: 1"), 1);
    assert_eq!(count(&gateway, "    type: Recreate"), 1);
    assert!(!gateway.contains("RollingUpdate"));
    for service in ["gateway-guard", "executor"] {
        assert_eq!(count(&deployment(service), "  replicas: 2"), 1, "{service}");
    }
    let path = root().join("k8s/base/config.toml");
    let path = path.to_string_lossy().into_owned();
    let config = runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), path)]).unwrap();
    assert_eq!(config.bus.leases, runtime::config::Leases::Kv);
}

#[test]
fn the_bucket_of_leases_outlives_the_bus_and_is_made_by_a_job() {
    let bus = documents("nats").remove("StatefulSet").unwrap();
    assert_eq!(count(&bus, "  volumeClaimTemplates:"), 1);
    assert_eq!(
        count(&bus, "            - {name: streams, mountPath: /data}"),
        1
    );
    let listed = lines_of("k8s/base/kustomization.yaml");
    assert!(listed.contains(&"  - provision.yaml".to_owned()));
    let job = documents("provision").remove("Job").unwrap();
    assert!(job.contains("command: [/usr/local/bin/exitctl, provision,"));
}

#[test]
fn every_container_is_unprivileged_on_a_read_only_root() {
    for (name, text) in workloads() {
        for line in [
            "          image: ",
            "            runAsNonRoot: true",
            "            readOnlyRootFilesystem: true",
            "            allowPrivilegeEscalation: false",
            "              drop: [ALL]",
            "        runAsNonRoot: true",
            "        runAsUser: 65532",
            "          type: RuntimeDefault",
        ] {
            let found = text.lines().filter(|it| it.starts_with(line)).count();
            assert_eq!(found, 1, "{name} says {line:?} {found} times");
        }
        for word in [
            "initContainers",
            "privileged: true",
            "hostPath",
            "hostNetwork",
            "add: [",
        ] {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn no_pod_gets_a_token_of_the_cluster() {
    let off = "automountServiceAccountToken: false";
    for (name, text) in workloads() {
        assert_eq!(count(&text, &format!("      {off}")), 1, "{name}");
        assert_eq!(
            count(&text, &format!("      serviceAccountName: {name}")),
            1
        );
        let account = documents(name).remove("ServiceAccount").unwrap();
        assert_eq!(count(&account, off), 1, "{name}");
    }
}

#[test]
fn every_service_is_deployed_with_flags_and_settings() {
    let listed = lines_of("k8s/base/kustomization.yaml");
    for name in SERVICES {
        assert!(listed.contains(&format!("  - {name}.yaml")), "{name}");
        let text = deployment(name);
        assert!(
            text.contains(&format!("command: [/usr/local/bin/{name}]")),
            "{name}"
        );
        assert_eq!(
            count(&text, "                name: exitbrain-flags"),
            1,
            "{name}"
        );
        assert_eq!(
            count(&text, "            name: exitbrain-config"),
            1,
            "{name}"
        );
    }
}

#[test]
fn the_shipped_settings_can_be_used_and_lie_where_the_pods_mount_them() {
    let [one, other] = ["deploy/config/production.toml", "k8s/base/config.toml"]
        .map(|path| fs::read_to_string(root().join(path)).unwrap());
    assert_eq!(one, other, "copy one over the other");
    let path = root().join("k8s/base/config.toml");
    let path = path.to_string_lossy().into_owned();
    let config = runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), path)]).unwrap();
    assert!(config.required_symbols().is_ok());
    assert!(config.venue.rest_url.starts_with("https://"));
    let gateway = deployment("gateway");
    for file in [
        config.venue.key_file,
        config.bus.keys_dir.join("gateway-in.nk"),
    ] {
        let folder = file.parent().unwrap().display().to_string();
        assert!(
            gateway.contains(&format!("mountPath: {folder},")),
            "{folder}"
        );
    }
}

#[test]
fn the_policy_lies_where_the_settings_name_it_for_those_who_read_it() {
    let [shipped, mounted] = ["deploy/config/policy.toml", "k8s/base/policy.toml"]
        .map(|path| fs::read_to_string(root().join(path)).unwrap());
    assert_eq!(shipped, mounted, "copy one over the other");
    let named = |path: &str| {
        let path = root().join(path).to_string_lossy().into_owned();
        let config = runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), path)]).unwrap();
        config.policy.file.unwrap()
    };
    // By hand, the services are started from the project's folder.
    assert!(root().join(named("deploy/config/local.toml")).exists());
    let file = named("k8s/base/config.toml");
    assert_eq!(file.file_name().unwrap(), "policy.toml");
    let mount = format!("mountPath: {},", file.parent().unwrap().display());
    let compose = fs::read_to_string(root().join("deploy/compose.yaml")).unwrap();
    for (name, text) in workloads() {
        let reads = POLICY_READERS.contains(&name);
        assert_eq!(text.contains(&mount), reads, "{name}");
        let volumes = count(&text, "            name: exitbrain-policy");
        assert_eq!(volumes, usize::from(reads), "{name}");
        let service = compose.split("\n\n").find(|part| {
            let head = format!("  {name}:");
            part.lines().any(|line| line == head)
        });
        let mounts = service.is_some_and(|it| it.contains("./config/policy.toml:/policy.toml:ro"));
        assert_eq!(mounts, reads, "{name} in compose.yaml");
    }
}

#[test]
fn only_gateway_and_market_reach_the_outside() {
    let text = lines_of("k8s/base/network.yaml").join("\n");
    let policies: Vec<&str> = text.split("\n---\n").collect();
    let outside: Vec<&&str> = policies
        .iter()
        .filter(|it| it.contains("ipBlock"))
        .collect();
    assert_eq!(outside.len(), 1);
    assert!(outside[0].contains("operator: In, values: [gateway, market]}"));
    let denied = policies
        .iter()
        .any(|it| it.contains("podSelector: {}") && it.contains("policyTypes: [Ingress, Egress]"));
    assert!(denied, "nothing is denied by default");
}
