//! The planner as a state machine: it hears everything a plan depends on, says the plans, and
//! answers the incumbents that ask for one.

use std::collections::BTreeMap;

use bus::{BadMessage, Heard, Message, subjects};
use domain::mode::{Flags, Mode};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanError, PlanInputs};
use domain::plan::request::{PlanReply, PlanRequest};
use domain::policy::{Policy, ProfileMode};
use domain::signal::RiskMode;
use domain::snapshot::{ExitMetrics, PositionSnapshot};
use domain::{PositionKey, Span, Symbol, Timestamp};
use runtime::Actor;
use runtime::pulse::Pulse;

use crate::answer::{Subject, answer};
use crate::known::{Ignored, Known};
use crate::router::{Cause, ExitRouter, Grid, Routed};
use crate::wiring::SERVICE;

/// A plan is said again this often, for readers that came late; always the same plan.
pub const REPEAT: Span = Span::from_secs(5);
/// Positions that are planned for; an account has a few dozen.
pub const POSITIONS_MAX: usize = 1_024;

/// How long after its start the planner waits for an equity before it makes `CHALLENGE_100` plans
/// of the assumed one, for positions that were open already: the executor has a plan for them, made
/// of the told equity, and stops tightened by a wrong one stay so. Risk states come every second;
/// ten missing ones are no hiccup. A younger position has no plan yet, and does not wait.
pub const EQUITY_PATIENCE: Span = Span::from_secs(10);

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
    known: Known,
    pulse: Pulse,
    instance: String,
    mode: Mode,
    revision: u64,
    /// The first moment that it knows of.
    started_at: Option<Timestamp>,
    repeat: Span,
}

impl Planner {
    /// A planner that has heard nothing yet; `boot` is its start in microseconds.
    #[must_use]
    pub fn new(instance: &str, flags: Flags, boot: u64, policy: Policy) -> Self {
        Self {
            policy,
            router: ExitRouter::default(),
            positions: BTreeMap::new(),
            known: Known::default(),
            pulse: Pulse::new(SERVICE, instance, flags, boot),
            instance: instance.into(),
            mode: flags.resolve(),
            revision: 0,
            started_at: None,
            repeat: REPEAT,
        }
    }

