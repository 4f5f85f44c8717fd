//! Market stream events as the venue's JSON texts (section 5 of the wire contract).

use rust_decimal::Decimal;
use serde_json::json;

use super::market_api::best_sizes;
use super::num::{money, pad, plain};
use crate::venue::{Book, MarketTrade, OrderUpdate, SymbolSpec, SymbolStatus, Venue};

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
        "T": book.next_funding(now_ms),
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

/// `aggTrade` of a trade: every trade of this venue is an aggregate of one.
#[must_use]
pub(crate) fn agg_trade_json(book: &Book, trade: &MarketTrade, now_ms: i64) -> String {
    let qty = pad(trade.qty, book.spec.quantity_precision);
    let value = json!({
        "e": "aggTrade",
        "E": now_ms,
        "s": book.spec.symbol,
        "a": trade.id,
        "p": pad(trade.price, book.spec.price_precision),
        "q": qty,
        "nq": qty,
        "f": trade.id,
        "l": trade.id,
        "T": trade.at_ms,
        "m": trade.buyer_is_maker,
        "st": 1,
    });
    value.to_string()
}

/// `trade` of a trade.
#[must_use]
pub(crate) fn trade_json(book: &Book, trade: &MarketTrade, now_ms: i64) -> String {
    let value = json!({
        "e": "trade",
        "E": now_ms,
        "T": trade.at_ms,
        "s": book.spec.symbol,
        "t": trade.id,
        "p": pad(trade.price, book.spec.price_precision),
        "q": pad(trade.qty, book.spec.quantity_precision),
        "X": "MARKET",
        "m": trade.buyer_is_maker,
        "st": 1,
    });
    value.to_string()
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

/// `24hrTicker` of a symbol; `None` without a bar in the last 24 hours.
#[must_use]
pub fn ticker_json(venue: &Venue, symbol: &str, now_ms: i64) -> Option<String> {
    let book = venue.book(symbol).ok()?;
    let day = book.day(now_ms)?;
    let price = book.spec.price_precision;
    let change = day.close - day.open;
    let part = change.checked_div(day.open).unwrap_or_default();
    let mean = day.quote_volume.checked_div(day.volume);
    let newest = book.tape.trades().last();
    let oldest = book.tape.trades().next();
    let id = |trade: Option<&MarketTrade>| trade.map_or(0, |trade| trade.id);
    let value = json!({
        "e": "24hrTicker",
        "E": now_ms,
        "s": symbol,
        "ps": symbol,
        "st": 1,
        "p": pad(change, price),
        "P": pad(part * Decimal::ONE_HUNDRED, 3),
        "w": pad(mean.unwrap_or(day.close), price),
        "c": pad(day.close, price),
        "Q": pad(newest.map_or(Decimal::ZERO, |trade| trade.qty), book.spec.quantity_precision),
        "o": pad(day.open, price),
        "h": pad(day.high, price),
        "l": pad(day.low, price),
        "v": plain(day.volume),
        "q": plain(day.quote_volume),
        "O": book.bars.front().map_or(0, |bar| bar.open_ms),
        "C": now_ms,
        "F": id(oldest),
        "L": id(newest),
        "n": book.bars.iter().map(|bar| bar.ticks).sum::<u64>(),
    });
    Some(value.to_string())
}

/// `contractInfo` of a symbol.
#[must_use]
pub fn contract_info_json(spec: &SymbolSpec, status: SymbolStatus, now_ms: i64) -> String {
    let value = json!({
        "e": "contractInfo",
        "E": now_ms,
        "s": spec.symbol,
        "ct": "PERPETUAL",
        "dt": 4_133_404_800_000_i64,
        "ot": 1_569_398_400_000_i64,
        "cs": status.wire(),
        "st": 1,
    });
    value.to_string()
}

/// `forceOrder` of a liquidation order after one of its fills.
#[must_use]
pub fn force_order_json(update: &OrderUpdate, now_ms: i64) -> String {
    let order = &update.order;
    let trade = update.trade.as_ref();
    let value = json!({
        "e": "forceOrder",
        "E": now_ms,
        "o": {
            "s": order.symbol,
            "S": order.side.wire(),
            "o": order.kind.wire(),
            "f": order.time_in_force.wire(),
            "q": plain(order.qty),
            "p": plain(order.price),
            "ap": plain(order.avg_price()),
            "X": order.status.wire(),
            "l": plain(trade.map_or(Decimal::ZERO, |trade| trade.qty)),
            "z": plain(order.filled),
            "T": order.updated_ms,
        },
        "ps": order.symbol,
        "st": 1,
    });
    value.to_string()
}
