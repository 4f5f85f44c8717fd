//! The planner as a state machine: it hears everything a plan depends on and says the plans.

use std::collections::BTreeMap;

use bus::{BadMessage, Heard, Message, subjects};
use domain::market::{MarkTick, MarketContext};
use domain::mode::{Flags, Mode};
use domain::plan::ExitPlan;
use domain::plan::build::PlanInputs;
use domain::policy::Policy;
use domain::signal::{RiskState, RlHint};
use domain::snapshot::{ExitMetrics, PositionSnapshot};
use domain::{PositionKey, Span, Symbol, Timestamp};
use runtime::Actor;
use runtime::pulse::Pulse;

use crate::router::{ExitRouter, Routed};
use crate::wiring::SERVICE;

/// A plan is said again this often, for readers that came late; always the same plan.
pub const REPEAT: Span = Span::from_secs(5);
/// Advice older than this is none.
pub const HINT_AGE_MAX: Span = Span::from_secs(300);
/// A context older than this (a dozen missed ones) is none: the documented default holds.
pub const CONTEXT_AGE_MAX: Span = Span::from_secs(60);
/// Inputs dated farther ahead than this are not believed: they would never grow old.
const AHEAD_MAX: Span = Span::from_secs(5);
/// Positions that are planned for; an account has a few dozen.
pub const POSITIONS_MAX: usize = 1_024;
/// Contracts whose marks, contexts and hints are kept; above all that the venue lists.
const SYMBOLS_MAX: usize = 2_048;

#[derive(Debug, Clone)]
struct Held {
    snapshot: PositionSnapshot,
    said_at: Option<Timestamp>,
    failed: u64,
}

/// The state machine.
#[derive(Debug)]
pub struct Planner {
    policy: Policy,
    router: ExitRouter,
    positions: BTreeMap<PositionKey, Held>,
    marks: BTreeMap<Symbol, MarkTick>,
    contexts: BTreeMap<Symbol, MarketContext>,
    hints: BTreeMap<Symbol, RlHint>,
    risk: Option<RiskState>,
    pulse: Pulse,
    instance: String,
    mode: Mode,
    revision: u64,
}

impl Planner {
    /// A planner that has heard nothing yet; `boot` is its start in microseconds.
    #[must_use]
    pub fn new(instance: &str, flags: Flags, boot: u64, policy: Policy) -> Self {
        Self {
            policy,
            router: ExitRouter::default(),
            positions: BTreeMap::new(),
            marks: BTreeMap::new(),
            contexts: BTreeMap::new(),
            hints: BTreeMap::new(),
            risk: None,
            pulse: Pulse::new(SERVICE, instance, flags, boot),
            instance: instance.into(),
            mode: flags.resolve(),
            revision: 0,
        }
    }

    /// The same planner, heartbeating through `pulse`, which may know of connections.
    #[must_use]
    pub fn with_pulse(self, pulse: Pulse) -> Self {
        Self { pulse, ..self }
    }

    /// The plans in force.
    #[must_use]
    pub const fn router(&self) -> &ExitRouter {
        &self.router
    }

    fn on_position(&mut self, now: Timestamp, snapshot: PositionSnapshot, out: &mut Vec<Message>) {
        let key = snapshot.position.key.clone();
        let held = self.positions.get(&key);
        if held.is_some_and(|held| snapshot.at < held.snapshot.at) {
            return self.pulse.count("positions_out_of_order");
        }
        if !snapshot.position.is_open() {
            // Flat that isn't proven may be a lost read: the plan stays for the position's sake.
            if snapshot.flat_proven {
                self.positions.remove(&key);
                self.router.invalidate(&key);
            }
            return;
        }
        if held.is_none() && self.positions.len() >= POSITIONS_MAX {
            return self.pulse.count("positions_beyond_bound");
        }
        let fresh = Held {
            snapshot: snapshot.clone(),
            said_at: None,
            failed: 0,
        };
        self.positions.entry(key.clone()).or_insert(fresh).snapshot = snapshot;
        self.review(now, &key, out);
    }

    fn on_mark(&mut self, now: Timestamp, tick: MarkTick, out: &mut Vec<Message>) {
        let symbol = tick.symbol.clone();
        let older = |known: &MarkTick| tick.event_at < known.event_at;
        if tick.is_from_future(now) || self.marks.get(&symbol).is_some_and(older) {
            return self.pulse.count("marks_out_of_order");
        }
        if remember(&mut self.marks, symbol.clone(), tick) {
            self.review_symbol(now, &symbol, out);
        }
    }

    fn on_hint(&mut self, now: Timestamp, hint: RlHint, out: &mut Vec<Message>) {
        let symbol = hint.symbol.clone();
        let older = self
            .hints
            .get(&symbol)
            .is_some_and(|known| hint.at < known.at);
        if older || !is_young(now, hint.at, HINT_AGE_MAX) {
            return self.pulse.count("hints_ignored");
        }
        if remember(&mut self.hints, symbol.clone(), hint) {
            self.review_symbol(now, &symbol, out);
        }
    }

    fn on_context(&mut self, now: Timestamp, context: MarketContext, out: &mut Vec<Message>) {
        let symbol = context.symbol.clone();
        let older = |known: &MarketContext| context.at < known.at;
        if self.contexts.get(&symbol).is_some_and(older) {
            return self.pulse.count("contexts_out_of_order");
        }
        if remember(&mut self.contexts, symbol.clone(), context) {
            self.review_symbol(now, &symbol, out);
        }
    }

