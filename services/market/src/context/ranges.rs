//! The average true range of 14 bars of five minutes (behaviour 4.7), built from marks.
//!
//! The true range of a bar is the largest of high - low, |high - previous close| and
//! |low - previous close|; the average is the plain mean. Only complete bars count. The oldest bar
//! gives no more than its close, so that the one in whose midst the service started serves too: the
//! first average is there 70 to 75 minutes after the first mark.

use std::collections::VecDeque;

use domain::Ratio;
use rust_decimal::Decimal;

use super::SCALE;

/// Bars of the average.
const BARS: usize = 14;
/// Those, the one before them, and the one that still forms.
const KEPT_MAX: usize = BARS + 2;
const MINUTES_PER_BAR: i64 = 5;

/// The last bars of one contract. It is for the caller to clear them after a silence that is
/// longer than a bar; a shorter one leaves none out.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranges {
    bars: VecDeque<Bar>,
}

#[derive(Debug, Clone)]
struct Bar {
    number: i64,
    high: Decimal,
    low: Decimal,
    close: Decimal,
}

impl Ranges {
    /// Takes one mark of this minute in.
    pub(super) fn push(&mut self, minute: i64, price: Decimal) {
        let number = minute.div_euclid(MINUTES_PER_BAR);
        if let Some(bar) = self.bars.back_mut().filter(|bar| bar.number == number) {
            bar.high = bar.high.max(price);
            bar.low = bar.low.min(price);
            bar.close = price;
            return;
        }
        if self.bars.len() == KEPT_MAX {
            self.bars.pop_front();
        }
        let (high, low, close) = (price, price, price);
        self.bars.push_back(Bar {
            number,
            high,
            low,
            close,
        });
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.bars.clear();
    }

    /// The average, a fraction of the last complete bar's close; none while bars lack.
    pub(super) fn average(&self) -> Option<Ratio> {
        if self.bars.len() < KEPT_MAX {
            return None;
        }
        let complete = self.bars.iter().skip(1).take(BARS);
        let mut sum = Decimal::ZERO;
        for (before, bar) in self.bars.iter().zip(complete) {
            sum = sum.checked_add(bar.true_range(before.close)?)?;
        }
        let last = self.bars.get(BARS)?;
        let average = sum.checked_div(Decimal::from(BARS))?;
        let fraction = average.checked_div(last.close)?;
        Some(Ratio::new(fraction.round_dp(SCALE)))
    }
}

impl Bar {
    fn true_range(&self, close_before: Decimal) -> Option<Decimal> {
        let high = self.high.max(close_before);
        let low = self.low.min(close_before);
        high.checked_sub(low)
    }
}

#[cfg(test)]
mod tests;
