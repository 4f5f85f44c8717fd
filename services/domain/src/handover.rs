//! What an executor that acts no more says of each position that it leaves: to whom it may concern,
//! this rests under my names, and this was not finished.

use alloc::string::String;
use alloc::vec::Vec;

use crate::ids::{Epoch, PositionKey};
use crate::num::Qty;
use crate::order::RestingOrder;
use crate::time::Timestamp;

/// One position passes to the incumbents. It is said again every second until one of them lists the
/// position as taken over; whoever never hears it finds the same in the gateway's pictures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handover {
    /// The position.
    pub key: PositionKey,
    /// Which life of it.
    pub epoch: Epoch,
    /// What is open of it, as last observed.
    pub qty: Qty,
    /// Everything that rests under the executor's names, of this life: name, kind, level, quantity.
    pub orders: Vec<RestingOrder>,
    /// An exit that was decided and has not closed the position.
    pub closing: Option<Closing>,
    /// Which executor says it.
    pub instance: String,
    /// Its fencing token.
    pub fence: u64,
    /// Revision of the mode that it acts on; 0 where it has heard none.
    pub revision: u64,
    /// Why it acts no more, for people.
    pub reason: String,
    /// When it was said.
    pub at: Timestamp,
}

impl Handover {
    /// What a successor knows that has heard this after `known`; none where that is no news. An
    /// exit that was begun stays to be finished: an executor that has died meanwhile and started
    /// anew does not know of it.
    #[must_use]
    pub fn heard_after(self, known: Option<&Self>) -> Option<Self> {
        let known = known.filter(|known| known.epoch == self.epoch);
        if known.is_some_and(|known| known.at >= self.at) {
            return None;
        }
        let begun = known.and_then(|known| known.closing);
        let closing = self.closing.or(begun);
        Some(Self { closing, ..self })
    }
}

/// An exit of the whole position that the executor leaves unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closing {
    /// From then on no order that the executor has asked for can still reach the venue unseen:
    /// what is open then, the successor closes.
    pub settled_at: Timestamp,
}
