//! The last 24 hours of a symbol.

use rust_decimal::Decimal;

use super::{Bar, Book, Venue};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// What the tickers show of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Latest price.
    pub close: Decimal,
    /// Volume, base asset.
    pub volume: Decimal,
    /// Volume, quote asset: each bar's at its close, as the bars tell it.
    pub quote_volume: Decimal,
}

impl Venue {
    /// The last 24 hours of a symbol; none without a bar in them. The volumes of a shorter time
    /// are scaled up to a day: a venue that has just opened is no dead market.
    #[must_use]
    pub fn day(&self, symbol: &str, now_ms: i64) -> Option<Day> {
        self.books.get(symbol)?.day(now_ms)
    }
}

impl Book {
    pub(crate) fn day(&self, now_ms: i64) -> Option<Day> {
        let from_ms = now_ms - DAY_MS;
        let mut bars = self.bars.iter().filter(|bar| bar.open_ms > from_ms);
        let first = bars.next()?;
        let start = Day {
            open: first.open,
            high: first.high,
            low: first.low,
            close: first.close,
            volume: first.volume,
            quote_volume: first.quote_volume(),
        };
        let seen = bars.fold(start, |day, bar| Day {
            open: day.open,
            high: day.high.max(bar.high),
            low: day.low.min(bar.low),
            close: bar.close,
            volume: sum(day.volume, bar.volume),
            quote_volume: sum(day.quote_volume, bar.quote_volume()),
        });
        let seen_ms = (now_ms - first.open_ms).clamp(MINUTE_MS, DAY_MS);
        let scaled = |volume: Decimal| {
            let days = Decimal::from(DAY_MS).checked_div(Decimal::from(seen_ms))?;
            volume.checked_mul(days)
        };
        Some(Day {
            volume: scaled(seen.volume).unwrap_or(seen.volume),
            quote_volume: scaled(seen.quote_volume).unwrap_or(seen.quote_volume),
            ..seen
        })
    }
}

impl Bar {
    /// The volume at the close, quote asset.
    pub(crate) fn quote_volume(&self) -> Decimal {
        self.volume.checked_mul(self.close).unwrap_or_default()
    }
}

fn sum(one: Decimal, other: Decimal) -> Decimal {
    one.checked_add(other).unwrap_or(one)
}
