//! What the operator types against a running system of real processes: the doctor finds it well and
//! finds what is not, and positions are closed by their owner.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::process::{Command, Output};

use nix::sys::signal::Signal;
use serde_json::Value;
use support::*;
use tests::system::{System, SystemOptions, binary};

/// `exitctl` with the addresses and the keys of this system.
fn exitctl(system: &System, typed: &[&str]) -> Output {
    let addresses = system.addresses();
    Command::new(binary("exitctl").unwrap())
        .args(typed)
        .args([
            "--grpc",
            &addresses.grpc.unwrap(),
            "--nats-url",
            &addresses.nats,
        ])
        .arg("--keys-dir")
        .arg(system.files().keys())
        .env_remove("EXITBRAIN_CONFIG")
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(both).unwrap()
}

/// What the doctor says: its exit code, and each check's verdict with what to do.
fn doctor(system: &System) -> (i32, Value) {
    let output = exitctl(system, &["doctor", "-o", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output.status.code().unwrap(), document)
}

fn row<'a>(document: &'a Value, check: &str) -> &'a Value {
    let mut rows = document["checks"].as_array().unwrap().iter();
    rows.find(|row| row["check"] == check)
        .unwrap_or_else(|| panic!("{check} in {document:#}"))
}

#[tokio::test]
async fn the_doctor_finds_a_running_system_well_and_then_what_is_not() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;
    let (code, found) = doctor(&system);
    assert_eq!(
        (code, found["verdict"].as_str()),
        (0, Some("ok")),
        "{found:#}"
    );
    for check in [
        "bus",
        "bucket",
        "policy",
        "services",
        "leases",
        "clocks",
        "check naked",
    ] {
        assert_eq!(row(&found, check)["verdict"], "ok", "{found:#}");
    }

    // The second lock is left at SHADOW while LIVE is in force.
    let config = system.files().nats().join("nats.conf");
    let config = config.to_str().unwrap().to_owned();
    let apply = [
        "bus",
        "apply",
        "--policy",
        "shadow",
        "--yes",
        "--confirm",
        "shadow",
    ];
    let applied = exitctl(&system, &[&apply[..], &["--config", &config]].concat());
    assert_eq!(applied.status.code(), Some(0), "{applied:?}");
    let (code, found) = doctor(&system);
    let policy = row(&found, "policy");
    assert_eq!(
        (code, policy["verdict"].as_str()),
        (2, Some("fail")),
        "{found:#}"
    );
    let todo = policy["todo"].as_str().unwrap();
    assert!(todo.contains("bus apply --policy live"), "{todo}");

    system.kill("planner", Signal::SIGKILL).unwrap();
    let silent = |status: &Value| {
        let services = status["services"].as_array().unwrap();
        let is_old = |it: &Value| it["age_ms"].as_i64().unwrap() > 3_000;
        services
            .iter()
            .any(|it| it["service"] == "planner" && is_old(it))
    };
    system
        .await_status("planner is missed", LONGEST, silent)
        .await
        .unwrap();
    let (code, found) = doctor(&system);
    let services = row(&found, "services");
    assert_eq!(
        (code, services["verdict"].as_str()),
        (2, Some("fail")),
        "{found:#}"
    );
    assert!(
        services["found"].as_str().unwrap().contains("planner"),
        "{services}"
    );
}

fn dry_runs(system: &System) {
    let all = ["flatten", "--all", "--dry-run"].as_slice();
    let down = ["kill", "--to", "shadow", "--dry-run"].as_slice();
    for (words, says) in [(all, "would be closed"), (down, "would put SHADOW")] {
        let dry = exitctl(system, words);
        assert_eq!(dry.status.code(), Some(0), "{dry:?}");
        assert!(told(&dry).contains(says), "{dry:?}");
    }
}

#[tokio::test]
async fn positions_are_closed_by_their_owner_and_only_in_live() {
    let system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;
    // Not without both locks, and not what is not there.
    let half = exitctl(
        &system,
        &["flatten", "BTCUSDT", "--yes", "--confirm", "ETHUSDT"],
    );
    assert_eq!(half.status.code(), Some(2), "{half:?}");
    let none = exitctl(
        &system,
        &["flatten", "ETHUSDT", "--yes", "--confirm", "ETHUSDT"],
    );
    assert_eq!(none.status.code(), Some(3), "{none:?}");
    // Nor by a dry run, and LIVE stays: what follows works in LIVE only.
    dry_runs(&system);
    let before = report(&system).await;
    assert_eq!(before["positions_closed"], 0);

    let done = exitctl(
        &system,
        &[
            "flatten",
            "--all",
            "--yes",
            "--confirm",
            "ALL",
            "--timeout",
            "20s",
        ],
    );
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(
        told(&done).contains("main.BTCUSDT.LONG: closed"),
        "{done:?}"
    );
    let after = venue_until(&system, "closed and swept", |report| {
        report["positions_closed"] == 1 && report["orphaned_orders"] == 0
    })
    .await;
    assert_never_naked(&after);
    let at_market = |report: &Value| report["orders_by_prefix"]["xe"]["MARKET"].as_u64();
    assert_eq!(at_market(&before), None);
    assert_eq!(at_market(&after), Some(1), "by the executor, once");
    let log = log(&system, "executor");
    assert!(
        log.contains("\"rule\":\"operator\""),
        "it says who wanted it"
    );

    let down = ["kill", "--to", "shadow", "--yes", "--confirm", "shadow"];
    let killed = exitctl(&system, &down);
    assert_eq!(killed.status.code(), Some(0), "{killed:?}");
    open(&system, "BUY", "0.1", "50000").await;
    venue_until(&system, "the incumbent's stop", |report| {
        !stops(report, "pm-").is_empty()
    })
    .await;
    let refused = exitctl(&system, &["flatten", "--all", "--yes", "--confirm", "all"]);
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    assert!(told(&refused).contains("SHADOW is in force"), "{refused:?}");
    assert_eq!(report(&system).await["positions_closed"], 1);
}
