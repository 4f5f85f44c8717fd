//! The plan cache: one plan for each life of a position, the same one for as long as it is valid.

use std::collections::BTreeMap;

use domain::PositionKey;
use domain::num::Price;
use domain::plan::ExitPlan;
use domain::plan::build::{PlanError, PlanInputs, build};
use domain::policy::Policy;

pub mod cause;
pub mod pace;

pub use cause::{Cause, Grid};

use cause::Basis;
use pace::Pace;

/// What the cache says to a request for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routed {
    /// The plan in force still holds.
    Kept,
    /// There is a new one.
    Built(Cause),
    /// There have been too many new ones: the plan in force stays until there is room.
    Deferred(Cause),
}

#[derive(Debug, Clone)]
struct Cached {
    plan: ExitPlan,
    basis: Basis,
    /// The mark at which the profit lock was crossed: it is crossed once, and stays so for as long
    /// as entry and leverage stay.
    locked_at: Option<Price>,
    pace: Pace,
}

/// The plans in force, by position.
#[derive(Debug, Clone, Default)]
pub struct ExitRouter {
    plans: BTreeMap<PositionKey, Cached>,
}

impl ExitRouter {
    /// The plan in force; never makes one.
    #[must_use]
    pub fn get_active_plan(&self, key: &PositionKey) -> Option<&ExitPlan> {
        self.plans.get(key).map(|cached| &cached.plan)
    }

    /// How many plans are in force.
    #[must_use]
    pub fn len(&self) -> usize {
        self.plans.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Drops the plan of a position that is gone.
    pub fn invalidate(&mut self, key: &PositionKey) {
        self.plans.remove(key);
    }

    /// Sees to it that the plan in force is the right one for `inputs`. Asked again with the same
    /// inputs it keeps the same plan and computes nothing.
    ///
    /// # Errors
    /// [`PlanError`] where no plan can be made; an older one for the same life stays in force.
    pub fn get_plan(
        &mut self,
        inputs: &PlanInputs<'_>,
        grid: Grid<'_>,
    ) -> Result<Routed, PlanError> {
        let key = &inputs.position.key;
        let cached = self.plans.get(key);
        let locked_at = cached
            .and_then(|cached| cached.lock(inputs, grid))
            .or_else(|| {
                inputs
                    .mark_price
                    .filter(|mark| is_beyond(inputs, *mark, grid.policy))
            });
        let cause = cached.map_or(Some(Cause::First), |cached| {
            let is_crossing = locked_at.is_some() && cached.locked_at.is_none();
            cached.basis.cause(inputs, &cached.plan, is_crossing, &grid)
        });
        let Some(cause) = cause else {
            return Ok(Routed::Kept);
        };
        let mut pace = cached.map(|cached| cached.pace.clone()).unwrap_or_default();
        if !cause.is_urgent() && !pace.allows(grid.now) {
            return Ok(Routed::Deferred(cause));
        }
        let plan = build_locked(inputs, locked_at, grid).inspect_err(|_| {
            if cause == Cause::Epoch {
                self.plans.remove(key);
            }
        })?;
        pace.note(grid.now);
        let cached = Cached {
            plan,
            basis: Basis::of(inputs),
            locked_at,
            pace,
        };
        self.plans.insert(key.clone(), cached);
        Ok(Routed::Built(cause))
    }
}

impl Cached {
    /// The lock that still holds: a changed entry, leverage or life decides anew.
    fn lock(&self, inputs: &PlanInputs<'_>, grid: Grid<'_>) -> Option<Price> {
        let same = self.basis.is_same_entry(inputs, grid.tick_size);
        self.locked_at
            .filter(|mark| same && is_beyond(inputs, *mark, grid.policy))
    }
}

/// The plan at the mark that locked the profit, at the latest mark where none did.
fn build_locked(
    inputs: &PlanInputs<'_>,
    locked_at: Option<Price>,
    grid: Grid<'_>,
) -> Result<ExitPlan, PlanError> {
    let inputs = PlanInputs {
        mark_price: locked_at.or(inputs.mark_price),
        ..inputs.clone()
    };
    build(&inputs, grid.policy, grid.now)
}

/// Whether the profit at `mark` is beyond the profit-lock trigger (behaviour 10.12).
fn is_beyond(inputs: &PlanInputs<'_>, mark: Price, policy: &Policy) -> bool {
    inputs.position.pnl_pct_margin(mark) > policy.profit_lock.trigger_margin_pct
}

#[cfg(test)]
mod tests;
