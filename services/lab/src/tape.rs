//! Recorded prices of one contract in memory, and the market's context along them.

use std::path::{Path, PathBuf};

use domain::market::MarketContext;
use domain::{Span, Symbol, Timestamp};
use paper_exchange::venue::{PriceUpdate, SymbolSpec};
use rust_decimal::Decimal;
use thiserror::Error;

mod context;
mod files;
mod funding;
#[cfg(test)]
mod tests;

pub use files::load;

/// A silence of so long ends the data: what is open is closed, and nothing is carried over it.
pub const SILENCE_MAX: Span = Span::from_hours(1);

/// Why data can't be used.
#[derive(Debug, Error)]
pub enum TapeError {
    /// A price source that can't be read.
    #[error("{0}")]
    Feed(#[from] paper_exchange::feed::FeedError),
    /// A path that can't be listed.
    #[error("cannot list {path}: {source}")]
    Unlisted {
        /// The path.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Nothing is left to replay.
    #[error(
        "no prices in {0}: name files or folders of bars, trades or recorded feeds, and a time \
             and symbols that they hold"
    )]
    Empty(String),
    /// A file's name that is no contract's.
    #[error("{path} is not named after a contract: {why}")]
    Symbol {
        /// The path.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file of funding rates that can't be used.
    #[error("funding rates in {path}, line {line}: {why}")]
    Funding {
        /// The path.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Files and folders of prices.
    pub data: Vec<PathBuf>,
    /// Files and folders of funding rates.
    pub funding: Vec<PathBuf>,
    /// Of these contracts only; none is all.
    pub symbols: Vec<String>,
    /// From here on.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
}

impl Wanted {
    fn covers(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    fn is_of(&self, symbol: &str) -> bool {
        self.symbols.is_empty() || self.symbols.iter().any(|wanted| wanted == symbol)
    }
}

/// Prices at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// The mark.
    pub mark: Decimal,
    /// What differs from the mark, where the data tells it.
    pub quote: Option<Box<Quote>>,
}

/// Last trade and book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Last trade.
    pub last: Decimal,
    /// Best bid and ask, where the data has a book.
    pub book: Option<(Decimal, Decimal)>,
}

impl Tick {
    /// The last trade.
    #[must_use]
    pub fn last(&self) -> Decimal {
        self.quote.as_ref().map_or(self.mark, |quote| quote.last)
    }

    /// The prices as the venue takes them. Without a book of its own, bid and ask lie `slippage`
    /// away from the last trade, on the grid.
    #[must_use]
    pub fn update(&self, slippage: Decimal, tick_size: Decimal) -> PriceUpdate {
        let last = self.last();
        let book = self.quote.as_ref().and_then(|quote| quote.book);
        let (bid, ask) = book.unwrap_or_else(|| around(last, slippage, tick_size));
        PriceUpdate {
            mark: Some(self.mark),
            index: None,
            last: Some(last),
            bid: Some(bid),
            ask: Some(ask),
            volume: Some(Decimal::ZERO),
        }
    }
}

/// Bid rounded down and ask rounded up to the grid: a cost is never rounded away.
fn around(last: Decimal, slippage: Decimal, tick_size: Decimal) -> (Decimal, Decimal) {
    let off = last * slippage;
    let down = |price: Decimal| price - price.checked_rem(tick_size).unwrap_or_default();
    let bid = down(last - off);
    let bid = if bid > Decimal::ZERO { bid } else { last };
    let ask = last + off;
    let ask = match down(ask) {
        on_grid if on_grid == ask => ask,
        below => below + tick_size,
    };
    (bid, ask)
}

/// A funding payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funding {
    /// When it was charged.
    pub at: Timestamp,
    /// The rate; above zero where longs paid.
    pub rate: Decimal,
}

/// The recorded prices of one contract.
#[derive(Debug, Clone)]
pub struct Tape {
    /// The contract.
    pub symbol: Symbol,
    /// Its filters.
    pub spec: SymbolSpec,
    /// In the order of time; within a bar the low comes before the high.
    low_first: Vec<Tick>,
    /// The same where the high comes before the low; none where the data has no bars.
    high_first: Option<Vec<Tick>>,
    /// At the end of each minute.
    contexts: Vec<MarketContext>,
    /// In the order of time; empty where none were given.
    pub funding: Vec<Funding>,
    /// Lines that could not be read.
    pub malformed: u64,
}

impl Tape {
    /// The prices as a position of this side meets them: within a bar what hurts it comes first.
    #[must_use]
    pub fn ticks(&self, side: domain::Side) -> &[Tick] {
        match (side, &self.high_first) {
            (domain::Side::Short, Some(ticks)) => ticks,
            _ => &self.low_first,
        }
    }

    /// Whether the path within bars is an assumption.
    #[must_use]
    pub const fn has_bars(&self) -> bool {
        self.high_first.is_some()
    }

    /// The context at each minute's end.
    #[must_use]
    pub fn contexts(&self) -> &[MarketContext] {
        &self.contexts
    }

    /// Index of the first context after `at`.
    #[must_use]
    pub fn contexts_until(&self, at: Timestamp) -> usize {
        self.contexts.partition_point(|context| context.at <= at)
    }

    /// First and last moment.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.low_first.first()?.at, self.low_first.last()?.at))
    }

    /// Builds a tape of what was read.
    #[must_use]
    pub fn new(
        symbol: Symbol,
        low_first: Vec<Tick>,
        high_first: Vec<Tick>,
        funding: Vec<Funding>,
    ) -> Self {
        let contexts = context::along(&symbol, &low_first, &funding);
        let high_first = (high_first != low_first).then_some(high_first);
        Self {
            spec: SymbolSpec::named_or_generic(symbol.as_str()),
            symbol,
            low_first,
            high_first,
            contexts,
            funding,
            malformed: 0,
        }
    }
}

/// `BTCUSDT` of `BTCUSDT-1m-2025.csv.zst`.
fn symbol_of(path: &Path) -> Result<Symbol, TapeError> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let end = name.find(['-', '.', '_']).unwrap_or(name.len());
    Symbol::new(name.get(..end).unwrap_or_default()).map_err(|error| TapeError::Symbol {
        path: path.into(),
        why: error.to_string(),
    })
}
