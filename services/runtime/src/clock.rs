//! The only place that asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// The wall clock, microseconds since the Unix epoch, UTC.
#[must_use]
pub fn now() -> Timestamp {
    let past = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock set before 1970 reads as the epoch itself: every message is then "from the future"
    // and every age check refuses, which is the safe side.
    let micros = past.map_or(0, |past| past.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
