//! What the venue changes about a symbol while it trades: its filters and its status.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{SymbolSpec, SymbolStatus, Venue, VenueError};

/// Largest and smallest value of a filter, and its decimals: what lies outside is no filter of
/// any contract, and the products of prices and quantities stay far from the decimal's limit.
const MAX_VALUE: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);
const MAX_SCALE: u32 = 10;
/// Widest PERCENT_PRICE.
const MAX_MULTIPLIER: Decimal = Decimal::from_parts(100, 0, 0, false, 0);

/// A change of some of a symbol's filters or of its status; what is absent stays.
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
    /// The status that `exchangeInfo` shows (-4140 and -4141 while it is not TRADING).
    pub status: Option<SymbolStatus>,
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
    /// Changes filters and status of a symbol from now on; what rests stays as it was accepted.
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
        let plausible = change.given().all(is_plausible);
        let ordered = spec.min_qty <= spec.max_market_qty && spec.max_market_qty <= spec.max_qty;
        let around = spec.multiplier_down < Decimal::ONE
            && (Decimal::ONE..=MAX_MULTIPLIER).contains(&spec.multiplier_up)
            && spec.multiplier_up != Decimal::ONE;
        if !(plausible && ordered && around) {
            let text = "The filters contradict each other, or one is not plausible.";
            return Err(VenueError::new(-1130, text));
        }
        book.spec = spec;
        match change.status {
            Some(status) => self.set_symbol_status(symbol, status),
            None => Ok(()),
        }
    }
}

fn is_plausible(value: Decimal) -> bool {
    Decimal::ZERO < value && value <= MAX_VALUE && value.normalize().scale() <= MAX_SCALE
}
