//! Every threshold from both sides, and what holds for any input.

use proptest::prelude::*;

use super::*;
use crate::fixture::{dec, open, price};
use crate::levels::{stop_at, target_at};
use domain::Side;

fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

fn with_confidence(text: &str) -> Distances {
    distances(&Inputs {
        confidence: Some(ratio(text)),
        ..Inputs::default()
    })
}

/// Distances are 6 % and 2.5 %: nothing is scaled, no bound is met.
fn plain() -> Inputs {
    Inputs {
        confidence: Some(ratio("0.675")),
        ..Inputs::default()
    }
}

#[test]
fn the_middle_of_the_range_of_confidence_leaves_the_base_distances() {
    let found = distances(&plain());
    let expected = Distances {
        target: ratio("0.06"),
        stop: ratio("0.025"),
        trail: ratio("0.024"),
        partial: false,
    };
    assert_eq!(found, expected);
}

#[test]
fn confidence_scales_the_target_up_and_the_stop_down_between_0_40_and_0_95() {
    for (confidence, target, stop) in [
        // 5 % would be less than 1.5 stops.
        ("0.3999", "0.05625", "0.0375"),
        ("0.4", "0.05625", "0.0375"),
        ("0.4001", "0.056243175", "0.03749545"),
        // 4.1 % would be nearer than the minimum.
        ("0.5", "0.05", "0.03295455"),
        ("0.9499", "0.08998909", "0.0224972725"),
        // 1.25 % would be less than a quarter of the target.
        ("0.95", "0.09", "0.0225"),
        ("0.9501", "0.09", "0.0225"),
        ("7", "0.09", "0.0225"),
        ("-7", "0.05625", "0.0375"),
    ] {
        let found = with_confidence(confidence);
        assert_eq!(found.target, ratio(target), "target at {confidence}");
        assert_eq!(found.stop, ratio(stop), "stop at {confidence}");
    }
}

#[test]
fn an_unknown_confidence_counts_as_three_quarters() {
    assert_eq!(distances(&Inputs::default()), with_confidence("0.75"));
}

#[test]
fn volatility_widens_both_distances_between_0_and_5_25_percent() {
    for (volatility, stop) in [
        ("-0.0001", "0.02"),
        ("0", "0.02"),
        ("0.0001", "0.02003333"),
        ("0.015", "0.025"),
        ("0.0524", "0.03746667"),
        ("0.0525", "0.0375"),
        ("0.0526", "0.0375"),
    ] {
        let found = distances(&Inputs {
            volatility: Some(ratio(volatility)),
            ..plain()
        });
        assert_eq!(found.stop, ratio(stop), "{volatility}");
    }
    // A volatility of 1.5 % has the scale of an unknown one.
    let known = Inputs {
        volatility: Some(ratio("0.015")),
        ..plain()
    };
    assert_eq!(distances(&known), distances(&plain()));
}

#[test]
fn each_risk_factor_has_its_row() {
    for (risk, target, stop) in [
        (RiskFactor::Normal, "0.06", "0.025"),
        (RiskFactor::Optimistic, "0.069", "0.0225"),
        (RiskFactor::Aggressive, "0.078", "0.02125"),
        // 4.2 % would be nearer than the minimum.
        (RiskFactor::Critical, "0.05", "0.0325"),
    ] {
        let found = distances(&Inputs { risk, ..plain() });
        assert_eq!(found.target, ratio(target), "{risk:?}");
        assert_eq!(found.stop, ratio(stop), "{risk:?}");
    }
}

#[test]
fn a_mode_that_the_table_does_not_know_counts_as_normal() {
    for (mode, risk) in [
        (RiskMode::Normal, RiskFactor::Normal),
        (RiskMode::Conservative, RiskFactor::Normal),
        (RiskMode::Critical, RiskFactor::Critical),
        (RiskMode::EssActive, RiskFactor::Normal),
    ] {
        assert_eq!(RiskFactor::from(mode), risk, "{mode}");
    }
}

#[test]
fn a_hint_counts_for_two_fifths_of_the_target() {
    for (hint, target) in [
        ("0", "0.06"),
        ("-0.1", "0.06"),
        // 3.604 % would be nearer than the minimum.
        ("0.0001", "0.05"),
        ("0.04", "0.052"),
        ("0.1", "0.076"),
        ("0.9999", "0.43596"),
        ("1", "0.06"),
        ("40", "0.06"),
    ] {
        let found = distances(&Inputs {
            target_hint: Some(ratio(hint)),
            ..plain()
        });
        assert_eq!(found.target, ratio(target), "{hint}");
    }
}

#[test]
fn strain_of_the_emergency_system_brings_the_target_nearer() {
    for (ess, live, target) in [
        (None, None, "0.09"),
        (None, Some("0.5"), "0.09"),
        (Some("1.4999"), Some("0.5"), "0.09"),
        (Some("1.5"), Some("0.5"), "0.09"),
        (Some("1.5001"), None, "0.0765"),
        (Some("1.5001"), Some("0.9"), "0.06885"),
        (Some("1.5001"), Some("1.1"), "0.0765"),
        (Some("1.5001"), Some("0"), "0.05"),
    ] {
        let found = distances(&Inputs {
            confidence: Some(ratio("0.95")),
            ess_factor: ess.map(ratio),
            live_factor: live.map(ratio),
            ..Inputs::default()
        });
        assert_eq!(found.target, ratio(target), "{ess:?} {live:?}");
    }
}

