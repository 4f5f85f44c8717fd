//! Being fenced out, in a deployment without leases: another executor has taken over. This one
//! stands by, and takes over in turn when the other has fallen silent, so that nobody has to
//! restart it by hand.

use domain::{Span, Timestamp};
use tracing::{error, warn};

/// Executors heartbeat every second; after three missed ones the other is taken for dead.
const SILENCE_MAX: Span = Span::from_secs(3);

/// Whether this executor acts or stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standby {
    since: Option<Timestamp>,
    rival_heard_at: Option<Timestamp>,
}

impl Standby {
    /// Whether another one acts.
    pub(crate) const fn is_passive(&self) -> bool {
        self.since.is_some()
    }

    /// The guard said that a newer owner has taken over.
    pub(crate) fn fenced(&mut self, now: Timestamp) {
        if self.since.is_none() {
            error!(
                tag = "EXIT_BRAIN_EXECUTOR",
                "another executor has taken over: standing by"
            );
        }
        self.since = Some(self.since.unwrap_or(now));
    }

    /// An executor of a newer boot is alive.
    pub(crate) fn rival(&mut self, now: Timestamp) {
        self.rival_heard_at = Some(now);
    }

    /// Whether to take over: passive, and the other silent. It acts again from now on.
    pub(crate) fn takes_over(&mut self, now: Timestamp) -> bool {
        let Some(since) = self.since else {
            return false;
        };
        let last = self.rival_heard_at.map_or(since, |heard| heard.max(since));
        let due = now.since(last) > SILENCE_MAX;
        if due {
            warn!(
                tag = "EXIT_BRAIN_EXECUTOR",
                "the other executor is silent: taking over"
            );
            *self = Self::default();
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn it_stands_by_while_the_other_lives_and_takes_over_when_it_is_silent() {
        let mut standby = Standby::default();
        assert!(!standby.takes_over(at(0)), "it acts already");
        standby.fenced(at(0));
        standby.fenced(at(10));
        standby.rival(at(2_000));
        assert!(!standby.takes_over(at(4_900)));
        assert!(standby.is_passive());
        assert!(standby.takes_over(at(5_100)));
        assert!(!standby.is_passive());
    }
}
