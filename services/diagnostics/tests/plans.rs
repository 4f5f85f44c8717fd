//! The plans that are told: which, how old, whether anybody goes by them, and how they came about.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::*;
use diagnostics::model::positions::POSITIONS_MAX;
use diagnostics::{DiagnosticsActor, plans};
use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanStep, StepName};
use domain::policy::Tightening;
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Ratio, Side, Span, Symbol, Timestamp};
use proto::wire::{PlanStatus, PlansRequest};

fn told(actor: &DiagnosticsActor, now: Timestamp, symbol: &str, side: &str) -> Vec<PlanStatus> {
    let wish = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let asked = PlansRequest {
        symbol: wish(symbol),
        side: wish(side),
    };
    plans::plans(actor.model(), &asked, now).plans
}

fn only(actor: &DiagnosticsActor, now: Timestamp) -> PlanStatus {
    let mut all = told(actor, now, "", "");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn open(at: Timestamp) -> PositionSnapshot {
    snapshot(position("BTCUSDT", "0.5", NOW), Vec::new(), at)
}

fn leg(kind: LegKind, offset: Option<Ratio>) -> ExitLeg {
    ExitLeg {
        kind,
        size: Ratio::basis_points(2_500),
        offset,
        trigger_price: None,
        callback: None,
        tightening: Vec::new(),
        target_multiple: None,
        r_multiple: None,
        priority: 0,
    }
}

fn full() -> ExitPlan {
    let mut trail = leg(LegKind::Trail, Some(Ratio::basis_points(75)));
    trail.trigger_price = Some(price("95712.50"));
    trail.callback = Some(Ratio::basis_points(150));
    trail.target_multiple = Some(Ratio::basis_points(20_000));
    trail.r_multiple = Some(dec("0.300"));
    trail.tightening = vec![Tightening {
        from_r: Ratio::basis_points(30_000),
        callback: Ratio::basis_points(100),
    }];
    let mut plan = plan(0xabc, 5, NOW);
    plan.legs = vec![leg(LegKind::Emergency, None), trail];
    plan.profile = Some("TREND_DEFAULT".into());
    plan.time_stop = Some(Span::from_hours(2));
    plan.steps = vec![PlanStep {
        name: StepName::Heat,
        target: Ratio::basis_points(300),
        stop: Ratio::basis_points(250),
        trail: Ratio::basis_points(200),
        note: "none told".into(),
    }];
    plan
}

#[test]
fn a_plan_is_told_whole_with_its_ages() {
    let mut actor = actor();
    hear(&mut actor, NOW, Heard::Position(open(NOW)));
    hear(&mut actor, later(10), Heard::Plan(full()));
    hear(&mut actor, later(5_010), Heard::Plan(full()));
    let plan = only(&actor, later(7_010));
    assert!(plan.in_force, "{}", plan.not_in_force);
    assert_eq!((plan.age_ms, plan.heard_age_ms), (7_010, 2_000));
    assert_eq!(plan.created_at, "2025-12-10T22:14:55.000Z");
    assert_eq!(plan.expires_at, "2025-12-10T22:15:55.000Z");
    assert_eq!((plan.id.as_str(), plan.epoch), ("0000000000000abc", 5));
    assert_eq!(plan.policy_hash, "0000000000000001");
    assert_eq!(plan.inputs_digest, "0000000000000001");
    assert_eq!(plan.strategy, "STANDARD_LADDER");
    assert_eq!(plan.strategy_id, "RL_V3");
    assert_eq!(plan.profile.as_deref(), Some("TREND_DEFAULT"));
    assert_eq!(plan.time_stop_ms, Some(7_200_000));
    assert_eq!(plan.entry_price.as_deref(), Some("95000"));
    assert_eq!(
        [&plan.target, &plan.stop, &plan.trail],
        ["0.03", "0.025", "0.02"]
    );
    assert_eq!(plan.steps[0].name, "heat");
    assert_eq!(plan.steps[0].note, "none told");
    assert_eq!(plan.legs[0].kind, "EMERGENCY");
    assert_eq!(plan.legs[0].offset, None);
    let trail = &plan.legs[1];
    assert_eq!(trail.offset.as_deref(), Some("0.0075"));
    assert_eq!(trail.trigger_price.as_deref(), Some("95712.5"));
    assert_eq!(trail.callback.as_deref(), Some("0.015"));
    assert_eq!(trail.r_multiple.as_deref(), Some("0.3"));
    assert_eq!(trail.target_multiple.as_deref(), Some("2"));
    assert_eq!(trail.tightening[0].callback, "0.01");
}

#[test]
fn a_plan_that_nobody_goes_by_says_why() {
    let mut actor = actor();
    hear(&mut actor, NOW, Heard::Plan(plan(1, 4, NOW)));
    let plan_now = only(&actor, NOW);
    assert_eq!(
        plan_now.not_in_force,
        "no such position is known to be open"
    );
    hear(&mut actor, NOW, Heard::Position(open(NOW)));
    let plan_now = only(&actor, NOW);
    assert_eq!(
        plan_now.not_in_force,
        "it is of another life of the position"
    );
    assert_eq!(plan_now.entry_price, None);
    hear(&mut actor, later(1), Heard::Plan(plan(2, 5, later(1))));
    assert!(only(&actor, later(60_000)).in_force);
    assert_eq!(only(&actor, later(60_001)).not_in_force, "it has expired");
}

#[test]
fn plans_are_told_by_contract_and_side() {
    let mut actor = actor();
    for (symbol, side) in [
        ("BTCUSDT", Side::Long),
        ("BTCUSDT", Side::Short),
        ("ETHUSDT", Side::Long),
    ] {
        let mut plan = plan(1, 5, NOW);
        plan.key.symbol = Symbol::new(symbol).unwrap();
        plan.key.side = side;
        hear(&mut actor, NOW, Heard::Plan(plan));
    }
    let count = |symbol, side| told(&actor, NOW, symbol, side).len();
    assert_eq!(count("", ""), 3);
    assert_eq!(count("BTCUSDT", ""), 2);
    assert_eq!(count("BTCUSDT", "SHORT"), 1);
    assert_eq!(count("", "LONG"), 2);
    assert_eq!(count("ETHUSDT", "SHORT"), 0);
}

#[test]
fn a_proven_flat_position_ends_its_plan_but_not_that_of_the_next_life() {
    let mut actor = actor();
    hear(&mut actor, NOW, Heard::Plan(plan(1, 5, NOW)));
    let flat = |proven: bool, at: Timestamp| {
        let mut flat = snapshot(position("BTCUSDT", "0", NOW), Vec::new(), at);
        flat.flat_proven = proven;
        Heard::Position(flat)
    };
    hear(&mut actor, later(1), flat(false, later(1)));
    assert_eq!(told(&actor, later(1), "", "").len(), 1);
    hear(&mut actor, later(2), Heard::Plan(plan(2, 6, later(2))));
    hear(&mut actor, later(2), flat(true, later(1)));
    assert_eq!(only(&actor, later(2)).epoch, 6);
    hear(&mut actor, later(3), flat(true, later(3)));
    assert!(told(&actor, later(3), "", "").is_empty());
}

#[test]
fn memory_of_plans_is_bounded_and_the_oldest_goes_first() {
    let mut actor = actor();
    for number in 0..=POSITIONS_MAX {
        let mut plan = plan(1, 5, later(i64::try_from(number).unwrap()));
        plan.key.symbol = Symbol::new(&format!("C{number}USDT")).unwrap();
        plan.epoch = Epoch(number as u64);
        hear(&mut actor, NOW, Heard::Plan(plan));
    }
    assert_eq!(told(&actor, NOW, "", "").len(), POSITIONS_MAX);
    assert!(told(&actor, NOW, "C0USDT", "").is_empty());
}
