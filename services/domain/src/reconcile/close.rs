//! Market closes, of a part and of everything: free what blocks, send, stay on it until the
//! position itself says done.

use alloc::vec::Vec;

use super::{FREE_PATIENCE, Scene, Want, kind_of};
use crate::ids::LegId;
use crate::num::Qty;
use crate::order::{CloseOrder, OrderKind, RestingOrder};

/// Number of the market close of a part; one at a time.
const PARTIAL_LEG: LegId = LegId::Partial(1);

/// Everything: targets go first, since a resting target can make a reduce-only close fail; stops
/// stay until the venue says flat.
pub(super) fn exit(scene: &Scene<'_>) -> Vec<Want> {
    let mut wants = free(scene);
    let qty = scene
        .snapshot
        .instrument
        .floor_market_qty(scene.snapshot.position.qty);
    let ready = is_free(scene) && scene.flight.pending(PARTIAL_LEG).is_none();
    if ready && !qty.is_zero() && scene.flight.is_open(LegId::Exit, scene.now) {
        let order = CloseOrder::Market { qty };
        wants.push(Want::Place {
            leg: LegId::Exit,
            kind: OrderKind::EmergencyExit,
            order,
        });
    }
    wants
}

/// A part: down to what is to be kept.
pub(super) fn partial(scene: &Scene<'_>) -> Vec<Want> {
    let Some(keep) = scene.desired.keep else {
        return Vec::new();
    };
    let position = &scene.snapshot.position;
    let due = position.qty.saturating_sub(keep);
    let qty = scene.snapshot.instrument.floor_market_qty(due);
    let asked = !scene.flight.is_open(PARTIAL_LEG, scene.now)
        || scene.flight.pending(LegId::Exit).is_some();
    // The ladder shrinks to what is kept by its own comparison; here it is only waited for.
    let blocked = resting_targets(scene) > keep && !is_free(scene);
    let protected = scene.snapshot.protected_qty() >= position.qty;
    if qty.is_zero() || asked || blocked || !protected {
        return Vec::new();
    }
    let order = CloseOrder::Market { qty };
    alloc::vec![Want::Place {
        leg: PARTIAL_LEG,
        kind: kind_of(PARTIAL_LEG),
        order
    }]
}

fn resting_targets(scene: &Scene<'_>) -> Qty {
    blockers(scene)
        .filter_map(RestingOrder::open_qty)
        .fold(Qty::ZERO, Qty::plus)
}

/// Resting limits that close this side, whoever placed them under a name of ours.
fn blockers<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = &'a RestingOrder> {
    scene
        .named()
        .map(|named| named.order)
        .filter(|order| matches!(order.order, CloseOrder::Limit { .. }))
}

fn free(scene: &Scene<'_>) -> Vec<Want> {
    blockers(scene)
        .filter_map(|order| scene.cancel(order, OrderKind::Tp, "it blocks a close"))
        .collect()
}

/// Whether nothing blocks any more, or has been given long enough to go.
fn is_free(scene: &Scene<'_>) -> bool {
    blockers(scene).all(|order| {
        let since = scene.flight.cancel_since(&order.client_order_id);
        since.is_some_and(|since| scene.now.since(since) > FREE_PATIENCE)
    })
}
