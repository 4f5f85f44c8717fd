//! Parts and targets: which legs close how much, how often, and what a newer plan changes.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::case::{Case, SIDES};
use desk::{Desk, rules};
use domain::decision::{Action, Rule, TARGETS_MAX};
use domain::instrument::PercentPrice;
use domain::ladder::{self, Step};
use domain::market::Regime;
use domain::plan::{ExitLeg, ExitPlan, LegKind};
use domain::policy::{LadderStep, Policy, ProfileMode, StepClose, TrailActivation};
use domain::{Position, Price, PricePct, Qty, Side};

/// A plan of closing legs with those kinds and sizes, a percent apart.
fn plan_of(position: &Position, legs: &[(StepClose, &str)]) -> ExitPlan {
    let mut policy = Policy::default();
    let step = |(close, size): &(StepClose, &str)| LadderStep {
        target_multiple: ratio("1"),
        size: ratio(size),
        close: *close,
    };
    policy.ladder.steps = legs.iter().map(step).collect();
    let mut plan = desk::plans::plan(position, &policy, Regime::Normal);
    let closing = |leg: &&mut ExitLeg| leg.kind != LegKind::Stop;
    let closing_legs = plan.legs.iter_mut().filter(closing);
    for ((leg, percent), (_, size)) in closing_legs.zip(1_i64..).zip(legs) {
        leg.size = ratio(size);
        let offset = ratio("0.01").get() * rust_decimal::Decimal::from(percent);
        let offset = domain::Ratio::new(offset * position.key.side.sign());
        leg.trigger_price = position.entry_price.offset(offset);
    }
    plan
}

fn steps(size: &str, closed: &str, legs: &[(StepClose, &str)]) -> (Vec<Step>, Position) {
    let mut position = position("BTCUSDT", Side::Long, size, "50000");
    let plan = plan_of(&position, legs);
    position.qty = position.qty.saturating_sub(qty(closed));
    let instrument = instrument("BTCUSDT", "0.1", "0.001");
    (ladder::steps(&plan, &position, &instrument), position)
}

fn hits(size: &str, closed: &str, legs: &[(StepClose, &str)]) -> usize {
    let (steps, position) = steps(size, closed, legs);
    ladder::hits(&steps, &position, &instrument("BTCUSDT", "0.1", "0.001"))
}

fn shares(steps: &[Step]) -> Vec<(u8, String, String)> {
    let text = |ratio: domain::Ratio| ratio.get().round_dp(3).normalize().to_string();
    let share = |step: &Step| {
        let target = step.target;
        (target.leg, text(target.from), text(target.size))
    };
    steps.iter().map(share).collect()
}

fn share(leg: u8, from: &str, size: &str) -> (u8, String, String) {
    (leg, from.into(), size.into())
}

use StepClose::{Limit, Market, Trail};

#[test]
fn shares_of_more_than_the_whole_are_scaled_to_it() {
    let legs = [(Limit, "0.4"), (Limit, "0.4"), (Limit, "0.4")];
    let (steps, position) = steps("1", "0", &legs);
    let shares = shares(&steps);
    let third = |leg, from| share(leg, from, "0.333");
    assert_eq!(
        shares,
        [third(1, "0"), third(2, "0.333"), third(3, "0.667")]
    );
    let targets: Vec<_> = steps.iter().map(|step| step.target).collect();
    let instrument = instrument("BTCUSDT", "0.1", "0.001");
    let open = ladder::open_quantities(&targets, &position, position.qty, &instrument);
    let sum = open.iter().fold(Qty::ZERO, |sum, (_, qty)| sum.plus(*qty));
    assert_eq!(sum, position.qty, "and together they close all of it");
}

#[test]
fn no_more_than_four_targets_rest() {
    let (steps, _) = steps("1", "0", &[(Limit, "0.1"); 6]);
    assert_eq!(steps.len(), TARGETS_MAX);
    let mut mixed = [(Limit, "0.1"); 6];
    mixed[5].0 = Market;
    let (steps, _) = self::steps("1", "0", &mixed);
    assert_eq!(
        steps.iter().filter(|step| step.rests()).count(),
        TARGETS_MAX
    );
    assert_eq!(steps[4].kind, LegKind::Partial);
}