#[test]
fn systemic_risk_brings_the_target_nearer_and_gives_the_stop_room() {
    for (systemic, target, stop) in [
        ("0.6999", "0.06", "0.025"),
        ("0.7", "0.06", "0.025"),
        ("0.7001", "0.05", "0.03"),
    ] {
        let found = distances(&Inputs {
            systemic_risk: Some(ratio(systemic)),
            ..plain()
        });
        assert_eq!(found.target, ratio(target), "{systemic}");
        assert_eq!(found.stop, ratio(stop), "{systemic}");
    }
}

#[test]
fn the_reward_stays_between_one_and_a_half_and_four_stops() {
    for (target, stop, expected) in [
        ("0.0599", "0.04", ("0.06", "0.04")),
        ("0.06", "0.04", ("0.06", "0.04")),
        ("0.0601", "0.04", ("0.0601", "0.04")),
        ("0.0799", "0.02", ("0.0799", "0.02")),
        ("0.08", "0.02", ("0.08", "0.02")),
        ("0.0804", "0.02", ("0.0804", "0.0201")),
    ] {
        let found = balanced(ratio(target), ratio(stop));
        let expected = (ratio(expected.0), ratio(expected.1));
        assert_eq!(found, expected, "{target} {stop}");
    }
}

#[test]
fn a_confident_signal_closes_only_a_part_at_the_target() {
    for (confidence, partial) in [("0.7999", false), ("0.8", true), ("0.8001", true)] {
        assert_eq!(with_confidence(confidence).partial, partial, "{confidence}");
    }
}

#[test]
fn an_old_profit_keeps_a_third_and_an_old_standstill_comes_nearer() {
    let half_hour = 30 * 60;
    let hour = 60 * 60;
    let kept = ("0.06", "0.00603");
    let nearer = ("0.048", "0.02");
    let same = ("0.06", "0.025");
    for (pnl, age, expected) in [
        ("2.01", half_hour, same),
        ("2.01", half_hour + 1, kept),
        ("2", half_hour + 1, same),
        ("1.99", half_hour + 1, same),
        ("-5", half_hour + 1, same),
        // 30 % of the profit is more than the stop's own distance.
        ("9", hour + 1, same),
        ("0.49", hour, same),
        ("0.49", hour + 1, nearer),
        ("-0.49", hour + 1, nearer),
        ("0.5", hour + 1, same),
        ("-0.5", hour + 1, same),
    ] {
        let age = Span::from_secs(age);
        let found = aged(distances(&plain()), PricePct::new(dec(pnl)), age);
        assert_eq!(found.target, ratio(expected.0), "{pnl} {age:?}");
        assert_eq!(found.stop, ratio(expected.1), "{pnl} {age:?}");
        assert_eq!(found.trail, ratio("0.024"), "{pnl} {age:?}");
    }
}

#[test]
fn both_sides_get_their_levels_from_the_same_distances() {
    let instrument = open(Side::Long).instrument;
    let found = with_confidence("0.8");
    for (side, stop, target) in [
        (Side::Long, "980.7", "1073.6"),
        (Side::Short, "1019.3", "926.4"),
    ] {
        let entry = price("1000");
        let stop_price = stop_at(side, entry, found.stop, &instrument);
        let target_price = target_at(side, entry, found.target, &instrument);
        assert_eq!(stop_price, Some(price(stop)), "{side}");
        assert_eq!(target_price, Some(price(target)), "{side}");
    }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let parts = (
        any::<u32>(),
        any::<u32>(),
        any::<u32>(),
        any::<bool>(),
        0_u32..=28,
    );
    let extreme = prop_oneof![Just(Decimal::MAX), Just(Decimal::MIN), Just(Decimal::ZERO)];
    let small = (-20_000_i64..20_000, 3_u32..=4).prop_map(|(n, scale)| Decimal::new(n, scale));
    prop_oneof![
        8 => small,
        4 => parts.prop_map(|(lo, mid, hi, negative, scale)| {
            Decimal::from_parts(lo, mid, hi, negative, scale)
        }),
        1 => extreme,
    ]
}

fn any_ratio() -> impl Strategy<Value = Option<Ratio>> {
    proptest::option::of(any_decimal().prop_map(Ratio::new))
}

fn any_inputs() -> impl Strategy<Value = Inputs> {
    let risk = prop_oneof![
        Just(RiskFactor::Normal),
        Just(RiskFactor::Optimistic),
        Just(RiskFactor::Aggressive),
        Just(RiskFactor::Critical),
    ];
    let numbers = (
        any_ratio(),
        any_ratio(),
        any_ratio(),
        any_ratio(),
        any_ratio(),
        any_ratio(),
    );
    (risk, numbers).prop_map(
        |(risk, (confidence, volatility, hint, ess, live, systemic))| Inputs {
            confidence,
            volatility,
            risk,
            target_hint: hint,
            ess_factor: ess,
            live_factor: live,
            systemic_risk: systemic,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn minimums_and_reward_hold_for_any_input(inputs in any_inputs()) {
        let found = distances(&inputs);
        prop_assert!(found.target >= TARGET_MIN);
        prop_assert!(found.stop >= STOP_MIN);
        prop_assert!(found.target < Ratio::ONE && found.stop < Ratio::ONE);
        prop_assert!(found.target >= found.stop.times(REWARD_MIN));
        prop_assert!(found.target <= found.stop.times(REWARD_MAX));
    }

    #[test]
    fn age_only_brings_the_levels_nearer(
        inputs in any_inputs(),
        pnl in any_decimal(),
        age in any::<i64>(),
    ) {
        let young = distances(&inputs);
        let old = aged(young, PricePct::new(pnl), Span::from_micros(age));
        prop_assert!(old.target <= young.target && old.stop <= young.stop);
        prop_assert!(old.target > Ratio::ZERO && old.stop > Ratio::ZERO);
    }
}
