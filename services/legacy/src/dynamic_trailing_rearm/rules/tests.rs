//! Each step of profit from both sides, when a change waits, and what holds for any input.

use proptest::prelude::*;

use super::*;
use crate::fixture::dec;

fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

fn profit(text: &str) -> PricePct {
    PricePct::new(dec(text))
}

#[test]
fn the_callback_shrinks_with_profit() {
    for (pnl, expected) in [
        ("-5", None),
        ("1.99", None),
        ("2", Some("0.04")),
        ("2.01", Some("0.04")),
        ("4.99", Some("0.04")),
        ("5", Some("0.03")),
        ("5.01", Some("0.03")),
        ("9.99", Some("0.03")),
        ("10", Some("0.02")),
        ("10.01", Some("0.02")),
        ("14.99", Some("0.02")),
        ("15", Some("0.012")),
        ("15.01", Some("0.012")),
        ("19.99", Some("0.012")),
        ("20", Some("0.008")),
        ("20.01", Some("0.008")),
    ] {
        let found = callback(ratio("0.04"), profit(pnl));
        assert_eq!(found, expected.map(ratio), "{pnl}");
    }
}

#[test]
fn the_callback_stays_between_half_a_percent_and_five() {
    for (base, expected) in [
        ("-1", "0.005"),
        ("0.0049", "0.005"),
        ("0.005", "0.005"),
        ("0.0051", "0.0051"),
        ("0.0499", "0.0499"),
        ("0.05", "0.05"),
        ("0.0501", "0.05"),
        ("70", "0.05"),
    ] {
        let found = callback(ratio(base), profit("2"));
        assert_eq!(found, Some(ratio(expected)), "{base}");
    }
}

/// Profit of 5 %: 1.125 % is wanted.
fn due() -> Inputs {
    Inputs {
        current: Some(ratio("0.015")),
        profit: profit("5"),
        age: AGE_MIN,
        ..Inputs::default()
    }
}

#[test]
fn a_young_position_is_left_alone_and_changes_keep_their_distance() {
    let wanted = Some(ratio("0.01125"));
    for (age, since, expected) in [
        (299_999, None, None),
        (300_000, None, wanted),
        (300_001, None, wanted),
        (300_000, Some(29_999), None),
        (300_000, Some(30_000), wanted),
        (300_000, Some(30_001), wanted),
        // A change dated ahead of the clock: wait.
        (300_000, Some(-1), None),
    ] {
        let found = rearmed(&Inputs {
            age: Span::from_millis(age),
            since_change: since.map(Span::from_millis),
            ..due()
        });
        assert_eq!(found, expected, "{age} {since:?}");
    }
}

#[test]
fn a_change_of_less_than_a_tenth_is_not_worth_an_order() {
    for (current, worth) in [
        (None, true),
        (Some("0.01"), true),
        (Some("0.0102272"), true),
        (Some("0.0102273"), false),
        (Some("0.01125"), false),
        (Some("0.0124999"), false),
        (Some("0.0125"), true),
        (Some("0.0125001"), true),
        (Some("0"), true),
    ] {
        let found = rearmed(&Inputs {
            current: current.map(ratio),
            ..due()
        });
        assert_eq!(found.is_some(), worth, "{current:?}");
    }
}

#[test]
fn below_two_percent_nothing_is_rearmed() {
    let small = Inputs {
        profit: profit("1.99"),
        ..due()
    };
    assert_eq!(rearmed(&small), None);
}

#[test]
fn partial_exits_come_with_profit() {
    let halves = vec![("0.0396", "0.5"), ("0.06", "0.5")];
    let thirds = vec![("0.03", "0.3"), ("0.045", "0.4"), ("0.06", "0.3")];
    for (pnl, expected) in [
        ("-11", &vec![]),
        ("4.99", &vec![]),
        ("5", &vec![]),
        ("5.01", &halves),
        ("9.99", &halves),
        ("10", &halves),
        ("10.01", &thirds),
        ("90", &thirds),
    ] {
        let found = partials(profit(pnl), ratio("0.06"));
        let expected: Vec<Partial> = expected
            .iter()
            .map(|(distance, size)| Partial {
                distance: ratio(distance),
                size: ratio(size),
            })
            .collect();
        assert_eq!(found, expected, "{pnl}");
    }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-400_000_i64..400_000, 3_u32..8).prop_map(|(n, scale)| Decimal::new(n, scale)),
        (any::<i64>(), 0_u32..=18).prop_map(|(n, scale)| Decimal::new(n, scale)),
        Just(Decimal::MAX),
        Just(Decimal::MIN),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn bounds_hold_for_any_input(
        base in any_decimal(),
        current in proptest::option::of(any_decimal()),
        pnl in any_decimal(),
        age in any::<i64>(),
        since in proptest::option::of(any::<i64>()),
    ) {
        let found = rearmed(&Inputs {
            base: Ratio::new(base),
            current: current.map(Ratio::new),
            profit: PricePct::new(pnl),
            age: Span::from_micros(age),
            since_change: since.map(Span::from_micros),
        });
        if let Some(found) = found {
            prop_assert!(found >= CALLBACK_BOUNDS.0 && found <= CALLBACK_BOUNDS.1);
            prop_assert!(Span::from_micros(age) >= AGE_MIN);
        }
    }

    #[test]
    fn more_profit_never_widens_the_callback(
        base in any_decimal(),
        low in any_decimal(),
        high in any_decimal(),
    ) {
        let (low, high) = (low.min(high), low.max(high));
        let before = callback(Ratio::new(base), PricePct::new(low));
        let after = callback(Ratio::new(base), PricePct::new(high));
        prop_assert!(before.is_none_or(|before| after.is_some_and(|after| after <= before)));
    }

    #[test]
    fn partial_exits_close_everything_or_nothing(pnl in any_decimal(), target in any_decimal()) {
        let found = partials(PricePct::new(pnl), Ratio::new(target));
        let sum: Decimal = found.iter().map(|part| part.size.get()).sum();
        prop_assert!(sum == Decimal::ONE || found.is_empty());
        prop_assert!(found.is_sorted_by_key(|part| part.distance));
    }
}
