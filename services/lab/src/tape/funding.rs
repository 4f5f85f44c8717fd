//! Funding rates that were charged, from CSV: `funding_time_ms,funding_rate`.

use std::path::Path;

use domain::Timestamp;
use rust_decimal::Decimal;

use super::{Funding, TapeError};

/// Reads one file, in the order of time.
///
/// # Errors
/// [`TapeError::Funding`] with the first line that can't be used.
pub(super) fn read(path: &Path) -> Result<Vec<Funding>, TapeError> {
    let fault = |line: u64, why: String| TapeError::Funding {
        path: path.into(),
        line,
        why,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(path)
        .map_err(|error| fault(0, error.to_string()))?;
    let mut found = Vec::new();
    for (row, line) in reader.records().zip(1_u64..) {
        let row = row.map_err(|error| fault(line, error.to_string()))?;
        let (at, rate) = (row.get(0).unwrap_or(""), row.get(1).unwrap_or(""));
        if line == 1 && at.starts_with("funding_time") {
            continue;
        }
        let millis: i64 = at
            .trim()
            .parse()
            .map_err(|_| fault(line, format!("funding_time_ms is {at:?}")))?;
        let rate: Decimal = rate
            .trim()
            .parse()
            .map_err(|_| fault(line, format!("funding_rate is {rate:?}")))?;
        found.push(Funding {
            at: Timestamp::from_millis(millis),
            rate,
        });
    }
    found.sort_by_key(|funding| funding.at);
    Ok(found)
}
