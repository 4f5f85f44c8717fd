//! What this executor leaves to whoever acts on a position after it.

use domain::Timestamp;
use domain::handover::Closing;
use domain::ids::{LegId, Module};
use domain::order::RestingOrder;

use super::Life;

impl Life {
    /// What rests under this module's names for this life.
    pub(crate) fn own_orders(&self) -> Vec<RestingOrder> {
        let position = &self.snapshot.position;
        let is_own = |order: &&RestingOrder| {
            let cause = order.client_order_id.cause(&position.key.symbol);
            cause.is_some_and(|cause| {
                let whose = (cause.module, cause.side, cause.epoch);
                whose == (Module::ExitExecutor, position.key.side, position.epoch)
            })
        };
        self.snapshot
            .orders
            .iter()
            .filter(is_own)
            .cloned()
            .collect()
    }

    /// The exit that it has decided and leaves to others.
    pub(crate) fn closing(&self, now: Timestamp) -> Option<Closing> {
        let settled_at = self.flight.settled_at(LegId::Exit, now);
        self.left_closing.then_some(Closing { settled_at })
    }
}
