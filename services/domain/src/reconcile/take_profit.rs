//! The ladder on the venue: total never above the position, the stop never touched.

use alloc::vec::Vec;

use super::{Named, PARTIAL_LEG, Scene, Want, kind_of};
use crate::decision::Target;
use crate::ids::{LegId, Module};
use crate::ladder::open_beyond;
use crate::num::{Price, Qty};
use crate::order::{CloseOrder, RestingOrder};

/// Cancels what does not fit, then places what is missing. Targets are not protection, so here
/// the cancel comes first: two orders of one leg could close more than its share.
pub(super) fn ladder(scene: &Scene<'_>) -> Vec<Want> {
    // Without a plan for this position there is nothing to compare with: what rests may stay.
    if scene.desired.targets_plan.is_none() {
        return excess(scene);
    }
    let open = wanted(scene);
    let mut room = nearer_room(scene);
    let mut kept: Vec<LegId> = Vec::new();
    let mut wants = Vec::new();
    for named in own_targets(scene) {
        let leg = named.cause.leg;
        let fits = open.iter().any(|(target, qty)| {
            leg == LegId::TakeProfit(target.leg) && fits(scene, named.order, target, *qty)
        });
        // A second one for the same leg would close its share twice.
        if !kept.contains(&leg) && (fits || fits_nearer(scene, &named, &open, &mut room)) {
            kept.push(leg);
        } else {
            wants.extend(cancel(scene, &named, "the ladder has changed"));
        }
    }
    for (target, qty) in &open {
        wants.extend(place(scene, target, *qty));
    }
    wants
}

fn own_targets<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = Named<'a>> {
    let is_target = |named: &Named<'_>| matches!(named.cause.leg, LegId::TakeProfit(_));
    scene.own().filter(is_target)
}

fn cancel(scene: &Scene<'_>, named: &Named<'_>, reason: &'static str) -> Option<Want> {
    scene.cancel(named.order, kind_of(named.cause.leg), reason)
}

/// What rests for more than is open goes, the farthest first.
fn excess(scene: &Scene<'_>) -> Vec<Want> {
    let mut room = scene.snapshot.position.qty;
    let mut targets: Vec<Named<'_>> = own_targets(scene).collect();
    targets.sort_by_key(|named| named.cause.leg);
    targets.retain(|named| {
        let open = named.order.open_qty().unwrap_or(Qty::ZERO);
        let fits = open <= room;
        if fits {
            room = room.saturating_sub(open);
        }
        !fits
    });
    let reason = "it is for more than is open";
    let wants = targets.iter();
    wants.filter_map(|it| cancel(scene, it, reason)).collect()
}

/// What should rest beyond a part that is to be closed.
pub(super) fn wanted(scene: &Scene<'_>) -> Vec<(Target, Qty)> {
    let snapshot = scene.snapshot;
    let (targets, keep) = (&scene.desired.targets, scene.desired.keep);
    open_beyond(targets, &snapshot.position, keep, &snapshot.instrument)
}

/// What may be closed before the level that a part goes down to.
fn nearer_room(scene: &Scene<'_>) -> Qty {
    let keep = scene.desired.keep.unwrap_or(scene.snapshot.position.qty);
    scene.snapshot.position.qty.saturating_sub(keep)
}

/// A target nearer than the part, whose price the mark has reached: it fills by itself, and what it
/// closes is not closed at market. None is placed there any more.
fn fits_nearer(
    scene: &Scene<'_>,
    named: &Named<'_>,
    beyond: &[(Target, Qty)],
    room: &mut Qty,
) -> bool {
    let same = |target: &&Target| {
        let same_leg = LegId::TakeProfit(target.leg) == named.cause.leg;
        let is_beyond = beyond.iter().any(|(other, _)| other == *target);
        same_leg && !is_beyond && is_at(scene, &named.order.order, target)
    };
    let open = named.order.open_qty().unwrap_or(Qty::ZERO);
    let fits = scene.desired.targets.iter().any(|it| same(&it)) && open <= *room;
    if fits {
        *room = room.saturating_sub(open);
    }
    fits
}

/// A partly filled target keeps its place: what is left of it is compared.
fn fits(scene: &Scene<'_>, order: &RestingOrder, target: &Target, qty: Qty) -> bool {
    is_at(scene, &order.order, target) && order.open_qty() == Some(qty)
}

/// Whether it is a limit at the target's price, or where that is on today's grid.
pub(super) fn is_at(scene: &Scene<'_>, order: &CloseOrder, target: &Target) -> bool {
    let on_grid = on_grid(scene, target);
    matches!(order, CloseOrder::Limit { price, .. }
        if *price == target.price || Some(*price) == on_grid)
}

/// The target's price on the grid, which may have become coarser since it was decided.
fn on_grid(scene: &Scene<'_>, target: &Target) -> Option<Price> {
    let snapshot = scene.snapshot;
    let side = snapshot.position.key.side;
    snapshot.instrument.round_target(side, target.price)
}

fn place(scene: &Scene<'_>, target: &Target, qty: Qty) -> Option<Want> {
    let leg = LegId::TakeProfit(target.leg);
    // One of a former life, or of this one before the gateway corrected its name, closes it too.
    let is_of_leg = |it: &Named<'_>| it.cause.module == Module::ExitExecutor && it.cause.leg == leg;
    let may_rest = !scene.snapshot.complete || scene.named().any(|it| is_of_leg(&it));
    // One that is gone may have filled, and the position does not tell it yet.
    let is_unseen = !scene.flight.unseen_fills().is_zero();
    // What is closed is counted nearest first. Beside a part that is on its way it does not tell
    // which of the two has been closed: the same share would be offered again.
    let is_unsettled = scene.flight.pending(PARTIAL_LEG).is_some();
    if may_rest || is_unseen || is_unsettled || !scene.flight.is_open(leg, scene.now) {
        return None;
    }
    // Only under a resting stop: protection comes first.
    if scene.snapshot.protected_qty() < scene.snapshot.position.qty {
        return None;
    }
    let order = CloseOrder::Limit {
        qty,
        price: on_grid(scene, target)?,
    };
    Some(Want::Place {
        leg,
        kind: kind_of(leg),
        order,
    })
}
