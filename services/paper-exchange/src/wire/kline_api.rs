//! Bars on REST: last trade, mark and index, put together from bars of a minute.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::num::plain;
use super::params::{Params, invalid};
use super::route::Route;
use crate::venue::{Bar, Candle, Venue, VenueError};

/// Bars when no limit is sent, and the most of one answer.
const DEFAULT_BARS: i64 = 500;
const MAX_BARS: i64 = 1_500;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// Which price the rows show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Price {
    /// Trades, with volumes.
    Last,
    /// The mark.
    Mark,
    /// The index.
    Index,
}

/// `GET /fapi/v1/klines` and its relatives: what was replayed since the venue started.
pub(super) fn answer(venue: &Venue, params: &Params, route: Route) -> Result<Value, VenueError> {
    match route {
        Route::MarkKlines => klines(venue, params, params.symbol()?, Price::Mark),
        Route::IndexKlines => klines(venue, params, params.need("pair")?, Price::Index),
        Route::ContinuousKlines => continuous(venue, params),
        _ => klines(venue, params, params.symbol()?, Price::Last),
    }
}

/// With `startTime` the oldest rows from there, else the newest.
fn klines(venue: &Venue, params: &Params, symbol: &str, price: Price) -> Result<Value, VenueError> {
    venue.book(symbol)?;
    let interval = Interval::read(params.need("interval")?)?;
    let start = params.int("startTime")?;
    let end = params.int("endTime")?.unwrap_or(i64::MAX);
    let limit = params.int("limit")?.unwrap_or(DEFAULT_BARS);
    if !(1..=MAX_BARS).contains(&limit) {
        return Err(invalid("limit"));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let mut bars = merge_bars(venue.bars(symbol), interval);
    bars.retain(|bar| (start.unwrap_or(i64::MIN)..=end).contains(&bar.open_ms));
    if start.is_some() {
        bars.truncate(limit);
    } else {
        bars.drain(..bars.len().saturating_sub(limit));
    }
    let rows = bars.iter().map(|bar| row(bar, interval, price));
    Ok(Value::Array(rows.collect()))
}

/// `GET /fapi/v1/continuousKlines`: here every contract is the perpetual of its pair.
fn continuous(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    if params.need("contractType")? != "PERPETUAL" {
        return Err(invalid("contractType"));
    }
    klines(venue, params, params.need("pair")?, Price::Last)
}

/// Length of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interval {
    /// So many ms, counted from the epoch.
    Fixed(i64),
    /// From Monday to Monday.
    Week,
    /// A month of the calendar.
    Month,
}

impl Interval {
    /// Reads the name of a length; -1120 when there is none such.
    pub(super) fn read(text: &str) -> Result<Self, VenueError> {
        let minutes = match text {
            "1m" => 1,
            "3m" => 3,
            "5m" => 5,
            "15m" => 15,
            "30m" => 30,
            "1h" => 60,
            "2h" => 120,
            "4h" => 240,
            "6h" => 360,
            "8h" => 480,
            "12h" => 720,
            "1d" => 1_440,
            "3d" => 4_320,
            "1w" => return Ok(Self::Week),
            "1M" => return Ok(Self::Month),
            _ => return Err(VenueError::new(-1120, "Invalid interval.")),
        };
        Ok(Self::Fixed(minutes * MINUTE_MS))
    }

    /// Start of the bar that holds this moment, ms.
    pub(super) const fn open_ms(self, at_ms: i64) -> i64 {
        match self {
            Self::Fixed(length) => at_ms - at_ms.rem_euclid(length),
            // The epoch was a Thursday.
            Self::Week => at_ms - (at_ms + 3 * DAY_MS).rem_euclid(7 * DAY_MS),
            Self::Month => {
                let days = at_ms.div_euclid(DAY_MS);
                (days - day_of_month(days) + 1) * DAY_MS
            }
        }
    }

    /// Last ms of the bar that starts there.
    pub(super) const fn close_ms(self, open_ms: i64) -> i64 {
        let length = match self {
            Self::Fixed(length) => length,
            Self::Week => 7 * DAY_MS,
            // No month is longer than 31 days and none shorter than 28.
            Self::Month => return self.open_ms(open_ms + 31 * DAY_MS) - 1,
        };
        open_ms + length - 1
    }
}

/// Day of the month, from 1, of a day counted from the epoch (civil calendar, eras of 400 years).
const fn day_of_month(days: i64) -> i64 {
    let shifted = days + 719_468;
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    day_of_year - (153 * month + 2) / 5 + 1
}

/// Bars of a minute as bars of that length, oldest first.
pub(super) fn merge_bars<'a>(bars: impl Iterator<Item = &'a Bar>, interval: Interval) -> Vec<Bar> {
    let mut merged: Vec<Bar> = Vec::new();
    for bar in bars {
        let open_ms = interval.open_ms(bar.open_ms);
        match merged.last_mut().filter(|last| last.open_ms == open_ms) {
            Some(last) => {
                last.high = last.high.max(bar.high);
                last.low = last.low.min(bar.low);
                last.close = bar.close;
                last.volume = last.volume.checked_add(bar.volume).unwrap_or(last.volume);
                last.ticks += bar.ticks;
                last.mark.join(&bar.mark);
                last.index.join(&bar.index);
            }
            None => merged.push(Bar {
                open_ms,
                ..bar.clone()
            }),
        }
    }
    merged
}

fn row(bar: &Bar, interval: Interval, price: Price) -> Value {
    let close_ms = interval.close_ms(bar.open_ms);
    match price {
        Price::Last => trade_row(bar, close_ms),
        Price::Mark => candle_row(bar, &bar.mark, close_ms),
        Price::Index => candle_row(bar, &bar.index, close_ms),
    }
}

fn trade_row(bar: &Bar, close_ms: i64) -> Value {
    let quote = bar.quote_volume();
    let half = |value: Decimal| plain(value / Decimal::TWO);
    json!([
        bar.open_ms,
        plain(bar.open),
        plain(bar.high),
        plain(bar.low),
        plain(bar.close),
        plain(bar.volume),
        close_ms,
        plain(quote),
        bar.ticks,
        half(bar.volume),
        half(quote),
        "0",
    ])
}

/// Mark and index have no volume: those places hold "0".
fn candle_row(bar: &Bar, candle: &Candle, close_ms: i64) -> Value {
    json!([
        bar.open_ms,
        plain(candle.open),
        plain(candle.high),
        plain(candle.low),
        plain(candle.close),
        "0",
        close_ms,
        "0",
        bar.ticks,
        "0",
        "0",
        "0",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-02-29 13:07 UTC, a Thursday in a leap year.
    const LEAP: i64 = 1_709_212_020_000;

    fn bounds(text: &str) -> (i64, i64) {
        let interval = Interval::read(text).unwrap();
        let open = interval.open_ms(LEAP);
        (open, interval.close_ms(open))
    }

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        // 2024-02-26 to 2024-03-03.
        assert_eq!(bounds("1w"), (1_708_905_600_000, 1_709_510_399_999));
        // 2024-02-01 to 2024-02-29.
        assert_eq!(bounds("1M"), (1_706_745_600_000, 1_709_251_199_999));
        assert_eq!(bounds("1d"), (1_709_164_800_000, 1_709_251_199_999));
        assert_eq!(bounds("5m"), (1_709_211_900_000, 1_709_212_199_999));
    }

    #[test]
    fn an_unknown_interval_has_its_own_code() {
        assert_eq!(Interval::read("2m").unwrap_err().code, -1120);
    }
}
