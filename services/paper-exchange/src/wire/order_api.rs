//! Ordinary orders and trades on REST.

use serde_json::{Value, json};

use super::order_json::{
    as_accepted, full_order, history_order, legacy_answer, order_answer, trade_row,
};
use super::order_read::{Range, known_symbol, order_ref, read_order};
use super::params::{Params, invalid};
use crate::venue::{Order, OrderStatus, Venue, VenueError};

/// A canceled or expired order without a fill can be asked for so long, ms (3 days).
const UNFILLED_KEPT_MS: i64 = 259_200_000;
/// Any order can be asked for so long, ms (90 days).
const KEPT_MS: i64 = 7_776_000_000;
/// Longest range of allOrders and userTrades, ms (7 days).
const MAX_RANGE_MS: i64 = 604_800_000;
/// Longest countdown, ms.
const MAX_COUNTDOWN_MS: i64 = 86_400_000 * 365;

/// `POST /fapi/v1/order`.
pub(super) fn place(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let new = read_order(venue, params)?;
    let ack = match params.get("newOrderRespType") {
        None | Some("ACK") => true,
        Some("RESULT") => false,
        Some(_) => return Err(invalid("newOrderRespType")),
    };
    let order = venue.place_order(new, now_ms)?;
    Ok(order_answer(
        venue,
        &if ack { as_accepted(order) } else { order },
    ))
}

/// `POST /fapi/v1/order/test`: validates on a copy, changes nothing.
pub(super) fn test(venue: &Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let new = read_order(venue, params)?;
    let order = venue.clone().place_order(new, now_ms)?;
    Ok(legacy_answer(venue, &as_accepted(order)))
}

/// `GET /fapi/v1/order`.
pub(super) fn get(venue: &Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let order = venue.order(params.symbol()?, order_ref(params)?)?;
    if !is_kept(order, now_ms) {
        return Err(VenueError::no_such_order());
    }
    Ok(full_order(venue, order))
}

/// Whether the order can still be asked for (section 2.2).
fn is_kept(order: &Order, now_ms: i64) -> bool {
    let gone = matches!(
        order.status,
        OrderStatus::Canceled | OrderStatus::Expired | OrderStatus::ExpiredInMatch
    );
    let kept_ms = if gone && order.filled.is_zero() {
        UNFILLED_KEPT_MS
    } else {
        KEPT_MS
    };
    now_ms.saturating_sub(order.created_ms) <= kept_ms || order.status.is_open()
}

/// `GET /fapi/v1/openOrder`: final orders do not exist here.
pub(super) fn get_open(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let order = venue.order(params.symbol()?, order_ref(params)?)?;
    if !order.status.is_open() {
        return Err(VenueError::no_such_order());
    }
    Ok(full_order(venue, order))
}

/// `DELETE /fapi/v1/order`.
pub(super) fn cancel(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let order = venue.cancel_order(params.symbol()?, order_ref(params)?, now_ms)?;
    Ok(order_answer(venue, &order))
}

/// `GET /fapi/v1/openOrders`.
pub(super) fn open(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let rows: Vec<Value> = match params.get("symbol") {
        Some(symbol) => {
            venue.book(symbol)?;
            venue
                .open_orders_of(symbol)
                .map(|order| full_order(venue, order))
                .collect()
        }
        None => venue
            .open_orders()
            .map(|order| full_order(venue, order))
            .collect(),
    };
    Ok(Value::Array(rows))
}

/// `GET /fapi/v1/allOrders`: oldest first, the newest `limit` of the range.
pub(super) fn all(venue: &Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let range = Range::read(params)?.within(MAX_RANGE_MS)?;
    let from = params.id("orderId")?.unwrap_or(0);
    let symbol = known_symbol(venue, params)?;
    let wanted = venue.all_orders().filter(|order| {
        order.id >= from
            && symbol.is_none_or(|symbol| symbol == order.symbol)
            && range.holds(order.created_ms)
            && is_kept(order, now_ms)
    });
    Ok(range.newest(wanted.map(|order| history_order(venue, order)).collect()))
}

/// `DELETE /fapi/v1/allOpenOrders`.
pub(super) fn cancel_all(
    venue: &mut Venue,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    venue.cancel_all_orders(params.symbol()?, now_ms)?;
    Ok(json!({"code": 200, "msg": "The operation of cancel all open order is done."}))
}

/// `POST /fapi/v1/countdownCancelAll`: the time comes back as a text.
pub(super) fn countdown(
    venue: &mut Venue,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    let after_ms = params
        .int("countdownTime")?
        .ok_or_else(|| VenueError::mandatory("countdowntime"))?;
    if !(0..=MAX_COUNTDOWN_MS).contains(&after_ms) {
        return Err(invalid("countdownTime"));
    }
    venue.set_countdown(symbol, after_ms, now_ms)?;
    Ok(json!({"symbol": symbol, "countdownTime": after_ms.to_string()}))
}

/// `GET /fapi/v1/userTrades`: with `fromId` the oldest `limit` from there, else the newest.
pub(super) fn user_trades(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let range = Range::read(params)?.within(MAX_RANGE_MS)?;
    let from = params.id("fromId")?;
    let order = params.id("orderId")?;
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let wanted = venue.trades().filter(|trade| {
        trade.symbol == symbol
            && from.is_none_or(|from| trade.id >= from)
            && order.is_none_or(|order| trade.order_id == order)
            && range.holds(trade.at_ms)
    });
    let rows: Vec<Value> = wanted.map(|trade| trade_row(venue, trade)).collect();
    let oldest_first = from.is_some() || params.get("startTime").is_some();
    Ok(if oldest_first {
        range.oldest(rows)
    } else {
        range.newest(rows)
    })
}
