//! Which positions this executor acts on: each by a lease of its own, or, in a deployment without
//! leases, all of them until a newer process fences it out.

mod leases;

use domain::lease::{Answer, Holder, Request};
use domain::snapshot::Heartbeat;
use domain::{PositionKey, Timestamp};

use self::leases::Leases;
use crate::authors::Authors;
use crate::intents::Author;
use crate::standby::Standby;

/// The guard's code for a former owner.
pub(crate) const FENCED: &str = "OWNER_FENCED";

/// What this executor may do for one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It does not know whose the position is: not yet, or, after a pause, not any more.
    Unknown,
    /// Another one acts: it follows what happens, and neither asks nor records.
    Passive,
    /// The store of leases does not answer, and nobody is known to own the position: it may ask for
    /// stops.
    Unleased,
    /// It acts.
    Owner,
}

/// Owning, and the numbers of what is asked for.
#[derive(Debug)]
pub(crate) struct Owners {
    by: By,
    authors: Authors,
}

#[derive(Debug)]
enum By {
    Boot { boot: u64, standby: Standby },
    Lease(Leases),
}

impl Owners {
    /// By leases where there is a holder; else with `boot`, microseconds, as the token of all.
    pub(crate) fn new(holder: Option<Holder>, boot: u64) -> Self {
        let standby = Standby::default();
        let by = match holder {
            Some(me) => By::Lease(Leases::new(me)),
            None => By::Boot { boot, standby },
        };
        Self {
            by,
            authors: Authors::default(),
        }
    }

    /// Numbers are remembered of that many positions, where it would be fewer.
    pub(crate) fn make_room_for(&mut self, positions: usize) {
        self.authors.make_room_for(positions);
    }

    /// The position is followed from now on.
    pub(crate) fn follow(&mut self, key: &PositionKey, now: Timestamp, out: &mut Vec<Request>) {
        if let By::Lease(leases) = &mut self.by {
            leases.follow(key, now, out);
        }
    }

    /// It has ended: whoever comes next needn't wait.
    pub(crate) fn leave(&mut self, key: &PositionKey, now: Timestamp, out: &mut Vec<Request>) {
        if let By::Lease(leases) = &mut self.by {
            leases.leave(key, now, out);
        }
    }

    /// Gives everything back at the end of the process.
    pub(crate) fn retire(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        if let By::Lease(leases) = &mut self.by {
            leases.retire(now, out);
        }
    }

    /// Takes the time in, before anything else; names the positions on which it begins to act.
    /// `all` are those that are followed.
    pub(crate) fn beat(
        &mut self,
        now: Timestamp,
        all: impl FnOnce() -> Vec<PositionKey>,
        out: &mut Vec<Request>,
    ) -> Vec<PositionKey> {
        match &mut self.by {
            By::Lease(leases) => leases.beat(now, out),
            By::Boot { boot, standby } => {
                if !standby.takes_over(now) {
                    return Vec::new();
                }
                // Older than nobody: the other one began before.
                *boot = u64::try_from(now.micros()).unwrap_or(*boot);
                all()
            }
        }
    }

    /// Takes an answer of the store in; names the position on which it begins to act.
    pub(crate) fn answered(
        &mut self,
        now: Timestamp,
        answer: &Answer,
        out: &mut Vec<Request>,
    ) -> Option<PositionKey> {
        match &mut self.by {
            By::Lease(leases) => leases.answered(now, answer, out),
            By::Boot { .. } => None,
        }
    }

    /// A heartbeat of an executor; `boot` is the start of this process.
    pub(crate) fn on_heartbeat(&mut self, heartbeat: &Heartbeat, born: u64, now: Timestamp) {
        // By the processes' boots, which don't change: of two that live, the newer acts.
        if let By::Boot { standby, .. } = &mut self.by
            && heartbeat.boot > born
        {
            standby.rival(now);
        }
    }

    /// The guard has refused what was asked for under `fence`; `false` where that was not this
    /// executor's word: another one derives the same names, but its answers are not ours.
    pub(crate) fn on_denied(
        &mut self,
        key: &PositionKey,
        fence: u64,
        code: &str,
        now: Timestamp,
    ) -> bool {
        let ours = self.authors.fence(key) == Some(fence);
        if ours && code == FENCED {
            match &mut self.by {
                By::Lease(leases) => leases.doubt(key, now),
                By::Boot { standby, .. } => standby.fenced(now),
            }
        }
        ours
    }

    /// What may be done for the position at `now`. To be asked right before acting.
    pub(crate) fn standing(&self, key: &PositionKey, now: Timestamp) -> Standing {
        match &self.by {
            By::Lease(leases) => leases.standing(key, now),
            By::Boot { standby, .. } if standby.is_passive() => Standing::Passive,
            By::Boot { .. } => Standing::Owner,
        }
    }

    /// Whoever numbers what is asked for the position now.
    pub(crate) fn author(&mut self, key: &PositionKey, now: Timestamp) -> &mut Author {
        let token = match &self.by {
            By::Lease(leases) => leases.token(key, now),
            By::Boot { boot, .. } => *boot,
        };
        self.authors.of(key, token)
    }

    /// The token under which the position is, or was last, spoken for.
    pub(crate) fn fence(&self, key: &PositionKey) -> u64 {
        self.authors.fence(key).unwrap_or_default()
    }

    /// The positions that it acts on by a lease, with their tokens.
    pub(crate) fn owned(&self, now: Timestamp) -> Vec<(PositionKey, u64)> {
        match &self.by {
            By::Lease(leases) => leases.owned(now),
            By::Boot { .. } => Vec::new(),
        }
    }

    /// Whether there is no room for one more position.
    pub(crate) fn is_full(&self, key: &PositionKey) -> bool {
        self.authors.is_full(key)
    }

    /// Whether the store of leases does not answer; none where there is none.
    pub(crate) const fn is_store_lost(&self) -> Option<bool> {
        match &self.by {
            By::Lease(leases) => Some(leases.is_store_lost()),
            By::Boot { .. } => None,
        }
    }
}
