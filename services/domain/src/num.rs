//! Decimal newtypes: a price, a quantity, an amount of quote currency, a fraction, two percents.

use core::fmt;
use rust_decimal::Decimal;
use thiserror::Error;

mod text;

/// A number that its type refuses, with the field it was meant for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NumError {
    /// A price must be above zero.
    #[error("a price must be above 0, got {0}")]
    Price(Decimal),
    /// A quantity is never negative: direction lives in the side.
    #[error("a quantity must be 0 or more, got {0}")]
    Qty(Decimal),
}

macro_rules! decimal_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(Decimal);

        impl $name {
            /// The bare decimal, for arithmetic that mixes units on purpose.
            #[must_use]
            pub const fn get(self) -> Decimal {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.normalize(), f)
            }
        }

        // In its shortest form, so that equal numbers have equal texts: hashes are made of them.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

decimal_newtype!(
    /// Quote currency per unit of base asset; above zero.
    Price
);
decimal_newtype!(
    /// Amount of the base asset; zero or more.
    Qty
);
decimal_newtype!(
    /// Amount of quote currency (USDT); may be negative.
    Money
);
decimal_newtype!(
    /// A fraction: `0.03` is 3 %. Distances, sizes, rates, confidences.
    Ratio
);
decimal_newtype!(
    /// Profit or loss in whole percent of the entry *price*: `1.5` is 1.5 %.
    PricePct
);
decimal_newtype!(
    /// Profit or loss in whole percent of the position's *margin* (price percent x leverage).
    MarginPct
);

impl Price {
    /// A price above zero.
    ///
    /// # Errors
    /// [`NumError::Price`] for zero or less.
    pub fn new(value: Decimal) -> Result<Self, NumError> {
        if value > Decimal::ZERO {
            Ok(Self(value))
        } else {
            Err(NumError::Price(value))
        }
    }

    /// This price moved by `offset` of itself: `+0.01` is 1 % higher. `None` where nothing above
    /// zero is left or the decimal would overflow.
    #[must_use]
    pub fn offset(self, offset: Ratio) -> Option<Self> {
        let factor = Decimal::ONE.checked_add(offset.get())?;
        Self::new(self.0.checked_mul(factor)?).ok()
    }
}

impl Qty {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A quantity of zero or more.
    ///
    /// # Errors
    /// [`NumError::Qty`] for less than zero.
    pub fn new(value: Decimal) -> Result<Self, NumError> {
        if value >= Decimal::ZERO {
            Ok(Self(value))
        } else {
            Err(NumError::Qty(value))
        }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The difference, zero where `other` is larger.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self((self.0 - other.0).max(Decimal::ZERO))
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// This share of the quantity, before rounding; a negative share counts as none.
    #[must_use]
    pub fn share(self, share: Ratio) -> Self {
        Self((self.0 * share.get()).max(Decimal::ZERO))
    }

    /// Quantity times price; the largest number there is where that would overflow.
    #[must_use]
    pub fn notional(self, price: Price) -> Money {
        Money(self.0.saturating_mul(price.get()))
    }
}

impl Money {
    /// Any amount, negative for a loss.
    #[must_use]
    pub const fn new(value: Decimal) -> Self {
        Self(value)
    }
}

impl Ratio {
    /// No part at all.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// The whole.
    pub const ONE: Self = Self(Decimal::ONE);

    /// A fraction; `0.03` is 3 %.
    #[must_use]
    pub const fn new(value: Decimal) -> Self {
        Self(value)
    }

    /// `Ratio::basis_points(150)` is 1.5 %.
    #[must_use]
    pub fn basis_points(points: i64) -> Self {
        Self(Decimal::new(points, 4))
    }

    /// Product of two fractions.
    #[must_use]
    pub fn times(self, factor: Self) -> Self {
        Self(self.0 * factor.0)
    }

    /// Whole percents with two decimals, as operators read them: `0.03` gives `3.00`.
    #[must_use]
    pub fn percent(self) -> Decimal {
        let mut percent = (self.0 * Decimal::ONE_HUNDRED).round_dp(2);
        percent.rescale(2);
        percent
    }
}

impl PricePct {
    /// Neither gain nor loss.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Whole percents: `1.5` is 1.5 %.
    #[must_use]
    pub const fn new(value: Decimal) -> Self {
        Self(value)
    }
}

impl MarginPct {
    /// Whole percents: `10` is 10 % of the margin.
    #[must_use]
    pub const fn new(value: Decimal) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_of_zero_or_less_is_refused() {
        assert!(Price::new(Decimal::ZERO).is_err());
        assert!(Price::new(Decimal::new(-1, 0)).is_err());
    }

    #[test]
    fn an_offset_that_leaves_no_price_is_none() {
        let price = Price::new(Decimal::new(100, 0)).unwrap();
        assert_eq!(price.offset(Ratio::new(Decimal::NEGATIVE_ONE)), None);
        assert_eq!(
            price.offset(Ratio::basis_points(100)).unwrap().get(),
            Decimal::new(101, 0)
        );
    }

    #[test]
    fn percents_print_with_two_decimals() {
        assert_eq!(
            std::format!("{}", Ratio::basis_points(300).percent()),
            "3.00"
        );
    }
}
