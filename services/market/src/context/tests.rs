//! What the bars say of markets that were made up, and where they keep silent.

use super::*;

fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

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

fn context(bars: &Bars) -> MarketContext {
    bars.context(&symbol(), minute(2_000))
}

#[test]
fn too_few_bars_give_the_documented_default() {
    let bars = bars(std::iter::repeat_n(1_000_000, BARS_MIN - 1));
    assert_eq!(
        context(&bars),
        MarketContext::unknown(symbol(), minute(2_000))
    );
}

#[test]
fn a_quiet_market_is_range_bound() {
    let found = context(&bars((0..20).map(|n| 1_000_000 + n % 2)));
    assert_eq!(found.source, ContextSource::Bars);
    assert_eq!(found.regime, Regime::RangeBound);
}

#[test]
fn minutes_of_a_twentieth_percent_are_a_day_of_two_percent() {
    // 0.0005 x sqrt(1440) = 0.01897
    let found = context(&bars((0..20).map(|n| 1_000_000 + (n % 2) * 500)));
    let expected = Decimal::new(1_897, 5);
    assert!(
        (found.volatility.get() - expected).abs() < Decimal::new(1, 5),
        "{}",
        found.volatility
    );
    assert_eq!(found.regime, Regime::Normal);
}

#[test]
fn a_rough_market_is_volatile() {
    let found = context(&bars((0..20).map(|n| 1_000_000 + (n % 2) * 3_000)));
    assert_eq!(found.regime, Regime::Volatile);
}

#[test]
fn a_steady_climb_is_a_trend_and_a_steady_fall_its_mirror() {
    let climb = context(&bars((0..20).map(|n| 1_000_000 + n * 900)));
    let fall = context(&bars((0..20).map(|n| 1_000_000 - n * 900)));
    assert!(climb.trend > Decimal::ZERO && climb.trend <= Decimal::ONE);
    assert!(fall.trend < Decimal::ZERO && fall.trend >= Decimal::NEGATIVE_ONE);
    assert!((climb.trend + fall.trend).abs() < Decimal::new(1, 2));
}

#[test]
fn a_trend_is_never_beyond_one() {
    let found = context(&bars((0..20).map(|n| 1_000_000 + n * n * 1_000)));
    assert_eq!(found.trend, Decimal::ONE);
}

#[test]
fn a_move_of_five_percent_is_a_crash_in_either_direction() {
    for (last, regime) in [(949_999, Regime::Crash), (1_050_000, Regime::Crash)] {
        let closes = std::iter::repeat_n(1_000_000, 19).chain([last]);
        assert_eq!(context(&bars(closes)).regime, regime, "{last}");
    }
    let closes = std::iter::repeat_n(1_000_000, 19).chain([950_001]);
    assert_ne!(context(&bars(closes)).regime, Regime::Crash);
}

#[test]
fn a_crash_is_over_once_it_is_fifteen_bars_old() {
    let closes = std::iter::repeat_n(1_000_000, 5).chain(std::iter::repeat_n(900_000, 15));
    assert_eq!(context(&bars(closes)).regime, Regime::Crash);
    let closes = std::iter::repeat_n(1_000_000, 5).chain(std::iter::repeat_n(900_000, 16));
    assert_ne!(context(&bars(closes)).regime, Regime::Crash);
}

#[test]
fn the_last_mark_of_a_minute_is_its_close() {
    let mut bars = bars(std::iter::repeat_n(1_000_000, 19));
    let quiet = context(&bars);
    bars.push(minute(1_018), price(2_000_000));
    bars.push(minute(1_018), price(1_000_000));
    assert_eq!(context(&bars), quiet);
}

#[test]
fn a_short_silence_is_bridged_and_a_long_one_starts_anew() {
    let mut short = bars(std::iter::repeat_n(1_000_000, 12));
    short.push(minute(1_011 + GAP_MAX), price(1_000_000));
    assert_eq!(context(&short).source, ContextSource::Bars);
    let mut long = bars(std::iter::repeat_n(1_000_000, 20));
    long.push(minute(1_019 + GAP_MAX + 1), price(1_000_000));
    assert_eq!(context(&long).source, ContextSource::Default);
}

#[test]
fn numbers_that_overflow_are_no_measurement_and_no_panic() {
    let mut bars = Bars::default();
    for number in 0..20 {
        let huge = if number % 2 == 0 {
            Decimal::MAX
        } else {
            Decimal::new(1, 28)
        };
        bars.push(minute(number), Price::new(huge).unwrap());
    }
    assert_eq!(context(&bars).source, ContextSource::Default);
}
