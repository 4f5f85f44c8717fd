//! A numbered, dated, expiring wish to trade. Closing is the only wish there is.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::decision::StopReason;
use crate::ids::{ClientOrderId, Epoch, Module, PositionKey};
use crate::num::Ratio;
use crate::order::{CloseOrder, OrderKind};
use crate::plan::PlanId;
use crate::time::Timestamp;

/// An intent's id, derived from what it wants: the same wish always has the same id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(String);

impl IntentId {
    /// The id of the wish to place the order that bears `client_order_id`.
    #[must_use]
    pub fn place(client_order_id: &ClientOrderId) -> Self {
        Self(client_order_id.as_str().into())
    }

    /// The id of the wish of `asked_at` to cancel `target`. It bears the time and no count of
    /// attempts: a count starts anew with a process and with a position's next life, and whoever
    /// remembers ids takes the first wishes after it for repeated ones.
    #[must_use]
    pub fn cancel(target: &ClientOrderId, asked_at: Timestamp) -> Self {
        Self(format!("cancel-{}-{target}", asked_at.micros()))
    }

    /// An id as it came over the wire.
    #[must_use]
    pub fn from_wire(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wish {
    /// Place this order under this name.
    Place {
        /// Its name on the venue, derived from position, leg and generation.
        client_order_id: ClientOrderId,
        /// What to place.
        order: CloseOrder,
    },
    /// Cancel the order of this name.
    Cancel {
        /// Its name on the venue.
        target: ClientOrderId,
        /// Whether it is a conditional order, which lives in a book of its own.
        conditional: bool,
    },
}

/// The wish of one module for one position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderIntent {
    /// Derived id.
    pub id: IntentId,
    /// Whose position.
    pub key: PositionKey,
    /// Which life of it.
    pub epoch: Epoch,
    /// Who wants it; must equal the module of the subject it came by.
    pub module: Module,
    /// What for.
    pub kind: OrderKind,
    /// What.
    pub wish: Wish,
    /// The decision type behind it, the owner's name.
    pub decision: String,
    /// Why the stop moves, for a stop.
    pub stop_reason: Option<StopReason>,
    /// Why, for people.
    pub reason: String,
    /// 0 to 1.
    pub confidence: Ratio,
    /// The plan behind it.
    pub plan_id: Option<PlanId>,
    /// Counts up by one for what is owned under one token: of an executor a position, of an
    /// incumbent all that it asks for. Without a lease it is a time in microseconds.
    pub sequence: u64,
    /// Fencing token of the publisher: a newer owner has a higher one.
    pub fence: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it must not be acted on.
    pub expires_at: Timestamp,
    /// When the mark that caused it was received, where a mark caused it.
    pub tick_received_at: Option<Timestamp>,
}

impl OrderIntent {
    /// The order that it is about: the one to place, or the one to cancel.
    #[must_use]
    pub const fn client_order_id(&self) -> &ClientOrderId {
        match &self.wish {
            Wish::Place {
                client_order_id, ..
            } => client_order_id,
            Wish::Cancel { target, .. } => target,
        }
    }

    /// Whether it asks for a stop: what may be asked for without a lease, and nothing else.
    #[must_use]
    pub const fn places_stop(&self) -> bool {
        match &self.wish {
            Wish::Place { order, .. } => order.stop_trigger().is_some(),
            Wish::Cancel { .. } => false,
        }
    }
}

/// The guard's yes, as it travels: it is worth something only with the guard's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What was approved.
    pub intent: OrderIntent,
    /// Boot time of the guard in microseconds: a newer guard has a higher one.
    pub guard_boot: u64,
    /// Counts up by one with each approval of this guard.
    pub sequence: u64,
    /// When it was approved.
    pub approved_at: Timestamp,
    /// From when on it must not be acted on.
    pub expires_at: Timestamp,
    /// Fencing token of the gateway that is to act on it, so that no two do; none is whichever
    /// acts.
    pub gateway: Option<u64>,
}

/// The guard's no, to the module and to everybody who listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Whose wish.
    pub intent_id: IntentId,
    /// Whose position.
    pub key: PositionKey,
    /// Who wanted it.
    pub module: Module,
    /// Which of its owners: the intent's fencing token. Two of them derive the same ids.
    pub fence: u64,
    /// What for.
    pub kind: OrderKind,
    /// Stable reason code, `CATEGORY_CONDITION`.
    pub code: String,
    /// The facts, for people.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}
