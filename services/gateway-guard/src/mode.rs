//! The mode in force: what the guard, the executor and the gateway all resolve.

use domain::Timestamp;
use domain::mode::{Flags, Kill, Mode, ModeSnapshot, agreed};
use domain::snapshot::Heartbeat;

/// Keeps the agreement of the three services, under a revision that grows with every change.
#[derive(Debug)]
pub(crate) struct Agreement {
    own: Mode,
    executor: Option<Mode>,
    gateway: Option<Mode>,
    snapshot: ModeSnapshot,
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
        Self {
            own,
            executor: None,
            gateway: None,
            snapshot,
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

    /// What to tell everybody now.
    pub(crate) fn snapshot(&self, now: Timestamp) -> ModeSnapshot {
        ModeSnapshot {
            at: now,
            ..self.snapshot.clone()
        }
    }

    /// Takes the mode that another service resolves for itself; `true` where that changes what is
    /// in force. A service that falls silent keeps its last word: silence is no demotion, and the
    /// protection that rests needs nobody alive.
    pub(crate) fn on_heartbeat(&mut self, heartbeat: &Heartbeat) -> bool {
        match heartbeat.service.as_str() {
            "executor" => self.executor = Some(heartbeat.mode),
            "gateway" => self.gateway = Some(heartbeat.mode),
            _ => return false,
        }
        self.update(&format!(
            "{} resolves {}",
            heartbeat.service, heartbeat.mode
        ))
    }

    /// Goes down, for good.
    pub(crate) fn on_kill(&mut self, kill: &Kill) -> bool {
        self.own = self.own.min(kill.to);
        self.update(&format!("killed to {} by {}", kill.to, kill.by))
    }

    fn update(&mut self, reason: &str) -> bool {
        let mode = agreed(self.own, self.executor, self.gateway);
        if mode == self.snapshot.mode {
            return false;
        }
        self.snapshot.mode = mode;
        self.snapshot.revision += 1;
        self.snapshot.reason = reason.into();
        true
    }
}
