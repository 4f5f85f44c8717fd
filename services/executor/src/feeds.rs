//! What the market and the portfolio say: the newest of each, nothing dated ahead, nothing stale.

use std::collections::{BTreeMap, VecDeque};

use domain::guard::CLOCK_SKEW_MAX;
use domain::market::{MarkTick, MarketContext};
use domain::policy::Policy;
use domain::signal::{RiskMode, RiskState};
use domain::{Price, Span, Symbol, Timestamp};

/// A context older than this (a dozen missed ones) is none: the documented default holds.
const CONTEXT_AGE_MAX: Span = Span::from_secs(60);
/// Contracts whose marks and contexts are kept; above all that the venue lists.
const SYMBOLS_MAX: usize = 2_048;
/// Marks of one contract by which one that is told again is known: more than come within the time
/// between the two, from two market services too.
const HEARD_MAX: usize = 8;

/// Why news is not taken over, as counters name it.
pub(crate) type Refusal = &'static str;

/// How a mark goes on from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is the next one.
    Next,
    /// Ticks before it are missing.
    AfterGap,
    /// It is the same one: each is said twice, first to whoever acts on it.
    Again,
}

/// The marks of one contract.
#[derive(Debug)]
struct Marks {
    latest: MarkTick,
    /// Number and receipt of the last [`HEARD_MAX`], by whichever market service.
    heard: VecDeque<(u64, Timestamp)>,
}

/// The latest of everything.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    marks: BTreeMap<Symbol, Marks>,
    contexts: BTreeMap<Symbol, MarketContext>,
    risk: Option<RiskState>,
}

/// What a decision about one symbol may look at.
pub(crate) struct Market<'a> {
    pub(crate) tick: Option<&'a MarkTick>,
    pub(crate) context: MarketContext,
    pub(crate) risk: RiskMode,
    pub(crate) policy: &'a Policy,
}

impl Market<'_> {
    /// The mark, where it is fresh and no older than `since`.
    pub(crate) fn mark_price(&self, since: Timestamp, now: Timestamp) -> Option<Price> {
        let age_max = self.policy.stops.tick_age_max;
        let fresh = self
            .tick
            .filter(|tick| !tick.is_stale(now, age_max) && since <= tick.event_at);
        fresh.map(|tick| tick.mark_price)
    }
}

impl Feeds {
    /// Takes a mark over; says how it goes on from the one before.
    pub(crate) fn on_mark(&mut self, tick: MarkTick, now: Timestamp) -> Result<Mark, Refusal> {
        if tick.is_from_future(now) {
            return Err("refused.mark.future");
        }
        let name = (tick.sequence, tick.received_at);
        let Some(known) = self.marks.get_mut(&tick.symbol) else {
            let symbol = tick.symbol.clone();
            let marks = Marks {
                latest: tick,
                heard: VecDeque::from([name]),
            };
            remember(&mut self.marks, symbol, marks, "refused.mark.too_many")?;
            return Ok(Mark::Next);
        };
        if known.heard.contains(&name) {
            return Ok(Mark::Again);
        }
        if known.latest.event_at > tick.event_at {
            return Err("refused.mark.older");
        }
        known.heard.truncate(HEARD_MAX - 1);
        known.heard.push_front(name);
        let gap = tick.sequence.saturating_sub(known.latest.sequence) > 1;
        known.latest = tick;
        Ok(if gap { Mark::AfterGap } else { Mark::Next })
    }

    /// Takes a context over; says whether it is one of another regime than was looked at so far.
    pub(crate) fn on_context(
        &mut self,
        context: MarketContext,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        if context.at > now + CLOCK_SKEW_MAX {
            return Err("refused.context.future");
        }
        let known = self.contexts.get(&context.symbol);
        if known.is_some_and(|known| known.at > context.at) {
            return Err("refused.context.older");
        }
        let known = known.filter(|known| now.since(known.at) <= CONTEXT_AGE_MAX);
        let regime = known.map(|known| known.regime).unwrap_or_default();
        let is_other = regime != context.regime;
        let symbol = context.symbol.clone();
        remember(
            &mut self.contexts,
            symbol,
            context,
            "refused.context.too_many",
        )?;
        Ok(is_other)
    }

