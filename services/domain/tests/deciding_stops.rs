//! Where the stop goes: each rule on both sides of its threshold, for long and short.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::case::{Case, SIDES};
use domain::decision::Rule;
use domain::market::Regime;
use domain::policy::{ProfileMode, StepClose, Tightening, TrailActivation};
use domain::{Money, PricePct, Side};

#[test]
fn breakeven_is_above_one_and_a_half_percent_of_price() {
    for side in SIDES {
        for (pnl, moves) in [("1.4999", false), ("1.5", false), ("1.5001", true)] {
            let mut case = Case::still(side).planned();
            case.policy.breakeven = domain::policy::Breakeven::default();
            let case = case.at_price_pct(pnl);
            let expected = (Rule::Breakeven, case.beyond("0.1"));
            assert_eq!(case.stop(), moves.then_some(expected), "{side} at {pnl}");
        }
    }
}

/// 95000 and 1.9 %: exactly the entry in the test mode, entry and costs otherwise.
#[test]
fn breakeven_covers_both_fees_unless_the_exact_entry_is_asked_for() {
    for (exact_entry, buffer, expected) in [
        (true, "0.001", "95000"),
        (false, "0", "95095"),
        (false, "0.0005", "95142.5"),
    ] {
        let mut case = Case::still(Side::Long);
        case.position.entry_price = price("95000");
        case.desired.stop = Some(price("93000"));
        case.policy.breakeven = domain::policy::Breakeven {
            exact_entry,
            buffer: ratio(buffer),
            ..Default::default()
        };
        let case = case.at_price_pct("1.9");
        assert_eq!(case.stop(), Some((Rule::Breakeven, price(expected))));
    }
}

#[test]
fn profit_is_locked_above_ten_percent_of_margin_with_and_without_a_plan() {
    for side in SIDES {
        for planned in [true, false] {
            for (pnl, moves) in [("9.9999", false), ("10", false), ("10.0001", true)] {
                let mut case = Case::still(side);
                case.position.leverage = dec("5");
                let case = if planned { case.planned() } else { case };
                let case = case.at_margin_pct(pnl);
                let expected = (Rule::ProfitLock, case.beyond("0.2"));
                assert_eq!(case.stop(), moves.then_some(expected), "{side} at {pnl}");
            }
        }
    }
}

#[test]
fn the_lock_is_never_nearer_than_breakeven() {
    let mut case = Case::still(Side::Long).at_margin_pct("11");
    case.policy.breakeven.buffer = ratio("0.002");
    assert_eq!(case.stop(), Some((Rule::ProfitLock, price("50150"))));
}

#[test]
fn without_a_trailing_leg_it_trails_above_three_percent_of_price() {
    for side in SIDES {
        for (pnl, moves) in [("2.9999", false), ("3", false), ("3.0001", true)] {
            let mut case = Case::still(side).planned();
            case.policy.trailing.trigger_pct = PricePct::new(dec("3"));
            let case = case.at_price_pct(pnl);
            let rule = case.stop().map(|found| found.0);
            assert_eq!(rule, moves.then_some(Rule::Trailing), "{side} at {pnl}");
        }
        let mut case = Case::still(side).at_price_pct("4");
        case.policy.trailing.trigger_pct = PricePct::new(dec("3"));
        let behind = match side {
            Side::Long => "51220",
            Side::Short => "48720",
        };
        assert_eq!(case.stop(), Some((Rule::Trailing, price(behind))));
    }
}

#[test]
fn a_trailing_leg_trails_from_its_activation_on() {
    for side in SIDES {
        // Half of the first target: 0.75 %.
        for (pnl, moves) in [("0.7499", false), ("0.75", true), ("0.7501", true)] {
            let mut case = Case::open(side).planned();
            case.policy.breakeven.trigger_pct = PricePct::new(dec("100"));
            let case = case.at_price_pct(pnl);
            let rule = case.stop().map(|found| found.0);
            assert_eq!(rule, moves.then_some(Rule::Trailing), "{side} at {pnl}");
        }
    }
}

