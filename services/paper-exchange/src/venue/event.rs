//! What the account's owner is told, in the order in which it happens.

use rust_decimal::Decimal;

use super::order::{AlgoOrder, Order, Trade};
use super::types::{Execution, PositionSide, wire_enum};

/// One user event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueEvent {
    /// `T`: engine time, ms.
    pub engine_ms: i64,
    /// `E`: event time, ms.
    pub event_ms: i64,
    /// What happened.
    pub body: EventBody,
}

/// The kinds of user events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventBody {
    /// ORDER_TRADE_UPDATE.
    Order(Box<OrderUpdate>),
    /// TRADE_LITE.
    TradeLite(Box<OrderUpdate>),
    /// ACCOUNT_UPDATE.
    Account(AccountUpdate),
    /// ALGO_UPDATE.
    Algo(Box<AlgoOrder>),
    /// MARGIN_CALL.
    MarginCall(Box<MarginCall>),
    /// ACCOUNT_CONFIG_UPDATE: new leverage of a symbol.
    Leverage {
        /// Symbol.
        symbol: String,
        /// New leverage.
        leverage: u32,
    },
}

impl EventBody {
    /// The `e` member on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "ORDER_TRADE_UPDATE",
            Self::TradeLite(_) => "TRADE_LITE",
            Self::Account(_) => "ACCOUNT_UPDATE",
            Self::Algo(_) => "ALGO_UPDATE",
            Self::MarginCall(_) => "MARGIN_CALL",
            Self::Leverage { .. } => "ACCOUNT_CONFIG_UPDATE",
        }
    }
}

/// An order after a change, and the fill that caused it, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderUpdate {
    /// The order after the change.
    pub order: Order,
    /// What happened to it.
    pub execution: Execution,
    /// The fill of a TRADE.
    pub trade: Option<Trade>,
    /// Notional of the account's open buy orders of the symbol.
    pub bid_notional: Decimal,
    /// Notional of the account's open sell orders of the symbol.
    pub ask_notional: Decimal,
}

wire_enum! {
    /// Why balance or position changed (`m` of ACCOUNT_UPDATE).
    AccountReason {
        /// A trade.
        Order => "ORDER",
        /// A funding payment.
        FundingFee => "FUNDING_FEE",
    }
}

/// A warning before liquidation, with the positions that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarginCall {
    /// Cross wallet, only when a position with cross margin is among them.
    pub cross_wallet: Option<Decimal>,
    /// The positions.
    pub rows: Vec<MarginCallRow>,
}

/// One position of a margin call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarginCallRow {
    /// Symbol.
    pub symbol: String,
    /// Which position of the symbol.
    pub leg: PositionSide,
    /// Signed amount.
    pub qty: Decimal,
    /// True for isolated margin.
    pub isolated: bool,
    /// Margin of its own.
    pub isolated_wallet: Decimal,
    /// Mark price.
    pub mark: Decimal,
    /// Unrealised profit at the mark.
    pub unrealized: Decimal,
    /// Maintenance margin.
    pub maint_margin: Decimal,
}

/// Balance and the one position that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUpdate {
    /// Why.
    pub reason: AccountReason,
    /// Wallet balance, USDT.
    pub wallet: Decimal,
    /// The wallet without what isolated positions hold.
    pub cross_wallet: Decimal,
    /// Change of the balance by other things than profit and fees.
    pub change: Decimal,
    /// False: only the balance is told (funding with cross margin).
    pub shows_position: bool,
    /// Symbol of the position.
    pub symbol: String,
    /// Which position of the symbol.
    pub leg: PositionSide,
    /// Signed amount.
    pub qty: Decimal,
    /// Entry price, zero when flat.
    pub entry: Decimal,
    /// Entry shifted by the fee, zero when flat.
    pub break_even: Decimal,
    /// Realised profit so far (without fees).
    pub realized: Decimal,
    /// Unrealised profit at the mark.
    pub unrealized: Decimal,
    /// True for isolated margin.
    pub isolated: bool,
    /// Margin of its own.
    pub isolated_wallet: Decimal,
}
