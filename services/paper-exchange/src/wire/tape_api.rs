//! The public trades on REST.

use serde_json::{Value, json};

use super::num::{pad, plain};
use super::params::{Params, invalid};
use crate::venue::{Book, MarketTrade, Venue, VenueError};

/// Rows when no limit is sent, and the most of one answer.
const DEFAULT_ROWS: i64 = 500;
const MAX_ROWS: i64 = 1_000;
/// Longest range of one question, ms.
const MAX_RANGE_MS: i64 = 3_600_000;
/// How far back the trades are told, ms (48 h since August 2026).
const LOOK_BACK_MS: i64 = 172_800_000;

/// `GET /fapi/v1/aggTrades`: every trade of this venue is an aggregate of one.
pub(super) fn agg_trades(venue: &Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let book = venue.book(params.symbol()?)?;
    let limit = limit(params)?;
    let from = params.id("fromId")?;
    let (start, end) = (params.int("startTime")?, params.int("endTime")?);
    if let (Some(start), Some(end)) = (start, end)
        && end.saturating_sub(start) > MAX_RANGE_MS
    {
        let text = "Lookup interval is too big. More than 1 hours between startTime and endTime.";
        return Err(VenueError::new(-1127, text));
    }
    let oldest_ms = start
        .unwrap_or(i64::MIN)
        .max(now_ms.saturating_sub(LOOK_BACK_MS));
    let newest_ms = end.unwrap_or(i64::MAX);
    let wanted = book.tape.trades().filter(|trade| {
        from.is_none_or(|from| trade.id >= from) && (oldest_ms..=newest_ms).contains(&trade.at_ms)
    });
    let oldest_first = from.is_some() || start.is_some();
    let trades = bounded(wanted.collect(), limit, oldest_first);
    let rows = trades.iter().map(|trade| {
        json!({
            "a": trade.id,
            "p": pad(trade.price, book.spec.price_precision),
            "q": qty(book, trade),
            "nq": qty(book, trade),
            "f": trade.id,
            "l": trade.id,
            "T": trade.at_ms,
            "m": trade.buyer_is_maker,
        })
    });
    Ok(Value::Array(rows.collect()))
}

/// `GET /fapi/v1/trades`: the newest.
pub(super) fn recent(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let book = venue.book(params.symbol()?)?;
    let trades = bounded(book.tape.trades().collect(), limit(params)?, false);
    Ok(rows(book, &trades))
}

/// `GET /fapi/v1/historicalTrades`: from an id on, or the newest.
pub(super) fn old(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let book = venue.book(params.symbol()?)?;
    let from = params.id("fromId")?;
    let wanted = book.tape.trades();
    let wanted = wanted.filter(|trade| from.is_none_or(|from| trade.id >= from));
    let trades = bounded(wanted.collect(), limit(params)?, from.is_some());
    Ok(rows(book, &trades))
}

fn rows(book: &Book, trades: &[&MarketTrade]) -> Value {
    let row = |trade: &&MarketTrade| {
        let quote = trade.price.checked_mul(trade.qty).unwrap_or_default();
        json!({
            "id": trade.id,
            "price": pad(trade.price, book.spec.price_precision),
            "qty": qty(book, trade),
            "quoteQty": plain(quote),
            "time": trade.at_ms,
            "isBuyerMaker": trade.buyer_is_maker,
            "isRPITrade": false,
        })
    };
    Value::Array(trades.iter().map(row).collect())
}

fn qty(book: &Book, trade: &MarketTrade) -> String {
    pad(trade.qty, book.spec.quantity_precision)
}

fn limit(params: &Params) -> Result<usize, VenueError> {
    let limit = params.int("limit")?.unwrap_or(DEFAULT_ROWS);
    if !(1..=MAX_ROWS).contains(&limit) {
        return Err(invalid("limit"));
    }
    usize::try_from(limit).map_err(|_| invalid("limit"))
}

fn bounded(mut trades: Vec<&MarketTrade>, limit: usize, oldest_first: bool) -> Vec<&MarketTrade> {
    if oldest_first {
        trades.truncate(limit);
    } else {
        trades.drain(..trades.len().saturating_sub(limit));
    }
    trades
}
