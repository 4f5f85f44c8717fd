//! The hot kill, on real processes: nothing is canceled, the executor falls silent, every position
//! is taken over, and the incumbents protect again although nobody has touched the bus.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use support::*;
use tests::nats;
use tests::system::{System, SystemOptions, binary};

/// `exitctl` against this system.
fn exitctl(system: &System, arguments: &[&str], more: &[&str]) -> Output {
    let mut command = Command::new(binary("exitctl").unwrap());
    command.args(arguments).arg("--keys-dir");
    command.arg(system.files().keys()).args(more);
    command.env("EXITCTL_GRPC", system.addresses().grpc.unwrap());
    command.env("EXITCTL_NATS_URL", system.addresses().nats);
    command.env("NATS_SERVER", nats::binary().unwrap());
    command.output().unwrap()
}

fn kill(system: &System, more: &[&str]) -> Output {
    let kill = ["kill", "--to", "shadow", "--yes", "--confirm", "SHADOW"];
    exitctl(system, &kill, more)
}

/// The file that the system's server of the bus has read.
fn bus_config(system: &System) -> PathBuf {
    system.files().nats().join("nats.conf")
}

fn is_policy(system: &System, policy: &str) -> bool {
    let asked = ["bus", "verify", "--policy", policy];
    let verified = exitctl(system, &asked, &[]);
    verified.status.code() == Some(0)
}

fn text(words: &[u8]) -> String {
    String::from_utf8(words.to_vec()).unwrap()
}

#[tokio::test]
async fn after_a_kill_old_and_new_positions_are_protected() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    let killed = kill(&system, &[]);
    assert!(killed.status.success(), "{killed:?}");
    let told = text(&killed.stdout);
    writeln!(std::io::stderr(), "{told}").unwrap();
    assert!(told.contains("SHADOW is in force"), "{told}");
    assert!(told.contains("handed over: 1/1 taken over"), "{told}");
    assert!(told.contains("Last order of the executor:"), "{told}");
    let shadow = |status: &serde_json::Value| status["mode"]["effective"] == "SHADOW";
    system
        .await_status("SHADOW in force", LONGEST, shadow)
        .await
        .unwrap();
    let after = report(&system).await;
    assert_eq!(
        stops(&after, "xe-"),
        stops(&before, "xe-"),
        "nothing is canceled"
    );
    assert_eq!(sent(&after, "xe"), sent(&before, "xe"), "nor sent");

    system
        .paper("close", &json!({ "symbol": SYMBOL }))
        .await
        .unwrap();
    venue_until(
        &system,
        "everything that the executor left to be swept",
        |report| report["positions_closed"].as_u64() == Some(1) && report["orphaned_orders"] == 0,
    )
    .await;
    open(&system, "SELL", "0.1", "50000").await;
    let after = venue_until(&system, "the incumbent's stop", |report| {
        !stops(report, "pm-").is_empty()
    })
    .await;
    assert_eq!(
        sent(&after, "xe"),
        sent(&before, "xe"),
        "no further order of the executor"
    );
    assert_never_naked(&after);
}

/// The way of the runbook: one command, and the server itself lets the incumbents through and
/// refuses the executor.
#[tokio::test]
async fn one_command_takes_the_mode_and_the_policy_down_and_tells_both_times() {
    let system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    assert!(is_policy(&system, "live"));
    let config = bus_config(&system);
    let more = ["--bus-config", path(&config), "-o", "json"];
    let killed = kill(&system, &more);
    assert!(killed.status.success(), "{killed:?}");
    let told: Value = serde_json::from_slice(&killed.stdout).unwrap();
    writeln!(std::io::stderr(), "{told:#}").unwrap();
    assert_eq!(told["effective"], "SHADOW");
    assert_eq!(told["demotion"]["taken_over"], 1);
    assert_eq!(told["bus_policy"]["in_force"], true);
    let down = told["down_after_ms"].as_u64().unwrap();
    let reversed = told["bus_policy"]["in_force_after_ms"].as_u64().unwrap();
    assert!(
        down <= reversed,
        "the mode first, then the policy: {told:#}"
    );
    assert!(is_policy(&system, "shadow") && !is_policy(&system, "live"));
    let after = report(&system).await;
    let (was, is) = (stops(&before, "xe-"), stops(&after, "xe-"));
    assert_eq!(is, was, "nothing is canceled");
    assert_eq!(sent(&after, "xe"), sent(&before, "xe"), "nor sent");
    assert_never_naked(&after);
}

/// What goes wrong with one of the two keeps nobody from the other, and is told.
#[tokio::test]
async fn a_kill_and_its_policy_fail_each_by_itself() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;
    let nowhere = kill(&system, &["--bus-config", "/nowhere/nats.conf"]);
    assert_eq!(nowhere.status.code(), Some(1), "{nowhere:?}");
    let told = text(&nowhere.stdout);
    assert!(told.contains("handed over: 1/1 taken over"), "{told}");
    assert!(
        told.contains("Policy of the bus: /nowhere/nats.conf"),
        "{told}"
    );
    assert!(is_policy(&system, "live"), "nobody has touched it");
    let down = |status: &Value| status["mode"]["effective"] == "SHADOW";
    let down = system.await_status("SHADOW in force", LONGEST, down);
    down.await.unwrap();

    let config = bus_config(&system);
    let unseen = ["--grpc", "http://127.0.0.1:1", "--bus-config"];
    let unseen = kill(&system, &[&unseen[..], &[path(&config)]].concat());
    assert_eq!(unseen.status.code(), Some(4), "{unseen:?}");
    let told = text(&unseen.stderr);
    assert!(told.contains("published, not confirmed"), "{told}");
    assert!(
        told.contains("after the command: SHADOW is in force"),
        "{told}"
    );
    assert!(is_policy(&system, "shadow"), "{told}");
}

fn path(of: &Path) -> &str {
    of.to_str().unwrap()
}
