//! The real market under the paper account: public streams and filters of the real venue.
//!
//! Nothing is ever sent there but public questions; keys stay here.

mod follow;
mod frames;
mod info;
mod state;

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;

pub use follow::follow;
pub use info::fetch_specs;
pub use state::LiveState;
pub(crate) use state::stale_error;

/// Where production's public REST answers.
pub const PRODUCTION_REST: &str = "https://fapi.binance.com";
/// Where production's public streams are.
pub const PRODUCTION_WS: &str = "wss://fstream.binance.com";
/// Prices older than this are not traded on, ms.
pub const DEFAULT_STALE_MS: i64 = 10_000;
/// Symbols that can be followed: two streams each on a connection of at most 1024.
pub const MAX_SYMBOLS: usize = 200;

/// Why the real market cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The REST address does not answer.
    #[error("cannot read exchangeInfo at {url}: {reason}; check live_rest and the network")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The venue does not trade this symbol.
    #[error("the real venue does not trade {symbol}: correct symbols")]
    UnknownSymbol {
        /// As set.
        symbol: String,
    },
    /// More symbols than can be followed.
    #[error("{asked} symbols are set, at most {MAX_SYMBOLS} can be followed: choose")]
    TooManySymbols {
        /// As set.
        asked: usize,
    },
}

/// The two parts of the real venue's streams that are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveRoute {
    /// Books.
    Public,
    /// Marks and trades.
    Market,
}

impl LiveRoute {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Market];

    const fn path(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Market => "market",
        }
    }

    const fn streams(self) -> [&'static str; 2] {
        match self {
            Self::Public => ["bookTicker", "depth20@500ms"],
            Self::Market => ["markPrice@1s", "aggTrade"],
        }
    }
}

/// What comes from the real venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveInput {
    /// A connection stands.
    Up(LiveRoute),
    /// A connection is gone: what it told is not known any more.
    Down(LiveRoute),
    /// News, oldest first, and how many frames could not be read.
    News(Vec<LiveUpdate>, u64),
}

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveUpdate {
    /// Best bid and ask.
    Book {
        /// Symbol.
        symbol: String,
        /// Best bid.
        bid: Decimal,
        /// Best ask.
        ask: Decimal,
    },
    /// How much rests near the touch.
    Depth {
        /// Symbol.
        symbol: String,
        /// Notional of the levels seen, both sides, quote asset.
        notional: Decimal,
        /// What they span, both sides, quote asset per base asset.
        span: Decimal,
    },
    /// Mark, index and funding rate.
    Mark {
        /// Symbol.
        symbol: String,
        /// Mark price.
        mark: Decimal,
        /// Index price.
        index: Decimal,
        /// Funding rate of the running period.
        funding: Decimal,
    },
    /// A trade.
    Trade {
        /// Symbol.
        symbol: String,
        /// Price.
        price: Decimal,
        /// Base quantity.
        qty: Decimal,
    },
}
