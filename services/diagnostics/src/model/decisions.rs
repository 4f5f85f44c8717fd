//! How many decisions of each type were made, and when the last one was.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::decision::Decision;

/// Counts of decisions; a decision to change nothing counts too.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    // The types are the code's own five, so this can't grow.
    counts: BTreeMap<(&'static str, bool), u64>,
    last_at: Option<Timestamp>,
}

impl Decisions {
    /// Takes a decision that was acted on (`live`) or only recorded.
    pub fn hear(&mut self, live: bool, decision: &Decision) {
        let count = self
            .counts
            .entry((decision.action.name(), live))
            .or_default();
        *count = count.saturating_add(1);
        self.last_at = self.last_at.max(Some(decision.at));
    }

    /// When the newest decision was made.
    #[must_use]
    pub const fn last_at(&self) -> Option<Timestamp> {
        self.last_at
    }

    /// Type, whether it was acted on, count.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, bool, u64)> {
        self.counts
            .iter()
            .map(|((name, live), count)| (*name, *live, *count))
    }

    /// Counts by type, recorded and acted on together.
    #[must_use]
    pub fn by_type(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for (name, _, count) in self.iter() {
            let sum: &mut u64 = sums.entry(name.into()).or_default();
            *sum = sum.saturating_add(count);
        }
        sums
    }
}
