//! One form for an order, whether an answer, a list or an event of the venue told of it.

use domain::order::{CloseOrder, OrderStatus};
use domain::{Price, Qty, Side};
use rust_decimal::Decimal;

use binance::response::{AlgoAnswer, OrderAnswer};
use binance::user_event::{AlgoUpdate, OrderUpdate};
use binance::wire::{self, AlgoStatus, OrderSide, WirePositionSide};

/// The venue keeps orders in two books with ids of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Book {
    /// Market and limit orders.
    Ordinary,
    /// Conditional orders.
    Algo,
}

impl Book {
    pub(super) const fn of(order: &CloseOrder) -> Self {
        match order {
            CloseOrder::Market { .. } | CloseOrder::Limit { .. } => Self::Ordinary,
            CloseOrder::Stop { .. } | CloseOrder::DisasterStop { .. } => Self::Algo,
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Ordinary => Self::Algo,
            Self::Algo => Self::Ordinary,
        }
    }
}

/// An order as the venue told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Observed {
    pub book: Book,
    pub venue_id: i64,
    pub client_id: String,
    pub symbol: String,
    /// Side of the position that it closes; none where it may open one.
    pub closes: Option<Side>,
    /// What it is; none where we have no word for it, or where the news does not say.
    pub shape: Option<CloseOrder>,
    pub order_type: String,
    /// None for a word of the venue that we don't know.
    pub status: Option<OrderStatus>,
    pub filled: Qty,
    /// Average price of what is filled; none where the news does not say.
    pub average: Option<Price>,
    /// Id of the order that it became when it fired.
    pub child: Option<i64>,
    /// The venue's time of this state, Unix ms.
    pub at_ms: i64,
    /// Why it ended, in the venue's words.
    pub reason: String,
}

impl Observed {
    pub(super) fn is_final(&self) -> bool {
        self.status.is_some_and(OrderStatus::is_final)
    }
}

/// The side of the position that an order closes. In one-way mode only a reduce-only order is sure
/// to close; in hedge mode the pair of position side and direction says it.
fn closes(side: OrderSide, position: WirePositionSide, reduces: bool) -> Option<Side> {
    match (position, side) {
        (WirePositionSide::Both, OrderSide::Sell) if reduces => Some(Side::Long),
        (WirePositionSide::Both, OrderSide::Buy) if reduces => Some(Side::Short),
        (WirePositionSide::Long, OrderSide::Sell) => Some(Side::Long),
        (WirePositionSide::Short, OrderSide::Buy) => Some(Side::Short),
        _ => None,
    }
}

fn ordinary_shape(kind: &str, qty: Decimal, price: Decimal) -> Option<CloseOrder> {
    let qty = Qty::new(qty).ok()?;
    match kind {
        "MARKET" => Some(CloseOrder::Market { qty }),
        "LIMIT" => Some(CloseOrder::Limit {
            qty,
            price: Price::new(price).ok()?,
        }),
        _ => None,
    }
}

fn algo_shape(
    kind: &str,
    qty: Decimal,
    trigger: Option<Decimal>,
    whole: bool,
) -> Option<CloseOrder> {
    if kind != "STOP_MARKET" {
        return None;
    }
    let trigger = Price::new(trigger?).ok()?;
    if whole {
        return Some(CloseOrder::DisasterStop { trigger });
    }
    let qty = Qty::new(qty).ok().filter(|qty| !qty.is_zero())?;
    Some(CloseOrder::Stop { qty, trigger })
}

fn status(word: &wire::OrderStatus) -> Option<OrderStatus> {
    use wire::OrderStatus as W;
    match word {
        W::New => Some(OrderStatus::Accepted),
        W::PartiallyFilled => Some(OrderStatus::PartiallyFilled),
        W::Filled => Some(OrderStatus::Filled),
        W::Canceled => Some(OrderStatus::Canceled),
        W::Expired | W::ExpiredInMatch => Some(OrderStatus::Expired),
        W::Rejected => Some(OrderStatus::Rejected),
        W::NewAdl | W::NewInsurance | W::Other(_) => None,
    }
}

