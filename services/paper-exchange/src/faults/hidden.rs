//! Orders that are there and do not show yet, as on the real venue right after placing them.

use serde_json::Value;

use super::error;
use crate::wire::{WireRequest, WireResponse};

/// Queries of one order: the member that tells when it was made.
const ONE: [(&str, &str); 3] = [
    ("/fapi/v1/order", "time"),
    ("/fapi/v1/openOrder", "time"),
    ("/fapi/v1/algoOrder", "createTime"),
];
/// Lists of orders, likewise.
const LISTS: [(&str, &str); 4] = [
    ("/fapi/v1/openOrders", "time"),
    ("/fapi/v1/allOrders", "time"),
    ("/fapi/v1/openAlgoOrders", "createTime"),
    ("/fapi/v1/allAlgoOrders", "createTime"),
];

/// The answer without the orders that were made after `seen_ms`; a query of one of them is -2013.
pub(super) fn without_young(
    request: &WireRequest,
    mut response: WireResponse,
    seen_ms: i64,
) -> WireResponse {
    if request.method != "GET" || response.status != 200 {
        return response;
    }
    let member = |table: &[(&str, &'static str)]| {
        let row = table.iter().find(|(path, _)| *path == request.path);
        row.map(|(_, member)| *member)
    };
    let is_young = |row: &Value, member| row[member].as_i64().is_some_and(|made| made > seen_ms);
    if let Some(member) = member(&ONE) {
        let row: Value = serde_json::from_str(&response.body).unwrap_or_default();
        if is_young(&row, member) {
            let headers = response.headers;
            return WireResponse {
                headers,
                ..error(-2013, "Order does not exist.")
            };
        }
    } else if let Some(member) = member(&LISTS) {
        let rows: Vec<Value> = serde_json::from_str(&response.body).unwrap_or_default();
        let old = rows.into_iter().filter(|row| !is_young(row, member));
        response.body = Value::Array(old.collect()).to_string();
    }
    response
}
