//! `CHALLENGE_100` is made of the equity: a moment without one must not make plans of another.

use super::*;

use domain::plan::StepName;

fn planner() -> Run {
    let mut policy = Policy::default();
    policy.profiles.mode = ProfileMode::Challenge100;
    Run::with(policy)
}

fn told(millis: i64, mode: RiskMode, equity: Option<&str>) -> Heard {
    Heard::Risk(RiskState {
        mode,
        heat: None,
        equity: equity.map(|equity| Money::new(dec(equity))),
        at: at(millis),
    })
}

fn normal(millis: i64, equity: Option<&str>) -> Heard {
    told(millis, RiskMode::Normal, equity)
}

fn words(plan: &ExitPlan) -> &str {
    let legs = plan.steps.iter().find(|step| step.name == StepName::Legs);
    &legs.unwrap().note
}

#[test]
fn the_last_told_equity_holds_however_old_it_is_and_the_plan_says_so() {
    let mut run = planner();
    run.hear(0, normal(0, Some("5000"))).hear(0, open(0));
    assert!(
        words(run.last()).contains("of equity 5000,"),
        "{}",
        words(run.last())
    );
    for (number, untold) in [None, Some("0"), Some("-20")].into_iter().enumerate() {
        let millis = i64::try_from(number).unwrap() * 1_000 + 400_000;
        run.hear(millis, normal(millis, untold));
        let regime = [Regime::Volatile, Regime::Trending, Regime::Chop][number];
        run.hear(millis, context(millis, regime));
        assert_eq!(run.last().regime, regime);
        let words = words(run.last());
        assert!(words.contains("of equity 5000, told long ago"), "{words}");
    }
    run.beat(410_000, 410_000);
    assert_eq!(run.counter("plans_built"), 4);
}

#[test]
fn a_restarted_planner_waits_for_the_equity_of_an_older_position() {
    let mut run = planner();
    // The position is a minute old, the planner has just started.
    run.hear(60_000, open(60_000)).beat(60_000, 63_000);
    run.hear(63_000, normal(63_000, None)).beat(63_100, 64_000);
    assert!(run.plans.is_empty());
    assert!(run.counter("plans_waiting_for_equity") > 0);
    run.hear(65_000, normal(65_000, Some("5000")));
    assert_eq!(run.plans.len(), 1);
    assert!(words(run.last()).contains("of equity 5000"));
}

#[test]
fn after_its_patience_the_assumed_equity_counts() {
    let mut run = planner();
    run.hear(60_000, open(60_000)).beat(60_000, 69_900);
    assert!(run.plans.is_empty());
    run.beat(70_000, 71_000);
    assert!(words(run.last()).contains("assumed equity 100"));
}

#[test]
fn a_young_position_has_its_plan_at_once() {
    let mut run = planner();
    run.hear(10_000, open(10_000));
    assert!(words(run.last()).contains("assumed equity 100"));
}

#[test]
fn an_emergency_waits_for_no_equity() {
    let mut run = planner();
    run.hear(60_000, told(60_000, RiskMode::EssActive, None));
    run.hear(60_000, open(60_000));
    assert!(run.last().is_emergency());
}

#[test]
fn legs_that_do_not_depend_on_the_equity_wait_for_none() {
    let mut run = Run::new();
    run.hear(60_000, open(60_000));
    assert_eq!(run.plans.len(), 1);
}
