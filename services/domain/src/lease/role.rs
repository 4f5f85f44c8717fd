//! What a process knows of one lease.

use super::Holder;
use crate::time::{Span, Timestamp};

/// The request whose answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) ticket: u64,
    pub(super) sent_at: Timestamp,
    pub(super) kind: Kind,
    /// The revision that a write is to replace.
    pub(super) expected: Option<u64>,
}

/// What it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Read,
    Take,
    Renew,
    Release,
}

/// On which side of the lease the process is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Candidate {
        rival: Option<Holder>,
        seen: Option<Seen>,
    },
    Holder {
        token: u64,
        revision: u64,
        sure: bool,
        must_read: bool,
    },
}

/// A revision (0: none) that has not changed for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    pub(super) revision: u64,
    /// For so long, up to `at`; only time in which the store has answered counts, because whoever
    /// holds the lease could not renew it while the store was away.
    pub(super) heard: Span,
    /// When it was read last.
    pub(super) at: Timestamp,
}

impl Seen {
    /// Read for the first time.
    pub(super) const fn first(revision: u64, now: Timestamp) -> Self {
        let heard = Span::ZERO;
        Self {
            revision,
            heard,
            at: now,
        }
    }

    /// How long it has not changed; of the time since it was read last no more counts than
    /// `most`.
    pub(super) fn unchanged_for(&self, now: Timestamp, most: Span) -> Span {
        let since = now.since(self.at).min(most);
        Span::from_micros(self.heard.micros() + since.micros())
    }

    /// Read again.
    pub(super) fn again(&self, now: Timestamp, most: Span) -> Self {
        let heard = self.unchanged_for(now, most);
        Self {
            heard,
            at: now,
            ..*self
        }
    }
}