    fn on_risk(&mut self, now: Timestamp, risk: RiskState, out: &mut Vec<Message>) {
        if self.risk.as_ref().is_some_and(|known| risk.at < known.at) {
            return self.pulse.count("risk_out_of_order");
        }
        self.risk = Some(risk);
        self.review_all(now, out);
    }

    fn review_symbol(&mut self, now: Timestamp, symbol: &Symbol, out: &mut Vec<Message>) {
        let keys = self.positions.keys().filter(|key| key.symbol == *symbol);
        let keys: Vec<PositionKey> = keys.cloned().collect();
        for key in keys {
            self.review(now, &key, out);
        }
    }

    fn review_all(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        let keys: Vec<PositionKey> = self.positions.keys().cloned().collect();
        for key in keys {
            self.review(now, &key, out);
        }
    }

    /// Sees to it that the position has the right plan, and says it where it is new or due again.
    fn review(&mut self, now: Timestamp, key: &PositionKey, out: &mut Vec<Message>) {
        let Some(held) = self.positions.get_mut(key) else {
            return;
        };
        let symbol = &key.symbol;
        let unknown = MarketContext::unknown(symbol.clone(), now);
        let context = self.contexts.get(symbol);
        let context = context.filter(|known| is_young(now, known.at, CONTEXT_AGE_MAX));
        let hint = self.hints.get(symbol);
        let fresh = |tick: &&MarkTick| !tick.is_stale(now, self.policy.tick_age_max);
        let inputs = PlanInputs {
            position: &held.snapshot.position,
            mark_price: self
                .marks
                .get(symbol)
                .filter(fresh)
                .map(|tick| tick.mark_price),
            context: context.unwrap_or(&unknown),
            hint: hint.filter(|hint| is_young(now, hint.at, HINT_AGE_MAX)),
            risk: self.risk.as_ref().map(|risk| risk.mode).unwrap_or_default(),
        };
        let tick_size = held.snapshot.instrument.tick_size;
        let built = match self.router.get_plan(&inputs, tick_size, &self.policy, now) {
            Ok(Routed::Kept) => false,
            Ok(Routed::Built(cause)) => {
                self.pulse.count("plans_built");
                self.pulse.count(&format!("plans_built.{cause}"));
                true
            }
            Err(error) => {
                self.pulse.count("plans_failed");
                held.failed = held.failed.saturating_add(1);
                if held.failed.is_power_of_two() {
                    tracing::warn!(tag = "EXIT BRAIN", position = %key, error = %error, "no plan");
                }
                false
            }
        };
        let Some(plan) = self.router.get_active_plan(key) else {
            return;
        };
        let late = |said: Timestamp| now.since(said) >= REPEAT || now < said;
        if built || held.said_at.is_none_or(late) {
            held.said_at = Some(now);
            out.push(subjects::plan(key).message(plan));
        }
        if built {
            announce(plan);
        }
    }
}

/// Keeps `value` unless there are too many names already; says whether it was kept.
fn remember<T>(known: &mut BTreeMap<Symbol, T>, symbol: Symbol, value: T) -> bool {
    if known.len() >= SYMBOLS_MAX && !known.contains_key(&symbol) {
        return false;
    }
    known.insert(symbol, value);
    true
}

fn is_young(now: Timestamp, at: Timestamp, age_max: Span) -> bool {
    let age = now.since(at);
    age <= age_max && at.since(now) <= AHEAD_MAX
}

/// The line that operators look for.
#[must_use]
pub fn headline(plan: &ExitPlan) -> String {
    format!(
        "[EXIT BRAIN] {}: TP={}%, SL={}%, Trail={}%",
        plan.key.symbol,
        plan.target.percent(),
        plan.stop.percent(),
        plan.trail.percent(),
    )
}

fn announce(plan: &ExitPlan) {
    tracing::info!(
        tag = "EXIT BRAIN",
        position = %plan.key,
        epoch = %plan.epoch,
        plan_id = %plan.id,
        regime = %plan.regime,
        reason = plan.reason,
        "{}",
        headline(plan)
    );
}

impl Actor for Planner {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        match heard {
            Heard::Position(snapshot) => self.on_position(now, snapshot, out),
            Heard::Mark(tick) => self.on_mark(now, tick, out),
            Heard::Context(context) => self.on_context(now, context, out),
            Heard::Rl(hint) => self.on_hint(now, hint, out),
            Heard::Risk(risk) => self.on_risk(now, risk, out),
            Heard::Mode(snapshot) => self.revision = self.revision.max(snapshot.revision),
            _ => {}
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        if !self.pulse.due(now) {
            return;
        }
        // Once a second is often enough for what only time changes: advice and contexts that run
        // out, plans that expire, plans to be said again.
        self.review_all(now, out);
        self.pulse.set("plans_active", self.router.len() as u64);
        self.pulse.set("positions", self.positions.len() as u64);
        let (mode, revision) = (self.mode, self.revision);
        let heartbeat = self.pulse.heartbeat(
            now,
            mode,
            revision,
            true,
            Vec::new(),
            ExitMetrics::default(),
        );
        out.push(subjects::health(SERVICE, &self.instance).message(&heartbeat));
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.pulse.count(&format!("refused.{}", bad.field()));
    }
}

#[cfg(test)]
mod tests;
