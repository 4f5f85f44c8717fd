//! Guard and gateway of the models: `review`, `recheck`, the gateway's door and its order book.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::guard::{DenyReason, GuardView, Memory, recheck, review};
use domain::ids::{ClientOrderId, Module};
use domain::intent::{IntentId, Wish};
use domain::invariant::i1_one_writer;
use domain::mode::Mode;
use domain::order::OrderStatus;
use domain::snapshot::PositionSnapshot;
use domain::{Span, Timestamp};

use crate::desk::Asked;
use crate::venue::{Word, refused, word};

/// The venue carries nothing out that was signed longer ago.
const RECEIVE_WINDOW: Span = Span::from_secs(5);
/// "No such order" proves nothing before.
const SETTLED: Span = Span::from_secs(6);

/// A request between the gateway and the venue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flying {
    pub sent_at: Timestamp,
    pub id: IntentId,
    /// Whether the gateway has given up waiting for its answer.
    pub is_doubted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct House {
    /// The mode that the guard acts by, and the gateway's.
    pub mode: Mode,
    pub gateway_mode: Mode,
    /// When the gateway heard of a demotion.
    pub demoted_at: Option<Timestamp>,
    memory: Memory,
    pub seen: Arc<PositionSnapshot>,
    pub is_stale: bool,
    /// The newest fencing token whose intent has passed.
    newest: u64,
    /// Whether an older one has passed since.
    pub has_two_owners: bool,
    /// Cancels that the gateway has let in; no other of that name comes through its door. Names of
    /// orders are given once, which is a truth of its own.
    let_in: BTreeSet<IntentId>,
    /// Requests on their way, in whatever order they arrive.
    pub flying: Vec<(Flying, Asked)>,
}

/// What guard and gateway make of an intent.
pub enum Verdict {
    Denied {
        is_fenced: bool,
    },
    /// Another copy of it is under way.
    Repeated,
    Passed,
}

impl House {
    pub fn new(seen: Arc<PositionSnapshot>) -> Self {
        Self {
            mode: Mode::Live,
            gateway_mode: Mode::Live,
            demoted_at: None,
            memory: Memory::default(),
            seen,
            is_stale: false,
            newest: 0,
            has_two_owners: false,
            let_in: BTreeSet::new(),
            flying: Vec::new(),
        }
    }

    pub fn look(&mut self, seen: Arc<PositionSnapshot>) {
        self.seen = seen;
        self.is_stale = false;
    }

    /// The guard's review. Without fences it remembers no owner.
    pub fn review(&mut self, asked: &Asked, has_fences: bool, now: Timestamp) -> Verdict {
        let view = GuardView {
            mode: self.mode,
            snapshot: Some(&self.seen),
            now,
        };
        let mut forgetful = Memory::default();
        let memory = if has_fences {
            &mut self.memory
        } else {
            &mut forgetful
        };
        match review(asked.intent(), &view, memory) {
            Ok(_) => {
                if asked.module == Module::ExitExecutor {
                    self.has_two_owners |= i1_one_writer(self.newest, asked.fence).is_err();
                    self.newest = self.newest.max(asked.fence);
                }
                Verdict::Passed
            }
            Err(DenyReason::IntentRepeated { .. }) => Verdict::Repeated,
            Err(reason) => {
                let is_fenced = matches!(reason, DenyReason::OwnerFenced { .. });
                Verdict::Denied { is_fenced }
            }
        }
    }

    /// An approval reaches the gateway: the request leaves, or it does not, and it says which.
    pub fn arrive(&mut self, asked: &Asked, checks_doubt: bool, now: Timestamp) -> Option<Word> {
        let is_under_way = self.flying.iter().any(|(it, _)| it.id == asked.id);
        if is_under_way || self.let_in.contains(&asked.id) {
            return None;
        }
        let is_flat = !self.seen.position.is_open();
        let in_doubt = checks_doubt && asked.is_close() && self.doubts(asked);
        let places = matches!(asked.wish, Wish::Place { .. });
        let is_refused = recheck(asked.intent(), self.gateway_mode, now).is_err()
            || (places && (is_flat || in_doubt));
        if is_refused {
            return places.then(|| refused(asked.about(), None));
        }
        if !places {
            self.let_in.insert(asked.id.clone());
        }
        let flying = Flying {
            sent_at: now,
            id: asked.id.clone(),
            is_doubted: false,
        };
        self.flying.push((flying, asked.clone()));
        self.flying.sort_by(|a, b| a.0.cmp(&b.0));
        places.then(|| word(asked.about(), OrderStatus::Submitting))
    }

    /// Whether an order of the same leg may or may not have been executed.
    fn doubts(&self, asked: &Asked) -> bool {
        let mut flying = self.flying.iter();
        flying.any(|(_, it)| it.leg() == asked.leg() && it.is_close())
    }

    /// Whether the venue may still carry the request out.
    pub fn may_land(&self, index: usize, now: Timestamp) -> bool {
        now.since(self.flying[index].0.sent_at) <= RECEIVE_WINDOW
    }

    /// Whether the outcome of the request is unknown, and can't be found out yet.
    pub fn is_in_doubt(&self, index: usize, now: Timestamp) -> bool {
        self.flying[index].0.is_doubted && !self.is_lost(index, now)
    }

    /// Whether the request is known never to have arrived.
    pub fn is_lost(&self, index: usize, now: Timestamp) -> bool {
        let flying = &self.flying[index].0;
        flying.is_doubted && now.since(flying.sent_at) >= SETTLED
    }

    /// The gateway stops waiting for the answer: the outcome is unknown.
    pub fn doubt(&mut self, index: usize) -> Option<Word> {
        let (flying, asked) = &mut self.flying[index];
        flying.is_doubted = true;
        let placed = placed(asked)?;
        Some(word(placed, OrderStatus::Unknown))
    }

    /// Takes a request off its way.
    pub fn land(&mut self, index: usize) -> (Flying, Asked) {
        self.flying.remove(index)
    }

    /// Market closes that may still be executed.
    pub fn closes_under_way(&self, now: Timestamp) -> usize {
        let flying = (0..self.flying.len()).filter(|it| self.may_land(*it, now));
        flying.filter(|it| self.flying[*it].1.is_market()).count()
    }
}

/// The order that is to be placed.
pub fn placed(asked: &Asked) -> Option<&ClientOrderId> {
    matches!(asked.wish, Wish::Place { .. }).then(|| asked.about())
}
