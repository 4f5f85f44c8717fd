//! The WebSocket API (section 7 of the wire contract): a frame becomes the same call that REST
//! makes, and its answer becomes a frame again. No socket, no clock.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::route::Route;
use super::{Fate, WireRequest, WireResponse, banned, status_of};
use crate::venue::{Venue, VenueError};

/// Most members of `params`; the venue's longest call has under 30.
const MAX_PARAMS: usize = 64;
/// IP weight of the handshake.
pub const HANDSHAKE_WEIGHT: u32 = 5;

/// What one connection of the WebSocket API has agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WsSession {
    connected_ms: i64,
    /// Whose session it is since when, after `session.logon`.
    logged_on: Option<(String, i64)>,
    returns_limits: bool,
}

impl WsSession {
    /// A fresh connection; the query of its address may say `returnRateLimits=false`.
    #[must_use]
    pub fn new(query: &str, now_ms: i64) -> Self {
        Self {
            connected_ms: now_ms,
            logged_on: None,
            returns_limits: !query
                .split('&')
                .any(|part| part == "returnRateLimits=false"),
        }
    }

    fn status(&self, now_ms: i64) -> Value {
        let (key, since) = match &self.logged_on {
            Some((key, since)) => (json!(key), json!(since)),
            None => (Value::Null, Value::Null),
        };
        json!({
            "apiKey": key,
            "authorizedSince": since,
            "connectedSince": self.connected_ms,
            "returnRateLimits": self.returns_limits,
            "serverTime": now_ms,
        })
    }
}

/// How a request came by the WebSocket API, for the key and signature checks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WsCall {
    /// For instance `order.place`.
    pub method: String,
    /// What the signature covers: `k=v` of all parameters by name, as text.
    pub payload: String,
    /// The `signature` member.
    pub signature: Option<String>,
    /// True when the session speaks for the key: no signature is needed.
    pub logged_on: bool,
}

/// One answer frame and what becomes of it on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WsAnswer {
    /// JSON text.
    pub text: String,
    /// See [`Fate`].
    pub fate: Fate,
}

/// A request frame, every value as it was written.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    #[serde(borrow)]
    params: Option<BTreeMap<String, &'a RawValue>>,
}

/// Answers one frame; `handle` carries the call out (the venue, or the fault layer before it).
pub fn answer_frame(
    session: &mut WsSession,
    text: &str,
    now_ms: i64,
    venue: &mut Venue,
    handle: impl FnOnce(&mut Venue, &WireRequest) -> WireResponse,
) -> WsAnswer {
    let Ok(frame) = serde_json::from_str::<Frame<'_>>(text) else {
        return invalid_frame("null", "Invalid message: not a JSON request.");
    };
    let id = frame.id.map_or("null", RawValue::get);
    // The echo must be readable: a number beyond any double is not.
    if id.starts_with(['{', '[']) || serde_json::from_str::<Value>(id).is_err() {
        return invalid_frame("null", "Invalid message: id must be a number or a text.");
    }
    let Some(method) = frame.method else {
        return invalid_frame(id, "Invalid message: method is missing.");
    };
    let params = match texts(frame.params.unwrap_or_default()) {
        Ok(params) => params,
        Err(error) => return refused(id, 400, &error),
    };
    let with_limits = session.returns_limits && flag(&params, "returnRateLimits") != Some(false);
    let Some((verb, path)) = rest_call(&method) else {
        venue.stats.count_error(-5000);
        let text = format!("Path /ws-fapi/v1, Method {method} is invalid");
        return refused(id, 404, &VenueError::new(-5000, text));
    };
    let request = request(session, &method, verb, path, params);
    let mut response = handle(venue, &request);
    if response.status == 200 {
        let server_ms = venue.session.server_ms(now_ms);
        session_step(session, &method, &request, &mut response, server_ms);
    }
    let limits = with_limits.then(|| limits(venue, &request, now_ms));
    WsAnswer {
        text: render(id, &response, limits),
        fate: response.fate,
    }
}

/// The REST call that a method stands for; session calls have no path of REST.
fn rest_call(method: &str) -> Option<(&'static str, &'static str)> {
    Some(match method {
        "ping" => ("GET", "/fapi/v1/ping"),
        "time" => ("GET", "/fapi/v1/time"),
        "depth" => ("GET", "/fapi/v1/depth"),
        "ticker.price" => ("GET", "/fapi/v2/ticker/price"),
        "ticker.book" => ("GET", "/fapi/v1/ticker/bookTicker"),
        "order.place" => ("POST", "/fapi/v1/order"),
        "order.modify" => ("PUT", "/fapi/v1/order"),
        "order.cancel" => ("DELETE", "/fapi/v1/order"),
        "order.status" => ("GET", "/fapi/v1/order"),
        "algoOrder.place" => ("POST", "/fapi/v1/algoOrder"),
        "algoOrder.cancel" => ("DELETE", "/fapi/v1/algoOrder"),
        "account.position" => ("GET", "/fapi/v2/positionRisk"),
        "v2/account.position" => ("GET", "/fapi/v3/positionRisk"),
        "account.balance" => ("GET", "/fapi/v2/balance"),
        "v2/account.balance" => ("GET", "/fapi/v3/balance"),
        "account.status" => ("GET", "/fapi/v2/account"),
        "v2/account.status" => ("GET", "/fapi/v3/account"),
        "userDataStream.start" => ("POST", "/fapi/v1/listenKey"),
        "userDataStream.ping" => ("PUT", "/fapi/v1/listenKey"),
        "userDataStream.stop" => ("DELETE", "/fapi/v1/listenKey"),
        "session.logon" => (Route::SESSION_VERB, "session.logon"),
        "session.status" => (Route::SESSION_VERB, "session.status"),
        "session.logout" => (Route::SESSION_VERB, "session.logout"),
        _ => return None,
    })
}

