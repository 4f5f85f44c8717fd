//! Public market data on REST.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::num::{money, pad, plain};
use super::order_api::known_symbol;
use super::params::{Params, invalid};
use crate::venue::{Bar, Book, Day, Side, Venue, VenueError};

/// Levels when no limit is sent.
const DEFAULT_LEVELS: u32 = 500;
/// Bars when no limit is sent, and the most of one answer.
const DEFAULT_BARS: i64 = 500;
const MAX_BARS: i64 = 1_500;
const MINUTE_MS: i64 = 60_000;

/// `GET /fapi/v1/premiumIndex`.
pub(super) fn premium_index(
    venue: &Venue,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    one_or_all(venue, params, |book| {
        json!({
            "symbol": book.spec.symbol,
            "markPrice": money(book.market.mark),
            "indexPrice": money(book.market.index),
            "estimatedSettlePrice": money(book.market.index),
            "lastFundingRate": money(book.funding_rate),
            "interestRate": "0.00010000",
            "nextFundingTime": book.next_funding(now_ms),
            "time": book.market.at_ms,
        })
    })
}

/// `GET /fapi/v1/ticker/bookTicker`.
pub(super) fn book_ticker(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let ticks = venue.ticks();
    one_or_all(venue, params, |book| {
        let price = book.spec.price_precision;
        let (bid_size, ask_size) = best_sizes(book);
        json!({
            "lastUpdateId": ticks,
            "symbol": book.spec.symbol,
            "bidPrice": pad(book.market.bid, price),
            "bidQty": bid_size,
            "askPrice": pad(book.market.ask, price),
            "askQty": ask_size,
            "time": book.market.at_ms,
        })
    })
}

/// `GET /fapi/v1/ticker/price` and v2.
pub(super) fn price_ticker(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    one_or_all(venue, params, |book| {
        json!({
            "symbol": book.spec.symbol,
            "price": pad(book.market.last, book.spec.price_precision),
            "time": book.market.at_ms,
        })
    })
}

/// `GET /fapi/v1/ticker/24hr`, over the bars there are.
pub(super) fn day_ticker(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    one_or_all(venue, params, |book| {
        let last = book.market.last;
        let day = book.day(book.market.at_ms).unwrap_or(Day {
            open: last,
            high: last,
            low: last,
            close: last,
            volume: Decimal::ZERO,
            quote_volume: Decimal::ZERO,
        });
        let open = day.open;
        let part = (last - open).checked_div(open).unwrap_or_default();
        let shown = |price| pad(price, book.spec.price_precision);
        json!({
            "symbol": book.spec.symbol,
            "priceChange": shown(last - open),
            "priceChangePercent": pad(part * Decimal::ONE_HUNDRED, 3),
            "weightedAvgPrice": shown(last),
            "lastPrice": shown(last),
            "lastQty": plain(book.spec.step_size),
            "openPrice": shown(open),
            "highPrice": shown(day.high),
            "lowPrice": shown(day.low),
            "volume": plain(day.volume),
            "quoteVolume": plain(day.quote_volume),
            "openTime": book.bars.front().map_or(0, |bar| bar.open_ms),
            "closeTime": book.market.at_ms,
            "firstId": 0,
            "lastId": 0,
            "count": book.bars.iter().map(|bar| bar.ticks).sum::<u64>(),
        })
    })
}

/// `GET /fapi/v1/depth`: the book that orders walk.
pub(super) fn depth(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let book = venue.book(params.symbol()?)?;
    let levels = match params.int("limit")? {
        None => DEFAULT_LEVELS,
        Some(limit) => u32::try_from(limit.clamp(1, 1_000)).unwrap_or(DEFAULT_LEVELS),
    };
    let at_ms = book.market.at_ms;
    let bids = depth_side(book, Side::Sell, levels);
    let asks = depth_side(book, Side::Buy, levels);
    Ok(json!({"lastUpdateId": venue.ticks(), "E": at_ms, "T": at_ms, "bids": bids, "asks": asks}))
}

