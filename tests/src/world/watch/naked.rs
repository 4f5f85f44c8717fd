//! How long positions lacked their stop beyond the placement window, and the longest of it.

use std::collections::BTreeMap;

use domain::{PositionKey, Span, Timestamp};

/// Whose task the stops are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The executor's.
    #[default]
    Brain,
    /// Those of the incumbents, outside LIVE and outside the rollout.
    Incumbents,
}

/// Positions that are naked now, and the longest that any was.
#[derive(Debug, Default)]
pub struct Naked {
    owner: Owner,
    allowed: Span,
    now: BTreeMap<PositionKey, Since>,
    longest: BTreeMap<Owner, Longest>,
}

/// The longest that a position lacked its stop beyond the placement window.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    /// While somebody could have placed one.
    pub blamed: Span,
    /// Altogether, with the time of an outage in which nobody could.
    pub altogether: Span,
}

#[derive(Debug, Clone, Copy)]
struct Since {
    first: Timestamp,
    /// What takes its time begins when something can be done.
    blamed: Timestamp,
}

impl Naked {
    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.now.is_empty()
    }

    /// Whose task the stops are from now on, and naked time that is no violation.
    pub const fn allow(&mut self, (owner, allowed): (Owner, Span)) {
        self.owner = owner;
        self.allowed = allowed;
    }

    /// Naked time that is no violation.
    pub const fn allowed(&self) -> Span {
        self.allowed
    }

    /// The longest so far while the stops were the task of `owner`.
    pub fn longest(&self, owner: Owner) -> Longest {
        self.longest.get(&owner).copied().unwrap_or_default()
    }

    /// Forgets those that are no longer.
    pub fn keep(&mut self, is_naked: impl Fn(&PositionKey) -> bool) {
        self.now.retain(|key, _| is_naked(key));
    }

    /// A position is naked at `now`; `excused` where nobody can help it. Returns since when
    /// somebody could.
    pub fn seen(&mut self, key: &PositionKey, now: Timestamp, excused: bool) -> Timestamp {
        let since = self.now.entry(key.clone()).or_insert(Since {
            first: now,
            blamed: now,
        });
        if excused {
            since.blamed = now;
        }
        let longest = self.longest.entry(self.owner).or_default();
        longest.blamed = longest.blamed.max(now.since(since.blamed));
        longest.altogether = longest.altogether.max(now.since(since.first));
        since.blamed
    }
}

#[cfg(test)]
mod tests {
    use domain::Side;

    use super::*;
    use crate::world::truth;

    #[test]
    fn time_in_which_nobody_can_help_counts_for_the_whole_only() {
        let key = truth::key("BTCUSDT", Side::Long);
        let at = Timestamp::from_millis;
        let mut naked = Naked::default();
        assert_eq!(naked.seen(&key, at(1_000), false), at(1_000));
        assert_eq!(naked.seen(&key, at(3_000), true), at(3_000));
        assert_eq!(naked.seen(&key, at(3_500), false), at(3_000));
        let longest = Longest {
            blamed: Span::from_millis(500),
            altogether: Span::from_millis(2_500),
        };
        assert_eq!(naked.longest(Owner::Brain), longest);
        naked.keep(|_| false);
        assert!(naked.is_empty());
        naked.seen(&key, at(9_000), false);
        assert_eq!(naked.longest(Owner::Brain), longest);
        naked.allow((Owner::Incumbents, Span::from_secs(1)));
        naked.seen(&key, at(10_000), false);
        assert_eq!(naked.longest(Owner::Brain), longest, "not its task");
        assert_eq!(
            naked.longest(Owner::Incumbents).blamed,
            Span::from_millis(1_000)
        );
    }
}
