//! What a plan looks like to the incumbent modules: three conversions with their own field names
//! (behaviour 3.8).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{ExitPlan, LegKind, PlanId};
use crate::num::Ratio;
use crate::policy::Policy;

/// What `dynamic_tpsl` hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicTpsl {
    /// First take-profit distance.
    pub tp_percent: Ratio,
    /// Stop distance, on the loss side of entry.
    pub sl_percent: Ratio,
    /// Trailing distance.
    pub trail_percent: Ratio,
    /// Whether more than one take-profit is planned.
    pub partial_tp: bool,
    /// The plan's reason.
    pub rationale: String,
    /// The plan's confidence.
    pub confidence: Ratio,
}

/// Why a plan can't be told as take-profit and stop distances. A number instead would hide what
/// the plan says (behaviour 3.7).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoDistances {
    /// It says: close now.
    #[error("plan {plan} is an emergency exit: close now, there is no target and no stop")]
    Emergency {
        /// Which plan.
        plan: PlanId,
    },
    /// Its stop lies beyond entry, where a distance on the loss side can't put it.
    #[error("plan {plan} locks the profit: its stop lies {offset} beyond entry, not below it")]
    Locked {
        /// Which plan.
        plan: PlanId,
        /// Distance of the stop from entry, on the profit side.
        offset: Ratio,
    },
}

/// What `trailing_stop_manager` works with. The names of the owner's sample are understood too
/// (behaviour 10.16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailingConfig {
    /// Distance from the best price.
    #[serde(alias = "trail_callback")]
    pub callback_pct: Ratio,
    /// Profit from which on it trails.
    #[serde(alias = "activation_threshold_pct")]
    pub activation_pct: Ratio,
    /// Share of the position that trails.
    pub size_pct: Ratio,
}

/// One row of the ladder of partial exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialExit {
    /// Distance from entry.
    pub trigger_pct: Ratio,
    /// Share of the initial quantity.
    pub size_pct: Ratio,
    /// Take-profit, market close of a part, or trail.
    pub kind: LegKind,
    /// Trailing distance of a trail.
    pub trail_callback: Option<Ratio>,
}

/// The plan as dynamic take-profit and stop. Base distances where it has no such leg.
///
/// # Errors
/// [`NoDistances`] for an emergency and for a profit lock: the asker goes its own way.
pub fn to_dynamic_tpsl(plan: &ExitPlan, policy: &Policy) -> Result<DynamicTpsl, NoDistances> {
    if plan.is_emergency() {
        return Err(NoDistances::Emergency { plan: plan.id });
    }
    let stop = plan.stop_leg().and_then(|leg| leg.offset);
    if let Some(offset) = stop.filter(|offset| *offset >= Ratio::ZERO) {
        let plan = plan.id;
        return Err(NoDistances::Locked { plan, offset });
    }
    let trail = plan.trail_leg().and_then(|leg| leg.callback);
    Ok(DynamicTpsl {
        tp_percent: primary_target(plan).unwrap_or(policy.base.target),
        sl_percent: stop.map_or(policy.base.stop, |offset| Ratio::new(-offset.get())),
        trail_percent: trail.unwrap_or(policy.base.trail),
        partial_tp: plan.target_legs().count() > 1,
        rationale: plan.reason.clone(),
        confidence: plan.confidence,
    })
}

/// The plan's trailing part, none where it has no trailing leg. A leg without an activation
/// begins at half the first target.
#[must_use]
pub fn to_trailing_config(plan: &ExitPlan, policy: &Policy) -> Option<TrailingConfig> {
    let leg = plan.trail_leg()?;
    let half = Ratio::basis_points(5_000);
    let default_activation = primary_target(plan).map_or(policy.base.trail, |tp| tp.times(half));
    Some(TrailingConfig {
        callback_pct: leg.callback.unwrap_or(policy.base.trail),
        activation_pct: leg.offset.unwrap_or(default_activation),
        size_pct: leg.size,
    })
}

/// Targets and trail, nearest first; a trail without a trigger comes last.
#[must_use]
pub fn to_partial_exit_config(plan: &ExitPlan) -> Vec<PartialExit> {
    let last = Ratio::new(rust_decimal::Decimal::new(999, 0));
    let trails = plan.legs_of(LegKind::Trail);
    let row = |leg: &super::ExitLeg| PartialExit {
        trigger_pct: leg.offset.unwrap_or(last),
        size_pct: leg.size,
        kind: leg.kind,
        trail_callback: leg.callback,
    };
    let mut rows: Vec<PartialExit> = plan.target_legs().chain(trails).map(row).collect();
    rows.sort_by_key(|row| row.trigger_pct);
    rows
}

fn primary_target(plan: &ExitPlan) -> Option<Ratio> {
    plan.target_legs()
        .min_by_key(|leg| leg.priority)
        .and_then(|leg| leg.offset)
}
