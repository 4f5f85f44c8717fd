//! What is exported follows the conventions.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use support::metrics::{catalog, documented_labels, promtool, read};
use support::*;
use tests::scrape::{Family, families};
use tests::system::SystemOptions;
use tests::system::await_it::until_async;

const PREFIX: &str = "exitbrain";

/// What has samples once a stop was decided, approved, sent and accepted.
const BUSY: [&str; 7] = [
    "exitbrain_decisions_total",
    "exitbrain_guard_verdicts_total",
    "exitbrain_orders_sent_total",
    "exitbrain_orders_submitted_total",
    "exitbrain_service_naked_positions",
    "exitbrain_bus_faults_total",
    "exitbrain_lease_held",
];
/// Words for a unit: one of these comes last, before `_total`, or none does.
const UNITS: [&str; 2] = ["seconds", "ratio"];
/// Words that would name a unit that is none of ours, or a type.
const NO_WORDS: [&str; 14] = [
    "ms",
    "us",
    "millis",
    "micros",
    "milliseconds",
    "microseconds",
    "minutes",
    "hours",
    "percent",
    "pct",
    "gauge",
    "counter",
    "histogram",
    "summary",
];
/// Labels whose values could become many; only where a bound of ours holds them.
const MANY: [&str; 1] = ["symbol"];

/// The page of a system that has decided, sent and been filled.
async fn page_of_a_running_system() -> String {
    let system = start(SystemOptions::live()).await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    settled(&system).await;
    price(&system, "96995").await;
    let url = format!("{}/metrics", system.addresses().http.unwrap());
    runtime::install_crypto();
    let client = reqwest::Client::new();
    let look = async || {
        let answer = client.get(&url).send().await.ok()?;
        let page = answer.text().await.ok()?;
        let read = families(&page).unwrap();
        let is_told = |name: &str| !read[name].samples.is_empty();
        BUSY.into_iter().all(is_told).then_some(page)
    };
    let page = until_async("a page with samples of everything", LONGEST, look).await;
    page.unwrap()
}

/// What breaks the conventions.
fn faults(families: &BTreeMap<String, Family>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, family) in families {
        let mut fault = |what: &str| faults.push(format!("{name}: {what}"));
        let words: Vec<&str> = name.split('_').collect();
        if words[0] != PREFIX {
            fault("has another prefix");
        }
        if !name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            fault("is not in snake_case");
        }
        if words.iter().any(|word| NO_WORDS.contains(word)) {
            fault("has a unit that is no base unit, or a type, in its name");
        }
        let is_total = words.last() == Some(&"total");
        match family.kind.as_str() {
            "counter" if !is_total => fault("counts and does not end with _total"),
            "gauge" | "histogram" if is_total => fault("ends with _total and does not count"),
            "counter" | "gauge" | "histogram" => {}
            kind => fault(&format!("has the type {kind:?}")),
        }
        let bare = name.trim_end_matches("_total");
        let misplaced = |unit: &&str| words.contains(unit) && !bare.ends_with(*unit);
        if UNITS.iter().any(misplaced) {
            fault("has its unit not at the end");
        }
        if family.kind == "histogram" && !bare.ends_with("seconds") {
            fault("is a histogram without a unit");
        }
        if family.help.len() < 10 {
            fault("has no help");
        }
        for (_, labels, _) in &family.samples {
            for label in labels.keys() {
                if label == "le" && family.kind != "histogram" {
                    fault("has the label le and is no histogram");
                }
                if ["instance", "job", "quantile"].contains(&label.as_str()) {
                    fault(&format!("has the label {label}, which a scrape gives"));
                }
                // The tracker of targets bounds its symbols, and counts what is beyond.
                if MANY.contains(&label.as_str()) && !name.starts_with("exitbrain_tp_") {
                    fault(&format!("has the label {label}, which may become many"));
                }
            }
        }
    }
    faults
}

#[tokio::test]
async fn what_a_running_system_exports_follows_the_conventions() {
    let page = page_of_a_running_system().await;
    let exported = families(&page).unwrap();
    assert_eq!(faults(&exported), [""; 0], "{page}");
    let names = |families: &BTreeMap<String, Family>| families.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&exported),
        names(&catalog()),
        "the same whatever has happened"
    );
    let value = |name: &str, sample: &str| {
        let samples = exported[name].samples.iter();
        let mut of_it = samples.filter(|(it, _, _)| it == sample);
        of_it.next().unwrap().2.parse::<f64>().unwrap()
    };
    for name in [
        "exitbrain_decision_to_ack_seconds",
        "exitbrain_naked_duration_seconds",
    ] {
        assert!(value(name, &format!("{name}_count")) >= 1.0, "{page}");
    }
    let naked = &exported["exitbrain_service_naked_positions"];
    let services = naked
        .samples
        .iter()
        .map(|(_, labels, _)| labels["service"].as_str());
    let services: BTreeSet<&str> = services.collect();
    let all = ["executor", "gateway", "gateway-guard", "legacy"];
    assert_eq!(
        services.into_iter().collect::<Vec<_>>(),
        all,
        "each says it for itself"
    );
    let documented = documented_labels();
    for (name, family) in &exported {
        for (_, labels, _) in &family.samples {
            let strange = |label: &&String| !documented[name].contains(label) && *label != "le";
            let strange: Vec<&String> = labels.keys().filter(strange).collect();
            assert!(strange.is_empty(), "{name} has the labels {strange:?}");
        }
    }
    promtool(&["check", "metrics"], &page);
}

#[test]
fn the_check_of_the_conventions_finds_what_it_is_for() {
    let page = "# HELP other_thing_total Some thing or other.\n# TYPE other_thing_total counter\n\
                # HELP exitbrain_waited_ms How long it waited.\n# TYPE exitbrain_waited_ms gauge\n\
                # HELP exitbrain_orders How many there are.\n# TYPE exitbrain_orders counter\n\
                # HELP exitbrain_open_total How many are open.\n# TYPE exitbrain_open_total gauge\n\
                # HELP exitbrain_seconds_left Until the end.\n# TYPE exitbrain_seconds_left gauge\n\
                # HELP exitbrain_by_total By many symbols.\n# TYPE exitbrain_by_total counter\n\
                exitbrain_by_total{symbol=\"BTCUSDT\"} 1\n\
                # HELP exitbrain_short No.\n# TYPE exitbrain_short gauge\n";
    let found = faults(&families(page).unwrap());
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn the_page_of_metrics_is_the_one_in_the_documents() {
    let rows = read("docs/metrics.md");
    let told: Vec<[String; 3]> = rows
        .lines()
        .filter_map(|line| line.strip_prefix("| `exitbrain_"))
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            let name = format!("exitbrain_{}", cells[0].trim_end_matches('`'));
            [
                name,
                cells[1].into(),
                cells[3].trim_end_matches(" |").into(),
            ]
        })
        .collect();
    let exported: Vec<[String; 3]> = catalog()
        .into_iter()
        .map(|(name, it)| [name, it.kind, it.help.trim_end_matches('.').into()])
        .collect();
    let sorted: BTreeSet<_> = told.iter().cloned().collect();
    assert_eq!(sorted.into_iter().collect::<Vec<_>>(), exported);
    assert_eq!(told.len(), exported.len(), "each once");
}
