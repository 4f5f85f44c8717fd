//! The user-data stream as our own types: what the venue tells us about orders and positions.

mod account;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

pub use account::{
    AccountChange, AccountUpdate, BalanceRow, ConfigUpdate, MarginCallRow, PositionRow,
};

use super::wire::{
    AlgoStatus, Execution, OrderSide, OrderStatus, ParseError, WirePositionSide, decimal,
    decimal_opt, id_opt, parse, parse_value, text_opt,
};

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserEvent {
    /// ORDER_TRADE_UPDATE.
    Order(Box<OrderUpdate>),
    /// TRADE_LITE: says less than the order update that follows it, so it is not used.
    TradeLite,
    /// ACCOUNT_UPDATE.
    Account(Box<AccountUpdate>),
    /// ALGO_UPDATE.
    Algo(Box<AlgoUpdate>),
    /// ACCOUNT_CONFIG_UPDATE.
    Config(ConfigUpdate),
    /// listenKeyExpired: the socket stays open but will be silent; reconnect with a new key.
    ListenKeyExpired,
    /// MARGIN_CALL.
    MarginCall(Vec<MarginCallRow>),
    /// An event we have no use for, by name.
    Other(String),
}

/// An ordinary order changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderUpdate {
    /// Event creation, Unix ms.
    pub event_ms: i64,
    /// Matching engine time, Unix ms.
    pub transact_ms: i64,
    /// The order after the change.
    pub order: OrderState,
}

/// The `o` object of ORDER_TRADE_UPDATE.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OrderState {
    /// Symbol.
    #[serde(rename = "s")]
    pub symbol: String,
    /// Client id: ours, or the venue's own for forced closes.
    #[serde(rename = "c")]
    pub client_order_id: String,
    /// Direction.
    #[serde(rename = "S")]
    pub side: OrderSide,
    /// Current type.
    #[serde(rename = "o")]
    pub order_type: String,
    /// Quantity in base asset; may be less than we sent.
    #[serde(rename = "q", deserialize_with = "decimal")]
    pub qty: Decimal,
    /// Limit price; zero for market.
    #[serde(rename = "p", deserialize_with = "decimal")]
    pub price: Decimal,
    /// Average fill price; zero without a fill.
    #[serde(rename = "ap", deserialize_with = "decimal")]
    pub avg_price: Decimal,
    /// What happened.
    #[serde(rename = "x")]
    pub execution: Execution,
    /// State after it.
    #[serde(rename = "X")]
    pub status: OrderStatus,
    /// Venue order id.
    #[serde(rename = "i")]
    pub order_id: i64,
    /// Filled just now.
    #[serde(rename = "l", deserialize_with = "decimal")]
    pub last_qty: Decimal,
    /// Filled in all.
    #[serde(rename = "z", deserialize_with = "decimal")]
    pub cum_qty: Decimal,
    /// Price of the fill just now.
    #[serde(rename = "L", deserialize_with = "decimal")]
    pub last_price: Decimal,
    /// Asset of the fee; absent without one.
    #[serde(rename = "N", default, deserialize_with = "text_opt")]
    pub fee_asset: Option<String>,
    /// Fee of the fill just now; absent without one.
    #[serde(rename = "n", default, deserialize_with = "decimal_opt")]
    pub fee: Option<Decimal>,
    /// Time of the fill or change, Unix ms.
    #[serde(rename = "T")]
    pub trade_ms: i64,
    /// Trade id; zero when nothing was filled.
    #[serde(rename = "t")]
    pub trade_id: i64,
    /// True when our order was resting.
    #[serde(rename = "m", default)]
    pub maker: bool,
    /// Reduce-only, or implied in hedge mode.
    #[serde(rename = "R", default)]
    pub reduce_only: bool,
    /// Type when it was placed.
    #[serde(rename = "ot", default, deserialize_with = "text_opt")]
    pub original_type: Option<String>,
    /// Position it belongs to.
    #[serde(rename = "ps")]
    pub position_side: WirePositionSide,
    /// Close-position.
    #[serde(rename = "cp", default)]
    pub close_position: bool,
    /// Realized profit of the fill, before the fee.
    #[serde(rename = "rp", default, deserialize_with = "decimal_opt")]
    pub realized_profit: Option<Decimal>,
    /// Expiry reason, `0` for none; absent before October 2025.
    #[serde(rename = "er", default, deserialize_with = "text_opt")]
    pub expiry_reason: Option<String>,
}

/// A close that the venue made on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForcedClose {
    /// `autoclose-…`
    Liquidation,
    /// `adl_autoclose…`
    AutoDeleveraging,
    /// `settlement_autoclose-…`, `delivery_autoclose-…`
    Settlement,
}

impl OrderState {
    /// Set when the venue closed the position on its own; told by the client id.
    #[must_use]
    pub fn forced_close(&self) -> Option<ForcedClose> {
        let id = self.client_order_id.as_str();
        if id.starts_with("autoclose-") {
            return Some(ForcedClose::Liquidation);
        }
        if id.starts_with("adl_autoclose") {
            return Some(ForcedClose::AutoDeleveraging);
        }
        let settled =
            id.starts_with("settlement_autoclose") || id.starts_with("delivery_autoclose");
        settled.then_some(ForcedClose::Settlement)
    }

    /// True when this event carries a fill: NEW is not one, a zero quantity is not one.
    #[must_use]
    pub fn is_fill(&self) -> bool {
        matches!(self.execution, Execution::Trade | Execution::Calculated)
            && self.last_qty > Decimal::ZERO
    }
}

/// A conditional order changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgoUpdate {
    /// Event creation, Unix ms.
    pub event_ms: i64,
    /// Algo service time, Unix ms.
    pub transact_ms: i64,
    /// The order after the change.
    pub order: AlgoState,
}

