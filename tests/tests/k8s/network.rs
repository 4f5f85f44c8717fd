//! Who may reach whom: all NetworkPolicies over all pods, as a cluster evaluates them.
//!
//! A connection needs the egress of one end and the ingress of the other. A pod that no policy
//! selects in a direction is open in it; one that some select gets what any of them allows.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use super::Doc;

/// The label by which a namespace is selected by its name.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// One end of a connection: a pod, or an address outside where it has no namespace.
#[derive(Debug, Clone)]
pub struct End {
    pub name: String,
    pub namespace: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub address: Ipv4Addr,
}

/// A protocol and a port, as `TCP/443`.
pub type Port = (String, u64);
/// From, to, and where: `TCP/443`.
pub type Reach = BTreeSet<(String, String, String)>;

/// The pods of the workloads in `docs`, all at addresses of a cluster.
pub fn pods(docs: &[Doc]) -> Vec<End> {
    let workloads = docs.iter().filter(|doc| doc.pod().is_some());
    workloads
        .map(|doc| End {
            name: doc.name().to_owned(),
            namespace: Some(doc.text("/metadata/namespace").to_owned()),
            labels: doc.labels("/spec/template/metadata/labels"),
            address: Ipv4Addr::new(10, 0, 0, 7),
        })
        .collect()
}

/// What the policies let through.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Walls {
    /// Who reaches whom: both ends agree.
    pub reach: Reach,
    /// What our pods may send, whatever the other end says.
    pub leaves: Reach,
    /// What our pods would take, whatever the other end may send.
    pub enters: Reach,
}

/// What the policies let through between `ours` and everybody, on any of `ports`.
pub fn walls(docs: &[Doc], ours: &[End], others: &[End], ports: &BTreeSet<Port>) -> Walls {
    let policies: Vec<&Doc> = docs
        .iter()
        .filter(|doc| doc.kind() == "NetworkPolicy")
        .collect();
    let open = |way, here: &End, there: &End| open(&policies, way, here, there, ports);
    let told = |from: &End, to: &End, port: &Port| {
        let place = format!("{}/{}", port.0, port.1);
        (from.name.clone(), to.name.clone(), place)
    };
    let mut walls = Walls::default();
    for our in ours {
        for other in ours.iter().chain(others) {
            let (sends, takes) = (open("Egress", our, other), open("Ingress", our, other));
            let (taken, sent) = (open("Ingress", other, our), open("Egress", other, our));
            let rows = |ports: &BTreeSet<Port>, from, to| -> Vec<_> {
                ports.iter().map(|port| told(from, to, port)).collect()
            };
            walls.leaves.extend(rows(&sends, our, other));
            walls.enters.extend(rows(&takes, other, our));
            walls.reach.extend(rows(&(&sends & &taken), our, other));
            walls.reach.extend(rows(&(&sent & &takes), other, our));
        }
    }
    walls
}

/// The ports on which `here` may speak with `there` in this direction, as far as the policies of
/// `here` go.
fn open(
    policies: &[&Doc],
    way: &str,
    here: &End,
    there: &End,
    ports: &BTreeSet<Port>,
) -> BTreeSet<Port> {
    let selected = policies.iter().filter(|it| governs(it, way, here));
    let selected: Vec<&&Doc> = selected.collect();
    if selected.is_empty() {
        return ports.clone();
    }
    let (rules, peers) = match way {
        "Ingress" => ("/spec/ingress", "from"),
        _ => ("/spec/egress", "to"),
    };
    let mut open = BTreeSet::new();
    for policy in selected {
        let home = policy.text("/metadata/namespace");
        for rule in list(policy.0.pointer(rules)) {
            let peers = list(rule.get(peers));
            if peers.is_empty() || peers.iter().any(|peer| is_peer(peer, home, there)) {
                let named = list(rule.get("ports"));
                let opens =
                    |port: &&Port| named.is_empty() || named.iter().any(|it| is_port(it, port));
                open.extend(ports.iter().filter(opens).cloned());
            }
        }
    }
    open
}

fn governs(policy: &Doc, way: &str, pod: &End) -> bool {
    let types = list(policy.0.pointer("/spec/policyTypes"));
    // Where it does not say so, a policy's ways are guessed by the server: ours say so.
    assert!(!types.is_empty(), "{} has no policyTypes", policy.name());
    pod.namespace.as_deref() == Some(policy.text("/metadata/namespace"))
        && types.iter().any(|it| it == way)
        && matches(policy.0.pointer("/spec/podSelector").unwrap(), &pod.labels)
}

