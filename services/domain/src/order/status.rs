//! The life of an order: the one table of its transitions.

use core::fmt;
use core::str::FromStr;
use thiserror::Error;

use crate::ids::NameError;

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
    fn the_names_of_states_can_be_read_back() {
        for status in ALL {
            assert_eq!(std::format!("{status}").parse(), Ok(status));
        }
    }
}
