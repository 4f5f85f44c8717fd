//! The hot kill, on real processes: nothing is canceled, the executor falls silent, and the
//! incumbents protect again although nobody has touched the bus.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::process::Command;

use serde_json::json;
use support::*;
use tests::system::{System, SystemOptions, binary};

fn kill(system: &System) {
    let addresses = system.addresses();
    let output = Command::new(binary("exitctl").unwrap())
        .args([
            "--grpc",
            &addresses.grpc.unwrap(),
            "kill",
            "--to",
            "shadow",
            "--yes",
        ])
        .args(["--nats-url", &addresses.nats, "--keys-dir"])
        .arg(system.files().keys())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn after_a_kill_old_and_new_positions_are_protected() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    kill(&system);
    let shadow = |status: &serde_json::Value| status["mode"]["effective"] == "SHADOW";
    system
        .await_status("SHADOW in force", LONGEST, shadow)
        .await
        .unwrap();
    assert_eq!(
        stops(&report(&system).await, "xe-"),
        stops(&before, "xe-"),
        "nothing is canceled"
    );

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
