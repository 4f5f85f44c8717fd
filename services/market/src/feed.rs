//! One contract's marks: their order, their numbers, and the context built from them.

use domain::market::{MarkTick, MarketContext};
use domain::{Span, Symbol, Timestamp};

use crate::context::Bars;
use crate::parse::MarkEvent;

/// A mark dated farther ahead of our clock than this is not believed: taken, it would make every
/// later one look out of order.
pub const AHEAD_MAX: Span = Span::from_secs(60);
/// A context is said again at least this often, for those who came late.
pub const CONTEXT_PERIOD: Span = Span::from_secs(5);

/// Why a mark was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// An event older than the last one.
    OutOfOrder,
    /// Dated too far ahead.
    Ahead,
}

/// What is known of one contract.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    sequence: u64,
    last: Option<MarkTick>,
    bars: Bars,
    told: Option<MarketContext>,
}

impl Feed {
    /// Takes a mark in and numbers it.
    ///
    /// # Errors
    /// [`Dropped`] for a mark that must not reach anybody.
    pub fn mark(&mut self, now: Timestamp, event: &MarkEvent) -> Result<MarkTick, Dropped> {
        if event.event_at.since(now) > AHEAD_MAX {
            return Err(Dropped::Ahead);
        }
        let last = self.last.as_ref().map(|tick| tick.event_at);
        if last.is_some_and(|last| event.event_at < last) {
            return Err(Dropped::OutOfOrder);
        }
        self.sequence = self.sequence.saturating_add(1);
        self.bars.push(event.event_at, event.mark_price);
        let tick = MarkTick {
            symbol: event.symbol.clone(),
            mark_price: event.mark_price,
            index_price: event.index_price,
            event_at: event.event_at,
            received_at: now,
            sequence: self.sequence,
        };
        self.last = Some(tick.clone());
        Ok(tick)
    }

    /// The context, where it has just changed its regime or was not said for a period.
    pub fn context_changed(&mut self, symbol: &Symbol, now: Timestamp) -> Option<MarketContext> {
        let found = self.bars.context(symbol, now);
        let same = self
            .told
            .as_ref()
            .is_some_and(|told| told.regime == found.regime && told.source == found.source);
        if same && !self.is_late(now) {
            return None;
        }
        self.told = Some(found.clone());
        Some(found)
    }

    /// The context, where it was not said for a period.
    pub fn context_late(&mut self, symbol: &Symbol, now: Timestamp) -> Option<MarketContext> {
        if !self.is_late(now) {
            return None;
        }
        let found = self.bars.context(symbol, now);
        self.told = Some(found.clone());
        Some(found)
    }

    fn is_late(&self, now: Timestamp) -> bool {
        self.told
            .as_ref()
            .is_none_or(|told| now.since(told.at) >= CONTEXT_PERIOD || now < told.at)
    }

    /// Whether the last mark is young enough to decide by.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp, age_max: Span) -> bool {
        self.last
            .as_ref()
            .is_some_and(|tick| !tick.is_stale(now, age_max))
    }
}
