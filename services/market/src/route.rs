//! The two addresses that the venue splits market streams over (section 1.1 of the wire contract).
//!
//! A stream that is asked for at the wrong address connects and stays silent, so each has its own
//! connection, and neither can hold up the other.

use std::time::Duration;

use domain::Symbol;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `/market`: marks with their funding rate, and the volume of a day. What decides is here.
    Market,
    /// `/public`: the best prices of the book.
    Public,
}

impl Route {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Market, Self::Public];

    /// Its part of the address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Public => "public",
        }
    }

    /// The names of one symbol's streams.
    pub fn streams(self, symbol: &Symbol) -> impl Iterator<Item = String> {
        let name = symbol.as_str().to_lowercase();
        let endings: &[&str] = match self {
            Self::Market => &["markPrice@1s", "miniTicker"],
            Self::Public => &["bookTicker"],
        };
        endings.iter().map(move |ending| format!("{name}@{ending}"))
    }

    /// Silence of this length is a dead connection, whatever TCP says: marks come every second, a
    /// book only where it changes.
    #[must_use]
    pub const fn silence_max(self) -> Duration {
        match self {
            Self::Market => Duration::from_secs(10),
            Self::Public => Duration::from_secs(60),
        }
    }
}
