//! Orders as the venue knows them: what can be asked for, the life of one, what rests there.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::ids::{ClientOrderId, Epoch, Module, NameError, PositionKey};
use crate::intent::IntentId;
use crate::num::{Price, Qty};
use crate::time::{Span, Timestamp};

mod status;

pub use status::{InvalidTransition, OrderStatus};

/// What may be asked of the venue. Every variant can only close: an order that opens or
/// increases a position can't be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseOrder {
    /// Reduce-only market order.
    Market {
        /// Base asset.
        qty: Qty,
    },
    /// Reduce-only good-till-cancel limit order.
    Limit {
        /// Base asset.
        qty: Qty,
        /// Limit price on the grid.
        price: Price,
    },
    /// Reduce-only stop-market order on the mark price.
    Stop {
        /// Base asset.
        qty: Qty,
        /// Trigger on the grid.
        trigger: Price,
    },
    /// Close-position stop-market order on the mark price; the venue sizes it when it fires.
    DisasterStop {
        /// Trigger on the grid.
        trigger: Price,
    },
}

impl CloseOrder {
    /// The trigger of a stop.
    #[must_use]
    pub const fn stop_trigger(&self) -> Option<Price> {
        match self {
            Self::Stop { trigger, .. } | Self::DisasterStop { trigger } => Some(*trigger),
            Self::Market { .. } | Self::Limit { .. } => None,
        }
    }

    /// Base asset asked for; none where the venue sizes the order.
    #[must_use]
    pub const fn qty(&self) -> Option<Qty> {
        match self {
            Self::Market { qty } | Self::Limit { qty, .. } | Self::Stop { qty, .. } => Some(*qty),
            Self::DisasterStop { .. } => None,
        }
    }

    /// The venue's name of the order type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Market { .. } => "MARKET",
            Self::Limit { .. } => "LIMIT",
            Self::Stop { .. } | Self::DisasterStop { .. } => "STOP_MARKET",
        }
    }
}

/// What an order is for: the key of `orders_by_kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderKind {
    /// Take-profit limit.
    Tp,
    /// Working stop.
    Sl,
    /// Trailing stop of an incumbent.
    Trailing,
    /// Breakeven stop of an incumbent.
    Breakeven,
    /// Market close of a part.
    PartialTp,
    /// Market close of everything.
    EmergencyExit,
    /// Disaster stop.
    HardSl,
    /// Market close by the loss guard.
    LossGuard,
    /// Anything else that closes.
    OtherExit,
}

const KINDS: [(OrderKind, &str); 9] = [
    (OrderKind::Tp, "tp"),
    (OrderKind::Sl, "sl"),
    (OrderKind::Trailing, "trailing"),
    (OrderKind::Breakeven, "breakeven"),
    (OrderKind::PartialTp, "partial_tp"),
    (OrderKind::EmergencyExit, "emergency_exit"),
    (OrderKind::HardSl, "hard_sl"),
    (OrderKind::LossGuard, "loss_guard"),
    (OrderKind::OtherExit, "other_exit"),
];

impl fmt::Display for OrderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            KINDS
                .iter()
                .find(|(kind, _)| kind == self)
                .map_or("", |row| row.1),
        )
    }
}

impl FromStr for OrderKind {
    type Err = NameError;

    /// Canonical names, and the alias `partial_close`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "partial_close" {
            return Ok(Self::PartialTp);
        }
        let error = || NameError {
            what: "order kind",
            text: text.into(),
            why: "is unknown",
        };
        KINDS
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(kind, _)| *kind)
            .ok_or_else(error)
    }
}

/// News about one order; only the gateway says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEvent {
    /// The position it closes.
    pub key: PositionKey,
    /// Which life.
    pub epoch: Epoch,
    /// Who wanted it.
    pub module: Module,
    /// What for.
    pub kind: OrderKind,
    /// The intent behind it.
    pub intent_id: IntentId,
    /// Its name on the venue.
    pub client_order_id: ClientOrderId,
    /// The venue's own id, once known.
    pub venue_order_id: Option<i64>,
    /// The venue's name of the type: MARKET, LIMIT, STOP_MARKET.
    pub order_type: String,
    /// Where it is now.
    pub status: OrderStatus,
    /// Filled so far.
    pub filled_qty: Qty,
    /// Average price of all that is filled; none while the venue has not told it.
    pub average_price: Option<Price>,
    /// The venue's error code, for a rejection or an unknown outcome.
    pub code: Option<i32>,
    /// The venue's words, or ours.
    pub detail: String,
    /// From the mark that caused it to the request leaving; only with `Submitting`.
    pub tick_to_order: Option<Span>,
    /// When.
    pub at: Timestamp,
}

/// An order that the venue holds open, as last observed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RestingOrder {
    /// Its name; foreign names are kept as they are.
    pub client_order_id: ClientOrderId,
    /// What it is.
    pub order: CloseOrder,
    /// Accepted, triggering, triggered or partially filled.
    pub status: OrderStatus,
    /// Filled so far.
    pub filled_qty: Qty,
    /// Since when it is in this status.
    pub since: Timestamp,
}

impl RestingOrder {
    /// Whether it is a stop that protects: one that fired no longer does.
    #[must_use]
    pub fn is_protecting_stop(&self) -> bool {
        self.order.stop_trigger().is_some() && self.status == OrderStatus::Accepted
    }

    /// What is still open of it; none where the venue sizes it.
    #[must_use]
    pub fn open_qty(&self) -> Option<Qty> {
        self.order
            .qty()
            .map(|qty| qty.saturating_sub(self.filled_qty))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_kinds_can_be_read_back() {
        for (kind, name) in KINDS {
            assert_eq!(name.parse(), Ok(kind));
        }
    }
}
