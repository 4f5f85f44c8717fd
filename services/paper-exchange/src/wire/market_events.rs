//! Market stream events as the venue's JSON texts (section 5 of the wire contract).

use rust_decimal::Decimal;
use serde_json::json;

use super::market_api::{best_sizes, next_funding};
use super::num::{money, pad, plain};
use crate::venue::Venue;

/// `markPriceUpdate` of a symbol; `None` when the symbol is unknown or has no price yet.
#[must_use]
pub fn mark_price_json(venue: &Venue, symbol: &str, now_ms: i64) -> Option<String> {
    let book = venue
        .book(symbol)
        .ok()
        .filter(|book| book.market.is_known())?;
    let market = book.market;
    let value = json!({
        "e": "markPriceUpdate",
        "E": now_ms,
        "s": symbol,
        "p": money(market.mark),
        "i": money(market.index),
        "P": money(market.index),
        "r": money(book.funding_rate),
        "ap": money(market.mark),
        "T": next_funding(now_ms),
        "st": 1,
    });
    Some(value.to_string())
}

/// `bookTicker` of a symbol; `None` when the symbol is unknown or has no price yet.
#[must_use]
pub fn book_ticker_json(venue: &Venue, symbol: &str, now_ms: i64) -> Option<String> {
    let book = venue
        .book(symbol)
        .ok()
        .filter(|book| book.market.is_known())?;
    let (bid_size, ask_size) = best_sizes(book);
    let price = book.spec.price_precision;
    let value = json!({
        "e": "bookTicker",
        "u": venue.ticks(),
        "E": now_ms,
        "T": book.market.at_ms,
        "s": symbol,
        "ps": symbol,
        "b": pad(book.market.bid, price),
        "B": bid_size,
        "a": pad(book.market.ask, price),
        "A": ask_size,
        "st": 1,
    });
    Some(value.to_string())
}

/// `aggTrade` of a symbol at its last price; `None` without a price.
#[must_use]
pub fn agg_trade_json(
    venue: &Venue,
    symbol: &str,
    qty: Decimal,
    id: u64,
    now_ms: i64,
) -> Option<String> {
    let book = venue
        .book(symbol)
        .ok()
        .filter(|book| book.market.is_known())?;
    let qty = pad(qty, book.spec.quantity_precision);
    let value = json!({
        "e": "aggTrade",
        "E": now_ms,
        "s": symbol,
        "a": id,
        "p": pad(book.market.last, book.spec.price_precision),
        "q": qty,
        "nq": qty,
        "f": id,
        "l": id,
        "T": now_ms,
        "m": id.is_multiple_of(2),
        "st": 1,
    });
    Some(value.to_string())
}

/// `kline` of the running minute; `None` without a bar.
#[must_use]
pub fn kline_json(venue: &Venue, symbol: &str, now_ms: i64) -> Option<String> {
    let bar = venue.bars(symbol).last()?;
    let price = venue.spec(symbol)?.price_precision;
    let quote = bar.quote_volume();
    let value = json!({
        "e": "kline",
        "E": now_ms,
        "s": symbol,
        "k": {
            "t": bar.open_ms,
            "T": bar.open_ms + 59_999,
            "s": symbol,
            "i": "1m",
            "f": 0,
            "L": bar.ticks,
            "o": pad(bar.open, price),
            "c": pad(bar.close, price),
            "h": pad(bar.high, price),
            "l": pad(bar.low, price),
            "v": plain(bar.volume),
            "n": bar.ticks,
            "x": now_ms > bar.open_ms + 59_999,
            "q": plain(quote),
            "V": plain(bar.volume / Decimal::TWO),
            "Q": plain(quote / Decimal::TWO),
            "B": "0",
        },
    });
    Some(value.to_string())
}

/// `24hrMiniTicker` of a symbol; `None` without a bar in the last 24 hours.
#[must_use]
pub fn mini_ticker_json(venue: &Venue, symbol: &str, now_ms: i64) -> Option<String> {
    let price = venue.spec(symbol)?.price_precision;
    let day = venue.day(symbol, now_ms)?;
    let value = json!({
        "e": "24hrMiniTicker",
        "E": now_ms,
        "s": symbol,
        "ps": symbol,
        "st": 1,
        "c": pad(day.close, price),
        "o": pad(day.open, price),
        "h": pad(day.high, price),
        "l": pad(day.low, price),
        "v": plain(day.volume),
        "q": plain(day.quote_volume),
    });
    Some(value.to_string())
}
