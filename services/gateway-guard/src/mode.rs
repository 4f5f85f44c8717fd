//! The mode in force: what the guard, the executor and the gateway all resolve.

use std::collections::BTreeMap;

use domain::mode::{Flags, Kill, Mode, ModeSnapshot, agreed};
use domain::snapshot::Heartbeat;
use domain::{Span, Timestamp};

/// Executor and gateway heartbeat every second. Whoever has not been heard after this long is not
/// there, and what the mode is without it is settled.
const SETTLE_MAX: Span = Span::from_secs(5);

/// Heartbeats come every second; a restart takes less than this.
const EXECUTOR_SILENCE: Span = Span::from_secs(5);
/// Executors that are heard at once; a fleet has a handful, and each restart may bring a new name.
const EXECUTORS_MAX: usize = 64;

/// Keeps the agreement of the three services, under a revision that grows with every change.
#[derive(Debug)]
pub(crate) struct Agreement {
    own: Mode,
    /// What each executor resolves, and when it said so.
    executors: BTreeMap<String, (Mode, Timestamp)>,
    gateway: Option<Mode>,
    snapshot: ModeSnapshot,
    /// Highest revision that any guard has said.
    heard: u64,
    born: Timestamp,
}

impl Agreement {
    /// Starts at SHADOW or LEGACY; `boot` is the first revision, so that a restarted guard never
    /// goes back behind what it said before.
    pub(crate) fn new(flags: &Flags, boot: u64) -> Self {
        let own = flags.resolve();
        let snapshot = ModeSnapshot {
            revision: boot,
            mode: agreed(own, None, None),
            reason: "started".into(),
            at: Timestamp::default(),
        };
        let born = Timestamp::from_micros(i64::try_from(boot).unwrap_or(0));
        Self {
            own,
            executors: BTreeMap::new(),
            gateway: None,
            snapshot,
            heard: 0,
            born,
        }
    }

    pub(crate) const fn own(&self) -> Mode {
        self.own
    }

    pub(crate) const fn mode(&self) -> Mode {
        self.snapshot.mode
    }

    pub(crate) const fn revision(&self) -> u64 {
        self.snapshot.revision
    }

    /// Whether the mode in force is more than the caution of a guard that has just started.
    pub(crate) fn is_settled(&self, now: Timestamp) -> bool {
        let all_heard = !self.executors.is_empty() && self.gateway.is_some();
        all_heard || now.since(self.born) >= SETTLE_MAX
    }

    /// What to tell everybody now.
    pub(crate) fn snapshot(&self, now: Timestamp) -> ModeSnapshot {
        ModeSnapshot {
            at: now,
            ..self.snapshot.clone()
        }
    }

    /// Takes the mode that another service resolves for itself; `true` where that changes what is
    /// in force.
    pub(crate) fn on_heartbeat(&mut self, heartbeat: &Heartbeat, now: Timestamp) -> bool {
        if heartbeat.stands_by() {
            return false; // what it resolves is in force nowhere
        }
        match heartbeat.service.as_str() {
            "executor" => self.hear_executor(heartbeat, now),
            "gateway" => self.gateway = Some(heartbeat.mode),
            _ => return false,
        }
        self.update(&format!(
            "{} resolves {}",
            heartbeat.service, heartbeat.mode
        ))
    }

    /// One that is one too many is heard when another has fallen silent.
    fn hear_executor(&mut self, heartbeat: &Heartbeat, now: Timestamp) {
        let name = &heartbeat.instance;
        if self.executors.len() < EXECUTORS_MAX || self.executors.contains_key(name) {
            self.executors.insert(name.clone(), (heartbeat.mode, now));
        }
    }

    /// Executors that have all fallen silent protect no new position: until one is back, the
    /// incumbents do. `true` where that changes what is in force. Without a gateway nobody could
    /// place anything, so its silence changes nothing.
    pub(crate) fn on_beat(&mut self, now: Timestamp) -> bool {
        let heard = self.executors.len();
        self.executors
            .retain(|_, (_, at)| now.since(*at) <= EXECUTOR_SILENCE);
        if self.executors.len() == heard {
            return false;
        }
        self.update("an executor is silent")
    }

    /// What the executors agree on: any of them may own any position, so the lowest of all.
    fn executor(&self) -> Option<Mode> {
        self.executors.values().map(|(mode, _)| *mode).min()
    }

    /// Notes the revision that a guard has said.
    pub(crate) fn on_mode(&mut self, said: &ModeSnapshot) {
        self.heard = self.heard.max(said.revision);
    }

    /// Begins to speak: under a higher revision than whoever spoke before.
    pub(crate) fn take_over(&mut self) {
        let next = self.heard.saturating_add(1);
        self.snapshot.revision = self.snapshot.revision.max(next);
    }

    /// Goes down, for good.
    pub(crate) fn on_kill(&mut self, kill: &Kill) -> bool {
        self.own = self.own.min(kill.to);
        self.update(&format!("killed to {} by {}", kill.to, kill.by))
    }

    fn update(&mut self, reason: &str) -> bool {
        let mode = agreed(self.own, self.executor(), self.gateway);
        if mode == self.snapshot.mode {
            return false;
        }
        self.snapshot.mode = mode;
        self.snapshot.revision += 1;
        self.snapshot.reason = reason.into();
        true
    }
}
