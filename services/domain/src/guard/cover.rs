//! What a cancel would leave: the second wall behind place, confirm, then cancel.

use super::{DenyReason, Memory};
use crate::ids::ClientOrderId;
use crate::instrument::Instrument;
use crate::num::Qty;
use crate::order::{CloseOrder, RestingOrder};
use crate::snapshot::{PositionSnapshot, covered};

/// Whether the cancel takes cover away. Stops whose cancel was approved before count as gone
/// already, so that two cancels can't pass against one picture.
pub(super) fn takes_cover(
    target: &ClientOrderId,
    snapshot: &PositionSnapshot,
    memory: &Memory,
) -> Result<bool, DenyReason> {
    let (open, instrument) = (snapshot.position.qty, &snapshot.instrument);
    let stays = |order: &&RestingOrder| {
        let id = &order.client_order_id;
        id == target || !memory.is_canceling(id, snapshot.at)
    };
    let orders = snapshot.orders.iter().filter(stays);
    keeps_cover(target, (open, instrument), orders)
}

/// No cancel may leave an open position with less than full cover: the second wall behind
/// place, confirm, then cancel. `orders` are the target and what stays beside it. The disaster stop
/// lies far away: what working stops cover stays covered by working stops. Returns whether the
/// target is cover at all.
///
/// # Errors
/// [`DenyReason::ProtectionLast`] with what would be left.
pub fn keeps_cover<'a>(
    target: &ClientOrderId,
    (open, instrument): (Qty, &Instrument),
    orders: impl Iterator<Item = &'a RestingOrder> + Clone,
) -> Result<bool, DenyReason> {
    let is_target = |order: &RestingOrder| order.client_order_id == *target;
    let is_stop = orders
        .clone()
        .any(|it| is_target(it) && it.is_protecting_stop());
    if open.is_zero() || !is_stop {
        return Ok(false);
    }
    let after = orders.clone().filter(|it| !is_target(it));
    let tight = instrument.floor_qty(open);
    let left = covered(open, after.clone());
    let tight_left = covered(tight, working(after));
    if left < open || tight_left < covered(tight, working(orders)) {
        let (covered, target) = (left.min(tight_left), target.as_str().into());
        return Err(DenyReason::ProtectionLast {
            target,
            covered,
            open,
        });
    }
    Ok(true)
}

/// The working stops: those that are not of the size of whatever is open.
fn working<'a>(
    orders: impl Iterator<Item = &'a RestingOrder>,
) -> impl Iterator<Item = &'a RestingOrder> {
    orders.filter(|order| matches!(order.order, CloseOrder::Stop { .. }))
}
