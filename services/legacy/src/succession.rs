//! When an incumbent stands aside: for a position that a live executor, heard within the last
//! seconds, lists as its own. Everything else is "act" (I8).

use std::collections::BTreeMap;

use domain::mode::{Flags, Mode, ModeSnapshot};
use domain::snapshot::Heartbeat;
use domain::{PositionKey, Span, Symbol, Timestamp};

/// A heartbeat this old proves nothing any more; they come every second.
pub const HEARTBEAT_AGE_MAX: Span = Span::from_secs(3);
/// A heartbeat dated farther ahead comes from a wrong clock.
const AHEAD_MAX: Span = Span::from_secs(1);
/// Executors that are remembered; there is one a shard.
const EXECUTORS_MAX: usize = 64;
/// The service that succeeds this one.
const SUCCESSOR: &str = "executor";

/// What is known of the successor.
#[derive(Debug, Clone, Default)]
pub struct Succession {
    flags: Flags,
    executors: BTreeMap<String, Heartbeat>,
    guard: Option<ModeSnapshot>,
    killed: bool,
}

impl Succession {
    /// Nobody has been heard yet; of `flags` the rollout share counts.
    #[must_use]
    pub fn new(flags: Flags) -> Self {
        Self {
            flags,
            ..Self::default()
        }
    }

    /// A heartbeat of any service. One dated farther ahead is worth nothing, now or later; one that
    /// is a little ahead counts from now.
    pub fn on_heartbeat(&mut self, mut heartbeat: Heartbeat, now: Timestamp) {
        if heartbeat.service != SUCCESSOR || heartbeat.at.since(now) > AHEAD_MAX {
            return;
        }
        heartbeat.at = heartbeat.at.min(now);
        let known = self.executors.get(&heartbeat.instance);
        if known.is_some_and(|known| heartbeat.at < known.at) {
            return;
        }
        self.executors.insert(heartbeat.instance.clone(), heartbeat);
        if self.executors.len() > EXECUTORS_MAX {
            let oldest = self.executors.iter().min_by_key(|(_, beat)| beat.at);
            if let Some(oldest) = oldest.map(|(instance, _)| instance.clone()) {
                self.executors.remove(&oldest);
            }
        }
    }

    /// What the guard says the mode is. It ends an earlier kill only with a newer revision.
    pub fn on_mode(&mut self, mode: ModeSnapshot) {
        let newest = self
            .guard
            .as_ref()
            .is_none_or(|known| mode.revision >= known.revision);
        // A guard that started anew begins with low revisions: a later date wins too.
        let later = self.guard.as_ref().is_some_and(|known| mode.at > known.at);
        if newest || later {
            let changed = self
                .guard
                .as_ref()
                .is_none_or(|known| mode.revision != known.revision);
            self.killed = self.killed && !(changed && mode.mode == Mode::Live);
            self.guard = Some(mode);
        }
    }

    /// The operator's demotion: act at once, whatever heartbeats still say.
    pub const fn on_kill(&mut self) {
        self.killed = true;
    }

    /// Revision of the mode that is acted on; 0 for none yet.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.guard.as_ref().map_or(0, |mode| mode.revision)
    }

    /// Whether the brain does not act on `symbol` any more, by the guard's word, the operator's, or
    /// because the rollout leaves it out: then what it left is ours to sweep.
    #[must_use]
    pub fn inherits(&self, symbol: &Symbol) -> bool {
        self.killed || self.is_contradicted() || !self.flags.is_symbol_in_rollout(symbol)
    }

    /// Whether a live executor provably owns `key` now. A guard that says anything but LIVE
    /// contradicts it; a guard that was never heard does not.
    #[must_use]
    pub fn is_owned(&self, key: &PositionKey, now: Timestamp) -> bool {
        let is_denied = self.killed || self.is_contradicted();
        let mut live = self.live_executors(now);
        !is_denied && live.any(|beat| beat.positions.contains(key))
    }

    fn is_contradicted(&self) -> bool {
        let guard = self.guard.as_ref();
        guard.is_some_and(|mode| mode.mode != Mode::Live)
    }

    fn live_executors(&self, now: Timestamp) -> impl Iterator<Item = &Heartbeat> {
        self.executors.values().filter(move |beat| {
            let fresh = (Span::ZERO..HEARTBEAT_AGE_MAX).contains(&now.since(beat.at));
            fresh && beat.mode == Mode::Live
        })
    }
}

#[cfg(test)]
mod tests;
