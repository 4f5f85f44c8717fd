//! One contract: its marks in their order, and the context built from all that is heard of it.
//!
//! Each input has its own age, and without it the context has the documented default or none; none
//! of them holds up the marks.

use domain::market::{ContextSource, MarkTick, MarketContext, Regime};
use domain::{Money, Price, Ratio, Span, Symbol, Timestamp};

use crate::context::{Bars, SILENCE_MAX};
use crate::parse::MarkEvent;
use crate::regime::settle;
use crate::spread::Spread;

/// A mark dated farther ahead of our clock than this is not believed: taken, it would make every
/// later one look out of order.
pub const AHEAD_MAX: Span = Span::from_secs(60);
/// A context is said again at least this often, for those who came late.
pub const CONTEXT_PERIOD: Span = Span::from_secs(5);
/// A funding rate or a day's volume that was told longer ago is not known any more. Both move over
/// hours and are told every second or two: a lapse of so long is a fault and no pause.
pub const TOLD_MAX: Span = Span::from_secs(600);

/// Why a mark was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// An event older than the last one.
    OutOfOrder,
    /// Dated too far ahead.
    Ahead,
}

/// A value, and when it was told.
#[derive(Debug, Clone, Copy)]
struct Told<T> {
    value: T,
    at: Timestamp,
}

impl<T: Copy> Told<T> {
    fn young(told: Option<Self>, now: Timestamp) -> Option<T> {
        told.filter(|it| now.since(it.at) <= TOLD_MAX)
            .map(|it| it.value)
    }
}

/// What is known of one contract.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    sequence: u64,
    last: Option<MarkTick>,
    bars: Bars,
    regime: Regime,
    spread: Spread,
    funding_rate: Option<Told<Ratio>>,
    quote_volume: Option<Told<Money>>,
    said: Option<MarketContext>,
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
        if let Ok(Some(value)) = event.funding_rate {
            self.funding_rate = Some(Told { value, at: now });
        }
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

    /// Takes the best prices of the book in.
    pub fn book(&mut self, now: Timestamp, bid: Price, ask: Price) {
        self.spread.push(now, bid, ask);
    }

    /// Takes the volume of a day in.
    pub const fn volume(&mut self, now: Timestamp, value: Money) {
        self.quote_volume = Some(Told { value, at: now });
    }

    /// The context, where it has just changed its regime or was not said for a period.
    pub fn context_changed(&mut self, symbol: &Symbol, now: Timestamp) -> Option<MarketContext> {
        let found = self.context(symbol, now);
        let same = self
            .said
            .as_ref()
            .is_some_and(|said| said.regime == found.regime && said.source == found.source);
        if same && !self.is_late(now) {
            return None;
        }
        self.said = Some(found.clone());
        Some(found)
    }

    /// The context, where it was not said for a period.
    pub fn context_late(&mut self, symbol: &Symbol, now: Timestamp) -> Option<MarketContext> {
        if !self.is_late(now) {
            return None;
        }
        let found = self.context(symbol, now);
        self.said = Some(found.clone());
        Some(found)
    }

    /// What was said last.
    #[must_use]
    pub const fn said(&self) -> Option<&MarketContext> {
        self.said.as_ref()
    }

    fn context(&mut self, symbol: &Symbol, now: Timestamp) -> MarketContext {
        let mut context = MarketContext {
            spread: self.spread.mean(now),
            funding_rate: Told::young(self.funding_rate, now),
            quote_volume_24h: Told::young(self.quote_volume, now),
            ..MarketContext::unknown(symbol.clone(), now)
        };
        let measured = if self.is_fresh(now, SILENCE_MAX) {
            context.atr = self.bars.atr();
            self.bars.measure()
        } else {
            None
        };
        if let Some(measured) = measured {
            context.volatility = measured.volatility;
            context.trend = measured.trend;
            context.regime = settle(self.regime, &measured);
            context.source = ContextSource::Bars;
        }
        self.regime = context.regime;
        context
    }

    fn is_late(&self, now: Timestamp) -> bool {
        self.said
            .as_ref()
            .is_none_or(|said| now.since(said.at) >= CONTEXT_PERIOD || now < said.at)
    }

    /// Whether the last mark is young enough to decide by.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp, age_max: Span) -> bool {
        self.last
            .as_ref()
            .is_some_and(|tick| !tick.is_stale(now, age_max))
    }
}

#[cfg(test)]
mod tests;
