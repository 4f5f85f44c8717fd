//! Each input by itself: what it gives, when it is too old, and that none needs another.

use rust_decimal::Decimal;

use crate::parse::ParseError;

use super::*;

const MINUTE: i64 = 60_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_178_100_000 + millis)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn event(millis: i64, price: i64) -> MarkEvent {
    MarkEvent {
        symbol: symbol(),
        mark_price: Price::new(Decimal::from(price)).unwrap(),
        index_price: None,
        funding_rate: Ok(None),
        event_at: at(millis),
    }
}

fn mark(feed: &mut Feed, millis: i64, price: i64) {
    feed.mark(at(millis), &event(millis, price)).unwrap();
}

fn funding(feed: &mut Feed, millis: i64, rate: Result<Option<Ratio>, ParseError>) {
    let event = MarkEvent {
        funding_rate: rate,
        ..event(millis, 60_000)
    };
    feed.mark(at(millis), &event).unwrap();
}

fn context(feed: &mut Feed, millis: i64) -> MarketContext {
    feed.context(&symbol(), at(millis))
}

#[test]
fn without_any_input_the_context_is_the_documented_default() {
    let unknown = MarketContext::unknown(symbol(), at(0));
    assert_eq!(context(&mut Feed::default(), 0), unknown);
}

#[test]
fn a_funding_rate_lasts_ten_minutes_and_an_unusable_one_changes_nothing() {
    let mut feed = Feed::default();
    let rate = Ratio::new(decimal("-0.0003"));
    funding(&mut feed, 0, Ok(Some(rate)));
    let unusable = ParseError::TooLong { len: 0 };
    funding(&mut feed, 300_000, Err(unusable));
    funding(&mut feed, 500_000, Ok(None));
    assert_eq!(context(&mut feed, 600_000).funding_rate, Some(rate));
    assert_eq!(context(&mut feed, 600_001).funding_rate, None);
}

#[test]
fn a_volume_lasts_ten_minutes() {
    let mut feed = Feed::default();
    let volume = Money::new(decimal("12000000.5"));
    feed.volume(at(0), volume);
    assert_eq!(context(&mut feed, 600_000).quote_volume_24h, Some(volume));
    assert_eq!(context(&mut feed, 600_001).quote_volume_24h, None);
}

#[test]
fn a_spread_lasts_a_minute() {
    let mut feed = Feed::default();
    let price = |text| Price::new(decimal(text)).unwrap();
    feed.book(at(0), price("9999"), price("10001"));
    let spread = Some(Ratio::new(decimal("0.0002")));
    assert_eq!(context(&mut feed, 60_000).spread, spread);
    assert_eq!(context(&mut feed, 60_001).spread, None);
}

#[test]
fn what_the_bars_measure_lasts_five_minutes_of_silence() {
    let mut feed = Feed::default();
    for minute in 0..80 {
        mark(&mut feed, minute * MINUTE, 60_000 + minute % 2);
    }
    let last = 79 * MINUTE;
    let known = context(&mut feed, last + 300_000);
    assert_eq!(known.source, ContextSource::Bars);
    assert_eq!(known.regime, Regime::RangeBound);
    // Each bar reaches from 60,000 to 60,001, as do the gaps between them.
    assert_eq!(known.atr, Some(Ratio::new(decimal("0.00001667"))));
    let silent = at(last + 300_001);
    assert_eq!(
        context(&mut feed, last + 300_001),
        MarketContext::unknown(symbol(), silent)
    );
}

#[test]
fn the_bars_need_no_book_and_the_book_needs_no_bars() {
    let mut feed = Feed::default();
    for minute in 0..20 {
        mark(&mut feed, minute * MINUTE, 60_000);
    }
    let found = context(&mut feed, 19 * MINUTE);
    assert_eq!(found.source, ContextSource::Bars);
    assert_eq!(
        (found.spread, found.funding_rate, found.quote_volume_24h),
        (None, None, None)
    );

    let mut feed = Feed::default();
    feed.volume(at(0), Money::new(Decimal::TEN));
    let found = context(&mut feed, 0);
    assert_eq!(found.source, ContextSource::Default);
    assert!(found.quote_volume_24h.is_some());
}

#[test]
fn a_market_that_goes_back_and_forth_in_small_steps_is_choppy() {
    let mut feed = Feed::default();
    // Steps of 0.05 %: 1.9 % a day, with a turn each minute.
    for minute in 0..20 {
        mark(&mut feed, minute * MINUTE, 60_000 + (minute % 2) * 30);
    }
    assert_eq!(context(&mut feed, 19 * MINUTE).regime, Regime::Chop);
}

#[test]
fn a_market_that_rests_on_a_threshold_changes_its_regime_once() {
    let mut feed = Feed::default();
    let (mut regimes, mut crossings) = (Vec::new(), 0);
    let mut was_above = true;
    for minute in 0..400 {
        // Ten minutes of 4.2 % a day, ten of 3.8 %, and so on.
        let step = if minute / 10 % 2 == 0 { 1_110 } else { 1_000 };
        mark(&mut feed, minute * MINUTE, 1_000_000 + (minute % 2) * step);
        let found = context(&mut feed, minute * MINUTE);
        if found.source == ContextSource::Default {
            continue;
        }
        let above = found.volatility > Ratio::basis_points(400);
        crossings += usize::from(above != was_above);
        was_above = above;
        if regimes.last() != Some(&found.regime) {
            regimes.push(found.regime);
        }
    }
    assert!(crossings > 30, "{crossings}");
    assert_eq!(regimes, [Regime::Volatile]);
}
