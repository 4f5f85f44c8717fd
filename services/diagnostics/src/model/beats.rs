//! Who is alive: the newest heartbeat of each instance, and what their own counters add up to.

use std::collections::BTreeMap;

use domain::mode::{Flags, Mode};
use domain::snapshot::Heartbeat;
use domain::{Span, Timestamp};

use super::odometer::{Odometer, Reading};
use super::tally::Tally;

/// Without a heartbeat for so long a service is not running: three are missing by then.
pub const STALE_AFTER: Span = Span::from_secs(3);
/// Instances that are remembered: 7 services with a few restarts under new names each.
pub const INSTANCES_MAX: usize = 64;
/// Begins the name of a counter of broken invariants.
const INVARIANT: &str = "invariant.";
/// Begins the name of a counter of refused messages.
const REFUSED: &str = "refused.";
/// Begins the name of the guard's counter of verdicts.
const VERDICT: &str = "verdict.";

/// One instance of one service, as last heard.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its mode as it resolves it.
    pub mode: Mode,
    /// Revision of the mode that it acts on.
    pub revision: u64,
    /// Its flags.
    pub flags: Flags,
    /// Whether it has what it needs.
    pub ready: bool,
    /// Whether it holds the lease by which it acts; `None` where it needs none.
    pub holds_lease: Option<bool>,
    /// Whether the store of leases does not answer it.
    pub lost_lease_store: bool,
    /// Its build.
    pub build: String,
    /// When it was last alive, by the older of its clock and ours.
    pub seen: Timestamp,
    /// Its own counters, as it said them last.
    pub counters: Tally,
    kept: Odometer<Kept>,
}

/// What may never be forgotten of an instance, over its restarts.
#[derive(Debug, Clone, Default)]
struct Kept {
    invariants: Tally,
    refused: Tally,
    verdicts: Tally,
}

impl Reading for Kept {
    fn absorb(&mut self, other: &Self) {
        self.invariants.absorb(&other.invariants);
        self.refused.absorb(&other.refused);
        self.verdicts.absorb(&other.verdicts);
    }
}

impl Instance {
    /// How long ago it was last alive.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Span {
        now.since(self.seen).max(Span::ZERO)
    }

    /// Whether it counts as running.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.age(now) <= STALE_AFTER
    }
}

/// All instances, by service and name.
#[derive(Debug, Clone, Default)]
pub struct Beats {
    instances: BTreeMap<(String, String), Instance>,
    departed: Kept,
}

impl Beats {
    /// Takes a heartbeat. `false` where a newer one of that instance is known.
    pub fn hear(&mut self, now: Timestamp, beat: &Heartbeat) -> bool {
        let key = (beat.service.clone(), beat.instance.clone());
        if !self.instances.contains_key(&key) {
            self.make_room();
        }
        let known = self.instances.get(&key);
        let mut kept = known.map_or_else(Odometer::default, |it| it.kept.clone());
        if !kept.read(beat.boot, beat.sequence, kept_of(beat)) {
            return false;
        }
        let instance = Instance {
            mode: beat.mode,
            revision: beat.revision,
            flags: beat.flags,
            ready: beat.ready,
            holds_lease: beat.holds_lease(),
            lost_lease_store: beat.lost_lease_store(),
            build: beat.build.clone(),
            seen: beat.at.min(now),
            counters: (&beat.counters).into(),
            kept,
        };
        self.instances.insert(key, instance);
        true
    }

    /// Every instance known, alive or not: service, name, instance.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Instance)> {
        self.instances
            .iter()
            .map(|((service, name), instance)| (service.as_str(), name.as_str(), instance))
    }

    /// The instance of `service` that acted last; one that only stands by where none ever did.
    #[must_use]
    pub fn latest(&self, service: &str) -> Option<&Instance> {
        self.iter()
            .filter(|(name, _, _)| *name == service)
            .map(|(_, _, instance)| instance)
            .max_by_key(|it| (it.holds_lease != Some(false), it.seen))
    }

    /// Whether an instance of `service` is running.
    #[must_use]
    pub fn is_fresh(&self, service: &str, now: Timestamp) -> bool {
        self.latest(service).is_some_and(|it| it.is_fresh(now))
    }

    /// Broken invariants by name, over all instances and their restarts.
    #[must_use]
    pub fn invariants_broken(&self) -> Tally {
        self.sum(|it| &it.invariants)
    }

    /// The guard's verdicts by `verdict.module.kind.mode`, over all instances and their restarts.
    #[must_use]
    pub fn verdicts(&self) -> Tally {
        self.sum(|it| &it.verdicts)
    }

    fn sum(&self, of: fn(&Kept) -> &Tally) -> Tally {
        let mut sum = of(&self.departed).clone();
        for instance in self.instances.values() {
            sum.absorb(of(&instance.kept.total()));
        }
        sum
    }

    /// Refused messages by field: of each the count of the instance that refused most, since one
    /// bad message is refused by everyone who hears it.
    #[must_use]
    pub fn refused(&self) -> Tally {
        let mut most = self.departed.refused.clone();
        for instance in self.instances.values() {
            for (field, count) in instance.kept.total().refused.counts() {
                most.raise(field, *count);
            }
        }
        most
    }

    /// Forgets the instance that has been silent longest, but not what it counted.
    fn make_room(&mut self) {
        if self.instances.len() < INSTANCES_MAX {
            return;
        }
        let oldest = self.instances.iter().min_by_key(|(_, it)| it.seen);
        let Some(key) = oldest.map(|(key, _)| key.clone()) else {
            return;
        };
        if let Some(gone) = self.instances.remove(&key) {
            self.departed.absorb(&gone.kept.total());
        }
    }
}

fn kept_of(beat: &Heartbeat) -> Kept {
    Kept {
        invariants: named(beat, INVARIANT),
        refused: named(beat, REFUSED),
        verdicts: named(beat, VERDICT),
    }
}

/// The counters above zero whose names begin with `prefix`, without it.
fn named(beat: &Heartbeat, prefix: &str) -> Tally {
    let mut tally = Tally::default();
    for (name, count) in beat.counters.iter().filter(|(_, count)| **count > 0) {
        if let Some(name) = name.strip_prefix(prefix) {
            tally.add(name, *count);
        }
    }
    tally
}
