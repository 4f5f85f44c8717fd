//! Measuring on a machine that has other things to do: what is compared runs in turn, and medians
//! are compared.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::time::{Duration, Instant};

/// What one thing took, round by round, nanoseconds per unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// One more round.
    pub fn push(&mut self, nanos: f64) {
        self.0.push(nanos);
    }

    /// Runs `work` of `units` units and notes what one took.
    pub fn time<T>(&mut self, units: usize, work: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        let done = work();
        self.push(per(begin.elapsed(), units));
        done
    }

    /// The median; 0 of none.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The smallest; 0 of none.
    #[must_use]
    pub fn least(&self) -> f64 {
        self.quantile(0.0)
    }

    /// The sample below which this share of them lies, 0 to 1; 0 of none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        sorted.get(at).copied().unwrap_or(0.0)
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// The median of the rounds' own ratios to `floor`, which was measured in the same rounds: what
    /// slows a whole round down is in both.
    #[must_use]
    pub fn ratio_to(&self, floor: &Self) -> f64 {
        let ratios = self.0.iter().zip(&floor.0).map(|(own, floor)| own / floor);
        Self(ratios.collect()).median()
    }
}

/// Nanoseconds per unit.
#[must_use]
pub fn per(time: Duration, units: usize) -> f64 {
    time.as_nanos() as f64 / units.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(all: &[f64]) -> Samples {
        Samples(all.to_vec())
    }

    #[test]
    fn quantiles_are_samples() {
        let five = samples(&[5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(five.median(), 3.0);
        assert_eq!(five.least(), 1.0);
        assert_eq!(five.quantile(1.0), 5.0);
        assert_eq!(samples(&[]).median(), 0.0);
    }

    #[test]
    fn a_slow_round_is_slow_for_both() {
        let (own, floor) = (samples(&[2.0, 20.0, 2.0]), samples(&[1.0, 10.0, 1.0]));
        assert_eq!(own.ratio_to(&floor), 2.0);
    }
}
