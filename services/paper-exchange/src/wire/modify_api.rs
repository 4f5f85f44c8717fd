//! Changing orders on REST.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::num::plain;
use super::order_json::order_answer;
use super::order_read::{Range, order_ref, read_price, read_price_match, read_side};
use super::params::Params;
use crate::venue::{Amendment, Modify, Venue, VenueError};

/// `PUT /fapi/v1/order`.
pub(super) fn modify(venue: &mut Venue, params: &Params, now_ms: i64) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    let side = read_side(params)?;
    let price_match = read_price_match(params)?;
    let qty = params
        .decimal("quantity")?
        .ok_or_else(|| VenueError::mandatory("quantity"))?;
    let wish = Modify {
        symbol,
        which: order_ref(params)?,
        side,
        qty,
        price: read_price(params, price_match)?,
        price_match,
        modify_id: params.int("modifyId")?,
        reduce_only: params.flag("reduceOnly")?,
    };
    let order = venue.modify_order(wish, now_ms)?;
    let mut answer = order_answer(venue, &order);
    if let Value::Object(map) = &mut answer {
        map.insert("pair".to_owned(), json!(order.symbol));
        if let Some(id) = order.modified.modify_id {
            map.insert("modifyId".to_owned(), json!(id));
        }
    }
    Ok(answer)
}

/// `GET /fapi/v1/orderAmendment`: newest first.
pub(super) fn amendments(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = params.symbol()?;
    venue.book(symbol)?;
    let range = Range::read(params)?;
    let id = params.id("orderId")?;
    let client = params.get("origClientOrderId");
    let wanted = venue.amendments().rev().filter(|amendment| {
        let order = &amendment.order;
        order.symbol == symbol
            && id.is_none_or(|id| id == order.id)
            && client.is_none_or(|client| client == order.client_id)
            && range.holds(amendment.at_ms)
    });
    Ok(range.oldest(wanted.map(row).collect()))
}

fn row(amendment: &Amendment) -> Value {
    let order = &amendment.order;
    let change =
        |before: Decimal, after: Decimal| json!({"before": plain(before), "after": plain(after)});
    json!({
        "amendmentId": amendment.id,
        "symbol": order.symbol,
        "pair": order.symbol,
        "orderId": order.id,
        "clientOrderId": order.client_id,
        "time": amendment.at_ms,
        "amendment": {
            "price": change(amendment.price_before, order.price),
            "origQty": change(amendment.qty_before, order.qty),
            "count": order.modified.count,
            "modifyId": order.modified.modify_id.unwrap_or_default(),
        },
    })
}
