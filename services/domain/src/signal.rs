//! Advice and risk state from outside: never needed for protection, only able to shape it.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::ids::{NameError, Symbol};
use crate::num::{Money, Ratio};
use crate::time::Timestamp;

/// Targets that a learned policy suggests for one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RlHint {
    /// Contract.
    pub symbol: Symbol,
    /// Take-profit distance from entry.
    pub take_profit: Option<Ratio>,
    /// Stop distance from entry.
    pub stop_loss: Option<Ratio>,
    /// Trailing distance from the best price.
    pub trail: Option<Ratio>,
    /// How sure the learned policy is of its distances, 0 to 1; below the policy's gate the target
    /// is ignored and the stop may only tighten.
    pub confidence: Option<Ratio>,
    /// How sure the entry signal was, 0 to 1.
    pub signal_confidence: Option<Ratio>,
    /// The strategy that the position belongs to: `RL_V3`.
    pub strategy: Option<String>,
    /// When it was made.
    pub at: Timestamp,
}

/// How careful the portfolio's risk system wants exits to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RiskMode {
    /// Targets as they are.
    #[default]
    Normal,
    /// Tighter: 0.7.
    Conservative,
    /// Half the distances.
    Critical,
    /// The emergency stop system is active: close now.
    EssActive,
}

const RISK_MODES: [(RiskMode, &str); 4] = [
    (RiskMode::Normal, "NORMAL"),
    (RiskMode::Conservative, "CONSERVATIVE"),
    (RiskMode::Critical, "CRITICAL"),
    (RiskMode::EssActive, "ESS_ACTIVE"),
];

impl fmt::Display for RiskMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = RISK_MODES
            .iter()
            .find(|(mode, _)| mode == self)
            .map_or("NORMAL", |row| row.1);
        f.write_str(name)
    }
}

impl FromStr for RiskMode {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let row = RISK_MODES.iter().find(|(_, name)| *name == text);
        row.map(|(mode, _)| *mode).ok_or_else(|| NameError {
            what: "risk mode",
            text: text.into(),
            why: "use NORMAL, CONSERVATIVE, CRITICAL or ESS_ACTIVE",
        })
    }
}

/// The risk system's state for the whole portfolio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskState {
    /// How careful.
    pub mode: RiskMode,
    /// Share of the risk budget in use, 0 to 1.
    pub heat: Option<Ratio>,
    /// Equity of the account in quote currency: what one trade's risk budget is a share of.
    pub equity: Option<Money>,
    /// When it was said.
    pub at: Timestamp,
}
