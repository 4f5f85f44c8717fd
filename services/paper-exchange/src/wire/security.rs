//! Key header, time window and signature of a request.

use percent_encoding::percent_decode_str;

use super::params::{Params, invalid};
use super::route::{Route, Security};
use super::{Credentials, WireRequest, WsCall};
use crate::venue::{Venue, VenueError};

/// Window when none is sent, ms.
const DEFAULT_WINDOW_MS: i64 = 5_000;
/// Largest window, ms.
const MAX_WINDOW_MS: i64 = 60_000;
/// How far a request may be ahead of the server, ms.
const MAX_AHEAD_MS: i64 = 1_000;

/// Checks what the route asks for.
///
/// # Errors
/// -2014, -2015, -1102, -1021, -5028, -1022, -1130, -1131.
pub(super) fn check(
    venue: &Venue,
    request: &WireRequest,
    route: Route,
    params: &Params,
    now_ms: i64,
) -> Result<(), VenueError> {
    let security = route.security();
    if security == Security::None {
        return Ok(());
    }
    let credentials = venue.config().credentials.as_ref();
    if let Some(credentials) = credentials {
        check_key(credentials, request.api_key.as_deref())?;
    }
    if security == Security::Key {
        return Ok(());
    }
    let server_ms = venue.session.server_ms(now_ms);
    check_time(params, credentials.is_some(), server_ms)?;
    if route.order_cost().is_some() {
        check_engine_time(params, venue.config().rules.engine_delay_ms, server_ms)?;
    }
    match (credentials, &request.ws) {
        (None, _) => Ok(()),
        (Some(credentials), Some(call)) => check_ws(credentials, call, route),
        (Some(credentials), None) => check_signature(credentials, request),
    }
}

/// The signature of a call of the WebSocket API; a session that is logged on needs none.
fn check_ws(credentials: &Credentials, call: &WsCall, route: Route) -> Result<(), VenueError> {
    let is_logon = route == Route::SessionLogon;
    if call.logged_on && !is_logon {
        return Ok(());
    }
    let Some(signature) = &call.signature else {
        return Err(VenueError::mandatory("signature"));
    };
    let payload = call.payload.as_bytes();
    if !credentials.verifies(payload, signature) {
        return Err(wrong_signature());
    }
    if is_logon && !credentials.verifies_ed25519(payload, signature) {
        let text = "HMAC_SHA256 API key is not supported.";
        return Err(VenueError::new(-4056, text));
    }
    Ok(())
}

fn wrong_signature() -> VenueError {
    VenueError::new(-1022, "Signature for this request is not valid.")
}

fn check_key(credentials: &Credentials, api_key: Option<&str>) -> Result<(), VenueError> {
    let Some(api_key) = api_key.filter(|key| !key.is_empty()) else {
        return Err(VenueError::new(-2014, "API-key format invalid."));
    };
    if credentials.is_key(api_key) {
        return Ok(());
    }
    Err(VenueError::new(
        -2015,
        "Invalid API-key, IP, or permissions for action.",
    ))
}

fn check_time(params: &Params, required: bool, now_ms: i64) -> Result<(), VenueError> {
    let Some(timestamp) = params.int("timestamp")? else {
        return if required {
            Err(VenueError::mandatory("timestamp"))
        } else {
            Ok(())
        };
    };
    let window = params.int("recvWindow")?.unwrap_or(DEFAULT_WINDOW_MS);
    if window <= 0 {
        return Err(invalid("recvWindow"));
    }
    if window > MAX_WINDOW_MS {
        return Err(VenueError::new(-1131, "recvWindow must be less than 60000"));
    }
    if timestamp >= now_ms.saturating_add(MAX_AHEAD_MS) {
        let text = "Timestamp for this request was 1000ms ahead of the server's time.";
        return Err(VenueError::new(-1021, text));
    }
    if now_ms.saturating_sub(timestamp) > window {
        let text = "Timestamp for this request is outside of the recvWindow.";
        return Err(VenueError::new(-1021, text));
    }
    Ok(())
}

/// The matching engine looks at the age once more, when the order has reached it.
fn check_engine_time(params: &Params, delay_ms: i64, now_ms: i64) -> Result<(), VenueError> {
    let Some(timestamp) = params.int("timestamp")? else {
        return Ok(());
    };
    let window = params.int("recvWindow")?.unwrap_or(DEFAULT_WINDOW_MS);
    let age_ms = now_ms.saturating_add(delay_ms).saturating_sub(timestamp);
    if age_ms <= window {
        return Ok(());
    }
    let text = "Timestamp for this request is outside of the ME recvWindow.";
    Err(VenueError::new(-5028, text))
}

/// The signature covers the raw query followed by the raw body, without itself.
fn check_signature(credentials: &Credentials, request: &WireRequest) -> Result<(), VenueError> {
    let (query, in_query) = split_signature(&request.query);
    let (body, in_body) = split_signature(&request.body);
    let Some(signature) = in_query.or(in_body) else {
        return Err(VenueError::mandatory("signature"));
    };
    let payload = format!("{query}{body}");
    let signature = percent_decode_str(signature).decode_utf8_lossy();
    if credentials.verifies(payload.as_bytes(), &signature) {
        return Ok(());
    }
    Err(wrong_signature())
}

/// Splits `a=1&signature=x` into `a=1` and `x`; the signature is the last parameter.
fn split_signature(text: &str) -> (&str, Option<&str>) {
    if let Some(signature) = text.strip_prefix("signature=") {
        return ("", Some(signature));
    }
    match text.rsplit_once("&signature=") {
        Some((before, signature)) => (before, Some(signature)),
        None => (text, None),
    }
}
