//! Disaster stop and working stop: place, see it confirmed, then cancel the old one.

use alloc::vec::Vec;

use super::{Named, Scene, TRIGGERED_PATIENCE, Want, kind_of};
use crate::decide::moved;
use crate::desired::floor_price;
use crate::ids::{LegId, Module};
use crate::num::{Price, Qty};
use crate::order::{CloseOrder, OrderStatus, RestingOrder};
use crate::snapshot::{PositionSnapshot, surplus};
use crate::time::{Span, Timestamp};

/// A stop that has come to rest is known to everybody after so long. The guard takes nothing away
/// for the sake of one that its own picture does not show yet.
pub(super) const KNOWN_AFTER: Span = Span::from_millis(100);

/// What must be placed so that the position is protected as desired.
pub(super) fn protect(scene: &Scene<'_>) -> Vec<Want> {
    // Stops that fire are closing the position: another one could only be refused (-2021). But
    // only what they cover is being closed; the rest must be protected all the same.
    let open = scene.snapshot.position.qty;
    let closing = fired(scene.snapshot).map(|order| order.open_qty().unwrap_or(open));
    if !open.is_zero() && closing.fold(Qty::ZERO, Qty::plus) >= open {
        return Vec::new();
    }
    disaster(scene).into_iter().chain(working(scene)).collect()
}

/// The close-position stop. Any that rests will do, ours or not: the venue takes only one.
fn disaster(scene: &Scene<'_>) -> Option<Want> {
    let position = &scene.snapshot.position;
    let trigger = floor_price(position, &scene.snapshot.instrument, scene.policy)?;
    let rests = scene.snapshot.orders.iter().any(|order| {
        order.is_protecting_stop() && matches!(order.order, CloseOrder::DisasterStop { .. })
    });
    if rests {
        return superseded_disaster(scene, trigger);
    }
    if !scene.flight.is_open(LegId::Disaster, scene.now) {
        return None;
    }
    let order = CloseOrder::DisasterStop { trigger };
    Some(Want::Place {
        leg: LegId::Disaster,
        kind: kind_of(LegId::Disaster),
        order,
    })
}

/// The own close-position stop that lies too far beyond the floor, because entry or leverage has
/// changed. It goes before the new one comes, or the venue would refuse that (-4130); so only while
/// the working stop, within the floor, is seen to cover all. It is never replaced by a looser one.
fn superseded_disaster(scene: &Scene<'_>, floor: Price) -> Option<Want> {
    let (stop, qty) = wanted(scene)?;
    let side = scene.snapshot.position.key.side;
    let covers = is_held(scene, stop, qty);
    let all = qty == scene.snapshot.position.qty && !side.is_tighter(floor, stop);
    if !covers || !all || scene.desired.exiting || !scene.snapshot.complete {
        return None;
    }
    let step_min = scene.policy.stops.replace_step_min;
    let is_too_far = |named: &Named<'_>| match named.order.order {
        CloseOrder::DisasterStop { trigger } => {
            side.is_tighter(floor, trigger) && moved(trigger, floor, step_min)
        }
        _ => false,
    };
    let old = scene.own().find(is_too_far)?;
    let rests = old.order.status == OrderStatus::Accepted;
    let reason = "the maximum-loss floor has come nearer";
    rests
        .then(|| scene.cancel(old.order, kind_of(LegId::Disaster), reason))
        .flatten()
}

/// The stop of the desired trigger and of the open quantity.
fn working(scene: &Scene<'_>) -> Option<Want> {
    let (trigger, qty) = wanted(scene)?;
    let confirmed = is_held(scene, trigger, qty);
    let asked = !scene.flight.is_open(LegId::Stop, scene.now);
    if confirmed || asked {
        return None;
    }
    let order = CloseOrder::Stop { qty, trigger };
    Some(Want::Place {
        leg: LegId::Stop,
        kind: kind_of(LegId::Stop),
        order,
    })
}

fn wanted(scene: &Scene<'_>) -> Option<(Price, Qty)> {
    let (position, instrument) = (&scene.snapshot.position, &scene.snapshot.instrument);
    let wished = scene.desired.stop?;
    // The grid may have become coarser since the stop was decided.
    let trigger = instrument.round_stop(position.key.side, wished)?;
    let qty = instrument.floor_qty(position.qty);
    (!qty.is_zero()).then_some((trigger, qty))
}

/// Own stops that are wanted, rest, and are to stay. Only of one that fits is asked whose it is.
fn held<'a>(
    scene: &'a Scene<'_>,
    trigger: Price,
    qty: Qty,
) -> impl Iterator<Item = &'a RestingOrder> {
    let orders = scene.snapshot.orders.iter();
    let fitting = orders.filter(move |order| holds(scene, order, trigger, qty));
    fitting.filter(|order| scene.own_cause(order).is_some())
}

