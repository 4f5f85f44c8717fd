//! Conditional orders on REST.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::num::{pad, plain};
use super::order_json::spec_decimals;
use super::order_read::{
    Range, known_symbol, read_position_side, read_reduce_only, read_side, read_terms,
};
use super::params::Params;
use crate::venue::{
    AlgoKind, AlgoOrder, NewAlgo, OrderKind, OrderRef, TimeInForce, Trail, Trailing, Venue,
    VenueError, WorkingType,
};

/// `POST /fapi/v1/algoOrder`.
pub(super) fn place(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let new = read_algo(venue, params)?;
    let algo = venue.place_algo(new, now_ms)?;
    Ok(Value::Object(algo_map(venue, &algo)))
}

/// `GET /fapi/v1/algoOrder`.
pub(super) fn get(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let algo = venue.algo(algo_ref(params)?)?;
    let mut map = queried(venue, algo);
    let child_kind = algo.child_id.map(|_| algo.kind.child_kind().wire());
    let child_kind = child_kind.unwrap_or_default();
    map.insert("actualType".to_owned(), json!(child_kind));
    map.insert("actualQty".to_owned(), json!(plain(algo.filled)));
    Ok(Value::Object(map))
}

/// `DELETE /fapi/v1/algoOrder`: `code` is a string here.
pub(super) fn cancel(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let algo = venue.cancel_algo(algo_ref(params)?, now_ms)?;
    Ok(json!({
        "algoId": algo.id,
        "clientAlgoId": algo.client_id,
        "code": "200",
        "msg": "success",
    }))
}

/// `GET /fapi/v1/openAlgoOrders`.
pub(super) fn open(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    let id = params.id("algoId")?;
    let wanted = venue.open_algos().filter(|algo| {
        symbol.is_none_or(|symbol| symbol == algo.symbol) && id.is_none_or(|id| id == algo.id)
    });
    Ok(Value::Array(
        wanted.map(|algo| listed(venue, algo)).collect(),
    ))
}

/// `GET /fapi/v1/allAlgoOrders`.
pub(super) fn all(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let range = Range::read(params)?;
    let from = params.id("algoId")?.unwrap_or(0);
    let wanted = venue
        .all_algos()
        .filter(|algo| algo.symbol == symbol && algo.id >= from && range.holds(algo.created_ms));
    Ok(range.newest(wanted.map(|algo| listed(venue, algo)).collect()))
}

/// `DELETE /fapi/v1/algoOpenOrders`.
pub(super) fn cancel_all(
    venue: &mut Venue,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    venue.cancel_all_algos(params.symbol()?, now_ms)?;
    Ok(json!({"code": 200, "msg": "The operation of cancel all open order is done."}))
}

fn read_algo(venue: &Venue, params: &Params) -> Result<NewAlgo, VenueError> {
    match params.need("algoType")? {
        "CONDITIONAL" => {}
        // Known to the venue, but no part of the conditional service.
        "VP" | "TWAP" => {
            return Err(VenueError::new(-1020, "This operation is not supported."));
        }
        _ => return Err(super::params::invalid("algoType")),
    }
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let side = read_side(params)?;
    let kind = AlgoKind::parse(params.need("type")?)
        .ok_or_else(|| VenueError::new(-1116, "Invalid orderType."))?;
    let position_side = read_position_side(venue, params)?;
    let trigger = read_trigger(params, kind)?;
    let mut new = NewAlgo::close_position(symbol, side, kind, trigger).on_leg(position_side);
    new.close_position = params.flag("closePosition")?;
    new.qty = params
        .decimal("quantity")?
        .filter(|qty| !(new.close_position && qty.is_zero()));
    new.reduce_only = read_reduce_only(params)?;
    new.price = params.decimal("price")?;
    new.trail = read_trail(params, kind)?;
    new.terms = read_terms(params)?;
    new.price_protect = params.flag("priceProtect")?;
    new.time_in_force = read_tif(params)?;
    new.working_type = read_working_type(params)?;
    new.client_id = params.get("clientAlgoId").map(str::to_owned);
    Ok(new)
}