#[test]
fn a_leg_too_small_is_merged_into_the_next_whatever_its_kind() {
    for next in [Limit, Market] {
        for first in [Limit, Market] {
            let (steps, _) = steps(
                "0.01",
                "0",
                &[(first, "0.05"), (next, "0.25"), (Trail, "0.7")],
            );
            assert_eq!(shares(&steps), [share(2, "0", "0.3")], "{first:?} {next:?}");
        }
    }
    let (none, _) = steps("0.01", "0", &[(Limit, "0.05"), (Trail, "0.95")]);
    assert_eq!(none, [], "what has no next leg is left to the stop");
}

#[test]
fn a_leg_below_the_smallest_notional_is_too_small() {
    let position = position("BTCUSDT", Side::Long, "0.004", "50000");
    let legs = [(Limit, "0.25"), (Limit, "0.25"), (Trail, "0.5")];
    let plan = plan_of(&position, &legs);
    let mut instrument = instrument("BTCUSDT", "0.1", "0.001");
    for (least, expected) in [("50", 2), ("100", 1)] {
        instrument.min_notional = domain::Money::new(dec(least));
        let steps = ladder::steps(&plan, &position, &instrument);
        assert_eq!(steps.len(), expected, "{least}");
    }
}

#[test]
fn targets_are_counted_by_what_is_closed_of_either_kind() {
    for kinds in [
        [Limit, Limit],
        [Market, Market],
        [Limit, Market],
        [Market, Limit],
    ] {
        let legs = [(kinds[0], "0.25"), (kinds[1], "0.25"), (Trail, "0.5")];
        for (closed, expected) in [
            ("0", 0),
            ("0.024", 0),
            ("0.025", 1),
            ("0.049", 1),
            ("0.05", 2),
            ("0.1", 2),
        ] {
            assert_eq!(hits("0.1", closed, &legs), expected, "{kinds:?} {closed}");
        }
    }
}

#[test]
fn a_merged_leg_counts_once_and_only_when_all_of_it_is_closed() {
    let legs = [(Limit, "0.05"), (Market, "0.25"), (Limit, "0.3")];
    for (closed, expected) in [("0.001", 0), ("0.002", 0), ("0.003", 1), ("0.006", 2)] {
        assert_eq!(hits("0.01", closed, &legs), expected, "{closed}");
    }
}

#[test]
fn a_lot_of_another_size_for_market_orders_leaves_no_leg_undone() {
    let mut instrument = instrument("BTCUSDT", "0.1", "0.001");
    instrument.market_lot.step = dec("0.01");
    let mut position = position("BTCUSDT", Side::Long, "0.1", "50000");
    let plan = plan_of(&position, &[(Market, "0.25"), (Trail, "0.75")]);
    let steps = ladder::steps(&plan, &position, &instrument);
    let keep = ladder::keep_after(&steps[0].target, &position, &instrument);
    assert_eq!(keep, qty("0.075"));
    position.qty = qty("0.08");
    assert_eq!(ladder::hits(&steps, &position, &instrument), 1, "floored");
}

#[test]
fn what_is_to_remain_is_the_same_whatever_has_filled_already() {
    let legs = [(Limit, "0.25"), (Market, "0.25"), (Market, "0.4")];
    for (closed, last, keep) in [
        ("0", 1, "0.05"),
        ("0", 2, "0.01"),
        ("0.025", 1, "0.05"),
        ("0.04", 1, "0.05"),
        ("0.05", 2, "0.01"),
    ] {
        let (steps, position) = steps("0.1", closed, &legs);
        let instrument = instrument("BTCUSDT", "0.1", "0.001");
        let found = ladder::keep_after(&steps[last].target, &position, &instrument);
        assert_eq!(found, qty(keep), "{closed} closed, {last} crossed");
    }
}

