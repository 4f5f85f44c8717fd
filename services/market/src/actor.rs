//! The market service as a state machine: frames and messages in, marks and contexts out.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use bus::{BadMessage, Heard, Message, subjects};
use domain::market::{ContextSource, MarkTick, MarketContext};
use domain::mode::{Flags, Mode};
use domain::snapshot::ExitMetrics;
use domain::{Span, Symbol, Timestamp};
use runtime::Actor;
use runtime::pulse::Pulse;

use crate::feed::{Dropped, Feed};
use crate::parse::{MarkEvent, MarketEvent, ParseError, parse};
use crate::route::Route;
use crate::wiring::SERVICE;

/// Contracts that one instance follows: at most two streams each on one connection, below the
/// venue's 1,024.
pub const SYMBOLS_MAX: usize = 500;
/// A mark older than this is no price to decide by (the same 5 s as in the rules).
const FRESH: Span = Span::from_secs(5);

/// What the venue's side says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketInput {
    /// One text frame.
    Frame(String),
    /// This route's stream is up.
    Connected(Route),
    /// This route's stream is down.
    Disconnected(Route),
}

/// The state machine. It follows the configured contracts and that of every position it hears of.
#[derive(Debug)]
pub struct Market {
    feeds: BTreeMap<Symbol, Feed>,
    pulse: Pulse,
    instance: String,
    connected: bool,
    mode: Mode,
    revision: u64,
    /// Marks that whoever acts on them has just been told: all others hear them once that has left,
    /// and then the context is looked at.
    moved: Vec<MarkTick>,
}

impl Market {
    /// A service that has heard nothing yet; `boot` is its start in microseconds.
    #[must_use]
    pub fn new(instance: &str, flags: Flags, boot: u64, symbols: &[Symbol]) -> Self {
        let feeds = symbols.iter().take(SYMBOLS_MAX);
        Self {
            feeds: feeds
                .map(|symbol| (symbol.clone(), Feed::default()))
                .collect(),
            pulse: Pulse::new(SERVICE, instance, flags, boot),
            instance: instance.into(),
            connected: false,
            mode: flags.resolve(),
            revision: 0,
            moved: Vec::new(),
        }
    }

    /// The same service, heartbeating through `pulse`, which may know of connections.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// The contracts to be subscribed to on the venue.
    #[must_use]
    pub fn symbols(&self) -> BTreeSet<Symbol> {
        self.feeds.keys().cloned().collect()
    }

