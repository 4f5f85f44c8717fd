//! Marks of one contract in bars of five seconds: the path on which stops and targets are replayed.

use domain::market::MarkTick;
use domain::{Ratio, Span, Symbol, Timestamp};
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::number::Number;

/// Length of a bar. Five marks a bar keep a day of one contract below 3 MB, and within a bar the
/// order of high and low is taken for the worse one.
pub const BAR: Span = Span::from_secs(5);

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkBar {
    /// Where it begins; it ends [`BAR`] later.
    pub timestamp: Moment,
    /// Contract.
    pub symbol: String,
    /// First mark.
    pub open: Number,
    /// Highest mark.
    pub high: Number,
    /// Lowest mark.
    pub low: Number,
    /// Last mark.
    pub close: Number,
    /// How many marks it is made of.
    pub ticks: u32,
    /// Rate of the next funding payment, above 0 where longs pay; null where nobody told it.
    pub funding_rate: Option<Number>,
}

/// Where the bar that `at` falls into begins.
#[must_use]
pub const fn begin(at: Timestamp) -> Timestamp {
    let micros = at.micros();
    Timestamp::from_micros(micros - micros.rem_euclid(BAR.micros()))
}

impl MarkBar {
    /// The bar that begins with this mark.
    #[must_use]
    pub fn first(tick: &MarkTick, funding_rate: Option<Ratio>) -> Self {
        let mark = Number(tick.mark_price.get());
        Self {
            timestamp: Moment(begin(tick.received_at)),
            symbol: symbol(&tick.symbol),
            open: mark,
            high: mark,
            low: mark,
            close: mark,
            ticks: 1,
            funding_rate: funding_rate.map(|rate| Number(rate.get())),
        }
    }

    /// Takes a mark of the same bar in; `false` where it belongs to another one.
    pub fn take(&mut self, tick: &MarkTick) -> bool {
        if begin(tick.received_at) != self.timestamp.get() {
            return false;
        }
        let mark = Number(tick.mark_price.get());
        self.high = self.high.max(mark);
        self.low = self.low.min(mark);
        self.close = mark;
        self.ticks = self.ticks.saturating_add(1);
        true
    }
}

fn symbol(symbol: &Symbol) -> String {
    symbol.as_str().into()
}
