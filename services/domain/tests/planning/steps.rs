//! The steps from base distances to final ones, one by one.

use domain::market::Regime;
use domain::plan::{PlanStep, StepName};
use domain::signal::RiskMode;

use super::case::Case;
use crate::common::*;

fn distances(step: &PlanStep) -> [String; 3] {
    [step.target, step.stop, step.trail].map(|ratio| ratio.to_string())
}

fn after(case: &Case, name: StepName) -> [String; 3] {
    distances(&case.step(name))
}

fn note(case: &Case, name: StepName) -> String {
    case.step(name).note
}

#[test]
fn with_nothing_known_no_step_changes_anything_and_each_says_why() {
    let plan = Case::long().plan();
    assert!(
        plan.steps
            .iter()
            .all(|step| distances(step) == ["0.03", "0.025", "0.015"])
    );
    let notes: Vec<&str> = plan.steps.iter().map(|step| step.note.as_str()).collect();
    assert_eq!(
        notes[..10],
        [
            "target 3%, stop 2.5%, trail 1.5%",
            "no hint",
            "off",
            "NORMAL: target x1, stop x1",
            "NORMAL: target x1, stop x1",
            "not measured",
            "no trend",
            "no heat told",
            "within bounds",
            "floor 0.12% = fees 0.1% + assumed spread 0.02% + funding 0%",
        ]
    );
}

#[test]
fn the_gate_of_the_hint_is_half_and_half_is_trusted() {
    for (confidence, target, words) in [
        (
            "0.4",
            "0.03",
            "confidence 0.4 below 0.5: only its stop 2%, which is tighter",
        ),
        (
            "0.4999",
            "0.03",
            "confidence 0.4999 below 0.5: only its stop 2%, which is tighter",
        ),
        ("0.5", "0.05", "confidence 0.5: target 5%, stop 2%"),
        ("0.85", "0.05", "confidence 0.85: target 5%, stop 2%"),
    ] {
        let case = Case::short().advice("0.05", "0.02", confidence);
        assert_eq!(after(&case, StepName::Hint), [target, "0.02", "0.015"]);
        assert_eq!(note(&case, StepName::Hint), words);
    }
}

#[test]
fn a_hint_without_a_confidence_is_trusted() {
    let case = Case::short().hinted(|hint| {
        hint.take_profit = Some(ratio("0.05"));
        hint.trail = Some(ratio("0.02"));
    });
    assert_eq!(after(&case, StepName::Hint), ["0.05", "0.025", "0.02"]);
    assert_eq!(
        note(&case, StepName::Hint),
        "no confidence told: target 5%, trail 2%"
    );
}

#[test]
fn weak_advice_neither_widens_the_stop_nor_sets_the_trail() {
    let case = Case::short()
        .advice("0.05", "0.049", "0.4")
        .hinted(|hint| hint.trail = Some(ratio("0.02")));
    assert_eq!(after(&case, StepName::Hint), ["0.03", "0.025", "0.015"]);
    assert_eq!(
        note(&case, StepName::Hint),
        "confidence 0.4 below 0.5: dropped"
    );
}

#[test]
fn a_distance_of_nothing_or_less_is_no_advice() {
    let case = Case::short().advice("0", "-0.01", "0.9");
    assert_eq!(after(&case, StepName::Hint), ["0.03", "0.025", "0.015"]);
    assert_eq!(
        note(&case, StepName::Hint),
        "confidence 0.9: no distance told"
    );
}

#[test]
fn no_advice_trails_so_near_that_the_first_tick_ends_it_or_so_far_that_it_never_moves() {
    for (asked, trail) in [
        ("0.00099999", "0.001"),
        ("0.001", "0.001"),
        ("0.00100001", "0.00100001"),
        ("0.05", "0.05"),
        ("0.05000001", "0.05"),
        ("1", "0.05"),
    ] {
        let case = Case::long().hinted(|hint| hint.trail = Some(ratio(asked)));
        assert_eq!(case.plan().trail, ratio(trail), "{asked}");
    }
}

