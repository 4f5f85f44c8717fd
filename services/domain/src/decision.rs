//! What should happen to a position now; doing nothing is a decision too.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::ids::{Epoch, Module, NameError, PositionKey};
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
    /// A newer plan, or the maximum-loss floor, asks for a tighter one.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        /// Nearest first, at most [`TARGETS_MAX`]; none where the plan rests none any more.
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

/// The rule that decided, in the order in which rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Rule {
    /// No rule had anything to add.
    #[default]
    PlanWorking,
    /// The operator has ordered it.
    Operator,
    /// The emergency stop system is active.
    EmergencyStopSystem,
    /// A stop has fired and hangs.
    StuckStop,
    /// The maximum-loss floor is too near to be held.
    OverLeveraged,
    /// The mark passed the stop and the position is still open.
    StopPassed,
    /// The stop can't be placed: the price has passed it already.
    StopBreached,
    /// The loss guard.
    LossGuard,
    /// The crash rule.
    Crash,
    /// The age rule.
    Age,
    /// No target in time.
    TimeStop,
    /// The first stop, never beyond the maximum-loss floor.
    InitialStop,
    /// The floor has moved past the stop.
    RiskFloor,
    /// A part at market.
    Partial,
    /// The ladder.
    Targets,
    /// The stop beyond entry after enough profit.
    ProfitLock,
    /// The stop at entry and costs.
    Breakeven,
    /// The stop after a filled target.
    Ratchet,
    /// The stop behind the best price.
    Trailing,
    /// A newer plan's tighter stop.
    TighterPlan,
}

impl Rule {
    /// All of them, with their names in records.
    pub const ALL: [(Self, &'static str); 20] = [
        (Self::PlanWorking, "plan_working"),
        (Self::Operator, "operator"),
        (Self::EmergencyStopSystem, "emergency_stop_system"),
        (Self::StuckStop, "stuck_stop"),
        (Self::OverLeveraged, "over_leveraged"),
        (Self::StopPassed, "stop_passed"),
        (Self::StopBreached, "stop_breached"),
        (Self::LossGuard, "loss_guard"),
        (Self::Crash, "crash"),
        (Self::Age, "age"),
        (Self::TimeStop, "time_stop"),
        (Self::InitialStop, "initial_stop"),
        (Self::RiskFloor, "risk_floor"),
        (Self::Partial, "partial"),
        (Self::Targets, "targets"),
        (Self::ProfitLock, "profit_lock"),
        (Self::Breakeven, "breakeven"),
        (Self::Ratchet, "ratchet"),
        (Self::Trailing, "trailing"),
        (Self::TighterPlan, "tighter_plan"),
    ];

    /// How sure a decision by this rule is (behaviour 4.4).
    #[must_use]
    pub fn confidence(self) -> Ratio {
        let percent = match self {
            Self::PlanWorking => 70,
            Self::Operator
            | Self::EmergencyStopSystem
            | Self::StuckStop
            | Self::OverLeveraged
            | Self::StopPassed
            | Self::StopBreached
            | Self::LossGuard
            | Self::Crash
            | Self::Age
            | Self::TimeStop
            | Self::InitialStop
            | Self::RiskFloor => 95,
            Self::Partial | Self::Targets => 85,
            Self::ProfitLock
            | Self::Breakeven
            | Self::Ratchet
            | Self::Trailing
            | Self::TighterPlan => 90,
        };
        Ratio::basis_points(percent * 100)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = Self::ALL.iter().find(|(rule, _)| rule == self);
        f.write_str(row.map_or("", |row| row.1))
    }
}

impl FromStr for Rule {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let row = Self::ALL.iter().find(|(_, name)| *name == text);
        row.map(|(rule, _)| *rule).ok_or_else(|| NameError {
            what: "rule",
            text: text.into(),
            why: "is unknown",
        })
    }
}

/// Its number among all that one process has said on one lane (shadow or live): a reader sees what
/// it missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial {
    /// When the process began, microseconds since the Unix epoch.
    pub boot: u64,
    /// Counts up by one from 1.
    pub number: u64,
}

/// A decision about one position, with all that a reader needs to judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whose.
    pub key: PositionKey,
    /// Which life.
    pub epoch: Epoch,
    /// Who decided.
    pub module: Module,
    /// By which rule.
    pub rule: Rule,
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
    /// Where the working stop was wanted before this decision; none before the first stop.
    pub stop: Option<Price>,
    /// The market's temper.
    pub regime: Regime,
    /// The portfolio's risk mode.
    pub risk_mode: RiskMode,
    /// When it was made.
    pub at: Timestamp,
    /// Its number; none until it is said, and in messages of builds that give none.
    pub serial: Option<Serial>,
}
