//! The parts of the user-data stream that tell about the account: balances, positions, settings.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::wire::{WirePositionSide, decimal, decimal_opt, text_opt};

/// Balances or positions changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUpdate {
    /// Event creation, Unix ms.
    pub event_ms: i64,
    /// Matching engine time, Unix ms.
    pub transact_ms: i64,
    /// Why and what.
    pub change: AccountChange,
}

/// The `a` object of ACCOUNT_UPDATE. Only what changed is listed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccountChange {
    /// `ORDER`, `FUNDING_FEE`, … as sent.
    #[serde(rename = "m")]
    pub reason: String,
    /// Changed balances.
    #[serde(rename = "B", default)]
    pub balances: Vec<BalanceRow>,
    /// Changed positions.
    #[serde(rename = "P", default)]
    pub positions: Vec<PositionRow>,
    /// Symbol of a funding payment; since August 2026.
    #[serde(rename = "S", default, deserialize_with = "text_opt")]
    pub funding_symbol: Option<String>,
}

/// One balance of ACCOUNT_UPDATE.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BalanceRow {
    /// Asset.
    #[serde(rename = "a")]
    pub asset: String,
    /// Wallet balance.
    #[serde(rename = "wb", deserialize_with = "decimal")]
    pub wallet: Decimal,
    /// Change other than profit and fee; absent in old events.
    #[serde(rename = "bc", default, deserialize_with = "decimal_opt")]
    pub change: Option<Decimal>,
}

/// One position of ACCOUNT_UPDATE.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PositionRow {
    /// Symbol.
    #[serde(rename = "s")]
    pub symbol: String,
    /// Signed base asset; negative is short.
    #[serde(rename = "pa", deserialize_with = "decimal")]
    pub amount: Decimal,
    /// Average entry price.
    #[serde(rename = "ep", deserialize_with = "decimal")]
    pub entry_price: Decimal,
    /// Position it is.
    #[serde(rename = "ps")]
    pub position_side: WirePositionSide,
    /// `cross` or `isolated`.
    #[serde(rename = "mt", default, deserialize_with = "text_opt")]
    pub margin_type: Option<String>,
    /// Entry shifted by fees; absent in old events.
    #[serde(rename = "bep", default, deserialize_with = "decimal_opt")]
    pub break_even_price: Option<Decimal>,
}

/// A setting of the account changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigUpdate {
    /// Leverage of a symbol.
    Leverage {
        /// Symbol.
        symbol: String,
        /// Times.
        leverage: u32,
    },
    /// Multi-assets margin on or off, or a setting we do not know.
    Account,
}

/// A position close to liquidation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MarginCallRow {
    /// Symbol.
    #[serde(rename = "s")]
    pub symbol: String,
    /// Position it is.
    #[serde(rename = "ps")]
    pub position_side: WirePositionSide,
    /// Signed base asset.
    #[serde(rename = "pa", deserialize_with = "decimal")]
    pub amount: Decimal,
    /// Mark price.
    #[serde(rename = "mp", deserialize_with = "decimal")]
    pub mark_price: Decimal,
}
