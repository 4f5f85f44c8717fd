//! The owner's log lines, word for word, from a running system that writes text.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use bus::{Identity, subjects};
use domain::ids::Module;
use domain::mode::EXIT_BRAIN_V3_LIVE_ROLLOUT;
use serde_json::Value;
use support::intents::intent;
use support::*;
use tests::system::await_it::until;
use tests::system::{System, SystemOptions};

fn in_text(mut options: SystemOptions) -> SystemOptions {
    let text = ("LOG_FORMAT".to_owned(), "text".to_owned());
    options.overrides.push(text);
    options
}

/// The lines of a service's log from the tag on, without what follows behind the bar, and with
/// every order's number as the owner's example has it.
fn lines(system: &System, service: &str) -> Vec<String> {
    let log = log(system, service);
    let owners = log.lines().filter_map(|line| {
        let (_, line) = line.split_once(" [")?;
        let line = line.split(" | ").next()?;
        let line = line.split(" trace_id=").next()?;
        Some(format!("[{line}"))
    });
    let numbered = |line: String| match line.split_once("order_id=") {
        None => line,
        Some((before, after)) => {
            let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}order_id=12345678{after}")
        }
    };
    owners.map(numbered).collect()
}

/// Whether a line reads as `wanted`, where `#` stands for any number.
fn is_it(line: &str, wanted: &str) -> bool {
    let mut shape = String::new();
    for c in line.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c != '#' || !shape.ends_with('#') {
            shape.push(c);
        }
    }
    line == wanted || shape == wanted
}

/// Waits until a service has written each of the lines, in this order.
async fn has_written(system: &System, service: &str, owner: &[&str]) {
    let written = until("the owner's lines", LONGEST, || {
        let lines = lines(system, service);
        let mut rest = lines.iter();
        owner
            .iter()
            .all(|wanted| rest.any(|line| is_it(line, wanted)))
            .then_some(())
    });
    if let Err(late) = written.await {
        panic!(
            "{late}: {owner:#?}; {service}: {:#?}",
            lines(system, service)
        );
    }
}

const LOADED: &str = "[EXIT_MODE] Configuration loaded: EXIT_MODE=EXIT_BRAIN_V3, \
                      EXIT_EXECUTOR_MODE=LIVE, EXIT_BRAIN_V3_LIVE_ROLLOUT=ENABLED";
const ARMED: &str = "[EXIT_MODE] 🔴 EXIT BRAIN V3 LIVE MODE ACTIVE 🔴 \
                     AI executor will place real orders. Legacy exit modules will be blocked.";

#[tokio::test]
async fn live_reads_as_in_the_owners_document() {
    let system = start(in_text(SystemOptions::live())).await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    settled(&system).await;
    price(&system, "96995").await;
    let executor = [
        LOADED,
        ARMED,
        "[EXIT_BRAIN_EXECUTOR] Initialized in LIVE MODE - Config: EXIT_MODE=EXIT_BRAIN_V3, \
         EXIT_EXECUTOR_MODE=LIVE, EXIT_BRAIN_V3_LIVE_ROLLOUT=ENABLED",
        "[EXIT_BRAIN_EXECUTOR] 🔴 LIVE MODE ACTIVE 🔴 - AI will place real orders via \
         exit_order_gateway. Legacy modules will be blocked.",
        "[EXIT_BRAIN_EXECUTOR] Starting monitoring loop (interval=0.1s, mode=LIVE)",
        "[EXIT_BRAIN_LIVE] Executing move_sl for BTCUSDT long: SL adjustment (breakeven): \
         pnl=2.10%",
    ];
    has_written(&system, "executor", &executor).await;
    let guard =
        ["[EXIT_GUARD] ✅ Exit Brain module 'exit_executor' placing sl for BTCUSDT (mode=LIVE)."];
    has_written(&system, "gateway-guard", &guard).await;
    let gateway = [
        "[EXIT_GATEWAY] 📤 Submitting sl order: module=exit_executor, symbol=BTCUSDT, \
         type=STOP_MARKET",
        "[EXIT_GATEWAY] ✅ Order placed successfully: module=exit_executor, symbol=BTCUSDT, \
         order_id=12345678, kind=sl",
    ];
    has_written(&system, "gateway", &gateway).await;
    let planner = ["[EXIT BRAIN] BTCUSDT: TP=#.#%, SL=#.#%, Trail=#.#%"];
    has_written(&system, "planner", &planner).await;
    let monitor = connect(&system, Identity::PositionMonitor).await;
    let attempt = intent(Module::PositionMonitor, SYMBOL, 1);
    let subject = subjects::intent(&attempt.module, &attempt.key);
    say(&monitor, subject.message(&attempt)).await;
    let blocked = [
        "[EXIT_GUARD] 🛑 BLOCKED: Legacy module 'position_monitor' attempted to place sl for \
         BTCUSDT in EXIT_BRAIN_V3 LIVE mode. Executor is the single MUSCLE. \
         Order NOT sent to exchange.",
    ];
    has_written(&system, "gateway-guard", &blocked).await;
}

