//! An open position and its profit or loss, on the price basis and on the margin basis.

use core::fmt;
use core::str::FromStr;
use rust_decimal::Decimal;

use crate::ids::{Epoch, NameError, PositionKey};
use crate::num::{MarginPct, Money, Price, PricePct, Qty};
use crate::time::{Span, Timestamp};

/// Direction of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Profits when the price rises.
    Long,
    /// Profits when the price falls.
    Short,
}

impl Side {
    /// `+1` for long, `-1` for short.
    #[must_use]
    pub fn sign(self) -> Decimal {
        match self {
            Self::Long => Decimal::ONE,
            Self::Short => Decimal::NEGATIVE_ONE,
        }
    }

    /// `LONG` or `SHORT`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Long => "LONG",
            Self::Short => "SHORT",
        }
    }

    /// The other direction.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// Whether a stop at `candidate` protects more than one at `current`.
    #[must_use]
    pub fn is_tighter(self, candidate: Price, current: Price) -> bool {
        match self {
            Self::Long => candidate > current,
            Self::Short => candidate < current,
        }
    }

    /// The stop of the two that protects more.
    #[must_use]
    pub fn tighter(self, a: Price, b: Price) -> Price {
        if self.is_tighter(a, b) { a } else { b }
    }

    /// Whether a stop at `trigger` has been reached by `mark`.
    #[must_use]
    pub fn stop_reached(self, trigger: Price, mark: Price) -> bool {
        match self {
            Self::Long => mark <= trigger,
            Self::Short => mark >= trigger,
        }
    }

    /// Whether a target at `trigger` has been reached by `mark`.
    #[must_use]
    pub fn target_reached(self, trigger: Price, mark: Price) -> bool {
        self.opposite().stop_reached(trigger, mark)
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Side {
    type Err = NameError;

    /// Any case: `long`, `LONG`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.eq_ignore_ascii_case("LONG") {
            Ok(Self::Long)
        } else if text.eq_ignore_ascii_case("SHORT") {
            Ok(Self::Short)
        } else {
            Err(NameError {
                what: "side",
                text: text.into(),
                why: "use LONG or SHORT",
            })
        }
    }
}

/// A position as the venue holds it. `qty` of zero means that this life has ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// Account, symbol, side.
    pub key: PositionKey,
    /// Which life of it.
    pub epoch: Epoch,
    /// What is open now, base asset.
    pub qty: Qty,
    /// All that was ever opened in this life: the ladder's fractions are of this.
    pub initial_qty: Qty,
    /// Average price of the fills that opened it.
    pub entry_price: Price,
    /// Times the margin; at least 1. Where the venue tells none, the gateway assumes one.
    pub leverage: Decimal,
    /// Time of the opening fill.
    pub opened_at: Timestamp,
}

/// A price, and what a position has gained at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Valued {
    /// The price.
    pub price: Price,
    /// The gain on the price basis.
    pub profit: PricePct,
}

impl Position {
    /// The position at a price: the gain is worked out once, and many rules ask for it.
    #[must_use]
    pub fn valued(&self, price: Price) -> Valued {
        let profit = self.pnl_pct_price(price);
        Valued { price, profit }
    }

    /// The same gain on the margin basis.
    #[must_use]
    pub fn on_margin(&self, profit: PricePct) -> MarginPct {
        MarginPct::new(profit.get() * self.leverage)
    }

    /// Whether something is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.qty.is_zero()
    }

    /// All that was ever opened in this life: closing a part changes nothing about it.
    #[must_use]
    pub fn opened_qty(&self) -> Qty {
        self.initial_qty.max(self.qty)
    }

    /// Quantity closed so far in this life.
    #[must_use]
    pub fn closed_qty(&self) -> Qty {
        self.initial_qty.saturating_sub(self.qty)
    }

    /// Profit of the price against entry, whole percent: `(mark - entry) / entry x 100`, mirrored
    /// for a short.
    #[must_use]
    pub fn pnl_pct_price(&self, mark: Price) -> PricePct {
        let entry = self.entry_price.get();
        let change = (mark.get() - entry) * self.key.side.sign();
        PricePct::new(change / entry * Decimal::ONE_HUNDRED)
    }

    /// Profit against the margin, whole percent: price percent x leverage.
    #[must_use]
    pub fn pnl_pct_margin(&self, mark: Price) -> MarginPct {
        self.on_margin(self.pnl_pct_price(mark))
    }

    /// Unrealised profit in quote currency; never beyond the largest number there is.
    #[must_use]
    pub fn unrealized(&self, mark: Price) -> Money {
        let change = (mark.get() - self.entry_price.get()) * self.key.side.sign();
        Money::new(change.saturating_mul(self.qty.get()))
    }

    /// How long it has been open.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Span {
        now.since(self.opened_at)
    }
}