/// The profit in R is that of the plan's own stop distance.
#[test]
fn the_trailing_distance_follows_the_curve() {
    let curve = [("2", "0.015"), ("4", "0.01"), ("6", "0.005")];
    let curve = curve.map(|(from_r, callback)| Tightening {
        from_r: ratio(from_r),
        callback: ratio(callback),
    });
    for side in SIDES {
        let mut case = Case::still(side);
        case.regime = Regime::Trending;
        case.policy.ladder.activation = TrailActivation::OfFirstTarget(ratio("0.1"));
        let mut case = case.planned();
        let plan = case.plan.as_mut().unwrap();
        assert_eq!(plan.stop, ratio("0.02"));
        let trail = plan.legs.iter_mut().find(|leg| leg.callback.is_some());
        let trail = trail.unwrap();
        (trail.callback, trail.tightening) = (Some(ratio("0.02")), curve.to_vec());
        for (earned_r, callback) in [
            ("1.5", "0.02"),
            ("1.9999", "0.02"),
            ("2", "0.015"),
            ("3.5", "0.015"),
            ("4.5", "0.01"),
            ("10", "0.005"),
        ] {
            let profit = dec(earned_r) * dec("2");
            let case = case.clone().at_price_pct(&profit.to_string());
            let mut case = case;
            case.policy.profit_lock.trigger_margin_pct = domain::MarginPct::new(dec("100"));
            let mark = case.mark.unwrap();
            let away = ratio(&(dec(callback) * -side.sign()).to_string());
            let expected = case.instrument.round_stop(side, mark.offset(away).unwrap());
            let expected = expected.map(|price| (Rule::Trailing, price));
            assert_eq!(case.stop(), expected, "{side} at {earned_r} R");
        }
    }
}

#[test]
fn it_trails_only_in_steps_worth_an_order() {
    for side in SIDES {
        let mut case = Case::still(side);
        case.policy.trailing.trigger_pct = PricePct::new(dec("3"));
        case.instrument.tick_size = dec("0.0001");
        let case = case.at_price_pct("5");
        let (_, trailed) = case.stop().unwrap();
        // From where it would be an improvement of just under, and of just over, 0.1 %.
        for (share, moves) in [("0.00099", false), ("0.00101", true)] {
            let mut case = case.clone();
            let away = ratio(&(dec(share) * -side.sign()).to_string());
            case.desired.stop = trailed.offset(away);
            assert_eq!(case.stop().is_some(), moves, "{side} by {share}");
        }
    }
}

/// Targets at 2 % and 4 %: after the first the entry, after the second the first target's price.
#[test]
fn the_ratchet_follows_the_targets() {
    for (side, before, levels) in [
        (Side::Long, "49000", ["50000", "51000"]),
        (Side::Short, "51000", ["50000", "49000"]),
    ] {
        for close in [StepClose::Limit, StepClose::Market] {
            let mut case = Case::still(side);
            case.regime = Regime::Normal;
            case.policy.base.target = ratio("0.04");
            for step in &mut case.policy.ladder.steps[..2] {
                step.close = close;
            }
            case.policy.breakeven.exact_entry = true;
            case.desired.stop = Some(price(before));
            let mut case = case.planned();
            for (open, pnl, level) in [("0.075", "2.1", levels[0]), ("0.05", "4.1", levels[1])] {
                case = case.at_price_pct(pnl);
                case.desired.keep = Some(qty(open));
                case.position.qty = qty(open);
                let plan = case.plan.clone().unwrap();
                case.watch_targets(&plan);
                let decision = case.decide();
                let expected = Some((Rule::Ratchet, price(level)));
                assert_eq!(case.stop(), expected, "{side} {close:?} {decision:?}");
                case.desired.apply(&decision.action, side, None);
            }
            case.policy.stops.ratchet = false;
            case.desired.stop = Some(price(before));
            assert_eq!(case.stop(), None, "switched off");
        }
    }
}

