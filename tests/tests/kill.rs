//! The hot kill, on real processes: nothing is canceled, the executor falls silent, every position
//! is taken over, and the incumbents protect again although nobody has touched the bus.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::io::Write;
use std::process::Command;

use serde_json::json;
use support::*;
use tests::system::{System, SystemOptions, binary};

/// Says the kill and gives what it reports.
fn kill(system: &System) -> String {
    let addresses = system.addresses();
    let output = Command::new(binary("exitctl").unwrap())
        .args([
            "--grpc",
            &addresses.grpc.unwrap(),
            "kill",
            "--to",
            "shadow",
            "--yes",
            "--confirm",
            "SHADOW",
        ])
        .args(["--nats-url", &addresses.nats, "--keys-dir"])
        .arg(system.files().keys())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn after_a_kill_old_and_new_positions_are_protected() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    let told = kill(&system);
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
