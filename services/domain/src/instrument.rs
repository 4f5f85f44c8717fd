//! A contract's filters and the exact rounding they demand. Roundings say where they go.

use alloc::string::String;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::grid::floor_to;
use crate::ids::Symbol;
use crate::num::{Money, Price, Qty};
use crate::position::Side;

/// A filter that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("filter {field} of {symbol} is {value}: {why}")]
pub struct InstrumentError {
    /// Contract.
    pub symbol: String,
    /// The filter's field.
    pub field: &'static str,
    /// Its value.
    pub value: Decimal,
    /// What it should be.
    pub why: &'static str,
}

/// Step and bounds of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LotFilter {
    /// Smallest step; above zero.
    pub step: Decimal,
    /// Smallest order.
    pub min: Qty,
    /// Largest order.
    pub max: Qty,
}

/// How far from the mark a limit may lie, as factors of the mark (`PERCENT_PRICE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PercentPrice {
    /// The highest that buys.
    pub up: Decimal,
    /// The lowest that sells.
    pub down: Decimal,
}

/// A factor beyond this one, or below one by it, bounds nothing.
const FACTOR_MAX: Decimal = Decimal::ONE_THOUSAND;
const FACTOR_MIN: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

impl PercentPrice {
    /// The filter as a venue tells it; none where it bounds nothing: no order hangs on it.
    #[must_use]
    pub fn told(up: Decimal, down: Decimal) -> Option<Self> {
        let bounds = |factor| (FACTOR_MIN..=FACTOR_MAX).contains(&factor);
        (bounds(up) && bounds(down)).then_some(Self { up, down })
    }
}

/// What the venue demands of prices and quantities of one contract (exchangeInfo filters).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Instrument {
    /// Contract.
    pub symbol: Symbol,
    /// Smallest price step; above zero.
    pub tick_size: Decimal,
    /// `LOT_SIZE`, for limit and stop orders.
    pub lot: LotFilter,
    /// `MARKET_LOT_SIZE`, for market orders.
    pub market_lot: LotFilter,
    /// Smallest notional of an order that is not reduce-only.
    pub min_notional: Money,
    /// Where limits may lie; none where that is not told.
    pub percent_price: Option<PercentPrice>,
}

impl Instrument {
    /// Checked filters.
    ///
    /// # Errors
    /// [`InstrumentError`] where a step is not above zero.
    pub fn checked(self) -> Result<Self, InstrumentError> {
        let steps = [
            ("tick_size", self.tick_size),
            ("lot.step", self.lot.step),
            ("market_lot.step", self.market_lot.step),
        ];
        for (field, value) in steps {
            if value <= Decimal::ZERO {
                let symbol = self.symbol.as_str().into();
                return Err(InstrumentError {
                    symbol,
                    field,
                    value,
                    why: "must be above 0",
                });
            }
        }
        Ok(self)
    }

    /// A stop's trigger on the grid, rounded to the *tighter* side: up for a long, down for a
    /// short.
    #[must_use]
    pub fn round_stop(&self, side: Side, price: Price) -> Option<Price> {
        match side {
            Side::Long => self.price_ceil(price),
            Side::Short => self.price_floor(price),
        }
    }

    /// A target on the grid, rounded towards the entry: down for a long, up for a short, so that
    /// it is reached a little earlier.
    #[must_use]
    pub fn round_target(&self, side: Side, price: Price) -> Option<Price> {
        self.round_stop(side.opposite(), price)
    }

    /// The mark beyond which a limit at `price` that closes `side` lies too far behind it for the
    /// venue to take (-4024, -4016): above for a long, below for a short. None where no bound is
    /// told.
    #[must_use]
    pub fn mark_too_far(&self, side: Side, price: Price) -> Option<Price> {
        let percent = self.percent_price?;
        let mark = price.get().checked_div(match side {
            Side::Long => percent.down,
            Side::Short => percent.up,
        })?;
        Price::new(mark).ok()
    }

    /// Largest limit or stop quantity of at most `qty`; zero where it would be below the minimum.
    #[must_use]
    pub fn floor_qty(&self, qty: Qty) -> Qty {
        floor_lot(self.lot, qty)
    }

    /// Largest market quantity of at most `qty`; zero where it would be below the minimum.
    #[must_use]
    pub fn floor_market_qty(&self, qty: Qty) -> Qty {
        floor_lot(self.market_lot, qty)
    }

