//! Ordinary orders and trades on REST.

use serde_json::{Map, Value, json};

use super::num::{money, pad, plain};
use super::params::{Params, invalid};
use crate::venue::{
    NewOrder, Order, OrderKind, OrderRef, OrderStatus, PositionSide, Side, SymbolSpec, TimeInForce,
    Trade, Venue, VenueError,
};

/// Rows when no limit is sent.
const DEFAULT_LIMIT: i64 = 500;
/// Most rows of one answer.
const MAX_LIMIT: i64 = 1_000;
/// Kinds that moved to the algo service in December 2025.
const CONDITIONAL: [&str; 5] = [
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
];

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
    venue.clone().place_order(new, now_ms)?;
    Ok(json!({}))
}

/// `GET /fapi/v1/order`.
pub(super) fn get(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let order = venue.order(params.symbol()?, order_ref(params)?)?;
    Ok(full_order(venue, order))
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
pub(super) fn all(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let range = Range::read(params)?;
    let from = params.id("orderId")?.unwrap_or(0);
    let symbol = known_symbol(venue, params)?;
    let wanted = venue.all_orders().filter(|order| {
        order.id >= from
            && symbol.is_none_or(|symbol| symbol == order.symbol)
            && range.holds(order.created_ms)
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

/// `GET /fapi/v1/userTrades`: with `fromId` the oldest `limit` from there, else the newest.
pub(super) fn user_trades(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let range = Range::read(params)?;
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

/// Time range and row limit of a history query.
pub(super) struct Range {
    start_ms: i64,
    end_ms: i64,
    limit: usize,
}

impl Range {
    pub(super) fn read(params: &Params) -> Result<Self, VenueError> {
        let limit = params
            .int("limit")?
            .unwrap_or(DEFAULT_LIMIT)
            .clamp(1, MAX_LIMIT);
        Ok(Self {
            start_ms: params.int("startTime")?.unwrap_or(i64::MIN),
            end_ms: params.int("endTime")?.unwrap_or(i64::MAX),
            limit: usize::try_from(limit).unwrap_or(1),
        })
    }

    pub(super) fn holds(&self, at_ms: i64) -> bool {
        (self.start_ms..=self.end_ms).contains(&at_ms)
    }

    pub(super) fn newest(&self, mut rows: Vec<Value>) -> Value {
        let skip = rows.len().saturating_sub(self.limit);
        Value::Array(rows.split_off(skip))
    }

    fn oldest(&self, mut rows: Vec<Value>) -> Value {
        rows.truncate(self.limit);
        Value::Array(rows)
    }
}

/// The symbol, when one is sent; it must exist.
pub(super) fn known_symbol<'a>(
    venue: &Venue,
    params: &'a Params,
) -> Result<Option<&'a str>, VenueError> {
    let symbol = params.get("symbol");
    if let Some(symbol) = symbol {
        venue.book(symbol)?;
    }
    Ok(symbol)
}

/// The side; -1117 when it is no side.
pub(super) fn read_side(params: &Params) -> Result<Side, VenueError> {
    let text = params.need("side")?;
    Side::parse(text).ok_or_else(|| VenueError::new(-1117, "Invalid side."))
}

/// Absent means BOTH; hedge mode takes only LONG and SHORT, and no `reduceOnly` beside them.
pub(super) fn read_position_side(
    venue: &Venue,
    params: &Params,
) -> Result<PositionSide, VenueError> {
    let side = match params.get("positionSide") {
        None => PositionSide::Both,
        Some(text) => PositionSide::parse(text)
            .ok_or_else(|| VenueError::new(-4060, "Invalid position side."))?,
    };
    if venue.is_hedge() == (side == PositionSide::Both) {
        return Err(VenueError::wrong_position_side());
    }
    if venue.is_hedge() && params.get("reduceOnly").is_some() {
        return Err(VenueError::not_required("reduceonly"));
    }
    Ok(side)
}

fn read_order(venue: &Venue, params: &Params) -> Result<NewOrder, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let side = read_side(params)?;
    let kind = read_kind(params.need("type")?)?;
    let position_side = read_position_side(venue, params)?;
    if params.flag("closePosition")? {
        return Err(VenueError::new(
            -4136,
            "Target strategy invalid for orderType,closePosition",
        ));
    }
    let qty = params
        .decimal("quantity")?
        .ok_or_else(|| VenueError::mandatory("quantity"))?;
    let mut new = NewOrder::market(symbol, side, qty).on_leg(position_side);
    new.kind = kind;
    new.reduce_only = params.flag("reduceOnly")?;
    new.client_id = params.get("newClientOrderId").map(str::to_owned);
    if kind == OrderKind::Market {
        let forbidden = ["timeInForce", "price"]
            .into_iter()
            .find(|n| params.get(n).is_some());
        return match forbidden {
            Some(name) => Err(VenueError::not_required(&name.to_lowercase())),
            None => Ok(new),
        };
    }
    new.time_in_force = read_limit_tif(params.need("timeInForce")?)?;
    new.price = params
        .decimal("price")?
        .ok_or_else(|| VenueError::mandatory("price"))?;
    Ok(new)
}

fn read_kind(text: &str) -> Result<OrderKind, VenueError> {
    if CONDITIONAL.contains(&text) {
        let text = "Order type not supported for this endpoint. Please use the Algo Order API \
                    endpoints instead.";
        return Err(VenueError::new(-4120, text));
    }
    OrderKind::parse(text).ok_or_else(|| VenueError::new(-1116, "Invalid orderType."))
}

fn read_limit_tif(text: &str) -> Result<TimeInForce, VenueError> {
    let tif = TimeInForce::parse(text).filter(|tif| *tif != TimeInForce::GteGtc);
    tif.ok_or_else(|| VenueError::new(-1115, "Invalid timeInForce."))
}

fn order_ref(params: &Params) -> Result<OrderRef<'_>, VenueError> {
    if let Some(id) = params.id("orderId")? {
        return Ok(OrderRef::Id(id));
    }
    let client = params.get("origClientOrderId").map(OrderRef::Client);
    let text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!";
    client.ok_or_else(|| VenueError::new(-1102, text))
}

/// What an ACK shows: the order before any matching.
fn as_accepted(mut order: Order) -> Order {
    order.status = OrderStatus::New;
    order.filled = rust_decimal::Decimal::ZERO;
    order.quote = rust_decimal::Decimal::ZERO;
    order
}

/// The object of new and cancel answers: without avgPrice and cumQuote since July 2026.
fn order_answer(venue: &Venue, order: &Order) -> Value {
    Value::Object(order_map(venue, order))
}

fn full_order(venue: &Venue, order: &Order) -> Value {
    let mut map = order_map(venue, order);
    let price_dp = decimals(venue, order).0;
    map.remove("cumQty");
    map.insert(
        "avgPrice".to_owned(),
        json!(pad(order.avg_price(), price_dp)),
    );
    map.insert("cumQuote".to_owned(), json!(plain(order.quote)));
    map.insert("time".to_owned(), json!(order.created_ms));
    Value::Object(map)
}

fn history_order(venue: &Venue, order: &Order) -> Value {
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
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": 0,
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

fn trade_row(venue: &Venue, trade: &Trade) -> Value {
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
