//! Chooses the way of a call: the WebSocket API where it can, REST for the rest and as fallback.

use std::sync::Arc;

use crate::outcome::{HttpResult, TransportError};
use crate::request::ApiRequest;
use crate::rest::RestClient;
use crate::ws_api::{Count, Failure, NotSent, WsApi};

/// Both ways to the venue. Each call is carried out at most once, by one of them.
#[derive(Debug)]
pub struct VenueApi {
    rest: Arc<RestClient>,
    ws: Option<WsApi>,
    calls_over_rest: Count,
    orders_over_rest: Count,
    fallbacks: [Count; 4],
}

impl VenueApi {
    /// `ws` is none where only REST is wanted.
    #[must_use]
    pub fn new(rest: Arc<RestClient>, ws: Option<WsApi>) -> Self {
        Self {
            rest,
            ws,
            calls_over_rest: Count::default(),
            orders_over_rest: Count::default(),
            fallbacks: Default::default(),
        }
    }

    /// The REST side.
    #[must_use]
    pub const fn rest(&self) -> &Arc<RestClient> {
        &self.rest
    }

    /// Sets venue clock minus local clock, ms, for both ways.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.rest.set_clock_offset_ms(offset_ms);
    }

    /// Carries the call out once. `tag` comes back with an answer that is late; `at_ms` is the
    /// local clock, Unix ms. What may have been written to the socket is never sent again over
    /// REST; what surely was not goes over REST at once.
    ///
    /// # Errors
    /// [`TransportError`] when no whole answer came back.
    pub async fn execute(
        &self,
        tag: u64,
        request: &ApiRequest,
        at_ms: i64,
    ) -> Result<HttpResult, TransportError> {
        if let Some(ws) = &self.ws
            && WsApi::takes(request)
        {
            match ws.execute(tag, request, at_ms).await {
                Ok(result) => return Ok(result),
                Err(Failure::Transport(error)) => return Err(error),
                Err(Failure::NotSent(why)) => self.fallbacks[index(why)].add(),
            }
        }
        self.calls_over_rest.add();
        if WsApi::takes(request) {
            self.orders_over_rest.add();
        }
        self.rest.execute(request, at_ms).await
    }

    /// Counters and levels by name, for the heartbeat.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, u64)> {
        let mut named = vec![
            ("rest_calls", self.calls_over_rest.get()),
            ("rest_orders", self.orders_over_rest.get()),
        ];
        if let Some(ws) = &self.ws {
            named.extend(ws.named());
            named.extend(FALLBACKS.map(|(why, name)| (name, self.fallbacks[index(why)].get())));
        }
        named
    }
}

const FALLBACKS: [(NotSent, &str); 4] = [
    (NotSent::NotConnected, "ws_api_fallbacks.not_connected"),
    (NotSent::SessionLost, "ws_api_fallbacks.session_lost"),
    (NotSent::Busy, "ws_api_fallbacks.busy"),
    (NotSent::NoMethod, "ws_api_fallbacks.no_method"),
];

const fn index(why: NotSent) -> usize {
    match why {
        NotSent::NotConnected => 0,
        NotSent::SessionLost => 1,
        NotSent::Busy => 2,
        NotSent::NoMethod => 3,
    }
}

#[cfg(test)]
#[path = "transport/tests.rs"]
mod tests;
