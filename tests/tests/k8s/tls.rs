//! Every overlay has its bus in TLS: everybody proves the servers, and the servers each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use bus::policy::{Policy, ServerOptions, ServerTls, render as server_file};
use bus::{ClientTls, keys};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::Value;
use tests::system::SERVICES;

use super::{BUS_TLS, Doc, at, kustomizations, read, render};

/// Where the servers find their certificate.
const SERVER_FILES: &str = "/etc/nats/tls";

fn overlays() -> impl Iterator<Item = String> {
    kustomizations().into_iter().filter(|it| it != "k8s/base")
}

fn found<'a>(docs: &'a [Doc], name: &str) -> &'a Doc {
    let pod = |doc: &&Doc| doc.pod().is_some() && doc.name() == name;
    docs.iter().find(pod).unwrap_or_else(|| panic!("no {name}"))
}

/// What the only container is told by its environment.
fn told(doc: &Doc) -> BTreeMap<String, String> {
    let env = at(doc.containers()[0], "/env").as_array().unwrap();
    let pairs = env
        .iter()
        .filter_map(|it| it["name"].as_str().zip(it["value"].as_str()));
    pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// Where the only container has the volume that `is_it` picks.
fn mounted(doc: &Doc, is_it: impl Fn(&Value) -> bool) -> Option<String> {
    let volumes = at(doc.pod()?, "/volumes").as_array()?;
    let name = &volumes.iter().find(|it| is_it(it))?["name"];
    let mounts = at(doc.containers()[0], "/volumeMounts").as_array()?;
    let mount = mounts.iter().find(|it| &it["name"] == name)?;
    Some(mount["mountPath"].as_str()?.to_owned())
}

fn authority_in(doc: &Doc) -> String {
    let folder = mounted(doc, |it| it["configMap"]["name"] == "nats-ca");
    let folder = folder.unwrap_or_else(|| panic!("{} has no authority", doc.name()));
    format!("{folder}/ca.crt")
}

#[test]
fn every_service_refuses_a_bus_in_plain_text() {
    for folder in overlays() {
        let docs = render(&folder);
        for name in SERVICES {
            let doc = found(&docs, name);
            let told = told(doc).into_iter();
            let told = told.filter(|(key, _)| key.starts_with("EXITBRAIN__"));
            let config = runtime::Config::load(told).unwrap();
            assert_eq!(config.bus.url, "tls://nats:4222", "{folder}: {name}");
            let expected = ClientTls {
                ca_file: Some(authority_in(doc).into()),
                identity: None,
            };
            assert_eq!(config.bus.tls, expected, "{folder}: {name}");
        }
        let job = found(&docs, "provision");
        let told = told(job);
        assert_eq!(told["EXITCTL_NATS_URL"], "tls://nats:4222", "{folder}");
        assert_eq!(told["EXITCTL_NATS_CA"], authority_in(job), "{folder}");
    }
}

#[test]
fn the_servers_have_their_key_and_nobody_else() {
    for folder in overlays() {
        for doc in render(&folder).iter().filter(|doc| doc.pod().is_some()) {
            let key = mounted(doc, |it| it["secret"]["secretName"] == BUS_TLS);
            let expected = (doc.name() == "nats").then(|| SERVER_FILES.to_owned());
            assert_eq!(key, expected, "{folder}: {}", doc.name());
        }
    }
}

/// Lines that say something.
fn lines(path: &str) -> Vec<String> {
    let text = read(path);
    let all = text.lines().filter(|it| !it.starts_with('#'));
    all.map(str::to_owned).collect()
}

#[test]
fn the_cluster_in_tls_is_the_base_s_with_proof_between_its_servers() {
    let (plain, tls) = (
        lines("k8s/base/cluster.conf"),
        lines("k8s/components/bus-tls/cluster.conf"),
    );
    let mut rest = tls.iter();
    assert!(
        plain.iter().all(|line| rest.any(|it| it == line)),
        "{tls:#?}"
    );
    let more: Vec<&str> = tls
        .iter()
        .filter(|it| !plain.contains(it))
        .map(|it| it.trim())
        .collect();
    assert_eq!(more.first(), Some(&"tls {"));
    assert!(more.contains(&"verify: true"), "{more:?}");
}

/// A certificate for every name that the servers are called by.
fn certificate(folder: &Path) {
    let names = ["nats", "nats-0.nats", "nats-1.nats", "nats-2.nats"].map(String::from);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("tls.crt"), cert.pem()).unwrap();
    fs::write(folder.join("ca.crt"), cert.pem()).unwrap();
    fs::write(folder.join("tls.key"), signing_key.serialize_pem()).unwrap();
}

#[test]
fn a_server_takes_the_files_as_they_are_mounted() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("tls");
    certificate(&own);
    let keys_dir = folder.path().join("keys");
    let publics = keys::generate(&keys_dir).unwrap();
    let options = ServerOptions {
        tls: Some(ServerTls {
            cert_file: own.join("tls.crt"),
            key_file: own.join("tls.key"),
            client_ca_file: None,
        }),
        ..ServerOptions::default()
    };
    let here = own.display().to_string();
    for (name, text) in [
        (
            "nats/nats.conf",
            server_file(&publics, Policy::Shadow, &options),
        ),
        (
            "nats-cluster/cluster.conf",
            read("k8s/components/bus-tls/cluster.conf").replace(SERVER_FILES, &here),
        ),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let checked = Command::new(tests::nats::binary().unwrap())
        .arg("-t")
        .arg("--config")
        .arg(folder.path().join("nats-cluster/cluster.conf"))
        .env("POD_NAME", "nats-0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
}
