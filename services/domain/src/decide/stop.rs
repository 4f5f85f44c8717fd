//! Rules that tighten the stop: profit lock, breakeven, ratchet, trailing, a tighter plan.

use alloc::format;
use alloc::string::String;

use super::{Finding, STOP_CONFIDENCE, View, finding, improves};
use crate::decision::{Action, StopReason};
use crate::ladder;
use crate::num::{Price, PricePct, Ratio};

/// The first tightening rule whose stop is better than the one in force and not yet passed by the
/// mark.
pub(super) fn tighten(view: &View<'_>) -> Option<Finding> {
    let mark = view.mark_price?;
    if view.desired.exiting || !view.position.is_open() {
        return None;
    }
    [
        (profit_lock(view, mark), StopReason::ProfitLock, Ratio::ZERO),
        (breakeven(view, mark), StopReason::Breakeven, Ratio::ZERO),
        (ratchet(view), StopReason::Ratchet, Ratio::ZERO),
        (
            trailing(view, mark),
            StopReason::Trailing,
            view.policy.replace_step_min,
        ),
        (
            planned(view),
            StopReason::Tighter,
            view.policy.replace_step_min,
        ),
    ]
    .into_iter()
    .find_map(|(candidate, reason, least)| accept(view, mark, candidate?, reason, least))
}

fn accept(
    view: &View<'_>,
    mark: Price,
    candidate: Price,
    reason: StopReason,
    least: Ratio,
) -> Option<Finding> {
    let side = view.position.key.side;
    let price = view.instrument.round_stop(side, candidate)?;
    if side.stop_reached(price, mark) || !improves(view, price, least) {
        return None;
    }
    let action = Action::MoveStop { price, reason };
    Some(finding(action, words(view, mark, reason), STOP_CONFIDENCE))
}

fn words(view: &View<'_>, mark: Price, reason: StopReason) -> String {
    let pnl = view.position.pnl_pct_price(mark).get().round_dp(2);
    format!("SL adjustment ({reason}): pnl={pnl}%")
}

/// `distance` beyond entry on the profit side.
fn beyond_entry(view: &View<'_>, distance: Ratio) -> Option<Price> {
    let sign = view.position.key.side.sign();
    view.position
        .entry_price
        .offset(Ratio::new(distance.get() * sign))
}

fn profit_lock(view: &View<'_>, mark: Price) -> Option<Price> {
    let reached = view.position.pnl_pct_margin(mark) > view.policy.profit_lock_trigger;
    let lock = view
        .policy
        .profit_lock_offset
        .max(view.policy.breakeven_offset());
    reached.then(|| beyond_entry(view, lock)).flatten()
}

fn breakeven(view: &View<'_>, mark: Price) -> Option<Price> {
    let reached = view.position.pnl_pct_price(mark) > view.policy.breakeven_trigger;
    reached
        .then(|| beyond_entry(view, view.policy.breakeven_offset()))
        .flatten()
}

/// After the first target: entry. After the second: the first target's price.
fn ratchet(view: &View<'_>) -> Option<Price> {
    let targets = &view.desired.targets;
    match ladder::hits(targets, view.position, view.instrument) {
        0 => None,
        1 => Some(view.position.entry_price),
        _ => targets.first().map(|target| target.price),
    }
}

/// The trailing leg's activation and callback; without such a leg the policy's own.
fn trailing(view: &View<'_>, mark: Price) -> Option<Price> {
    let side = view.position.key.side;
    let pnl = view.position.pnl_pct_price(mark);
    let leg = view.plan.and_then(|plan| plan.trail_leg());
    let activation = leg.and_then(|leg| leg.offset);
    let trigger = activation.map_or(view.policy.trail_trigger, |offset| {
        PricePct::new(offset.get() * rust_decimal::Decimal::ONE_HUNDRED)
    });
    let callback = leg
        .and_then(|leg| leg.callback)
        .unwrap_or(view.policy.base_trail);
    let active = pnl > trigger;
    active
        .then(|| mark.offset(Ratio::new(-callback.get() * side.sign())))
        .flatten()
}

fn planned(view: &View<'_>) -> Option<Price> {
    view.plan?.stop_leg()?.trigger_price
}
