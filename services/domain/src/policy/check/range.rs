//! The ranges, with the words for them.

use core::fmt::{self, Display};
use core::ops::{Bound, RangeBounds};

use rust_decimal::Decimal;

use crate::time::Span;

use Bound::{Excluded, Included};

/// From where to where a number may go, and an example or a unit.
pub(super) struct Range {
    min: Bound<Decimal>,
    max: Bound<Decimal>,
    unit: &'static str,
}

impl Range {
    pub(super) fn contains(&self, value: Decimal) -> bool {
        (self.min, self.max).contains(&value)
    }
}

impl Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.min {
            Included(min) => write!(f, "{min} or more")?,
            Excluded(min) => write!(f, "above {min}")?,
            Bound::Unbounded => {}
        }
        match self.max {
            Included(max) => write!(f, " and at most {max}")?,
            Excluded(max) => write!(f, " and below {max}")?,
            Bound::Unbounded => {}
        }
        f.write_str(self.unit)
    }
}

const HUNDREDTH: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
const THOUSANDTH: Decimal = Decimal::from_parts(1, 0, 0, false, 3);
const TWENTIETH: Decimal = Decimal::from_parts(5, 0, 0, false, 2);
const TENTH: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
const HALF: Decimal = Decimal::from_parts(5, 0, 0, false, 1);
const LOSS_MOST: Decimal = Decimal::from_parts(90, 0, 0, true, 0);
const LOSS_ALL: Decimal = Decimal::from_parts(100, 0, 0, true, 0);
const LEVERAGE_MAX: Decimal = Decimal::from_parts(super::LEVERAGE_MAX as u32, 0, 0, false, 0);
/// Far above any account; products of two stay within a decimal.
const MONEY_MAX: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);

/// A distance from a price, as a part of it.
pub(super) const DISTANCE: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Excluded(Decimal::ONE),
    unit: ", a fraction: 0.025 is 2.5 %",
};
/// As [`DISTANCE`], or none at all.
pub(super) const DISTANCE_OR_NONE: Range = Range {
    min: Included(Decimal::ZERO),
    ..DISTANCE
};
/// The smallest of a kind of distance: nearer ones are noise.
pub(super) const SMALLEST: Range = Range {
    min: Included(THOUSANDTH),
    ..DISTANCE
};
/// How far before liquidation a stop stays: with more, no leverage above 20 would leave room.
pub(super) const BUFFER: Range = Range {
    max: Included(TWENTIETH),
    ..DISTANCE_OR_NONE
};
/// A loss as a share of the margin. The venue liquidates before all of it is lost, and the mark may
/// jump: the floor must lie well before that.
pub(super) const LOSS_SHARE: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(HALF),
    unit: ", a share of the margin: the floor must lie well before liquidation",
};
/// A part of a whole.
pub(super) const SHARE: Range = Range {
    min: Included(Decimal::ZERO),
    max: Included(Decimal::ONE),
    unit: ", a share: 0.25 is a quarter",
};
/// As [`SHARE`], but not nothing.
pub(super) const PART: Range = Range {
    min: Excluded(Decimal::ZERO),
    ..SHARE
};
/// As [`SHARE`], but not all.
pub(super) const BELOW_ALL: Range = Range {
    max: Excluded(Decimal::ONE),
    ..SHARE
};
/// A factor on a distance.
pub(super) const FACTOR: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(Decimal::TEN),
    unit: ", a factor: 1 changes nothing",
};
/// A factor that never widens.
pub(super) const TIGHTENING: Range = Range {
    max: Included(Decimal::ONE),
    ..FACTOR
};
/// A factor that never tightens.
pub(super) const WIDENING: Range = Range {
    min: Included(Decimal::ONE),
    ..FACTOR
};
/// A distance in multiples of another.
pub(super) const MULTIPLE: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(Decimal::ONE_HUNDRED),
    unit: "",
};
/// As [`MULTIPLE`], or none at all.
pub(super) const MULTIPLE_OR_NONE: Range = Range {
    min: Included(Decimal::ZERO),
    ..MULTIPLE
};
/// Where the trailing begins.
pub(super) const ACTIVATION: Range = Range {
    min: Included(Decimal::ZERO),
    max: Included(Decimal::TEN),
    unit: "",
};
/// A cost of one trade.
pub(super) const COST: Range = Range {
    min: Included(Decimal::ZERO),
    max: Included(HUNDREDTH),
    unit: ", a fraction: 0.0005 is 0.05 %",
};
/// A small part of a price.
pub(super) const SMALL_STEP: Range = Range {
    min: Included(Decimal::ZERO),
    max: Included(TENTH),
    unit: ", a fraction: 0.001 is 0.1 %",
};
/// A change that is worth acting on; with a larger one a stop would hardly ever follow.
pub(super) const REPLACE_STEP: Range = Range {
    max: Included(HUNDREDTH),
    ..SMALL_STEP
};
/// A change that makes a new plan; at 0 every message would.
pub(super) const CHANGE: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(Decimal::TWO),
    unit: "",
};
/// A profit, whole percent of the price.
pub(super) const PRICE_GAIN: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(Decimal::ONE_HUNDRED),
    unit: ", in percent of the price: 1.5 is 1.5 %",
};
/// A profit, whole percent of the margin.
pub(super) const MARGIN_GAIN: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(Decimal::ONE_THOUSAND),
    unit: ", in percent of the margin: 10 is 10 %",
};
/// A loss, whole percent of the margin.
pub(super) const MARGIN_LOSS: Range = Range {
    min: Included(LOSS_ALL),
    max: Excluded(Decimal::ZERO),
    unit: ", a loss in percent of the margin: -5 is a loss of 5 %",
};
/// The last loss that is waited for: the venue liquidates before all of the margin is lost, and
/// what lies beyond would never be acted on.
pub(super) const LAST_LOSS: Range = Range {
    min: Included(LOSS_MOST),
    max: Excluded(Decimal::ZERO),
    unit: ", a loss in percent of the margin: beyond, the venue liquidates first",
};
/// Times the margin.
pub(super) const LEVERAGE: Range = Range {
    min: Included(Decimal::ONE),
    max: Included(LEVERAGE_MAX),
    unit: "",
};
/// An amount of quote currency.
pub(super) const AMOUNT: Range = Range {
    min: Excluded(Decimal::ZERO),
    max: Included(MONEY_MAX),
    unit: ", in quote currency",
};

/// From where to where a span of time may go.
#[derive(Clone, Copy)]
pub(super) struct SpanRange {
    min: Span,
    max: Span,
}

impl SpanRange {
    pub(super) fn contains(self, value: Span) -> bool {
        (self.min..=self.max).contains(&value)
    }
}

impl Display for SpanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" to \"{}\"", self.min, self.max)
    }
}

/// Patience with the venue.
pub(super) const PATIENCE: SpanRange = SpanRange {
    min: Span::from_millis(1),
    max: Span::from_secs(60),
};
/// Age of a price; the venue tells one each second.
pub(super) const PRICE_AGE: SpanRange = SpanRange {
    min: Span::from_secs(1),
    max: Span::from_secs(60),
};
/// Life of a plan.
pub(super) const VALIDITY: SpanRange = SpanRange {
    min: Span::from_secs(60),
    max: Span::from_hours(30 * 24),
};
/// Age of a position.
pub(super) const POSITION_AGE: SpanRange = SpanRange {
    min: Span::from_secs(1),
    max: Span::from_hours(365 * 24),
};