/// A trailing stop has no trigger price: one that is sent counts as reached, as reported.
fn read_trigger(params: &Params, kind: AlgoKind) -> Result<Decimal, VenueError> {
    let sent = params.decimal("triggerPrice")?;
    match (kind, sent) {
        (AlgoKind::TrailingStopMarket, None) => Ok(Decimal::ZERO),
        (AlgoKind::TrailingStopMarket, Some(_)) => Err(VenueError::would_trigger()),
        (_, Some(trigger)) => Ok(trigger),
        (_, None) => Err(VenueError::mandatory("triggerprice")),
    }
}

/// `activatePrice`, which some clients still call `activationPrice`, and `callbackRate`.
fn read_trail(params: &Params, kind: AlgoKind) -> Result<Option<Trail>, VenueError> {
    if kind != AlgoKind::TrailingStopMarket {
        return Ok(None);
    }
    let callback_rate = params
        .decimal("callbackRate")?
        .ok_or_else(|| VenueError::mandatory("callbackrate"))?;
    let activate_price = params.decimal("activatePrice")?;
    Ok(Some(Trail {
        activate_price: match activate_price {
            None => params.decimal("activationPrice")?,
            sent => sent,
        },
        callback_rate,
    }))
}

fn read_tif(params: &Params) -> Result<TimeInForce, VenueError> {
    match params.get("timeInForce") {
        None => Ok(TimeInForce::Gtc),
        Some(text) => {
            TimeInForce::parse(text).ok_or_else(|| VenueError::new(-1115, "Invalid timeInForce."))
        }
    }
}

fn read_working_type(params: &Params) -> Result<WorkingType, VenueError> {
    match params.get("workingType") {
        None => Ok(WorkingType::ContractPrice),
        Some(text) => WorkingType::parse(text).ok_or_else(|| super::params::invalid("workingType")),
    }
}

fn algo_ref(params: &Params) -> Result<OrderRef<'_>, VenueError> {
    if let Some(id) = params.id("algoId")? {
        return Ok(OrderRef::Id(id));
    }
    let client = params.get("clientAlgoId").map(OrderRef::Client);
    client.ok_or_else(|| VenueError::mandatory("algoid"))
}

fn listed(venue: &Venue, algo: &AlgoOrder) -> Value {
    let mut map = queried(venue, algo);
    for name in ["tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice"] {
        map.insert(name.to_owned(), json!("0.000"));
    }
    Value::Object(map)
}

fn queried(venue: &Venue, algo: &AlgoOrder) -> Map<String, Value> {
    let (price_dp, _) = spec_decimals(venue.spec(&algo.symbol));
    let mut map = algo_map(venue, algo);
    let child = algo.child_id.map(|id| id.to_string()).unwrap_or_default();
    map.insert("actualOrderId".to_owned(), json!(child));
    map.insert(
        "actualPrice".to_owned(),
        json!(pad(algo.avg_price, price_dp)),
    );
    map.insert("tpOrderType".to_owned(), json!(""));
    map
}

fn algo_map(venue: &Venue, algo: &AlgoOrder) -> Map<String, Value> {
    let (price_dp, qty_dp) = spec_decimals(venue.spec(&algo.symbol));
    let quantity = if algo.close_position {
        "0".to_owned()
    } else {
        pad(algo.qty, qty_dp)
    };
    let price = match algo.kind.child_kind() {
        OrderKind::Limit => pad(algo.price, price_dp),
        OrderKind::Market => "0".to_owned(),
    };
    let trailing = |text: fn(&Trailing, u32) -> String| {
        let shown = algo
            .trailing
            .as_ref()
            .map(|trailing| text(trailing, price_dp));
        shown.unwrap_or_default()
    };
    let value = json!({
        "algoId": algo.id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.kind.wire(),
        "symbol": algo.symbol,
        "side": algo.side.wire(),
        "positionSide": algo.position_side.wire(),
        "timeInForce": algo.time_in_force.wire(),
        "quantity": quantity,
        "algoStatus": algo.status.wire(),
        "triggerPrice": pad(algo.trigger_price, price_dp),
        "price": price,
        "icebergQuantity": "null",
        "selfTradePreventionMode": algo.terms.stp.wire(),
        "workingType": algo.working_type.wire(),
        "priceMatch": algo.terms.price_match.wire(),
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
        "activatePrice": trailing(|t, dp| pad(t.activate_price, dp)),
        "callbackRate": trailing(|t, _| plain(t.callback_rate)),
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": algo.terms.good_till_ms,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
