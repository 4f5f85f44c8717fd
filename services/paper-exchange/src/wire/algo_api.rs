//! Conditional orders on REST.

use serde_json::{Map, Value, json};

use super::num::{pad, plain};
use super::order_api::{Range, known_symbol, read_position_side, read_side, spec_decimals};
use super::params::Params;
use crate::venue::{
    AlgoKind, AlgoOrder, NewAlgo, OrderRef, TimeInForce, Venue, VenueError, WorkingType,
};

/// `POST /fapi/v1/algoOrder`.
pub(super) fn place(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let new = read_algo(venue, params)?;
    let algo = venue.place_algo(new, now_ms)?;
    let mut map = algo_map(venue, &algo);
    map.insert("activatePrice".to_owned(), json!(""));
    map.insert("callbackRate".to_owned(), json!(""));
    Ok(Value::Object(map))
}

/// `GET /fapi/v1/algoOrder`.
pub(super) fn get(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let algo = venue.algo(algo_ref(params)?)?;
    let mut map = queried(venue, algo);
    let fired = algo.child_id.is_some();
    map.insert(
        "actualType".to_owned(),
        json!(if fired { "MARKET" } else { "" }),
    );
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
    if params.need("algoType")? != "CONDITIONAL" {
        return Err(super::params::invalid("algoType"));
    }
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let side = read_side(params)?;
    let kind = read_kind(params.need("type")?)?;
    let position_side = read_position_side(venue, params)?;
    let trigger = params
        .decimal("triggerPrice")?
        .ok_or_else(|| VenueError::mandatory("triggerprice"))?;
    let mut new = NewAlgo::close_position(symbol, side, kind, trigger).on_leg(position_side);
    new.close_position = params.flag("closePosition")?;
    new.qty = params
        .decimal("quantity")?
        .filter(|qty| !(new.close_position && qty.is_zero()));
    new.reduce_only = params.flag("reduceOnly")?;
    new.price_protect = params.flag("priceProtect")?;
    new.time_in_force = read_tif(params)?;
    new.working_type = read_working_type(params)?;
    new.client_id = params.get("clientAlgoId").map(str::to_owned);
    if params.get("price").is_some() {
        return Err(VenueError::not_required("price"));
    }
    Ok(new)
}

fn read_kind(text: &str) -> Result<AlgoKind, VenueError> {
    if let Some(kind) = AlgoKind::parse(text) {
        return Ok(kind);
    }
    match text {
        // Real kinds of the venue that this one does not trade.
        "STOP" | "TAKE_PROFIT" | "TRAILING_STOP_MARKET" => {
            Err(VenueError::new(-1020, "This operation is not supported."))
        }
        _ => Err(VenueError::new(-1116, "Invalid orderType.")),
    }
}

fn read_tif(params: &Params) -> Result<TimeInForce, VenueError> {
    match params.get("timeInForce").map(TimeInForce::parse) {
        None => Ok(TimeInForce::Gtc),
        Some(Some(tif @ (TimeInForce::Gtc | TimeInForce::GteGtc))) => Ok(tif),
        Some(_) => Err(VenueError::new(-1115, "Invalid timeInForce.")),
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
        "price": "0",
        "icebergQuantity": "null",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": algo.working_type.wire(),
        "priceMatch": "NONE",
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": 0,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