#[test]
fn a_confidence_of_exactly_nothing_stays_nothing() {
    let plan = Case::short().advice("0.05", "0.02", "0").plan();
    assert_eq!(plan.confidence, ratio("0"));
}

#[test]
fn m085_where_asked_for_the_target_grows_with_confidence() {
    let scaled = |case: Case| case.policy(|policy| policy.confidence.enabled = true);
    for (told, target) in [("0", "0.015"), ("0.5", "0.03"), ("0.8", "0.039")] {
        let case = Case::long().hinted(|hint| hint.signal_confidence = Some(ratio(told)));
        let case = scaled(case);
        assert_eq!(
            after(&case, StepName::Confidence),
            [target, "0.025", "0.015"]
        );
    }
    let own = scaled(Case::long().hinted(|hint| hint.confidence = Some(ratio("1"))));
    assert_eq!(after(&own, StepName::Confidence)[0], "0.045");
    assert_eq!(
        note(&own, StepName::Confidence),
        "confidence 1: target x1.5"
    );
    let untold = scaled(Case::long());
    assert_eq!(after(&untold, StepName::Confidence)[0], "0.03");
    assert_eq!(note(&untold, StepName::Confidence), "no confidence told");
}

#[test]
fn m086_risk_modes_tighten_both_distances() {
    for (risk, target, stop) in [
        (RiskMode::Normal, "0.03", "0.025"),
        (RiskMode::Conservative, "0.021", "0.0175"),
        (RiskMode::Critical, "0.015", "0.0125"),
        (RiskMode::EssActive, "0.009", "0.0075"),
    ] {
        let case = Case::long().risk(risk);
        assert_eq!(after(&case, StepName::Risk), [target, stop, "0.015"]);
    }
    let case = Case::long().risk(RiskMode::Critical);
    assert_eq!(
        note(&case, StepName::Risk),
        "CRITICAL: target x0.5, stop x0.5"
    );
}

#[test]
fn m087_t01_regimes_have_the_ruled_factors() {
    for (regime, target, stop, words) in [
        (
            Regime::Normal,
            "0.03",
            "0.025",
            "NORMAL: target x1, stop x1",
        ),
        (
            Regime::Volatile,
            "0.036",
            "0.03",
            "VOLATILE: target x1.2, stop x1.2, no trailing",
        ),
        (
            Regime::Trending,
            "0.045",
            "0.02",
            "TRENDING: target x1.5, stop x0.8",
        ),
        (
            Regime::RangeBound,
            "0.024",
            "0.02",
            "RANGE_BOUND: target x0.8, stop x0.8, no trailing",
        ),
        (Regime::Chop, "0.03", "0.025", "CHOP: target x1, stop x1"),
        (Regime::Crash, "0.03", "0.025", "CRASH: target x1, stop x1"),
    ] {
        let case = Case::long().regime(regime);
        assert_eq!(after(&case, StepName::Regime), [target, stop, "0.015"]);
        assert_eq!(note(&case, StepName::Regime), words);
    }
}

#[test]
fn m088_measured_volatility_scales_both_distances() {
    for (volatility, target, stop) in [
        ("0.001", "0.024", "0.02"),
        ("0.015", "0.024", "0.02"),
        ("0.0175", "0.027", "0.0225"),
        ("0.02", "0.03", "0.025"),
        ("0.03", "0.033", "0.0275"),
        ("0.04", "0.036", "0.03"),
        ("0.4", "0.036", "0.03"),
    ] {
        let case = Case::long().volatility(volatility);
        assert_eq!(after(&case, StepName::Volatility), [target, stop, "0.015"]);
    }
    let case = Case::long().volatility("0.03");
    assert_eq!(
        note(&case, StepName::Volatility),
        "3% a day: target x1.1, stop x1.1"
    );
}

#[test]
fn m088_a_regime_that_speaks_for_volatility_is_not_scaled_again() {
    let case = Case::long().regime(Regime::Volatile).volatility("0.05");
    assert_eq!(
        after(&case, StepName::Volatility),
        after(&case, StepName::Regime)
    );
    assert_eq!(
        note(&case, StepName::Volatility),
        "5% a day: VOLATILE speaks for it already"
    );
}

