//! What is known beside the positions: marks, contexts, advice and the risk state; the newest of
//! each, for as long as it is believed. What is not known is left out, and the documented default
//! takes its place: nothing here can keep a position from its plan.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::market::{MarkTick, MarketContext};
use domain::plan::build::PlanInputs;
use domain::policy::Policy;
use domain::signal::{RiskState, RlHint};
use domain::{Money, Position, Span, Symbol, Timestamp};

/// Advice older than this is none.
pub const HINT_AGE_MAX: Span = Span::from_secs(300);
/// A context older than this (a dozen missed ones) is none.
pub const CONTEXT_AGE_MAX: Span = Span::from_secs(60);
/// Heat of a risk state older than this is none: it is a measurement, and the plans that were made
/// with it stay as they are. Its mode holds however old it is: it is an order, and only a newer one
/// takes it back. An equity older than this holds too, and the plan says that it is old: any told
/// one is nearer the truth than the policy's assumed one, and a plan of that would tighten stops
/// for good.
pub const RISK_AGE_MAX: Span = Span::from_secs(300);
/// Inputs dated farther ahead than this are not believed: they would never grow old.
const AHEAD_MAX: Span = Span::from_secs(5);
/// Contracts whose marks, contexts and hints are kept; above all that the venue lists.
const SYMBOLS_MAX: usize = 2_048;

/// Why something heard was not taken over: the name that it is counted under.
pub type Ignored = &'static str;

/// The newest of everything.
#[derive(Debug, Clone, Default)]
pub struct Known {
    marks: BTreeMap<Symbol, MarkTick>,
    contexts: BTreeMap<Symbol, MarketContext>,
    hints: BTreeMap<Symbol, RlHint>,
    /// What is left of advice that ran out: whose position it is does not grow old.
    strategies: BTreeMap<Symbol, RlHint>,
    risk: Option<RiskState>,
    /// The last equity that was told, and when.
    equity: Option<(Money, Timestamp)>,
}

impl Known {
    /// Takes a mark.
    ///
    /// # Errors
    /// [`Ignored`] for one that is older than the last, or dated ahead.
    pub fn hear_mark(&mut self, now: Timestamp, tick: MarkTick) -> Result<(), Ignored> {
        let symbol = tick.symbol.clone();
        let older = |known: &MarkTick| tick.event_at < known.event_at;
        if tick.is_from_future(now) || self.marks.get(&symbol).is_some_and(older) {
            return Err("marks_out_of_order");
        }
        remember(&mut self.marks, symbol, tick)
    }

    /// Takes a context.
    ///
    /// # Errors
    /// [`Ignored`] for one that is older than the last, or dated ahead.
    pub fn hear_context(&mut self, now: Timestamp, context: MarketContext) -> Result<(), Ignored> {
        let symbol = context.symbol.clone();
        let older = |known: &MarketContext| context.at < known.at;
        if is_ahead(now, context.at) || self.contexts.get(&symbol).is_some_and(older) {
            return Err("contexts_out_of_order");
        }
        remember(&mut self.contexts, symbol, context)
    }

    /// Takes advice. One that names no strategy is of the strategy that was named last.
    ///
    /// # Errors
    /// [`Ignored`] for advice that is older than the last, too old for anything, or dated ahead.
    pub fn hear_hint(&mut self, now: Timestamp, mut hint: RlHint) -> Result<(), Ignored> {
        let symbol = hint.symbol.clone();
        let older = |known: &RlHint| hint.at < known.at;
        let known = self.hints.get(&symbol);
        if known.is_some_and(older) || !is_young(now, hint.at, HINT_AGE_MAX) {
            return Err("hints_ignored");
        }
        match &hint.strategy {
            Some(_) => remember(&mut self.strategies, symbol.clone(), only_strategy(&hint))?,
            None => {
                let named = self.strategies.get(&symbol);
                hint.strategy = named.and_then(|known| known.strategy.clone());
            }
        }
        remember(&mut self.hints, symbol, hint)
    }

    /// Takes a risk state, whatever its age.
    ///
    /// # Errors
    /// [`Ignored`] for one that is older than the last, or dated ahead.
    pub fn hear_risk(&mut self, now: Timestamp, risk: RiskState) -> Result<(), Ignored> {
        let older = |known: &RiskState| risk.at < known.at;
        if is_ahead(now, risk.at) || self.risk.as_ref().is_some_and(older) {
            return Err("risk_out_of_order");
        }
        // An equity of nothing or less is none.
        if let Some(equity) = risk.equity.filter(|equity| *equity > Money::default()) {
            self.equity = Some((equity, risk.at));
        }
        self.risk = Some(risk);
        Ok(())
    }

    /// Whether an equity was ever told.
    #[must_use]
    pub const fn has_equity(&self) -> bool {
        self.equity.is_some()
    }

    /// Whether a risk state is known whose numbers have run out.
    #[must_use]
    pub fn is_risk_stale(&self, now: Timestamp) -> bool {
        let risk = self.risk.as_ref();
        risk.is_some_and(|risk| !is_young(now, risk.at, RISK_AGE_MAX))
    }

    /// The market of `symbol`: measured, or the documented default.
    #[must_use]
    pub fn context(&self, now: Timestamp, symbol: &Symbol) -> Cow<'_, MarketContext> {
        let known = self.contexts.get(symbol);
        known
            .filter(|context| is_young(now, context.at, CONTEXT_AGE_MAX))
            .map_or_else(
                || Cow::Owned(MarketContext::unknown(symbol.clone(), now)),
                Cow::Borrowed,
            )
    }

    /// What a plan of `position` is made from.
    #[must_use]
    pub fn inputs<'a>(
        &'a self,
        now: Timestamp,
        position: &'a Position,
        context: &'a MarketContext,
        policy: &Policy,
    ) -> PlanInputs<'a> {
        let symbol = &position.key.symbol;
        let mark = self.marks.get(symbol);
        let mark = mark.filter(|tick| !tick.is_stale(now, policy.stops.tick_age_max));
        let hint = self.hints.get(symbol);
        let is_old = |(_, at): (Money, Timestamp)| !is_young(now, at, RISK_AGE_MAX);
        let measured = self.risk.as_ref().filter(|_| !self.is_risk_stale(now));
        PlanInputs {
            position,
            mark_price: mark.map(|tick| tick.mark_price),
            context,
            hint: hint
                .filter(|hint| is_young(now, hint.at, HINT_AGE_MAX))
                .or_else(|| self.strategies.get(symbol)),
            risk: self.risk.as_ref().map(|risk| risk.mode).unwrap_or_default(),
            heat: measured.and_then(|risk| risk.heat),
            equity: self.equity.map(|(equity, _)| equity),
            is_equity_old: self.equity.is_some_and(is_old),
        }
    }
}

fn only_strategy(hint: &RlHint) -> RlHint {
    RlHint {
        take_profit: None,
        stop_loss: None,
        trail: None,
        confidence: None,
        signal_confidence: None,
        ..hint.clone()
    }
}

/// Keeps `value` unless there are too many names already.
fn remember<T>(known: &mut BTreeMap<Symbol, T>, symbol: Symbol, value: T) -> Result<(), Ignored> {
    if known.len() >= SYMBOLS_MAX && !known.contains_key(&symbol) {
        return Err("symbols_beyond_bound");
    }
    known.insert(symbol, value);
    Ok(())
}

fn is_ahead(now: Timestamp, at: Timestamp) -> bool {
    at.since(now) > AHEAD_MAX
}

fn is_young(now: Timestamp, at: Timestamp, age_max: Span) -> bool {
    now.since(at) <= age_max && !is_ahead(now, at)
}
