//! The actor: everything heard goes into the read model; all that is said is the heartbeat, and
//! how take-profit targets perform.

use bus::{BadMessage, Heard, Message};
use domain::mode::{Flags, Mode};
use domain::snapshot::ExitMetrics;
use domain::{Span, Timestamp};
use proto::wire::ExitBrainStatus;
use runtime::pulse::{Pulse, Vitals};

use crate::model::ReadModel;
use crate::ready;
use crate::services::DIAGNOSTICS;
use crate::status;
use crate::summary::Summary;
use crate::truths::Truths;

/// How often the summary of the order counters goes to the log.
pub const SUMMARY_EVERY: Span = Span::from_secs(60);
/// How often the performance of targets is said, of those symbols that have news.
pub const PERFORMANCE_EVERY: Span = Span::from_secs(60);

/// Hears everything, commands nothing.
#[derive(Debug, Clone)]
pub struct DiagnosticsActor {
    model: ReadModel,
    truths: Truths,
    pulse: Pulse,
    instance: String,
    flags: Flags,
    /// When, and what it said; nothing until the system is heard.
    summarized: (Timestamp, Option<Summary>),
    performance_said: Option<Timestamp>,
}

impl DiagnosticsActor {
    /// One that has heard nothing. `boot` is the start in microseconds; the flags are only those
    /// of this process, told in its heartbeat, and never taken for those of the system.
    #[must_use]
    pub fn new(instance: &str, flags: Flags, boot: u64) -> Self {
        Self {
            model: ReadModel::new(started(boot)),
            truths: Truths::default(),
            pulse: Pulse::new(DIAGNOSTICS, instance, flags, boot),
            instance: instance.into(),
            flags,
            summarized: (started(boot), None),
            performance_said: None,
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

    /// Takes what went wrong on the bus connection, to be told in the heartbeat.
    pub fn note_faults(&mut self, faults: &[(&str, u64)]) {
        for (name, count) in faults {
            self.pulse.set(name, *count);
        }
    }

    /// The first one as soon as the counters of both who count are heard, for whoever looks into
    /// the log after a restart.
    fn summarize(&mut self, now: Timestamp) {
        let (at, last) = &self.summarized;
        let waits = match last {
            Some(_) => now.since(*at) < SUMMARY_EVERY,
            None => now.since(*at) < SUMMARY_EVERY && !self.is_heard(now),
        };
        if waits {
            return;
        }
        let summary = Summary::of(&self.model, now);
        summary.log(last.as_ref());
        self.summarized = (now, Some(summary));
    }

    /// Whether the mode and what is counted are known.
    fn is_heard(&self, now: Timestamp) -> bool {
        let counted = ready::checks(&self.model, true, now);
        counted.iter().all(|it| it.ok) && self.model.effective_mode(now).is_some()
    }

    fn say_performance(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        self.model.performance.settle(now);
        let waits = |said: Timestamp| (Span::ZERO..PERFORMANCE_EVERY).contains(&now.since(said));
        if self.performance_said.is_some_and(waits) {
            return;
        }
        let news = self.model.performance.take_news();
        if news.is_empty() {
            return;
        }
        self.performance_said = Some(now);
        let report = self.model.performance.report(None, now);
        for it in report.iter().filter(|it| news.contains(&it.symbol)) {
            out.push(bus::subjects::tp_performance(&it.symbol).message(it));
        }
    }

    fn say_heartbeat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        if !self.pulse.due(now) {
            return;
        }
        self.pulse.set("ticks", self.model.ticks);
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
            metrics: ExitMetrics::default(),
            ..Vitals::default()
        };
        let heartbeat = self.pulse.beat(now, vitals);
        out.push(bus::subjects::health(DIAGNOSTICS, &self.instance).message(&heartbeat));
    }
}

/// The start that `boot` tells, microseconds.
fn started(boot: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(boot).unwrap_or(i64::MAX))
}

impl runtime::Actor for DiagnosticsActor {
    type Effect = Message;

    fn hear(&mut self, now: Timestamp, heard: Heard, _out: &mut Vec<Message>) {
        self.model.hear(now, &heard);
        for broken in self.truths.judge(now, &heard, &self.model) {
            tracing::error!(
                invariant = broken.name,
                detail = broken.detail,
                "invariant broken"
            );
            self.pulse.count(&format!("invariant.{}", broken.name));
        }
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<Message>) {
        self.say_heartbeat(now, out);
        self.say_performance(now, out);
        self.summarize(now);
    }

    fn refused(&mut self, _now: Timestamp, bad: &BadMessage) {
        let field = bad.field();
        self.pulse.count(&format!("refused.{field}"));
        self.model.refuse(&field);
    }
}
