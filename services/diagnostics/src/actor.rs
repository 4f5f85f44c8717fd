//! The actor: everything heard goes into the read model; the only thing said is the heartbeat.

use bus::{BadMessage, Heard, Message};
use domain::mode::{Flags, Mode};
use domain::snapshot::ExitMetrics;
use domain::{Span, Timestamp};
use proto::wire::ExitBrainStatus;
use runtime::pulse::{Pulse, Vitals};

use crate::model::ReadModel;
use crate::services::DIAGNOSTICS;
use crate::status;

/// How often the summary of the order counters goes to the log.
pub const SUMMARY_EVERY: Span = Span::from_secs(60);

/// Hears everything, commands nothing.
#[derive(Debug, Clone)]
pub struct DiagnosticsActor {
    model: ReadModel,
    pulse: Pulse,
    instance: String,
    flags: Flags,
    summarized: Option<Summary>,
}

#[derive(Debug, Clone, Copy)]
struct Summary {
    at: Timestamp,
    blocked: u64,
    conflicts: u64,
}

impl DiagnosticsActor {
    /// One that has heard nothing. `boot` is the start in microseconds; the flags are only those
    /// of this process, told in its heartbeat, and never taken for those of the system.
    #[must_use]
    pub fn new(instance: &str, flags: Flags, boot: u64) -> Self {
        Self {
            model: ReadModel::default(),
            pulse: Pulse::new(DIAGNOSTICS, instance, flags, boot),
            instance: instance.into(),
            flags,
            summarized: None,
        }
    }

    /// What is known.
    #[must_use]
    pub const fn model(&self) -> &ReadModel {
        &self.model
    }

    /// The status of the whole system as known at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> ExitBrainStatus {
        status::status(&self.model, now)
    }

    fn summarize(&mut self, now: Timestamp) {
        let last = self.summarized;
        if last.is_some_and(|last| now.since(last.at) < SUMMARY_EVERY) {
            return;
        }
        let counts = self.model.orders.counts();
        let summary = Summary {
            at: now,
            blocked: counts.blocked(),
            conflicts: counts.ownership_conflicts,
        };
        self.summarized = Some(summary);
        // The first beat only starts the clock: nothing was heard by then.
        let Some(last) = last else {
            return;
        };
        tracing::info!(
            tag = "EXIT_METRICS",
            total_orders = counts.attempts(),
            conflicts = summary.conflicts,
            blocked = summary.blocked,
            mode = self.mode_text(now),
            by_module = ?counts.sent_by_module.counts(),
            by_kind = ?counts.sent_by_kind.counts(),
            "Summary"
        );
        if summary.blocked > last.blocked {
            let new = summary.blocked - last.blocked;
            tracing::warn!(
                tag = "EXIT_METRICS",
                new,
                "legacy orders were blocked: as it should be in LIVE"
            );
        }
        if summary.conflicts > last.conflicts {
            let new = summary.conflicts - last.conflicts;
            tracing::warn!(
                tag = "EXIT_METRICS",
                new,
                "legacy modules acted on positions of the brain"
            );
        }
    }

    /// The owner's words: the exit mode, and `(LIVE)` where it is in force.
    fn mode_text(&self, now: Timestamp) -> String {
        let live = if self.model.is_live(now) {
            " (LIVE)"
        } else {
            ""
        };
        let flags = self.model.flags(now);
        flags.map_or_else(
            || "UNKNOWN".into(),
            |flags| format!("{}{live}", flags.exit_mode),
        )
    }

    fn say_heartbeat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        if !self.pulse.due(now) {
            return;
        }
        self.pulse.set("ticks", self.model.ticks);
        self.pulse.set("refused", self.model.refused.sum());
        self.pulse
            .set("positions_untold", self.model.positions.untold());
        let said = self.model.said.as_ref();
        let vitals = Vitals {
            mode: self
                .model
                .effective_mode(now)
                .map_or(Mode::Legacy, |mode| mode.min(self.flags.resolve())),
            revision: said.map_or(0, |said| said.revision),
            ready: said.is_some() && self.model.positions.untold() == 0,
            positions: Vec::new(),
            metrics: ExitMetrics::default(),
        };
        let heartbeat = self.pulse.beat(now, vitals);
        out.push(bus::subjects::health(DIAGNOSTICS, &self.instance).message(&heartbeat));
    }
}

impl runtime::Actor for DiagnosticsActor {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, _out: &mut Vec<Message>) {
        self.model.hear(now, &heard);
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        self.say_heartbeat(now, out);
        self.summarize(now);
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        self.model.refuse(&bad.field());
    }
}
