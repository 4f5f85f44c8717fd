//! `kline` and `continuous_kline` events (section 5 of the wire contract).

use rust_decimal::Decimal;
use serde_json::json;

use super::kline_api::{Interval, merge_bars};
use super::num::{pad, plain};
use crate::venue::{Bar, Venue};

/// True for a length of bars that the venue knows.
#[must_use]
pub(crate) fn is_interval(text: &str) -> bool {
    Interval::read(text).is_ok()
}

/// The running bar of this length, and the one before it; newest last.
#[must_use]
pub(crate) fn latest_bars(venue: &Venue, symbol: &str, interval: &str) -> Vec<Bar> {
    let Ok(interval) = Interval::read(interval) else {
        return Vec::new();
    };
    let bars: Vec<&Bar> = venue.bars(symbol).collect();
    let Some(newest) = bars.last() else {
        return Vec::new();
    };
    let from_ms = interval.open_ms(interval.open_ms(newest.open_ms) - 1);
    let start = bars.partition_point(|bar| bar.open_ms < from_ms);
    merge_bars(bars[start..].iter().copied(), interval)
}

/// The event of a bar; as `continuous_kline` of the perpetual when so wanted.
#[must_use]
pub(crate) fn kline_json(
    venue: &Venue,
    symbol: &str,
    interval: &str,
    bar: &Bar,
    continuous: bool,
    now_ms: i64,
) -> Option<String> {
    let length = Interval::read(interval).ok()?;
    let price = venue.spec(symbol)?.price_precision;
    let quote = bar.quote_volume();
    let close_ms = length.close_ms(bar.open_ms);
    let mut k = json!({
        "t": bar.open_ms,
        "T": close_ms,
        "i": interval,
        "f": 0,
        "L": bar.ticks,
        "o": pad(bar.open, price),
        "c": pad(bar.close, price),
        "h": pad(bar.high, price),
        "l": pad(bar.low, price),
        "v": plain(bar.volume),
        "n": bar.ticks,
        "x": close_ms < now_ms,
        "q": plain(quote),
        "V": plain(bar.volume / Decimal::TWO),
        "Q": plain(quote / Decimal::TWO),
        "B": "0",
    });
    let event = if continuous {
        json!({"e": "continuous_kline", "E": now_ms, "ps": symbol, "ct": "PERPETUAL", "k": k})
    } else {
        k["s"] = json!(symbol);
        json!({"e": "kline", "E": now_ms, "s": symbol, "k": k})
    };
    Some(event.to_string())
}
