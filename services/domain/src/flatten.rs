//! The operator's order to close positions at market, whatever their plans say.

use alloc::string::String;
use core::fmt;

use crate::guard::CLOCK_SKEW_MAX;
use crate::ids::{Account, PositionKey, Symbol};
use crate::mode::Mode;
use crate::time::{Span, Timestamp};

/// An older order is not followed: what is open by now may be another position. The operator's
/// clock may differ from the executor's, so it is no shorter.
pub const FLATTEN_AGE_MAX: Span = Span::from_secs(60);

/// Who wants what closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flatten {
    /// The account whose positions are meant.
    pub account: Account,
    /// Only positions of this contract, long and short; none for all of the account.
    pub symbol: Option<Symbol>,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Why an executor does not follow the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is older than [`FLATTEN_AGE_MAX`].
    Old,
    /// It is dated ahead of any clock that may be trusted.
    Future,
    /// LIVE is not in force for the contract: an incumbent owns the exit.
    NotLive,
    /// Another executor acts on the position, or nobody knows who does.
    NotOwner,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Old => "old",
            Self::Future => "future",
            Self::NotLive => "not_live",
            Self::NotOwner => "not_owner",
        })
    }
}

impl Flatten {
    /// Whether it is about this position.
    #[must_use]
    pub fn covers(&self, key: &PositionKey) -> bool {
        let symbol = self.symbol.as_ref();
        self.account == key.account && symbol.is_none_or(|symbol| *symbol == key.symbol)
    }

    /// Whether the executor that works in `mode`, and acts on the position by `is_owner`, follows
    /// it. Only the owner does: an order that two followed would be sent twice.
    ///
    /// # Errors
    /// [`Refusal`] where it does not.
    pub fn judge(&self, mode: Mode, is_owner: bool, now: Timestamp) -> Result<(), Refusal> {
        if self.at > now + CLOCK_SKEW_MAX {
            return Err(Refusal::Future);
        }
        if now.since(self.at) > FLATTEN_AGE_MAX {
            return Err(Refusal::Old);
        }
        if mode != Mode::Live {
            return Err(Refusal::NotLive);
        }
        if !is_owner {
            return Err(Refusal::NotOwner);
        }
        Ok(())
    }
}