    /// A risk system whose clock runs ahead is believed, or its alarm would be lost; but its date
    /// is not, or nothing that it says later would count.
    pub(crate) fn on_risk(&mut self, risk: &RiskState, now: Timestamp) -> Result<(), Refusal> {
        let at = risk.at.min(now);
        if self.risk.as_ref().is_some_and(|known| known.at > at) {
            return Err("refused.risk.older");
        }
        self.risk = Some(RiskState { at, ..risk.clone() });
        Ok(())
    }

    /// What is known for `symbol` now.
    pub(crate) fn market<'a>(
        &'a self,
        symbol: &Symbol,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Market<'a> {
        let context = self.contexts.get(symbol);
        let context = context.filter(|context| now.since(context.at) <= CONTEXT_AGE_MAX);
        let unknown = || MarketContext::unknown(symbol.clone(), now);
        Market {
            tick: self.marks.get(symbol).map(|marks| &marks.latest),
            context: context.cloned().unwrap_or_else(unknown),
            risk: self.risk.as_ref().map(|risk| risk.mode).unwrap_or_default(),
            policy,
        }
    }
}

/// Keeps `value` unless there are too many names already.
fn remember<T>(
    known: &mut BTreeMap<Symbol, T>,
    symbol: Symbol,
    value: T,
    refusal: Refusal,
) -> Result<(), Refusal> {
    if known.len() >= SYMBOLS_MAX && !known.contains_key(&symbol) {
        return Err(refusal);
    }
    known.insert(symbol, value);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
mod tests {
    use super::*;

    fn tick(sequence: u64) -> MarkTick {
        MarkTick {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            mark_price: Price::new(100.into()).unwrap(),
            index_price: None,
            event_at: Timestamp::from_millis(1_000),
            received_at: Timestamp::from_millis(1_001),
            sequence,
        }
    }

    #[test]
    fn a_mark_that_is_told_twice_is_known_the_second_time_and_a_gap_is_still_seen() {
        let mut feeds = Feeds::default();
        let mut hear = |sequence| feeds.on_mark(tick(sequence), Timestamp::from_millis(1_002));
        assert_eq!(hear(1), Ok(Mark::Next));
        assert_eq!(hear(1), Ok(Mark::Again));
        assert_eq!(
            hear(2),
            Ok(Mark::Next),
            "told once, by a market of another release"
        );
        assert_eq!(hear(4), Ok(Mark::AfterGap));
        assert_eq!(hear(4), Ok(Mark::Again));
    }

    /// The second telling comes late: after the next mark, or after that of another market service.
    #[test]
    fn a_mark_that_is_told_again_after_a_newer_one_is_neither_news_nor_refused() {
        let now = Timestamp::from_millis(1_010);
        let at = |millis, sequence| MarkTick {
            event_at: Timestamp::from_millis(millis),
            received_at: Timestamp::from_millis(millis + 1),
            ..tick(sequence)
        };
        for [one, two] in [
            [at(1_000, 1), at(1_002, 2)],
            [at(1_000, 1), at(1_000, 2)],
            [at(1_000, 70), at(1_000, 2)],
        ] {
            let mut feeds = Feeds::default();
            let mut hear = |tick: &MarkTick| feeds.on_mark(tick.clone(), now);
            assert_eq!([hear(&one), hear(&two)], [Ok(Mark::Next); 2]);
            assert_eq!([hear(&one), hear(&two)], [Ok(Mark::Again); 2]);
            let policy = Policy::default();
            let market = feeds.market(&one.symbol, &policy, now);
            assert_eq!(market.tick, Some(&two));
        }
    }
}
