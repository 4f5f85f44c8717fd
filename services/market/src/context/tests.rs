//! What the bars say of markets that were made up, and where they keep silent.

use domain::market::{Regime, regime_of};

use super::*;

fn price(value: i64) -> Price {
    Price::new(Decimal::new(value, 2)).unwrap()
}

fn minute(number: i64) -> Timestamp {
    Timestamp::from_millis(number * MILLIS_PER_BAR + 30_000)
}

/// One bar a minute with these closes, in hundredths.
fn bars(closes: impl IntoIterator<Item = i64>) -> Bars {
    let mut bars = Bars::default();
    for (close, number) in closes.into_iter().zip(1_000..) {
        bars.push(minute(number), price(close));
    }
    bars
}

fn measured(closes: impl IntoIterator<Item = i64>) -> Measured {
    bars(closes).measure().unwrap()
}

fn regime(measured: &Measured) -> Regime {
    regime_of(measured.volatility, measured.trend)
}

#[test]
fn too_few_bars_measure_nothing() {
    assert_eq!(
        bars(std::iter::repeat_n(1_000_000, BARS_MIN - 1)).measure(),
        None
    );
    assert!(
        bars(std::iter::repeat_n(1_000_000, BARS_MIN))
            .measure()
            .is_some()
    );
}

#[test]
fn a_quiet_market_is_range_bound() {
    let found = measured((0..20).map(|n| 1_000_000 + n % 2));
    assert_eq!(regime(&found), Regime::RangeBound);
}

#[test]
fn minutes_of_a_twentieth_percent_are_a_day_of_two_percent() {
    // 0.0005 x sqrt(1440) = 0.01897
    let found = measured((0..20).map(|n| 1_000_000 + (n % 2) * 500));
    let expected = Decimal::new(1_897, 5);
    assert!(
        (found.volatility.get() - expected).abs() < Decimal::new(1, 5),
        "{}",
        found.volatility
    );
    assert_eq!(regime(&found), Regime::Normal);
}

#[test]
fn a_rough_market_is_volatile() {
    let found = measured((0..20).map(|n| 1_000_000 + (n % 2) * 3_000));
    assert_eq!(regime(&found), Regime::Volatile);
}

#[test]
fn a_steady_climb_is_a_trend_and_a_steady_fall_its_mirror() {
    let climb = measured((0..20).map(|n| 1_000_000 + n * 500));
    let fall = measured((0..20).map(|n| 1_000_000 - n * 500));
    assert_eq!(regime(&climb), Regime::Trending);
    assert_eq!(regime(&fall), Regime::Trending);
    assert!(climb.trend > Decimal::ZERO && fall.trend < Decimal::ZERO);
    assert!((climb.trend + fall.trend).abs() < Decimal::new(1, 2));
}

#[test]
fn a_last_close_half_a_percent_off_the_mean_is_a_trend_of_one() {
    // The mean of 19 closes of 10,000 and one of 10,054.35 is 10,002.7175: 0.5162 % below the last.
    let found = measured(std::iter::repeat_n(1_000_000, 19).chain([1_005_435]));
    assert!(
        (found.trend - Decimal::new(9_996, 4)).abs() < Decimal::new(1, 3),
        "{}",
        found.trend
    );
}

#[test]
fn a_trend_is_never_beyond_one() {
    let found = measured((0..20).map(|n| 1_000_000 + n * n * 1_000));
    assert_eq!(found.trend, Decimal::ONE);
}

#[test]
fn turns_are_changes_of_direction_and_a_repeated_close_is_none() {
    for (closes, turns) in [
        (
            vec![1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2],
            18,
        ),
        (
            vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1],
            1,
        ),
        (
            vec![1, 2, 2, 2, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
            2,
        ),
        (vec![5; 20], 0),
    ] {
        let closes = closes.iter().map(|close| 1_000_000 + close * 100);
        assert_eq!(measured(closes).turns, turns);
    }
}

#[test]
fn a_move_of_five_percent_is_a_crash_in_either_direction() {
    for (last, crash) in [(950_000, true), (1_050_000, true), (950_001, false)] {
        let closes = std::iter::repeat_n(1_000_000, 19).chain([last]);
        assert_eq!(measured(closes).crash, crash, "{last}");
    }
}

#[test]
fn a_crash_is_over_once_it_is_fifteen_bars_old() {
    let crash = |bars_after: usize| {
        let after = std::iter::repeat_n(900_000, bars_after);
        measured(std::iter::repeat_n(1_000_000, 5).chain(after)).crash
    };
    assert!(crash(15));
    assert!(!crash(16));
}

#[test]
fn the_last_mark_of_a_minute_is_its_close() {
    let mut bars = bars(std::iter::repeat_n(1_000_000, 19));
    let quiet = bars.measure();
    bars.push(minute(1_018), price(2_000_000));
    assert_ne!(bars.measure(), quiet);
    bars.push(minute(1_018), price(1_000_000));
    assert_eq!(bars.measure(), quiet);
}

#[test]
fn a_short_silence_is_bridged_and_a_long_one_starts_anew() {
    let mut short = bars(std::iter::repeat_n(1_000_000, 12));
    short.push(minute(1_011 + GAP_MAX), price(1_000_000));
    assert!(short.measure().is_some());
    let mut long = bars(std::iter::repeat_n(1_000_000, 20));
    long.push(minute(1_019 + GAP_MAX + 1), price(1_000_000));
    assert_eq!(long.measure(), None);
}

#[test]
fn the_true_range_survives_a_short_silence_and_not_a_long_one() {
    let mut short = bars(std::iter::repeat_n(1_000_000, 80));
    assert_eq!(short.atr(), Some(Ratio::ZERO));
    short.push(minute(1_079 + GAP_MAX), price(1_000_000));
    assert_eq!(short.atr(), Some(Ratio::ZERO));
    let mut long = short;
    long.push(minute(1_079 + 2 * GAP_MAX + 1), price(1_000_000));
    assert_eq!(long.atr(), None);
}

#[test]
fn numbers_that_overflow_are_no_measurement_and_no_panic() {
    let mut bars = Bars::default();
    for number in 0..100 {
        let huge = if number % 2 == 0 {
            Decimal::MAX
        } else {
            Decimal::new(1, 28)
        };
        bars.push(minute(number), Price::new(huge).unwrap());
    }
    assert_eq!(bars.measure(), None);
    assert_eq!(bars.atr(), None);
}
