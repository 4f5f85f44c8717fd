//! The ladder on the venue: total never above the position, the stop never touched.

use alloc::vec::Vec;

use super::{Scene, Want, kind_of};
use crate::decision::Target;
use crate::ids::LegId;
use crate::ladder::open_quantities;
use crate::num::Qty;
use crate::order::{CloseOrder, RestingOrder};

/// Cancels what does not fit, then places what is missing. Targets are not protection, so here
/// the cancel comes first: two orders of one leg could close more than its share.
pub(super) fn ladder(scene: &Scene<'_>) -> Vec<Want> {
    // Before the first plan of this boot there is nothing to compare with: what rests may stay.
    if scene.desired.targets_plan.is_none() {
        return Vec::new();
    }
    let open = wanted(scene);
    let mut kept: Vec<LegId> = Vec::new();
    let mut wants: Vec<Want> = scene
        .own()
        .filter(|named| matches!(named.cause.leg, LegId::TakeProfit(_)))
        .filter(|named| {
            let leg = named.cause.leg;
            let fits = open.iter().any(|(target, qty)| {
                leg == LegId::TakeProfit(target.leg) && fits(named.order, target, *qty)
            });
            // A second one for the same leg would close its share twice.
            let keeps = fits && !kept.contains(&leg);
            if keeps {
                kept.push(leg);
            }
            !keeps
        })
        .filter_map(|named| {
            scene.cancel(
                named.order,
                kind_of(named.cause.leg),
                "the ladder has changed",
            )
        })
        .collect();
    for (target, qty) in &open {
        wants.extend(place(scene, target, *qty));
    }
    wants
}

fn wanted(scene: &Scene<'_>) -> Vec<(Target, Qty)> {
    let position = &scene.snapshot.position;
    let open_max = scene
        .desired
        .keep
        .map_or(position.qty, |keep| keep.min(position.qty));
    open_quantities(
        &scene.desired.targets,
        position,
        open_max,
        &scene.snapshot.instrument,
    )
}

/// A partly filled target keeps its place: what is left of it is compared.
fn fits(order: &RestingOrder, target: &Target, qty: Qty) -> bool {
    matches!(order.order, CloseOrder::Limit { price, .. } if price == target.price)
        && order.open_qty() == Some(qty)
}

fn place(scene: &Scene<'_>, target: &Target, qty: Qty) -> Option<Want> {
    let leg = LegId::TakeProfit(target.leg);
    let rests = scene.own().any(|named| named.cause.leg == leg);
    if rests || !scene.flight.is_open(leg, scene.now) {
        return None;
    }
    // Only under a resting stop: protection comes first.
    if scene.snapshot.protected_qty() < scene.snapshot.position.qty {
        return None;
    }
    let order = CloseOrder::Limit {
        qty,
        price: target.price,
    };
    Some(Want::Place {
        leg,
        kind: kind_of(leg),
        order,
    })
}
