//! Whether this gateway acts for the account: it alone sends and tells, and it begins as a gateway
//! that has just been started begins.

use domain::Timestamp;
use domain::lease::{Answer, Request};
use runtime::lease::{Change, Ownership};

use super::{GatewayActor, GatewayEffect, TAG};

/// By which right, and since when.
#[derive(Debug)]
pub(super) struct Owner {
    ownership: Ownership,
    /// Since when it acts; what was approved before may have been sent by another.
    since: Timestamp,
    began: bool,
    lost: bool,
}

impl Owner {
    pub(super) fn new(ownership: Ownership, boot: u64) -> Self {
        Self {
            ownership,
            since: Timestamp::from_micros(i64::try_from(boot).unwrap_or(i64::MAX)),
            began: false,
            lost: false,
        }
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.began
    }

    pub(super) const fn since(&self) -> Timestamp {
        self.since
    }

    /// The fencing token, where it may act at `now`.
    pub(super) fn token(&self, now: Timestamp) -> Option<u64> {
        self.ownership.token(now)
    }
}

impl GatewayActor {
    /// Whether it may act right now. The driver signs a request with the moment at which this was
    /// asked, and the lease outlasts the time for which the venue takes it: should the process be
    /// paused in between, the venue refuses the request before another gateway acts.
    pub(super) fn acts(&self) -> bool {
        self.owner.token(self.now).is_some()
    }

    /// Whether another gateway has taken the account over. What this one knows is then worth
    /// nothing; it ends, and a fresh one stands by.
    #[must_use]
    pub const fn has_lost_its_lease(&self) -> bool {
        self.owner.lost
    }

    /// Begins to read the venue, once, where it acts.
    pub(super) fn begin(&mut self) {
        if !self.owner.began && self.acts() {
            self.owner.began = true;
            self.reads.start(self.now);
        }
    }

    pub(super) fn owner_beat(&mut self) {
        let mut requests = Vec::new();
        let (now, pulse) = (self.now, &mut self.pulse);
        let change = self.owner.ownership.beat(now, pulse, &mut requests);
        self.owned(change, requests);
    }

    pub(super) fn owner_answered(&mut self, answer: &Answer) {
        let mut requests = Vec::new();
        let (now, pulse) = (self.now, &mut self.pulse);
        let ownership = &mut self.owner.ownership;
        let change = ownership.answered(now, answer, pulse, &mut requests);
        self.owned(change, requests);
    }

    /// Another gateway acts, though the store of leases has not said so: perhaps this one alone
    /// does not reach it. It acts on nothing until the lease has been renewed.
    pub(super) fn doubt_lease(&mut self, why: &str) {
        self.pulse.count("lease.rivals_seen");
        tracing::error!(tag = TAG, why, "another gateway acts for the account");
        self.owner.ownership.doubt(self.now);
    }

    /// Gives the account back, after the last call.
    pub(super) fn retire(&mut self) {
        let mut requests = Vec::new();
        self.owner.ownership.retire(self.now, &mut requests);
        self.owned(None, requests);
    }

    fn owned(&mut self, change: Option<Change>, requests: Vec<Request>) {
        self.out
            .extend(requests.into_iter().map(GatewayEffect::Lease));
        match change {
            Some(Change::Acts { .. }) if !self.owner.began => {
                self.owner.since = self.now;
                self.begin();
            }
            Some(Change::Lost) => {
                self.owner.lost = self.owner.began;
                tracing::error!(tag = TAG, "another gateway acts for the account");
            }
            Some(Change::Acts { .. } | Change::Doubts) | None => {}
        }
    }
}
