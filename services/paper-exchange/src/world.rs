//! Everything behind the sockets, synchronous: venue, faults, judge, replay, stand-in strategy.

mod hands;
mod interest;
mod report;
mod streams;
mod told;

#[cfg(test)]
mod tests;

pub use hands::OpenWish;
pub use interest::Interest;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::faults::{FaultPlan, Faults};
use crate::feed::{FeedError, Lean, Replay};
use crate::live::{LiveInput, LiveState, stale_error};
use crate::protection::ProtectionJudge;
use crate::server::SocketConfig;
use crate::strategy::Strategy;
use crate::venue::{EventBody, PriceUpdate, Venue, VenueError};
use crate::wire::{
    WireRequest, WireResponse, WsAnswer, WsSession, answer_frame, count_handshake, user_event_json,
};
use streams::Streams;

/// Points applied in one tick: a slow machine falls behind instead of starving its callers.
const MAX_POINTS_PER_TICK: usize = 2_000;
/// Client ids of liquidation orders begin so (section 6.2 of the wire contract).
const LIQUIDATION: &str = "autoclose-";
/// The strategy looks this often, ms.
const STRATEGY_MS: i64 = 100;

/// Sockets that a fault hangs up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketKind {
    /// All of them.
    All,
    /// Those of /public and /market, and those without a route.
    Market,
    /// Those that carry a listen key.
    User,
    /// Those of the WebSocket API.
    WsApi,
}

/// One text on its way to the sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A market event.
    Market {
        /// The stream's name.
        stream: String,
        /// JSON text.
        text: String,
    },
    /// A user event.
    User {
        /// The listen key it goes to.
        key: String,
        /// Its `e` member.
        name: &'static str,
        /// JSON text.
        text: String,
    },
    /// These sockets are hung up on.
    HangUp(SocketKind),
}

/// The whole of one paper exchange.
#[derive(Debug)]
pub struct World {
    pub(crate) venue: Venue,
    pub(crate) faults: Faults,
    pub(crate) judge: ProtectionJudge,
    pub(crate) replay: Replay,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) started_ms: i64,
    pub(crate) feed_refused: u64,
    /// Clocks and bounds of the sockets.
    pub sockets: SocketConfig,
    /// The real market, where it is followed.
    pub live: Option<LiveState>,
    streams: Streams,
    strategy_at_ms: i64,
    by_hand: u64,
}

impl World {
    /// A world at its first moment.
    #[must_use]
    pub fn new(
        venue: Venue,
        replay: Replay,
        strategy: Option<Strategy>,
        faults: Faults,
        judge: ProtectionJudge,
        now_ms: i64,
    ) -> Self {
        Self {
            venue,
            faults,
            judge,
            replay,
            strategy,
            started_ms: now_ms,
            feed_refused: 0,
            sockets: SocketConfig::default(),
            live: None,
            streams: Streams::default(),
            strategy_at_ms: i64::MIN,
            by_hand: 0,
        }
    }

    /// Answers a REST request.
    pub fn request(&mut self, request: &WireRequest, now_ms: i64) -> WireResponse {
        let refused = self
            .live
            .as_mut()
            .and_then(|live| live.gate(request, now_ms));
        refused.unwrap_or_else(|| self.faults.handle(&mut self.venue, request, now_ms))
    }

    /// Something has come from the real market.
    pub fn on_live(&mut self, input: LiveInput, now_ms: i64) {
        if let Some(live) = &mut self.live {
            live.on(&mut self.venue, input, now_ms);
        }
    }

    fn refuse_stale(&self, symbol: &str, now_ms: i64) -> Result<(), VenueError> {
        match &self.live {
            Some(live) if live.is_stale(symbol, now_ms) => Err(stale_error()),
            _ => Ok(()),
        }
    }

    /// A connection of the WebSocket API comes in.
    ///
    /// # Errors
    /// The HTTP answer that refuses it: 429 past the weight limit, 418 while banned.
    pub fn ws_open(&mut self, query: &str, now_ms: i64) -> Result<WsSession, WireResponse> {
        self.faults.advance(&mut self.venue, now_ms);
        if let Some(refused) = self.faults.gate(now_ms) {
            return Err(refused);
        }
        count_handshake(&mut self.venue, now_ms)?;
        Ok(WsSession::new(query, now_ms))
    }

    /// Answers a frame of the WebSocket API.
    pub fn ws_frame(&mut self, session: &mut WsSession, text: &str, now_ms: i64) -> WsAnswer {
        let (faults, live) = (&mut self.faults, &mut self.live);
        answer_frame(session, text, now_ms, &mut self.venue, |venue, request| {
            let refused = live.as_mut().and_then(|live| live.gate(request, now_ms));
            refused.unwrap_or_else(|| faults.handle(venue, request, now_ms))
        })
    }

