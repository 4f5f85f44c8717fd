//! The shadow record (behaviour 2.7): what the brain would have done, one line for each decision.

use domain::decision::{Action, Decision};
use domain::{MarginPct, Side};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::number::Number;

/// Direction of a position, by the names of the owner's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordedSide {
    /// Profits when the price rises.
    #[serde(alias = "LONG")]
    Long,
    /// Profits when the price falls.
    #[serde(alias = "SHORT")]
    Short,
}

impl RecordedSide {
    /// `long` or `short`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }
}

impl From<Side> for RecordedSide {
    fn from(side: Side) -> Self {
        match side {
            Side::Long => Self::Long,
            Side::Short => Self::Short,
        }
    }
}

impl From<RecordedSide> for Side {
    fn from(side: RecordedSide) -> Self {
        match side {
            RecordedSide::Long => Self::Long,
            RecordedSide::Short => Self::Short,
        }
    }
}

/// The five decision types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionType {
    /// Nothing to do.
    NoChange,
    /// Close a part at market.
    PartialClose,
    /// Move the stop.
    MoveSl,
    /// Replace the ladder.
    UpdateTpLimits,
    /// Close everything at market.
    FullExitNow,
}

impl DecisionType {
    /// All of them, in the order of the schema.
    pub const ALL: [Self; 5] = [
        Self::NoChange,
        Self::PartialClose,
        Self::MoveSl,
        Self::UpdateTpLimits,
        Self::FullExitNow,
    ];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoChange => "no_change",
            Self::PartialClose => "partial_close",
            Self::MoveSl => "move_sl",
            Self::UpdateTpLimits => "update_tp_limits",
            Self::FullExitNow => "full_exit_now",
        }
    }
}

/// How a position stands (behaviour 4.3), by its profit in percent of the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskState {
    /// Not below -1 %.
    Normal,
    /// Below -1 %.
    Drawdown,
    /// Below -3 %.
    HighRisk,
}

impl RiskState {
    /// The state at that profit.
    #[must_use]
    pub fn of(pnl: MarginPct) -> Self {
        if pnl.get() < Decimal::from(-3) {
            Self::HighRisk
        } else if pnl.get() < Decimal::NEGATIVE_ONE {
            Self::Drawdown
        } else {
            Self::Normal
        }
    }

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Drawdown => "drawdown",
            Self::HighRisk => "high_risk",
        }
    }
}

/// One line. Percents are whole percents; a price is quote currency per base asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowRecord {
    /// When it was decided.
    pub timestamp: Moment,
    /// Contract.
    pub symbol: String,
    /// Direction of the position.
    pub side: RecordedSide,
    /// Average entry price.
    pub entry_price: Number,
    /// Mark price.
    pub current_price: Number,
    /// What was open, base asset.
    pub size: Number,
    /// Percent of the margin.
    pub unrealized_pnl: Number,
    /// What was decided.
    pub decision: RecordedDecision,
    /// The market's temper.
    pub regime: String,
    /// How the position stood.
    pub risk_state: RiskState,
}

/// What was decided; what does not belong to its type is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedDecision {
    /// Which of the five.
    pub decision_type: DecisionType,
    /// Contract.
    pub symbol: String,
    /// Share of the initial quantity, above 0 to 1.
    #[serde(default)]
    pub fraction_to_close: Option<Number>,
    /// Where the stop goes.
    #[serde(default)]
    pub new_sl_price: Option<Number>,
    /// Why it goes there.
    #[serde(default)]
    pub sl_reason: Option<String>,
    /// The ladder's prices, nearest first.
    #[serde(default)]
    pub new_tp_levels: Option<Vec<Number>>,
    /// Shares of the initial quantity, in the order of the prices.
    #[serde(default)]
    pub tp_fractions: Option<Vec<Number>>,
    /// Why, for people.
    pub reason: String,
    /// 0 to 1.
    pub confidence: Number,
    /// Mark price.
    pub current_price: Number,
    /// Percent of the margin.
    pub unrealized_pnl: Number,
    /// What the schema has no field for.
    #[serde(default)]
    pub meta: Meta,
}

