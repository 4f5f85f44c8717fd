//! The owner's five tests (M141), on a real nats-server with separate processes.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use bus::policy::Policy;
use bus::{Identity, subjects};
use domain::ids::Module;
use domain::mode::EXIT_BRAIN_V3_LIVE_ROLLOUT;
use rust_decimal::Decimal;
use support::intents::intent;
use support::*;
use tests::system::SystemOptions;

/// Test 1: LIVE is configured and the rollout switch is off.
#[tokio::test]
async fn m141_1_live_without_rollout_is_forced_to_shadow() {
    let mut options = SystemOptions::live();
    options.set_flag(EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED");
    let mut system = start(options).await;
    let status = system.status().await.unwrap();
    assert_eq!(status["operational_state"], "EXIT_BRAIN_V3_SHADOW");
    assert_eq!(status["config"]["exit_executor_mode"], "LIVE");
    assert_eq!(status["config"]["live_mode_active"], false);
    assert!(log(&system, "executor").contains("Forcing SHADOW mode for safety"));
    open(&system, "BUY", "0.1", "50000").await;
    let decided = |status: &serde_json::Value| status["decisions"]["move_sl"].as_u64() > Some(0);
    system
        .await_status("a shadow decision", LONGEST, decided)
        .await
        .unwrap();
    let protected = |report: &serde_json::Value| !stops(report, "pm-").is_empty();
    let report = venue_until(&system, "the incumbent's stop", protected).await;
    assert_eq!(
        sent(&report, "xe"),
        0,
        "the full pipeline ran and nothing of it was sent"
    );
    assert_never_naked(&report);
}

/// Test 2: all three flags align.
#[tokio::test]
async fn m141_2_all_three_flags_activate_live() {
    let mut system = start(SystemOptions::live()).await;
    let live = |status: &serde_json::Value| status["config"]["live_mode_active"] == true;
    let status = system.await_status("LIVE", LONGEST, live).await.unwrap();
    assert_eq!(status["operational_state"], "EXIT_BRAIN_V3_LIVE");
    assert_eq!(status["executor"]["effective_mode"], "LIVE");
    for service in ["executor", "gateway-guard", "gateway"] {
        let banners = log(&system, service).matches("V3 LIVE MODE ACTIVE").count();
        assert_eq!(banners, 1, "{service} says it exactly once");
    }
}

/// Test 3: an incumbent tries to place an order in LIVE.
#[tokio::test]
async fn m141_3_an_incumbent_is_blocked_in_live() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;
    // The real one may have asked before it heard of the executor's claim; this one surely does.
    let monitor = connect(&system, Identity::PositionMonitor).await;
    let attempt = intent(Module::PositionMonitor, SYMBOL, 1);
    let subject = subjects::intent(&attempt.module, &attempt.key);
    say(&monitor, subject.message(&attempt)).await;
    let blocked =
        |status: &serde_json::Value| status["metrics"]["blocked_legacy_orders"].as_u64() > Some(0);
    let status = system
        .await_status("a blocked incumbent", LONGEST, blocked)
        .await
        .unwrap();
    let metrics = &status["metrics"];
    assert_eq!(
        metrics["blocked_legacy_orders"],
        metrics["ownership_conflicts"]
    );
    assert!(
        metrics["orders_by_module"]["position_monitor"]
            .as_u64()
            .unwrap_or(0)
            == 0
    );
    assert!(log(&system, "gateway-guard").contains("BLOCKED"));
    let report = settled(&system).await;
    assert_eq!(
        sent(&report, "pm"),
        0,
        "nothing of the incumbent reached the venue"
    );
    assert_never_naked(&report);
}

/// Test 4: a position in profit; the executor moves the stop to breakeven.
#[tokio::test]
async fn m141_4_the_executor_places_the_breakeven_stop() {
    let mut system = start(SystemOptions::live()).await;
    // At 3x, +2.10 % is +6.3 % of margin: below the profit lock, so breakeven stands alone.
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    let before = settled(&system).await;
    assert_eq!(
        working_stops(&before),
        [Decimal::new(926_251, 1)],
        "the plan's 2.5 % below 95000.1"
    );
    let kinds = system.status().await.unwrap()["metrics"]["orders_by_kind"].clone();
    price(&system, "96995").await; // +2.10 %, and the first target at +1.5 % fills on the way
    let breakeven = Decimal::new(950_952, 1); // 95000.1 and two taker fees of 0.05 %, rounded up
    let moved = |report: &serde_json::Value| working_stops(report) == [breakeven];
    let report = venue_until(&system, "the stop at breakeven", moved).await;
    assert_never_naked(&report);
    let counted = |status: &serde_json::Value| {
        let modules = status["metrics"]["orders_by_module"].as_object().unwrap();
        let more = status["metrics"]["orders_by_kind"]["sl"].as_u64() > kinds["sl"].as_u64();
        more && modules.keys().all(|module| module == "exit_executor")
    };
    system
        .await_status("one more stop counted", LONGEST, counted)
        .await
        .unwrap();
    let executor = log(&system, "executor");
    assert!(
        executor.contains("SL adjustment (breakeven): pnl=2.10%"),
        "{executor}"
    );
    let gateway = log(&system, "gateway");
    assert!(
        gateway.contains("STOP_MARKET") && gateway.contains("exit_executor"),
        "{gateway}"
    );
}

/// Test 5: from LIVE, the rollout switch goes off and the services restart.
#[tokio::test]
async fn m141_5_switching_the_rollout_off_takes_live_back() {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    system.set_flag(EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED");
    system.set_policy(Policy::Shadow).unwrap();
    for service in ["executor", "gateway-guard", "gateway"] {
        system.restart(service).await.unwrap();
    }
    let shadow = |status: &serde_json::Value| {
        status["operational_state"] == "EXIT_BRAIN_V3_SHADOW"
            && status["config"]["live_mode_active"] == false
    };
    system
        .await_status("SHADOW", LONGEST, shadow)
        .await
        .unwrap();
    assert!(log(&system, "executor").contains("Forcing SHADOW mode for safety"));
    let after = report(&system).await;
    assert_eq!(
        sent(&after, "xe"),
        sent(&before, "xe"),
        "no further order of the executor"
    );
    assert!(
        stops(&after, "xe-").len() >= 2,
        "its stops still rest: {after:#}"
    );
    assert_never_naked(&after);
}
