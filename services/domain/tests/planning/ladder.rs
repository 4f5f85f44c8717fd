//! The default ladder: the worked examples E1 to E8 with the ruled factors (T01), and its units.

use domain::market::Regime;
use domain::plan::{LegKind, StepName, Strategy};
use domain::policy::{Basis, LadderStep, StepClose, TrailActivation};
use domain::signal::RiskMode;

use super::case::{Case, targets};
use crate::common::*;

#[test]
fn e1_a_normal_long_without_advice() {
    let plan = Case::long().plan();
    assert_eq!(
        Case::long().legs(),
        [
            "SL 1 @ -0.025",
            "TP 0.25 @ 0.015",
            "TP 0.25 @ 0.03",
            "TRAIL 0.5 @ 0.0075 by 0.015"
        ]
    );
    assert_eq!(plan.confidence, ratio("0.75"));
    assert_eq!(plan.strategy_id, "RL_V3");
    assert_eq!((plan.profile, plan.time_stop), (None, None));
}

#[test]
fn e2_trusted_advice_for_a_short() {
    assert_eq!(
        Case::short().advice("0.05", "0.02", "0.85").legs(),
        [
            "SL 1 @ -0.02",
            "TP 0.25 @ 0.025",
            "TP 0.25 @ 0.05",
            "TRAIL 0.5 @ 0.0125 by 0.015"
        ]
    );
}

#[test]
fn e3_of_weak_advice_only_the_tighter_stop_is_kept() {
    assert_eq!(
        Case::short().advice("0.05", "0.02", "0.4").legs(),
        [
            "SL 1 @ -0.02",
            "TP 0.25 @ 0.015",
            "TP 0.25 @ 0.03",
            "TRAIL 0.5 @ 0.0075 by 0.015"
        ]
    );
}

#[test]
fn e4_conservative() {
    assert_eq!(
        Case::long().risk(RiskMode::Conservative).legs(),
        [
            "SL 1 @ -0.0175",
            "TP 0.25 @ 0.0105",
            "TP 0.25 @ 0.021",
            "TRAIL 0.5 @ 0.00525 by 0.015"
        ]
    );
}

#[test]
fn e5_critical() {
    assert_eq!(
        Case::long().risk(RiskMode::Critical).legs(),
        [
            "SL 1 @ -0.0125",
            "TP 0.25 @ 0.0075",
            "TP 0.25 @ 0.015",
            "TRAIL 0.5 @ 0.00375 by 0.015"
        ]
    );
}

#[test]
fn e6_volatile_has_a_third_target_instead_of_a_trail() {
    assert_eq!(
        Case::long().regime(Regime::Volatile).legs(),
        [
            "SL 1 @ -0.03",
            "TP 0.25 @ 0.018",
            "TP 0.25 @ 0.036",
            "TP 0.5 @ 0.072"
        ]
    );
}

#[test]
fn e7_trending() {
    assert_eq!(
        Case::long().regime(Regime::Trending).legs(),
        [
            "SL 1 @ -0.02",
            "TP 0.25 @ 0.0225",
            "TP 0.25 @ 0.045",
            "TRAIL 0.5 @ 0.01125 by 0.015"
        ]
    );
}

#[test]
fn e8_range_bound() {
    assert_eq!(
        Case::long().regime(Regime::RangeBound).legs(),
        [
            "SL 1 @ -0.02",
            "TP 0.25 @ 0.012",
            "TP 0.25 @ 0.024",
            "TP 0.5 @ 0.048"
        ]
    );
}

#[test]
fn s1_the_emergency_stop_system_leaves_one_leg() {
    let plan = Case::long().risk(RiskMode::EssActive).plan();
    assert_eq!(plan.strategy, Strategy::EmergencyExit);
    assert_eq!(super::case::legs(&plan), ["EMERGENCY 1"]);
    assert!(plan.is_emergency() && plan.stop_leg().is_none());
}

