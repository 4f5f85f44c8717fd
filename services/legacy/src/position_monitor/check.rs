//! Compares what rests for one position with what the rules want: the difference is the wishes.
//!
//! Place, see it confirmed, then cancel: a stop is canceled only when another one that covers the
//! whole position is seen to rest. Take-profits go the other way, so that they never add up to
//! more than the position.

use domain::decision::StopReason;
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::ladder::open_quantities;
use domain::order::{CloseOrder, OrderKind, RestingOrder};
use domain::snapshot::PositionSnapshot;
use domain::{Price, Qty};

use super::rules::{self, StopRule};

mod scene;

pub use scene::{FIRED_PATIENCE, Scene};

use scene::{Fired, tighter};

/// One wish, before it has a number and a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Place an order for a leg.
    Place {
        /// Which leg.
        leg: LegId,
        /// What for.
        kind: OrderKind,
        /// What.
        order: CloseOrder,
        /// Why the stop moves, for a stop.
        stop_reason: Option<StopReason>,
        /// For people.
        reason: &'static str,
    },
    /// Cancel an own order.
    Cancel {
        /// Its name.
        target: ClientOrderId,
        /// Whether it is a stop.
        conditional: bool,
        /// What it was for.
        kind: OrderKind,
        /// For people.
        reason: &'static str,
    },
}

/// What should be asked for now.
#[must_use]
pub fn check(scene: &Scene<'_>) -> Vec<Want> {
    let snapshot = scene.snapshot;
    if !snapshot.complete {
        // Nothing may be concluded from an absence yet.
        return Vec::new();
    }
    if !snapshot.position.is_open() {
        return if snapshot.flat_proven {
            scene.sweep_ended()
        } else {
            Vec::new()
        };
    }
    if !scene.is_covered() {
        return protect(scene);
    }
    let mut wants = move_stop(scene);
    wants.extend(take_profits(scene));
    wants
}

/// Whether an open position is not wholly covered by stops that protect.
#[must_use]
pub fn is_unprotected(snapshot: &PositionSnapshot) -> bool {
    let position = &snapshot.position;
    snapshot.complete && position.is_open() && snapshot.protected_qty() < position.qty
}

fn protect(scene: &Scene<'_>) -> Vec<Want> {
    match scene.fired() {
        Fired::Recently => return Vec::new(),
        Fired::Stuck => return exit(scene, "a stop has fired and not closed the position"),
        Fired::No => {}
    }
    let snapshot = scene.snapshot;
    let side = scene.side();
    let initial = rules::initial_stop(&snapshot.position, &snapshot.instrument);
    let Some(trigger) = tighter(side, initial, scene.best_own_stop()) else {
        return Vec::new();
    };
    let reached = scene
        .mark
        .is_some_and(|mark| side.stop_reached(trigger, mark));
    if reached || scene.breached {
        return exit(
            scene,
            "the mark is beyond the stop of an unprotected position",
        );
    }
    let moved = scene.moved_stop(Some(trigger));
    let reason = moved.map_or(StopReason::Initial, |_| rules::stop_reason(scene.tier));
    let trigger = moved.unwrap_or(trigger);
    if scene.confirmed(trigger).is_some() {
        // All that the lot size allows rests already: another one would not cover more.
        return Vec::new();
    }
    let placed = scene.place_stop(trigger, reason, "the position is not covered by a stop");
    placed.into_iter().collect()
}

fn exit(scene: &Scene<'_>, reason: &'static str) -> Vec<Want> {
    // A resting take-profit can make the venue refuse a reduce-only close (-4118).
    let is_target = |cause: &OrderCause| matches!(cause.leg, LegId::TakeProfit(_));
    let mut wants = scene.sweep(is_target, "makes way for the exit");
    let position = &scene.snapshot.position;
    let qty = scene.snapshot.instrument.floor_market_qty(position.qty);
    if !qty.is_zero() && scene.flight.is_open(LegId::Exit, scene.now) {
        wants.push(Want::Place {
            leg: LegId::Exit,
            kind: OrderKind::EmergencyExit,
            order: CloseOrder::Market { qty },
            stop_reason: None,
            reason,
        });
    }
    wants
}

fn move_stop(scene: &Scene<'_>) -> Vec<Want> {
    let side = scene.side();
    let stops = scene
        .snapshot
        .orders
        .iter()
        .filter(|order| order.is_protecting_stop());
    let best = stops
        .filter_map(|order| order.order.stop_trigger())
        .reduce(|a, b| side.tighter(a, b));
    let moved = scene.moved_stop(best);
    // Covered by others, and no better level: nothing to do, and nothing of ours to tidy.
    let Some(trigger) = moved.or_else(|| scene.best_own_stop()) else {
        return Vec::new();
    };
    if let Some(kept) = scene.confirmed(trigger) {
        return scene.sweep_stops(kept);
    }
    let reason = moved.map_or(StopReason::Tighter, |_| rules::stop_reason(scene.tier));
    let placed = scene.place_stop(trigger, reason, "the stop follows tier and quantity");
    placed.into_iter().collect()
}

fn take_profits(scene: &Scene<'_>) -> Vec<Want> {
    let snapshot = scene.snapshot;
    let epoch = snapshot.position.epoch;
    let former =
        |cause: &OrderCause| cause.epoch != epoch && matches!(cause.leg, LegId::TakeProfit(_));
    let mut cancels = scene.sweep(former, "left by a former life");
    let resting: Vec<(&RestingOrder, u8)> = scene.resting_targets().collect();
    let holds = scene.tier.stop == StopRule::Hold && !resting.is_empty();
    if holds || scene.unsettled {
        return cancels;
    }
    let targets = rules::targets(scene.tier, &snapshot.position, &snapshot.instrument);
    let left = scene.left_by_others();
    let wanted = open_quantities(&targets, &snapshot.position, left, &snapshot.instrument);
    let keeps = |order: &RestingOrder, leg: u8| {
        wanted
            .iter()
            .any(|(target, qty)| target.leg == leg && is_same(order, target.price, *qty))
    };
    let stray = resting.iter().filter(|(order, leg)| !keeps(order, *leg));
    cancels.extend(stray.filter_map(|(order, _)| {
        scene.cancel(order, OrderKind::Tp, "the tier wants another target")
    }));
    if !resting.iter().all(|(order, leg)| keeps(order, *leg)) {
        return cancels;
    }
    let missing = wanted.iter().filter(|(target, _)| {
        let rests = resting.iter().any(|(_, leg)| *leg == target.leg);
        !rests
            && scene
                .flight
                .is_open(LegId::TakeProfit(target.leg), scene.now)
    });
    cancels.extend(missing.map(|(target, qty)| Want::Place {
        leg: LegId::TakeProfit(target.leg),
        kind: OrderKind::Tp,
        order: CloseOrder::Limit {
            qty: *qty,
            price: target.price,
        },
        stop_reason: None,
        reason: "the tier's target does not rest",
    }));
    cancels
}

fn is_same(order: &RestingOrder, price: Price, qty: Qty) -> bool {
    let CloseOrder::Limit { price: at, .. } = order.order else {
        return false;
    };
    !rules::is_moved(price, at) && order.open_qty() == Some(qty)
}

#[cfg(test)]
mod tests;
