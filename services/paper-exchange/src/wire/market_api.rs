//! Public market data on REST.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::num::{money, pad, plain};
use super::order_read::known_symbol;
use super::params::Params;
use crate::venue::{Book, Day, Side, Venue, VenueError};

/// Levels when no limit is sent.
const DEFAULT_LEVELS: u32 = 500;

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
