//! What the market says: mark ticks, and the slower context of volatility, trend and regime.

use core::fmt;
use core::str::FromStr;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::{NameError, Symbol};
use crate::num::{Money, Price, Ratio};
use crate::time::{Span, Timestamp};

/// Our own services' clocks differ by less than this.
const RECEIVED_AHEAD_MAX: Span = Span::from_secs(1);
/// The venue's clock may differ from ours by this much.
const EVENT_AHEAD_MAX: Span = Span::from_secs(10);

/// One mark-price message of the venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkTick {
    /// Contract.
    pub symbol: Symbol,
    /// The fair price that margins, stops and decisions use.
    pub mark_price: Price,
    /// Weighted spot price behind the mark, where the venue told it.
    pub index_price: Option<Price>,
    /// The venue's event time.
    pub event_at: Timestamp,
    /// When our market service received it; latencies are measured from here.
    pub received_at: Timestamp,
    /// Counts up by one with each tick of this symbol and this publisher.
    pub sequence: u64,
}

impl MarkTick {
    /// Whether the tick is dated ahead of our clock by more than clocks differ. Taken over, it
    /// would make every later one look old and never grow stale itself.
    #[must_use]
    pub fn is_from_future(&self, now: Timestamp) -> bool {
        let received_ahead = self.received_at.since(now) > RECEIVED_AHEAD_MAX;
        received_ahead || self.event_at.since(now) > EVENT_AHEAD_MAX
    }

    /// Whether the tick is older than `age_max`. A stale price forbids relaxing, never closing.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp, age_max: Span) -> bool {
        now.since(self.received_at) > age_max
    }
}

/// The market's temper; one vocabulary for every service.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Regime {
    /// Nothing special, and the default where nothing is known.
    #[default]
    Normal,
    /// High volatility.
    Volatile,
    /// A clear direction.
    Trending,
    /// Low volatility, no direction.
    RangeBound,
    /// Directionless and rough.
    Chop,
    /// Falling (or rising) so fast that the crash rule applies.
    Crash,
}

impl Regime {
    /// All of them, with their names on the wire.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Normal, "NORMAL"),
        (Self::Volatile, "VOLATILE"),
        (Self::Trending, "TRENDING"),
        (Self::RangeBound, "RANGE_BOUND"),
        (Self::Chop, "CHOP"),
        (Self::Crash, "CRASH"),
    ];
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL
            .iter()
            .find(|(regime, _)| regime == self)
            .map_or("NORMAL", |row| row.1);
        f.write_str(name)
    }
}

impl FromStr for Regime {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let row = Self::ALL.iter().find(|(_, name)| *name == text);
        row.map(|(regime, _)| *regime).ok_or_else(|| NameError {
            what: "regime",
            text: text.into(),
            why: "use NORMAL, VOLATILE, TRENDING, RANGE_BOUND, CHOP or CRASH",
        })
    }
}

/// Where a context's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContextSource {
    /// No data yet: the documented defaults.
    #[default]
    Default,
    /// Computed from bars.
    Bars,
}

/// Volatility, trend and regime of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketContext {
    /// Contract.
    pub symbol: Symbol,
    /// Root mean square of close-to-close returns, scaled to one day, a fraction.
    pub volatility: Ratio,
    /// Direction and strength, -1 to 1.
    pub trend: Decimal,
    /// The temper derived from both.
    pub regime: Regime,
    /// Average true range of 14 five-minute bars, a fraction of the price; none while unmeasured.
    pub atr: Option<Ratio>,
    /// Best ask minus best bid, a fraction of the middle; none while unmeasured.
    pub spread: Option<Ratio>,
    /// Rate of the next funding payment, above 0 where longs pay; none where the venue tells none.
    pub funding_rate: Option<Ratio>,
    /// Traded in the last 24 hours, quote currency; none where the venue tells none.
    pub quote_volume_24h: Option<Money>,
    /// Whether volatility, trend and regime are measured or default.
    pub source: ContextSource,
    /// When it was computed.
    pub at: Timestamp,
}

impl MarketContext {
    /// The documented default where nothing is known: volatility 2 %, no trend, NORMAL.
    #[must_use]
    pub fn unknown(symbol: Symbol, at: Timestamp) -> Self {
        Self {
            symbol,
            volatility: Ratio::basis_points(200),
            trend: Decimal::ZERO,
            regime: Regime::Normal,
            atr: None,
            spread: None,
            funding_rate: None,
            quote_volume_24h: None,
            source: ContextSource::Default,
            at,
        }
    }
}

/// The regime of a measured market; the first rule that holds wins: volatility above 4 %,
/// trend stronger than 0.6, volatility below 1.5 %, else normal.
#[must_use]
pub fn regime_of(volatility: Ratio, trend: Decimal) -> Regime {
    if volatility > Ratio::basis_points(400) {
        Regime::Volatile
    } else if trend.abs() > Decimal::new(6, 1) {
        Regime::Trending
    } else if volatility < Ratio::basis_points(150) {
        Regime::RangeBound
    } else {
        Regime::Normal
    }
}
