//! Ordinary and conditional orders, and the trades they become.

use rust_decimal::Decimal;

use super::modify::Modified;
use super::terms::Terms;
use super::trailing::{Step, Trail, Trailing};
use super::types::{
    AlgoKind, AlgoStatus, OrderKind, OrderStatus, PositionSide, Side, TimeInForce, WorkingType,
};

/// A request for an ordinary order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Symbol.
    pub symbol: String,
    /// Direction.
    pub side: Side,
    /// `Both` in one-way mode, the leg in hedge mode.
    pub position_side: PositionSide,
    /// LIMIT or MARKET.
    pub kind: OrderKind,
    /// Lifetime; ignored for MARKET.
    pub time_in_force: TimeInForce,
    /// Base quantity.
    pub qty: Decimal,
    /// Limit price; zero for MARKET.
    pub price: Decimal,
    /// May only shrink the position.
    pub reduce_only: bool,
    /// Price match, self-trade prevention, good-till date.
    pub terms: Terms,
    /// Client id; generated when absent.
    pub client_id: Option<String>,
}

impl NewOrder {
    /// A MARKET order.
    #[must_use]
    pub fn market(symbol: &str, side: Side, qty: Decimal) -> Self {
        Self {
            symbol: symbol.to_owned(),
            side,
            position_side: PositionSide::Both,
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Gtc,
            qty,
            price: Decimal::ZERO,
            reduce_only: false,
            terms: Terms::default(),
            client_id: None,
        }
    }

    /// A GTC LIMIT order.
    #[must_use]
    pub fn limit(symbol: &str, side: Side, qty: Decimal, price: Decimal) -> Self {
        Self {
            kind: OrderKind::Limit,
            price,
            ..Self::market(symbol, side, qty)
        }
    }

    /// The same order, reduce-only.
    #[must_use]
    pub fn reduce_only(mut self) -> Self {
        self.reduce_only = true;
        self
    }

    /// The same order on this leg.
    #[must_use]
    pub const fn on_leg(mut self, leg: PositionSide) -> Self {
        self.position_side = leg;
        self
    }

    /// The same order with a client id.
    #[must_use]
    pub fn with_client_id(mut self, id: &str) -> Self {
        self.client_id = Some(id.to_owned());
        self
    }
}

/// An ordinary order as the venue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Venue id; larger than 2^53 on purpose.
    pub id: u64,
    /// Symbol.
    pub symbol: String,
    /// Client id.
    pub client_id: String,
    /// Direction.
    pub side: Side,
    /// LIMIT or MARKET.
    pub kind: OrderKind,
    /// Lifetime.
    pub time_in_force: TimeInForce,
    /// Limit price; zero for MARKET.
    pub price: Decimal,
    /// Quantity, after any shrinking of a reduce-only order.
    pub qty: Decimal,
    /// Filled quantity.
    pub filled: Decimal,
    /// Filled quote amount.
    pub quote: Decimal,
    /// State.
    pub status: OrderStatus,
    /// May only shrink the position.
    pub reduce_only: bool,
    /// Position it belongs to.
    pub position_side: PositionSide,
    /// Price match, self-trade prevention, good-till date.
    pub terms: Terms,
    /// Place in the queue: the lower fills first at the same price.
    pub queued: u64,
    /// How often it was changed.
    pub modified: Modified,
    /// Expiry reason, 0 when none (1 self-trade, 2 IOC rest, 4 reduce-only knocked out, 9 market
    /// rest, 10 FOK, 11 post only).
    pub expiry_reason: u8,
    /// Creation, ms.
    pub created_ms: i64,
    /// Last change, ms.
    pub updated_ms: i64,
}

impl Order {
    /// Quantity still to fill.
    #[must_use]
    pub fn remaining(&self) -> Decimal {
        self.qty - self.filled
    }

    /// Average fill price, zero when nothing is filled.
    #[must_use]
    pub fn avg_price(&self) -> Decimal {
        self.quote
            .checked_div(self.filled)
            .unwrap_or_default()
            .round_dp(10)
    }
}

/// A request for a conditional order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlgo {
    /// Symbol.
    pub symbol: String,
    /// Direction of the child order.
    pub side: Side,
    /// `Both` in one-way mode, the leg in hedge mode.
    pub position_side: PositionSide,
    /// Stop or take profit.
    pub kind: AlgoKind,
    /// GTC or GTE_GTC.
    pub time_in_force: TimeInForce,
    /// Quantity; `None` with `close_position`.
    pub qty: Option<Decimal>,
    /// Price that fires it; zero for a trailing stop.
    pub trigger_price: Decimal,
    /// Price of a LIMIT child, unless a price match gives it.
    pub price: Option<Decimal>,
    /// Activation and distance of a trailing stop.
    pub trail: Option<Trail>,
    /// Price match, self-trade prevention, good-till date.
    pub terms: Terms,
    /// Which price is watched.
    pub working_type: WorkingType,
    /// Close whatever is there when it fires.
    pub close_position: bool,
    /// May only shrink the position.
    pub reduce_only: bool,
    /// Stay quiet while mark and last are too far apart.
    pub price_protect: bool,
    /// Client id; generated when absent.
    pub client_id: Option<String>,
}