/// 100 500 against a leg of one half at 100 000.
#[test]
fn a_part_is_closed_once_the_mark_has_crossed_its_leg() {
    for side in SIDES {
        for (mark, due) in [("-0.0001", false), ("0", true), ("0.5", true)] {
            let mut case = Case::open(side);
            case.policy.ladder.steps[0].close = Market;
            case.policy.ladder.steps[0].size = ratio("0.5");
            case.policy.ladder.steps[1].size = ratio("0.25");
            case.policy.ladder.activation = TrailActivation::TargetMultiple(ratio("9"));
            let case = case.planned();
            let trigger = case.plan.as_ref().unwrap().target_legs().next().unwrap();
            let trigger = trigger.offset.unwrap().get() * dec("100");
            let case = case.at_price_pct(&(trigger + dec(mark)).to_string());
            let decision = case.decide();
            let part = Action::PartialClose {
                leg: 1,
                fraction: ratio("0.5"),
                keep: qty("0.05"),
            };
            assert_eq!(decision.action == part, due, "{side} {decision:?}");
            assert_eq!(decision.rule == Rule::Partial, due);
            let confidence = decision.confidence;
            assert!(!due || confidence == ratio("0.85"), "{confidence}");
        }
    }
}

/// The venue takes no limit that sells below 0.95 of the mark, or buys above 1.05 of it.
#[test]
fn a_target_that_the_mark_has_left_too_far_behind_is_closed_at_market() {
    for (side, bound) in [(Side::Long, "0.95"), (Side::Short, "1.05")] {
        for (beyond, due) in [("-0.01", false), ("0.01", true)] {
            let mut case = Case::open(side);
            case.instrument.percent_price = PercentPrice::told(dec("1.05"), dec("0.95"));
            case.policy.ladder.activation = TrailActivation::TargetMultiple(ratio("9"));
            let mut case = case.planned();
            let first = case.plan.as_ref().unwrap().target_legs().next().unwrap();
            let too_far = first.trigger_price.unwrap().get() / dec(bound);
            let mark = too_far + dec(beyond) * side.sign();
            case.mark = Some(Price::new(mark).unwrap());
            let decision = case.decide();
            let part = Action::PartialClose {
                leg: 1,
                fraction: first.size,
                keep: qty("0.075"),
            };
            assert_eq!(decision.action == part, due, "{side} {decision:?}");
        }
    }
}

/// 10, then 7.5, then 5; the stop at entry, then at the first target.
#[test]
fn the_flow_of_targets_and_stops() {
    let mut policy = Policy::default();
    policy.base.target = ratio("0.1");
    policy.breakeven.exact_entry = true;
    policy.ladder.activation = TrailActivation::TargetMultiple(ratio("3"));
    policy.trailing.trigger_pct = PricePct::new(dec("100"));
    let mut eth = position("ETHUSDT", Side::Long, "10", "3000");
    eth.leverage = dec("1");
    let mut desk = Desk::with_policy(eth, policy).settle("3000");
    for (mark, open, stop) in [("3150", "7.5", "3000"), ("3300", "5", "3150")] {
        desk.drive(price(mark));
        assert_eq!(desk.snapshot.position.qty, qty(open));
        assert_eq!(desk.resting("sl"), [stop]);
        assert!(desk.is_protected_as_desired());
    }
}

/// A settled desk whose plan is then made anew for another target.
fn replanned(target: &str) -> (Desk, Vec<Rule>) {
    let mut desk = Desk::settled("50000");
    desk.policy.base.target = ratio(target);
    desk.replan();
    let rules = rules(&desk.tick("50000"));
    (desk, rules)
}

#[test]
fn a_newer_plan_moves_only_targets_that_move_by_the_smallest_step() {
    // Targets at 50750 and 51500: at 0.1 %, 50.75 and 51.5 are worth an order.
    for (target, expected) in [
        ("0.03", vec!["50750", "51500"]),
        ("0.03102", vec!["50750", "51500"]),
        // The second moves by 51.5, the first by 25.7.
        ("0.03103", vec!["50750", "51551.5"]),
        ("0.0321", vec!["50802.5", "51605"]),
    ] {
        let (mut desk, rules) = replanned(target);
        let moves = expected != ["50750", "51500"];
        let found = if moves { vec![Rule::Targets] } else { vec![] };
        assert_eq!(rules, found, "{target}");
        for _ in 0..3 {
            desk.obey();
            desk.step();
        }
        assert_eq!(desk.resting("tp"), expected, "{target}");
    }
}

