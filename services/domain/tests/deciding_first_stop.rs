//! The first stop, and the maximum-loss floor that no stop may lie beyond, for long and short.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::case::{Case, SIDES};
use domain::Span;
use domain::decide::PLAN_PATIENCE;
use domain::decision::{Action, Rule};
use domain::market::Regime;

#[test]
fn the_first_stop_is_the_plans_within_the_floor() {
    for side in SIDES {
        for (leverage, regime, expected) in [
            ("1", Regime::Volatile, "-3"),
            ("2", Regime::Normal, "-2.5"),
            ("2", Regime::RangeBound, "-2"),
            ("4", Regime::Normal, "-2.5"),
            ("5", Regime::Normal, "-2"),
            ("50", Regime::Trending, "-0.2"),
        ] {
            let mut case = Case::still(side);
            case.regime = regime;
            case.position.leverage = dec(leverage);
            case.desired.stop = None;
            let case = case.planned();
            let expected = Some((Rule::InitialStop, case.beyond(expected)));
            assert_eq!(case.stop(), expected, "{side} {leverage}x in {regime}");
        }
    }
}

#[test]
fn a_lock_beyond_the_entry_is_no_first_stop() {
    for side in SIDES {
        let mut case = Case::still(side);
        case.desired.stop = None;
        let mut case = case.planned().at_price_pct("0.1");
        let lock = case.level("0.2");
        let plan = case.plan.as_mut().unwrap();
        plan.legs[0].trigger_price = Some(lock);
        let expected = Some((Rule::InitialStop, case.beyond("-2.5")));
        assert_eq!(case.stop(), expected, "{side}");
    }
}

#[test]
fn without_a_plan_the_first_stop_comes_after_a_moment() {
    for side in SIDES {
        let mut case = Case::still(side);
        case.desired.stop = None;
        case.desired.open_since = Some(NOW);
        case.age = Span::from_micros(PLAN_PATIENCE.micros() - 1);
        assert_eq!(case.decide().action, Action::NoChange);
        case.age = PLAN_PATIENCE;
        let expected = Some((Rule::InitialStop, case.beyond("-2.5")));
        assert_eq!(case.stop(), expected, "{side}");
    }
}

#[test]
fn a_first_stop_that_is_breached_already_is_an_exit() {
    for side in SIDES {
        for (pnl, rule) in [("-2.4", Rule::InitialStop), ("-2.5", Rule::StopBreached)] {
            let mut case = Case::still(side);
            case.desired.stop = None;
            let case = case.at_price_pct(pnl);
            assert_eq!(case.rule(), rule, "{side} at {pnl}");
        }
    }
}

/// Leverage or entry has changed: what the floor allows is all that a stop may risk.
#[test]
fn the_stop_never_lies_beyond_a_floor_that_has_moved() {
    for side in SIDES {
        let mut case = Case::open(side).at_price_pct("0");
        assert_eq!(case.stop(), None);
        case.position.leverage = dec("10");
        let expected = Some((Rule::RiskFloor, case.beyond("-1")));
        assert_eq!(case.stop(), expected, "{side}, more leverage");
        case.position.leverage = dec("2.5");
        assert_eq!(case.stop(), None, "{side}, less leverage");

        let mut case = Case::open(side).at_price_pct("0");
        let worse = case.level("0.5");
        case.position.entry_price = worse;
        let expected = Some((Rule::RiskFloor, case.beyond("-2")));
        assert_eq!(case.stop(), expected, "{side}, worse entry");
    }
}

#[test]
fn a_floor_that_the_mark_has_passed_is_an_exit() {
    for side in SIDES {
        for (pnl, rule) in [("-0.9", Rule::RiskFloor), ("-1", Rule::StopBreached)] {
            let mut case = Case::open(side).at_price_pct(pnl);
            case.position.leverage = dec("10");
            assert_eq!(case.rule(), rule, "{side} at {pnl}");
        }
    }
}