/// The counters go on where they were, and the first line of them does not take a minute.
#[tokio::test]
async fn the_summary_is_told_at_once_and_again_after_a_restart() {
    let mut system = start(in_text(SystemOptions::live())).await;
    let first =
        "[EXIT_METRICS] Summary: total_orders=#, conflicts=#, blocked=#, mode=EXIT_BRAIN_V#";
    let told = until("the first summary", LONGEST, || {
        let summary = summaries(&system).into_iter().next()?;
        let known = [first.to_owned(), format!("{first} (LIVE)")];
        Some(known.iter().any(|it| is_it(&summary, it)))
    });
    assert!(told.await.unwrap(), "{:?}", summaries(&system));
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;
    let blocked = |status: &Value| status["metrics"]["blocked_legacy_orders"].as_u64() > Some(0);
    let counted = system
        .await_status("a blocked order", LONGEST, blocked)
        .await;
    let counted = counted.unwrap()["metrics"]["blocked_legacy_orders"].clone();
    let before = summaries(&system).len();
    system.restart("diagnostics").await.unwrap();
    let again = until("a summary after the restart", LONGEST, || {
        summaries(&system).into_iter().nth(before)
    });
    let again = again.await.unwrap();
    assert!(is_it(&again, &format!("{first} (LIVE)")), "{again}");
    let (_, after) = again.split_once("blocked=").unwrap();
    let (blocked, _) = after.split_once(',').unwrap();
    let blocked: u64 = blocked.parse().unwrap();
    assert!(blocked >= counted.as_u64().unwrap(), "{again}: {counted}");
}

/// The lines that sum up, in order.
fn summaries(system: &System) -> Vec<String> {
    let mut lines = lines(system, "diagnostics");
    lines.retain(|line| line.starts_with("[EXIT_METRICS] Summary:"));
    lines
}

#[tokio::test]
async fn a_forced_shadow_reads_as_in_the_owners_document() {
    let mut options = in_text(SystemOptions::live());
    options.set_flag(EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED");
    let system = start(options).await;
    open(&system, "BUY", "0.1", "50000").await;
    let executor = [
        "[EXIT_BRAIN_EXECUTOR] ⚠️  EXIT_EXECUTOR_MODE=LIVE but \
         EXIT_BRAIN_V3_LIVE_ROLLOUT=DISABLED. Forcing SHADOW mode for safety.",
        "[EXIT_BRAIN_EXECUTOR] Starting monitoring loop (interval=0.1s, mode=SHADOW)",
        "[EXIT_BRAIN_SHADOW] Would execute move_sl for BTCUSDT long: first stop at #.#",
    ];
    has_written(&system, "executor", &executor).await;
}
