//! User events on their way: lost, doubled, late, swapped, shuffled.

use std::collections::{BTreeMap, VecDeque};

use super::{EventAction, EventOrder, Faults, VenueEvent, acts};
use crate::rng::SplitMix64;

/// Events held back at most; beyond that they are delivered on time.
const MAX_LATE: usize = 10_000;
/// A swapped event waits for its successor no longer than this, ms.
const SWAP_MS: i64 = 1_000;

/// Events that are held back.
#[derive(Debug, Clone, Default)]
pub(super) struct Post {
    late: BTreeMap<(i64, u64), VenueEvent>,
    /// Those of them that come right after the next event.
    swapped: Vec<(i64, u64)>,
    seq: u64,
}

impl Faults {
    /// Lets user events through: some lost, some twice, some kept for later; those that are due
    /// now come first.
    pub fn deliver(&mut self, events: Vec<VenueEvent>, now_ms: i64) -> Vec<VenueEvent> {
        let mut out = self.post.take_due(now_ms);
        for event in events {
            match self.event_action(&event, now_ms) {
                None => self.post.pass(event, &mut out),
                Some(EventAction::Lose) => {}
                Some(EventAction::Duplicate) => {
                    self.post.pass(event.clone(), &mut out);
                    out.push(event);
                }
                Some(EventAction::Delay { ms }) if self.post.has_room() && ms > 0 => {
                    self.post.keep(event, now_ms.saturating_add(ms));
                }
                Some(EventAction::Swap) if self.post.has_room() => {
                    let key = self.post.keep(event, now_ms.saturating_add(SWAP_MS));
                    self.post.swapped.push(key);
                }
                Some(EventAction::Delay { .. } | EventAction::Swap) => {
                    self.post.pass(event, &mut out);
                }
            }
        }
        match self.plan.event_order {
            EventOrder::Measured => out,
            EventOrder::Shuffled => shuffled(&mut self.rng, out),
        }
    }

    /// When the next held-back event is due, ms.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        self.post.late.keys().next().map(|key| key.0)
    }

    fn event_action(&mut self, event: &VenueEvent, now_ms: i64) -> Option<EventAction> {
        let since_ms = self.since_ms(now_ms);
        for (index, rule) in self.plan.events.iter().enumerate() {
            let wanted = rule.name.as_deref();
            if wanted.is_some_and(|name| name != event.body.name()) {
                continue;
            }
            let count = &mut self.event_counts[index];
            if acts(&mut self.rng, &rule.often, count, since_ms) {
                let action = rule.action;
                self.act(action.name());
                return Some(action);
            }
        }
        None
    }
}

impl Post {
    fn has_room(&self) -> bool {
        self.late.len() < MAX_LATE
    }

    fn keep(&mut self, event: VenueEvent, due_ms: i64) -> (i64, u64) {
        self.seq += 1;
        self.late.insert((due_ms, self.seq), event);
        (due_ms, self.seq)
    }

    /// Delivers an event, and behind it those that were swapped with it.
    fn pass(&mut self, event: VenueEvent, out: &mut Vec<VenueEvent>) {
        out.push(event);
        for key in std::mem::take(&mut self.swapped) {
            out.extend(self.late.remove(&key));
        }
    }

    fn take_due(&mut self, now_ms: i64) -> Vec<VenueEvent> {
        let later = self.late.split_off(&(now_ms.saturating_add(1), 0));
        let due = std::mem::replace(&mut self.late, later);
        self.swapped.retain(|key| !due.contains_key(key));
        due.into_values().collect()
    }
}

/// Types in a random order, each type in its own.
fn shuffled(rng: &mut SplitMix64, events: Vec<VenueEvent>) -> Vec<VenueEvent> {
    let mut left = events.len();
    let mut out = Vec::with_capacity(left);
    let mut by_type: BTreeMap<&'static str, VecDeque<VenueEvent>> = BTreeMap::new();
    for event in events {
        by_type
            .entry(event.body.name())
            .or_default()
            .push_back(event);
    }
    while left > 0 {
        let mut pick = usize::try_from(rng.below(left as u64)).unwrap_or(0);
        for queue in by_type.values_mut() {
            if pick < queue.len() {
                out.extend(queue.pop_front());
                break;
            }
            pick -= queue.len();
        }
        left -= 1;
    }
    out
}
