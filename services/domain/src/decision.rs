//! What should happen to a position now; doing nothing is a decision too.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::ids::{Epoch, NameError, PositionKey};
use crate::market::Regime;
use crate::num::{MarginPct, Price, PricePct, Qty, Ratio};
use crate::plan::PlanId;
use crate::signal::RiskMode;
use crate::time::Timestamp;

/// Most take-profit orders that rest at once.
pub const TARGETS_MAX: usize = 4;

/// Why the stop moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopReason {
    /// The first stop of this life.
    Initial,
    /// In enough profit: to entry plus costs.
    Breakeven,
    /// Following the best price.
    Trailing,
    /// A target was filled.
    Ratchet,
    /// +10 % of margin was crossed.
    ProfitLock,
    /// A newer plan asks for a tighter one.
    Tighter,
}

const STOP_REASONS: [(StopReason, &str); 6] = [
    (StopReason::Initial, "initial_sl"),
    (StopReason::Breakeven, "breakeven"),
    (StopReason::Trailing, "trail_lockin"),
    (StopReason::Ratchet, "ratchet"),
    (StopReason::ProfitLock, "profit_lock"),
    (StopReason::Tighter, "tighter"),
];

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            STOP_REASONS
                .iter()
                .find(|(known, _)| known == self)
                .map_or("", |row| row.1),
        )
    }
}

impl FromStr for StopReason {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let row = STOP_REASONS.iter().find(|(_, name)| *name == text);
        let error = || NameError {
            what: "stop reason",
            text: text.into(),
            why: "is unknown",
        };
        row.map(|(reason, _)| *reason).ok_or_else(error)
    }
}

/// One resting take-profit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Number in the ladder, from 1; it stays with the leg when others are filled.
    pub leg: u8,
    /// Limit price on the grid.
    pub price: Price,
    /// Share of the initial quantity that nearer legs close before this one.
    pub from: Ratio,
    /// Share of the initial quantity.
    pub size: Ratio,
}

/// The five decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing to do.
    NoChange,
    /// Close a part at market, down to `keep`.
    PartialClose {
        /// Leg of the plan, from 1.
        leg: u8,
        /// Share of the initial quantity that the leg closes, for the record.
        fraction: Ratio,
        /// What is to remain open: a level, so repeating it closes nothing more.
        keep: Qty,
    },
    /// The stop goes to this price.
    MoveStop {
        /// Trigger on the grid.
        price: Price,
        /// Why.
        reason: StopReason,
    },
    /// The ladder becomes this one.
    UpdateTargets {
        /// Nearest first, at most [`TARGETS_MAX`].
        targets: Vec<Target>,
    },
    /// Close everything at market.
    FullExit,
}

impl Action {
    /// The owner's name of the decision type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoChange => "no_change",
            Self::PartialClose { .. } => "partial_close",
            Self::MoveStop { .. } => "move_sl",
            Self::UpdateTargets { .. } => "update_tp_limits",
            Self::FullExit => "full_exit_now",
        }
    }
}

/// A decision about one position, with all that a reader needs to judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whose.
    pub key: PositionKey,
    /// Which life.
    pub epoch: Epoch,
    /// What should happen.
    pub action: Action,
    /// Why, for people.
    pub reason: String,
    /// 0 to 1.
    pub confidence: Ratio,
    /// The plan it follows; none where a rule acts without one.
    pub plan_id: Option<PlanId>,
    /// Mark price at the time.
    pub mark_price: Price,
    /// Entry price of the position.
    pub entry_price: Price,
    /// What was open.
    pub qty: Qty,
    /// Profit on the price basis.
    pub pnl_pct_price: PricePct,
    /// Profit on the margin basis.
    pub pnl_pct_margin: MarginPct,
    /// The market's temper.
    pub regime: Regime,
    /// The portfolio's risk mode.
    pub risk_mode: RiskMode,
    /// When it was made.
    pub at: Timestamp,
}
