//! What diagnostics knows: the newest picture of everything it has heard, each part bounded.

use std::collections::BTreeMap;

use bus::Heard;
use domain::Timestamp;
use domain::mode::{Flags, Mode, ModeSnapshot};
use domain::order::{OrderEvent, OrderStatus};
use domain::performance::Tracker;
use domain::snapshot::Heartbeat;

use crate::services::{EXECUTOR, GATEWAY, GUARD};
use crate::state::{effective_mode, is_live};
use crate::story::Stories;

pub mod answers;
pub mod beats;
pub mod decisions;
pub mod demotion;
pub mod durations;
pub mod latency;
pub mod odometer;
pub mod orders;
pub mod plans;
pub mod positions;
pub mod recent;
pub mod tally;

use answers::Answers;
use beats::Beats;
use decisions::Decisions;
use demotion::Demotions;
use latency::Latency;
use orders::Orders;
use plans::Plans;
use positions::Positions;
use tally::Tally;

/// Whose word on the flags counts, first the one that says the mode.
const FLAGS_FROM: [&str; 3] = [GUARD, EXECUTOR, GATEWAY];

/// The read model.
#[derive(Debug, Clone, Default)]
pub struct ReadModel {
    /// Marks heard.
    pub ticks: u64,
    /// Open positions.
    pub positions: Positions,
    /// The latest plan of each position.
    pub plans: Plans,
    /// Decisions by type.
    pub decisions: Decisions,
    /// Order news by status.
    pub order_events: BTreeMap<OrderStatus, u64>,
    /// What the venue answered.
    pub answers: Answers,
    /// Services that are alive.
    pub beats: Beats,
    /// Order counters of guard and gateway.
    pub orders: Orders,
    /// Denials heard, by reason code; the heartbeats' counters are the reference.
    pub denials: Tally,
    /// Messages refused here, by field.
    pub refused: Tally,
    /// From mark to order.
    pub latency: Latency,
    /// How the take-profit targets of plans perform.
    pub performance: Tracker,
    /// The last way down from LIVE.
    pub demotions: Demotions,
    /// What happened to each position.
    pub stories: Stories,
    /// The mode as the guard last said it.
    pub said: Option<ModeSnapshot>,
}

impl ReadModel {
    /// One that has heard nothing since its start.
    #[must_use]
    pub fn new(since: Timestamp) -> Self {
        Self {
            performance: Tracker::new(since),
            ..Self::default()
        }
    }

    /// Takes one valid message.
    pub fn hear(&mut self, now: Timestamp, heard: &Heard) {
        self.stories.hear(now, heard);
        match heard {
            Heard::Mark(tick) => {
                self.ticks = self.ticks.saturating_add(1);
                if !tick.is_from_future(now) {
                    self.performance.mark(tick);
                }
            }
            Heard::Position(snapshot) => {
                self.positions.hear(snapshot);
                self.demotions.hear_position(snapshot);
                self.plans.hear_position(snapshot);
                self.performance.position(snapshot);
            }
            Heard::Plan(plan) => {
                self.plans.hear(now, plan);
                self.performance.plan(plan);
            }
            Heard::Decision { live, decision } => self.decisions.hear(*live, decision),
            Heard::Event(event) => self.hear_event(event),
            Heard::Denied(denial) => self.denials.add(&denial.code, 1),
            Heard::Mode(snapshot) => self.hear_mode(snapshot),
            Heard::Kill(kill) => self.demotions.hear_kill(kill),
            Heard::Handover(handover) => self.demotions.hear_handover(handover),
            Heard::Health(beat) => self.hear_beat(now, beat),
            Heard::Asked(intent) => self.answers.hear_intent(intent),
            // Blocked intents are counted by the guard, which alone sees each once; the rest is
            // advice to others.
            _ => {}
        }
    }

    /// Counts a message that was refused at the border.
    pub fn refuse(&mut self, field: &str) {
        self.refused.add(field, 1);
    }

    /// Messages refused here or by another service, by field.
    #[must_use]
    pub fn refused_anywhere(&self) -> Tally {
        let mut most = self.beats.refused();
        for (field, count) in self.refused.counts() {
            most.raise(field, *count);
        }
        most
    }

    /// The flags of the running system: the guard's, else the executor's, else the gateway's; of
    /// those that run, else as last heard.
    #[must_use]
    pub fn flags(&self, now: Timestamp) -> Option<Flags> {
        let latest = FLAGS_FROM.map(|service| self.beats.latest(service));
        let known = || latest.iter().flatten();
        let running = known().find(|instance| instance.is_fresh(now));
        running.or_else(|| known().next()).map(|it| it.flags)
    }

    /// The mode in force.
    #[must_use]
    pub fn effective_mode(&self, now: Timestamp) -> Option<Mode> {
        effective_mode(self.said.as_ref(), now)
    }

    /// Whether LIVE is in force.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.flags(now).as_ref(), self.effective_mode(now))
    }

    /// The mode that the executor acts in; none where it does not run.
    #[must_use]
    pub fn executor_mode(&self, now: Timestamp) -> Option<Mode> {
        let executor = self.beats.latest(EXECUTOR)?;
        if !executor.is_fresh(now) {
            return None;
        }
        let said = self.effective_mode(now).unwrap_or(Mode::Shadow);
        let mode = executor.mode.min(said);
        (mode != Mode::Legacy).then_some(mode)
    }

    fn hear_event(&mut self, event: &OrderEvent) {
        let count = self.order_events.entry(event.status).or_default();
        *count = count.saturating_add(1);
        if let (OrderStatus::Submitting, Some(sample)) = (event.status, event.tick_to_order) {
            self.latency.hear(sample);
        }
        self.answers.hear(event);
        self.performance.order(event);
        self.demotions.hear_event(event);
    }

    fn hear_mode(&mut self, snapshot: &ModeSnapshot) {
        // By its clock, not by its revision: a guard that restarted may count anew.
        let newer = |said: &ModeSnapshot| snapshot.at >= said.at;
        if self.said.as_ref().is_none_or(newer) {
            self.demotions.hear_mode(snapshot);
            self.said = Some(snapshot.clone());
        }
    }

    fn hear_beat(&mut self, now: Timestamp, beat: &Heartbeat) {
        if self.beats.hear(now, beat) {
            self.demotions.hear_heartbeat(beat);
        }
        self.orders.hear(beat);
    }
}
