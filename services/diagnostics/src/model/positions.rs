//! Which positions are open, what protects them, and which plan they follow.

use std::collections::BTreeMap;

use domain::plan::{ExitPlan, PlanId};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, PositionKey, Span, Timestamp};

/// Positions at once: more than an account of the venue has contracts, both sides counted.
pub const POSITIONS_MAX: usize = 2_048;
/// A new position may lack its stop for so long: the disaster stop is placed within it.
pub const PLACEMENT_WINDOW: Span = Span::from_secs(1);

/// The newest picture of each open position.
#[derive(Debug, Clone, Default)]
pub struct Positions {
    open: BTreeMap<PositionKey, PositionSnapshot>,
    plans: BTreeMap<PositionKey, Planned>,
    untold: u64,
}

#[derive(Debug, Clone)]
struct Planned {
    id: PlanId,
    epoch: Epoch,
    created_at: Timestamp,
}

impl Positions {
    /// Takes a picture; one that is proven flat ends the position's place here.
    pub fn hear(&mut self, snapshot: &PositionSnapshot) {
        let key = &snapshot.position.key;
        if self.open.get(key).is_some_and(|it| it.at > snapshot.at) {
            return;
        }
        if !snapshot.position.is_open() {
            // Unknown is not flat: the last picture stands until the gateway has proof.
            if snapshot.flat_proven {
                self.open.remove(key);
                self.plans.remove(key);
            }
            return;
        }
        if self.open.len() >= POSITIONS_MAX && !self.open.contains_key(key) {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        self.open.insert(key.clone(), snapshot.clone());
    }

    /// Takes a plan, which may come before its position does.
    pub fn hear_plan(&mut self, plan: &ExitPlan) {
        let known = self.plans.get(&plan.key);
        if known.is_some_and(|it| it.created_at > plan.created_at) {
            return;
        }
        if known.is_none() && self.plans.len() >= POSITIONS_MAX {
            self.drop_oldest_plan();
        }
        let planned = Planned {
            id: plan.id,
            epoch: plan.epoch,
            created_at: plan.created_at,
        };
        self.plans.insert(plan.key.clone(), planned);
    }

    /// The open positions in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &PositionSnapshot> {
        self.open.values()
    }

    /// The plan of this life of a position.
    #[must_use]
    pub fn plan_of(&self, snapshot: &PositionSnapshot) -> Option<PlanId> {
        let planned = self.plans.get(&snapshot.position.key)?;
        (planned.epoch == snapshot.position.epoch).then_some(planned.id)
    }

    /// Open positions that are not wholly covered by stops.
    #[must_use]
    pub fn unprotected(&self, now: Timestamp) -> usize {
        self.iter().filter(|it| is_unprotected(it, now)).count()
    }

    /// Pictures of positions beyond [`POSITIONS_MAX`], of which nothing is shown.
    #[must_use]
    pub const fn untold(&self) -> u64 {
        self.untold
    }

    fn drop_oldest_plan(&mut self) {
        let oldest = self.plans.iter().min_by_key(|(_, it)| it.created_at);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.plans.remove(&key);
        }
    }
}

/// Whether stops cover less than what is open, past the time that a new position is given.
#[must_use]
pub fn is_unprotected(snapshot: &PositionSnapshot, now: Timestamp) -> bool {
    snapshot.protected_qty() < snapshot.position.qty
        && snapshot.position.age(now) > PLACEMENT_WINDOW
}
