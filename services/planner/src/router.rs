//! The plan cache: one plan for each life of a position, the same one for as long as it is valid.

use std::collections::BTreeMap;
use std::fmt;

use domain::market::Regime;
use domain::num::{Price, Ratio};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanError, PlanInputs, build};
use domain::policy::Policy;
use domain::signal::{RiskMode, RlHint};
use domain::{Epoch, PositionKey, Timestamp};
use rust_decimal::Decimal;

/// Why a plan was made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// There was none.
    First,
    /// Another life of the position.
    Epoch,
    /// The entry price moved by more than one tick.
    Entry,
    /// Another leverage.
    Leverage,
    /// Another risk mode.
    Risk,
    /// Another regime.
    Regime,
    /// Other advice, or advice that ran out.
    Hint,
    /// The profit-lock trigger was crossed for the first time.
    ProfitLock,
    /// Its time has run out.
    Expired,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Epoch => "epoch",
            Self::Entry => "entry",
            Self::Leverage => "leverage",
            Self::Risk => "risk",
            Self::Regime => "regime",
            Self::Hint => "hint",
            Self::ProfitLock => "profit_lock",
            Self::Expired => "expired",
        })
    }
}

/// What the cache says to a request for a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// The plan in force still holds.
    Kept,
    /// There is a new one.
    Built(Cause),
}

/// Distances and confidence of the advice; its date alone is no reason for a new plan.
type Advice = [Option<Ratio>; 4];

/// What a plan was made from, as far as a change of it calls for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    epoch: Epoch,
    entry_price: Price,
    leverage: Decimal,
    risk: RiskMode,
    regime: Regime,
    advice: Option<Advice>,
}

#[derive(Debug, Clone)]
struct Cached {
    plan: ExitPlan,
    basis: Basis,
    /// The mark at which the profit lock was crossed: it is crossed once, and stays so for as long
    /// as entry and leverage stay.
    locked_at: Option<Price>,
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
    /// inputs it keeps the same plan. `tick_size` is the contract's.
    ///
    /// # Errors
    /// [`PlanError`] where no plan can be made; an older one for the same life stays in force.
    pub fn get_plan(
        &mut self,
        inputs: &PlanInputs<'_>,
        tick_size: Decimal,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Routed, PlanError> {
        let key = &inputs.position.key;
        let basis = basis(inputs);
        let cached = self.plans.get(key);
        let change = cached.map_or(Some(Cause::First), |cached| {
            change(cached, &basis, tick_size, now)
        });
        // A changed entry, leverage or life decides anew whether the profit is locked.
        let moved = matches!(
            change,
            Some(Cause::First | Cause::Epoch | Cause::Entry | Cause::Leverage)
        );
        let before = cached
            .and_then(|cached| cached.locked_at)
            .filter(|_| !moved);
        let locked_at = before.or_else(|| crossed(inputs, policy));
        let crossing = (locked_at.is_some() && before.is_none()).then_some(Cause::ProfitLock);
        let Some(cause) = change.or(crossing) else {
            return Ok(Routed::Kept);
        };
        let inputs = PlanInputs {
            mark_price: locked_at.or(inputs.mark_price),
            ..inputs.clone()
        };
        let plan = match build(&inputs, policy, now) {
            Ok(plan) => plan,
            Err(error) => {
                if cause == Cause::Epoch {
                    self.plans.remove(key);
                }
                return Err(error);
            }
        };
        let cached = Cached {
            plan,
            basis,
            locked_at,
        };
        self.plans.insert(key.clone(), cached);
        Ok(Routed::Built(cause))
    }
}

fn basis(inputs: &PlanInputs<'_>) -> Basis {
    let advice = |hint: &RlHint| {
        [
            hint.take_profit,
            hint.stop_loss,
            hint.trail,
            hint.confidence,
        ]
    };
    Basis {
        epoch: inputs.position.epoch,
        entry_price: inputs.position.entry_price,
        leverage: inputs.position.leverage,
        risk: inputs.risk,
        regime: inputs.context.regime,
        advice: inputs.hint.map(advice),
    }
}

fn change(cached: &Cached, basis: &Basis, tick_size: Decimal, now: Timestamp) -> Option<Cause> {
    let before = &cached.basis;
    let moved = before.entry_price.get() - basis.entry_price.get();
    let checks = [
        (before.epoch != basis.epoch, Cause::Epoch),
        (moved.abs() > tick_size, Cause::Entry),
        (before.leverage != basis.leverage, Cause::Leverage),
        (before.risk != basis.risk, Cause::Risk),
        (before.regime != basis.regime, Cause::Regime),
        (before.advice != basis.advice, Cause::Hint),
        (cached.plan.is_expired(now), Cause::Expired),
    ];
    checks
        .into_iter()
        .find(|(holds, _)| *holds)
        .map(|(_, cause)| cause)
}

/// The mark, where it is beyond the profit-lock trigger.
fn crossed(inputs: &PlanInputs<'_>, policy: &Policy) -> Option<Price> {
    let beyond = |mark: &Price| inputs.position.pnl_pct_margin(*mark) > policy.profit_lock_trigger;
    inputs.mark_price.filter(beyond)
}

#[cfg(test)]
mod tests;
