//! Who acts, for an actor: the holder of a lease, or, without leases, everybody from its start on.

use domain::lease::{Answer, Holder, LeaseKey, Request, Standing, Tenure};
use domain::snapshot::{LEASE_HELD, LEASE_STORE_LOST};
use domain::{Span, Timestamp};

use crate::pulse::Pulse;

/// Whether one actor may act for one thing, with its counters and its words in the log.
#[derive(Debug, Clone)]
pub struct Ownership {
    boot: u64,
    tenure: Option<Tenure>,
    told: Standing,
    is_store_lost: bool,
}

/// What has changed for the actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It acts from now on, with this fencing token, which may be another than before.
    Acts {
        /// Newer than every token before.
        token: u64,
    },
    /// It doubts its lease: it acts on nothing before it knows better.
    Doubts,
    /// Another one acts.
    Lost,
}

impl Ownership {
    /// Without leases: it acts always, and its start in microseconds is its token.
    #[must_use]
    pub const fn from_boot(boot: u64) -> Self {
        Self {
            boot,
            tenure: None,
            told: Standing::Sure { token: boot },
            is_store_lost: false,
        }
    }

    /// By the lease of `key`.
    #[must_use]
    pub const fn by_lease(key: LeaseKey, me: Holder, lease_time: Span) -> Self {
        Self {
            boot: me.boot,
            tenure: Some(Tenure::new(key, me, lease_time)),
            told: Standing::Passive,
            is_store_lost: false,
        }
    }

    /// The fencing token, where it may act at `now`. To be asked right before acting.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<u64> {
        match &self.tenure {
            Some(tenure) => tenure.token(now),
            None => Some(self.boot),
        }
    }

    /// Whether the store of leases is lost: an alarm. What is held stays held.
    #[must_use]
    pub const fn is_store_lost(&self) -> bool {
        self.is_store_lost
    }

    /// Takes the time in; to be called with every beat, before anything else.
    pub fn beat(
        &mut self,
        now: Timestamp,
        pulse: &mut Pulse,
        out: &mut Vec<Request>,
    ) -> Option<Change> {
        self.tenure.as_mut()?.beat(now, out);
        self.tell(now, pulse)
    }

    /// Takes an answer of the store in.
    pub fn answered(
        &mut self,
        now: Timestamp,
        answer: &Answer,
        pulse: &mut Pulse,
        out: &mut Vec<Request>,
    ) -> Option<Change> {
        self.tenure.as_mut()?.answered(now, answer, out);
        self.tell(now, pulse)
    }

    /// Somebody else acts: it acts on nothing until the lease has been renewed. Without leases
    /// there is nothing to renew, and it goes on.
    pub fn doubt(&mut self, now: Timestamp) {
        if let Some(tenure) = &mut self.tenure {
            tenure.doubt(now);
        }
    }

    /// Gives the lease back, for good, after the last act.
    pub fn retire(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        if let Some(tenure) = &mut self.tenure {
            tenure.retire(now, out);
        }
    }

    fn tell(&mut self, now: Timestamp, pulse: &mut Pulse) -> Option<Change> {
        let tenure = self.tenure.as_ref()?;
        let key = tenure.key();
        let is_store_lost = tenure.is_store_lost(now);
        if is_store_lost != self.is_store_lost {
            self.is_store_lost = is_store_lost;
            if is_store_lost {
                pulse.count("lease.store_losses");
                tracing::error!(tag = "EXIT_LEASE", %key, "the store of leases does not answer: \
                    what is held stays held, nothing new is taken; exitctl provision");
            } else {
                tracing::warn!(tag = "EXIT_LEASE", %key, "the store of leases answers again");
            }
        }
        pulse.set(LEASE_STORE_LOST, u64::from(is_store_lost));
        let standing = tenure.standing(now);
        let held = matches!(standing, Standing::Sure { .. });
        pulse.set(LEASE_HELD, u64::from(held));
        if standing == self.told {
            return None;
        }
        self.told = standing;
        let (token, change) = match standing {
            Standing::Sure { token } => {
                pulse.count("lease.taken");
                tracing::warn!(tag = "EXIT_LEASE", %key, token, "acts from now on");
                (token, Change::Acts { token })
            }
            Standing::Unsure => {
                pulse.count("lease.doubts");
                tracing::warn!(tag = "EXIT_LEASE", %key, "in doubt about its lease: rests");
                (0, Change::Doubts)
            }
            Standing::Passive => {
                pulse.count("lease.lost");
                let rival = tenure.rival().map_or("nobody", |rival| &rival.instance);
                tracing::warn!(tag = "EXIT_LEASE", %key, rival, "another one acts: stands by");
                (0, Change::Lost)
            }
        };
        pulse.set("lease.token", token);
        Some(change)
    }
}
