//! The only place that asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Span, Timestamp};
use thiserror::Error;

/// A clock that was set back by more than this makes what a process remembers worthless: times
/// that lie ahead would keep it waiting, so it ends and starts anew.
pub const STEP_BACK_MAX: Span = Span::from_secs(1);

/// Notices a clock that was set back.
#[derive(Debug, Default)]
pub struct Steps {
    latest: Timestamp,
}

/// The clock was set back while the process ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the clock was set back by {} ms: what was remembered of times is worth nothing, starting anew",
    by.millis()
)]
pub struct SteppedBack {
    /// By how much.
    pub by: Span,
}

impl Steps {
    /// Takes in what time it is, and says what time it is to be taken for: never earlier than
    /// before. What is dated before what was said already would be refused as old news.
    ///
    /// # Errors
    /// [`SteppedBack`] by more than [`STEP_BACK_MAX`] since the latest time taken in.
    pub fn take(&mut self, now: Timestamp) -> Result<Timestamp, SteppedBack> {
        let by = self.latest.since(now);
        if by > STEP_BACK_MAX {
            return Err(SteppedBack { by });
        }
        self.latest = self.latest.max(now);
        Ok(self.latest)
    }
}

/// The wall clock, microseconds since the Unix epoch, UTC.
#[must_use]
pub fn now() -> Timestamp {
    let past = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock set before 1970 reads as the epoch itself: every message is then "from the future"
    // and every age check refuses, which is the safe side.
    let micros = past.map_or(0, |past| past.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_back_is_noticed_and_over_a_small_one_time_stands_still() {
        let at = Timestamp::from_millis;
        let mut steps = Steps::default();
        for (ms, taken_for) in [
            (10_000, 10_000),
            (20_000, 20_000),
            (19_000, 20_000),
            (20_500, 20_500),
        ] {
            assert_eq!(steps.take(at(ms)), Ok(at(taken_for)), "{ms}");
        }
        let by = Span::from_millis(1_001);
        assert_eq!(steps.take(at(19_499)), Err(SteppedBack { by }));
    }
}