#[test]
fn s2_m090_a_locked_profit_keeps_its_targets() {
    let case = Case::long().regime(Regime::Trending).mark("51800");
    assert_eq!(case.plan().strategy, Strategy::ProfitLock);
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ 0.002",
            "TP 0.25 @ 0.0225",
            "TP 0.25 @ 0.045",
            "TRAIL 0.5 @ 0.01125 by 0.015"
        ]
    );
    let costly = case.policy(|policy| policy.costs.taker_fee = ratio("0.0015"));
    assert_eq!(costly.legs()[0], "SL 1 @ 0.003", "breakeven lies farther");
}

#[test]
fn m090_exactly_ten_percent_of_margin_is_not_locked_yet() {
    let at = |mark| Case::long().mark(mark).plan().strategy;
    assert_eq!(at("51000"), Strategy::StandardLadder);
    assert_eq!(at("51000.01"), Strategy::ProfitLock);
}

#[test]
fn s3_critical_is_strictly_tighter_than_normal() {
    let normal = Case::long().plan();
    let critical = Case::long().risk(RiskMode::Critical).plan();
    assert!(targets(&critical)[0] < targets(&normal)[0]);
    assert!(critical.stop < normal.stop);
}

#[test]
fn every_leg_tells_its_multiple_of_the_target_and_its_true_r() {
    let plan = Case::long().plan();
    let told: Vec<_> = plan
        .legs
        .iter()
        .map(|leg| (leg.target_multiple, leg.r_multiple.unwrap().normalize()))
        .collect();
    let multiple = |text| Some(ratio(text));
    assert_eq!(
        told,
        [
            (None, dec("-1")),
            (multiple("0.5"), dec("0.6")),
            (multiple("1"), dec("1.2")),
            (multiple("2"), dec("0.3")),
        ]
    );
}

#[test]
fn t02_a_ladder_of_the_risk_is_in_multiples_of_the_stop() {
    let case = Case::long().policy(|policy| policy.ladder.basis = Basis::Risk);
    assert_eq!(
        case.legs(),
        [
            "SL 1 @ -0.025",
            "TP 0.25 @ 0.0125",
            "TP 0.25 @ 0.025",
            "TRAIL 0.5 @ 0.00625 by 0.015"
        ]
    );
    let plan = case.plan();
    let second = plan.target_legs().nth(1).unwrap();
    assert_eq!(second.r_multiple, Some(dec("1")));
    let multiple = second.target_multiple.unwrap().get().round_dp(4);
    assert_eq!(multiple, dec("0.8333"));
}

#[test]
fn the_trail_begins_where_the_policy_says() {
    let case = Case::long().policy(|policy| {
        policy.ladder.activation = TrailActivation::TargetMultiple(ratio("2"));
    });
    assert_eq!(case.legs()[3], "TRAIL 0.5 @ 0.06 by 0.015");
}

#[test]
fn a_market_step_is_a_partial_and_no_more_than_all_is_closed() {
    let step = |multiple, size, close| LadderStep {
        target_multiple: ratio(multiple),
        size: ratio(size),
        close,
    };
    let case = Case::long().policy(|policy| {
        policy.ladder.steps = vec![
            step("0.5", "0.6", StepClose::Market),
            step("1", "0.6", StepClose::Limit),
            step("2", "0.6", StepClose::Trail),
        ];
    });
    assert_eq!(
        case.legs(),
        ["SL 1 @ -0.025", "PARTIAL 0.6 @ 0.015", "TP 0.4 @ 0.03"]
    );
}

#[test]
fn the_legs_step_says_every_leg() {
    let note = Case::long().step(StepName::Legs).note;
    assert_eq!(
        note,
        "ladder of the target: stop at -2.5%, 25% limit at 1.5%, 25% limit at 3%, \
         50% trails by 1.5% from 0.75% on"
    );
    let plan = Case::long().plan();
    let names: Vec<StepName> = plan.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, StepName::ALL);
    assert_eq!(plan.legs_of(LegKind::Stop).count(), 1);
}

#[test]
fn m068_the_headline_is_the_one_that_operators_look_for() {
    let plan = Case::long()
        .hinted(|hint| hint.trail = Some(ratio("0.02")))
        .plan();
    assert_eq!(
        domain::plan::headline(&plan),
        "[EXIT BRAIN] BTCUSDT: TP=3.00%, SL=2.50%, Trail=2.00%"
    );
}
