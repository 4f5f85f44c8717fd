//! Fills that are known by their order and not yet by the position: a limit that is gone has closed
//! something, or was canceled; the position tells which.

use alloc::collections::BTreeMap;

use super::FILL_LAG;
use crate::ids::ClientOrderId;
use crate::num::Qty;
use crate::order::CloseOrder;
use crate::snapshot::PositionSnapshot;
use crate::time::Timestamp;

/// What was seen last, and what is missing since.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Fills {
    limits: BTreeMap<ClientOrderId, Qty>,
    closed: Qty,
    unseen: Qty,
    since: Option<Timestamp>,
}

impl Fills {
    pub(super) const fn unseen(&self) -> Qty {
        self.unseen
    }

    /// A limit has filled that was never seen to rest.
    pub(super) fn expect(&mut self, order: &CloseOrder, now: Timestamp) {
        if let CloseOrder::Limit { qty, .. } = order {
            self.unseen = self.unseen.plus(*qty);
            self.since = Some(now);
        }
    }

    /// Compares with a newer picture: what is gone without having been canceled by us is waited for
    /// until the position tells of it, or for so long that somebody else has canceled it.
    pub(super) fn watch(
        &mut self,
        snapshot: &PositionSnapshot,
        is_canceled: impl Fn(&ClientOrderId) -> bool,
        now: Timestamp,
    ) {
        let limits = snapshot.orders.iter().filter_map(|order| {
            let is_limit = matches!(order.order, CloseOrder::Limit { .. });
            let open = order.open_qty().filter(|_| is_limit)?;
            Some((order.client_order_id.clone(), open))
        });
        let limits: BTreeMap<ClientOrderId, Qty> = limits.collect();
        let left = |id: &ClientOrderId| limits.get(id).copied().unwrap_or(Qty::ZERO);
        let filled = self.limits.iter().filter(|(id, _)| !is_canceled(id));
        let gone = filled.map(|(id, open)| open.saturating_sub(left(id)));
        let gone = gone.fold(Qty::ZERO, Qty::plus);
        let closed = snapshot.position.closed_qty();
        let told = closed.saturating_sub(self.closed);
        self.unseen = self.unseen.plus(gone).saturating_sub(told);
        if !gone.is_zero() {
            self.since = Some(now);
        }
        if self.since.is_none_or(|since| now.since(since) > FILL_LAG) {
            self.unseen = Qty::ZERO;
        }
        (self.limits, self.closed) = (limits, closed);
    }
}
