//! Mark ticks and market contexts.

use domain::market::{ContextSource, MarkTick, MarketContext, Regime};

use crate::body::Body;
use crate::error::WireError;
use crate::read;
use crate::wire;

read::enumeration!(Regime, wire::Regime, write_regime, read_regime, {
    Normal => Normal,
    Volatile => Volatile,
    Trending => Trending,
    RangeBound => RangeBound,
    Chop => Chop,
    Crash => Crash,
});
read::enumeration!(ContextSource, wire::ContextSource, write_source, read_source, {
    Default => Default,
    Bars => Bars,
});

impl Body for MarkTick {
    const NAME: &'static str = "MarkTick";
    type Message = wire::MarkTick;

    fn to_message(&self) -> wire::MarkTick {
        wire::MarkTick {
            symbol: Some(self.symbol.to_string()),
            mark_price: Some(self.mark_price.to_string()),
            index_price: self.index_price.map(|price| price.to_string()),
            event_at: Some(self.event_at.micros()),
            received_at: Some(self.received_at.micros()),
            sequence: Some(self.sequence),
        }
    }

    fn from_message(message: wire::MarkTick) -> Result<Self, WireError> {
        Ok(Self {
            symbol: read::symbol("symbol", message.symbol)?,
            mark_price: read::price("mark_price", message.mark_price)?,
            index_price: read::optional(read::price, "index_price", message.index_price)?,
            event_at: read::time("event_at", message.event_at)?,
            received_at: read::time("received_at", message.received_at)?,
            sequence: read::required("sequence", message.sequence)?,
        })
    }
}

impl Body for MarketContext {
    const NAME: &'static str = "MarketContext";
    type Message = wire::MarketContext;

    fn to_message(&self) -> wire::MarketContext {
        wire::MarketContext {
            symbol: Some(self.symbol.to_string()),
            volatility: Some(self.volatility.to_string()),
            trend: read::written(self.trend),
            regime: write_regime(self.regime),
            source: write_source(self.source),
            at: Some(self.at.micros()),
            atr: self.atr.map(|ratio| ratio.to_string()),
            spread: self.spread.map(|ratio| ratio.to_string()),
            funding_rate: self.funding_rate.map(|ratio| ratio.to_string()),
            quote_volume_24h: self.quote_volume_24h.map(|money| money.to_string()),
        }
    }

    fn from_message(message: wire::MarketContext) -> Result<Self, WireError> {
        Ok(Self {
            symbol: read::symbol("symbol", message.symbol)?,
            volatility: read::distance("volatility", message.volatility)?,
            trend: read::decimal_in("trend", message.trend, -1, 1)?,
            regime: read_regime("regime", message.regime)?,
            source: read_source("source", message.source)?,
            atr: read::optional(read::distance, "atr", message.atr)?,
            spread: read::optional(read::distance, "spread", message.spread)?,
            funding_rate: read::optional(read::ratio, "funding_rate", message.funding_rate)?,
            quote_volume_24h: read::optional(
                read::amount,
                "quote_volume_24h",
                message.quote_volume_24h,
            )?,
            at: read::time("at", message.at)?,
        })
    }
}
