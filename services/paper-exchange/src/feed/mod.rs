//! Price sources: files of bars, recorded streams or trades, and a synthetic market.

mod bars;
mod lines;
mod merge;
mod recorded;
mod replay;
mod synthetic;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

pub use merge::MergedFiles;
pub use replay::{Replay, Speed, SpeedError};
pub use synthetic::{SYNTHETIC_SYMBOLS, Synthetic};

use crate::venue::PriceUpdate;

/// Prices of one symbol at one original moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePoint {
    /// Symbol.
    pub symbol: String,
    /// Original time, ms.
    pub at_ms: i64,
    /// Mark price, when this point sets it.
    pub mark: Option<Decimal>,
    /// Last trade, when this point sets it.
    pub last: Option<Decimal>,
    /// Best bid, when this point sets it.
    pub bid: Option<Decimal>,
    /// Best ask, when this point sets it.
    pub ask: Option<Decimal>,
    /// Volume traded, base asset.
    pub volume: Decimal,
}

impl PricePoint {
    /// A point where everything trades at one price.
    #[must_use]
    pub fn at(symbol: &str, at_ms: i64, price: Decimal, volume: Decimal) -> Self {
        Self {
            symbol: symbol.to_owned(),
            at_ms,
            mark: Some(price),
            last: Some(price),
            bid: None,
            ask: None,
            volume,
        }
    }

    /// The same as a change of the venue's prices.
    #[must_use]
    pub const fn update(&self) -> PriceUpdate {
        PriceUpdate {
            mark: self.mark,
            index: None,
            last: self.last,
            bid: self.bid,
            ask: self.ask,
            volume: Some(self.volume),
        }
    }
}

/// Which way the account leans in a symbol: decides which extreme of a bar comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    /// A long position: the low comes first.
    Long,
    /// A short position: the high comes first.
    Short,
    /// No position: the low comes first.
    Flat,
}

/// Tells the lean of a symbol at this moment.
pub type LeanOf<'a> = &'a dyn Fn(&str) -> Lean;

/// Why a price source cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The path cannot be read.
    #[error("cannot read {path}: {source}; name a file, a folder, `synthetic` or `manual`")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file in which not one line could be used.
    #[error(
        "no usable line in {path} ({malformed} malformed): expected 1-minute bars, trades or a \
         recorded stream"
    )]
    NothingUsable {
        /// The path.
        path: PathBuf,
        /// Lines that could not be read.
        malformed: u64,
    },
    /// A folder without a matching file.
    #[error("no price file for the chosen symbols in {path}")]
    NoFiles {
        /// The path.
        path: PathBuf,
    },
    /// More files than the bound.
    #[error("{path} holds {found} price files, at most {most} can be merged: choose symbols")]
    TooManyFiles {
        /// The path.
        path: PathBuf,
        /// Files found.
        found: usize,
        /// The bound.
        most: usize,
    },
}

/// A source of price points in the order of their original times.
#[derive(Debug)]
pub enum Feed {
    /// Files, merged by time.
    Files(MergedFiles),
    /// The market that ships with the project.
    Synthetic(Synthetic),
    /// Never moves by itself.
    Manual,
}

impl Feed {
    /// Opens what `--data` names: `synthetic`, `manual`, a file or a folder.
    ///
    /// `symbols` empty means all there are.
    ///
    /// # Errors
    /// See [`FeedError`].
    pub fn open(data: &str, symbols: &[String], seed: u64) -> Result<Self, FeedError> {
        match data {
            "synthetic" => Ok(Self::Synthetic(Synthetic::new(symbols, seed))),
            "manual" => Ok(Self::Manual),
            path => MergedFiles::open(Path::new(path), symbols).map(Self::Files),
        }
    }

    /// The symbols it can have prices for; empty for `manual`.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        match self {
            Self::Files(files) => files.symbols(),
            Self::Synthetic(market) => market.symbols(),
            Self::Manual => Vec::new(),
        }
    }

    /// The next point, or `None` at the end.
    pub fn next_point(&mut self, lean: LeanOf<'_>) -> Option<PricePoint> {
        match self {
            Self::Files(files) => files.next_point(lean),
            Self::Synthetic(market) => Some(market.next_point()),
            Self::Manual => None,
        }
    }

    /// Starts again from the first point.
    ///
    /// # Errors
    /// See [`FeedError`]: a file may have gone in the meantime.
    pub fn rewind(&mut self) -> Result<(), FeedError> {
        match self {
            Self::Files(files) => files.rewind(),
            Self::Synthetic(_) | Self::Manual => Ok(()),
        }
    }

    /// Lines that were skipped because they could not be read.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        match self {
            Self::Files(files) => files.malformed(),
            Self::Synthetic(_) | Self::Manual => 0,
        }
    }
}