fn request(
    session: &WsSession,
    method: &str,
    verb: &str,
    path: &str,
    mut params: BTreeMap<String, String>,
) -> WireRequest {
    let signature = params.remove("signature");
    let join = |encode: fn(&str) -> String| {
        let pairs = params
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)));
        pairs.collect::<Vec<String>>().join("&")
    };
    let query = join(|value| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string());
    let payload = join(str::to_owned);
    let own_key = params.remove("apiKey");
    let session_key = session.logged_on.as_ref().map(|(key, _)| key);
    let speaks_for_key = own_key.as_ref().is_none_or(|key| Some(key) == session_key);
    WireRequest {
        method: verb.to_owned(),
        path: path.to_owned(),
        query,
        body: String::new(),
        ws: Some(WsCall {
            method: method.to_owned(),
            payload,
            logged_on: signature.is_none() && session_key.is_some() && speaks_for_key,
            signature,
        }),
        api_key: own_key.or_else(|| session_key.cloned()),
    }
}

/// What an accepted session call changes, and its result.
fn session_step(
    session: &mut WsSession,
    method: &str,
    request: &WireRequest,
    response: &mut WireResponse,
    now_ms: i64,
) {
    match method {
        "session.logon" => {
            session.logged_on = request.api_key.clone().map(|key| (key, now_ms));
        }
        "session.logout" => session.logged_on = None,
        "session.status" => {}
        _ => return,
    }
    response.body = session.status(now_ms).to_string();
}

/// Every value as the text that is signed: a JSON string's content, anything else as written.
fn texts(params: BTreeMap<String, &RawValue>) -> Result<BTreeMap<String, String>, VenueError> {
    if params.len() > MAX_PARAMS {
        let text = "Too many parameters sent for this endpoint.";
        return Err(VenueError::new(-1101, text));
    }
    let mut out = BTreeMap::new();
    for (name, value) in params {
        let raw = value.get();
        let text = match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(raw).unwrap_or_default(),
            Some(b'n') => continue,
            _ => raw.to_owned(),
        };
        out.insert(name, text);
    }
    Ok(out)
}

fn flag(params: &BTreeMap<String, String>, name: &str) -> Option<bool> {
    match params.get(name)?.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Order counters where an order was placed, the weight always.
fn limits(venue: &Venue, request: &WireRequest, now_ms: i64) -> Value {
    let route = Route::find(&request.method, &request.path);
    let counts_orders = route.and_then(Route::order_cost).is_some();
    venue.session.rate_limits(counts_orders, now_ms)
}

fn render(id: &str, response: &WireResponse, limits: Option<Value>) -> String {
    let (status, body) = (response.status, &response.body);
    let part = if status == 200 { "result" } else { "error" };
    let limits = limits.map_or_else(String::new, |limits| format!(r#","rateLimits":{limits}"#));
    format!(r#"{{"id":{id},"status":{status},"{part}":{body}{limits}}}"#)
}

fn refused(id: &str, status: u16, error: &VenueError) -> WsAnswer {
    let response = WireResponse::error(status, error);
    WsAnswer {
        text: render(id, &response, None),
        fate: Fate::Answered,
    }
}

fn invalid_frame(id: &str, text: &str) -> WsAnswer {
    refused(id, 400, &VenueError::new(-1013, text))
}

/// The weight of the connection itself.
///
/// # Errors
/// The HTTP answer in its place: 429 when it passes the limit, 418 while the address is banned.
pub fn count_handshake(venue: &mut Venue, now_ms: i64) -> Result<(), WireResponse> {
    if let Some(until_ms) = venue.session.banned_until_ms(now_ms) {
        return Err(banned(until_ms, now_ms));
    }
    let counted = venue.session.count_weight(HANDSHAKE_WEIGHT, now_ms);
    counted.map_err(|error| {
        let wait_s = venue.session.retry_after_s(now_ms).to_string();
        WireResponse {
            headers: vec![("retry-after", wait_s)],
            ..WireResponse::error(status_of(error.code), &error)
        }
    })
}
