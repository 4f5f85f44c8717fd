//! The texts of the WebSocket API: a call becomes a request frame, a frame an answer. No socket.

use serde_json::{Map, Value, json};

use crate::outcome::HttpResult;
use crate::request::{ApiRequest, Method};
use crate::sign::Credentials;

/// Id of the logon; requests count from 1.
pub(super) const LOGON_ID: u64 = 0;

/// Who signs, and when by the venue's clock.
pub(super) struct Signer<'a> {
    pub credentials: &'a Credentials,
    pub recv_window_ms: u32,
    pub venue_ms: i64,
}

/// The method that stands for a call (section 7 of the wire contract); none for what only REST
/// takes.
pub(super) fn method_of(request: &ApiRequest) -> Option<&'static str> {
    match (request.method, request.path) {
        (Method::Post, "/fapi/v1/order") => Some("order.place"),
        (Method::Delete, "/fapi/v1/order") => Some("order.cancel"),
        (Method::Post, "/fapi/v1/algoOrder") => Some("algoOrder.place"),
        (Method::Delete, "/fapi/v1/algoOrder") => Some("algoOrder.cancel"),
        _ => None,
    }
}

/// Logs a session on; Ed25519 keys only.
pub(super) fn logon(signer: &Signer<'_>) -> String {
    text(LOGON_ID, "session.logon", signed(Map::new(), signer))
}

/// Carries `params` out as `method`; signed, unless the session speaks for the key.
pub(super) fn call(
    id: u64,
    method: &str,
    params: &[(&'static str, String)],
    signer: &Signer<'_>,
    is_logged_on: bool,
) -> String {
    let members = params
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    let params = match is_logged_on {
        true => dated(members, signer),
        false => signed(members, signer),
    };
    text(id, method, params)
}

fn text(id: u64, method: &str, params: Map<String, Value>) -> String {
    json!({"id": id, "method": method, "params": params}).to_string()
}

fn dated(mut params: Map<String, Value>, signer: &Signer<'_>) -> Map<String, Value> {
    params.insert("recvWindow".into(), signer.recv_window_ms.into());
    params.insert("timestamp".into(), signer.venue_ms.into());
    params
}

/// What is signed is `k=v` of every member by name, the value as text, not escaped.
fn signed(params: Map<String, Value>, signer: &Signer<'_>) -> Map<String, Value> {
    let mut params = dated(params, signer);
    params.insert("apiKey".into(), signer.credentials.api_key().into());
    let mut pairs: Vec<(&String, &Value)> = params.iter().collect();
    pairs.sort_by_key(|(name, _)| name.as_str());
    let pairs = pairs.into_iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    let payload = pairs.collect::<Vec<String>>().join("&");
    let signature = signer.credentials.sign_plain(&payload);
    params.insert("signature".into(), signature.into());
    params
}

/// An answer, in the form in which REST would have given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Of the request that it answers.
    pub id: u64,
    /// Status and body, counters where told.
    pub result: HttpResult,
}

impl Answer {
    /// True when the venue no longer lets the session speak for the key: what was asked without a
    /// signature was refused for that alone.
    pub(super) fn is_session_lost(&self) -> bool {
        let Ok(error) = serde_json::from_str::<crate::response::ApiError>(&self.result.body) else {
            return false;
        };
        let names_proof = || error.msg.contains("signature") || error.msg.contains("apiKey");
        let refused = matches!(self.result.status, 400 | 401);
        refused
            && (matches!(error.code, -1022 | -2014 | -2015) || error.code == -1102 && names_proof())
    }
}

/// The answer in a frame; none for a frame that answers none of our requests.
#[must_use]
pub fn answer(text: &str) -> Option<Answer> {
    let frame: Value = serde_json::from_str(text).ok()?;
    let id = match frame.get("id")? {
        Value::String(id) => id.parse().ok()?,
        id => id.as_u64()?,
    };
    let status = frame.get("status")?.as_u64()?;
    let error = frame.get("error");
    let body = frame.get("result").or(error);
    let mut result = HttpResult {
        status: u16::try_from(status).ok()?,
        body: body.map(Value::to_string).unwrap_or_default(),
        retry_after_s: error.and_then(retry_after_s),
        ..HttpResult::default()
    };
    let limits = frame.get("rateLimits").and_then(Value::as_array);
    for limit in limits.into_iter().flatten() {
        learn(&mut result, limit);
    }
    Some(Answer { id, result })
}

/// `data` of a limit's error: until when to wait, and what time it is there.
fn retry_after_s(error: &Value) -> Option<u64> {
    let at = |name| error.get("data")?.get(name)?.as_u64();
    let wait_ms = at("retryAfter")?.checked_sub(at("serverTime")?)?;
    Some(wait_ms.div_ceil(1_000))
}

/// One row of `rateLimits`; rows that we don't know say nothing.
fn learn(result: &mut HttpResult, row: &Value) {
    let word = |name| row.get(name).and_then(Value::as_str);
    let number = |name| row.get(name).and_then(Value::as_u64);
    let Some(count) = number("count").and_then(|count| u32::try_from(count).ok()) else {
        return;
    };
    match (
        word("rateLimitType"),
        word("interval"),
        number("intervalNum"),
    ) {
        (Some("REQUEST_WEIGHT"), Some("MINUTE"), Some(1)) => result.used_weight = Some(count),
        (Some("ORDERS"), Some("SECOND"), Some(10)) => result.order_count_10s = Some(count),
        (Some("ORDERS"), Some("MINUTE"), Some(1)) => result.order_count_1m = Some(count),
        _ => {}
    }
}

#[cfg(test)]
#[path = "frame/tests.rs"]
mod tests;
