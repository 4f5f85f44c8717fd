//! What a process knows of one lease.

use super::Holder;
use crate::time::Timestamp;

/// The request whose answer is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) ticket: u64,
    pub(super) sent_at: Timestamp,
    pub(super) kind: Kind,
}

/// What it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Take,
    Renew,
    Release,
}

/// On which side of the lease the process is.
#[derive(Debug, Clone)]
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

/// A revision (0: none) that did not change since then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) revision: u64,
    pub(super) since: Timestamp,
}
