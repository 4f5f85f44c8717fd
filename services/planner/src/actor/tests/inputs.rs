//! What arrives at the plan, for how long, and what takes its place when it does not.

use super::*;

use domain::plan::StepName;
use domain::policy::ProfileMode;

fn risk_with(millis: i64, mode: RiskMode, heat: &str, equity: &str) -> Heard {
    Heard::Risk(RiskState {
        mode,
        heat: Some(Ratio::new(dec(heat))),
        equity: Some(Money::new(dec(equity))),
        at: at(millis),
    })
}

fn note(plan: &ExitPlan, name: StepName) -> &str {
    let step = plan.steps.iter().find(|step| step.name == name);
    &step.unwrap().note
}

#[test]
fn m082_without_any_input_every_step_says_its_default_and_the_plan_is_made() {
    let mut run = Run::new();
    run.hear(0, open(0));
    let plan = run.last();
    let names: Vec<StepName> = plan.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, StepName::ALL);
    assert_eq!(plan.strategy_id, "RL_V3");
    assert_eq!(plan.confidence, Ratio::basis_points(7_500));
    assert_eq!(plan.stop, Ratio::basis_points(250));
}

#[test]
fn the_whole_hint_arrives() {
    let mut run = Run::new();
    let Heard::Rl(mut full) = hint(0, "0.02") else {
        panic!("a hint");
    };
    full.take_profit = Some(Ratio::basis_points(400));
    full.confidence = Some(Ratio::basis_points(9_000));
    full.strategy = Some("SCALP".into());
    run.hear(0, Heard::Rl(full.clone())).hear(0, open(0));
    let first = run.last().clone();
    assert_eq!(first.strategy_id, "SCALP");
    assert_eq!(first.target, Ratio::basis_points(400));
    assert_eq!(first.stop, Ratio::basis_points(200));
    assert_eq!(first.confidence, Ratio::basis_points(9_000));
    full.at = at(100);
    full.signal_confidence = Some(Ratio::basis_points(8_000));
    run.hear(100, Heard::Rl(full));
    assert_ne!(run.last().inputs_digest, first.inputs_digest);
}

#[test]
fn m092_heat_arrives_and_tightens() {
    let mut run = Run::new();
    run.hear(0, open(0))
        .hear(100, risk_with(100, RiskMode::Normal, "1", "1000"));
    // Half of 2.5 % at a heat of 1.
    assert_eq!(run.last().stop, Ratio::basis_points(125));
    run.beat(200, 200);
    assert_eq!(run.counter("plans_built.heat"), 1);
}

#[test]
fn equity_arrives_where_the_plan_is_made_of_it() {
    let mut policy = Policy::default();
    policy.profiles.mode = ProfileMode::Challenge100;
    let mut run = Run::with(policy);
    run.hear(0, risk_with(0, RiskMode::Normal, "0", "50"))
        .hear(0, open(0));
    let first = run.last().clone();
    assert!(first.profile.is_some(), "{first:?}");
    run.hear(100, risk_with(100, RiskMode::Normal, "0", "60"));
    assert_ne!(run.last().target, first.target);
    run.beat(200, 200);
    assert_eq!(run.counter("plans_built.equity"), 1);
}

#[test]
fn an_old_risk_state_keeps_its_mode_and_loses_its_numbers_without_a_looser_plan() {
    let mut run = Run::new();
    run.hear(0, risk_with(0, RiskMode::Conservative, "1", "1000"));
    run.hear(0, open(0));
    let tight = run.last().stop;
    // 2.5 % x 0.7 x 0.5, at the smallest stop.
    assert_eq!(tight, Ratio::basis_points(100));
    run.beat(299_000, 302_000);
    assert_eq!(run.last().stop, tight);
    assert_eq!(run.counter("risk_stale"), 1);
    assert_eq!(run.counter("plans_built"), 1);
    // A plan made now: the order of the risk system stands, its measurement does not.
    run.hear(303_000, Heard::Position(snapshot(303_000, 8, "1")));
    assert_eq!(run.last().stop, Ratio::basis_points(175));
    let told = note(run.last(), StepName::Heat).to_owned();
    assert_ne!(told, note(&run.plans[0].1, StepName::Heat));
}