/// After a plan with other targets the price of the one that was hit still counts.
#[test]
fn the_ratchet_remembers_where_the_first_target_was_hit() {
    let mut case = Case::still(Side::Long);
    case.regime = Regime::Normal;
    let mut case = case.planned().at_price_pct("3.1");
    case.position.qty = qty("0.075");
    let plan = case.plan.clone().unwrap();
    case.watch_targets(&plan);
    case.policy.base.target = ratio("0.04");
    let before = case.desired.clone();
    let mut case = case.planned();
    case.desired.first_hit = before.first_hit;
    case.position.qty = qty("0.05");
    assert_eq!(case.stop(), Some((Rule::Ratchet, price("50750"))));
}

/// The target that was hit is the one that rested, not the one that a newer plan would have.
#[test]
fn what_was_hit_is_what_rested_and_counts_anew_once_more_is_opened() {
    let mut case = Case::still(Side::Long);
    case.regime = Regime::Normal;
    let mut case = case.planned();
    let mut plan = case.plan.clone().unwrap();
    for leg in &mut plan.legs {
        leg.trigger_price = leg.trigger_price.and_then(|it| it.offset(ratio("0.0005")));
    }
    case.position.qty = qty("0.075");
    let watch = |case: &mut Case, plan| {
        case.watch_targets(plan);
        case.desired.first_hit
    };
    assert_eq!(watch(&mut case, &plan), Some(price("50750")));
    case.desired.targets.clear();
    assert_eq!(watch(&mut case, &plan), Some(price("50750")), "noted once");
    case.desired.enlarged();
    assert_eq!(watch(&mut case, &plan), Some(price("50775.3")));
}

/// Its only target closed, the challenge's stop covers the costs, whatever the profit.
#[test]
fn the_challenge_goes_to_breakeven_and_costs_with_its_target_and_then_trails() {
    for side in SIDES {
        let mut case = Case::open(side);
        case.position.leverage = dec("2");
        case.policy.profiles.mode = ProfileMode::Challenge100;
        // 1R is 30 of a notional of 5000: 0.6 %.
        case.policy.profiles.challenge.equity_default = Money::new(dec("2000"));
        case.desired.stop = Some(case.level("-0.9"));
        let mut case = case.planned().at_price_pct("0.7");
        case.desired.keep = Some(qty("0.07"));
        assert_eq!(case.stop(), None, "not yet closed");
        case.position.qty = qty("0.07");
        let entry_and_costs = case.beyond("0.1");
        assert_eq!(case.stop(), Some((Rule::Breakeven, entry_and_costs)));
        case.desired.stop = Some(entry_and_costs);
        assert_eq!(case.stop(), None, "two average true ranges are 2 %");
        let case = case.at_price_pct("2.5");
        assert_eq!(case.stop().map(|found| found.0), Some(Rule::Trailing));
    }
}

#[test]
fn a_tighter_plan_moves_the_stop_and_a_looser_one_never_does() {
    for side in SIDES {
        for (regime, expected) in [
            (Regime::Volatile, None),
            (Regime::Normal, None),
            (Regime::RangeBound, Some("-2")),
            (Regime::Trending, Some("-2")),
        ] {
            let mut case = Case::still(side);
            case.regime = regime;
            case.desired.stop = Some(case.level("-2.5"));
            let case = case.planned().at_price_pct("0.1");
            let expected = expected.map(|it| (Rule::TighterPlan, case.beyond(it)));
            assert_eq!(case.stop(), expected, "{side} in {regime}");
        }
    }
}

#[test]
fn a_plan_tighter_by_less_than_the_smallest_step_moves_nothing() {
    for (stop, moves) in [("48701.3", false), ("48701.2", true)] {
        let mut case = Case::still(Side::Long);
        case.regime = Regime::Normal;
        case.desired.stop = Some(price(stop));
        let case = case.planned().at_price_pct("0.1");
        assert_eq!(case.stop().is_some(), moves, "{stop} to 48750");
    }
}

#[test]
fn a_stop_that_the_mark_has_passed_is_not_wished_for() {
    let mut case = Case::still(Side::Long);
    case.regime = Regime::Normal;
    case.desired.stop = Some(price("48000"));
    let case = case.planned();
    for (mark, moves) in [("48750", false), ("48750.1", true)] {
        let mut case = case.clone();
        case.mark = Some(price(mark));
        assert_eq!(case.stop().is_some(), moves, "{mark}");
    }
}
