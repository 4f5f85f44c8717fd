//! Why a position was closed, as the operator asks it of a running system: from plan to fill.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::process::{Command, Output};

use rust_decimal::Decimal;
use serde_json::Value;
use support::*;
use tests::system::await_it::until;
use tests::system::{System, SystemOptions, binary};

const POSITION: &str = "main.BTCUSDT.LONG";

fn story(system: &System, format: &str) -> Output {
    let grpc = system.addresses().grpc.unwrap();
    Command::new(binary("exitctl").unwrap())
        .args(["--grpc", &grpc, "story", POSITION, "-o", format])
        .output()
        .unwrap()
}

/// The story, once there is one.
fn told(system: &System) -> Option<Value> {
    let output = story(system, "json");
    let json: Value = serde_json::from_slice(&output.stdout).ok()?;
    json["items"].get(0).cloned()
}

/// The chapters that led to the last fill of a stop, the first cause first.
fn chain(story: &Value) -> Option<Vec<Value>> {
    let chapters = story["chapters"].as_array()?;
    let newest = chapters.iter().rev();
    let mut fills = newest.filter(|it| it["kind"] == "FILL" && it["code"] == "filled");
    let mut chain = vec![fills.next().cloned()?];
    while let Some(cause) = chain.last()?["because"].as_u64() {
        let cause = chapters.iter().find(|it| it["number"] == cause)?;
        chain.push(cause.clone());
    }
    chain.reverse();
    Some(chain)
}

/// The chain, once the story is whole: the position is closed and its fill leads to a plan.
fn whole(system: &System) -> Option<Vec<Value>> {
    let story = told(system)?;
    let chain = chain(&story)?;
    (story["state"] == "CLOSED" && chain[0]["kind"] == "PLAN").then_some(chain)
}

#[tokio::test]
async fn the_story_of_a_position_goes_from_its_plan_to_its_fill() {
    let mut options = SystemOptions::live();
    options.policy = Some(String::new());
    let mut system = start(options).await;
    let none = story(&system, "table");
    assert_eq!(none.status.code(), Some(3), "{none:?}");
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    settled(&system).await;
    // +1 %: beyond half of the way to the first target, from where on the stop trails.
    price(&system, "95950").await;
    let initial = Decimal::new(926_251, 1);
    venue_until(&system, "the stop to follow", |report| {
        working_stops(report).first() > Some(&initial) && stops(report, "xe-").len() == 2
    })
    .await;
    price(&system, "94400").await;
    let flat = |report: &Value| report["positions_closed"] == 1;
    venue_until(&system, "the stop to have closed the position", flat).await;
    let chain = until(
        "the story to lead from the plan to the fill",
        LONGEST,
        || whole(&system),
    );
    let chain = match chain.await {
        Ok(chain) => chain,
        Err(late) => {
            let told = String::from_utf8(story(&system, "wide").stdout).unwrap();
            panic!("{late}:\n{told}");
        }
    };
    let kinds: Vec<&str> = chain.iter().filter_map(|it| it["kind"].as_str()).collect();
    let mut steps = kinds.clone();
    steps.dedup();
    assert_eq!(
        steps,
        ["PLAN", "DECISION", "INTENT", "VERDICT", "ORDER", "FILL"],
        "{chain:#?}"
    );
    let at = |it: &Value| it["at"].as_str().unwrap_or_default().to_owned();
    assert!(chain.is_sorted_by_key(at), "{chain:#?}");
    assert!(chain.iter().all(|it| it["reason"] != ""), "{chain:#?}");
    let id = |kind: &str, name: &str| {
        let chapter = chain.iter().find(|it| it["kind"] == kind).unwrap();
        chapter[name].as_str().unwrap_or_default().to_owned()
    };
    assert_ne!(id("PLAN", "plan_id"), "");
    assert_eq!(id("DECISION", "plan_id"), id("PLAN", "plan_id"));
    assert_eq!(id("FILL", "intent_id"), id("INTENT", "intent_id"));
    assert_eq!(id("VERDICT", "code"), "APPROVED");
    let table = story(&system, "table");
    assert_eq!(table.status.code(), Some(0));
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with(POSITION), "{table}");
    for kind in ["PLAN", "DECISION", "INTENT", "VERDICT", "ORDER", "FILL"] {
        assert!(table.contains(kind), "{kind} in {table}");
    }
    assert_eq!(system.stop(), [""; 0], "everybody stops when asked");
}
