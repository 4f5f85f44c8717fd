//! The latest plan of each position, whole, as its planner said it.

use std::collections::BTreeMap;

use domain::plan::{ExitPlan, PlanId};
use domain::snapshot::PositionSnapshot;
use domain::{PositionKey, Span, Timestamp};

use super::positions::{POSITIONS_MAX, Positions};

/// A plan, and when it was last heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: ExitPlan,
    /// Its planner says it again every few seconds.
    pub heard_at: Timestamp,
}

/// The plans, at most [`POSITIONS_MAX`] of them.
#[derive(Debug, Clone, Default)]
pub struct Plans(BTreeMap<PositionKey, Planned>);

impl Plans {
    /// Takes a plan, which may come before its position does. An older one than the last is late.
    pub fn hear(&mut self, now: Timestamp, plan: &ExitPlan) {
        let known = self.0.get(&plan.key);
        if known.is_some_and(|it| it.plan.created_at > plan.created_at) {
            return;
        }
        if known.is_none() && self.0.len() >= POSITIONS_MAX {
            self.drop_oldest();
        }
        let planned = Planned {
            plan: plan.clone(),
            heard_at: now,
        };
        self.0.insert(plan.key.clone(), planned);
    }

    /// Forgets the plan of a position that a picture proves flat. A plan that is newer than the
    /// picture is that of the next life.
    pub fn hear_position(&mut self, snapshot: &PositionSnapshot) {
        let key = &snapshot.position.key;
        let ended = snapshot.flat_proven && !snapshot.position.is_open();
        let older = |it: &Planned| it.plan.created_at <= snapshot.at;
        if ended && self.0.get(key).is_some_and(older) {
            self.0.remove(key);
        }
    }

    /// The plan of this life of a position.
    #[must_use]
    pub fn id_of(&self, snapshot: &PositionSnapshot) -> Option<PlanId> {
        let planned = self.0.get(&snapshot.position.key)?;
        (planned.plan.epoch == snapshot.position.epoch).then_some(planned.plan.id)
    }

    /// The plans in the order of their positions' keys.
    pub fn iter(&self) -> impl Iterator<Item = &Planned> {
        self.0.values()
    }

    /// How old the plan of each open position is.
    pub fn ages<'a>(
        &'a self,
        open: &'a Positions,
        now: Timestamp,
    ) -> impl Iterator<Item = Span> + 'a {
        let planned = open.iter().filter_map(|it| {
            let planned = self.0.get(&it.position.key)?;
            (planned.plan.epoch == it.position.epoch).then_some(planned)
        });
        planned.map(move |it| now.since(it.plan.created_at).max(Span::ZERO))
    }

    fn drop_oldest(&mut self) {
        let oldest = self.0.iter().min_by_key(|(_, it)| it.plan.created_at);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.0.remove(&key);
        }
    }
}
