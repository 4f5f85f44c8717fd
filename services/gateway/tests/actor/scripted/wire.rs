//! Calls and answers as the venue has them, and which order they are about.

use binance::sign::query;
use binance::{HttpResult, TransportError};
use gateway::VenueCall;
use paper_exchange::venue::{EventBody, Venue, VenueEvent};
use paper_exchange::wire::{WireRequest, handle};

pub type Answer = Result<HttpResult, TransportError>;

/// The venue's true answer.
pub fn truly(venue: &mut Venue, call: &VenueCall, now_ms: i64) -> Answer {
    let method = call.request.method.as_str();
    let text = query(&call.request.params);
    let request = WireRequest::new(method, call.request.path, &text);
    let answer = handle(venue, &request, now_ms);
    Ok(HttpResult {
        status: answer.status,
        body: answer.body,
        ..HttpResult::default()
    })
}

pub fn said(status: u16, body: String) -> Answer {
    Ok(HttpResult {
        status,
        body,
        ..HttpResult::default()
    })
}

pub fn coded(status: u16, code: i32) -> Answer {
    said(status, format!(r#"{{"code":{code},"msg":"scripted"}}"#))
}

/// The order that a call is about.
pub fn target(call: &VenueCall) -> Option<&str> {
    ["newClientOrderId", "origClientOrderId", "clientAlgoId"]
        .into_iter()
        .find_map(|name| call.request.param(name))
}

/// The order that an event is about.
pub fn about(event: &VenueEvent) -> Option<String> {
    match &event.body {
        EventBody::Order(update) | EventBody::TradeLite(update) => {
            Some(update.order.client_id.clone())
        }
        EventBody::Algo(algo) => Some(algo.client_id.clone()),
        _ => None,
    }
}