impl NewAlgo {
    /// A closePosition order on the mark price.
    #[must_use]
    pub fn close_position(symbol: &str, side: Side, kind: AlgoKind, trigger: Decimal) -> Self {
        Self {
            symbol: symbol.to_owned(),
            side,
            position_side: PositionSide::Both,
            kind,
            time_in_force: TimeInForce::Gtc,
            qty: None,
            trigger_price: trigger,
            price: None,
            trail: None,
            terms: Terms::default(),
            working_type: WorkingType::MarkPrice,
            close_position: true,
            reduce_only: false,
            price_protect: false,
            client_id: None,
        }
    }

    /// A reduce-only quantity STOP_MARKET on the mark price.
    #[must_use]
    pub fn reduce_only_stop(symbol: &str, side: Side, qty: Decimal, trigger: Decimal) -> Self {
        Self {
            qty: Some(qty),
            close_position: false,
            reduce_only: true,
            ..Self::close_position(symbol, side, AlgoKind::StopMarket, trigger)
        }
    }

    /// The same order on this leg.
    #[must_use]
    pub const fn on_leg(mut self, leg: PositionSide) -> Self {
        self.position_side = leg;
        self
    }

    /// The same order with a client id.
    #[must_use]
    pub fn with_client_id(mut self, id: &str) -> Self {
        self.client_id = Some(id.to_owned());
        self
    }
}

/// A conditional order as the venue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgoOrder {
    /// Venue id, 16 digits.
    pub id: u64,
    /// Client id.
    pub client_id: String,
    /// Symbol.
    pub symbol: String,
    /// Direction of the child.
    pub side: Side,
    /// Position it belongs to.
    pub position_side: PositionSide,
    /// Stop or take profit.
    pub kind: AlgoKind,
    /// GTC or GTE_GTC.
    pub time_in_force: TimeInForce,
    /// Quantity; zero with `close_position`.
    pub qty: Decimal,
    /// Price that fires it; zero for a trailing stop.
    pub trigger_price: Decimal,
    /// Price of a LIMIT child; zero when it has none.
    pub price: Decimal,
    /// How far a trailing stop has come.
    pub trailing: Option<Trailing>,
    /// Price match, self-trade prevention, good-till date.
    pub terms: Terms,
    /// Which price is watched.
    pub working_type: WorkingType,
    /// Close whatever is there when it fires.
    pub close_position: bool,
    /// May only shrink the position.
    pub reduce_only: bool,
    /// Quiet while mark and last are too far apart.
    pub price_protect: bool,
    /// State.
    pub status: AlgoStatus,
    /// Child order once triggered.
    pub child_id: Option<u64>,
    /// Average fill price of the child.
    pub avg_price: Decimal,
    /// Filled quantity of the child.
    pub filled: Decimal,
    /// Why it was rejected, in the venue's words.
    pub reject_reason: Option<&'static str>,
    /// Fault: stays TRIGGERING for good once fired.
    pub stuck: bool,
    /// Creation, ms.
    pub created_ms: i64,
    /// Last change, ms.
    pub updated_ms: i64,
    /// Moment it fired, ms; zero before.
    pub triggered_ms: i64,
}

impl AlgoOrder {
    /// Takes a watched price in: it may fire the order, or begin its trailing.
    pub(super) fn see(&mut self, price: Decimal) -> Step {
        if let Some(trailing) = &mut self.trailing {
            return trailing.see(self.side, price);
        }
        if fires(self.kind, self.side, self.trigger_price, price) {
            Step::Fires
        } else {
            Step::Rests
        }
    }
}

/// Trigger rule of section 3.3: the direction depends on kind and side, equality fires. A trailing
/// stop has no trigger price and never fires by this rule.
#[must_use]
pub fn fires(kind: AlgoKind, side: Side, trigger: Decimal, price: Decimal) -> bool {
    match (kind, side) {
        (AlgoKind::TrailingStopMarket, _) => false,
        (AlgoKind::StopMarket | AlgoKind::Stop, Side::Buy)
        | (AlgoKind::TakeProfitMarket | AlgoKind::TakeProfit, Side::Sell) => price >= trigger,
        (AlgoKind::StopMarket | AlgoKind::Stop, Side::Sell)
        | (AlgoKind::TakeProfitMarket | AlgoKind::TakeProfit, Side::Buy) => price <= trigger,
    }
}

/// One fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Trade id.
    pub id: u64,
    /// Order that filled.
    pub order_id: u64,
    /// Symbol.
    pub symbol: String,
    /// Direction.
    pub side: Side,
    /// Position it changed.
    pub position_side: PositionSide,
    /// Fill price.
    pub price: Decimal,
    /// Fill quantity.
    pub qty: Decimal,
    /// Fee, USDT, positive = paid.
    pub fee: Decimal,
    /// Realised profit without the fee, USDT.
    pub realized: Decimal,
    /// True when the order was resting.
    pub maker: bool,
    /// Moment, ms.
    pub at_ms: i64,
}