/// The `o` object of ALGO_UPDATE.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AlgoState {
    /// Our id, unless another made the order.
    #[serde(rename = "caid")]
    pub client_algo_id: String,
    /// Venue algo id.
    #[serde(rename = "aid")]
    pub algo_id: i64,
    /// Conditional type.
    #[serde(rename = "o")]
    pub order_type: String,
    /// Symbol.
    #[serde(rename = "s")]
    pub symbol: String,
    /// Direction.
    #[serde(rename = "S")]
    pub side: OrderSide,
    /// Position it belongs to.
    #[serde(rename = "ps")]
    pub position_side: WirePositionSide,
    /// Base asset; zero with close-position.
    #[serde(rename = "q", deserialize_with = "decimal")]
    pub qty: Decimal,
    /// State after the change.
    #[serde(rename = "X")]
    pub status: AlgoStatus,
    /// Order it became; none before TRIGGERED.
    #[serde(rename = "ai", default, deserialize_with = "id_opt")]
    pub child_order_id: Option<i64>,
    /// Average fill price of the child; absent before TRIGGERED.
    #[serde(rename = "ap", default, deserialize_with = "decimal_opt")]
    pub avg_price: Option<Decimal>,
    /// Filled quantity of the child; absent before TRIGGERED. FINISHED with zero is no fill.
    #[serde(rename = "aq", default, deserialize_with = "decimal_opt")]
    pub filled_qty: Option<Decimal>,
    /// Price that wakes it.
    #[serde(rename = "tp", default, deserialize_with = "decimal_opt")]
    pub trigger_price: Option<Decimal>,
    /// Which price the trigger watches; missing in CANCELED.
    #[serde(rename = "wt", default, deserialize_with = "text_opt")]
    pub working_type: Option<String>,
    /// Close-position; missing in CANCELED.
    #[serde(rename = "cp", default)]
    pub close_position: Option<bool>,
    /// Reduce-only.
    #[serde(rename = "R", default)]
    pub reduce_only: bool,
    /// When it was triggered, Unix ms; zero before.
    #[serde(rename = "tt", default)]
    pub trigger_ms: i64,
    /// Why it failed; only when it did.
    #[serde(rename = "rm", default, deserialize_with = "text_opt")]
    pub reject_reason: Option<String>,
}

/// Reads one text frame, bare or wrapped as `{"stream":…,"data":…}`.
///
/// # Errors
/// [`ParseError`] naming the field; the event is lost, so the caller reads state over REST.
pub fn user_event(text: &str) -> Result<UserEvent, ParseError> {
    let mut value: Value = parse("user event", text)?;
    match (value.get("stream").is_some(), value.get_mut("data")) {
        (true, Some(data)) => event_of(data.take()),
        _ => event_of(value),
    }
}

fn event_of(mut value: Value) -> Result<UserEvent, ParseError> {
    let Some(name) = value.get("e").and_then(Value::as_str).map(str::to_owned) else {
        return Err(ParseError::new(
            "user event",
            "e",
            "is missing or not a string",
        ));
    };
    Ok(match name.as_str() {
        "ORDER_TRADE_UPDATE" => {
            let (event_ms, transact_ms) = times("order update", &value)?;
            let order = part("order update", &mut value, "o")?;
            UserEvent::Order(Box::new(OrderUpdate {
                event_ms,
                transact_ms,
                order,
            }))
        }
        "ALGO_UPDATE" => {
            let (event_ms, transact_ms) = times("algo update", &value)?;
            let order = part("algo update", &mut value, "o")?;
            UserEvent::Algo(Box::new(AlgoUpdate {
                event_ms,
                transact_ms,
                order,
            }))
        }
        "ACCOUNT_UPDATE" => {
            let (event_ms, transact_ms) = times("account update", &value)?;
            let change = part("account update", &mut value, "a")?;
            UserEvent::Account(Box::new(AccountUpdate {
                event_ms,
                transact_ms,
                change,
            }))
        }
        "ACCOUNT_CONFIG_UPDATE" => UserEvent::Config(config(&mut value)?),
        "MARGIN_CALL" => UserEvent::MarginCall(part("margin call", &mut value, "p")?),
        "TRADE_LITE" => UserEvent::TradeLite,
        "listenKeyExpired" => UserEvent::ListenKeyExpired,
        _ => UserEvent::Other(name),
    })
}

fn config(value: &mut Value) -> Result<ConfigUpdate, ParseError> {
    #[derive(Deserialize)]
    struct Row {
        #[serde(rename = "s")]
        symbol: String,
        #[serde(rename = "l")]
        leverage: u32,
    }
    if value.get("ac").is_none() {
        return Ok(ConfigUpdate::Account);
    }
    let row: Row = part("config update", value, "ac")?;
    Ok(ConfigUpdate::Leverage {
        symbol: row.symbol,
        leverage: row.leverage,
    })
}

fn times(what: &'static str, value: &Value) -> Result<(i64, i64), ParseError> {
    let time = |name: &str| {
        let ms = value.get(name).and_then(Value::as_i64);
        ms.ok_or_else(|| ParseError::new(what, name, "is missing or not an integer"))
    };
    Ok((time("E")?, time("T")?))
}

fn part<T: serde::de::DeserializeOwned>(
    what: &'static str,
    value: &mut Value,
    name: &str,
) -> Result<T, ParseError> {
    let Some(inner) = value.get_mut(name) else {
        return Err(ParseError::new(what, name, "is missing"));
    };
    parse_value(what, inner.take())
        .map_err(|e| ParseError::new(what, &format!("{name}.{}", e.field), e.why))
}

#[cfg(test)]
#[path = "user_event/tests.rs"]
mod tests;