fn is_held(scene: &Scene<'_>, trigger: Price, qty: Qty) -> bool {
    held(scene, trigger, qty).next().is_some()
}

/// Whether `order` is the stop that is wanted, and is to stay: one whose cancel is on its way
/// protects no longer, or two of them could each be canceled for the other's sake.
fn holds(scene: &Scene<'_>, order: &RestingOrder, trigger: Price, qty: Qty) -> bool {
    let going = scene.flight.cancel_since(&order.client_order_id).is_some();
    fits(order, trigger, qty) && !going
}

fn fits(order: &RestingOrder, trigger: Price, qty: Qty) -> bool {
    order.is_protecting_stop()
        && matches!(order.order, CloseOrder::Stop { trigger: at, qty: of }
            if at == trigger && of == qty)
}

/// Whether a stop of this life has fired and not closed the position in time.
pub(super) fn is_stuck(snapshot: &PositionSnapshot, now: Timestamp) -> bool {
    fired(snapshot).any(|order| now.since(order.since) > TRIGGERED_PATIENCE)
}

/// Stops of this life that have fired and not ended. One that hangs since a former life says
/// nothing about this one.
pub(super) fn fired(snapshot: &PositionSnapshot) -> impl Iterator<Item = &RestingOrder> {
    let position = &snapshot.position;
    snapshot.orders.iter().filter(move |order| {
        let fired = matches!(
            order.status,
            OrderStatus::Triggering | OrderStatus::Triggered | OrderStatus::PartiallyFilled
        );
        let of_this_life = || match order.client_order_id.cause(&position.key.symbol) {
            Some(cause) => cause.epoch == position.epoch,
            None => order.since >= position.opened_at,
        };
        fired && order.order.stop_trigger().is_some() && of_this_life()
    })
}

/// Own stops that a confirmed one replaces, orders of former lives, orders that the incumbents
/// left. Before the working stop is seen to rest only what covers nothing is swept.
pub(super) fn sweep_superseded(scene: &Scene<'_>) -> Vec<Want> {
    let Some((trigger, qty)) = wanted(scene) else {
        return Vec::new();
    };
    let mut held = held(scene, trigger, qty).peekable();
    if held.peek().is_none() {
        return sweep_surplus(scene);
    }
    if !held.any(|order| scene.now.since(order.since) >= KNOWN_AFTER) {
        return Vec::new();
    }
    let epoch = scene.snapshot.position.epoch;
    let mut kept = false;
    let mut wants = Vec::new();
    for named in scene.named() {
        let own = named.cause.module == Module::ExitExecutor && named.cause.epoch == epoch;
        let reason = if !own {
            Some("left by a former owner or a former life")
        } else if named.cause.leg != LegId::Stop {
            None
        } else if holds(scene, named.order, trigger, qty) && !kept {
            kept = true;
            None
        } else {
            Some("replaced by a confirmed stop")
        };
        // One that fired can't be canceled; it is watched instead.
        let rests = named.order.status == OrderStatus::Accepted
            || named.order.order.stop_trigger().is_none();
        if let Some(reason) = reason.filter(|_| rests) {
            wants.extend(scene.cancel(named.order, kind_of(named.cause.leg), reason));
        }
    }
    wants
}

/// Stops, of whoever of us, that cover nothing which the others do not. They go whether or not the
/// working stop rests: it never would where the quantity moves all the time, nor where the account
/// is full of such (-4045).
fn sweep_surplus(scene: &Scene<'_>) -> Vec<Want> {
    let position = &scene.snapshot.position;
    let stops = scene.named().map(|named| named.order);
    let stops = stops.filter(|order| matches!(order.order, CloseOrder::Stop { .. }));
    let rank = |order: &RestingOrder| match order.client_order_id.cause(&position.key.symbol) {
        Some(cause) if cause.epoch != position.epoch => 2,
        Some(cause) if cause.module == Module::ExitExecutor => 0,
        _ => 1,
    };
    let is_going =
        |order: &RestingOrder| scene.flight.cancel_since(&order.client_order_id).is_some();
    let surplus = surplus(position.key.side, position.qty, stops, rank, is_going);
    let reason = "others cover the position";
    let wants = surplus.into_iter();
    wants
        .filter_map(|order| scene.cancel(order, kind_of(LegId::Stop), reason))
        .collect()
}

/// Flat for sure: every order of ours for this side goes, but the close-position stop, which the
/// venue expires by itself.
pub(super) fn sweep_flat(scene: &Scene<'_>) -> Vec<Want> {
    scene
        .named()
        .filter(|named| named.order.status != OrderStatus::Triggering)
        .filter(|named| !matches!(named.order.order, CloseOrder::DisasterStop { .. }))
        .filter_map(|named| {
            scene.cancel(
                named.order,
                kind_of(named.cause.leg),
                "the position is closed",
            )
        })
        .collect()
}
