//! The floor under targets: what a round trip costs.

use domain::plan::StepName;
use domain::signal::RiskMode;

use super::case::Case;
use crate::common::*;

/// A market with a spread of 0.4 % in which longs pay 0.3 %.
fn costly(case: Case) -> Case {
    case.risk(RiskMode::Critical).with(|case| {
        case.context.spread = Some(ratio("0.004"));
        case.context.funding_rate = Some(ratio("0.003"));
    })
}

#[test]
fn a_target_nearer_than_the_round_trip_is_raised_and_the_trail_follows_it() {
    let case = costly(Case::long());
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ -0.0125",
            "TP 0.25 @ 0.008",
            "TP 0.25 @ 0.015",
            "TRAIL 0.5 @ 0.004 by 0.015"
        ]
    );
    assert_eq!(
        case.step(StepName::Costs).note,
        "floor 0.8% = fees 0.1% + spread 0.4% + funding 0.3%: raised leg 1 from 0.75%"
    );
    let plan = case.plan();
    let raised = plan.target_legs().next().unwrap();
    assert_eq!(raised.r_multiple, Some(dec("0.64")), "true where it lies");
    assert_eq!(raised.target_multiple, Some(ratio("0.5")), "what it is for");
}

#[test]
fn a_side_that_receives_funding_pays_none() {
    let floor = |case: Case, rate: &str| {
        let case = costly(case).with(|case| case.context.funding_rate = Some(ratio(rate)));
        case.step(StepName::Costs).note
    };
    for (rate, long, short) in [
        ("0.003", "floor 0.8% ", "floor 0.5% "),
        ("-0.003", "floor 0.5% ", "floor 0.8% "),
    ] {
        assert!(floor(Case::long(), rate).starts_with(long));
        assert!(floor(Case::short(), rate).starts_with(short));
    }
    assert_eq!(
        costly(Case::short()).legs()[1],
        "TP 0.25 @ 0.0075",
        "a short's target is far enough"
    );
}

#[test]
fn funding_is_paid_as_often_as_the_policy_assumes() {
    let case = costly(Case::long()).policy(|policy| policy.costs.fundings = 3);
    assert_eq!(
        case.legs()[1..3],
        ["TP 0.25 @ 0.014", "TP 0.25 @ 0.015"],
        "0.1 % + 0.4 % + 3 x 0.3 %"
    );
}

#[test]
fn legs_keep_their_order_where_all_are_raised() {
    let case = costly(Case::long()).with(|case| case.context.spread = Some(ratio("0.05")));
    assert_eq!(
        case.legs()[1..],
        [
            "TP 0.25 @ 0.054",
            "TP 0.25 @ 0.054",
            "TRAIL 0.5 @ 0.027 by 0.015"
        ]
    );
    let note = case.step(StepName::Costs).note;
    assert!(
        note.ends_with("raised leg 1 from 0.75%, leg 2 from 1.5%"),
        "{note}"
    );
}

#[test]
fn the_floor_ends_at_the_largest_target() {
    let case = costly(Case::short()).with(|case| case.context.spread = Some(ratio("3")));
    assert_eq!(case.legs()[1], "TP 0.25 @ 0.15");
    let note = case.step(StepName::Costs).note;
    assert!(note.starts_with("floor 300.1% = "), "{note}");
    assert!(note.contains(", cut to 15%: raised leg 1 "), "{note}");
}

#[test]
fn switched_off_it_raises_nothing() {
    let case = costly(Case::long()).policy(|policy| policy.costs.enabled = false);
    assert_eq!(case.legs()[1], "TP 0.25 @ 0.0075");
    assert_eq!(case.step(StepName::Costs).note, "off");
}

#[test]
fn an_emergency_has_no_target_to_raise() {
    let case = costly(Case::long()).risk(RiskMode::EssActive);
    assert_eq!(case.step(StepName::Costs).note, "no target");
    assert_eq!(
        case.step(StepName::Legs).note,
        "emergency: everything at market, now"
    );
}
