//! What the venue changes about a symbol while it trades: its filters.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{SymbolSpec, Venue, VenueError};

/// A change of some of a symbol's filters; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilterChange {
    /// PRICE_FILTER tickSize; the precision of prices follows when it is finer.
    pub tick_size: Option<Decimal>,
    /// LOT_SIZE stepSize; the precision of quantities follows when it is finer.
    pub step_size: Option<Decimal>,
    /// LOT_SIZE minQty.
    pub min_qty: Option<Decimal>,
    /// LOT_SIZE maxQty.
    pub max_qty: Option<Decimal>,
    /// MARKET_LOT_SIZE maxQty.
    pub max_market_qty: Option<Decimal>,
    /// MIN_NOTIONAL.
    pub min_notional: Option<Decimal>,
    /// PERCENT_PRICE multiplierUp.
    pub multiplier_up: Option<Decimal>,
    /// PERCENT_PRICE multiplierDown.
    pub multiplier_down: Option<Decimal>,
}

impl FilterChange {
    fn given(&self) -> impl Iterator<Item = Decimal> {
        [
            self.tick_size,
            self.step_size,
            self.min_qty,
            self.max_qty,
            self.max_market_qty,
            self.min_notional,
            self.multiplier_up,
            self.multiplier_down,
        ]
        .into_iter()
        .flatten()
    }

    fn apply(&self, spec: &mut SymbolSpec) {
        let set = |old: &mut Decimal, new: Option<Decimal>| *old = new.unwrap_or(*old);
        set(&mut spec.tick_size, self.tick_size);
        set(&mut spec.step_size, self.step_size);
        set(&mut spec.min_qty, self.min_qty);
        set(&mut spec.max_qty, self.max_qty);
        set(&mut spec.max_market_qty, self.max_market_qty);
        set(&mut spec.min_notional, self.min_notional);
        set(&mut spec.multiplier_up, self.multiplier_up);
        set(&mut spec.multiplier_down, self.multiplier_down);
        let scale = |value: Decimal| value.normalize().scale();
        spec.price_precision = spec.price_precision.max(scale(spec.tick_size));
        spec.quantity_precision = spec.quantity_precision.max(scale(spec.step_size));
    }
}

impl Venue {
    /// Changes filters of a symbol from now on; what rests stays as it was accepted.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -1130 for a value that no filter can have.
    pub fn change_filters(
        &mut self,
        symbol: &str,
        change: &FilterChange,
    ) -> Result<(), VenueError> {
        let book = self.book_mut(symbol)?;
        let mut spec = book.spec.clone();
        change.apply(&mut spec);
        let positive = change.given().all(|value| Decimal::ZERO < value);
        let ordered = spec.min_qty <= spec.max_market_qty && spec.max_market_qty <= spec.max_qty;
        let around = spec.multiplier_down < Decimal::ONE && Decimal::ONE < spec.multiplier_up;
        if !(positive && ordered && around) {
            return Err(VenueError::new(-1130, "The filters contradict each other."));
        }
        book.spec = spec;
        Ok(())
    }
}
