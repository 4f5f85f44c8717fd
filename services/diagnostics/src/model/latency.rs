//! From the mark that caused an order to its request leaving: the newest samples, by rank.

use std::collections::VecDeque;

use domain::Span;

use super::durations::Durations;

/// Samples kept: enough for a steady 99th percentile (40 lie above it), 32 KiB.
pub const SAMPLES_MAX: usize = 4_096;

/// Three bus hops without a disk take some 0.3 ms; a second is a fault.
const BOUNDS: [Span; 12] = [
    Span::from_micros(250),
    Span::from_micros(500),
    Span::from_millis(1),
    Span::from_micros(2_500),
    Span::from_millis(5),
    Span::from_millis(10),
    Span::from_millis(25),
    Span::from_millis(50),
    Span::from_millis(100),
    Span::from_millis(250),
    Span::from_secs(1),
    Span::from_secs(5),
];

/// A ring of the newest samples, and the counts of all.
#[derive(Debug, Clone)]
pub struct Latency {
    samples: VecDeque<Span>,
    durations: Durations,
}

impl Default for Latency {
    fn default() -> Self {
        Self {
            samples: VecDeque::new(),
            durations: Durations::new(&BOUNDS),
        }
    }
}

/// Sample count since the start, and two percentiles of the newest [`SAMPLES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quantiles {
    /// All samples ever.
    pub count: u64,
    /// Median.
    pub p50: Span,
    /// 99th percentile.
    pub p99: Span,
}

impl Latency {
    /// Takes a sample; one below zero (clocks that disagree) counts as zero.
    pub fn hear(&mut self, sample: Span) {
        if self.samples.len() == SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(sample.max(Span::ZERO));
        self.durations.hear(sample);
    }

    /// All samples since the start, by length.
    #[must_use]
    pub const fn durations(&self) -> &Durations {
        &self.durations
    }

    /// The percentiles by nearest rank; zero without samples.
    #[must_use]
    pub fn quantiles(&self) -> Quantiles {
        let mut sorted: Vec<Span> = self.samples.iter().copied().collect();
        sorted.sort_unstable();
        Quantiles {
            count: self.durations.count(),
            p50: nearest_rank(&sorted, 50),
            p99: nearest_rank(&sorted, 99),
        }
    }
}

/// The smallest sample that at least `percent` of all are not above: rank `ceil(p x n / 100)`.
fn nearest_rank(sorted: &[Span], percent: usize) -> Span {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(Span::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latency(samples: impl Iterator<Item = i64>) -> Quantiles {
        let mut latency = Latency::default();
        samples.for_each(|micros| latency.hear(Span::from_micros(micros)));
        latency.quantiles()
    }

    #[test]
    fn percentiles_are_samples_by_nearest_rank() {
        let of_hundred = latency((1..=100).rev());
        assert_eq!(of_hundred.p50, Span::from_micros(50));
        assert_eq!(of_hundred.p99, Span::from_micros(99));
        let of_one = latency([7].into_iter());
        assert_eq!(of_one.p50, Span::from_micros(7));
        assert_eq!(of_one.p99, Span::from_micros(7));
        assert_eq!(latency([].into_iter()), Quantiles::default());
    }

    #[test]
    fn old_samples_leave_and_the_count_stays() {
        let slow_then_fast = (0..SAMPLES_MAX)
            .map(|_| 900)
            .chain((0..SAMPLES_MAX).map(|_| 3));
        let quantiles = latency(slow_then_fast);
        assert_eq!(quantiles.p99, Span::from_micros(3));
        assert_eq!(quantiles.count, 2 * SAMPLES_MAX as u64);
    }

    #[test]
    fn clocks_that_disagree_never_give_a_negative_latency() {
        assert_eq!(latency([-5].into_iter()).p50, Span::ZERO);
    }
}
