//! The schemas of Kubernetes: what an API server of a version would refuse at its door.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{Doc, tool};

/// The versions that the manifests are for: an old one and the newest.
pub const VERSIONS: [&str; 2] = ["1.34.0", "1.37.0"];

/// The schemas of one version; strict: a field that it does not know is refused.
pub struct Schemas {
    folder: PathBuf,
    definitions: Value,
    known: BTreeMap<String, Validator>,
}

impl Schemas {
    pub fn of(version: &str) -> Self {
        let folder = PathBuf::from(tool("fetch-schemas")).join(version);
        let definitions = load(&folder, "_definitions.json")["$defs"].clone();
        Self {
            folder,
            definitions,
            known: BTreeMap::new(),
        }
    }

    /// What is wrong with a document; nothing where it would be taken.
    pub fn faults(&mut self, doc: &Doc) -> Vec<String> {
        let (group, version) = match doc.text("/apiVersion").split_once('/') {
            Some((group, version)) => (group.split('.').next(), version),
            None => (None, doc.text("/apiVersion")),
        };
        let kind = doc.kind().to_lowercase();
        let name = match group {
            Some(group) => format!("{kind}-{group}-{version}.json"),
            None => format!("{kind}-{version}.json"),
        };
        let known = self.known.entry(name).or_insert_with_key(|name| {
            let mut schema = load(&self.folder, name);
            schema["$defs"] = self.definitions.clone();
            jsonschema::validator_for(&schema).unwrap()
        });
        let faults = known.iter_errors(&doc.0);
        faults
            .map(|it| format!("{} {}: {}: {it}", kind, doc.name(), it.instance_path()))
            .collect()
    }
}

/// One file, with what it refers to in the same document.
fn load(folder: &std::path::Path, name: &str) -> Value {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path:?}: {why}"));
    serde_json::from_str(&text.replace("/api/_definitions.json#", "#")).unwrap()
}

/// Documents that no server may take, made from a good one.
pub fn broken(good: &Doc) -> Vec<(&'static str, Doc)> {
    let with = |pointer: &str, key: &str, value: Value| {
        let mut doc = good.clone();
        doc.0.pointer_mut(pointer).unwrap()[key] = value;
        doc
    };
    let mut bare = good.clone();
    bare.0["spec"].as_object_mut().unwrap().remove("selector");
    vec![
        ("an unknown field", with("/spec", "replica", json!(1))),
        (
            "an unknown field, deep",
            with(
                "/spec/template/spec/containers/0/securityContext",
                "readOnlyRoot",
                json!(true),
            ),
        ),
        ("a wrong type", with("/spec", "replicas", json!("two"))),
        ("something missing", bare),
    ]
}
