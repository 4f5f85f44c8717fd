//! What a plan looks like to the incumbent modules: three conversions with their own field names.

use alloc::string::String;
use alloc::vec::Vec;

use super::{ExitPlan, LegKind};
use crate::num::Ratio;
use crate::policy::Policy;

/// What `dynamic_tpsl` hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicTpsl {
    /// First take-profit distance.
    pub tp_percent: Ratio,
    /// Stop distance.
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

/// What `trailing_stop_manager` works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrailingConfig {
    /// Distance from the best price.
    pub callback_pct: Ratio,
    /// Profit from which on it trails.
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
    /// Take-profit or trail.
    pub kind: LegKind,
    /// Trailing distance of a trail.
    pub trail_callback: Option<Ratio>,
}

/// The plan as dynamic take-profit and stop. Base distances where it has no such leg.
#[must_use]
pub fn to_dynamic_tpsl(plan: &ExitPlan, policy: &Policy) -> DynamicTpsl {
    let stop = plan
        .stop_leg()
        .and_then(|leg| leg.offset)
        .map(|offset| offset.get().abs());
    let trail = plan.trail_leg().and_then(|leg| leg.callback);
    DynamicTpsl {
        tp_percent: primary_target(plan).unwrap_or(policy.base_target),
        sl_percent: stop.map_or(policy.base_stop, Ratio::new),
        trail_percent: trail.unwrap_or(policy.base_trail),
        partial_tp: plan.legs_of(LegKind::TakeProfit).count() > 1,
        rationale: plan.reason.clone(),
        confidence: plan.confidence,
    }
}

/// The plan's trailing part, none where it has no trailing leg. A leg without an activation
/// begins at half the first target.
#[must_use]
pub fn to_trailing_config(plan: &ExitPlan, policy: &Policy) -> Option<TrailingConfig> {
    let leg = plan.trail_leg()?;
    let half = Ratio::basis_points(5_000);
    let default_activation = primary_target(plan).map_or(policy.base_trail, |tp| tp.times(half));
    Some(TrailingConfig {
        callback_pct: leg.callback.unwrap_or(policy.base_trail),
        activation_pct: leg.offset.unwrap_or(default_activation),
        size_pct: leg.size,
    })
}

/// Take-profits and trail, nearest first; a trail without a trigger comes last.
#[must_use]
pub fn to_partial_exit_config(plan: &ExitPlan) -> Vec<PartialExit> {
    let last = Ratio::new(rust_decimal::Decimal::new(999, 0));
    let mut rows: Vec<PartialExit> = plan
        .legs
        .iter()
        .filter(|leg| matches!(leg.kind, LegKind::TakeProfit | LegKind::Trail))
        .map(|leg| PartialExit {
            trigger_pct: leg.offset.unwrap_or(last),
            size_pct: leg.size,
            kind: leg.kind,
            trail_callback: leg.callback,
        })
        .collect();
    rows.sort_by_key(|row| row.trigger_pct);
    rows
}

fn primary_target(plan: &ExitPlan) -> Option<Ratio> {
    let first = plan
        .legs_of(LegKind::TakeProfit)
        .min_by_key(|leg| leg.priority)?;
    first.offset
}