fn is_peer(peer: &Value, home: &str, end: &End) -> bool {
    if let Some(block) = peer.get("ipBlock") {
        let inside = |cidr: &Value| contains(cidr.as_str().unwrap(), end.address);
        return inside(&block["cidr"]) && !list(block.get("except")).iter().any(inside);
    }
    let Some(namespace) = &end.namespace else {
        return false;
    };
    let in_namespace = match peer.get("namespaceSelector") {
        None => namespace == home,
        Some(selector) => {
            let name = (NAMESPACE_NAME.to_owned(), namespace.clone());
            matches(selector, &BTreeMap::from([name]))
        }
    };
    let selected = peer.get("podSelector");
    in_namespace && selected.is_none_or(|it| matches(it, &end.labels))
}

fn is_port(rule: &Value, port: &Port) -> bool {
    assert!(rule.get("endPort").is_none(), "no ranges here: {rule}");
    let protocol = rule
        .get("protocol")
        .and_then(Value::as_str)
        .unwrap_or("TCP");
    let number = rule.get("port").map(|it| it.as_u64().expect("a number"));
    protocol == port.0 && number.is_none_or(|it| it == port.1)
}

fn matches(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    let named = selector.get("matchLabels").and_then(Value::as_object);
    let equal =
        |(key, value): (&String, &Value)| labels.get(key).map(String::as_str) == value.as_str();
    let expressions = list(selector.get("matchExpressions"));
    named.into_iter().flatten().all(equal)
        && expressions.iter().all(|it| {
            let label = labels.get(it["key"].as_str().unwrap());
            let listed =
                label.is_some_and(|label| list(it.get("values")).iter().any(|v| v == label));
            match it["operator"].as_str() {
                Some("In") => listed,
                Some("NotIn") => !listed,
                Some("Exists") => label.is_some(),
                Some("DoesNotExist") => label.is_none(),
                other => panic!("operator {other:?}"),
            }
        })
}

fn contains(cidr: &str, address: Ipv4Addr) -> bool {
    let (base, bits) = cidr.split_once('/').unwrap();
    let base: Ipv4Addr = base.parse().unwrap();
    let bits: u32 = bits.parse().unwrap();
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    (u32::from(base) & mask) == (u32::from(address) & mask)
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Every way in which one policy can be lost or widened, each with its name.
pub fn weaker(docs: &[Doc]) -> Vec<(String, Vec<Doc>)> {
    let mut all = Vec::new();
    for (at, doc) in docs.iter().enumerate() {
        if doc.kind() != "NetworkPolicy" {
            continue;
        }
        let mut gone = docs.to_vec();
        gone.remove(at);
        all.push((format!("{} removed", doc.name()), gone));
        for (what, wider) in widened(&doc.0) {
            let mut docs = docs.to_vec();
            docs[at] = Doc(wider);
            all.push((format!("{}: {what}", doc.name()), docs));
        }
    }
    all
}

fn widened(policy: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut change = |what: String, edit: &dyn Fn(&mut Value)| {
        let mut wider = policy.clone();
        edit(&mut wider["spec"]);
        if wider != *policy {
            all.push((what, wider));
        }
    };
    change("selects every pod".into(), &|it| {
        it["podSelector"] = serde_json::json!({});
    });
    for (way, peers) in [("ingress", "from"), ("egress", "to")] {
        for (rule, told) in list(policy["spec"].get(way)).iter().enumerate() {
            for key in [peers, "ports"] {
                change(format!("{way} {rule} without {key}"), &|it| {
                    it[way][rule].as_object_mut().unwrap().remove(key);
                });
            }
            for (peer, told) in list(told.get(peers)).iter().enumerate() {
                for key in ["podSelector", "namespaceSelector"] {
                    change(format!("{way} {rule}: any {key}"), &|it| {
                        let peer = &mut it[way][rule][peers][peer];
                        if peer.get(key).is_some() {
                            peer[key] = serde_json::json!({});
                        }
                    });
                }
                for except in 0..list(told.pointer("/ipBlock/except")).len() {
                    change(format!("{way} {rule}: one range more, {except}"), &|it| {
                        let block = &mut it[way][rule][peers][peer]["ipBlock"];
                        block["except"].as_array_mut().unwrap().remove(except);
                    });
                }
            }
        }
    }
    all
}