#[test]
fn m089_the_trend_moves_the_target_away_and_the_stop_near() {
    let with = Case::long().trend("0.5");
    assert_eq!(after(&with, StepName::Trend), ["0.033", "0.025", "0.015"]);
    assert_eq!(
        note(&with, StepName::Trend),
        "trend 0.5, with it: target x1.1"
    );
    let against = Case::short().trend("0.5");
    assert_eq!(
        after(&against, StepName::Trend),
        ["0.03", "0.0225", "0.015"]
    );
    assert_eq!(
        note(&against, StepName::Trend),
        "trend 0.5, against it: stop x0.9"
    );
    let falling = Case::short().trend("-1");
    assert_eq!(after(&falling, StepName::Trend)[0], "0.036");
    let beyond = Case::long().trend("-7");
    assert_eq!(after(&beyond, StepName::Trend)[1], "0.02", "at most full");
}

#[test]
fn m092_heat_above_seven_tenths_tightens() {
    for (heat, target, stop) in [
        ("0", "0.03", "0.025"),
        ("0.7", "0.03", "0.025"),
        ("0.76", "0.027", "0.0225"),
        ("0.85", "0.0225", "0.01875"),
        ("1", "0.015", "0.0125"),
        ("1.2", "0.015", "0.0125"),
    ] {
        let case = Case::long().heat(heat);
        assert_eq!(after(&case, StepName::Heat), [target, stop, "0.015"]);
    }
    assert_eq!(
        note(&Case::long().heat("0.85"), StepName::Heat),
        "85% of the risk budget in use: target x0.75, stop x0.75"
    );
}

#[test]
fn the_bounds_hold_to_the_last_decimal() {
    for (asked, target) in [
        ("0.01499999", "0.015"),
        ("0.015", "0.015"),
        ("0.01500001", "0.01500001"),
        ("0.14999999", "0.14999999"),
        ("0.15", "0.15"),
        ("0.15000001", "0.15"),
    ] {
        let plan = Case::long().advice(asked, "0.02", "0.9").plan();
        assert_eq!(plan.target, ratio(target), "{asked}");
    }
    for (asked, stop) in [
        ("0.00999999", "0.01"),
        ("0.01", "0.01"),
        ("0.01000001", "0.01000001"),
        ("0.04999999", "0.04999999"),
        ("0.05", "0.05"),
        ("0.05000001", "0.05"),
    ] {
        let plan = Case::long().advice("0.03", asked, "0.9").plan();
        assert_eq!(plan.stop, ratio(stop), "{asked}");
    }
    let case = Case::long().advice("0.2", "0.001", "0.9");
    assert_eq!(
        note(&case, StepName::Bounds),
        "target 20% to 15%, stop 0.1% to 1%"
    );
}

#[test]
fn a_step_that_is_switched_off_changes_nothing_and_says_so() {
    let told = Case::long()
        .volatility("0.03")
        .trend("0.5")
        .heat("0.9")
        .hinted(|hint| hint.signal_confidence = Some(ratio("0.9")))
        .policy(|policy| policy.confidence.enabled = true);
    type Switch = fn(&mut domain::policy::Policy);
    let switches: [(StepName, Switch); 4] = [
        (StepName::Confidence, |policy| {
            policy.confidence.enabled = false;
        }),
        (StepName::Volatility, |policy| {
            policy.volatility.enabled = false;
        }),
        (StepName::Trend, |policy| policy.trend.enabled = false),
        (StepName::Heat, |policy| policy.heat.enabled = false),
    ];
    for (name, switch) in switches {
        let changes = |case: &Case| {
            let steps = case.plan().steps;
            let at = steps.iter().position(|step| step.name == name).unwrap();
            distances(&steps[at - 1]) != distances(&steps[at])
        };
        assert!(changes(&told), "{name:?} has something to do");
        let off = told.clone().policy(switch);
        assert!(!changes(&off), "{name:?}");
        assert_eq!(note(&off, name), "off");
    }
}
