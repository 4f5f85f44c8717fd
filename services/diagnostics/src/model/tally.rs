//! Counters by name that no input can make grow without bound.

use std::collections::BTreeMap;

/// Names in one tally: several times what the code has, so only names made from input reach it.
pub const NAMES_MAX: usize = 128;
/// Where everything beyond [`NAMES_MAX`] names is counted, so that sums stay right.
pub const OTHER: &str = "(other)";

/// Counts by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    /// Counts `amount` more under `name`.
    pub fn add(&mut self, name: &str, amount: u64) {
        let counter = self.counter(name);
        *counter = counter.saturating_add(amount);
    }

    /// Raises `name` to `value` where it is lower.
    pub fn raise(&mut self, name: &str, value: u64) {
        let counter = self.counter(name);
        *counter = (*counter).max(value);
    }

    /// Everything counted so far.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<String, u64> {
        &self.0
    }

    /// The sum over all names.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.0.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// What was counted under `name`; 0 where nothing was.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts().get(name).copied().unwrap_or_default()
    }

    fn counter(&mut self, name: &str) -> &mut u64 {
        let known = self.0.contains_key(name);
        let name = if known || self.0.len() < NAMES_MAX {
            name
        } else {
            OTHER
        };
        self.0.entry(name.into()).or_default()
    }
}

impl From<Tally> for BTreeMap<String, u64> {
    fn from(tally: Tally) -> Self {
        tally.0
    }
}

impl From<&BTreeMap<String, u64>> for Tally {
    fn from(counts: &BTreeMap<String, u64>) -> Self {
        let mut tally = Self::default();
        for (name, amount) in counts {
            tally.add(name, *amount);
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_made_from_input_are_bounded_and_the_sum_stays_right() {
        let mut tally = Tally::default();
        for number in 0..10 * NAMES_MAX {
            tally.add(&format!("name-{number}"), 1);
        }
        assert_eq!(tally.counts().len(), NAMES_MAX + 1);
        assert_eq!(tally.sum(), 10 * NAMES_MAX as u64);
    }

    #[test]
    fn a_counter_at_its_end_stays_there() {
        let mut tally = Tally::default();
        tally.add("n", u64::MAX);
        tally.add("n", 1);
        assert_eq!(tally.counts()["n"], u64::MAX);
        assert_eq!(tally.sum(), u64::MAX);
    }
}