    /// Lets time pass: prices that are due, timers, the strategy.
    ///
    /// # Errors
    /// See [`FeedError`]: the data could not be opened again.
    pub fn tick(&mut self, now_ms: i64) -> Result<(), FeedError> {
        self.faults.advance(&mut self.venue, now_ms);
        self.venue.advance(now_ms);
        let moved = self.apply_prices(now_ms);
        if let Some(strategy) = &mut self.strategy
            && now_ms >= self.strategy_at_ms.saturating_add(STRATEGY_MS)
        {
            self.strategy_at_ms = now_ms;
            strategy.step(&mut self.venue, now_ms);
        }
        moved
    }

    /// What the sockets have to be told now.
    pub fn drain(&mut self, now_ms: i64) -> Vec<Outgoing> {
        let hang_ups = self.faults.take_hang_ups();
        let mut out: Vec<Outgoing> = hang_ups.into_iter().map(Outgoing::HangUp).collect();
        out.extend(self.user_events(now_ms));
        let replay = &self.replay;
        let pace = |market_ms| replay.wall_span_ms(market_ms);
        self.streams.tell(&self.venue, &pace, now_ms, &mut out);
        out
    }

    /// Sets a symbol's prices by hand.
    ///
    /// # Errors
    /// -1121, -4001.
    pub fn set_price(
        &mut self,
        symbol: &str,
        price: Decimal,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        if self.live.is_some() {
            let text = "This operation is not supported: prices come from the real market.";
            return Err(VenueError::new(-1020, text));
        }
        self.venue
            .on_price(symbol, PriceUpdate::at(price), now_ms)?;
        self.streams.hurry(symbol);
        Ok(())
    }

    /// Follows another fault plan.
    pub fn set_faults(&mut self, plan: FaultPlan) {
        self.faults.replace(plan);
    }

    /// Where sockets say what they listen to.
    #[must_use]
    pub fn interest(&self) -> Interest {
        self.streams.interest.clone()
    }

    /// Takes note of who listens to market streams: to be called before anything happens, so that
    /// whoever was there before it is told.
    pub fn notice_listeners(&mut self) {
        self.streams.follow_interest(&self.venue);
    }

    /// The venue.
    #[must_use]
    pub const fn venue(&self) -> &Venue {
        &self.venue
    }

    fn apply_prices(&mut self, now_ms: i64) -> Result<(), FeedError> {
        for _ in 0..MAX_POINTS_PER_TICK {
            let venue = &self.venue;
            let lean = |symbol: &str| lean_of(venue, symbol);
            let Some(point) = self.replay.next_due(now_ms, &lean)? else {
                return Ok(());
            };
            if self
                .venue
                .on_price(&point.symbol, point.update(), now_ms)
                .is_err()
            {
                self.feed_refused += 1;
            }
        }
        Ok(())
    }

    fn user_events(&mut self, now_ms: i64) -> Vec<Outgoing> {
        let events = self.venue.take_events();
        for event in &events {
            self.judge.on_event(event);
            if let EventBody::Order(update) = &event.body
                && update.trade.is_some()
                && update.order.client_id.starts_with(LIQUIDATION)
            {
                self.streams.on_forced(update);
            }
        }
        let due = self.faults.next_due_ms().is_some_and(|due| due <= now_ms);
        if events.is_empty() && !due {
            return self.expired_key(now_ms);
        }
        let events = self.faults.deliver(events, now_ms);
        let session = self.venue.session_mut();
        let Some(key) = session.listen_key(now_ms).map(str::to_owned) else {
            return self.expired_key(now_ms);
        };
        let outgoing = |event: &crate::venue::VenueEvent| Outgoing::User {
            key: key.clone(),
            name: event.body.name(),
            text: user_event_json(event),
        };
        events.iter().map(outgoing).collect()
    }

    fn expired_key(&mut self, now_ms: i64) -> Vec<Outgoing> {
        let Some(key) = self.venue.session_mut().take_expired(now_ms) else {
            return Vec::new();
        };
        let name = "listenKeyExpired";
        let text = serde_json::json!({"e": name, "E": now_ms, "listenKey": key}).to_string();
        vec![Outgoing::User { key, name, text }]
    }
}

fn lean_of(venue: &Venue, symbol: &str) -> Lean {
    let net: Decimal = venue.open_legs_of(symbol).map(|held| held.qty).sum();
    if net.is_zero() {
        Lean::Flat
    } else if net.is_sign_negative() {
        Lean::Short
    } else {
        Lean::Long
    }
}
