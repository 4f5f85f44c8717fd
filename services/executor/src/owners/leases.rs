//! A lease for each position that is followed.

use std::collections::BTreeMap;

use domain::lease::{Answer, Holder, LeaseKey, Request, Standing as Tenured, Tenure, UNLEASED};
use domain::{PositionKey, Span, Timestamp};
use tracing::{error, info, warn};

use super::Standing;

/// A standby acts within this and a sixth more after the last sign of life; longer than an intent
/// is valid (2 s), so that nothing which a paused executor still says is worth anything.
const LEASE_TIME: Span = Span::from_secs(3);
/// Tickets of one tenure: more than it gives in a century. The next one begins above them.
const TICKETS_PER_TENURE: u64 = 1 << 32;

/// The tenures of one process.
#[derive(Debug)]
pub(super) struct Leases {
    me: Holder,
    held: BTreeMap<PositionKey, Held>,
    /// Tenures begun so far.
    begun: u64,
    is_store_lost: bool,
}

#[derive(Debug)]
struct Held {
    tenure: Tenure,
    /// The standing that was logged last.
    told: Tenured,
}

impl Leases {
    pub(super) const fn new(me: Holder) -> Self {
        Self {
            me,
            held: BTreeMap::new(),
            begun: 0,
            is_store_lost: false,
        }
    }

    pub(super) fn follow(&mut self, key: &PositionKey, now: Timestamp, out: &mut Vec<Request>) {
        if self.held.contains_key(key) {
            return;
        }
        let lease = LeaseKey::Position(key.clone());
        let tenure = Tenure::new(lease, self.me.clone(), LEASE_TIME);
        let mut tenure = tenure.numbered_above(self.begun * TICKETS_PER_TENURE);
        self.begun += 1;
        tenure.beat(now, out);
        let told = Tenured::Passive;
        self.held.insert(key.clone(), Held { tenure, told });
    }

    pub(super) fn leave(&mut self, key: &PositionKey, now: Timestamp, out: &mut Vec<Request>) {
        if let Some(mut held) = self.held.remove(key) {
            held.tenure.retire(now, out);
        }
    }

    pub(super) fn retire(&mut self, now: Timestamp, out: &mut Vec<Request>) {
        for held in self.held.values_mut() {
            held.tenure.retire(now, out);
        }
    }

    pub(super) fn beat(&mut self, now: Timestamp, out: &mut Vec<Request>) -> Vec<PositionKey> {
        for held in self.held.values_mut() {
            held.tenure.beat(now, out);
        }
        self.notice_store(now);
        let told = |(key, held): (&PositionKey, &mut Held)| held.tell(now).then(|| key.clone());
        self.held.iter_mut().filter_map(told).collect()
    }

    pub(super) fn answered(
        &mut self,
        now: Timestamp,
        answer: &Answer,
        out: &mut Vec<Request>,
    ) -> Option<PositionKey> {
        let LeaseKey::Position(key) = &answer.key else {
            return None;
        };
        let held = self.held.get_mut(key)?;
        held.tenure.answered(now, answer, out);
        held.tell(now).then(|| key.clone())
    }

    pub(super) fn doubt(&mut self, key: &PositionKey, now: Timestamp) {
        if let Some(held) = self.held.get_mut(key) {
            held.tenure.doubt(now);
        }
    }

    pub(super) fn standing(&self, key: &PositionKey, now: Timestamp) -> Standing {
        let Some(held) = self.held.get(key) else {
            return Standing::Unknown;
        };
        match held.tenure.standing(now) {
            Tenured::Sure { .. } => Standing::Owner,
            Tenured::Passive if held.tenure.rival().is_some() => Standing::Passive,
            // What one tenure has found out holds for all: there is one store. A stop can't wait
            // until the loss is certain; the guard refuses it where somebody is the owner.
            Tenured::Passive if self.is_store_lost || held.tenure.is_unanswered() => {
                Standing::Unleased
            }
            Tenured::Passive | Tenured::Unsure => Standing::Unknown,
        }
    }

    pub(super) fn token(&self, key: &PositionKey, now: Timestamp) -> u64 {
        let held = self.held.get(key);
        let token = held.and_then(|held| held.tenure.token(now));
        token.unwrap_or(UNLEASED)
    }

    pub(super) fn owned(&self, now: Timestamp) -> Vec<(PositionKey, u64)> {
        let owned = |(key, held): (&PositionKey, &Held)| {
            let token = held.tenure.token(now)?;
            Some((key.clone(), token))
        };
        self.held.iter().filter_map(owned).collect()
    }

    pub(super) const fn is_store_lost(&self) -> bool {
        self.is_store_lost
    }

    fn notice_store(&mut self, now: Timestamp) {
        let mut all = self.held.values();
        let is_lost = all.any(|held| held.tenure.is_store_lost(now));
        if is_lost && !self.is_store_lost {
            error!(
                tag = "EXIT_LEASE",
                "the store of leases does not answer: what is held stays held, of new positions \
                 only the stops are asked for; exitctl provision"
            );
        }
        if !is_lost && self.is_store_lost {
            warn!(tag = "EXIT_LEASE", "the store of leases answers again");
        }
        self.is_store_lost = is_lost;
    }
}

impl Held {
    /// Logs what has changed; `true` where it begins to act.
    fn tell(&mut self, now: Timestamp) -> bool {
        let standing = self.tenure.standing(now);
        if standing == self.told {
            return false;
        }
        self.told = standing;
        let key = self.tenure.key();
        match standing {
            Tenured::Sure { token } => {
                info!(tag = "EXIT_LEASE", %key, token, "acts from now on");
            }
            Tenured::Unsure => {
                warn!(tag = "EXIT_LEASE", %key, "in doubt about its lease: rests");
            }
            Tenured::Passive => {
                let rival = self.tenure.rival().map_or("nobody", |it| &it.instance);
                warn!(tag = "EXIT_LEASE", %key, rival, "another one acts: stands by");
            }
        }
        matches!(standing, Tenured::Sure { .. })
    }
}
