//! Take-profits: what should rest against what rests, beside the limits of others and the room
//! that modules before this one are left.

use domain::Qty;
use domain::decision::Target;
use domain::ids::{LegId, OrderCause};
use domain::ladder::open_quantities;
use domain::order::{CloseOrder, OrderKind, RestingOrder};

use super::{Scene, Want, is_moved};

/// Cancels first: together the limits never exceed the position. Incumbents share it in the order
/// of their table: each leaves the room that those before it may claim, rested in or not, so what
/// each gets does not depend on who is faster. What already rests is judged without the others,
/// what is placed fits beside them, or two of them would cancel for each other forever.
pub(super) fn take_profits(scene: &Scene<'_>) -> Vec<Want> {
    let snapshot = scene.books.snapshot;
    let epoch = snapshot.position.epoch;
    let former =
        |cause: &OrderCause| cause.epoch != epoch && matches!(cause.leg, LegId::TakeProfit(_));
    let mut wants = scene.sweep(former, "left by a former life");
    let Some(targets) = scene.wishes.targets.as_ref().filter(|_| !scene.unsettled) else {
        return wants;
    };
    let open = |left| open_quantities(targets, &snapshot.position, left, &snapshot.instrument);
    let reserved = scene.books.rest_of(scene.beside.reserved);
    let room = scene.books.left_by_strangers().saturating_sub(reserved);
    let most = open(room);
    let fitting = open(room.min(scene.books.left_by_others()));
    let resting: Vec<(&RestingOrder, u8)> = scene.books.own_targets().collect();
    let keeps = |order: &RestingOrder, leg: u8| {
        let price = most.iter().find(|(target, _)| target.leg == leg);
        let at = price.is_some_and(|(target, _)| is_at(order, target));
        let open = order.open_qty();
        at && open.is_some_and(|open| qty(&fitting, leg) <= open && open <= qty(&most, leg))
    };
    let stray = resting.iter().filter(|(order, leg)| !keeps(order, *leg));
    wants.extend(stray.filter_map(|(order, _)| {
        scene.cancel(order, OrderKind::Tp, "another target is wished for")
    }));
    if !resting.iter().all(|(order, leg)| keeps(order, *leg)) {
        return wants;
    }
    let missing = fitting.iter().filter(|(target, _)| {
        let rests = resting.iter().any(|(_, leg)| *leg == target.leg);
        let leg = LegId::TakeProfit(target.leg);
        !rests && scene.flight.is_open(leg, scene.now)
    });
    wants.extend(missing.map(|(target, qty)| place(target, *qty)));
    wants
}

fn place(target: &Target, qty: Qty) -> Want {
    Want::Place {
        leg: LegId::TakeProfit(target.leg),
        kind: OrderKind::Tp,
        order: CloseOrder::Limit {
            qty,
            price: target.price,
        },
        stop_reason: None,
        reason: "a wished target does not rest",
    }
}

fn qty(open: &[(Target, Qty)], leg: u8) -> Qty {
    let found = open.iter().find(|(target, _)| target.leg == leg);
    found.map_or(Qty::ZERO, |(_, qty)| *qty)
}

fn is_at(order: &RestingOrder, target: &Target) -> bool {
    match order.order {
        CloseOrder::Limit { price, .. } => !is_moved(target.price, price),
        CloseOrder::Market { .. } | CloseOrder::Stop { .. } | CloseOrder::DisasterStop { .. } => {
            false
        }
    }
}
