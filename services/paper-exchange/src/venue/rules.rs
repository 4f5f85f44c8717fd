//! Switches: where the venue's behaviour is not settled, and scenarios that no order brings about.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What becomes of an order whose time in force cannot hold (FOK without the size, GTX that
/// would take).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfillable {
    /// Accepted, and EXPIRED at once.
    #[default]
    Expire,
    /// Refused: -5021 for FOK, -5022 for GTX.
    Reject,
}

/// The client id of a triggered conditional order's child (section 10.1 of the wire contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChildClientId {
    /// The clientAlgoId, as captured.
    #[default]
    Same,
    /// One that the venue makes, as others report.
    Generated,
}

/// What the account may do. Everything but `Normal` is a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Everything.
    #[default]
    Normal,
    /// Nothing: -4109.
    Inactive,
    /// Nothing: -4088.
    Barred,
    /// Nothing while it is being liquidated: -2023.
    Liquidation,
    /// Only reduce: -4087.
    ReduceOnly,
    /// Only reduce, for a quantitative rule: -4400.
    QuantitativeRule,
    /// Only reduce, for the size of the position: -4401.
    LargePosition,
    /// Only reduce until the cooling-off period is over: -4192.
    CoolingOff,
}

/// State of a symbol, as `exchangeInfo` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SymbolStatus {
    /// Open.
    #[default]
    Trading,
    /// Not open yet.
    PendingTrading,
    /// Before delivery: only reducing orders.
    PreSettle,
    /// Being delivered.
    Settling,
    /// Closed: no order at all.
    Close,
    /// Paused.
    TradingHalt,
    /// Only cancels.
    TradingCancelOnly,
}

impl SymbolStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Trading => "TRADING",
            Self::PendingTrading => "PENDING_TRADING",
            Self::PreSettle => "PRE_SETTLE",
            Self::Settling => "SETTLING",
            Self::Close => "CLOSE",
            Self::TradingHalt => "TRADING_HALT",
            Self::TradingCancelOnly => "TRADING_CANCEL_ONLY",
        }
    }
}

/// Every switch; the default is what was measured, or else documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// True: answers to new, cancel and modify carry avgPrice and cumQuote, as before July 2026.
    pub legacy_order_fields: bool,
    /// See [`Unfillable`].
    pub post_only: Unfillable,
    /// See [`Unfillable`].
    pub fill_or_kill: Unfillable,
    /// See [`ChildClientId`].
    pub child_client_id: ChildClientId,
    /// See [`AccountState`].
    pub account: AccountState,
    /// Symbols that are not TRADING.
    pub symbol_status: BTreeMap<String, SymbolStatus>,
    /// TradFi perpetuals: -4411 until the agreement is signed.
    pub tradfi: BTreeSet<String>,
    /// True once that agreement is signed, by a call or from the start.
    pub tradfi_signed: bool,
    /// True: a position on COIN-M forbids a change of the position mode (-4531).
    pub coin_margined_open: bool,
    /// Age that an order gains inside the venue, ms; beyond recvWindow it is -5028.
    pub engine_delay_ms: i64,
    /// An order that was modified less than this ago refuses the next change with -5043, ms.
    pub modify_busy_ms: i64,
    /// True: a parameter that no call knows is refused with -1104.
    pub strict_parameters: bool,
    /// True: a cancel of a TRIGGERING order is refused with -4117 in place of -2011.
    pub triggering_has_own_code: bool,
    /// Highest trigger price, times the mark (-4210).
    pub trigger_multiplier_up: Decimal,
    /// Lowest trigger price, times the mark (-4211).
    pub trigger_multiplier_down: Decimal,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            legacy_order_fields: false,
            post_only: Unfillable::Expire,
            fill_or_kill: Unfillable::Expire,
            child_client_id: ChildClientId::Same,
            account: AccountState::Normal,
            symbol_status: BTreeMap::new(),
            tradfi: BTreeSet::new(),
            tradfi_signed: false,
            coin_margined_open: false,
            engine_delay_ms: 0,
            modify_busy_ms: 0,
            strict_parameters: false,
            triggering_has_own_code: false,
            trigger_multiplier_up: Decimal::TEN,
            trigger_multiplier_down: Decimal::new(1, 1),
        }
    }
}