    /// The same planner, saying each plan again after `span` in place of [`REPEAT`]: where nobody
    /// can miss one, nobody needs it twice.
    #[must_use]
    pub fn repeating(self, span: Span) -> Self {
        Self {
            repeat: span,
            ..self
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

    /// Looks at the positions in `symbol` again, unless what was heard was ignored.
    fn on_news(
        &mut self,
        now: Timestamp,
        symbol: &Symbol,
        taken: Result<(), Ignored>,
        out: &mut Vec<Message>,
    ) {
        if let Err(name) = taken {
            return self.pulse.count(name);
        }
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
        let Some(held) = self.positions.get(key) else {
            return;
        };
        let position = &held.snapshot.position;
        let context = self.known.context(now, &key.symbol);
        let inputs = self.known.inputs(now, position, &context, &self.policy);
        if self.waits_for_equity(now, &inputs) {
            return self.pulse.count("plans_waiting_for_equity");
        }
        let grid = Grid {
            tick_size: held.snapshot.instrument.tick_size,
            policy: &self.policy,
            now,
        };
        let routed = self.router.get_plan(&inputs, grid);
        let cause = self.note(key, routed);
        let Some(plan) = self.router.get_active_plan(key) else {
            return;
        };
        let Some(held) = self.positions.get_mut(key) else {
            return;
        };
        let late = |said: Timestamp| now.since(said) >= self.repeat || now < said;
        if cause.is_some() || held.said_at.is_none_or(late) {
            held.said_at = Some(now);
            out.push(subjects::plan(key).message(plan));
        }
        if let Some(cause) = cause {
            announce(plan, cause);
        }
    }

    /// Whether the first plan would be of an assumed equity where the true one may be told soon.
    fn waits_for_equity(&self, now: Timestamp, inputs: &PlanInputs<'_>) -> bool {
        let by_equity = self.policy.profiles.mode == ProfileMode::Challenge100
            && inputs.risk != RiskMode::EssActive;
        let of_another = inputs.position.age(now) > EQUITY_PATIENCE
            && self.router.get_active_plan(&inputs.position.key).is_none();
        let started = |at: Timestamp| now >= at && now.since(at) < EQUITY_PATIENCE;
        by_equity && of_another && !self.known.has_equity() && self.started_at.is_some_and(started)
    }

    /// Counts what came of a look; why there is a new plan, where there is one.
    fn note(&mut self, key: &PositionKey, routed: Result<Routed, PlanError>) -> Option<Cause> {
        match routed {
            Ok(Routed::Kept) => None,
            Ok(Routed::Deferred(_)) => {
                self.pulse.count("plans_deferred");
                None
            }
            Ok(Routed::Built(cause)) => {
                self.pulse.count("plans_built");
                self.pulse.count(&format!("plans_built.{cause}"));
                Some(cause)
            }
            Err(error) => {
                self.pulse.count("plans_failed");
                if let Some(held) = self.positions.get_mut(key) {
                    held.failed = held.failed.saturating_add(1);
                    if held.failed.is_power_of_two() {
                        tracing::warn!(
                            tag = "EXIT BRAIN", position = %key, error = %error, "no plan"
                        );
                    }
                }
                None
            }
        }
    }

    fn on_request(&mut self, now: Timestamp, request: &PlanRequest, out: &mut Vec<Message>) {
        if request.expires_at <= now {
            // The asker went on without us: an answer would only surprise it.
            return self.pulse.count("requests_expired");
        }
        let held = self.positions.get(&request.key);
        let subject = Subject {
            epoch: held.map(|held| held.snapshot.position.epoch),
            plan: self.router.get_active_plan(&request.key),
        };
        let answer = answer(request, subject, &self.policy, now);
        match &answer {
            Ok(_) => self.pulse.count("requests_answered"),
            Err(refusal) => {
                self.pulse
                    .count(&format!("requests_refused.{}", refusal.name()));
            }
        }
        let reply = PlanReply {
            id: request.id,
            module: request.module.clone(),
            key: request.key.clone(),
            epoch: request.epoch,
            answer: answer.map_err(|refusal| refusal.to_string()),
            at: now,
        };
        out.push(subjects::plan_reply(&request.module, &request.key).message(&reply));
    }
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

fn announce(plan: &ExitPlan, cause: Cause) {
    tracing::info!(
        tag = "EXIT BRAIN",
        position = %plan.key,
        epoch = %plan.epoch,
        plan_id = %plan.id,
        cause = %cause,
        regime = %plan.regime,
        strategy_id = plan.strategy_id,
        profile = plan.profile.as_deref().unwrap_or_default(),
        policy_hash = format!("{:016x}", plan.policy_hash),
        inputs_digest = format!("{:016x}", plan.inputs_digest),
        reason = plan.reason,
        "{}",
        headline(plan)
    );
}

impl Actor for Planner {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Message>) {
        self.started_at.get_or_insert(now);
        match heard {
            Heard::Position(snapshot) => self.on_position(now, snapshot, out),
            Heard::Mark(tick) => {
                let symbol = tick.symbol.clone();
                let taken = self.known.hear_mark(now, tick);
                self.on_news(now, &symbol, taken, out);
            }
            Heard::Context(context) => {
                let symbol = context.symbol.clone();
                let taken = self.known.hear_context(now, context);
                self.on_news(now, &symbol, taken, out);
            }
            Heard::Rl(hint) => {
                let symbol = hint.symbol.clone();
                let taken = self.known.hear_hint(now, hint);
                self.on_news(now, &symbol, taken, out);
            }
            Heard::Risk(risk) => match self.known.hear_risk(now, risk) {
                Ok(()) => self.review_all(now, out),
                Err(name) => self.pulse.count(name),
            },
            Heard::PlanRequest(request) => self.on_request(now, &request, out),
            Heard::Mode(snapshot) => self.revision = self.revision.max(snapshot.revision),
            _ => {}
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        self.started_at.get_or_insert(now);
        if !self.pulse.due(now) {
            return;
        }
        // Once a second is often enough for what only time changes: advice and contexts that run
        // out, plans that expire or had to wait, plans to be said again.
        self.review_all(now, out);
        self.pulse.set("plans_active", self.router.len() as u64);
        self.pulse.set("positions", self.positions.len() as u64);
        let stale = self.known.is_risk_stale(now);
        self.pulse.set("risk_stale", u64::from(stale));
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
