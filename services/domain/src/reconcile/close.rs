//! Market closes, of a part and of everything: free what blocks, send, stay on it until the
//! position itself says done.

use alloc::vec::Vec;

use super::{FREE_PATIENCE, Named, Scene, Want, kind_of, take_profit};
use crate::decision::Target;
use crate::ids::{LegId, Module};
use crate::num::Qty;
use crate::order::{CloseOrder, OrderKind, RestingOrder};

/// Number of the market close of a part; one at a time.
pub const PARTIAL_LEG: LegId = LegId::Partial(1);

/// Everything: targets go first, since a resting target can make a reduce-only close fail; stops
/// stay until the venue says flat.
pub(super) fn exit(scene: &Scene<'_>) -> Vec<Want> {
    let mut wants = free(scene);
    let qty = exit_qty(scene);
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

/// The whole; after a refusal what strangers' limits leave of it, if anything: in hedge mode the
/// venue refuses a close that is larger than that, and their orders are not ours to cancel.
fn exit_qty(scene: &Scene<'_>) -> Qty {
    let snapshot = scene.snapshot;
    let floored = |qty: Qty| snapshot.instrument.floor_market_qty(qty);
    let whole = floored(snapshot.position.qty);
    if !scene.flight.was_refused(LegId::Exit) {
        return whole;
    }
    let symbol = &snapshot.position.key.symbol;
    let strangers = snapshot
        .orders
        .iter()
        .filter(|order| is_limit(&order.order) && order.client_order_id.cause(symbol).is_none());
    let taken = strangers.filter_map(RestingOrder::open_qty);
    let taken = taken.fold(Qty::ZERO, Qty::plus);
    let free = floored(snapshot.position.qty.saturating_sub(taken));
    if free.is_zero() { whole } else { free }
}

/// A part: down to what is to be kept.
pub(super) fn partial(scene: &Scene<'_>) -> Vec<Want> {
    let qty = part_due(scene);
    let asked = !scene.flight.is_open(PARTIAL_LEG, scene.now)
        || scene.flight.pending(LegId::Exit).is_some();
    let protected = scene.snapshot.protected_qty() >= scene.snapshot.position.qty;
    // A list that may lack orders does not tell what will fill by itself.
    if qty.is_zero() || asked || !protected || !scene.snapshot.complete {
        return Vec::new();
    }
    let order = CloseOrder::Market { qty };
    alloc::vec![Want::Place {
        leg: PARTIAL_LEG,
        kind: kind_of(PARTIAL_LEG),
        order
    }]
}

/// How much of the part is to be closed at market, of what is known now: not what nearer limits
/// close by themselves, nor what they have closed and the position does not tell yet.
#[must_use]
pub fn part_due(scene: &Scene<'_>) -> Qty {
    let Some(keep) = scene.desired.keep else {
        return Qty::ZERO;
    };
    let due = scene.snapshot.position.qty.saturating_sub(keep);
    let by_limits = limits_beside(scene).plus(scene.flight.unseen_fills());
    let instrument = &scene.snapshot.instrument;
    instrument.floor_market_qty(due.saturating_sub(by_limits))
}

/// What limits may still close, resting or on their way, beside those that are to rest beyond the
/// part: each of them can fill until it is seen to be gone.
fn limits_beside(scene: &Scene<'_>) -> Qty {
    let beyond = take_profit::wanted(scene);
    let is_beyond = |leg: LegId, order: &CloseOrder, open: Qty| {
        let fits = |(target, qty): &(Target, Qty)| {
            let same = LegId::TakeProfit(target.leg) == leg && *qty == open;
            same && take_profit::is_at(scene, order, target)
        };
        beyond.iter().any(fits)
    };
    let own = |named: &Named<'_>| {
        let is_of_this_life = named.cause.epoch == scene.snapshot.position.epoch;
        named.cause.module == Module::ExitExecutor && is_of_this_life
    };
    let limits = scene.named().filter(|named| is_limit(&named.order.order));
    let resting = limits.filter_map(|named| {
        let open = named.order.open_qty()?;
        let counts = !own(&named) || !is_beyond(named.cause.leg, &named.order.order, open);
        counts.then_some(open)
    });
    let pending = scene.flight.pending_limits().filter_map(|(leg, order)| {
        let open = order.qty()?;
        (!is_beyond(leg, order, open)).then_some(open)
    });
    resting.chain(pending).fold(Qty::ZERO, Qty::plus)
}

const fn is_limit(order: &CloseOrder) -> bool {
    matches!(order, CloseOrder::Limit { .. })
}

/// Limits that close this side until they are gone, whoever placed them under a name of ours.
fn blockers<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = &'a RestingOrder> {
    scene
        .named()
        .map(|named| named.order)
        .filter(|order| is_limit(&order.order))
        .filter(|order| !scene.flight.has_filled(&order.client_order_id))
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
