//! Trailing stops (section 3.3 of the wire contract): activation, the best price since, the
//! distance at which they fire.

use rust_decimal::Decimal;

use super::order::NewAlgo;
use super::types::{AlgoKind, Side};
use super::{Book, VenueError};

/// Smallest callback rate, percent.
const MIN_CALLBACK: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// Largest callback rate, percent (20 since October 2026).
const MAX_CALLBACK: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

/// What a request for a trailing stop says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// Price at which trailing begins; at once when absent.
    pub activate_price: Option<Decimal>,
    /// Distance from the best price, percent.
    pub callback_rate: Decimal,
}

/// How far a trailing stop has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailing {
    /// Price at which trailing begins.
    pub activate_price: Decimal,
    /// Distance from the best price, percent.
    pub callback_rate: Decimal,
    /// True once trailing has begun.
    pub activated: bool,
    /// Best price since then; zero before.
    pub extreme: Decimal,
}

/// What a price does to a conditional order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Rests,
    /// Trailing begins.
    Activated,
    /// It fires.
    Fires,
}

impl Trailing {
    /// Takes a price in.
    pub(super) fn see(&mut self, side: Side, price: Decimal) -> Step {
        if !self.activated {
            let reached = match side {
                Side::Buy => price <= self.activate_price,
                Side::Sell => price >= self.activate_price,
            };
            if !reached {
                return Step::Rests;
            }
            self.activated = true;
            self.extreme = price;
            return Step::Activated;
        }
        let part = self.callback_rate / Decimal::ONE_HUNDRED;
        let fires = match side {
            Side::Buy => {
                self.extreme = self.extreme.min(price);
                price >= self.extreme * (Decimal::ONE + part)
            }
            Side::Sell => {
                self.extreme = self.extreme.max(price);
                price <= self.extreme * (Decimal::ONE - part)
            }
        };
        if fires { Step::Fires } else { Step::Rests }
    }
}

/// The trailing state that an order starts with; `None` for every other kind.
///
/// # Errors
/// -4136 with closePosition, -1102 without a callback rate, -2007 outside 0.1 to 20 percent,
/// -4135 for a senseless activation price, -2021 for one on the wrong side of the price.
pub(super) fn start(book: &Book, new: &NewAlgo) -> Result<Option<Trailing>, VenueError> {
    if new.kind != AlgoKind::TrailingStopMarket {
        return Ok(None);
    }
    if new.close_position {
        let text = "Target strategy invalid for orderType TRAILING_STOP_MARKET,closePosition true";
        return Err(VenueError::new(-4136, text));
    }
    let trail = new
        .trail
        .ok_or_else(|| VenueError::mandatory("callbackrate"))?;
    if !(MIN_CALLBACK..=MAX_CALLBACK).contains(&trail.callback_rate) {
        return Err(VenueError::new(-2007, "Invalid callBack rate."));
    }
    let price = book.market.watched(new.working_type);
    if let Some(activate) = trail.activate_price {
        if activate <= Decimal::ZERO || activate > book.spec.max_price {
            return Err(VenueError::new(-4135, "Invalid activation price"));
        }
        let ahead = match new.side {
            Side::Buy => activate < price,
            Side::Sell => activate > price,
        };
        if !ahead && !price.is_zero() {
            return Err(VenueError::would_trigger());
        }
    }
    Ok(Some(Trailing {
        activate_price: trail.activate_price.unwrap_or(price),
        callback_rate: trail.callback_rate,
        activated: false,
        extreme: Decimal::ZERO,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sell_from(activate: i64) -> Trailing {
        Trailing {
            activate_price: activate.into(),
            callback_rate: Decimal::ONE,
            activated: false,
            extreme: Decimal::ZERO,
        }
    }

    #[test]
    fn a_sell_begins_above_its_activation_and_fires_one_callback_below_the_highest() {
        let mut trailing = sell_from(110);
        let mut at = |price: i64| trailing.see(Side::Sell, Decimal::new(price, 1));
        assert_eq!(at(1_099), Step::Rests);
        assert_eq!(at(1_100), Step::Activated);
        assert_eq!(at(1_200), Step::Rests);
        assert_eq!(at(1_189), Step::Rests);
        assert_eq!(at(1_188), Step::Fires);
    }

    #[test]
    fn a_buy_begins_below_its_activation_and_fires_one_callback_above_the_lowest() {
        let mut trailing = sell_from(90);
        let mut at = |price: i64| trailing.see(Side::Buy, Decimal::new(price, 1));
        assert_eq!(at(901), Step::Rests);
        assert_eq!(at(900), Step::Activated);
        assert_eq!(at(800), Step::Rests);
        assert_eq!(at(807), Step::Rests);
        assert_eq!(at(808), Step::Fires);
    }
}
