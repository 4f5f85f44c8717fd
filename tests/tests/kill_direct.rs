//! The kill that needs no bus, on real processes: the bus is dead, the gateway goes down by its own
//! port, and what rests at the venue stays. When the bus is back the lowest mode is in force.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::process::{Command, Output};

use nix::sys::signal::Signal;
use serde_json::Value;
use support::*;
use tests::system::{NATS, System, SystemOptions, binary};

/// `exitctl kill --direct` with the keys in `keys`.
fn direct(system: &System, keys: &std::path::Path, more: &[&str]) -> Output {
    Command::new(binary("exitctl").unwrap())
        .args(["kill", "--direct", "--to", "shadow", "--yes"])
        .args(["--confirm", "SHADOW", "--gateway"])
        .arg(system.addresses().admin.unwrap())
        .arg("--keys-dir")
        .arg(keys)
        .args(more)
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(both).unwrap()
}

fn effective(status: &Value) -> &str {
    status["mode"]["effective"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn with_the_bus_dead_the_gateway_goes_down_and_stays_down_when_it_is_back() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;

    system.kill(NATS, Signal::SIGKILL).unwrap();
    let keys = system.files().keys();
    let killed = direct(&system, &keys, &[]);
    assert!(killed.status.success(), "{killed:?}");
    let text = told(&killed);
    assert!(text.contains("(acts): LIVE before, SHADOW now"), "{text}");
    let after = report(&system).await;
    assert_eq!(stops(&after, "xe-"), stops(&before, "xe-"), "they stay");
    assert_eq!(targets(&after), targets(&before), "and so do these");

    // Meanwhile the flags of everybody say LIVE. The gateway's heartbeat takes them all down.
    system.restart(NATS).await.unwrap();
    let down = |status: &Value| effective(status) == "SHADOW" && status["demotion"].is_object();
    system
        .await_status("SHADOW in force, by the gateway alone", LONGEST, down)
        .await
        .unwrap();
    // An incumbent has the position, and protects what is opened from now on. Its intents are
    // diverted by the server still: nobody has touched the bus.
    let handed = |status: &Value| {
        let demotion = &status["demotion"];
        demotion["positions"] == 1 && demotion["taken_over"] == 1
    };
    system
        .await_status("the position taken over", LONGEST, handed)
        .await
        .unwrap();
    let after = report(&system).await;
    assert_eq!(sent(&after, "xe"), sent(&before, "xe"), "no further order");
    assert_eq!(stops(&after, "xe-"), stops(&before, "xe-"));
    assert_never_naked(&after);

    // Up goes only a gateway that is started anew.
    system.restart("gateway").await.unwrap();
    let live = |status: &Value| effective(status) == "LIVE";
    system
        .await_status("LIVE again, by the flags", LONGEST, live)
        .await
        .unwrap();
}

/// A frozen server is worse than a dead one: for seconds nobody knows.
#[tokio::test]
async fn with_the_bus_frozen_the_gateway_goes_down_too() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    system.kill(NATS, Signal::SIGSTOP).unwrap();
    let killed = direct(&system, &system.files().keys(), &[]);
    assert!(killed.status.success(), "{killed:?}");
    // The price crosses the stop's next step: the executor would move it.
    price(&system, "53000").await;
    system.kill(NATS, Signal::SIGCONT).unwrap();
    let down = |status: &Value| effective(status) == "SHADOW";
    system
        .await_status("SHADOW in force", LONGEST, down)
        .await
        .unwrap();
    let after = report(&system).await;
    assert_eq!(sent(&after, "xe"), sent(&before, "xe"), "no further order");
    assert_never_naked(&after);
}

#[tokio::test]
async fn a_kill_counts_only_from_the_operator_and_only_for_this_account() {
    let mut system = start(SystemOptions::live()).await;
    let strange = tempfile::tempdir().unwrap();
    bus::keys::generate(strange.path()).unwrap();
    let refused = direct(&system, strange.path(), &[]);
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    assert!(told(&refused).contains("not the operator's"), "{refused:?}");
    let keys = system.files().keys();
    let refused = direct(&system, &keys, &["--account", "other"]);
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    assert!(told(&refused).contains("account other"), "{refused:?}");
    let refused = log(&system, "gateway")
        .matches("direct kill refused")
        .count();
    assert_eq!(refused, 2, "both are on record");
    let live = |status: &Value| effective(status) == "LIVE";
    system
        .await_status("LIVE as before", LONGEST, live)
        .await
        .unwrap();

    system.kill("gateway", Signal::SIGKILL).unwrap();
    let nobody = direct(&system, &keys, &[]);
    assert_eq!(nobody.status.code(), Some(4), "{nobody:?}");
}
