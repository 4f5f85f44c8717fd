//! Hints and the portfolio's risk state.

use domain::signal::{RiskMode, RiskState, RlHint};

use crate::body::Body;
use crate::error::WireError;
use crate::read;
use crate::wire;

read::enumeration!(RiskMode, wire::RiskMode, write_risk_mode, read_risk_mode, {
    Normal => Normal,
    Conservative => Conservative,
    Critical => Critical,
    EssActive => EssActive,
});

impl Body for RlHint {
    const NAME: &'static str = "RlHint";
    type Message = wire::RlHint;

    fn to_message(&self) -> wire::RlHint {
        wire::RlHint {
            symbol: Some(self.symbol.to_string()),
            take_profit: self.take_profit.map(|ratio| ratio.to_string()),
            stop_loss: self.stop_loss.map(|ratio| ratio.to_string()),
            trail: self.trail.map(|ratio| ratio.to_string()),
            confidence: self.confidence.map(|ratio| ratio.to_string()),
            signal_confidence: self.signal_confidence.map(|ratio| ratio.to_string()),
            strategy: self.strategy.clone(),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::RlHint) -> Result<Self, WireError> {
        Ok(Self {
            symbol: read::symbol("symbol", message.symbol)?,
            take_profit: read::optional(read::ratio, "take_profit", message.take_profit)?,
            stop_loss: read::optional(read::ratio, "stop_loss", message.stop_loss)?,
            trail: read::optional(read::ratio, "trail", message.trail)?,
            confidence: read::optional(read::share, "confidence", message.confidence)?,
            signal_confidence: read::optional(
                read::share,
                "signal_confidence",
                message.signal_confidence,
            )?,
            strategy: read::optional(read::token, "strategy", message.strategy)?,
            at: read::time("at", message.at)?,
        })
    }
}

impl Body for RiskState {
    const NAME: &'static str = "RiskState";
    type Message = wire::RiskState;

    fn to_message(&self) -> wire::RiskState {
        wire::RiskState {
            mode: write_risk_mode(self.mode),
            heat: self.heat.map(|ratio| ratio.to_string()),
            equity: self.equity.map(|money| money.to_string()),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::RiskState) -> Result<Self, WireError> {
        Ok(Self {
            mode: read_risk_mode("mode", message.mode)?,
            heat: read::optional(read::share, "heat", message.heat)?,
            equity: read::optional(read::money, "equity", message.equity)?,
            at: read::time("at", message.at)?,
        })
    }
}
