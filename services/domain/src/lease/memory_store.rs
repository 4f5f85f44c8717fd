//! A store of leases in memory: what the one on the bus does, for simulations and tests.

use alloc::collections::BTreeMap;

use super::{Answer, Entry, LeaseKey, Op, Outcome, Request};

/// Numbers its writes, refuses one that expected another revision, and can be lost or made anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct MemoryStore {
    created: u64,
    writes: u64,
    entries: BTreeMap<LeaseKey, (Entry, u64)>,
    is_lost: bool,
}

impl MemoryStore {
    /// An empty store, made at `created` (microseconds).
    #[must_use]
    pub fn new(created: u64) -> Self {
        Self {
            created,
            ..Self::default()
        }
    }

    /// Whether it does not answer.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// From now on it answers nothing, or it answers again; what it holds stays.
    pub const fn set_lost(&mut self, is_lost: bool) {
        self.is_lost = is_lost;
    }

    /// Made anew at `created`: empty, and with numbers from 1. What did not answer goes on so.
    pub fn make_anew(&mut self, created: u64) {
        *self = Self {
            is_lost: self.is_lost,
            ..Self::new(created)
        };
    }

    /// Carries a request out.
    pub fn carry_out(&mut self, request: &Request) -> Answer {
        let outcome = if self.is_lost {
            Outcome::Unavailable
        } else {
            match &request.op {
                Op::Read => self.read(&request.key),
                Op::Write { expected, entry } => self.write(&request.key, *expected, entry),
            }
        };
        Answer {
            key: request.key.clone(),
            ticket: request.ticket,
            outcome,
        }
    }

    fn read(&self, key: &LeaseKey) -> Outcome {
        match self.entries.get(key) {
            Some((entry, revision)) => Outcome::Found {
                entry: entry.clone(),
                revision: *revision,
                created: self.created,
            },
            None => Outcome::Absent,
        }
    }

    fn write(&mut self, key: &LeaseKey, expected: u64, entry: &Entry) -> Outcome {
        let known = self.entries.get(key).map_or(0, |(_, revision)| *revision);
        if known != expected {
            return Outcome::Conflict;
        }
        self.writes += 1;
        self.entries
            .insert(key.clone(), (entry.clone(), self.writes));
        Outcome::Written {
            revision: self.writes,
            created: self.created,
        }
    }
}