/// `GET /fapi/v1/klines`: what was replayed since the venue started.
pub(super) fn klines(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let length = interval_ms(params.need("interval")?)?;
    let start = params.int("startTime")?.unwrap_or(i64::MIN);
    let end = params.int("endTime")?.unwrap_or(i64::MAX);
    let limit = params
        .int("limit")?
        .unwrap_or(DEFAULT_BARS)
        .clamp(1, MAX_BARS);
    let limit = usize::try_from(limit).unwrap_or(1);
    let mut bars = merge_bars(venue.bars(symbol), length);
    bars.retain(|bar| (start..=end).contains(&bar.open_ms));
    let skip = bars.len().saturating_sub(limit);
    let rows = bars.split_off(skip);
    Ok(Value::Array(
        rows.iter().map(|bar| kline_row(bar, length)).collect(),
    ))
}

pub(super) fn interval_ms(text: &str) -> Result<i64, VenueError> {
    let minutes = match text {
        "1m" => 1,
        "3m" => 3,
        "5m" => 5,
        "15m" => 15,
        "30m" => 30,
        "1h" => 60,
        "2h" => 120,
        "4h" => 240,
        "6h" => 360,
        "8h" => 480,
        "12h" => 720,
        "1d" => 1_440,
        _ => return Err(invalid("interval")),
    };
    Ok(minutes * MINUTE_MS)
}

pub(super) fn merge_bars<'a>(bars: impl Iterator<Item = &'a Bar>, length: i64) -> Vec<Bar> {
    let mut merged: Vec<Bar> = Vec::new();
    for bar in bars {
        let open_ms = bar.open_ms - bar.open_ms.rem_euclid(length);
        match merged.last_mut().filter(|last| last.open_ms == open_ms) {
            Some(last) => {
                last.high = last.high.max(bar.high);
                last.low = last.low.min(bar.low);
                last.close = bar.close;
                last.volume = last.volume.checked_add(bar.volume).unwrap_or(last.volume);
                last.ticks += bar.ticks;
            }
            None => merged.push(Bar {
                open_ms,
                ..bar.clone()
            }),
        }
    }
    merged
}

fn kline_row(bar: &Bar, length: i64) -> Value {
    let quote = bar.quote_volume();
    let half = |value: Decimal| plain(value / Decimal::TWO);
    json!([
        bar.open_ms,
        plain(bar.open),
        plain(bar.high),
        plain(bar.low),
        plain(bar.close),
        plain(bar.volume),
        bar.open_ms + length - 1,
        plain(quote),
        bar.ticks,
        half(bar.volume),
        half(quote),
        "0",
    ])
}

/// The levels that an order of this direction would take, best first, as price and quantity.
pub(super) fn depth_side(book: &Book, taker: Side, levels: u32) -> Vec<Value> {
    let ladder = book.ladder(taker);
    let (price_dp, qty_dp) = (book.spec.price_precision, book.spec.quantity_precision);
    (0..levels)
        .map_while(|number| ladder.level(number))
        .map(|(price, qty)| json!([pad(price, price_dp), pad(qty, qty_dp)]))
        .collect()
}

/// Quantities at the best bid and ask, as texts.
pub(super) fn best_sizes(book: &Book) -> (String, String) {
    let size = |taker: Side| {
        let best = book.market.taker_price(taker);
        pad(
            book.ladder(taker).qty_at(best),
            book.spec.quantity_precision,
        )
    };
    (size(Side::Sell), size(Side::Buy))
}

/// An object for one symbol, an array for all.
fn one_or_all(
    venue: &Venue,
    params: &Params,
    row: impl Fn(&Book) -> Value,
) -> Result<Value, VenueError> {
    match known_symbol(venue, params)? {
        Some(symbol) => Ok(row(venue.book(symbol)?)),
        None => {
            let priced = venue.books.values().filter(|book| book.market.is_known());
            Ok(Value::Array(priced.map(row).collect()))
        }
    }
}
