//! Each band of confidence from both sides, the venue's bounds, and what holds for any input.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::fixture::{dec, open, price};

fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

fn advised(confidence: &str, target: &str, trail: &str) -> Levels {
    levels(&Inputs {
        confidence: Some(ratio(confidence)),
        target: Some(ratio(target)),
        trail: Some(ratio(trail)),
        ..Inputs::default()
    })
}

#[test]
fn without_advice_the_base_holds() {
    let expected = Levels {
        stop: ratio("0.02"),
        target: ratio("0.03"),
        nearer: None,
        callback: ratio("0.015"),
        activation: ratio("0.03"),
    };
    assert_eq!(levels(&Inputs::default()), expected);
    let sure_of_nothing = Inputs {
        confidence: Some(ratio("0.5")),
        ..Inputs::default()
    };
    assert_eq!(levels(&sure_of_nothing), expected);
}

#[test]
fn advice_counts_by_the_band_of_its_confidence() {
    let base = ("0.02", "0.03", None, "0.015");
    let middle = ("0.02", "0.03", None, "0.01");
    let sure = ("0.018", "0.05", Some("0.03"), "0.02");
    for (confidence, expected) in [
        ("-1", base),
        ("0.1999", base),
        ("0.2", middle),
        ("0.2001", middle),
        ("0.7999", middle),
        ("0.8", sure),
        ("0.8001", sure),
        ("9", sure),
    ] {
        let found = advised(confidence, "0.05", "0.02");
        let (stop, target, nearer, callback) = expected;
        assert_eq!(found.stop, ratio(stop), "stop at {confidence}");
        assert_eq!(found.target, ratio(target), "target at {confidence}");
        assert_eq!(found.nearer, nearer.map(ratio), "nearer at {confidence}");
        assert_eq!(found.callback, ratio(callback), "callback at {confidence}");
    }
}

#[test]
fn sure_advice_rests_beside_the_base_only_where_it_is_farther() {
    for (target, parts) in [
        ("0", vec![("0.03", "1")]),
        ("-0.1", vec![("0.03", "1")]),
        ("0.0299", vec![("0.03", "1")]),
        ("0.03", vec![("0.03", "1")]),
        ("0.0301", vec![("0.03", "0.5"), ("0.0301", "0.5")]),
        ("0.4999", vec![("0.03", "0.5"), ("0.4999", "0.5")]),
        ("0.5001", vec![("0.03", "0.5"), ("0.5", "0.5")]),
        ("1", vec![("0.03", "1")]),
    ] {
        let expected: Vec<Part> = parts
            .iter()
            .map(|(distance, size)| Part {
                distance: ratio(distance),
                size: ratio(size),
            })
            .collect();
        assert_eq!(advised("0.9", target, "0.02").parts(), expected, "{target}");
    }
}

#[test]
fn the_callback_keeps_to_what_the_venue_takes_and_the_trail_begins_at_twice_its_distance() {
    for (trail, callback, activation) in [
        // No advice: the base trail.
        ("0", "0.015", "0.03"),
        ("0.0009", "0.001", "0.002"),
        ("0.001", "0.001", "0.002"),
        ("0.0011", "0.0011", "0.0022"),
        ("0.0499", "0.0499", "0.0998"),
        ("0.05", "0.05", "0.1"),
        ("0.0501", "0.05", "0.1002"),
        ("1", "0.015", "0.03"),
    ] {
        let found = advised("0.9", "0.05", trail);
        assert_eq!(found.callback, ratio(callback), "{trail}");
        assert_eq!(found.activation, ratio(activation), "{trail}");
    }
}

#[test]
fn a_stop_is_never_farther_than_a_tenth() {
    for (base, stop) in [("0.0999", "0.0999"), ("0.1", "0.1"), ("0.1001", "0.1")] {
        let found = levels(&Inputs {
            base: Base {
                stop: ratio(base),
                ..Base::default()
            },
            ..Inputs::default()
        });
        assert_eq!(found.stop, ratio(stop), "{base}");
    }
}

#[test]
fn the_stop_rounds_to_the_tighter_side_and_targets_towards_entry() {
    let instrument = open(Side::Long).instrument;
    let found = advised("0.9", "0.0512", "0.02");
    let entry = price("1000.04");
    for (side, stop, targets) in [
        (Side::Long, "982.1", ["1030", "1051.2"]),
        (Side::Short, "1018", ["970.1", "948.9"]),
    ] {
        let half = ratio("0.5");
        let stop_price = found.stop_price(side, entry, &instrument);
        assert_eq!(stop_price, Some(price(stop)), "{side}");
        let expected = targets.map(|target| (price(target), half));
        let prices = found.target_prices(side, entry, &instrument);
        assert_eq!(prices, expected, "{side}");
    }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-20_000_i64..20_000).prop_map(|n| Decimal::new(n, 4)),
        (any::<i64>(), 0_u32..=18).prop_map(|(n, scale)| Decimal::new(n, scale)),
        Just(Decimal::MAX),
        Just(Decimal::MIN),
    ]
}

fn any_ratio() -> impl Strategy<Value = Option<Ratio>> {
    proptest::option::of(any_decimal().prop_map(Ratio::new))
}

fn any_base() -> impl Strategy<Value = Base> {
    (any_decimal(), any_decimal(), any_decimal()).prop_map(|(target, stop, trail)| Base {
        target: Ratio::new(target),
        stop: Ratio::new(stop),
        trail: Ratio::new(trail),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn bounds_hold_for_any_input(
        base in any_base(),
        confidence in any_ratio(),
        target in any_ratio(),
        trail in any_ratio(),
    ) {
        let found = levels(&Inputs { base, confidence, target, trail });
        prop_assert!(found.stop >= Ratio::ZERO && found.stop <= STOP_MAX);
        prop_assert!(found.target >= Ratio::ZERO && found.target <= TARGET_MAX);
        prop_assert!(found.nearer.is_none_or(|nearer| nearer < found.target));
        prop_assert!(found.callback >= CALLBACK_BOUNDS.0 && found.callback <= CALLBACK_BOUNDS.1);
        prop_assert!(found.activation >= ACTIVATION_MIN);
        let sizes: Decimal = found.parts().iter().map(|part| part.size.get()).sum();
        prop_assert_eq!(sizes, Decimal::ONE);
    }

    #[test]
    fn advice_never_widens_the_stop(
        confidence in any_ratio(),
        target in any_ratio(),
        trail in any_ratio(),
    ) {
        let advised = Inputs { confidence, target, trail, ..Inputs::default() };
        prop_assert!(levels(&advised).stop <= levels(&Inputs::default()).stop);
    }
}
