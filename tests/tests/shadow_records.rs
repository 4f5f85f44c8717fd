//! What is on the bus and what is in the file is the same set, in a running system, and a killed
//! diagnostics loses no line that it had written.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::sync::{Arc, Mutex};

use bus::{Heard, Identity};
use domain::Timestamp;
use nix::sys::signal::Signal;
use records::read::{Found, folder};
use records::{DecisionType, ShadowRecord};
use support::*;
use tests::scrape::families;
use tests::system::await_it::{until, until_async};
use tests::system::{System, SystemOptions};
use tokio::task::JoinHandle;

/// What an operator hears on the lane of SHADOW.
struct Tap {
    heard: Arc<Mutex<Vec<ShadowRecord>>>,
    task: JoinHandle<()>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tap {
    async fn on(system: &System) -> Self {
        let client = connect(system, Identity::Operator).await;
        let subjects = ["exit.decision.shadow.*.*.*".to_owned()];
        let mut inbox = client.inbox(&subjects).await.unwrap();
        client.flush().await.unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            // The connection lives as long as somebody listens.
            let _client = client;
            while let Some(message) = inbox.next().await {
                let Ok(Heard::Decision { live, decision }) = bus::decode(&message) else {
                    panic!("no decision: {message:?}");
                };
                assert!(!live);
                into.lock().unwrap().push(ShadowRecord::from(&decision));
            }
        });
        Self { heard, task }
    }

    /// In the order of their numbers.
    fn heard(&self) -> Vec<ShadowRecord> {
        numbered(self.heard.lock().unwrap().clone())
    }
}

fn numbered(mut records: Vec<ShadowRecord>) -> Vec<ShadowRecord> {
    records.sort_by_key(|it| (it.decision.meta.boot, it.decision.meta.number));
    records
}

fn found(system: &System) -> Found {
    folder(&system.files().records(), Timestamp::default()).unwrap_or_default()
}

fn is_breakeven(record: &ShadowRecord) -> bool {
    record.decision.sl_reason.as_deref() == Some("breakeven")
}

/// Waits until the file holds a decision of that type.
async fn recorded(system: &System, kind: DecisionType) {
    let look = || {
        let found = found(system).decisions;
        let mut types = found.iter().map(|it| it.decision.decision_type);
        types.any(|it| it == kind).then_some(())
    };
    until(&format!("a {} in the file", kind.name()), LONGEST, look)
        .await
        .unwrap();
}

