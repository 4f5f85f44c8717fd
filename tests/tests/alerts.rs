//! What alerts and dashboards ask for is exported, tested, and explained.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use support::metrics::{RULE_TESTS, RULES, catalog, documented_labels, promtool, read, root};
use tests::scrape::asked;

const PREFIX: &str = "exitbrain";
const DASHBOARDS: &str = "deploy/grafana/dashboards";
const RUNBOOK: &str = "docs/runbook.md";
/// Before the entry's name.
const LINK: &str = "runbook_url: \"{{ $externalLabels.repository_url }}docs/runbook.md#";

/// Every query of the rules and of the dashboards, with where it stands.
fn queries() -> Vec<(String, String)> {
    let mut queries = vec![
        (RULES.to_owned(), read(RULES)),
        (RULE_TESTS.to_owned(), read(RULE_TESTS)),
        (RUNBOOK.to_owned(), read(RUNBOOK)),
    ];
    for (file, board) in dashboards() {
        for panel in board["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                let query = target["expr"].as_str().unwrap().to_owned();
                queries.push((format!("{file}: {}", panel["title"]), query));
            }
        }
        for note in board["annotations"]["list"].as_array().unwrap() {
            queries.push((file.clone(), note["expr"].as_str().unwrap().to_owned()));
        }
    }
    queries
}

fn dashboards() -> Vec<(String, Value)> {
    let files = fs::read_dir(root().join(DASHBOARDS)).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let board = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
            (name, board)
        })
        .collect()
}

#[test]
fn every_metric_that_is_asked_for_is_exported_with_its_labels() {
    let catalog = catalog();
    let labels = documented_labels();
    let mut known = BTreeMap::new();
    for (name, family) in &catalog {
        for sample in family.names(name) {
            let mut labels = labels[name].clone();
            labels.push("le".into());
            known.insert(sample, labels);
        }
    }
    let rules = read(RULES);
    let records = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "));
    let records: BTreeSet<&str> = records.collect();
    assert!(!records.is_empty());
    let mut faults = Vec::new();
    let mut count = 0;
    for (place, query) in queries() {
        for (name, labels) in asked(&query, PREFIX) {
            let tag = name.strip_prefix("exitbrain:");
            let is_image = tag.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
            let is_other = is_image || ["exitbrain", "exitbrain_v3"].contains(&name.as_str());
            if is_other || records.contains(name.as_str()) {
                continue;
            }
            count += 1;
            match known.get(&name) {
                None => faults.push(format!("{place}: nobody exports {name}")),
                Some(known) => faults.extend(
                    labels
                        .iter()
                        .filter(|label| !known.contains(label))
                        .map(|label| format!("{place}: {name} has no label {label}")),
                ),
            }
        }
    }
    assert_eq!(faults, [""; 0]);
    assert!(count > 100, "{count} questions found");
}

#[test]
fn a_dashboard_says_what_it_answers_and_can_be_provisioned() {
    let boards = dashboards();
    assert_eq!(boards.len(), 5, "one for each question");
    let mut uids = BTreeSet::new();
    for (file, board) in &boards {
        let uid = board["uid"].as_str().unwrap();
        assert!(
            uid.starts_with("exitbrain-") && uids.insert(uid.to_owned()),
            "{file}: {uid}"
        );
        assert!(
            board["description"].as_str().unwrap().ends_with('?'),
            "{file}"
        );
        assert_eq!(
            board["templating"]["list"][0]["name"], "datasource",
            "{file}"
        );
        let panels = board["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|it| it["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{file}: an id is used twice");
        for panel in panels {
            let title = panel["title"].as_str().unwrap();
            assert!(
                !panel["description"].as_str().unwrap().is_empty(),
                "{file}: {title}"
            );
            assert!(
                !panel["targets"].as_array().unwrap().is_empty(),
                "{file}: {title}"
            );
            assert_eq!(
                panel["datasource"]["uid"], "${datasource}",
                "{file}: {title}"
            );
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap();
            assert!(
                ["short", "s", "ops", "percentunit"].contains(&unit),
                "{file}: {title}: {unit}"
            );
        }
    }
    assert!(
        root()
            .join("deploy/grafana/provisioning/dashboards")
            .is_dir()
    );
}

/// The anchor of a heading, as the pages of a repository make it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    let text = heading.to_lowercase();
    text.chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn each_alert_has_a_severity_a_test_and_an_entry_in_the_runbook() {
    let (rules, tests) = (read(RULES), read(RULE_TESTS));
    let book = read(RUNBOOK);
    let headings = book.lines().filter(|line| line.starts_with('#'));
    let anchors: BTreeSet<String> = headings
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect();
    let mut faults = Vec::new();
    let alerts: Vec<&str> = rules.split("- alert: ").skip(1).collect();
    for alert in &alerts {
        let name = alert.lines().next().unwrap();
        if !["severity: page", "severity: ticket"]
            .iter()
            .any(|it| alert.contains(it))
        {
            faults.push(format!("{name} has no severity"));
        }
        let link = alert
            .lines()
            .find_map(|line| line.trim().strip_prefix(LINK));
        match link.and_then(|link| link.strip_suffix('"')) {
            None => faults.push(format!("{name} links to nothing in the runbook")),
            Some(link) if !anchors.contains(link) => {
                faults.push(format!("{name}: the runbook has no entry {link}"));
            }
            Some(_) => {}
        }
        let fires = tests.split("alertname: ").skip(1).any(|test| {
            let mut lines = test.lines();
            lines.next() == Some(name) && lines.next().is_some_and(|it| it.ends_with("exp_alerts:"))
        });
        if !fires {
            faults.push(format!("{name} fires in no test"));
        }
    }
    assert_eq!(faults, [""; 0]);
    assert!(alerts.len() > 20, "{} alerts found", alerts.len());
}

#[test]
fn promtool_takes_the_rules_and_their_tests() {
    promtool(
        &["check", "config", "deploy/prometheus/prometheus.yaml"],
        "",
    );
    promtool(&["check", "rules", RULES], "");
    promtool(&["test", "rules", RULE_TESTS], "");
}
