//! When positions are opened: by a file, or by a rule that always gives the same.

use std::path::PathBuf;

use domain::{Qty, Side, Symbol, Timestamp};
use rust_decimal::Decimal;
use thiserror::Error;

pub mod file;
pub mod rule;

pub use rule::Rule;

/// Most entries of a run.
pub const ENTRIES_MAX: usize = 1_000_000;

/// A position to open, at market, with the venue's isolated margin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The contract.
    pub symbol: Symbol,
    /// Not before this.
    pub at: Timestamp,
    /// Direction.
    pub side: Side,
    /// Base asset.
    pub qty: Qty,
    /// Times the margin, at least 1.
    pub leverage: u32,
}

/// Why entries can't be used.
#[derive(Debug, Error)]
pub enum EntryError {
    /// A file that can't be read.
    #[error("entries in {path} can't be read: {why}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A line that is no entry.
    #[error("entries in {path}, line {line}: {field} is {value:?}: {why}")]
    Line {
        /// The path.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// Which column.
        field: &'static str,
        /// What it says.
        value: String,
        /// What it should say.
        why: String,
    },
    /// A rule that can't be used.
    #[error("entry rule: {field} is {value:?}: {why}")]
    Rule {
        /// Which parameter.
        field: String,
        /// What it says.
        value: String,
        /// What it should say.
        why: String,
    },
    /// Too many.
    #[error("{found} entries are more than {ENTRIES_MAX}: take fewer symbols or a shorter time")]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// None at all.
    #[error(
        "no entry lies within the data: check its symbols and times; entries by the clock begin 75 \
         minutes after the first price, for less data name them in a file (--entries)"
    )]
    None,
}

/// In an order that does not depend on where they came from.
///
/// # Errors
/// [`EntryError`] for none, and for too many.
pub fn ordered(mut entries: Vec<Entry>) -> Result<Vec<Entry>, EntryError> {
    match entries.len() {
        0 => return Err(EntryError::None),
        found if found > ENTRIES_MAX => return Err(EntryError::TooMany { found }),
        _ => {}
    }
    entries.sort_by(|a, b| (a.at, &a.symbol, a.side).cmp(&(b.at, &b.symbol, b.side)));
    Ok(entries)
}

/// A leverage as the venue takes it.
fn leverage(text: &str) -> Result<u32, String> {
    match text.trim().parse() {
        Ok(leverage @ 1..=125) => Ok(leverage),
        _ => Err("use a whole number from 1 to 125".into()),
    }
}

/// An amount above zero.
fn amount(text: &str) -> Result<Decimal, String> {
    match text.trim().parse::<Decimal>() {
        Ok(amount) if amount > Decimal::ZERO => Ok(amount),
        _ => Err("use a decimal number above 0".into()),
    }
}
