//! The stop behind the best price.
//!
//! It is reckoned from the latest mark: since the stop only tightens, what holds is the one that
//! the best mark gave.

use rust_decimal::Decimal;

use super::View;
use crate::num::{Price, Ratio};
use crate::plan::{ExitLeg, ExitPlan};
use crate::policy::Tightening;

/// By the trailing leg's activation, callback and curve; without such a leg by the policy's own.
pub(super) fn stop(view: &View<'_>, mark: Price) -> Option<Price> {
    let callback = match view
        .ladder_plan()
        .and_then(|plan| Some((plan, plan.trail_leg()?)))
    {
        Some((plan, leg)) => planned(view, mark, plan, leg)?,
        None => fallback(view, mark)?,
    };
    mark.offset(Ratio::new(-callback.get() * view.side().sign()))
}

/// From the activation on, with the callback that the profit has earned.
fn planned(view: &View<'_>, mark: Price, plan: &ExitPlan, leg: &ExitLeg) -> Option<Ratio> {
    let profit = view.position.pnl_pct_price(mark).get() / Decimal::ONE_HUNDRED;
    let is_active = profit >= leg.offset.map_or(Decimal::ZERO, Ratio::get);
    let base = leg.callback.unwrap_or(view.policy.base.trail);
    let callback = match profit.checked_div(plan.stop.get()) {
        Some(earned_r) => tightened(base, &leg.tightening, earned_r),
        None => base,
    };
    is_active.then_some(callback)
}

fn fallback(view: &View<'_>, mark: Price) -> Option<Ratio> {
    let is_active = view.position.pnl_pct_price(mark) > view.policy.trailing.trigger_pct;
    is_active.then_some(view.policy.base.trail)
}

/// The callback at a profit of `earned_r` times the initial risk: that of the last row of the
/// ascending `curve` that is reached (behaviour 3.5).
fn tightened(base: Ratio, curve: &[Tightening], earned_r: Decimal) -> Ratio {
    let reached = curve.iter().rev().find(|row| row.from_r.get() <= earned_r);
    reached.map_or(base, |row| row.callback)
}

#[cfg(test)]
mod tests;