/// Sum of the samples of a metric whose labels hold all of `with`.
async fn sum(system: &System, metric: &str, with: &[(&str, &str)]) -> f64 {
    let url = format!("{}/metrics", system.addresses().http.unwrap());
    let page = reqwest::Client::new()
        .get(&url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let samples = page
        .lines()
        .filter(|line| line.starts_with(&format!("{metric}{{")));
    let wanted = |line: &&str| {
        with.iter()
            .all(|(label, value)| line.contains(&format!("{label}=\"{value}\"")))
    };
    assert!(families(&page).is_ok());
    samples
        .filter(wanted)
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}

#[tokio::test]
async fn what_is_on_the_bus_and_in_the_file_is_the_same_set_and_so_are_the_counters() {
    runtime::install_crypto();
    let system = start(SystemOptions::shadow()).await;
    let tap = Tap::on(&system).await;
    open_at(&system, "BUY", "0.1", "50000", 5).await;
    recorded(&system, DecisionType::UpdateTpLimits).await;
    // Up: breakeven; down beyond every stop: the incumbents close, and the brain would have too.
    price(&system, "50900").await;
    let is_recorded = || {
        found(&system)
            .decisions
            .iter()
            .any(is_breakeven)
            .then_some(())
    };
    until("breakeven in the file", LONGEST, is_recorded)
        .await
        .unwrap();
    price(&system, "47000").await;
    let closed = until("the position to be closed", LONGEST, || {
        found(&system).closed.into_iter().next()
    });
    let closed = closed.await.unwrap();

    let same = until("as many in the file as on the bus", LONGEST, || {
        let records = found(&system).decisions;
        (records.len() == tap.heard().len()).then_some(records)
    });
    let records = numbered(same.await.unwrap());
    assert_eq!(records, tap.heard());
    let numbers: Vec<_> = records
        .iter()
        .filter_map(|it| it.decision.meta.number)
        .collect();
    let all: Vec<u64> = (1..=records.len() as u64).collect();
    assert_eq!(
        numbers, all,
        "the operator listened from the first decision on"
    );
    for (one, next) in records.iter().zip(&records[1..]) {
        let types = [one, next].map(|it| it.decision.decision_type);
        assert_ne!(
            types,
            [DecisionType::NoChange; 2],
            "nothing to do is said once"
        );
    }

    assert_eq!(closed.qty.get().to_string(), "0.1");
    let off = closed.entry_price.get() - rust_decimal::Decimal::from(50_000);
    assert!(
        off.abs() < rust_decimal::Decimal::ONE,
        "but for the spread: {off}"
    );
    let filled: rust_decimal::Decimal = closed.fills.iter().map(|it| it.qty.get()).sum();
    assert_eq!(filled, closed.qty.get());
    assert!(
        closed.fills.iter().all(|it| it.module != "exit_executor"),
        "{:?}",
        closed.fills
    );
    same_counts(&system, records.len() as f64).await;
}

/// The counters of diagnostics say `count` decisions, and the marks between them are kept.
async fn same_counts(system: &System, count: f64) {
    let top = rust_decimal::Decimal::from(50_900);
    let kept = || {
        let bars = found(system).bars;
        bars.iter().any(|bar| bar.high.get() == top).then_some(())
    };
    until("the highest mark in a bar", LONGEST, kept)
        .await
        .unwrap();
    let look = async || {
        let told = sum(system, "exitbrain_records_total", &[("event", "shadow")]).await;
        (told == count).then_some(())
    };
    until_async("the counter of records", LONGEST, look)
        .await
        .unwrap();
    let said = sum(system, "exitbrain_decisions_total", &[("mode", "SHADOW")]).await;
    assert_eq!(said, count, "decisions as diagnostics counts them");
}

#[tokio::test]
async fn a_killed_diagnostics_has_lost_no_line_and_what_it_did_not_hear_can_be_told() {
    let mut system = start(SystemOptions::shadow()).await;
    let tap = Tap::on(&system).await;
    open_at(&system, "BUY", "0.1", "50000", 5).await;
    recorded(&system, DecisionType::UpdateTpLimits).await;
    let before = found(&system).decisions;
    system.kill("diagnostics", Signal::SIGKILL).unwrap();
    // Said while nobody records.
    price(&system, "50900").await;
    let is_said = || tap.heard().iter().any(is_breakeven).then_some(());
    until("breakeven on the bus", LONGEST, is_said)
        .await
        .unwrap();
    system.restart("diagnostics").await.unwrap();
    let again = found(&system);
    assert_eq!(again.malformed.count, 0, "{:?}", again.malformed.notes);
    assert!(again.decisions.starts_with(&before), "a line is gone");
    price(&system, "47000").await;
    recorded(&system, DecisionType::FullExitNow).await;
    let records = numbered(found(&system).decisions);
    let heard = tap.heard();
    assert!(
        records.iter().all(|it| heard.contains(it)),
        "the file holds what nobody said"
    );
    // Each that is missing is a gap in the numbers.
    let numbers: Vec<u64> = records
        .iter()
        .filter_map(|it| it.decision.meta.number)
        .collect();
    let gaps = numbers.last().unwrap() - numbers.first().unwrap() + 1 - numbers.len() as u64;
    assert!(gaps >= 1, "{numbers:?}");
    let last = records.last().unwrap();
    let up_to_last = heard.iter().position(|it| it == last).unwrap() + 1;
    assert_eq!(gaps, (up_to_last - records.len()) as u64);
}
