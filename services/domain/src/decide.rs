//! The decision rules, in their order; the first that holds decides.

mod emergency;
mod first_stop;
mod partial;
mod rest;
mod targets;
mod tighten;
mod trailing;

use alloc::string::String;

use crate::decision::{Action, Decision, Rule, StopReason};
use crate::desired::Desired;
use crate::ids::Module;
use crate::instrument::Instrument;
use crate::ladder::Ladder;
use crate::market::MarketContext;
use crate::num::{Price, Ratio};
use crate::plan::ExitPlan;
use crate::policy::Policy;
use crate::position::{Position, Side, Valued};
use crate::signal::RiskMode;
use crate::time::Timestamp;

pub use first_stop::PLAN_PATIENCE;
pub use partial::level_reached;
pub use rest::{Rest, rest};

/// Everything that a decision may look at.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The position as last observed.
    pub position: &'a Position,
    /// Its contract's filters.
    pub instrument: &'a Instrument,
    /// A plan of this life that has not expired, where there is one.
    pub plan: Option<&'a ExitPlan>,
    /// That plan's ladder, where it is made for this entry and size.
    pub ladder: Option<&'a Ladder>,
    /// The mark, where a fresh one is known. Without one, only what needs no price is decided.
    pub mark: Option<Valued>,
    /// Volatility, trend, regime.
    pub context: &'a MarketContext,
    /// The portfolio's risk mode.
    pub risk: RiskMode,
    /// Whether a stop has fired and hangs (see [`crate::reconcile::has_stuck_stop`]).
    pub stuck_stop: bool,
    /// What has been decided so far.
    pub desired: &'a Desired,
    /// The numbers.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

impl View<'_> {
    const fn side(&self) -> Side {
        self.position.key.side
    }

    /// The plan, where its targets are meant for this entry and size: an addition makes another.
    fn ladder_plan(&self) -> Option<&ExitPlan> {
        self.plan.filter(|_| self.ladder.is_some())
    }

    /// `distance` from entry, on the profit side where it is above zero.
    fn beyond_entry(&self, distance: Ratio) -> Option<Price> {
        let signed = Ratio::new(distance.get() * self.side().sign());
        self.position.entry_price.offset(signed)
    }
}

/// What a rule found: what to do, and the words for it.
struct Finding {
    rule: Rule,
    action: Action,
    reason: String,
}

impl Finding {
    const fn full_exit(rule: Rule, reason: String) -> Self {
        Self {
            rule,
            action: Action::FullExit,
            reason,
        }
    }

    const fn move_stop(rule: Rule, price: Price, why: StopReason, reason: String) -> Self {
        let action = Action::MoveStop { price, reason: why };
        Self {
            rule,
            action,
            reason,
        }
    }
}

/// Decides about one position. Emergency first, then the first stop, then a part, then targets,
/// then a tighter stop; stop before targets, so that nothing ever waits unprotected.
#[must_use]
pub fn decide(view: &View<'_>) -> Decision {
    change(view).unwrap_or_else(|| no_change(view))
}

/// The same where it changes something.
#[must_use]
pub fn change(view: &View<'_>) -> Option<Decision> {
    let undecided = view.position.is_open() && !view.desired.exiting;
    let found = if undecided { first_rule(view) } else { None };
    found.map(|found| record(view, found))
}

/// The decision to leave everything as it is, for whoever has found no [`change`].
#[must_use]
pub fn no_change(view: &View<'_>) -> Decision {
    let reason = match view.plan {
        _ if view.desired.exiting => "the position is being closed",
        Some(_) => "the plan is working",
        None => "there is no plan",
    };
    let found = Finding {
        rule: Rule::PlanWorking,
        action: Action::NoChange,
        reason: reason.into(),
    };
    record(view, found)
}

fn first_rule(view: &View<'_>) -> Option<Finding> {
    emergency::decide(view)
        .or_else(|| first_stop::decide(view))
        .or_else(|| partial::decide(view))
        .or_else(|| targets::decide(view))
        .or_else(|| tighten::decide(view))
}

fn record(view: &View<'_>, found: Finding) -> Decision {
    let position = view.position;
    let mark = view.mark;
    let mark = mark.unwrap_or_else(|| position.valued(position.entry_price));
    Decision {
        key: position.key.clone(),
        epoch: position.epoch,
        module: Module::ExitExecutor,
        rule: found.rule,
        action: found.action,
        reason: found.reason,
        confidence: found.rule.confidence(),
        plan_id: view.plan.map(|plan| plan.id),
        mark_price: mark.price,
        entry_price: position.entry_price,
        qty: position.qty,
        pnl_pct_price: mark.profit,
        pnl_pct_margin: position.on_margin(mark.profit),
        stop: view.desired.stop,
        regime: view.context.regime,
        risk_mode: view.risk,
        at: view.now,
        serial: None,
    }
}

/// Whether a level moved by at least `step_min` of the old one.
pub(crate) fn moved(old: Price, new: Price, step_min: Ratio) -> bool {
    (new.get() - old.get()).abs() >= old.get() * step_min.get()
}
