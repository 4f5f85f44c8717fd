//! What the venue did to the position: its fills, and by which way the last of it was closed.

use std::fmt;

use domain::decision::StopReason;
use domain::{LegId, Timestamp};
use rust_decimal::Decimal;

/// One fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// When.
    pub at: Timestamp,
    /// Price.
    pub price: Decimal,
    /// Base asset.
    pub qty: Decimal,
    /// Part of the protection that it belongs to; none for the entry and for what is not ours.
    pub leg: Option<LegId>,
    /// Why the stop lay there that filled.
    pub stop_reason: Option<StopReason>,
}

/// How the last part of a position was closed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The working stop, and why it lay there.
    Stop(Option<StopReason>),
    /// The close-position stop at the maximum loss.
    DisasterStop,
    /// A resting take-profit.
    Target(u8),
    /// A part at market.
    Partial,
    /// Everything at market, by this rule or for this reason.
    AtMarket(String),
    /// The venue's own close.
    Liquidation,
    /// The data ended while it was open.
    DataEnd,
}

impl Exit {
    /// Whether a stop or the venue itself ended it.
    #[must_use]
    pub const fn is_stop(&self) -> bool {
        matches!(self, Self::Stop(_) | Self::DisasterStop | Self::Liquidation)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop(Some(reason)) => write!(f, "stop.{reason}"),
            Self::Stop(None) => f.write_str("stop"),
            Self::DisasterStop => f.write_str("disaster_stop"),
            Self::Target(_) => f.write_str("take_profit"),
            Self::Partial => f.write_str("partial_close"),
            Self::AtMarket(why) => write!(f, "market.{why}"),
            Self::Liquidation => f.write_str("liquidation"),
            Self::DataEnd => f.write_str("data_end"),
        }
    }
}

/// What the wallet was told, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub gross: Decimal,
    pub fees: Decimal,
    pub funding: Decimal,
}

impl Sums {
    pub fn total(&self) -> Decimal {
        self.gross + self.fees + self.funding
    }
}
