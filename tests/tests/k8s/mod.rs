//! The manifests as `kubectl kustomize` makes them: every document of every kustomization.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

mod network;
mod packaging;
mod reach;
mod rights;
mod runbook;
pub mod schema;
mod settings;
mod tls;

/// The Secret with the key of the bus servers.
pub const BUS_TLS: &str = "nats-tls";

/// Folders below `k8s/` are few and shallow.
const DEPTH_MAX: usize = 4;

/// One document.
#[derive(Debug, Clone)]
pub struct Doc(pub Value);

impl Doc {
    /// The text at a JSON pointer; empty where there is none.
    pub fn text(&self, pointer: &str) -> &str {
        let found = self.0.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default()
    }

    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    pub fn labels(&self, pointer: &str) -> BTreeMap<String, String> {
        let pairs = self.0.pointer(pointer).and_then(Value::as_object);
        let pairs = pairs.into_iter().flatten();
        pairs
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect()
    }

    /// The pod that a workload makes; none where the document is no workload.
    pub fn pod(&self) -> Option<&Value> {
        self.0.pointer("/spec/template/spec")
    }

    pub fn containers(&self) -> Vec<&Value> {
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let pod = self.pod();
        let found = lists
            .iter()
            .filter_map(|list| pod?.get(*list)?.as_array())
            .flatten();
        found.collect()
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// Every file below `folder`, from the project's root on.
pub fn files(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        assert!(depth < DEPTH_MAX, "{folder} is too deep");
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                folders.push((path, depth + 1));
            } else {
                found.insert(path);
            }
        }
    }
    found
}

/// Every document of a file, unrendered; anchors and merges are resolved.
pub fn documents(text: &str) -> Vec<Doc> {
    let all: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    all.into_iter()
        .filter(|it| !it.is_null())
        .map(Doc)
        .collect()
}

/// The output of one of `deploy/tools`.
fn tool(name: &str) -> String {
    let done = Command::new(root().join("deploy/tools").join(name))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name}: {said}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// What `kubectl kustomize` makes of a folder.
pub fn render(folder: &str) -> Vec<Doc> {
    let done = Command::new(tool("fetch-kubectl"))
        .arg("kustomize")
        .arg(root().join(folder))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{folder}: {said}");
    // It also warns about what it will no longer understand.
    assert!(said.is_empty(), "{folder}: {said}");
    documents(&String::from_utf8(done.stdout).unwrap())
}

/// Every folder that can be applied: found, not listed.
pub fn kustomizations() -> BTreeSet<String> {
    let files = files("k8s");
    let named = files
        .iter()
        .filter_map(|it| Some((it, it.strip_suffix("/kustomization.yaml")?)));
    named
        .filter(|(file, _)| documents(&read(file))[0].kind() == "Kustomization")
        .map(|(_, folder)| folder.to_owned())
        .collect()
}

/// Every document of every kustomization.
pub fn everything() -> Vec<(String, Doc)> {
    let folders = kustomizations().into_iter();
    folders
        .flat_map(|folder| {
            let docs = render(&folder);
            docs.into_iter().map(move |doc| (folder.clone(), doc))
        })
        .collect()
}

/// Every workload of every kustomization.
pub fn workloads() -> Vec<(String, Doc)> {
    let all = everything().into_iter();
    all.filter(|(_, doc)| doc.pod().is_some()).collect()
}

/// The workload of this name in the base.
pub fn workload(name: &str) -> Doc {
    let mut found = render("k8s/base").into_iter();
    found
        .find(|doc| doc.pod().is_some() && doc.name() == name)
        .unwrap_or_else(|| panic!("no workload {name}"))
}

/// Calls `see` with each key and value, at any depth.
fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(pairs) => {
            for (key, value) in pairs {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}

/// Every Secret that a document names, in whichever way a pod can get at one.
pub fn secrets(doc: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(doc, &mut |key, value| {
        let name = match key {
            "secretName" => value.as_str(),
            "secret" | "secretRef" | "secretKeyRef" | "nodePublishSecretRef" => {
                value.get("name").and_then(Value::as_str)
            }
            "imagePullSecrets" => value.pointer("/0/name").and_then(Value::as_str),
            _ => None,
        };
        found.extend(name.map(String::from));
    });
    found
}

/// What is there at a JSON pointer.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value
        .pointer(pointer)
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
}
