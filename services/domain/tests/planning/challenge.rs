//! `CHALLENGE_100`: everything in units of one trade's risk budget (behaviour 4.7).

use domain::market::Regime;
use domain::plan::StepName;
use domain::policy::ProfileMode;
use domain::{Ratio, Span};

use super::case::Case;
use crate::common::*;

/// 5,000 USDT of BTC at leverage 10, 1R of 15 USDT: 0.3 % of the entry price.
fn challenged(atr: &str) -> Case {
    Case::long()
        .leverage("10")
        .equity("1000")
        .with(|case| case.context.atr = Some(ratio(atr)))
        .policy(|policy| policy.profiles.mode = ProfileMode::Challenge100)
}

fn why(case: &Case) -> String {
    let note = case.step(StepName::Legs).note;
    let words = note.split(": ").next().unwrap();
    words.to_string()
}

#[test]
fn one_target_at_one_r_and_the_rest_trails_behind_it() {
    let case = challenged("0.001");
    let plan = case.plan();
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ -0.002",
            "PARTIAL 0.3 @ 0.003",
            "TRAIL 0.7 @ 0.003 by 0.002"
        ]
    );
    assert_eq!(plan.profile.as_deref(), Some("CHALLENGE_100"));
    assert_eq!(plan.time_stop, Some(Span::from_hours(2)));
    assert_eq!(
        (plan.target, plan.stop, plan.trail),
        (ratio("0.003"), ratio("0.002"), ratio("0.002"))
    );
    let target = plan.target_legs().next().unwrap().trigger_price.unwrap();
    assert_eq!(
        case.position.unrealized(target).get(),
        dec("15"),
        "1.5 % of the equity"
    );
    assert_eq!(
        why(&case),
        "CHALLENGE_100, 1R 15 of equity 1000, stop by 2 average true ranges of 0.1%"
    );
}

#[test]
fn the_first_stop_risks_no_more_than_one_and_a_half_r() {
    let case = challenged("0.004");
    assert_eq!(case.legs()[0], "SL 1 @ -0.0045");
    assert_eq!(case.legs()[2], "TRAIL 0.7 @ 0.003 by 0.008");
    assert!(why(&case).ends_with("stop by 1.5R of 0.3%"));
    let stop = case.plan().stop_leg().unwrap().trigger_price.unwrap();
    assert_eq!(case.position.unrealized(stop).get(), dec("-22.5"));
}

#[test]
fn the_first_stop_keeps_one_percent_from_liquidation() {
    let case = challenged("0.015").equity("20000");
    assert_eq!(case.legs()[0], "SL 1 @ -0.03");
    let case = case.leverage("40");
    assert_eq!(case.legs()[0], "SL 1 @ -0.015", "2.5 % less 1 %");
    assert!(why(&case).ends_with("stop by liquidation 2.5% from entry"));
    let no_room = case.leverage("125");
    assert_eq!(no_room.legs()[0], "SL 1 @ -0.002", "as near as can be held");
}

#[test]
fn the_largest_distances_of_the_policy_hold_here_too() {
    let case = challenged("0.04").equity("1000000");
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ -0.05",
            "PARTIAL 0.3 @ 0.15",
            "TRAIL 0.7 @ 0.15 by 0.05"
        ]
    );
    assert!(why(&case).ends_with("stop by the largest stop"));
}

#[test]
fn what_is_not_told_is_assumed_and_said() {
    let untold = challenged("0.001").with(|case| {
        case.equity = None;
        case.context.atr = None;
        case.position.qty = qty("0.002");
        case.position.initial_qty = qty("0.002");
    });
    // 100 USDT of BTC, 1R of 1.5 USDT, average true range 1 %.
    assert_eq!(
        untold.legs(),
        [
            "SL 1 @ -0.02",
            "PARTIAL 0.3 @ 0.015",
            "TRAIL 0.7 @ 0.015 by 0.02"
        ]
    );
    assert!(why(&untold).starts_with("CHALLENGE_100, 1R 1.5 of assumed equity 100,"));
    for equity in ["0", "-20"] {
        assert_eq!(untold.clone().equity(equity).legs(), untold.legs());
    }
    let still = untold.clone().with(|case| {
        case.context.atr = Some(Ratio::ZERO);
    });
    assert_eq!(still.legs(), untold.legs(), "a range of nothing is none");
}

#[test]
fn a_target_that_would_not_pay_its_costs_is_raised_with_the_activation() {
    let case = challenged("0.001").equity("100");
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ -0.00045",
            "PARTIAL 0.3 @ 0.0012",
            "TRAIL 0.7 @ 0.0012 by 0.002"
        ]
    );
    let costs = case.step(StepName::Costs).note;
    assert!(costs.ends_with("raised leg 1 from 0.03%"), "{costs}");
}

#[test]
fn a_closed_part_changes_nothing_about_what_is_risked() {
    let whole = challenged("0.004");
    let part = whole.clone().with(|case| case.position.qty = qty("0.03"));
    assert_eq!(part.legs(), whole.legs());
}

#[test]
fn it_trails_in_every_regime() {
    for regime in [Regime::Volatile, Regime::RangeBound, Regime::Crash] {
        let legs = challenged("0.001").regime(regime).legs();
        assert_eq!(legs, challenged("0.001").legs());
    }
}

#[test]
fn a_locked_profit_keeps_target_trail_and_time_stop() {
    let case = challenged("0.001").mark("50600");
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ 0.002",
            "PARTIAL 0.3 @ 0.003",
            "TRAIL 0.7 @ 0.003 by 0.002"
        ]
    );
    assert_eq!(case.plan().time_stop, Some(Span::from_hours(2)));
}
