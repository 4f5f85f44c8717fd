//! Incomes and funding on REST.

use serde_json::{Value, json};

use super::num::{money, plain};
use super::order_read::known_symbol;
use super::params::Params;
use crate::venue::{FundingPoint, Income, Venue, VenueError};

/// Rows when no limit is sent, and the most of one answer.
const DEFAULT_ROWS: i64 = 100;
const MAX_ROWS: i64 = 1_000;
/// Widest funding rate, as `fundingInfo` shows it.
const RATE_CAP: &str = "0.03000000";
const HOUR_MS: i64 = 3_600_000;

/// `GET /fapi/v1/income`: with a start the oldest rows from there, else the newest.
pub(super) fn income(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    let kind = params.get("incomeType");
    let window = Window::read(params)?;
    let wanted = |income: &&Income| {
        symbol.is_none_or(|symbol| symbol == income.symbol)
            && kind.is_none_or(|kind| kind == income.kind.wire())
            && window.holds(income.at_ms)
    };
    Ok(window.pick(venue.income().filter(wanted), income_row))
}

/// `GET /fapi/v1/fundingRate`: what was charged.
pub(super) fn funding_rate(venue: &Venue, params: &Params) -> Result<Value, VenueError> {
    let symbol = known_symbol(venue, params)?;
    let window = Window::read(params)?;
    let wanted = |point: &&FundingPoint| {
        symbol.is_none_or(|symbol| symbol == point.symbol) && window.holds(point.at_ms)
    };
    Ok(window.pick(venue.funding_history().filter(wanted), funding_row))
}

/// `GET /fapi/v1/fundingInfo`.
pub(super) fn funding_info(venue: &Venue) -> Value {
    let row = |book: &crate::venue::Book| {
        json!({
            "symbol": book.spec.symbol,
            "adjustedFundingRateCap": RATE_CAP,
            "adjustedFundingRateFloor": format!("-{RATE_CAP}"),
            "fundingIntervalHours": book.funding_interval_ms / HOUR_MS,
            "disclaimer": false,
        })
    };
    Value::Array(venue.books.values().map(row).collect())
}

/// Time range and row limit.
struct Window {
    from_start: bool,
    start_ms: i64,
    end_ms: i64,
    rows: usize,
}

impl Window {
    fn read(params: &Params) -> Result<Self, VenueError> {
        let start = params.int("startTime")?;
        let rows = params.int("limit")?.unwrap_or(DEFAULT_ROWS);
        Ok(Self {
            from_start: start.is_some(),
            start_ms: start.unwrap_or(i64::MIN),
            end_ms: params.int("endTime")?.unwrap_or(i64::MAX),
            rows: usize::try_from(rows.clamp(1, MAX_ROWS)).unwrap_or(1),
        })
    }

    fn holds(&self, at_ms: i64) -> bool {
        (self.start_ms..=self.end_ms).contains(&at_ms)
    }

    fn pick<'a, T: 'a>(
        &self,
        wanted: impl DoubleEndedIterator<Item = &'a T>,
        row: impl Fn(&T) -> Value,
    ) -> Value {
        if self.from_start {
            return Value::Array(wanted.take(self.rows).map(row).collect());
        }
        let mut newest: Vec<Value> = wanted.rev().take(self.rows).map(row).collect();
        newest.reverse();
        Value::Array(newest)
    }
}

fn income_row(income: &Income) -> Value {
    let trade = income.trade_id.map(|id| id.to_string()).unwrap_or_default();
    json!({
        "symbol": income.symbol,
        "incomeType": income.kind.wire(),
        "income": money(income.amount),
        "asset": "USDT",
        "info": trade,
        "time": income.at_ms,
        "tranId": income.id,
        "tradeId": trade,
    })
}

fn funding_row(point: &FundingPoint) -> Value {
    json!({
        "symbol": point.symbol,
        "fundingRate": money(point.rate),
        "fundingTime": point.at_ms,
        "markPrice": plain(point.mark),
    })
}
