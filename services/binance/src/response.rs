//! The venue's REST answers as our own types; a field we rely on is required, the rest may change.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::wire::{
    AlgoStatus, OrderSide, OrderStatus, ParseError, WirePositionSide, decimal, decimal_opt, id_opt,
    parse, text_opt,
};

/// `{"code":-2011,"msg":"Unknown order sent."}`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ApiError {
    /// Negative business code.
    pub code: i32,
    /// The venue's text, not for decisions.
    #[serde(default)]
    pub msg: String,
}

/// An ordinary order as answered by POST, GET and DELETE order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderAnswer {
    /// Venue order id; above 2^53 on some symbols.
    pub order_id: i64,
    /// Symbol.
    pub symbol: String,
    /// Our id, unless another made the order.
    pub client_order_id: String,
    /// State. NEW is not a fill.
    pub status: OrderStatus,
    /// Direction.
    pub side: OrderSide,
    /// Position it belongs to.
    pub position_side: WirePositionSide,
    /// Current type, e.g. `MARKET`.
    #[serde(rename = "type")]
    pub order_type: String,
    /// Base asset; the venue may have shrunk it.
    #[serde(deserialize_with = "decimal")]
    pub orig_qty: Decimal,
    /// Base asset filled so far.
    #[serde(deserialize_with = "decimal")]
    pub executed_qty: Decimal,
    /// Limit price, zero for market.
    #[serde(deserialize_with = "decimal")]
    pub price: Decimal,
    /// Average fill price; absent from POST and DELETE answers since July 2026.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub avg_price: Option<Decimal>,
    /// Reduce-only flag (or implied in hedge mode).
    #[serde(default)]
    pub reduce_only: bool,
    /// Close-position flag.
    #[serde(default)]
    pub close_position: bool,
    /// Last change, Unix ms.
    pub update_time: i64,
}

/// A resting ordinary order of `openOrders`; same shape as [`OrderAnswer`].
pub type OpenOrder = OrderAnswer;

/// A conditional order as answered by POST and GET algoOrder and by openAlgoOrders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlgoAnswer {
    /// Venue algo id.
    pub algo_id: i64,
    /// Our id, unless another made the order.
    pub client_algo_id: String,
    /// Conditional type, e.g. `STOP_MARKET`.
    #[serde(alias = "type")]
    pub order_type: String,
    /// Symbol.
    pub symbol: String,
    /// Direction.
    pub side: OrderSide,
    /// Position it belongs to.
    pub position_side: WirePositionSide,
    /// Base asset; zero with close-position.
    #[serde(deserialize_with = "decimal")]
    pub quantity: Decimal,
    /// State.
    pub algo_status: AlgoStatus,
    /// Price that wakes it; absent for trailing types.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub trigger_price: Option<Decimal>,
    /// `MARK_PRICE` or `CONTRACT_PRICE`.
    #[serde(default, deserialize_with = "text_opt")]
    pub working_type: Option<String>,
    /// Closes whatever is open.
    #[serde(default)]
    pub close_position: bool,
    /// Reduce-only flag.
    #[serde(default)]
    pub reduce_only: bool,
    /// Order it became when triggered. Join fills on this, never on the client id.
    #[serde(default, deserialize_with = "id_opt")]
    pub actual_order_id: Option<i64>,
    /// Average fill price of the child; zero before.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub actual_price: Option<Decimal>,
    /// Filled quantity of the child, where the venue tells it.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub actual_qty: Option<Decimal>,
    /// Placed, Unix ms.
    pub create_time: i64,
    /// Last change, Unix ms.
    pub update_time: i64,
}

/// A resting conditional order of `openAlgoOrders`; same shape as [`AlgoAnswer`].
pub type OpenAlgoOrder = AlgoAnswer;

/// `{"algoId":1,"clientAlgoId":"a","code":"200","msg":"success"}`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlgoCancelAnswer {
    /// Venue algo id.
    pub algo_id: i64,
    /// Our id.
    pub client_algo_id: String,
    /// `200`; a string on this call, a number on others.
    #[serde(default, deserialize_with = "text_opt")]
    pub code: Option<String>,
}

/// One row of positionRisk v3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PositionRisk {
    /// Symbol.
    pub symbol: String,
    /// BOTH in one-way mode.
    pub position_side: WirePositionSide,
    /// Base asset, signed: negative is short.
    #[serde(deserialize_with = "decimal")]
    pub position_amt: Decimal,
    /// Average entry price.
    #[serde(deserialize_with = "decimal")]
    pub entry_price: Decimal,
    /// Entry shifted by fees.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub break_even_price: Option<Decimal>,
    /// Mark price at the time of the answer.
    #[serde(deserialize_with = "decimal")]
    pub mark_price: Decimal,
    /// Quote currency.
    #[serde(default, rename = "unRealizedProfit", deserialize_with = "decimal_opt")]
    pub unrealized_profit: Option<Decimal>,
    /// Zero when the venue sees none.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub liquidation_price: Option<Decimal>,
    /// Last change, Unix ms; zero if never.
    pub update_time: i64,
}

/// One row of symbolConfig.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SymbolConfig {
    /// Symbol.
    pub symbol: String,
    /// `CROSSED` or `ISOLATED`.
    pub margin_type: String,
    /// Times.
    pub leverage: u32,
}

/// What the account may do. Rights of the key itself are not told anywhere on this API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountConfig {
    /// Whether the account may trade.
    pub can_trade: bool,
    /// Whether margin is shared between assets.
    #[serde(default)]
    pub multi_assets_margin: bool,
}

