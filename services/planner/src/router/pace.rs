//! How often one position may have a new plan, so that noise can't flood the bus.

use std::collections::VecDeque;

use domain::{Span, Timestamp};

/// New plans of one position within [`WINDOW`]. Rules that change a plan work on minutes; more than
/// this is noise, and waits: the next look makes one plan of everything that has changed by then.
pub const REBUILDS_MAX: usize = 4;
/// The time in which they are counted.
pub const WINDOW: Span = Span::from_secs(1);

/// When the last plans of one position were made, at most [`REBUILDS_MAX`] of them.
#[derive(Debug, Clone, Default)]
pub struct Pace(VecDeque<Timestamp>);

impl Pace {
    /// Whether there is room for one more. A clock that was set back makes room.
    #[must_use]
    pub fn allows(&self, now: Timestamp) -> bool {
        let over = |oldest: &Timestamp| now.since(*oldest) >= WINDOW || now < *oldest;
        self.0.len() < REBUILDS_MAX || self.0.front().is_none_or(over)
    }

    /// Takes one that was made, whether there was room or not.
    pub fn note(&mut self, now: Timestamp) {
        if self.0.len() >= REBUILDS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(10_000 + millis)
    }

    #[test]
    fn no_second_holds_more_than_the_bound() {
        let mut pace = Pace::default();
        let mut made = Vec::new();
        for millis in 0..5_000 {
            if pace.allows(at(millis)) {
                pace.note(at(millis));
                made.push(millis);
            }
        }
        assert_eq!(made.len(), 5 * REBUILDS_MAX);
        let fits = |times: &[i64]| times[REBUILDS_MAX] - times[0] >= 1_000;
        assert!(made.windows(REBUILDS_MAX + 1).all(fits), "{made:?}");
    }

    #[test]
    fn a_clock_set_back_stops_nothing() {
        let mut pace = Pace::default();
        for _ in 0..REBUILDS_MAX {
            pace.note(at(0));
        }
        assert!(!pace.allows(at(999)));
        assert!(pace.allows(at(-1)));
    }
}
