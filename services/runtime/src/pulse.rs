//! What a service says of itself once a second, with the counters that it keeps in between.

use std::collections::BTreeMap;

use domain::mode::{Flags, Mode};
use domain::snapshot::{ExitMetrics, Heartbeat};
use domain::{PositionKey, Span, Timestamp};

use crate::connect::Connections;

/// A heartbeat is due this long after the one before.
pub const PERIOD: Span = Span::from_secs(1);
/// Names that one service may count under: more than the code has, so that only a name made from
/// input could ever reach it, and a heartbeat stays small.
pub const COUNTERS_MAX: usize = 256;
/// Where everything beyond [`COUNTERS_MAX`] names is counted.
pub const OVERFLOW: &str = "counters_overflow";
/// In a gateway's heartbeat: when the executor's last cancel left, microseconds. News of an order
/// name whose it is, not who cancels it.
pub const EXECUTOR_CANCELED_AT: &str = "executor_canceled_at_us";

/// The build that runs: the version, with the revision where the build was told it.
pub const BUILD: &str = match option_env!("EXITBRAIN_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

/// The maker of one service's heartbeats.
#[derive(Debug, Clone)]
pub struct Pulse {
    service: String,
    instance: String,
    flags: Flags,
    boot: u64,
    sequence: u64,
    last: Option<Timestamp>,
    counters: BTreeMap<String, u64>,
    connections: Connections,
    measures: bool,
}

/// What a heartbeat says that the pulse can't know by itself.
#[derive(Debug, Clone, Default)]
pub struct Vitals {
    /// The mode that the service resolves for itself, a kill included.
    pub mode: Mode,
    /// Revision of the mode snapshot that it acts on; 0 for none yet.
    pub revision: u64,
    /// Whether it has what it needs.
    pub ready: bool,
    /// Positions that it protects right now.
    pub positions: Vec<PositionKey>,
    /// Positions on which it acts by a lease, with the fencing token of each.
    pub owned: Vec<(PositionKey, u64)>,
    /// Order counters.
    pub metrics: ExitMetrics,
}

impl Pulse {
    /// A pulse that has not beaten yet. `boot` is the start in microseconds: the fencing token.
    #[must_use]
    pub fn new(service: &str, instance: &str, flags: Flags, boot: u64) -> Self {
        Self {
            service: service.into(),
            instance: instance.into(),
            flags,
            boot,
            sequence: 0,
            last: None,
            counters: BTreeMap::new(),
            connections: Connections::default(),
            measures: false,
        }
    }

    /// The same pulse of a process that runs, see [`Self::measures`].
    #[must_use]
    pub fn measuring(self) -> Self {
        Self {
            measures: true,
            ..self
        }
    }

    /// Whether its service is to measure itself for those who look after it. A simulated one is
    /// measured from outside, and says what it always said.
    #[must_use]
    pub const fn measures(&self) -> bool {
        self.measures
    }

    /// The same pulse, telling the faults of these connections too.
    #[must_use]
    pub(crate) fn watching(mut self, connections: Connections) -> Self {
        self.connections = connections;
        self.measuring()
    }

    /// Counts one under `name`.
    pub fn count(&mut self, name: &str) {
        self.add(name, 1);
    }

    /// Counts `amount` under `name`.
    pub fn add(&mut self, name: &str, amount: u64) {
        let counter = self.counter(name);
        *counter = counter.saturating_add(amount);
    }

    /// Puts `name` to `value`, for what is a level and not a count.
    pub fn set(&mut self, name: &str, value: u64) {
        *self.counter(name) = value;
    }

    /// Everything counted so far.
    #[must_use]
    pub const fn counters(&self) -> &BTreeMap<String, u64> {
        &self.counters
    }

    /// Whether a heartbeat is due: at once, then every [`PERIOD`]. A clock that was set back does
    /// not silence the pulse.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> bool {
        self.last
            .is_none_or(|last| now.since(last) >= PERIOD || now < last)
    }

    /// The heartbeat to say now.
    pub fn heartbeat(
        &mut self,
        now: Timestamp,
        mode: Mode,
        revision: u64,
        ready: bool,
        positions: Vec<PositionKey>,
        metrics: ExitMetrics,
    ) -> Heartbeat {
        self.beat(
            now,
            Vitals {
                mode,
                revision,
                ready,
                positions,
                owned: Vec::new(),
                metrics,
            },
        )
    }

    /// The heartbeat to say now, its variable part by name.
    pub fn beat(&mut self, now: Timestamp, vitals: Vitals) -> Heartbeat {
        self.last = Some(now);
        self.sequence = self.sequence.saturating_add(1);
        for (name, count) in self.connections.faults() {
            self.set(name, count);
        }
        Heartbeat {
            service: self.service.clone(),
            instance: self.instance.clone(),
            build: BUILD.into(),
            flags: self.flags,
            mode: vitals.mode,
            revision: vitals.revision,
            ready: vitals.ready,
            boot: self.boot,
            sequence: self.sequence,
            positions: vitals.positions,
            owned: vitals.owned,
            metrics: vitals.metrics,
            counters: self.counters.clone(),
            at: now,
        }
    }

    fn counter(&mut self, name: &str) -> &mut u64 {
        let known = self.counters.contains_key(name);
        let name = if known || self.counters.len() < COUNTERS_MAX {
            name
        } else {
            OVERFLOW
        };
        self.counters.entry(name.into()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn pulse() -> Pulse {
        Pulse::new("executor", "one", Flags::default(), 7)
    }

    #[test]
    fn a_heartbeat_is_due_at_once_and_then_once_a_second() {
        let mut pulse = pulse();
        assert!(pulse.due(at(5_000)));
        pulse.beat(at(5_000), Vitals::default());
        assert!(!pulse.due(at(5_999)));
        assert!(pulse.due(at(6_000)));
    }

    #[test]
    fn a_clock_set_back_does_not_silence_the_pulse() {
        let mut pulse = pulse();
        pulse.beat(at(5_000), Vitals::default());
        assert!(pulse.due(at(1_000)));
    }

    #[test]
    fn a_heartbeat_tells_who_and_what_was_counted() {
        let mut pulse = pulse();
        pulse.count("ticks");
        pulse.add("ticks", 2);
        pulse.set("faults", 9);
        pulse.set("faults", 4);
        let metrics = ExitMetrics::default();
        let first = pulse.heartbeat(at(1), Mode::Shadow, 3, true, Vec::new(), metrics);
        assert_eq!((first.service.as_str(), first.boot), ("executor", 7));
        assert_eq!((first.mode, first.revision), (Mode::Shadow, 3));
        assert_eq!(first.counters["ticks"], 3);
        assert_eq!(first.counters["faults"], 4);
        let second = pulse.beat(at(2), Vitals::default());
        assert_eq!((first.sequence, second.sequence), (1, 2));
    }

    #[test]
    fn names_made_from_input_cant_grow_a_heartbeat_without_bound() {
        let mut pulse = pulse();
        pulse.count("ticks");
        for number in 0..10 * COUNTERS_MAX {
            pulse.count(&format!("name-{number}"));
        }
        pulse.count("ticks");
        assert_eq!(pulse.counters().len(), COUNTERS_MAX + 1);
        assert_eq!(pulse.counters()["ticks"], 2);
        assert!(pulse.counters()[OVERFLOW] > 0);
    }
}
