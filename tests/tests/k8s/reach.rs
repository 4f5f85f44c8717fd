//! The table of who reaches whom, and that no policy can be lost or widened unseen.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::network::{End, Port, Reach, Walls, pods, walls, weaker};
use super::{Doc, kustomizations, render};

/// From, to, where. `all` is each pod of ours.
const TABLE: [(&str, &str, &str); 8] = [
    ("all", "nats", "TCP/4222"),
    ("all", "dns", "UDP/53 TCP/53"),
    ("nats", "nats", "TCP/6222"),
    ("gateway", "venue", "TCP/443"),
    ("market", "venue", "TCP/443"),
    ("monitoring", "diagnostics", "TCP/8080 TCP/8081"),
    ("collector", "diagnostics", "TCP/8080 TCP/8081"),
    // Nobody reaches the probes, the servers' monitoring or the operator's kill over the network:
    // the kubelet and `kubectl port-forward` come from the pod's own machine.
    ("nobody", "nobody", ""),
];

/// And with the component `traces`, from `services`: each of ours but the bus and the jobs.
const OF_TRACES: (&str, &str, &str) = ("services", "collector", "TCP/4317");
/// Pods that tell no spans.
const UNTRACED: [&str; 2] = ["nats", "provision"];

/// Ports that somebody might try besides those that the pods and the policies name.
const TRIED: [u64; 6] = [22, 80, 443, 4_317, 8_082, 10_250];

fn end(name: &str, namespace: Option<&str>, labels: &[(&str, &str)], address: [u8; 4]) -> End {
    End {
        name: name.into(),
        namespace: namespace.map(String::from),
        labels: labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        address: Ipv4Addr::from(address),
    }
}

/// Everybody else: friends, strangers, one that calls itself ours elsewhere, and addresses.
fn others() -> Vec<End> {
    let ours = ("app.kubernetes.io/part-of", "exitbrain");
    let pod = |name: &str, namespace: &str, labels: &[(&str, &str)]| {
        end(name, Some(namespace), labels, [10, 0, 0, 9])
    };
    let at = |name: &str, address: [u8; 4]| end(name, None, &[], address);
    vec![
        pod("dns", "kube-system", &[("k8s-app", "kube-dns")]),
        pod("system pod", "kube-system", &[]),
        pod("like dns", "elsewhere", &[("k8s-app", "kube-dns")]),
        pod("monitoring", "monitoring", &[]),
        pod(
            "collector",
            "monitoring",
            &[("app.kubernetes.io/name", "otel-collector")],
        ),
        pod(
            "like the collector",
            "elsewhere",
            &[("app.kubernetes.io/name", "otel-collector")],
        ),
        pod("stranger", "elsewhere", &[]),
        pod(
            "pretender",
            "elsewhere",
            &[ours, ("app.kubernetes.io/name", "nats")],
        ),
        at("venue", [203, 0, 113, 10]),
        at("metadata", [169, 254, 169, 254]),
        at("private 10", [10, 1, 2, 3]),
        at("private 172", [172, 16, 0, 1]),
        at("private 192", [192, 168, 0, 1]),
        at("shared 100", [100, 64, 0, 1]),
    ]
}

fn ports(docs: &[Doc]) -> BTreeSet<Port> {
    let named = docs.iter().flat_map(Doc::containers).flat_map(|it| {
        let ports = it["ports"].as_array().cloned().unwrap_or_default();
        ports.into_iter().map(|it| it["containerPort"].as_u64())
    });
    let mut found: BTreeSet<Port> = named
        .map(|it| ("TCP".to_owned(), it.expect("a number")))
        .collect();
    found.extend(TRIED.map(|it| ("TCP".to_owned(), it)));
    found.extend([("UDP".to_owned(), 53), ("TCP".to_owned(), 53)]);
    found
}