/// What the owner's schema has no field for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// Account of the position.
    pub account: String,
    /// Which life of the position.
    pub epoch: u64,
    /// Who decided.
    pub module: String,
    /// By which rule.
    pub rule: String,
    /// The plan that it follows.
    pub plan_id: Option<String>,
    /// The portfolio's risk mode.
    pub risk_mode: String,
    /// Profit in percent of the entry price.
    pub pnl_pct_price: Option<Number>,
    /// Where the stop was wanted before.
    pub stop: Option<Number>,
    /// What a part is to leave open, base asset.
    pub keep: Option<Number>,
    /// Leg of a part, from 1.
    pub leg: Option<u8>,
    /// Legs of the ladder, in the order of its prices.
    pub tp_legs: Option<Vec<u8>>,
    /// Share of the initial quantity that nearer legs close before each.
    pub tp_from: Option<Vec<Number>>,
    /// When the process that decided began, microseconds since the Unix epoch.
    pub boot: Option<u64>,
    /// Its number among all that this process has said, from 1.
    pub number: Option<u64>,
}

impl From<&Decision> for ShadowRecord {
    fn from(decision: &Decision) -> Self {
        Self {
            timestamp: Moment(decision.at),
            symbol: decision.key.symbol.to_string(),
            side: decision.key.side.into(),
            entry_price: decision.entry_price.get().into(),
            current_price: decision.mark_price.get().into(),
            size: decision.qty.get().into(),
            unrealized_pnl: decision.pnl_pct_margin.get().into(),
            decision: decided(decision),
            regime: decision.regime.to_string(),
            risk_state: RiskState::of(decision.pnl_pct_margin),
        }
    }
}

fn decided(decision: &Decision) -> RecordedDecision {
    let mut record = RecordedDecision {
        decision_type: DecisionType::NoChange,
        symbol: decision.key.symbol.to_string(),
        fraction_to_close: None,
        new_sl_price: None,
        sl_reason: None,
        new_tp_levels: None,
        tp_fractions: None,
        reason: decision.reason.clone(),
        confidence: decision.confidence.get().into(),
        current_price: decision.mark_price.get().into(),
        unrealized_pnl: decision.pnl_pct_margin.get().into(),
        meta: meta(decision),
    };
    match &decision.action {
        Action::NoChange => {}
        Action::PartialClose {
            leg,
            fraction,
            keep,
        } => {
            record.decision_type = DecisionType::PartialClose;
            record.fraction_to_close = Some(fraction.get().into());
            record.meta.keep = Some(keep.get().into());
            record.meta.leg = Some(*leg);
        }
        Action::MoveStop { price, reason } => {
            record.decision_type = DecisionType::MoveSl;
            record.new_sl_price = Some(price.get().into());
            record.sl_reason = Some(reason.to_string());
        }
        Action::UpdateTargets { targets } => {
            record.decision_type = DecisionType::UpdateTpLimits;
            let numbers = |of: fn(&domain::decision::Target) -> Decimal| {
                Some(targets.iter().map(|it| Number(of(it))).collect())
            };
            record.new_tp_levels = numbers(|it| it.price.get());
            record.tp_fractions = numbers(|it| it.size.get());
            record.meta.tp_from = numbers(|it| it.from.get());
            record.meta.tp_legs = Some(targets.iter().map(|it| it.leg).collect());
        }
        Action::FullExit => record.decision_type = DecisionType::FullExitNow,
    }
    record
}

fn meta(decision: &Decision) -> Meta {
    Meta {
        account: decision.key.account.to_string(),
        epoch: decision.epoch.0,
        module: decision.module.name().into(),
        rule: decision.rule.to_string(),
        plan_id: decision.plan_id.map(|id| id.to_string()),
        risk_mode: decision.risk_mode.to_string(),
        pnl_pct_price: Some(decision.pnl_pct_price.get().into()),
        stop: decision.stop.map(|stop| stop.get().into()),
        boot: decision.serial.map(|serial| serial.boot),
        number: decision.serial.map(|serial| serial.number),
        ..Meta::default()
    }
}
