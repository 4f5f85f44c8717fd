//! One closed position as it really went: what the brain is compared with.

use domain::instrument::{Instrument, InstrumentError, LotFilter};
use domain::{Money, Qty, Symbol};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::moment::Moment;
use crate::number::Number;
use crate::shadow::RecordedSide;

/// One line: a life of a position from its opening to flat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedPosition {
    /// When it was seen flat.
    pub timestamp: Moment,
    /// Account.
    pub account: String,
    /// Contract.
    pub symbol: String,
    /// Direction.
    pub side: RecordedSide,
    /// Which life of the position.
    pub epoch: u64,
    /// Time of the opening fill.
    pub opened_at: Moment,
    /// When it was heard of first; much later than its opening, and its begin was not seen.
    pub seen_from: Moment,
    /// What was open when it was heard of first, base asset.
    pub seen_qty: Number,
    /// All that was opened, base asset.
    pub qty: Number,
    /// How often more was opened later.
    pub additions: u32,
    /// Average entry price.
    pub entry_price: Number,
    /// Times the margin.
    pub leverage: Number,
    /// What closed it, in the order of time.
    pub fills: Vec<Fill>,
    /// The contract's filters.
    pub filters: Filters,
}

/// What one order closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// When the last of it filled.
    pub at: Moment,
    /// Base asset.
    pub qty: Number,
    /// Average price.
    pub price: Number,
    /// Whose order; `unknown` where no order of ours explains it.
    pub module: String,
    /// What for.
    pub kind: String,
    /// Whether it rested as a limit order, and so paid the maker's fee.
    pub maker: bool,
    /// Whether the price is the mark at that time, because nobody told the real one.
    pub by_mark: bool,
}

/// A contract's filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filters {
    /// Smallest price step.
    pub tick_size: Number,
    /// Step, smallest and largest of limit and stop orders.
    pub lot: [Number; 3],
    /// Step, smallest and largest of market orders.
    pub market_lot: [Number; 3],
    /// Smallest notional, quote currency.
    pub min_notional: Number,
}

/// Recorded filters that can't be used.
#[derive(Debug, Error)]
pub enum FiltersError {
    /// The symbol is no name.
    #[error("symbol {0:?} is no name of a contract")]
    Symbol(String),
    /// A bound of a quantity is below zero.
    #[error("a bound of {0}'s quantities is below 0")]
    Bound(String),
    /// A step is zero.
    #[error(transparent)]
    Step(#[from] InstrumentError),
}

impl From<&Instrument> for Filters {
    fn from(instrument: &Instrument) -> Self {
        let lot = |lot: &LotFilter| [lot.step, lot.min.get(), lot.max.get()].map(Number);
        Self {
            tick_size: instrument.tick_size.into(),
            lot: lot(&instrument.lot),
            market_lot: lot(&instrument.market_lot),
            min_notional: instrument.min_notional.get().into(),
        }
    }
}

impl Filters {
    /// The rules of that contract.
    ///
    /// # Errors
    /// [`FiltersError`] where the record holds what no venue demands.
    pub fn instrument(&self, symbol: &str) -> Result<Instrument, FiltersError> {
        let bound = |it: Number| Qty::new(it.get()).map_err(|_| FiltersError::Bound(symbol.into()));
        let lot = |[step, min, max]: [Number; 3]| {
            Ok::<_, FiltersError>(LotFilter {
                step: step.get(),
                min: bound(min)?,
                max: bound(max)?,
            })
        };
        let instrument = Instrument {
            symbol: Symbol::new(symbol).map_err(|_| FiltersError::Symbol(symbol.into()))?,
            tick_size: self.tick_size.get(),
            lot: lot(self.lot)?,
            market_lot: lot(self.market_lot)?,
            min_notional: Money::new(self.min_notional.get()),
            percent_price: None,
        };
        Ok(instrument.checked()?)
    }
}
