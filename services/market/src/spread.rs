//! The spread of one contract, as it stands over time: not the one tick that came last.

use domain::{Price, Ratio, Span, Timestamp};
use rust_decimal::Decimal;

/// Each spread counts by the time for which it stood. In the first minute the mean is over all of
/// it; from then on the past fades by this time.
pub const WINDOW: Span = Span::from_secs(60);
/// Nothing is said before the book was watched for so long: one look is no mean.
pub const WATCH_MIN: Span = Span::from_secs(10);
/// A book that has not been heard of for so long is not known any more. The best prices or their
/// sizes change many times a minute, even on the quietest contracts.
pub const AGE_MAX: Span = Span::from_secs(60);
/// Decimals of what is published.
const SCALE: u32 = 8;

/// The spread of one contract.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    watched: Option<Watched>,
}

#[derive(Debug, Clone)]
struct Watched {
    since: Timestamp,
    at: Timestamp,
    standing: Decimal,
    mean: Decimal,
}

impl Spread {
    /// Takes a book in; one after a long silence starts anew. A difference that can't be computed
    /// is none.
    pub fn push(&mut self, now: Timestamp, bid: Price, ask: Price) {
        let Some(standing) = of_middle(bid.get(), ask.get()) else {
            return;
        };
        let before = self.watched.as_ref().filter(|it| it.is_known(now));
        let mean = before.and_then(|it| it.mean(now));
        self.watched = Some(Watched {
            since: before.map_or(now, |it| it.since),
            at: now,
            standing,
            mean: mean.unwrap_or(standing),
        });
    }

    /// The mean, a fraction of the middle of the book; none before it was watched for
    /// [`WATCH_MIN`], and none once the last book is older than [`AGE_MAX`].
    #[must_use]
    pub fn mean(&self, now: Timestamp) -> Option<Ratio> {
        let known = self.watched.as_ref().filter(|it| it.is_known(now))?;
        if now.since(known.since) < WATCH_MIN {
            return None;
        }
        known.mean(now).map(|mean| Ratio::new(mean.round_dp(SCALE)))
    }
}

impl Watched {
    fn is_known(&self, now: Timestamp) -> bool {
        (Span::ZERO..=AGE_MAX).contains(&now.since(self.at))
    }

    /// The mean with what has stood since the last book.
    fn mean(&self, now: Timestamp) -> Option<Decimal> {
        let stood = now.since(self.at).micros();
        let watched = now.since(self.since).micros();
        let weigh_over = watched.min(WINDOW.micros().saturating_add(stood));
        if weigh_over == 0 {
            return Some(self.standing);
        }
        let weight = Decimal::from(stood).checked_div(Decimal::from(weigh_over))?;
        let moved = self.standing.checked_sub(self.mean)?.checked_mul(weight)?;
        self.mean.checked_add(moved)
    }
}

fn of_middle(bid: Decimal, ask: Decimal) -> Option<Decimal> {
    let middle = bid.checked_add(ask)?.checked_div(Decimal::TWO)?;
    ask.checked_sub(bid)?.checked_div(middle)
}

#[cfg(test)]
mod tests;