    fn price_floor(&self, price: Price) -> Option<Price> {
        Price::new(floor_to(price.get(), self.tick_size)?).ok()
    }

    fn price_ceil(&self, price: Price) -> Option<Price> {
        let floor = floor_to(price.get(), self.tick_size)?;
        let ceil = if floor == price.get() {
            floor
        } else {
            floor.checked_add(self.tick_size)?
        };
        Price::new(ceil).ok()
    }
}

fn floor_lot(lot: LotFilter, qty: Qty) -> Qty {
    let capped = qty.min(lot.max);
    let floored = floor_to(capped.get(), lot.step).and_then(|value| Qty::new(value).ok());
    floored
        .filter(|floored| *floored >= lot.min)
        .unwrap_or(Qty::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn instrument(tick: &str, step: &str, min: &str) -> Instrument {
        let lot = LotFilter {
            step: dec(step),
            min: Qty::new(dec(min)).unwrap(),
            max: Qty::new(dec("1000000000")).unwrap(),
        };
        Instrument {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            tick_size: dec(tick),
            lot,
            market_lot: lot,
            min_notional: Money::new(dec("5")),
            percent_price: None,
        }
    }

    /// Vectors of the behaviour description, section 5.4, with the wrong ones put right.
    #[test]
    fn quantities_are_floored_exactly() {
        for (qty, step, min, expected) in [
            ("0.0527891", "0.001", "0.001", "0.052"),
            ("0.5", "1", "1", "0"),
            ("144699.123", "1", "1", "144699"),
            ("4.267891", "0.001", "0.001", "4.267"),
            ("7", "5", "5", "5"),
            ("1234.56", "10", "10", "1230"),
            ("0.37", "0.25", "0.25", "0.25"),
            ("3.7", "0.00001", "0.00001", "3.7"),
        ] {
            let rounded = instrument("0.1", step, min).floor_qty(Qty::new(dec(qty)).unwrap());
            assert_eq!(rounded.to_string(), expected, "{qty} by {step}");
        }
    }

    #[test]
    fn targets_round_towards_entry_and_stops_to_the_tighter_side() {
        for (price, tick, down, up) in [
            ("95234.567891", "0.1", "95234.5", "95234.6"),
            ("1.234567891", "0.00001", "1.23456", "1.23457"),
            ("875.41138159", "0.001", "875.411", "875.412"),
            ("100.07", "0.5", "100", "100.5"),
            ("100.07", "0.05", "100.05", "100.1"),
            ("100.05", "0.05", "100.05", "100.05"),
        ] {
            let instrument = instrument(tick, "1", "1");
            let price = Price::new(dec(price)).unwrap();
            let text = |rounded: Option<Price>| rounded.unwrap().to_string();
            assert_eq!(text(instrument.round_target(Side::Long, price)), down);
            assert_eq!(text(instrument.round_target(Side::Short, price)), up);
            assert_eq!(text(instrument.round_stop(Side::Long, price)), up);
            assert_eq!(text(instrument.round_stop(Side::Short, price)), down);
        }
    }

    #[test]
    fn a_limit_is_too_far_behind_the_mark_where_the_venue_says_so() {
        let mut instrument = instrument("0.1", "1", "1");
        let target = Price::new(dec("95")).unwrap();
        assert_eq!(instrument.mark_too_far(Side::Long, target), None);
        instrument.percent_price = PercentPrice::told(dec("1.25"), dec("0.95"));
        assert_eq!(
            instrument.mark_too_far(Side::Long, target),
            Some(Price::new(dec("100")).unwrap())
        );
        assert_eq!(
            instrument.mark_too_far(Side::Short, target),
            Some(Price::new(dec("76")).unwrap())
        );
    }

    #[test]
    fn factors_that_bound_nothing_are_none() {
        for (up, down) in [
            ("0", "0.95"),
            ("1.05", "0"),
            ("70000000000", "0.95"),
            ("1", "-1"),
        ] {
            assert_eq!(PercentPrice::told(dec(up), dec(down)), None, "{up} {down}");
        }
    }

    #[test]
    fn a_price_below_one_tick_has_no_rounded_price() {
        let tiny = Price::new(dec("0.04")).unwrap();
        assert_eq!(
            instrument("0.1", "1", "1").round_target(Side::Long, tiny),
            None
        );
    }

    #[test]
    fn a_step_of_zero_is_refused_by_name() {
        let error = instrument("0", "1", "1").checked().unwrap_err().to_string();
        assert!(error.contains("tick_size"), "{error}");
    }
}