    /// How many contracts are followed; they only become more.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.feeds.len()
    }

    /// One input of the venue's side.
    pub fn input(&mut self, now: Timestamp, input: &MarketInput, out: &mut Vec<Message>) {
        match input {
            MarketInput::Frame(frame) => self.frame(now, frame, out),
            MarketInput::Connected(route) => self.connection(*route, true),
            MarketInput::Disconnected(route) => self.connection(*route, false),
        }
    }

    /// Only marks make it ready: without books there is no spread, and the rest goes on.
    fn connection(&mut self, route: Route, up: bool) {
        let counter = match (route, up) {
            (Route::Market, true) => "stream_connected",
            (Route::Market, false) => "stream_disconnected",
            (Route::Public, true) => "books_connected",
            (Route::Public, false) => "books_disconnected",
        };
        self.pulse.count(counter);
        if route == Route::Market {
            self.connected = up;
        }
    }

    /// One text frame of the stream.
    pub fn frame(&mut self, now: Timestamp, frame: &str, out: &mut Vec<Message>) {
        match parse(frame) {
            Ok(MarketEvent::Mark(event)) => self.mark(now, &event, out),
            Ok(MarketEvent::Book(event)) => {
                if let Some(feed) = self.feeds.get_mut(&event.symbol) {
                    feed.book(now, event.bid, event.ask);
                    self.pulse.count("books");
                } else {
                    self.pulse.count("books_not_followed");
                }
            }
            Ok(MarketEvent::Volume(event)) => {
                if let Some(feed) = self.feeds.get_mut(&event.symbol) {
                    feed.volume(now, event.quote_volume);
                    self.pulse.count("volumes");
                } else {
                    self.pulse.count("volumes_not_followed");
                }
            }
            Ok(MarketEvent::Reply) => {}
            Ok(MarketEvent::Other) => self.pulse.count("frames_of_no_use"),
            Ok(MarketEvent::Refused(words)) => {
                self.pulse.count("stream_refusals");
                tracing::warn!(words, "the venue refused a subscription");
            }
            Err(error) => {
                self.pulse.count("frames_refused");
                self.refuse(&error);
            }
        }
    }

    fn refuse(&mut self, error: &ParseError) {
        self.pulse.count(&format!("refused.{}", error.counter()));
        tracing::debug!(error = %error, "refused");
    }

    fn mark(&mut self, now: Timestamp, event: &MarkEvent, out: &mut Vec<Message>) {
        let symbol = &event.symbol;
        let Some(feed) = self.feeds.get_mut(symbol) else {
            return self.pulse.count("marks_not_followed");
        };
        match feed.mark(now, event) {
            Ok(tick) => {
                out.push(subjects::first_mark(symbol).message(&tick));
                self.pulse.count("marks");
                self.moved.push(tick);
            }
            Err(Dropped::OutOfOrder) => self.pulse.count("marks_out_of_order"),
            Err(Dropped::Ahead) => self.pulse.count("marks_ahead"),
        }
        if let Err(error) = &event.funding_rate {
            self.refuse(error);
        }
    }

    fn follow(&mut self, symbol: &Symbol) {
        if self.feeds.contains_key(symbol) {
            return;
        }
        if self.feeds.len() >= SYMBOLS_MAX {
            return self.pulse.count("symbols_beyond_bound");
        }
        tracing::info!(%symbol, "following the contract of a position");
        self.feeds.insert(symbol.clone(), Feed::default());
    }

    /// How many contracts lack which input, by what was said last.
    fn count_unmeasured(&mut self) {
        let said = || self.feeds.values().filter_map(Feed::said);
        let lacking = |lacks: fn(&MarketContext) -> bool| said().filter(|it| lacks(it)).count();
        let counts = [
            ("bars", lacking(|it| it.source == ContextSource::Default)),
            ("atr", lacking(|it| it.atr.is_none())),
            ("spread", lacking(|it| it.spread.is_none())),
            ("funding_rate", lacking(|it| it.funding_rate.is_none())),
            ("volume", lacking(|it| it.quote_volume_24h.is_none())),
        ];
        for (input, count) in counts {
            self.pulse
                .set(&format!("symbols_without_{input}"), count as u64);
        }
    }

    fn is_ready(&self, stale: usize) -> bool {
        let hears = self.connected && stale < self.feeds.len();
        hears || self.feeds.is_empty()
    }
}

impl Actor for Market {
    type Effect = Message;

    fn hear(&mut self, _now: Timestamp, heard: Heard, _out: &mut Vec<Message>) {
        match heard {
            Heard::Position(snapshot) if snapshot.position.is_open() => {
                self.follow(&snapshot.position.key.symbol);
            }
            Heard::Mode(snapshot) => self.revision = self.revision.max(snapshot.revision),
            _ => {}
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        for (symbol, feed) in &mut self.feeds {
            if let Some(context) = feed.context_late(symbol, now) {
                out.push(subjects::context(symbol).message(&context));
            }
        }
        if !self.pulse.due(now) {
            return;
        }
        let stale = self
            .feeds
            .values()
            .filter(|feed| !feed.is_fresh(now, FRESH));
        let stale = stale.count();
        let ready = self.is_ready(stale);
        self.pulse.set("symbols", self.feeds.len() as u64);
        self.pulse.set("symbols_stale", stale as u64);
        self.count_unmeasured();
        let (mode, revision) = (self.mode, self.revision);
        let heartbeat = self.pulse.heartbeat(
            now,
            mode,
            revision,
            ready,
            Vec::new(),
            ExitMetrics::default(),
        );
        out.push(subjects::health(SERVICE, &self.instance).message(&heartbeat));
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }

    fn afterwards(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        for tick in mem::take(&mut self.moved) {
            let symbol = &tick.symbol;
            out.push(subjects::mark(symbol).message(&tick));
            let feed = self.feeds.get_mut(symbol);
            if let Some(context) = feed.and_then(|feed| feed.context_changed(symbol, now)) {
                out.push(subjects::context(symbol).message(&context));
            }
        }
    }
}

#[cfg(test)]
mod tests;
