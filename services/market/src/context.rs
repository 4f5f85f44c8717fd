//! Volatility, trend and regime from one-minute closes of the mark price.
//!
//! One formula for the whole system. Its parts and their sources in the behaviour description:
//! - returns, close to close, and their root mean square: 4.3;
//! - 20 bars are kept, 15 are needed: 4.3;
//! - the thresholds 4 %, 0.6 and 1.5 %: 2.2, in `domain::market::regime_of`;
//! - the root mean square of the minutes is scaled by the square root of time to one *day*, because
//!   the thresholds and the documented default of 2 % are of that size: unscaled, a month of
//!   bitcoin's minutes would be RANGE_BOUND without exception, and nothing would ever trail;
//! - trend: (last close - mean close) / mean close, in units of 2 % (the trend threshold of 4.3);
//! - crash: the last close is 5 % or more away from the close 15 bars before.

use std::collections::VecDeque;

use domain::market::{ContextSource, MarketContext, Regime, regime_of};
use domain::{Price, Ratio, Symbol, Timestamp};
use rust_decimal::{Decimal, MathematicalOps};

/// Bars that are kept, the one that still forms included.
pub const BARS_MAX: usize = 20;
/// Bars that are needed before anything is measured.
pub const BARS_MIN: usize = 15;
/// The crash rule looks back over so many bars.
const CRASH_BARS: usize = 15;
/// Minutes without a mark that are bridged with the last close, as a venue's own bars would be; a
/// longer silence starts anew, so that its jump is not taken for one minute's return.
const GAP_MAX: i64 = 5;
const MILLIS_PER_BAR: i64 = 60_000;
const BARS_PER_DAY: i64 = 1_440;
/// Decimals of what is published.
const SCALE: u32 = 8;

/// The last one-minute closes of one contract.
#[derive(Debug, Clone, Default)]
pub struct Bars {
    closes: VecDeque<Decimal>,
    minute: i64,
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
            _ => self.closes.clear(),
        }
        self.append(mark_price.get());
    }

    /// What the bars say, or the documented default while they are too few.
    #[must_use]
    pub fn context(&self, symbol: &Symbol, at: Timestamp) -> MarketContext {
        let unknown = || MarketContext::unknown(symbol.clone(), at);
        if self.closes.len() < BARS_MIN {
            return unknown();
        }
        // A number that overflows is no measurement.
        let measured = || Some((self.volatility()?, self.trend()?, self.is_crash()?));
        let Some((volatility, trend, crash)) = measured() else {
            return unknown();
        };
        let volatility = Ratio::new(volatility);
        let regime = if crash {
            Regime::Crash
        } else {
            regime_of(volatility, trend)
        };
        MarketContext {
            symbol: symbol.clone(),
            volatility,
            trend,
            regime,
            source: ContextSource::Bars,
            at,
        }
    }

    fn append(&mut self, close: Decimal) {
        if self.closes.len() == BARS_MAX {
            self.closes.pop_front();
        }
        self.closes.push_back(close);
    }

    fn volatility(&self) -> Option<Decimal> {
        let mut squares = Decimal::ZERO;
        let pairs = self.closes.iter().zip(self.closes.iter().skip(1));
        for (before, after) in pairs {
            let change = change(*before, *after)?;
            squares = squares.checked_add(change.checked_mul(change)?)?;
        }
        let count = Decimal::from(self.closes.len().saturating_sub(1));
        let per_day = squares
            .checked_div(count)?
            .checked_mul(Decimal::from(BARS_PER_DAY))?;
        Some(per_day.sqrt()?.round_dp(SCALE))
    }

    fn trend(&self) -> Option<Decimal> {
        let unit = Decimal::new(2, 2);
        let mut sum = Decimal::ZERO;
        for close in &self.closes {
            sum = sum.checked_add(*close)?;
        }
        let mean = sum.checked_div(Decimal::from(self.closes.len()))?;
        let scaled = change(mean, *self.closes.back()?)?.checked_div(unit)?;
        let bounded = scaled.clamp(Decimal::NEGATIVE_ONE, Decimal::ONE);
        Some(bounded.round_dp(SCALE))
    }

    fn is_crash(&self) -> Option<bool> {
        let threshold = Decimal::new(5, 2);
        let oldest = self.closes.len().saturating_sub(1 + CRASH_BARS);
        let moved = change(*self.closes.get(oldest)?, *self.closes.back()?)?;
        Some(moved.abs() >= threshold)
    }
}

fn change(before: Decimal, after: Decimal) -> Option<Decimal> {
    after.checked_sub(before)?.checked_div(before)
}

#[cfg(test)]
mod tests;
