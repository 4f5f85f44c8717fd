//! The last time that LIVE was taken away: which positions passed on, who has them, and how long
//! the executor still sent.

use std::collections::{BTreeMap, BTreeSet};

use domain::handover::Handover;
use domain::ids::Module;
use domain::mode::{Kill, Mode, ModeSnapshot};
use domain::order::{OrderEvent, OrderStatus};
use domain::snapshot::{Heartbeat, LISTED_MAX, PositionSnapshot};
use domain::{PositionKey, Span, Timestamp};

use runtime::pulse::EXECUTOR_CANCELED_AT;

use crate::services::{EXECUTOR, GATEWAY};

/// The service whose modules take over.
const SUCCESSOR: &str = "legacy";
/// Executors whose positions are remembered.
const EXECUTORS_MAX: usize = 64;

/// One way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demotion {
    /// When it was ordered, by the clock of whoever did.
    pub at: Timestamp,
    /// Why, for people.
    pub reason: String,
    /// Positions that executors owned or have handed over since, those that have closed included.
    passed: BTreeSet<PositionKey>,
    /// Those of them that an incumbent lists, or that are flat.
    settled: BTreeSet<PositionKey>,
    /// When the executor's last order or cancel left for the venue; none where none did after `at`.
    last_order_at: Option<Timestamp>,
}

impl Demotion {
    /// How many positions pass on.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed.len()
    }

    /// How many of them an incumbent has, or are flat.
    #[must_use]
    pub fn settled(&self) -> usize {
        self.settled.len()
    }

    /// From the command to the last order or cancel of the executor that left for the venue; none
    /// where none left after it.
    #[must_use]
    pub fn last_order(&self) -> Option<Span> {
        self.last_order_at.map(|at| at.since(self.at))
    }
}

/// What is known of it.
#[derive(Debug, Clone, Default)]
pub struct Demotions {
    /// What each executor owns in LIVE, by its last heartbeat.
    owned: BTreeMap<String, Vec<PositionKey>>,
    mode: Option<Mode>,
    last: Option<Demotion>,
}

impl Demotions {
    /// The last one.
    #[must_use]
    pub const fn last(&self) -> Option<&Demotion> {
        self.last.as_ref()
    }

    /// The operator's order.
    pub fn hear_kill(&mut self, kill: &Kill) {
        let reason = format!("killed to {} by {}", kill.to, kill.by);
        self.begin(kill.at, reason);
        self.mode = Some(kill.to);
    }

    /// The guard's word.
    pub fn hear_mode(&mut self, said: &ModeSnapshot) {
        let was_live = self.mode == Some(Mode::Live);
        if was_live && said.mode != Mode::Live {
            self.begin(said.at, said.reason.clone());
        }
        self.mode = Some(said.mode);
    }

    /// A position passes on. It may do so long after an executor was last heard in LIVE: one that
    /// was started anew with other flags.
    pub fn hear_handover(&mut self, handover: &Handover) {
        let acts = self.mode == Some(Mode::Live);
        if self.last.is_none() && !acts {
            self.begin(handover.at, handover.reason.clone());
        }
        let known = self.last.as_mut();
        let Some(last) = known.filter(|it| it.passed.len() < LISTED_MAX) else {
            return;
        };
        last.passed.insert(handover.key.clone());
    }

    /// What somebody owns, or has taken over.
    pub fn hear_heartbeat(&mut self, beat: &Heartbeat) {
        if beat.service == EXECUTOR {
            let is_known = self.owned.contains_key(&beat.instance);
            if beat.mode != Mode::Live {
                self.owned.remove(&beat.instance);
            } else if is_known || self.owned.len() < EXECUTORS_MAX {
                self.owned
                    .insert(beat.instance.clone(), beat.positions.clone());
            }
        }
        if beat.service == GATEWAY {
            let canceled = beat.counters.get(EXECUTOR_CANCELED_AT).copied();
            let at = canceled.and_then(|us| i64::try_from(us).ok());
            if let Some(us) = at {
                self.left(Timestamp::from_micros(us));
            }
        }
        let taken = self.last.as_mut().filter(|_| beat.service == SUCCESSOR);
        let Some(last) = taken.filter(|last| beat.at >= last.at) else {
            return;
        };
        for key in &beat.positions {
            if last.passed.contains(key) {
                last.settled.insert(key.clone());
            }
        }
    }

    /// A position that has closed needs nobody.
    pub fn hear_position(&mut self, snapshot: &PositionSnapshot) {
        let Some(last) = &mut self.last else { return };
        let position = &snapshot.position;
        let is_flat = !position.is_open() && snapshot.flat_proven;
        if is_flat && snapshot.at >= last.at && last.passed.contains(&position.key) {
            last.settled.insert(position.key.clone());
        }
    }

    /// An order leaves for the venue.
    pub fn hear_event(&mut self, event: &OrderEvent) {
        if event.status == OrderStatus::Submitting && event.module == Module::ExitExecutor {
            self.left(event.at);
        }
    }

    /// Something of the executor's has left for the venue.
    fn left(&mut self, at: Timestamp) {
        let live = self.mode == Some(Mode::Live);
        if let Some(last) = self.last.as_mut().filter(|last| at >= last.at && !live) {
            last.last_order_at = last.last_order_at.max(Some(at));
        }
    }

    fn begin(&mut self, at: Timestamp, reason: String) {
        // The guard's word follows a kill: that is the same way down.
        if self.last.is_some() && self.mode.is_some_and(|mode| mode != Mode::Live) {
            return;
        }
        let owned = std::mem::take(&mut self.owned);
        let passed = owned.into_values().flatten().take(LISTED_MAX).collect();
        self.last = Some(Demotion {
            at,
            reason,
            passed,
            settled: BTreeSet::new(),
            last_order_at: None,
        });
    }
}

#[cfg(test)]
mod tests;
