//! The newest of everything that a method may look at beside the position itself: marks, plans,
//! contexts, hints, risk and mode.

use std::collections::BTreeMap;

use domain::market::{MarkTick, MarketContext};
use domain::mode::Mode;
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::signal::{RiskState, RlHint};
use domain::snapshot::PositionSnapshot;
use domain::{Module, Position, PositionKey, Price, Span, Symbol, Timestamp};

use crate::method::Picture;

/// A mark older than this is no price to decide by (the same 5 s as in the executor's rules).
const MARK_AGE_MAX: Span = Span::from_secs(5);
/// News dated farther ahead of our clock would never be replaced.
const AHEAD_MAX: Span = Span::from_secs(1);
/// Contracts of which news are kept; above all that the venue lists.
const SYMBOLS_MAX: usize = 2_048;
/// Positions whose plans are kept; an account has a few dozen.
const PLANS_MAX: usize = 1_024;

/// What one incumbent has heard last.
#[derive(Debug)]
pub struct Outlook {
    module: &'static Module,
    policy: Policy,
    mode: Mode,
    marks: BTreeMap<Symbol, MarkTick>,
    plans: BTreeMap<PositionKey, ExitPlan>,
    contexts: BTreeMap<Symbol, MarketContext>,
    hints: BTreeMap<Symbol, RlHint>,
    risk: Option<RiskState>,
}

impl Outlook {
    /// An outlook on nothing yet, of a module whose flags resolve to `mode`.
    #[must_use]
    pub const fn new(module: &'static Module, policy: Policy, mode: Mode) -> Self {
        Self {
            module,
            policy,
            mode,
            marks: BTreeMap::new(),
            plans: BTreeMap::new(),
            contexts: BTreeMap::new(),
            hints: BTreeMap::new(),
            risk: None,
        }
    }

    /// What the method of the position in `snapshot` is shown.
    #[must_use]
    pub fn picture<'a>(&'a self, snapshot: &'a PositionSnapshot, now: Timestamp) -> Picture<'a> {
        let position = &snapshot.position;
        Picture {
            module: self.module,
            snapshot,
            mark: self.mark(position, now),
            mode: self.mode,
            plan: self.plan(position, now),
            context: self.contexts.get(&position.key.symbol),
            hint: self.hints.get(&position.key.symbol),
            risk: self.risk.as_ref(),
            policy: &self.policy,
            now,
        }
    }

    /// The mode of the flags, a kill included.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// A kill: the mode only goes down.
    pub fn demote(&mut self, to: Mode) {
        self.mode = self.mode.min(to);
    }

    /// Takes a mark in; `false` where it is older than the one known, or can't be right.
    pub fn on_mark(&mut self, tick: &MarkTick, now: Timestamp) -> bool {
        if tick.is_from_future(now) {
            return false;
        }
        newest(&mut self.marks, &tick.symbol, tick, SYMBOLS_MAX, |it| {
            it.event_at
        })
    }

    /// Takes a plan in; as for a mark.
    pub fn on_plan(&mut self, plan: &ExitPlan, now: Timestamp) -> bool {
        let made_at = |plan: &ExitPlan| plan.created_at;
        !is_ahead(plan.created_at, now)
            && newest(&mut self.plans, &plan.key, plan, PLANS_MAX, made_at)
    }

    /// Takes a contract's context in; as for a mark.
    pub fn on_context(&mut self, context: &MarketContext, now: Timestamp) -> bool {
        let symbol = &context.symbol;
        !is_ahead(context.at, now)
            && newest(&mut self.contexts, symbol, context, SYMBOLS_MAX, |it| it.at)
    }

    /// Takes a hint in; as for a mark.
    pub fn on_hint(&mut self, hint: &RlHint, now: Timestamp) -> bool {
        let symbol = &hint.symbol;
        !is_ahead(hint.at, now) && newest(&mut self.hints, symbol, hint, SYMBOLS_MAX, |it| it.at)
    }

    /// Takes a risk state in; as for a mark.
    pub fn on_risk(&mut self, risk: RiskState, now: Timestamp) -> bool {
        let older = self.risk.as_ref().is_some_and(|known| risk.at < known.at);
        let usable = !older && !is_ahead(risk.at, now);
        if usable {
            self.risk = Some(risk);
        }
        usable
    }

    /// A position is over, and its plan with it.
    pub fn forget(&mut self, key: &PositionKey) {
        self.plans.remove(key);
    }

    /// A mark to decide about `position` by: young, and not from before it was opened.
    #[must_use]
    pub fn mark(&self, position: &Position, now: Timestamp) -> Option<Price> {
        let tick = self.marks.get(&position.key.symbol)?;
        let usable = !tick.is_stale(now, MARK_AGE_MAX) && position.opened_at <= tick.event_at;
        usable.then_some(tick.mark_price)
    }

    fn plan(&self, position: &Position, now: Timestamp) -> Option<&ExitPlan> {
        let plan = self.plans.get(&position.key)?;
        let valid = plan.epoch == position.epoch && !plan.is_expired(now);
        valid.then_some(plan)
    }
}

fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.since(now) > AHEAD_MAX
}

/// Puts `item` in where it is not older than the one known; the oldest makes room.
fn newest<K: Ord + Clone, V: Clone>(
    items: &mut BTreeMap<K, V>,
    key: &K,
    item: &V,
    max: usize,
    at: impl Fn(&V) -> Timestamp,
) -> bool {
    if items.get(key).is_some_and(|known| at(item) < at(known)) {
        return false;
    }
    items.insert(key.clone(), item.clone());
    if items.len() > max {
        let oldest = items.iter().min_by_key(|(_, item)| at(item));
        if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
            items.remove(&oldest);
        }
    }
    true
}

#[cfg(test)]
mod tests;
