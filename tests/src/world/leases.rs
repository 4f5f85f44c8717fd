//! The store of leases, and the way to it.

use domain::lease::{MemoryStore, Request};
use domain::{Span, Timestamp};

use super::queue::Delivery;
use super::{Service, World};

/// The way to the store and its own time: a quarter of a millisecond, one way.
const WAY_US: (i64, i64) = (100, 400);

/// The store of leases in a world.
#[derive(Debug)]
pub struct LeaseStore {
    store: MemoryStore,
    /// Somebody has died or was paused while it was lost: nobody may take over what that one held.
    has_orphans: bool,
    /// When an owner died or was paused last: what it held is nobody's for a while.
    owner_lost_at: Option<Timestamp>,
}

impl LeaseStore {
    /// An empty store, made now.
    pub fn new(now: Timestamp) -> Self {
        Self {
            store: MemoryStore::new(created(now)),
            has_orphans: false,
            owner_lost_at: None,
        }
    }

    /// An owner is gone.
    pub const fn lose_owner(&mut self, now: Timestamp) {
        self.has_orphans |= self.store.is_lost();
        self.owner_lost_at = Some(now);
    }

    /// Whether there may be a position that nobody can take.
    pub const fn has_orphans(&self) -> bool {
        self.has_orphans
    }
}

impl World {
    /// The store of leases answers nobody from now on.
    pub fn lose_leases(&mut self) {
        self.transcript
            .note(self.now, format_args!("the store of leases is lost"));
        self.tally.happen("the store of leases is lost");
        self.leases.store.set_lost(true);
        let missing = self.services().into_iter().any(|it| {
            let is_away = !self.is_alive(it) || self.is_paused(it);
            it.owns() && is_away
        });
        // Who has come in its place may not have been given anything yet.
        let lost_at = self.leases.owner_lost_at;
        let recovery = self.options.executors.recovery();
        let fresh = lost_at.is_some_and(|at| self.now.since(at) < recovery);
        self.leases.has_orphans |= missing || fresh;
        self.excuse();
    }

    /// It answers again; `anew` where what it held is gone, and its numbers begin at 1.
    pub fn find_leases(&mut self, anew: bool) {
        if !self.leases.store.is_lost() && !anew {
            return;
        }
        self.transcript.note(
            self.now,
            format_args!("the store of leases is back, anew: {anew}"),
        );
        self.leases.store.set_lost(false);
        if anew {
            self.tally.happen("the store of leases is made anew");
            self.leases.store.make_anew(created(self.now));
        }
        self.leases.has_orphans = false;
        self.excuse();
    }

    pub(super) fn ask_lease(&mut self, from: Service, request: Request) {
        if self.is_lost_on_the_way() {
            return;
        }
        let life = self.life(from);
        let at = self.now + self.way();
        self.queue.push(
            at,
            Delivery::LeaseRequest {
                from,
                life,
                request,
            },
        );
    }

    pub(super) fn deliver_lease(&mut self, delivery: Delivery) {
        match delivery {
            // Carried out also where its sender is dead by now.
            Delivery::LeaseRequest {
                from,
                life,
                request,
            } => {
                let answer = self.leases.store.carry_out(&request);
                if self.is_lost_on_the_way() {
                    return;
                }
                let at = self.now + self.way();
                let to = from;
                self.queue
                    .push(at, Delivery::LeaseAnswer { to, life, answer });
            }
            Delivery::LeaseAnswer { to, life, answer } if self.is_life(to, life) => {
                let effects = self.cast.lease(to, self.clock(to), &answer);
                self.carry_out(to.into(), effects);
                let gateway = self.cast.gateway.as_ref();
                if gateway.is_some_and(gateway::GatewayActor::has_lost_its_lease) {
                    self.restart(Service::Gateway);
                }
            }
            _ => {}
        }
    }

    fn is_lost_on_the_way(&mut self) -> bool {
        self.rng.chance_ppm(self.chaos.loss_ppm)
    }

    fn way(&mut self) -> Span {
        self.latency(WAY_US.0, WAY_US.1)
    }
}

fn created(now: Timestamp) -> u64 {
    u64::try_from(now.micros()).expect("worlds begin after 1970")
}