/// One fill of ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserTrade {
    /// Trade id, unique per symbol.
    pub id: i64,
    /// Venue order id.
    pub order_id: i64,
    /// Symbol.
    pub symbol: String,
    /// Direction.
    pub side: OrderSide,
    /// Position it changed.
    pub position_side: WirePositionSide,
    /// Fill price.
    #[serde(deserialize_with = "decimal")]
    pub price: Decimal,
    /// Base asset.
    #[serde(deserialize_with = "decimal")]
    pub qty: Decimal,
    /// Quote currency, before the fee.
    #[serde(deserialize_with = "decimal")]
    pub realized_pnl: Decimal,
    /// Fee.
    #[serde(deserialize_with = "decimal")]
    pub commission: Decimal,
    /// Asset of the fee.
    pub commission_asset: String,
    /// True when our order was resting.
    pub maker: bool,
    /// Trade time, Unix ms.
    pub time: i64,
}

/// Mark price and funding of one symbol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PremiumIndex {
    /// Symbol.
    pub symbol: String,
    /// Mark price.
    #[serde(deserialize_with = "decimal")]
    pub mark_price: Decimal,
    /// Index price.
    #[serde(deserialize_with = "decimal")]
    pub index_price: Decimal,
    /// Last funding rate as a fraction; empty on delivery contracts.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub last_funding_rate: Option<Decimal>,
    /// Unix ms; zero on delivery contracts.
    #[serde(default)]
    pub next_funding_time: i64,
    /// Time of the mark price, Unix ms.
    pub time: i64,
}

/// Fee rates as fractions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommissionRate {
    /// Symbol.
    pub symbol: String,
    /// Maker fraction.
    #[serde(deserialize_with = "decimal")]
    pub maker_commission_rate: Decimal,
    /// Taker fraction.
    #[serde(deserialize_with = "decimal")]
    pub taker_commission_rate: Decimal,
}

/// Result of every reader of this module.
pub type Read<T> = Result<T, ParseError>;

/// POST, GET or DELETE order.
///
/// # Errors
/// [`ParseError`] naming the field. The same holds for every reader below. A list is read whole or
/// not at all: half a list would make the missing half look like "nothing there".
pub fn order(body: &str) -> Read<OrderAnswer> {
    parse("order answer", body)
}

/// GET openOrders.
///
/// # Errors
/// See [`order`].
pub fn open_orders(body: &str) -> Read<Vec<OpenOrder>> {
    parse("open orders", body)
}

/// POST or GET algoOrder.
///
/// # Errors
/// See [`order`].
pub fn algo_order(body: &str) -> Read<AlgoAnswer> {
    parse("algo order answer", body)
}

/// GET openAlgoOrders.
///
/// # Errors
/// See [`order`].
pub fn open_algo_orders(body: &str) -> Read<Vec<OpenAlgoOrder>> {
    parse("open algo orders", body)
}

/// DELETE algoOrder.
///
/// # Errors
/// See [`order`].
pub fn algo_cancel(body: &str) -> Read<AlgoCancelAnswer> {
    parse("algo cancel answer", body)
}

/// GET positionRisk v3 (v2 reads as well).
///
/// # Errors
/// See [`order`].
pub fn position_risk(body: &str) -> Read<Vec<PositionRisk>> {
    parse("position risk", body)
}

/// GET symbolConfig.
///
/// # Errors
/// See [`order`].
pub fn symbol_config(body: &str) -> Read<Vec<SymbolConfig>> {
    parse("symbol config", body)
}

/// GET accountConfig.
///
/// # Errors
/// See [`order`].
pub fn account_config(body: &str) -> Read<AccountConfig> {
    parse("account config", body)
}

/// GET userTrades.
///
/// # Errors
/// See [`order`].
pub fn user_trades(body: &str) -> Read<Vec<UserTrade>> {
    parse("user trades", body)
}

/// GET premiumIndex of one symbol.
///
/// # Errors
/// See [`order`].
pub fn premium_index(body: &str) -> Read<PremiumIndex> {
    parse("premium index", body)
}

/// GET commissionRate.
///
/// # Errors
/// See [`order`].
pub fn commission_rate(body: &str) -> Read<CommissionRate> {
    parse("commission rate", body)
}

/// GET positionSide/dual.
///
/// # Errors
/// See [`order`].
pub fn position_mode(body: &str) -> Read<super::PositionMode> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Dual {
        dual_side_position: bool,
    }
    let dual: Dual = parse("position mode", body)?;
    Ok(match dual.dual_side_position {
        true => super::PositionMode::Hedge,
        false => super::PositionMode::OneWay,
    })
}

/// GET time: the venue's clock, Unix ms.
///
/// # Errors
/// See [`order`].
pub fn server_time(body: &str) -> Read<i64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Time {
        server_time: i64,
    }
    parse::<Time>("server time", body).map(|t| t.server_time)
}

/// POST or PUT listenKey.
///
/// # Errors
/// See [`order`]; an empty key is refused as well.
pub fn listen_key(body: &str) -> Read<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Key {
        listen_key: String,
    }
    let key = parse::<Key>("listen key", body)?.listen_key;
    if key.is_empty() {
        return Err(ParseError::new("listen key", "listenKey", "is empty"));
    }
    Ok(key)
}

#[cfg(test)]
#[path = "response/tests.rs"]
mod tests;
