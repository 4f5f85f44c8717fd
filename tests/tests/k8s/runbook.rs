//! The runbook's blocks for a cluster: they are run with a `kubectl` that only notes what it is
//! asked for, and all of that must be part of what would be applied.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tests::book::{Place, blocks};
use tests::shell::Shell;
use tests::system::binary;

use super::{Doc, kustomizations, read, render, secrets, walk};

const BOOK: &str = "docs/runbook.md";
/// Where the runbook's production lives.
const NAMESPACE: &str = "exitbrain-production";
const OVERLAY: &str = "k8s/overlays/live";
/// Nothing here waits for anything.
const LONGEST: Duration = Duration::from_secs(60);
/// Notes its name and its words, one call a line, the words apart by tabs.
const RECORDER: &str = "#!/bin/sh
call=${0##*/}
tab=$(printf '\\t')
for it; do call=\"$call$tab$it\"; done
printf '%s\\n' \"$call\" >>\"$CALLS\"
";
/// What is noted and not run. Everything else in such a block is the shell's and the text tools'.
const RECORDED: [&str; 6] = [
    "kubectl",
    "exitctl",
    "nats-server",
    "docker",
    "curl",
    "sleep",
];
/// Text tools and what the shell itself needs; nothing else is found.
const ALLOWED: [&str; 8] = ["sh", "tr", "grep", "tail", "sed", "cat", "sort", "cp"];

/// Every call of a recorded program in the blocks for a cluster.
fn calls() -> Vec<(usize, Vec<String>)> {
    let (work, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in RECORDED {
        let file = tools.path().join(name);
        fs::write(&file, RECORDER).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }
    for name in ALLOWED {
        let real = tests::system::process::find_on_path(name).unwrap();
        std::os::unix::fs::symlink(real, tools.path().join(name)).unwrap();
    }
    let noted = work.path().join("calls");
    let variables = [
        ("PATH", tools.path().display().to_string()),
        ("CALLS", noted.display().to_string()),
    ];
    let mut shell = Shell::start(work.path(), tools.path(), &variables).unwrap();
    let all = blocks(&read(BOOK)).unwrap_or_else(|error| panic!("{BOOK}: {error}"));
    let mut calls = Vec::new();
    for block in all.iter().filter(|block| block.place == Place::Cluster) {
        fs::write(&noted, "").unwrap();
        let said = shell.run(&format!("{}\nwait\n", block.text), LONGEST);
        let said = said.unwrap_or_else(|error| panic!("line {}: {error}", block.line));
        for word in ["command not found", "syntax error", "No such file"] {
            assert!(
                !said.output.contains(word),
                "line {}: {}",
                block.line,
                said.output
            );
        }
        let lines = fs::read_to_string(&noted).unwrap();
        let found: Vec<Vec<String>> = lines
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect();
        assert!(!found.is_empty(), "line {}: nothing to look at", block.line);
        calls.extend(found.into_iter().map(|call| (block.line, call)));
    }
    calls
}

/// What is applied, and what it needs.
struct Applied {
    docs: Vec<Doc>,
    secrets: BTreeSet<String>,
    config_maps: BTreeSet<String>,
    folders: BTreeSet<String>,
    /// What `exitctl bus keys` makes.
    keys: BTreeSet<String>,
}

/// The names of the files that `exitctl bus keys` makes.
fn made_keys() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(binary("exitctl").unwrap())
        .args(["bus", "keys", "--keys-dir"])
        .arg(folder.path())
        .output();
    assert!(made.unwrap().status.success());
    let files = fs::read_dir(folder.path()).unwrap();
    files
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

impl Applied {
    fn new() -> Self {
        let docs = render(OVERLAY);
        let mut config_maps = BTreeSet::new();
        for doc in &docs {
            walk(&doc.0, &mut |key, value| {
                if key == "configMap" {
                    let name = value.get("name").and_then(|name| name.as_str());
                    config_maps.extend(name.map(String::from));
                }
            });
        }
        Self {
            secrets: docs.iter().flat_map(|doc| secrets(&doc.0)).collect(),
            config_maps,
            folders: kustomizations(),
            keys: made_keys(),
            docs,
        }
    }

    /// The object that is meant by `deployment/executor`, `svc/nats`, `pod/nats-0`.
    fn object(&self, named: &str) -> Result<&Doc, String> {
        let (kind, name) = named
            .split_once('/')
            .ok_or(format!("{named:?} has no kind"))?;
        let kind = match kind {
            "deploy" | "deployment" => "Deployment",
            "svc" | "service" => "Service",
            "statefulset" => "StatefulSet",
            "job" => "Job",
            "pod" => return self.pod(name),
            other => return Err(format!("{other:?} is no kind that is looked for")),
        };
        let found = self
            .docs
            .iter()
            .find(|doc| doc.kind() == kind && doc.name() == name);
        found.ok_or(format!("no {kind} {name} in {OVERLAY}"))
    }

    /// The set whose pod is meant by `nats-0`.
    fn pod(&self, name: &str) -> Result<&Doc, String> {
        let fault = || format!("no pod {name} in {OVERLAY}");
        let (set, number) = name.rsplit_once('-').ok_or_else(fault)?;
        let number: u64 = number.parse().map_err(|_| fault())?;
        let set = self.object(&format!("statefulset/{set}"))?;
        let there = set.0["spec"]["replicas"]
            .as_u64()
            .is_some_and(|all| number < all);
        there.then_some(set).ok_or_else(fault)
    }

    /// The same of one whose log is one pod's: of several, kubectl takes any.
    fn alone(&self, named: &str) -> Result<(), String> {
        match self.object(named)?.0["spec"]["replicas"].as_u64() {
            None | Some(1) => Ok(()),
            Some(pods) => Err(format!(
                "{named} has {pods} pods, and this is the log of one"
            )),
        }
    }

    /// Whether the files of keys that are named are those that `exitctl bus keys` makes.
    fn keys(&self, words: &[&str]) -> Result<(), String> {
        let named = words
            .iter()
            .filter_map(|it| it.strip_prefix("--from-file=keys/"));
        let strange: Vec<&str> = named.filter(|it| !self.keys.contains(*it)).collect();
        let told = || Err(format!("bus keys makes no {strange:?}"));
        if strange.is_empty() { Ok(()) } else { told() }
    }

    /// Whether the object listens on `ports`, as `8082` or `4230:4222`.
    fn listens(&self, named: &str, ports: &[&str]) -> Result<(), String> {
        let doc = self.object(named)?;
        let mut known = BTreeSet::new();
        walk(&doc.0, &mut |key, value| {
            if ["containerPort", "port"].contains(&key) {
                known.extend(value.as_u64().map(|port| port.to_string()));
            }
        });
        if doc.name() == "gateway" {
            known.extend(self.on_loopback());
        }
        let theirs = |port: &&&str| port.rsplit(':').next().unwrap_or_default().to_owned();
        let strange: Vec<String> = ports
            .iter()
            .map(|port| theirs(&port))
            .filter(|port| !known.contains(port))
            .collect();
        let told = || Err(format!("{named} has no port {strange:?}, only {known:?}"));
        if strange.is_empty() { Ok(()) } else { told() }
    }

    /// The gateway's own port: on the pod's loopback, so no manifest opens it.
    fn on_loopback(&self) -> Option<String> {
        let mut docs = self.docs.iter();
        let settings = docs.find(|doc| doc.name().starts_with("exitbrain-config"))?;
        let settings: toml::Table = settings.0["data"]["config.toml"].as_str()?.parse().ok()?;
        let listen = settings["gateway"]["admin_listen"].as_str()?;
        Some(listen.rsplit(':').next()?.to_owned())
    }

    /// Whether some pod has the label.
    fn labelled(&self, selector: &str) -> Result<(), String> {
        let (key, value) = selector.split_once('=').unwrap_or((selector, ""));
        let mut pods = self.docs.iter().filter(|doc| doc.pod().is_some());
        let found = pods.any(|doc| {
            let labels = doc.labels("/spec/template/metadata/labels");
            labels.get(key).is_some_and(|it| it == value)
        });
        found
            .then_some(())
            .ok_or(format!("no pod is labelled {selector}"))
    }

    fn claim(&self, name: &str) -> Result<(), String> {
        let pod = name
            .strip_prefix("streams-")
            .ok_or(format!("no claim {name}"))?;
        self.pod(pod).map(drop)
    }

    /// What is wrong with one call of kubectl.
    fn kubectl(&self, words: &[String]) -> Result<(), String> {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Some(at) = words.iter().position(|it| *it == "-n") {
            let space = words.get(at + 1).copied().unwrap_or_default();
            if space != NAMESPACE {
                return Err(format!("namespace {space:?}, not {NAMESPACE}"));
            }
            words.drain(at..=at + 1);
        }
        if let Some(at) = words.iter().position(|it| *it == "-o") {
            words.drain(at..=at + 1);
        }
        let plain: Vec<&str> = words
            .iter()
            .copied()
            .filter(|it| !it.starts_with('-'))
            .collect();
        match plain.as_slice() {
            ["apply" | "diff", folder] if words.contains(&"-k") => self.folder(folder),
            ["apply"] if words.ends_with(&["-f", "-"]) => Ok(()),
            ["rollout", "status" | "undo" | "restart" | "history", object] => {
                self.object(object).map(drop)
            }
            ["logs", selector] if words.contains(&"-l") => self.labelled(selector),
            ["logs", pod] if !pod.contains('/') => self.pod(pod).map(drop),
            ["logs", object] => self.alone(object),
            ["wait", object] | ["exec", object, ..] => self.object(object).map(drop),
            ["port-forward", object, ports @ ..] => self.listens(object, ports),
            ["get" | "top", "pods"] => Ok(()),
            ["get", "pods", selector] if words.contains(&"-l") => self.labelled(selector),
            ["delete", "job", name] => self.object(&format!("job/{name}")).map(drop),
            ["delete", objects @ ..] => {
                objects.iter().try_for_each(|it| match it.split_once('/') {
                    Some(("pvc", claim)) => self.claim(claim),
                    _ => self.object(it).map(drop),
                })
            }
            ["create", "namespace", NAMESPACE] => Ok(()),
            ["create", "secret", "generic", name] if self.secrets.contains(*name) => {
                self.keys(&words)
            }
            ["create", "configmap", name] if self.config_maps.contains(*name) => Ok(()),
            _ => Err("nothing in the manifests is meant by it, or nobody looks for it".into()),
        }
    }

    fn folder(&self, folder: &str) -> Result<(), String> {
        let known = self.folders.contains(folder);
        known.then_some(()).ok_or(format!(
            "{folder} can't be applied: use one of {:?}",
            self.folders
        ))
    }
}

/// Whether `exitctl` takes the words: with `--help` after them it reads them and does nothing.
fn exitctl(words: &[String]) -> Result<(), String> {
    let told = Command::new(binary("exitctl").unwrap())
        .args(words)
        .arg("--help")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&told.stderr).into_owned();
    told.status.success().then_some(()).ok_or(error)
}

fn judged(applied: &Applied, call: &[String]) -> Result<(), String> {
    let (program, words) = call.split_first().unwrap();
    match program.as_str() {
        "kubectl" => applied.kubectl(words),
        "exitctl" => exitctl(words),
        "docker" => {
            let file = words.iter().skip_while(|it| *it != "-f").nth(1);
            let there = file.is_some_and(|it| super::root().join(it).is_file());
            there
                .then_some(())
                .ok_or("no such file to build from".into())
        }
        _ => Ok(()),
    }
}

#[test]
fn everything_that_the_runbook_names_in_a_cluster_is_there() {
    let applied = Applied::new();
    let calls = calls();
    let faults: Vec<String> = calls
        .iter()
        .filter_map(|(line, call)| {
            let fault = judged(&applied, call).err()?;
            Some(format!("line {line}: {}: {fault}", call.join(" ")))
        })
        .collect();
    assert!(faults.is_empty(), "{BOOK}:\n{}", faults.join("\n"));
    assert!(calls.len() > 30, "{} calls", calls.len());
    // What the first start makes is all that the pods ask for and nobody ships.
    let made: BTreeSet<&str> = calls
        .iter()
        .filter(|(_, call)| call.contains(&"create".to_owned()))
        .filter_map(|(_, call)| call.iter().skip_while(|it| *it != "generic").nth(1))
        .map(String::as_str)
        .collect();
    let asked: BTreeSet<&str> = applied.secrets.iter().map(String::as_str).collect();
    let missing: Vec<&&str> = asked.difference(&made).collect();
    assert!(missing.is_empty(), "the runbook makes no {missing:?}");
}

#[test]
fn what_is_not_in_the_manifests_is_told() {
    let applied = Applied::new();
    for wrong in [
        "kubectl apply -k k8s/overlays/production",
        "kubectl -n exitbrain rollout status deployment/gateway",
        "kubectl rollout status deployment/guard",
        "kubectl logs nats-3",
        "kubectl port-forward svc/diagnostics 8082",
        "kubectl create secret generic nkey-nobody",
        "kubectl create secret generic nkey-guard-trade --from-file=keys/guard_trade.nk",
        "kubectl logs deployment/gateway-guard",
        "kubectl create configmap exitbrain",
        "kubectl get pods -l app.kubernetes.io/name=bus",
        "kubectl delete pvc/streams-nats-7",
        "kubectl scale deployment/gateway",
        "exitctl bus verify --policy life",
        "exitctl kill --too shadow",
        "docker build -f Dockerfile .",
    ] {
        let call: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
        assert!(judged(&applied, &call).is_err(), "{wrong}");
    }
    assert!(Path::new(&super::root()).join(OVERLAY).is_dir());
}