/// FINISHED says that the child has ended; only its fill says whether anything was done.
fn algo_status(word: &AlgoStatus, is_filled: bool) -> Option<OrderStatus> {
    match word {
        AlgoStatus::New => Some(OrderStatus::Accepted),
        AlgoStatus::Triggering => Some(OrderStatus::Triggering),
        AlgoStatus::Triggered => Some(OrderStatus::Triggered),
        AlgoStatus::Finished if is_filled => Some(OrderStatus::Filled),
        AlgoStatus::Finished => Some(OrderStatus::Expired),
        AlgoStatus::Canceled => Some(OrderStatus::Canceled),
        AlgoStatus::Expired => Some(OrderStatus::Expired),
        AlgoStatus::Rejected => Some(OrderStatus::Rejected),
        AlgoStatus::Other(_) => None,
    }
}

/// The venue writes zero for no fill.
fn average(value: Option<Decimal>) -> Option<Price> {
    Price::new(value?).ok()
}

fn qty(value: Decimal) -> Qty {
    Qty::new(value).unwrap_or(Qty::ZERO)
}

impl From<&OrderAnswer> for Observed {
    fn from(order: &OrderAnswer) -> Self {
        let reduces = order.reduce_only || order.close_position;
        Self {
            book: Book::Ordinary,
            venue_id: order.order_id,
            client_id: order.client_order_id.clone(),
            symbol: order.symbol.clone(),
            closes: closes(order.side, order.position_side, reduces),
            shape: ordinary_shape(&order.order_type, order.orig_qty, order.price),
            order_type: order.order_type.clone(),
            status: status(&order.status),
            filled: qty(order.executed_qty),
            average: average(order.avg_price),
            child: None,
            at_ms: order.update_time,
            reason: String::new(),
        }
    }
}

impl From<&OrderUpdate> for Observed {
    fn from(update: &OrderUpdate) -> Self {
        let order = &update.order;
        let reduces = order.reduce_only || order.close_position;
        let expired = order.expiry_reason.as_deref().filter(|er| *er != "0");
        Self {
            book: Book::Ordinary,
            venue_id: order.order_id,
            client_id: order.client_order_id.clone(),
            symbol: order.symbol.clone(),
            closes: closes(order.side, order.position_side, reduces),
            shape: ordinary_shape(&order.order_type, order.qty, order.price),
            order_type: order.order_type.clone(),
            status: status(&order.status),
            filled: qty(order.cum_qty),
            average: average(Some(order.avg_price)),
            child: None,
            at_ms: update.transact_ms,
            reason: expired.map_or_else(String::new, |er| format!("expiry reason {er}")),
        }
    }
}

impl From<&AlgoAnswer> for Observed {
    fn from(order: &AlgoAnswer) -> Self {
        let reduces = order.reduce_only || order.close_position;
        let (trigger, whole) = (order.trigger_price, order.close_position);
        let filled = qty(order.actual_qty.unwrap_or_default());
        // Not every answer tells the child's quantity; its price is then the sign of a fill.
        let priced = order.actual_qty.is_none() && order.actual_price > Some(Decimal::ZERO);
        Self {
            book: Book::Algo,
            venue_id: order.algo_id,
            client_id: order.client_algo_id.clone(),
            symbol: order.symbol.clone(),
            closes: closes(order.side, order.position_side, reduces),
            shape: algo_shape(&order.order_type, order.quantity, trigger, whole),
            order_type: order.order_type.clone(),
            status: algo_status(&order.algo_status, priced || !filled.is_zero()),
            filled,
            average: average(order.actual_price),
            child: order.actual_order_id,
            at_ms: order.update_time,
            reason: String::new(),
        }
    }
}

impl From<&AlgoUpdate> for Observed {
    fn from(update: &AlgoUpdate) -> Self {
        let order = &update.order;
        let whole = order.close_position.unwrap_or(false);
        let filled = qty(order.filled_qty.unwrap_or_default());
        Self {
            book: Book::Algo,
            venue_id: order.algo_id,
            client_id: order.client_algo_id.clone(),
            symbol: order.symbol.clone(),
            closes: closes(order.side, order.position_side, order.reduce_only || whole),
            shape: algo_shape(&order.order_type, order.qty, order.trigger_price, whole),
            order_type: order.order_type.clone(),
            status: algo_status(&order.status, !filled.is_zero()),
            filled,
            average: average(order.avg_price),
            child: order.child_order_id,
            at_ms: update.transact_ms,
            reason: order.reject_reason.clone().unwrap_or_default(),
        }
    }
}
