//! What was asked for under another name: by another process, or by this one before the gateway has
//! read another begin of the position off the venue.

use super::{Flight, Heard, Pending};
use crate::ids::{LegId, Module};
use crate::order::{CloseOrder, OrderEvent, OrderStatus};
use crate::time::Timestamp;

impl Flight {
    /// Shares that were asked for in the life before this one are on their way still, or rested
    /// until now: where it is the same position under another begin, they close it too. Stops and
    /// exits are for all that is open: a second one does no harm.
    pub fn inherit(&mut self, former: &Self) {
        for (leg, pending) in former.legs.iter().filter(|(leg, _)| leg.is_share()) {
            self.legs.entry(*leg).or_insert_with(|| pending.clone());
        }
        self.cancels.clone_from(&former.cancels);
        self.filled.clone_from(&former.filled);
        self.fills.clone_from(&former.fills);
    }

    /// News of a part that another process of the executor has asked for: the one before this one,
    /// or the owner of what this one stands by for. The position may not tell yet what it closes,
    /// so it counts as on its way like one of our own.
    pub(super) fn overhear(&mut self, event: &OrderEvent, now: Timestamp) {
        let is_filled = event.status == OrderStatus::Filled || !event.filled_qty.is_zero();
        let over = event.status.is_final() && !is_filled;
        let cause = event.client_order_id.cause(&event.key.symbol);
        let part = cause.filter(|it| {
            it.module == Module::ExitExecutor && matches!(it.leg, LegId::Partial(_)) && !over
        });
        let Some(cause) = part else {
            return;
        };
        self.legs.entry(cause.leg).or_insert_with(|| Pending {
            client_order_id: event.client_order_id.clone(),
            order: CloseOrder::Market {
                qty: event.filled_qty,
            },
            expires_at: now,
            status: event.status,
            heard: Some(Heard {
                said_at: event.at,
                at: now,
            }),
        });
    }
}
