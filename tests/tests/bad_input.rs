//! Bad input, on real processes and a real bus: a clear error that names the field, counted,
//! nothing lost, nobody down.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::process::Command;

use bus::{Identity, Message, subjects};
use domain::ids::Module;
use domain::market::Regime;
use domain::plan::{ExitPlan, PlanId, Strategy};
use domain::{Epoch, Ratio, Span};
use serde_json::Value;
use support::intents::{intent, key};
use support::*;
use tests::system::{SystemOptions, binary};

/// Exit code for settings that can't be used.
const EXIT_CONFIG: i32 = 64;

const SERVICES: [&str; 7] = [
    "market",
    "planner",
    "executor",
    "gateway-guard",
    "gateway",
    "legacy",
    "diagnostics",
];
/// Those that work by the rules' numbers.
const POLICY_READERS: [&str; 3] = ["planner", "executor", "legacy"];

/// Starts `service` with these settings and returns its exit code and what it said.
fn refuses(service: &str, settings: &str) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(binary(service).unwrap());
    let output = command.env("EXITBRAIN_CONFIG", &file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn an_unknown_key_stops_every_service_and_is_named() {
    for service in SERVICES {
        let (code, said) = refuses(service, "[bus]\nurll = \"nats://127.0.0.1:4222\"\n");
        assert_eq!(code, Some(EXIT_CONFIG), "{service}: {said}");
        assert!(said.contains("urll"), "{service}: {said}");
    }
}

#[test]
fn a_bad_value_stops_every_service_and_is_named() {
    for service in SERVICES {
        let (code, said) = refuses(service, "[venue]\nrecv_window_ms = 70000\n");
        assert_eq!(code, Some(EXIT_CONFIG), "{service}: {said}");
        assert!(
            said.contains("recv_window_ms") && said.contains("70000"),
            "{service}: {said}"
        );
    }
}

#[test]
fn every_policy_number_that_is_none_is_named_before_anything_connects() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.toml");
    let text = "[base]\nstop = \"2,5\"\nstpo = \"1\"\n[bounds]\ntarget_min = \"0.2\"\n";
    std::fs::write(&policy, text).unwrap();
    for service in POLICY_READERS {
        let (code, said) = refuses(service, &format!("[policy]\nfile = {policy:?}\n"));
        assert_eq!(code, Some(EXIT_CONFIG), "{service}: {said}");
        for fault in ["base.stop ", "2,5", "base.stpo ", "bounds.target_min "] {
            assert!(said.contains(fault), "{service}: no {fault}: {said}");
        }
    }
}

#[test]
fn a_policy_file_that_is_not_there_is_named_by_its_key() {
    for service in POLICY_READERS {
        let (code, said) = refuses(service, "[policy]\nfile = \"/nowhere/policy.toml\"\n");
        assert_eq!(code, Some(EXIT_CONFIG), "{service}: {said}");
        assert!(
            said.contains("policy.file=") && said.contains("/nowhere/policy.toml"),
            "{service}: {said}"
        );
    }
}

fn counted<'a>(map: &'a str, name: &'a str) -> impl Fn(&Value) -> bool + 'a {
    move |status| {
        let map = status.pointer(map).and_then(Value::as_object);
        map.is_some_and(|map| {
            let found = map.iter().filter(|(field, _)| field.contains(name));
            found.filter_map(|(_, count)| count.as_u64()).sum::<u64>() > 0
        })
    }
}

/// One system takes every kind of bad message in turn; at the end everything still stands.
#[tokio::test]
async fn bad_messages_are_refused_counted_and_change_nothing() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;

    // Malformed: not even a message.
    let market = connect(&system, Identity::Market).await;
    let subject = "market.mark.BTCUSDT".to_string();
    say(&market, Message::new(subject, b"\xff\xff garbage".to_vec())).await;
    let refused = counted("/refused_messages", "MarkTick");
    system
        .await_status("the malformed mark to be counted", LONGEST, refused)
        .await
        .unwrap();

    // A plan for a closed epoch.
    let planner = connect(&system, Identity::Planner).await;
    say(
        &planner,
        subjects::plan(&key(SYMBOL)).message(&plan_of_a_closed_epoch()),
    )
    .await;
    let refused = counted("/refused_messages", "plan.epoch");
    system
        .await_status("the plan to be counted", LONGEST, refused)
        .await
        .unwrap();

    // An intent of a former owner, with the right key.
    let executor = connect(&system, Identity::Executor).await;
    let former = intent(Module::ExitExecutor, SYMBOL, 1);
    say(
        &executor,
        subjects::intent(&former.module, &former.key).message(&former),
    )
    .await;
    let denied = counted("/metrics/denied_by_code", "OWNER_FENCED");
    system
        .await_status("the intent to be denied", LONGEST, denied)
        .await
        .unwrap();

    // A module that speaks in another's name can't even be heard.
    let legacy = connect(&system, Identity::PositionMonitor).await;
    let posing = subjects::intent(&Module::ExitExecutor, &key(SYMBOL)).message(&former);
    say(&legacy, posing).await;
    let violated = async || (legacy.faults().named().iter().any(|(_, n)| *n > 0)).then_some(());
    let waited = tests::system::await_it::until_async("the violation", LONGEST, violated).await;
    waited.unwrap();

    assert!(system.dead().is_empty(), "nobody went down");
    let after = report(&system).await;
    assert_eq!(stops(&after, "xe-"), stops(&before, "xe-"));
    assert_eq!(targets(&after), targets(&before));
    assert_never_naked(&after);
}

#[tokio::test]
async fn an_intent_for_an_unknown_symbol_is_denied_and_counted() {
    let mut options = SystemOptions::shadow();
    options.services.retain(|service| service != "legacy");
    let mut system = start(options).await;
    let monitor = connect(&system, Identity::PositionMonitor).await;
    let stranger = intent(Module::PositionMonitor, "NOPEUSDT", 1);
    say(
        &monitor,
        subjects::intent(&stranger.module, &stranger.key).message(&stranger),
    )
    .await;
    let denied = counted("/metrics/denied_by_code", "POSITION_UNKNOWN");
    system
        .await_status("the intent to be denied", LONGEST, denied)
        .await
        .unwrap();
    assert!(log(&system, "gateway-guard").contains("NOPEUSDT"));
    assert!(system.dead().is_empty());
}

fn plan_of_a_closed_epoch() -> ExitPlan {
    let now = runtime::now();
    ExitPlan {
        id: PlanId(1),
        key: key(SYMBOL),
        epoch: Epoch(1),
        entry_price: None,
        opened_qty: None,
        legs: Vec::new(),
        strategy: Strategy::StandardLadder,
        confidence: Ratio::ONE,
        regime: Regime::Normal,
        strategy_id: "RL_V3".into(),
        profile: None,
        time_stop: None,
        steps: Vec::new(),
        target: Ratio::basis_points(300),
        stop: Ratio::basis_points(250),
        trail: Ratio::basis_points(150),
        reason: "a test".into(),
        policy_hash: 1,
        inputs_digest: 1,
        created_at: now,
        expires_at: now + Span::from_secs(60),
    }
}
