//! One run for each decision: separate processes, a real nats-server, the paper venue's own books.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use bus::{Identity, subjects};
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::{Ratio, Symbol};
use rust_decimal::Decimal;
use serde_json::Value;
use support::*;
use tests::system::{System, SystemOptions};

/// LIVE with other numbers than those that ship.
fn live(policy: &str) -> SystemOptions {
    SystemOptions {
        policy: Some(policy.into()),
        ..SystemOptions::live()
    }
}

/// A settled long of 0.1 BTC from 50000 at 5x under the default policy but for `policy`.
async fn with_long(policy: &str) -> (System, Value) {
    let system = start(live(policy)).await;
    open(&system, "BUY", "0.1", "50000").await;
    let report = settled(&system).await;
    (system, report)
}

async fn decided(system: &mut System, name: &str) {
    let found = |status: &Value| status["decisions"][name].as_u64() > Some(0);
    system.await_status(name, LONGEST, found).await.unwrap();
}

/// What the executor's log says of decisions by `rule`.
fn rules(system: &System, rule: &str) -> usize {
    let said = log(system, "executor");
    let named = |line: &&str| line.contains("decision") && line.contains(rule);
    said.lines().filter(named).count()
}

fn qty(report: &Value) -> Decimal {
    let position = report["positions"].as_array().unwrap().first();
    position.map_or(Decimal::ZERO, |position| dec(&position["qty"]))
}

fn is_flat_and_swept(report: &Value) -> bool {
    qty(report).is_zero() && report["orphaned_orders"] == 0
}

async fn risk(system: &System, mode: RiskMode) {
    let state = RiskState {
        mode,
        heat: None,
        equity: None,
        at: runtime::now(),
    };
    let client = connect(system, Identity::RiskSignal).await;
    say(&client, subjects::risk().message(&state)).await;
}

async fn hint(system: &System, target: i64, stop: i64) {
    let symbol = Symbol::new(SYMBOL).unwrap();
    let hint = RlHint {
        symbol: symbol.clone(),
        take_profit: Some(Ratio::basis_points(target)),
        stop_loss: Some(Ratio::basis_points(stop)),
        trail: None,
        confidence: Some(Ratio::basis_points(8_500)),
        signal_confidence: None,
        strategy: Some("RL_V3".into()),
        at: runtime::now(),
    };
    let client = connect(system, Identity::RlSignal).await;
    say(&client, subjects::rl(&symbol).message(&hint)).await;
}

#[tokio::test]
async fn no_change_sends_nothing() {
    let (mut system, before) = with_long(FAR_TRAIL).await;
    decided(&mut system, "no_change").await;
    for mark in ["50010", "49990", "50020", "50700"] {
        price(&system, mark).await;
    }
    // The next thing that happens is the breakeven stop, and it is the only one.
    price(&system, "50740").await;
    price(&system, "50751.2").await;
    let moved = |report: &Value| working_stops(report) == [dec(&"50050.2".into())];
    let after = venue_until(&system, "the breakeven stop", moved).await;
    let stops_sent = sent(&after, "xe") - sent(&before, "xe");
    // A ladder whose first target has just filled shrinks the stop once more.
    assert!(stops_sent <= 2, "{stops_sent} orders for one decision");
    assert_never_naked(&after);
}

#[tokio::test]
async fn move_sl_trails_behind_the_price_and_never_comes_back() {
    let (system, _) = with_long("").await;
    price(&system, "50500").await;
    let trailed = |report: &Value| working_stops(report) == [dec(&"49742.5".into())];
    venue_until(&system, "1.5 % behind", trailed).await;
    price(&system, "50000").await;
    price(&system, "50490").await;
    price(&system, "50600").await;
    let further = |report: &Value| working_stops(report) == [dec(&"49841".into())];
    let report = venue_until(&system, "further on", further).await;
    assert_never_naked(&report);
    assert!(rules(&system, "trailing") >= 2);
}

#[tokio::test]
async fn update_tp_limits_replaces_the_ladder_and_leaves_the_stop_alone() {
    let (mut system, before) = with_long("").await;
    let stop = stops(&before, "xe-");
    hint(&system, 500, 250).await;
    let replaced = |report: &Value| {
        let prices = target_prices(report);
        prices == [dec(&"51250.1".into()), dec(&"52500.1".into())]
    };
    let after = venue_until(&system, "targets at 2.5 % and 5 %", replaced).await;
    assert_eq!(stops(&after, "xe-"), stop, "the stops were not touched");
    assert_never_naked(&after);
    decided(&mut system, "update_tp_limits").await;
}

