//! Handing over: positions that this executor acts on no more, said until a successor has them.

use std::collections::BTreeMap;

use domain::handover::Handover;
use domain::mode::{Mode, ModeSnapshot};
use domain::snapshot::Heartbeat;
use domain::{Epoch, PositionKey, Span, Timestamp};

use crate::life::Life;

/// A hand-over is said again after so long: as often as incumbents heartbeat.
const EVERY: Span = Span::from_secs(1);
/// Nobody who has not heard it by then will; the gateway's pictures say the same for ever.
const SAID_MAX: u32 = 60;
/// A guard that has just started says SHADOW until it has heard everybody: no reason to leave.
const SETTLE: Span = Span::from_secs(3);
/// The service that takes over.
const SUCCESSOR: &str = "legacy";
/// It heartbeats every second; after three that are missing it is taken for dead.
const SUCCESSOR_SILENCE_MAX: Span = Span::from_secs(3);

/// Who hands over, and by what.
#[derive(Debug, Clone)]
pub(crate) struct Leaver<'a> {
    pub(crate) instance: &'a str,
    pub(crate) fence: u64,
    pub(crate) revision: u64,
    pub(crate) reason: &'a str,
}

#[derive(Debug, Clone, Copy)]
struct Said {
    epoch: Epoch,
    first_at: Timestamp,
    last_at: Timestamp,
    times: u32,
    taken: bool,
}

/// What was handed over since this executor acted last.
#[derive(Debug, Default)]
pub(crate) struct Handovers {
    /// Since when the guard says less than LIVE.
    lowered_since: Option<Timestamp>,
    successor_heard_at: Option<Timestamp>,
    said: BTreeMap<PositionKey, Said>,
}

impl Handovers {
    /// The guard's word, heard now.
    pub(crate) fn on_mode(&mut self, snapshot: &ModeSnapshot, now: Timestamp) {
        self.lowered_since = match snapshot.mode {
            Mode::Live => None,
            Mode::Shadow | Mode::Legacy => Some(self.lowered_since.unwrap_or(now)),
        };
    }

    /// Whether the guard has taken LIVE away, and not merely just started.
    pub(crate) fn is_lowered(&self, now: Timestamp) -> bool {
        self.lowered_since
            .is_some_and(|since| now.since(since) >= SETTLE)
    }

    /// A heartbeat of any service: one of an incumbent lists what it has taken over.
    pub(crate) fn on_heartbeat(&mut self, heartbeat: &Heartbeat, now: Timestamp) {
        if heartbeat.service != SUCCESSOR {
            return;
        }
        self.successor_heard_at = Some(now);
        for key in &heartbeat.positions {
            if let Some(said) = self.said.get_mut(key) {
                said.taken |= heartbeat.at >= said.first_at;
            }
        }
    }

    /// Whether there is an incumbent that could take over.
    pub(crate) fn has_successor(&self, now: Timestamp) -> bool {
        self.successor_heard_at
            .is_some_and(|heard| now.since(heard) <= SUCCESSOR_SILENCE_MAX)
    }

    /// This executor acts on the position: nothing is handed over.
    pub(crate) fn keep(&mut self, key: &PositionKey) {
        self.said.remove(key);
    }

    /// The hand-over of `life` where one is due.
    pub(crate) fn due(
        &mut self,
        life: &Life,
        leaver: &Leaver<'_>,
        now: Timestamp,
    ) -> Option<Handover> {
        let position = &life.snapshot().position;
        let orders = life.own_orders();
        let closing = life.closing(now);
        let is_left = !orders.is_empty() || closing.is_some();
        if !position.is_open() || !is_left {
            self.said.remove(&position.key);
            return None;
        }
        let known = self.said.get(&position.key).copied();
        let known = known.filter(|said| said.epoch == position.epoch);
        // Whoever has the position may die before an exit is finished, and the next one starts
        // without having heard of it.
        let is_heard = |said: &Said| said.taken && closing.is_none();
        let waits = |said: &Said| is_heard(said) || said.times >= SAID_MAX || is_early(said, now);
        if known.as_ref().is_some_and(waits) {
            return None;
        }
        let said = Said {
            epoch: position.epoch,
            first_at: known.map_or(now, |said| said.first_at),
            last_at: now,
            times: known.map_or(0, |said| said.times) + 1,
            taken: known.is_some_and(|said| said.taken),
        };
        self.said.insert(position.key.clone(), said);
        Some(Handover {
            key: position.key.clone(),
            epoch: position.epoch,
            qty: position.qty,
            orders,
            closing,
            instance: leaver.instance.into(),
            fence: leaver.fence,
            revision: leaver.revision,
            reason: leaver.reason.into(),
            at: now,
        })
    }

    /// Forgets positions that are followed no more.
    pub(crate) fn retain(&mut self, is_followed: impl Fn(&PositionKey) -> bool) {
        self.said.retain(|key, _| is_followed(key));
    }

    /// Whether nothing is handed over.
    pub(crate) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Positions handed over, and how many of them a successor has.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let taken = self.said.values().filter(|said| said.taken).count();
        (self.said.len(), taken)
    }
}

fn is_early(said: &Said, now: Timestamp) -> bool {
    (Span::ZERO..EVERY).contains(&now.since(said.last_at))
}
