//! Original times stamped onto the wall clock, faster or slower.

use std::str::FromStr;

use super::{Feed, FeedError, LeanOf, PricePoint};

/// Longest pause between two points that is replayed, original ms; longer ones (two files of
/// different years) are skipped.
const MAX_GAP_MS: i64 = 600_000;
/// Thousandths of the original speed.
const MILLI: i64 = 1_000;
/// Fastest replay, thousandths: a month in under a minute.
const MAX_MILLI_SPEED: i64 = 100_000 * MILLI;

/// Original time per wall time, e.g. `60x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed {
    milli: i64,
}

/// A speed that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("speed is {given:?}: write it like 60x or 0.5x, above 0 and at most 100000x")]
pub struct SpeedError {
    given: String,
}

impl Speed {
    /// As it was.
    pub const REAL_TIME: Self = Self { milli: MILLI };
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || SpeedError {
            given: text.to_owned(),
        };
        let number = text.trim().trim_end_matches(['x', 'X']);
        let factor: rust_decimal::Decimal = number.parse().map_err(|_| bad())?;
        let milli = factor
            .checked_mul(MILLI.into())
            .and_then(|m| i64::try_from(m).ok());
        let milli = milli
            .filter(|milli| (1..=MAX_MILLI_SPEED).contains(milli))
            .ok_or_else(bad)?;
        Ok(Self { milli })
    }
}

/// A feed on the wall clock; at its end it starts again.
#[derive(Debug)]
pub struct Replay {
    feed: Feed,
    speed: Speed,
    /// Wall and original time that belong together.
    anchor: Option<(i64, i64)>,
    last_original_ms: i64,
    pending: Option<PricePoint>,
    rounds: u64,
}

impl Replay {
    /// A replay that begins with the first call.
    #[must_use]
    pub const fn new(feed: Feed, speed: Speed) -> Self {
        Self {
            feed,
            speed,
            anchor: None,
            last_original_ms: 0,
            pending: None,
            rounds: 0,
        }
    }

    /// The next point whose time has come, or `None` for now.
    ///
    /// # Errors
    /// See [`FeedError`]: only when starting again.
    pub fn next_due(
        &mut self,
        wall_ms: i64,
        lean: LeanOf<'_>,
    ) -> Result<Option<PricePoint>, FeedError> {
        if self.pending.is_none() {
            self.pending = self.read(wall_ms, lean)?;
        }
        let now = self.original_ms(wall_ms);
        let due = self
            .pending
            .as_ref()
            .is_some_and(|point| point.at_ms <= now);
        Ok(if due { self.pending.take() } else { None })
    }

    /// How much shorter a span of market time is on the wall clock, ms; a market that is moved by
    /// hand lives in real time.
    #[must_use]
    pub fn wall_span_ms(&self, market_ms: i64) -> i64 {
        match self.feed {
            Feed::Manual => market_ms,
            _ => market_ms.saturating_mul(MILLI) / self.speed.milli.max(MILLI),
        }
    }

    /// How often the data has ended and begun again.
    #[must_use]
    pub const fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Lines skipped so far.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.feed.malformed()
    }

    fn read(&mut self, wall_ms: i64, lean: LeanOf<'_>) -> Result<Option<PricePoint>, FeedError> {
        let mut point = self.feed.next_point(lean);
        if point.is_none() && self.anchor.is_some() {
            self.feed.rewind()?;
            self.rounds += 1;
            point = self.feed.next_point(lean);
        }
        let Some(point) = point else { return Ok(None) };
        let gap = point.at_ms.saturating_sub(self.last_original_ms);
        if self.anchor.is_none() || !(0..=MAX_GAP_MS).contains(&gap) {
            self.anchor = Some((wall_ms, point.at_ms));
        }
        self.last_original_ms = point.at_ms;
        Ok(Some(point))
    }

    fn original_ms(&self, wall_ms: i64) -> i64 {
        let Some((wall, original)) = self.anchor else {
            return i64::MIN;
        };
        let passed = wall_ms
            .saturating_sub(wall)
            .saturating_mul(self.speed.milli)
            / MILLI;
        original.saturating_add(passed)
    }
}