#[tokio::test]
async fn partial_close_closes_its_share_at_market_once() {
    let policy = "[[ladder.steps]]\ntarget_multiple = \"0.5\"\nsize = \"0.25\"\n\
                  close = \"market\"\n[[ladder.steps]]\ntarget_multiple = \"1\"\nsize = \"0.25\"\n\
                  close = \"limit\"\n[[ladder.steps]]\ntarget_multiple = \"2\"\nsize = \"0.5\"\n\
                  close = \"trail\"\n";
    let system = start(live(policy)).await;
    open(&system, "BUY", "0.1", "50000").await;
    let ready = |report: &Value| stops(report, "xe-").len() == 2 && targets(report) == 1;
    venue_until(&system, "two stops and the second target", ready).await;
    for mark in ["50760", "50740", "50770"] {
        price(&system, mark).await;
    }
    let closed = |report: &Value| qty(report) == dec(&"0.075".into());
    let report = venue_until(&system, "a quarter closed", closed).await;
    assert_never_naked(&report);
    assert_eq!(rules(&system, "partial"), 1);
}

#[tokio::test]
async fn full_exit_by_the_emergency_stop_system_leaves_nothing_behind() {
    let (mut system, _) = with_long("").await;
    risk(&system, RiskMode::EssActive).await;
    let report = venue_until(&system, "flat and swept", is_flat_and_swept).await;
    assert_never_naked(&report);
    decided(&mut system, "full_exit_now").await;
    assert_eq!(rules(&system, "emergency_stop_system"), 1);
}

#[tokio::test]
async fn full_exit_by_the_loss_guard() {
    let (system, _) = with_long(
        "[emergency]\nloss_guard_margin_pct = \"-4\"\n\
                                 crash_margin_pct = \"-3\"\n",
    )
    .await;
    // At 5x, -0.7 % of price is -3.5 % of margin.
    price(&system, "49650").await;
    price(&system, "49590").await;
    let report = venue_until(&system, "flat and swept", is_flat_and_swept).await;
    assert_never_naked(&report);
    assert_eq!(rules(&system, "loss_guard"), 1);
}

#[tokio::test]
async fn full_exit_by_the_time_stop_of_challenge_100() {
    let policy = "[profiles]\nmode = \"challenge_100\"\n[profiles.challenge]\ntime_stop = \"3s\"\n";
    let system = start(live(policy)).await;
    open(&system, "BUY", "0.1", "50000").await;
    let report = venue_until(&system, "opened", |report| report["positions_opened"] == 1).await;
    assert_never_naked(&report);
    let report = venue_until(&system, "flat and swept", is_flat_and_swept).await;
    assert_never_naked(&report);
    assert_eq!(rules(&system, "time_stop"), 1);
}

#[tokio::test]
async fn the_profit_lock_and_the_ratchet_move_the_stop_beyond_entry() {
    let (system, _) = with_long(FAR_TRAIL).await;
    // At 5x, +2.02 % of price is +10.1 % of margin; the first target at 1.5 % fills on the way.
    price(&system, "51010").await;
    let locked = |report: &Value| working_stops(report) == [dec(&"50100.2".into())];
    venue_until(&system, "the lock, 0.2 % beyond entry", locked).await;
    assert!(rules(&system, "profit_lock") >= 1);
    price(&system, "51510").await;
    let ratcheted = |report: &Value| working_stops(report) == [dec(&"50750.1".into())];
    let report = venue_until(&system, "the first target's price", ratcheted).await;
    assert_eq!(qty(&report), dec(&"0.05".into()));
    assert_never_naked(&report);
    assert_eq!(rules(&system, "ratchet"), 1);
}

#[tokio::test]
async fn a_tighter_risk_mode_tightens_targets_and_stop() {
    let (system, _) = with_long("").await;
    risk(&system, RiskMode::Critical).await;
    let tighter = |report: &Value| working_stops(report) == [dec(&"49375.1".into())];
    venue_until(&system, "the stop at 1.25 %", tighter).await;
    risk(&system, RiskMode::Normal).await;
    let wider = |report: &Value| {
        let prices = target_prices(report);
        prices == [dec(&"50750.1".into()), dec(&"51500.1".into())]
    };
    let report = venue_until(&system, "targets back at 1.5 % and 3 %", wider).await;
    assert_eq!(
        working_stops(&report),
        [dec(&"49375.1".into())],
        "the stop never loosens"
    );
    assert_never_naked(&report);
}

#[tokio::test]
async fn the_plan_line_names_target_stop_and_trail() {
    let (system, _) = with_long("").await;
    let line = "[EXIT BRAIN] BTCUSDT: TP=3.00%, SL=2.50%, Trail=1.50%";
    assert_eq!(log(&system, "planner").matches(line).count(), 1);
}
