//! Orders as the venue knows them: what can be asked for, the life of one, what rests there.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;
use thiserror::Error;

use crate::ids::{ClientOrderId, Epoch, Module, NameError, PositionKey};
use crate::intent::IntentId;
use crate::num::{Price, Qty};
use crate::time::{Span, Timestamp};

/// What may be asked of the venue. Every variant can only close: an order that opens or
/// increases a position can't be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    /// The request is leaving; nothing is known of its fate.
    Submitting,
    /// The answer did not come or says nothing: to be asked, never resent, never called rejected.
    Unknown,
    /// The venue holds it.
    Accepted,
    /// A stop whose trigger was reached, not yet an order in the book: protects nothing.
    Triggering,
    /// A stop whose child order is in the market.
    Triggered,
    /// Part of it is done.
    PartiallyFilled,
    /// All of it is done.
    Filled,
    /// Ended by us or by the owner of the account.
    Canceled,
    /// Ended by the venue.
    Expired,
    /// Refused by the venue; nothing was executed.
    Rejected,
}

const STATUSES: [(OrderStatus, &str); 10] = [
    (OrderStatus::Submitting, "submitting"),
    (OrderStatus::Unknown, "unknown"),
    (OrderStatus::Accepted, "accepted"),
    (OrderStatus::Triggering, "triggering"),
    (OrderStatus::Triggered, "triggered"),
    (OrderStatus::PartiallyFilled, "partially_filled"),
    (OrderStatus::Filled, "filled"),
    (OrderStatus::Canceled, "canceled"),
    (OrderStatus::Expired, "expired"),
    (OrderStatus::Rejected, "rejected"),
];

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            STATUSES
                .iter()
                .find(|(status, _)| status == self)
                .map_or("", |row| row.1),
        )
    }
}

impl FromStr for OrderStatus {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let error = || NameError {
            what: "order status",
            text: text.into(),
            why: "is unknown",
        };
        STATUSES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(s, _)| *s)
            .ok_or_else(error)
    }
}

/// A step that the life of an order doesn't have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an order that is {from} can't become {to}")]
pub struct InvalidTransition {
    /// Where it was.
    pub from: OrderStatus,
    /// What was reported.
    pub to: OrderStatus,
}

impl OrderStatus {
    /// Whether nothing more can happen to it (but for a fill that was on its way).
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Filled | Self::Canceled | Self::Expired | Self::Rejected
        )
    }

    /// The one transition table. Reports may come late, twice or out of order: what an order has
    /// passed already leaves it where it is, a fill after a cancel counts, and the rest is refused.
    ///
    /// # Errors
    /// [`InvalidTransition`] for a step that has no row.
    pub const fn after(self, report: Self) -> Result<Self, InvalidTransition> {
        use OrderStatus as S;
        match (self, report) {
            // Asked and answered, in any order.
            (S::Submitting | S::Unknown, any) => Ok(any),
            // Late news about what it has passed already.
            (known, S::Submitting | S::Unknown | S::Accepted) => Ok(known),
            (S::Accepted, next) => Ok(next),
            (S::Triggering, next) => Ok(next),
            (S::Triggered, S::Triggering) => Ok(S::Triggered),
            (S::Triggered, next) => Ok(next),
            (S::PartiallyFilled, S::Triggering | S::Triggered) => Ok(S::PartiallyFilled),
            (S::PartiallyFilled, S::Rejected) => Err(InvalidTransition {
                from: self,
                to: report,
            }),
            (S::PartiallyFilled, next) => Ok(next),
            // A fill may be reported after the cancel that lost the race.
            (S::Canceled | S::Expired, S::Filled | S::PartiallyFilled) => Ok(report),
            (S::Canceled | S::Expired, S::Triggering | S::Triggered) => Ok(self),
            (S::Canceled, S::Canceled | S::Expired) => Ok(S::Canceled),
            (S::Expired, S::Canceled | S::Expired) => Ok(S::Expired),
            (S::Filled, S::Filled | S::PartiallyFilled | S::Triggering | S::Triggered) => {
                Ok(S::Filled)
            }
            (S::Rejected, S::Rejected) => Ok(S::Rejected),
            (S::Filled | S::Rejected | S::Canceled | S::Expired, _) => Err(InvalidTransition {
                from: self,
                to: report,
            }),
        }
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

    const ALL: [OrderStatus; 10] = [
        OrderStatus::Submitting,
        OrderStatus::Unknown,
        OrderStatus::Accepted,
        OrderStatus::Triggering,
        OrderStatus::Triggered,
        OrderStatus::PartiallyFilled,
        OrderStatus::Filled,
        OrderStatus::Canceled,
        OrderStatus::Expired,
        OrderStatus::Rejected,
    ];

    #[test]
    fn an_unknown_order_is_never_taken_for_a_rejected_one() {
        assert_ne!(
            OrderStatus::Submitting.after(OrderStatus::Unknown),
            Ok(OrderStatus::Rejected)
        );
        assert_eq!(
            OrderStatus::Unknown.after(OrderStatus::Filled),
            Ok(OrderStatus::Filled)
        );
    }

    #[test]
    fn a_fill_after_a_cancel_counts() {
        assert_eq!(
            OrderStatus::Canceled.after(OrderStatus::Filled),
            Ok(OrderStatus::Filled)
        );
    }

    #[test]
    fn a_final_state_is_only_ever_left_for_a_fill() {
        for from in ALL.into_iter().filter(|status| status.is_final()) {
            for to in ALL {
                let after = from.after(to);
                let allowed = after.is_err()
                    || after == Ok(from)
                    || matches!(
                        after,
                        Ok(OrderStatus::Filled | OrderStatus::PartiallyFilled)
                    );
                assert!(allowed, "{from} then {to} gives {after:?}");
            }
        }
    }

    #[test]
    fn a_repeated_report_changes_nothing() {
        for status in ALL {
            assert_eq!(status.after(status), Ok(status));
        }
    }

    #[test]
    fn names_can_be_read_back() {
        for status in ALL {
            assert_eq!(std::format!("{status}").parse(), Ok(status));
        }
        for (kind, name) in KINDS {
            assert_eq!(name.parse(), Ok(kind));
        }
    }
}
