//! Leases: what is asked of the store that keeps them, what it answers, and the tenure of one.
//!
//! A lease is one key in a store that numbers its writes and refuses a write which expected
//! another revision. Whoever holds it acts; its fencing token tells newer owners from older ones,
//! wherever a paused one might still speak.

use alloc::string::String;
use core::fmt;

use crate::ids::{Account, PositionKey};

mod memory_store;
mod role;
mod tenure;

pub use memory_store::MemoryStore;
pub use tenure::Tenure;

/// What is owned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseKey {
    /// Approving: one guard reviews the intents of all accounts.
    Guard,
    /// Speaking with the venue for an account.
    Gateway(Account),
    /// Deciding the exits of a position.
    Position(PositionKey),
}

impl fmt::Display for LeaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guard => f.write_str("guard.all"),
            Self::Gateway(account) => write!(f, "gateway.{account}"),
            Self::Position(key) => write!(f, "position.{key}"),
        }
    }
}

impl Entry {
    /// Whether its token has to be worked out from the store's creation and its own revision.
    #[must_use]
    pub const fn lacks_token(&self) -> bool {
        matches!(self, Self::Held { token: None, .. })
    }
}

/// One process: its name and its start in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holder {
    /// Name of the instance.
    pub instance: String,
    /// When it started, in microseconds since the Unix epoch.
    pub boot: u64,
}

/// What a key of the store says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Somebody holds it.
    Held {
        /// Who.
        holder: Holder,
        /// Its fencing token. `None` in the write that takes the lease, because the token follows
        /// from that write's own revision: see [`token`].
        token: Option<u64>,
    },
    /// Its holder gave it back.
    Released,
}

/// What is to be done in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// Say what the key says now.
    Read,
    /// Write `entry`, where the key's revision is still `expected` (0: never written).
    Write {
        /// Revision of the key that is replaced.
        expected: u64,
        /// What to write.
        entry: Entry,
    },
}

/// One request to the store. Its answer bears key and ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// Which lease.
    pub key: LeaseKey,
    /// Number of the request among those of this tenure.
    pub ticket: u64,
    /// What to do.
    pub op: Op,
}

/// What the store said, or that it said nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Which lease.
    pub key: LeaseKey,
    /// Of the request.
    pub ticket: u64,
    /// What came.
    pub outcome: Outcome,
}

/// The end of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// To a read: the entry and its revision.
    Found {
        /// What the key says.
        entry: Entry,
        /// Number of the write that said it.
        revision: u64,
        /// When the store itself was created, in microseconds, asked for after the read; 0 where
        /// the entry bears its token and nobody needs it.
        created: u64,
    },
    /// To a read: the key was never written.
    Absent,
    /// To a write: done.
    Written {
        /// The write's number.
        revision: u64,
        /// When the store itself was created, in microseconds, asked for after the write; 0 where
        /// the entry bears its token and nobody needs it.
        created: u64,
    },
    /// To a write: the key has another revision than expected.
    Conflict,
    /// Nothing came, or that there is no such store.
    Unavailable,
}

/// The fencing token of whoever speaks without a lease because the store that keeps them is lost:
/// it may ask for the stops of a life for which nobody has spoken under a lease, and for nothing
/// else.
pub const UNLEASED: u64 = 0;

/// Whether a process may act for what a lease covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Another one holds it, or nobody does yet.
    Passive,
    /// It held the lease, and does not know whether it still does: it acts on nothing.
    Unsure,
    /// It holds the lease, with this fencing token.
    Sure {
        /// Grows with every taking of the lease.
        token: u64,
    },
}

/// The fencing token of a lease that was taken with write number `revision` of a store created at
/// `created` microseconds. It grows with every taking, also where the store was lost and made
/// anew with numbers from 1; and it has the scale of a start in microseconds, the token of whoever
/// holds no lease. A store takes fewer than a million writes a second, so it is never ahead of
/// the time.
#[must_use]
pub const fn token(created: u64, revision: u64) -> u64 {
    created.saturating_add(revision)
}
