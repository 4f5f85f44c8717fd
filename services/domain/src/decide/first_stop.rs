//! The first stop, and the maximum-loss floor beyond which no stop may lie.

use alloc::format;
use alloc::string::String;

use super::rest::Rest;
use super::{Finding, View};
use crate::decision::{Rule, StopReason};
use crate::desired::floor_price;
use crate::num::{Price, Ratio};
use crate::time::Span;

/// A new position's plan comes within milliseconds. Until then the disaster stop protects it:
/// a stop at the base distance would hold for good where the plan's lies farther.
pub const PLAN_PATIENCE: Span = Span::from_millis(250);

/// The first stop where there is none; the floor where the stop lies beyond it.
pub(super) fn decide(view: &View<'_>) -> Option<Finding> {
    let floor = floor_price(view.position, view.instrument, view.policy);
    match view.desired.stop {
        None if is_plan_awaited(view) => None,
        None => initial(view, floor),
        Some(stop) => at_floor(view, stop, floor?),
    }
}

fn is_plan_awaited(view: &View<'_>) -> bool {
    let waits = |since| view.now.since(since) < PLAN_PATIENCE;
    view.plan.is_none() && view.desired.open_since.is_some_and(waits)
}

/// The plan's stop or one at the base distance, but never beyond the floor.
fn initial(view: &View<'_>, floor: Option<Price>) -> Option<Finding> {
    let side = view.side();
    let planned = view.plan.and_then(|plan| plan.stop_leg()?.trigger_price);
    // A locked stop lies beyond entry: it is a later move, not the first stop.
    let planned = planned.filter(|price| !side.is_tighter(*price, view.position.entry_price));
    let base = Ratio::new(-view.policy.base.stop.get());
    let wanted = planned.or_else(|| view.beyond_entry(base));
    let rounded = wanted.and_then(|price| view.instrument.round_stop(side, price));
    let price = match (rounded, floor) {
        (Some(rounded), Some(floor)) => side.tighter(rounded, floor),
        (one, other) => one.or(other)?,
    };
    let reason = format!("first stop at {price}");
    let rule = (Rule::InitialStop, StopReason::Initial);
    Some(placed(view, price, rule, reason))
}

/// Entry or leverage has changed and moved the floor past the stop.
fn at_floor(view: &View<'_>, stop: Price, floor: Price) -> Option<Finding> {
    if !view.side().is_tighter(floor, stop) {
        return None;
    }
    let reason = format!("the stop {stop} lies beyond the maximum-loss floor {floor}");
    let rule = (Rule::RiskFloor, StopReason::Tighter);
    Some(placed(view, floor, rule, reason))
}

/// Needs no price; but a level that the mark has passed already means: out now.
fn placed(
    view: &View<'_>,
    price: Price,
    (rule, why): (Rule, StopReason),
    reason: String,
) -> Finding {
    let is_breached = |mark| view.side().stop_reached(price, mark);
    if view.mark.is_some_and(|mark| is_breached(mark.price)) {
        let reason = format!("{reason}, breached already: out now");
        return Finding::full_exit(Rule::StopBreached, reason);
    }
    Finding::move_stop(rule, price, why, reason)
}

/// A stop that could be placed is placed at any mark; what is left to wait for is the plan.
pub(super) fn rest(view: &View<'_>, rest: &mut Rest) {
    if let (None, Some(since)) = (view.desired.stop, view.desired.open_since) {
        rest.moment(since + PLAN_PATIENCE, view.now);
    }
}
