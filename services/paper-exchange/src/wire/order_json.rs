//! Ordinary orders and trades as JSON.

use serde_json::{Map, Value, json};

use super::num::{money, pad, plain};
use crate::venue::{Order, OrderStatus, Side, SymbolSpec, Trade, Venue};

/// What an ACK shows: the order before any matching.
pub(super) fn as_accepted(mut order: Order) -> Order {
    order.status = OrderStatus::New;
    order.filled = rust_decimal::Decimal::ZERO;
    order.quote = rust_decimal::Decimal::ZERO;
    order
}

/// The object of new, cancel and modify answers: without avgPrice and cumQuote since July 2026,
/// unless the switch brings them back.
pub(super) fn order_answer(venue: &Venue, order: &Order) -> Value {
    if venue.config().rules.legacy_order_fields {
        return legacy_answer(venue, order);
    }
    Value::Object(order_map(venue, order))
}

/// The same with avgPrice and cumQuote, as `order/test` still answers.
pub(super) fn legacy_answer(venue: &Venue, order: &Order) -> Value {
    let mut map = order_map(venue, order);
    insert_averages(&mut map, venue, order);
    Value::Object(map)
}

fn insert_averages(map: &mut Map<String, Value>, venue: &Venue, order: &Order) {
    let avg_price = pad(order.avg_price(), decimals(venue, order).0);
    map.insert("avgPrice".to_owned(), json!(avg_price));
    map.insert("cumQuote".to_owned(), json!(plain(order.quote)));
}

/// The object of queries.
pub(super) fn full_order(venue: &Venue, order: &Order) -> Value {
    let mut map = order_map(venue, order);
    map.remove("cumQty");
    insert_averages(&mut map, venue, order);
    map.insert("time".to_owned(), json!(order.created_ms));
    Value::Object(map)
}

/// A row of allOrders.
pub(super) fn history_order(venue: &Venue, order: &Order) -> Value {
    let mut value = full_order(venue, order);
    if let Value::Object(map) = &mut value {
        map.insert("pair".to_owned(), json!(order.symbol));
        map.insert("cumBase".to_owned(), json!("0"));
    }
    value
}

fn order_map(venue: &Venue, order: &Order) -> Map<String, Value> {
    let (price_dp, qty_dp) = decimals(venue, order);
    let value = json!({
        "orderId": order.id,
        "symbol": order.symbol,
        "status": order.status.wire(),
        "clientOrderId": order.client_id,
        "price": pad(order.price, price_dp),
        "origQty": pad(order.qty, qty_dp),
        "executedQty": pad(order.filled, qty_dp),
        "cumQty": pad(order.filled, qty_dp),
        "timeInForce": order.time_in_force.wire(),
        "type": order.kind.wire(),
        "origType": order.kind.wire(),
        "reduceOnly": order.reduce_only,
        "closePosition": false,
        "side": order.side.wire(),
        "positionSide": order.position_side.wire(),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": false,
        "priceMatch": order.terms.price_match.wire(),
        "selfTradePreventionMode": order.terms.stp.wire(),
        "goodTillDate": order.terms.good_till_ms,
        "updateTime": order.updated_ms,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn decimals(venue: &Venue, order: &Order) -> (u32, u32) {
    spec_decimals(venue.spec(&order.symbol))
}

/// Decimals of prices and quantities.
pub(super) fn spec_decimals(spec: Option<&SymbolSpec>) -> (u32, u32) {
    spec.map_or((8, 8), |spec| {
        (spec.price_precision, spec.quantity_precision)
    })
}

/// A row of userTrades.
pub(super) fn trade_row(venue: &Venue, trade: &Trade) -> Value {
    let (price_dp, qty_dp) = spec_decimals(venue.spec(&trade.symbol));
    json!({
        "symbol": trade.symbol,
        "pair": trade.symbol,
        "id": trade.id,
        "orderId": trade.order_id,
        "side": trade.side.wire(),
        "positionSide": trade.position_side.wire(),
        "price": pad(trade.price, price_dp),
        "qty": pad(trade.qty, qty_dp),
        "quoteQty": plain(trade.qty * trade.price),
        "baseQty": "0",
        "realizedPnl": money(trade.realized),
        "commission": money(trade.fee),
        "commissionAsset": "USDT",
        "marginAsset": "USDT",
        "time": trade.at_ms,
        "buyer": trade.side == Side::Buy,
        "maker": trade.maker,
    })
}
