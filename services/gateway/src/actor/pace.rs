//! How far apart reads are: by kind of round, by what is used of the weight, after failures.

use domain::{Span, Timestamp};

/// Two rounds are at least this far apart, whatever happens.
pub(super) const ROUND_SPACING: Span = Span::from_millis(500);
/// So much of a minute's weight may be used before full rounds are spread.
const WEIGHT_FREE: u32 = 300;
/// Beyond it, each this many put another [`ROUND_SPACING`] between two full rounds, so that even
/// with a stream that breaks all the time a quarter of a minute's weight is left to orders and
/// questions, and they never stop for long.
const WEIGHT_PER_SPACING: u32 = 75;
/// First pause after a failed read, doubled each time.
const BACKOFF_FIRST: Span = Span::from_millis(250);
/// Longest pause after a failed read.
const BACKOFF_LONGEST: Span = Span::from_secs(8);

/// When the next round of a kind may go, and how many of them have failed in a row.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pub not_before: Timestamp,
    pub fails: u32,
}

impl Pace {
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.not_before = now + backoff(self.fails);
        self.fails = self.fails.saturating_add(1);
    }
}

/// How far the next full round is from one that begins now.
pub(super) fn full_spacing(weight_used: u32) -> Span {
    let steps = i64::from(1 + weight_used.saturating_sub(WEIGHT_FREE) / WEIGHT_PER_SPACING);
    Span::from_micros(ROUND_SPACING.micros() * steps)
}

/// Pause after failure number `fails`, from 0.
pub(super) fn backoff(fails: u32) -> Span {
    let factor = 1_i64 << fails.min(10);
    Span::from_micros(BACKOFF_FIRST.micros() * factor).min(BACKOFF_LONGEST)
}
