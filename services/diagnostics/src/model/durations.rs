//! How long something took: counts by length that only ever grow.

use domain::Span;

/// Counts of durations up to each of some bounds, and beyond the last.
#[derive(Debug, Clone)]
pub struct Durations {
    bounds: &'static [Span],
    counts: Vec<u64>,
    sum: Span,
}

impl Durations {
    /// None yet; `bounds` ascend.
    #[must_use]
    pub fn new(bounds: &'static [Span]) -> Self {
        Self {
            bounds,
            counts: vec![0; bounds.len() + 1],
            sum: Span::ZERO,
        }
    }

    /// Takes one; one below zero (clocks that disagree) counts as zero.
    pub fn hear(&mut self, length: Span) {
        let length = length.max(Span::ZERO);
        let place = self.bounds.partition_point(|bound| *bound < length);
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(1);
        }
        let micros = self.sum.micros().saturating_add(length.micros());
        self.sum = Span::from_micros(micros);
    }

    /// How many of each length: the bound, none for what is longer than the last, and the count.
    pub fn iter(&self) -> impl Iterator<Item = (Option<Span>, u64)> {
        let bounds = self.bounds.iter().copied().map(Some).chain([None]);
        bounds.zip(self.counts.iter().copied())
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// All of them together.
    #[must_use]
    pub const fn sum(&self) -> Span {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_counts_up_to_the_first_bound_that_is_not_shorter() {
        const BOUNDS: [Span; 2] = [Span::from_millis(10), Span::from_millis(100)];
        let mut durations = Durations::new(&BOUNDS);
        for millis in [-5, 10, 11, 100, 101] {
            durations.hear(Span::from_millis(millis));
        }
        let counts: Vec<_> = durations.iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [2, 2, 1]);
        assert_eq!(
            (durations.count(), durations.sum()),
            (5, Span::from_millis(222))
        );
    }
}
