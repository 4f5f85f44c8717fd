//! The stop behind the best price.
//!
//! It is reckoned from the latest mark: since the stop only tightens, what holds is the one that
//! the best mark gave.

use rust_decimal::Decimal;

use super::rest::{Rest, at_price_pct};
use super::{View, moved};
use crate::num::{Price, PricePct, Ratio};
use crate::plan::{ExitLeg, ExitPlan};
use crate::policy::Tightening;
use crate::position::Valued;

/// By the trailing leg's activation, callback and curve; without such a leg by the policy's own.
pub(super) fn stop(view: &View<'_>, mark: Valued) -> Option<Price> {
    let callback = match view
        .ladder_plan()
        .and_then(|plan| Some((plan, plan.trail_leg()?)))
    {
        Some((plan, leg)) => planned(view, mark.profit, plan, leg)?,
        None => fallback(view, mark.profit)?,
    };
    mark.price
        .offset(Ratio::new(-callback.get() * view.side().sign()))
}

/// From the activation on, with the callback that the profit has earned.
fn planned(view: &View<'_>, profit: PricePct, plan: &ExitPlan, leg: &ExitLeg) -> Option<Ratio> {
    let profit = profit.get() / Decimal::ONE_HUNDRED;
    if profit < leg.offset.map_or(Decimal::ZERO, Ratio::get) {
        return None;
    }
    let base = leg.callback.unwrap_or(view.policy.base.trail);
    Some(match profit.checked_div(plan.stop.get()) {
        Some(earned_r) => tightened(base, &leg.tightening, earned_r),
        None => base,
    })
}

fn fallback(view: &View<'_>, profit: PricePct) -> Option<Ratio> {
    let is_active = profit > view.policy.trailing.trigger_pct;
    is_active.then_some(view.policy.base.trail)
}

/// The callback at a profit of `earned_r` times the initial risk: that of the last row of the
/// ascending `curve` that is reached (behaviour 3.5).
fn tightened(base: Ratio, curve: &[Tightening], earned_r: Decimal) -> Ratio {
    let reached = curve.iter().rev().find(|row| row.from_r.get() <= earned_r);
    reached.map_or(base, |row| row.callback)
}

/// Where the answer may change: where trailing begins, where the profit has earned another
/// callback, and for each callback where it gives a stop that is worth an order.
pub(super) fn rest(view: &View<'_>, mark: Valued, current: Price, rest: &mut Rest) {
    let Some(worth) = least_worth(view, current) else {
        return rest.never();
    };
    let plan = view.ladder_plan();
    let Some((plan, leg)) = plan.and_then(|plan| Some((plan, plan.trail_leg()?))) else {
        rest.price(at_price_pct(view, view.policy.trailing.trigger_pct.get()));
        let in_force = fallback(view, mark.profit);
        return behind(view, worth, view.policy.base.trail, in_force, rest);
    };
    let at_profit = |profit: Decimal| {
        let percent = profit.checked_mul(Decimal::ONE_HUNDRED)?;
        at_price_pct(view, percent)
    };
    rest.price(at_profit(leg.offset.map_or(Decimal::ZERO, Ratio::get)));
    let in_force = planned(view, mark.profit, plan, leg);
    let base = leg.callback.unwrap_or(view.policy.base.trail);
    behind(view, worth, base, in_force, rest);
    for row in &leg.tightening {
        let profit = row.from_r.get().checked_mul(plan.stop.get());
        rest.price(profit.and_then(at_profit));
        behind(view, worth, row.callback, in_force, rest);
    }
}

/// The nearest stop on the grid that is worth an order.
fn least_worth(view: &View<'_>, current: Price) -> Option<Decimal> {
    let (side, tick) = (view.side(), view.instrument.tick_size);
    let step = view.policy.stops.replace_step_min.get();
    let step = current.get().checked_mul(step)?.checked_mul(side.sign())?;
    let least = Price::new(current.get().checked_add(step)?).ok()?;
    let stop = view.instrument.round_stop(side, least)?;
    let is_worth =
        side.is_tighter(stop, current) && moved(current, stop, view.policy.stops.replace_step_min);
    let further = tick.checked_mul(side.sign())?;
    let next = || stop.get().checked_add(further);
    if is_worth { Some(stop.get()) } else { next() }
}

/// The mark from which on `callback` gives a stop that is rounded to `worth` or tighter. A mark
/// that is there, with that callback `in_force`, waits for something else: the stop would be
/// reached already, which is so or not with every tick.
fn behind(
    view: &View<'_>,
    worth: Decimal,
    callback: Ratio,
    in_force: Option<Ratio>,
    rest: &mut Rest,
) {
    let (sign, tick) = (view.side().sign(), view.instrument.tick_size);
    let signed = callback.get().checked_mul(sign);
    let factor = signed.and_then(|signed| Decimal::ONE.checked_sub(signed));
    let looser = tick
        .checked_mul(sign)
        .and_then(|tick| worth.checked_sub(tick));
    let from = match (factor, looser) {
        (Some(factor), Some(looser)) if factor > Decimal::ZERO => looser.checked_div(factor),
        (Some(_), _) => return,
        (None, _) => None,
    };
    rest.price(from);
    let mark = view.mark.map_or(Decimal::ZERO, |mark| mark.price.get());
    let is_there = from.is_some_and(|from| (mark - from) * sign >= Decimal::ZERO);
    if is_there && in_force == Some(callback) {
        rest.never();
    }
}

#[cfg(test)]
mod tests;
