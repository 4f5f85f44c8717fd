//! Where each regime begins, where it ends, and that none flaps in between.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Volatility and trend in ten thousandths, turns.
fn measured(volatility: i64, trend: i64, turns: usize) -> Measured {
    Measured {
        volatility: Ratio::basis_points(volatility),
        trend: Decimal::new(trend, 4),
        turns,
        crash: false,
    }
}

/// How often the regime changes along the way.
fn changes(first: Regime, way: impl IntoIterator<Item = Measured>) -> usize {
    let mut held = first;
    let mut count = 0;
    for measured in way {
        let next = settle(held, &measured);
        count += usize::from(next != held);
        held = next;
    }
    count
}

#[test]
fn the_first_rule_that_matches_decides() {
    for (found, regime) in [
        (measured(401, 10_000, 18), Regime::Volatile),
        (measured(400, 10_000, 18), Regime::Trending),
        (measured(400, -6_001, 18), Regime::Trending),
        (measured(100, 6_001, 18), Regime::Trending),
        (measured(149, 6_000, 18), Regime::RangeBound),
        (measured(150, 6_000, 13), Regime::Chop),
        (measured(400, 0, 18), Regime::Chop),
        (measured(150, 0, 12), Regime::Normal),
        (measured(400, -6_000, 0), Regime::Normal),
    ] {
        assert_eq!(settle(Regime::Normal, &found), regime, "{found:?}");
        let crash = Measured {
            crash: true,
            ..found
        };
        assert_eq!(settle(Regime::Normal, &crash), Regime::Crash, "{found:?}");
    }
}

#[test]
fn a_regime_is_left_a_tenth_beyond_where_it_was_entered() {
    for (held, kept, left, next) in [
        (
            Regime::Volatile,
            measured(364, 0, 0),
            measured(363, 0, 0),
            Regime::Normal,
        ),
        (
            Regime::Trending,
            measured(200, 5_455, 0),
            measured(200, 5_454, 0),
            Regime::Normal,
        ),
        (
            Regime::Trending,
            measured(200, -5_455, 0),
            measured(200, -5_454, 0),
            Regime::Normal,
        ),
        (
            Regime::RangeBound,
            measured(166, 0, 0),
            measured(167, 0, 0),
            Regime::Normal,
        ),
        (
            Regime::Chop,
            measured(200, 0, 11),
            measured(200, 0, 10),
            Regime::Normal,
        ),
        (
            Regime::Volatile,
            measured(364, 9_000, 0),
            measured(363, 9_000, 0),
            Regime::Trending,
        ),
        (
            Regime::RangeBound,
            measured(166, 0, 18),
            measured(167, 0, 18),
            Regime::Chop,
        ),
    ] {
        assert_eq!(settle(held, &kept), held, "{kept:?}");
        assert_eq!(settle(held, &left), next, "{left:?}");
    }
}

#[test]
fn an_earlier_rule_interrupts_a_regime_that_would_be_kept() {
    for (held, found, next) in [
        (Regime::Trending, measured(401, 9_000, 0), Regime::Volatile),
        (
            Regime::RangeBound,
            measured(140, 9_000, 0),
            Regime::Trending,
        ),
        (Regime::Chop, measured(149, 0, 18), Regime::RangeBound),
        (Regime::Chop, measured(401, 0, 18), Regime::Volatile),
    ] {
        assert_eq!(settle(held, &found), next, "{held:?} {found:?}");
    }
}

#[test]
fn a_crash_lasts_no_longer_than_its_rule_holds() {
    let calm = measured(200, 0, 0);
    assert_eq!(settle(Regime::Crash, &calm), Regime::Normal);
}

proptest! {
    #[test]
    fn volatility_within_the_band_enters_volatile_at_most_once(
        values in vec(364_i64..=500, 1..200),
    ) {
        let way = values.iter().map(|it| measured(*it, 0, 0));
        prop_assert!(changes(Regime::Normal, way) <= 1);
    }

    #[test]
    fn volatility_within_the_band_enters_range_bound_at_most_once(
        values in vec(50_i64..=166, 1..200),
    ) {
        let way = values.iter().map(|it| measured(*it, 0, 0));
        prop_assert!(changes(Regime::Normal, way) <= 1);
    }

    #[test]
    fn a_trend_within_the_band_enters_trending_at_most_once(
        values in vec(5_455_i64..=10_000, 1..200),
        falls in any::<bool>(),
    ) {
        let sign = if falls { -1 } else { 1 };
        let way = values.iter().map(|it| measured(200, sign * it, 0));
        prop_assert!(changes(Regime::Normal, way) <= 1);
    }

    #[test]
    fn turns_within_the_band_enter_chop_at_most_once(turns in vec(11_usize..=18, 1..200)) {
        let way = turns.iter().map(|it| measured(200, 0, *it));
        prop_assert!(changes(Regime::Normal, way) <= 1);
    }

    #[test]
    fn short_of_its_threshold_a_regime_that_was_left_stays_left(
        values in vec(167_i64..=400, 1..200),
    ) {
        let way = values.iter().map(|it| measured(*it, 0, 0));
        prop_assert!(changes(Regime::Volatile, way) <= 1);
    }

    #[test]
    fn a_change_is_always_to_what_the_rules_name(
        way in vec((0_i64..=600, -10_000_i64..=10_000, 0_usize..=18), 1..200),
    ) {
        let mut held = Regime::Normal;
        for (volatility, trend, turns) in way {
            let found = measured(volatility, trend, turns);
            let next = settle(held, &found);
            let chops = next == Regime::Chop && first_match(&found) == Regime::Normal;
            prop_assert!(next == held || next == first_match(&found) || chops);
            held = next;
        }
    }
}