#[test]
fn targets_that_are_done_stay_done_under_a_newer_plan() {
    let mut desk = Desk::settled("50000");
    desk.trail_off();
    desk.drive(price("50750"));
    desk.replan_in(Regime::Volatile);
    let rules = rules(&desk.drive(price("50740")));
    assert_eq!(rules, [Rule::Targets]);
    assert_eq!(desk.snapshot.position.qty, qty("0.075"));
    assert_eq!(desk.resting("tp"), ["51800", "53600"]);
    assert_eq!(desk.targets_total(), qty("0.075"));
}

#[test]
fn a_newer_price_for_what_is_done_is_no_reason_to_decide() {
    let mut case = Case::open(Side::Long).planned().at_price_pct("0.1");
    case.position.qty = qty("0.075");
    case.desired.stop = Some(price("50000"));
    let plan = case.plan.as_mut().unwrap();
    let first = plan
        .legs
        .iter_mut()
        .find(|leg| leg.kind == LegKind::TakeProfit);
    first.unwrap().trigger_price = Some(price("50900"));
    assert_eq!(case.rule(), Rule::PlanWorking);
    case.position.qty = qty("0.076");
    assert_eq!(case.rule(), Rule::Targets, "not all of it is done");
}

#[test]
fn a_target_that_the_mark_has_passed_fills_at_once() {
    let mut desk = Desk::settled("50000");
    desk.trail_off();
    desk.drive(price("50740"));
    desk.policy.base.target = ratio("0.02");
    desk.replan();
    desk.drive(price("50740"));
    desk.drive(price("50740"));
    assert_eq!(desk.snapshot.position.qty, qty("0.075"));
}

#[test]
fn a_plan_that_closes_at_market_only_leaves_no_target_resting() {
    let mut desk = Desk::settled("50000");
    assert_eq!(desk.resting("tp").len(), 2);
    desk.policy.profiles.mode = ProfileMode::Dynamic;
    desk.replan();
    assert_eq!(rules(&desk.drive(price("50000"))), [Rule::Targets]);
    assert_eq!(desk.resting("tp"), [] as [&str; 0]);
    assert_eq!(desk.drive(price("50000")), []);
}

#[test]
fn a_plan_that_rests_nothing_is_followed_without_a_decision() {
    let policy = Policy {
        profiles: domain::policy::Profiles {
            mode: ProfileMode::Dynamic,
            ..Default::default()
        },
        ..Policy::default()
    };
    let long = position("BTCUSDT", Side::Long, "0.1", "50000");
    let mut desk = Desk::with_policy(long, policy);
    assert_eq!(rules(&desk.tick("50000")), [Rule::InitialStop]);
    assert!(
        desk.desired.targets_plan.is_some(),
        "what rests is compared"
    );
}

/// A part, by whichever leg, is not undone by adding to the position.
#[test]
fn more_of_the_position_means_more_of_each_share() {
    let mut desk = Desk::with_market_first_leg("50000");
    desk.drive(price("50760"));
    assert_eq!(desk.snapshot.position.qty, qty("0.075"));
    desk.add(qty("0.1"), price("50760"));
    desk.replan();
    desk.drive(price("50760"));
    assert_eq!(
        desk.snapshot.position.qty,
        qty("0.175"),
        "the leg is farther now"
    );
    let leg = desk.plan.as_ref().unwrap().target_legs().next().unwrap();
    let trigger = leg.trigger_price.unwrap();
    desk.drive(trigger.offset(ratio("0.001")).unwrap());
    assert_eq!(desk.snapshot.position.qty, qty("0.15"), "a quarter of 0.2");
}
