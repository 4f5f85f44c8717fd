//! Compares what rests for one position with what a method wishes: the difference is the wants.
//!
//! Place, see it confirmed, then cancel: a stop is canceled only when others that cover the whole
//! position are seen to rest, and then at once, whatever else is wished. Take-profits go the other
//! way, so that they never add up to more than the position. Only a module's own orders are moved
//! or canceled, and by one incumbent those that the executor has handed over. A stop never loosens:
//! it is placed where the position is not covered, where it is enough tighter than every stop that
//! rests, or where the position outgrew the held one.

use domain::decision::StopReason;
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::order::{CloseOrder, OrderKind};
use domain::snapshot::PositionSnapshot;

use crate::method::StopWish;

mod scene;
mod step;
mod targets;

pub use scene::{FIRED_PATIENCE, Scene};
pub use step::{REPLACE_STEP_MIN, is_moved, is_worth_moving};

use scene::Fired;
use targets::take_profits;

/// One want, before it has a number and a date.
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
    /// Cancel an order.
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
    let snapshot = scene.books.snapshot;
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
    if let Some(reason) = scene.exit_reason() {
        return exit(scene, reason);
    }
    if !scene.books.is_covered() {
        let mut wants = protect(scene);
        wants.extend(scene.sweep_stops(&scene.surplus_of_any_life()));
        return wants;
    }
    let mut wants = scene.sweep_former_stops();
    wants.extend(move_stop(scene));
    wants.extend(scene.sweep_heritage());
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
    let own = scene.held_stop();
    let kept = own.map(|price| StopWish {
        price,
        reason: StopReason::Initial,
    });
    let Some(stop) = scene.moved_stop(own).or(kept) else {
        return Vec::new();
    };
    if scene.is_reached(stop.price) || scene.breached {
        return exit(
            scene,
            "the mark is beyond the stop of an unprotected position",
        );
    }
    if scene.is_confirmed(stop.price) {
        // All that the lot size allows rests already: another one would not cover more.
        return Vec::new();
    }
    let placed = scene.place_stop(stop, "the position is not covered by a stop");
    placed.into_iter().collect()
}

fn exit(scene: &Scene<'_>, reason: &'static str) -> Vec<Want> {
    // A resting take-profit can make the venue refuse a reduce-only close (-4118).
    let is_target = |cause: &OrderCause| matches!(cause.leg, LegId::TakeProfit(_));
    let mut wants = scene.sweep(is_target, "makes way for the exit");
    wants.extend(scene.sweep_handed_targets());
    let snapshot = scene.books.snapshot;
    let qty = snapshot.instrument.floor_market_qty(snapshot.position.qty);
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
    let surplus = scene.surplus();
    if !surplus.is_empty() {
        // One after the other, or stops pile up where level or quantity move all the time.
        return scene.sweep_stops(&surplus);
    }
    let moved = scene.moved_stop(scene.books.best_stop());
    let kept = scene.held_stop().map(|price| StopWish {
        price,
        reason: StopReason::Tighter,
    });
    // Covered by others, and no better level: nothing to do.
    let Some(stop) = moved.or(kept) else {
        return Vec::new();
    };
    // The venue would refuse one that is reached (-2021), and what rests covers the position.
    if scene.is_confirmed(stop.price) || scene.is_reached(stop.price) {
        return Vec::new();
    }
    let placed = scene.place_stop(stop, "the stop follows its rule and the quantity");
    placed.into_iter().collect()
}

#[cfg(test)]
mod tests;