/// The table; each of the two walls stands by itself where one of ours is behind it.
fn expected(ours: &[End], has_traces: bool) -> Walls {
    let names: BTreeSet<&str> = ours.iter().map(|it| it.name.as_str()).collect();
    let services: BTreeSet<&str> = &names - &BTreeSet::from(UNTRACED);
    let mut table = Reach::new();
    let traces = has_traces.then_some(OF_TRACES);
    for (from, to, places) in TABLE.into_iter().chain(traces) {
        let one = BTreeSet::from([from]);
        let from = match from {
            "all" => &names,
            "services" => &services,
            _ => &one,
        };
        for from in from {
            for place in places.split_whitespace() {
                table.insert(((*from).to_owned(), to.to_owned(), place.to_owned()));
            }
        }
    }
    let part = |behind: fn(&(String, String, String)) -> &str| -> Reach {
        let rows = table.iter().filter(|row| names.contains(behind(row)));
        rows.cloned().collect()
    };
    Walls {
        leaves: part(|(from, _, _)| from),
        enters: part(|(_, to, _)| to),
        reach: table,
    }
}

/// The collectors that containers are told of, one for each.
fn collectors(docs: &[Doc]) -> Vec<String> {
    let all = docs.iter().flat_map(Doc::containers);
    let told = all.filter_map(|it| {
        let mut env = it["env"].as_array()?.iter();
        let told = env.find(|it| it["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT")?;
        told["value"].as_str().map(str::to_owned)
    });
    told.collect()
}

/// What is let through in an installation, and what should be.
fn looked_at(docs: &[Doc]) -> (Walls, Walls) {
    let ours = pods(docs);
    let expected = expected(&ours, !collectors(docs).is_empty());
    let home = ours[0].namespace.clone().unwrap();
    // A pod that somebody starts beside ours gets nowhere.
    let beside = end("stranger at home", Some(&home), &[], [10, 0, 0, 8]);
    let behind: Vec<End> = ours.into_iter().chain([beside]).collect();
    (walls(docs, &behind, &others(), &ports(docs)), expected)
}

/// The installations; the base has no namespace of its own.
fn overlays() -> Vec<(String, Vec<Doc>)> {
    let all = kustomizations().into_iter();
    let overlays = all.filter(|folder| folder.starts_with("k8s/overlays/"));
    overlays.map(|it| (it.clone(), render(&it))).collect()
}

#[test]
fn who_reaches_whom_is_exactly_the_table() {
    for (folder, docs) in overlays() {
        let (found, expected) = looked_at(&docs);
        for (what, found, expected) in [
            ("reaches", found.reach, expected.reach),
            ("may send", found.leaves, expected.leaves),
            ("would take", found.enters, expected.enters),
        ] {
            let more: Vec<_> = found.difference(&expected).collect();
            let less: Vec<_> = expected.difference(&found).collect();
            assert!(
                more.is_empty(),
                "{folder}: {what}, not in the table: {more:#?}"
            );
            assert!(less.is_empty(), "{folder}: in the table, shut: {less:#?}");
        }
    }
}

/// Everybody is told of the pod that the table lets them reach, and where it listens.
#[test]
fn whoever_is_told_of_a_collector_reaches_it() {
    let told = collectors(&render("k8s/overlays/staging"));
    assert_eq!(told.len(), tests::system::SERVICES.len());
    let (_, _, place) = OF_TRACES;
    let port = place.trim_start_matches("TCP/");
    let collector = others().into_iter().find(|it| it.name == OF_TRACES.1);
    let collector = collector.unwrap();
    let name = &collector.labels["app.kubernetes.io/name"];
    let url = format!("http://{name}.{}:{port}", collector.namespace.unwrap());
    assert!(told.iter().all(|it| *it == url), "{told:?}, not {url}");
    assert!(collectors(&render("k8s/overlays/live")).is_empty());
}

#[test]
fn a_policy_that_is_removed_or_widened_is_noticed() {
    for folder in ["k8s/overlays/live", "k8s/overlays/staging"] {
        let docs = render(folder);
        let (_, expected) = looked_at(&docs);
        let weaker = weaker(&docs);
        assert!(weaker.len() > 30, "only {} were tried", weaker.len());
        for (what, docs) in weaker {
            let (found, _) = looked_at(&docs);
            assert!(found != expected, "{folder}: {what} goes unseen");
        }
    }
}