#[test]
fn a_risk_state_from_the_future_is_not_believed() {
    let mut run = Run::new();
    run.hear(0, open(0))
        .hear(0, risk(60_000, RiskMode::Critical));
    run.hear(0, risk(0, RiskMode::Conservative));
    // 2.5 % x 0.7
    assert_eq!(run.last().stop, Ratio::basis_points(175));
    run.beat(100, 100);
    assert_eq!(run.counter("risk_out_of_order"), 1);
}

#[test]
fn advice_runs_out_after_five_minutes_for_the_next_plan() {
    let mut run = Run::new();
    run.hear(0, open(0)).hear(0, hint(0, "0.02"));
    let advised = run.last().clone();
    assert_eq!(advised.stop, Ratio::basis_points(200));
    run.beat(299_000, 302_000);
    assert_eq!(run.last().id, advised.id, "running out is no reason");
    run.hear(302_000, context(302_000, Regime::Trending));
    // 2.5 % x 0.8
    assert_eq!(run.last().stop, Ratio::basis_points(200));
    run.hear(303_000, context(303_000, Regime::Normal));
    assert_eq!(run.last().stop, Ratio::basis_points(250));
    run.hear(304_000, hint(304_000, "0.02"));
    assert_eq!(run.last().stop, Ratio::basis_points(200));
}

#[test]
fn the_strategy_outlives_the_advice_that_named_it() {
    let mut run = Run::new();
    let Heard::Rl(mut named) = hint(0, "0.02") else {
        panic!("a hint");
    };
    named.strategy = Some("SCALP".into());
    run.hear(0, Heard::Rl(named)).hear(0, open(0));
    run.hear(1_000, hint(1_000, "0.015"));
    assert_eq!(run.last().stop, Ratio::basis_points(150));
    assert_eq!(run.last().strategy_id, "SCALP");
    run.beat(302_000, 303_000);
    assert_eq!(run.last().stop, Ratio::basis_points(150));
    run.hear(304_000, Heard::Position(snapshot(304_000, 8, "1")));
    assert_eq!(run.last().stop, Ratio::basis_points(250));
    assert_eq!(run.last().strategy_id, "SCALP");
}

#[test]
fn old_and_future_advice_is_ignored() {
    let mut run = Run::new();
    run.hear(400_000, open(400_000));
    run.hear(400_000, hint(0, "0.02"));
    run.hear(400_000, hint(500_000, "0.02"));
    assert_eq!(run.plans.len(), 1);
    run.beat(400_000, 400_000);
    assert_eq!(run.counter("hints_ignored"), 2);
}

#[test]
fn a_silent_market_service_leaves_the_plan_and_gives_the_next_one_the_documented_default() {
    let mut run = Run::new();
    run.hear(0, open(0)).hear(0, context(0, Regime::Volatile));
    assert_eq!(run.last().regime, Regime::Volatile);
    run.beat(60_000, 62_000);
    assert_eq!(run.last().regime, Regime::Volatile);
    run.hear(63_000, Heard::Position(snapshot(63_000, 8, "1")));
    assert_eq!(run.last().regime, Regime::Normal);
}

#[test]
fn noise_is_bounded_counted_and_its_end_is_planned_for() {
    let mut run = Run::new();
    run.hear(0, open(0));
    for millis in 1..=200 {
        let regimes = [Regime::Trending, Regime::Normal];
        let regime = regimes[usize::try_from(millis % 2).unwrap()];
        run.hear(millis, context(millis, regime));
    }
    run.hear(201, context(201, Regime::Volatile));
    assert_eq!(run.plans.len(), 4);
    run.beat(1_100, 1_100);
    assert_eq!(run.last().regime, Regime::Volatile);
    assert!(run.counter("plans_deferred") > 90);
}
