//! What is measured from a contract's marks: volatility, trend, turns, crash, and the true range.
//!
//! One formula for the whole system. Its parts and their sources in the behaviour description:
//! - returns, close to close, and their root mean square: 4.3;
//! - 20 bars are kept, 15 are needed: 4.3. Its bars have fifteen minutes, ours have one, so that a
//!   service that starts knows the market within a quarter of an hour;
//! - the root mean square of the minutes is scaled by the square root of time to one *day*, because
//!   the thresholds and the documented default of 2 % are of that size: unscaled, a month of
//!   bitcoin's minutes would be RANGE_BOUND without exception, and nothing would ever trail;
//! - trend: (last close - mean close) / mean close, in units of the trend threshold of 4.3, which
//!   is 2 % over bars of fifteen minutes and, by the square root of time, 0.5164 % over ours:
//!   unscaled, not one minute of five contracts' months would be TRENDING;
//! - turns: how often the closes change direction, for CHOP (see [`crate::regime`]);
//! - crash: the last close is 5 % or more away from the close 15 bars before;
//! - average true range of 14 bars of five minutes: 4.7, in `ranges`.

mod ranges;

use std::collections::VecDeque;

use domain::{Price, Ratio, Span, Timestamp};
use rust_decimal::{Decimal, MathematicalOps};

use ranges::Ranges;

/// Bars that are kept, the one that still forms included.
pub const BARS_MAX: usize = 20;
/// Bars that are needed before anything is measured.
pub const BARS_MIN: usize = 15;
/// The crash rule looks back over so many bars.
const CRASH_BARS: usize = 15;
/// Minutes without a mark that are bridged with the last close, as a venue's own bars would be; a
/// longer silence starts anew, so that its jump is not taken for one minute's return.
const GAP_MAX: i64 = 5;
/// Marks that have been silent for longer say nothing of the market any more.
pub const SILENCE_MAX: Span = Span::from_secs(60 * GAP_MAX);
const MILLIS_PER_BAR: i64 = 60_000;
const BARS_PER_DAY: i64 = 1_440;
/// Decimals of what is published.
pub(crate) const SCALE: u32 = 8;

/// What the bars say of the market's temper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Root mean square of the returns, scaled to one day.
    pub volatility: Ratio,
    /// Direction and strength, -1 to 1.
    pub trend: Decimal,
    /// Changes of direction from close to close, at most 18; a close that repeats is none.
    pub turns: usize,
    /// Whether the crash rule holds.
    pub crash: bool,
}

/// The last bars of one contract.
#[derive(Debug, Clone, Default)]
pub struct Bars {
    closes: VecDeque<Decimal>,
    minute: i64,
    ranges: Ranges,
}

impl Bars {
    /// Takes one mark in; the caller has seen to it that time doesn't run backwards.
    pub fn push(&mut self, event_at: Timestamp, mark_price: Price) {
        let minute = event_at.millis().div_euclid(MILLIS_PER_BAR);
        let passed = minute.saturating_sub(self.minute);
        let last = self.closes.back().copied();
        self.minute = minute;
        match last {
            Some(_) if passed <= 0 => {
                self.closes.pop_back();
            }
            Some(last) if passed <= GAP_MAX => {
                for _ in 1..passed {
                    self.append(last);
                }
            }
            _ => {
                self.closes.clear();
                self.ranges.clear();
            }
        }
        self.append(mark_price.get());
        self.ranges.push(minute, mark_price.get());
    }

    /// What the bars say; none while they are too few, or where a number overflows: that is no
    /// measurement.
    #[must_use]
    pub fn measure(&self) -> Option<Measured> {
        if self.closes.len() < BARS_MIN {
            return None;
        }
        Some(Measured {
            volatility: Ratio::new(self.volatility()?),
            trend: self.trend()?,
            turns: self.turns(),
            crash: self.is_crash()?,
        })
    }

    /// The average true range, a fraction of the price; none while the bars are too few.
    #[must_use]
    pub fn atr(&self) -> Option<Ratio> {
        self.ranges.average()
    }

    fn append(&mut self, close: Decimal) {
        if self.closes.len() == BARS_MAX {
            self.closes.pop_front();
        }
        self.closes.push_back(close);
    }

    fn volatility(&self) -> Option<Decimal> {
        let mut squares = Decimal::ZERO;
        for (before, after) in self.steps() {
            let change = change(before, after)?;
            squares = squares.checked_add(change.checked_mul(change)?)?;
        }
        let count = Decimal::from(self.closes.len().saturating_sub(1));
        let per_day = squares
            .checked_div(count)?
            .checked_mul(Decimal::from(BARS_PER_DAY))?;
        Some(per_day.sqrt()?.round_dp(SCALE))
    }

    fn trend(&self) -> Option<Decimal> {
        // 2 % x sqrt(1 minute / 15 minutes)
        let unit = Decimal::new(5_164, 6);
        let mut sum = Decimal::ZERO;
        for close in &self.closes {
            sum = sum.checked_add(*close)?;
        }
        let mean = sum.checked_div(Decimal::from(self.closes.len()))?;
        let scaled = change(mean, *self.closes.back()?)?.checked_div(unit)?;
        let bounded = scaled.clamp(Decimal::NEGATIVE_ONE, Decimal::ONE);
        Some(bounded.round_dp(SCALE))
    }

    fn turns(&self) -> usize {
        let moves = self.steps().filter(|(before, after)| before != after);
        let rises: Vec<bool> = moves.map(|(before, after)| after > before).collect();
        let pairs = rises.iter().zip(rises.iter().skip(1));
        pairs.filter(|(one, next)| one != next).count()
    }

    fn is_crash(&self) -> Option<bool> {
        let threshold = Decimal::new(5, 2);
        let oldest = self.closes.len().saturating_sub(1 + CRASH_BARS);
        let moved = change(*self.closes.get(oldest)?, *self.closes.back()?)?;
        Some(moved.abs() >= threshold)
    }

    /// From each close to the next.
    fn steps(&self) -> impl Iterator<Item = (Decimal, Decimal)> {
        let next = self.closes.iter().skip(1);
        self.closes.iter().copied().zip(next.copied())
    }
}

fn change(before: Decimal, after: Decimal) -> Option<Decimal> {
    after.checked_sub(before)?.checked_div(before)
}

#[cfg(test)]
mod tests;
