//! Several orders in one call: each element is answered on its own, with an order or an error.

use serde_json::{Map, Value, json};

use super::order_json::order_answer;
use super::params::{Params, invalid};
use super::{modify_api, order_api};
use crate::venue::{OrderRef, Venue, VenueError};

/// Orders of one POST or PUT.
const MAX_PLACED: usize = 5;
/// Orders of one DELETE.
const MAX_CANCELED: usize = 10;
/// The lists a batch is canceled by, ids first. Clients in use send both names in lower case too.
const CANCEL_LISTS: [(&str, bool); 4] = [
    ("orderIdList", true),
    ("orderidlist", true),
    ("origClientOrderIdList", false),
    ("origclientorderidlist", false),
];

/// `POST /fapi/v1/batchOrders`.
///
/// # Errors
/// -1102, -1130 when the list cannot be read, -4082 for its length.
pub(super) fn place(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    each(params, |element| order_api::place(venue, element, now_ms))
}

/// `PUT /fapi/v1/batchOrders`.
///
/// # Errors
/// As [`place`].
pub(super) fn modify(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    each(params, |element| modify_api::modify(venue, element, now_ms))
}

/// `DELETE /fapi/v1/batchOrders`: by `orderIdList` or `origClientOrderIdList`.
///
/// # Errors
/// -1121, -1102, -1130.
pub(super) fn cancel(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let sent = CANCEL_LISTS
        .into_iter()
        .find(|(name, _)| params.get(name).is_some());
    let (name, by_id) = sent.unwrap_or(("origClientOrderIdList", false));
    let wanted = list(params, name)?;
    if wanted.is_empty() || wanted.len() > MAX_CANCELED {
        return Err(invalid(name));
    }
    let rows = wanted.iter().map(|value| {
        let text = as_text(value).ok_or_else(|| invalid(name))?;
        let which = if by_id {
            OrderRef::Id(text.parse().map_err(|_| invalid(name))?)
        } else {
            OrderRef::Client(&text)
        };
        let order = venue.cancel_order(symbol, which, now_ms)?;
        Ok(order_answer(venue, &order))
    });
    Ok(Value::Array(rows.map(row).collect()))
}

fn each(
    params: &Params,
    mut execute: impl FnMut(&Params) -> Result<Value, VenueError>,
) -> Result<Value, VenueError> {
    let elements = list(params, "batchOrders")?;
    if elements.is_empty() || elements.len() > MAX_PLACED {
        let text = "Invalid number of batch place orders.";
        return Err(VenueError::new(-4082, text));
    }
    let elements: Option<Vec<&Map<String, Value>>> =
        elements.iter().map(Value::as_object).collect();
    let elements = elements.ok_or_else(|| invalid("batchOrders"))?;
    let rows = elements.into_iter().map(|element| {
        let params = Params::of_json(element)?;
        execute(&params)
    });
    Ok(Value::Array(rows.map(row).collect()))
}

/// A refused element does not refuse its neighbours.
fn row(result: Result<Value, VenueError>) -> Value {
    result.unwrap_or_else(|error| json!({"code": error.code, "msg": error.message}))
}

fn list(params: &Params, name: &str) -> Result<Vec<Value>, VenueError> {
    let text = params.need(name)?;
    serde_json::from_str(text).map_err(|_| invalid(name))
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
