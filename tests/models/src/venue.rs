//! The venue of the models: what rests, what is open, and what a request does to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::{ClientOrderId, LegId};
use domain::intent::Wish;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::snapshot::{PositionSnapshot, covered};
use domain::{Price, Qty, Side, Timestamp};

use crate::desk::Asked;
use crate::parts;

/// What is told of an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    pub id: ClientOrderId,
    pub status: OrderStatus,
    pub filled: Qty,
    pub code: Option<i32>,
    /// Whether it ends a doubt.
    pub after_doubt: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Venue {
    pub side: Side,
    pub open: Qty,
    pub orders: Vec<RestingOrder>,
    /// Names that were ever given; the model's own book-keeping.
    names: BTreeSet<ClientOrderId>,
    /// Whether a name was given twice.
    pub repeated: bool,
    /// What orders of a part have closed at market.
    pub closed_in_part: Qty,
}

/// A stop that would trigger at once.
const WOULD_TRIGGER: i32 = -2021;
/// A reduce-only order where nothing is left to reduce.
const NOTHING_TO_REDUCE: i32 = -2022;
/// A close that resting reduce-only orders stand in the way of.
const BLOCKED: i32 = -4118;
/// A second close-position stop.
const SECOND_DISASTER: i32 = -4130;

impl Venue {
    pub fn new(side: Side, orders: Vec<RestingOrder>) -> Self {
        Self {
            side,
            open: parts::qty(parts::OPENED),
            names: orders.iter().map(|it| it.client_order_id.clone()).collect(),
            orders,
            repeated: false,
            closed_in_part: Qty::ZERO,
        }
    }

    pub fn picture(&self, now: Timestamp) -> Arc<PositionSnapshot> {
        let orders = self.orders.clone();
        Arc::new(parts::picture(self.side, self.open, orders, now))
    }

    /// Quantity covered by stops of whatever kind that rest.
    pub fn protected(&self) -> Qty {
        covered(self.open, self.orders.iter())
    }

    /// Whether stops with a quantity cover all that is open, or have fired and are closing it.
    pub fn is_covered(&self) -> bool {
        let stops = self.working_stops().filter_map(RestingOrder::open_qty);
        stops.fold(Qty::ZERO, Qty::plus) >= self.open
    }

    pub fn working_stops(&self) -> impl Iterator<Item = &RestingOrder> {
        let stops = self.orders.iter();
        stops.filter(|it| matches!(it.order, CloseOrder::Stop { .. }))
    }

    pub fn has_disaster(&self) -> bool {
        let mut orders = self.orders.iter();
        orders.any(|it| matches!(it.order, CloseOrder::DisasterStop { .. }))
    }

    pub fn limits(&self) -> impl Iterator<Item = &RestingOrder> {
        self.orders.iter().filter(|it| is_limit(&it.order))
    }

    /// Quantity of all resting targets.
    pub fn resting(&self) -> Qty {
        let left = self.limits().filter_map(RestingOrder::open_qty);
        left.fold(Qty::ZERO, Qty::plus)
    }

    /// Whether an order of this name was there before.
    pub fn knows(&self, asked: &Asked) -> bool {
        crate::house::placed(asked).is_some_and(|name| self.names.contains(name))
    }

    /// Carries a request out.
    pub fn apply(&mut self, wish: &Wish, mark: Price, now: Timestamp) -> Option<Word> {
        match wish {
            Wish::Place {
                client_order_id,
                order,
            } => {
                self.repeated |= !self.names.insert(client_order_id.clone());
                let done = self.place(client_order_id, *order, mark, now);
                Some(done.unwrap_or_else(|code| refused(client_order_id, Some(code))))
            }
            Wish::Cancel { target, .. } => {
                // One that has fired can't be canceled.
                let found = |it: &RestingOrder| {
                    it.client_order_id == *target && it.status == OrderStatus::Accepted
                };
                let at = self.orders.iter().position(found)?;
                self.orders.remove(at);
                Some(word(target, OrderStatus::Canceled))
            }
        }
    }

    fn place(
        &mut self,
        id: &ClientOrderId,
        order: CloseOrder,
        mark: Price,
        now: Timestamp,
    ) -> Result<Word, i32> {
        if self.open.is_zero() {
            return Err(NOTHING_TO_REDUCE);
        }
        let is_reached = |trigger| self.side.stop_reached(trigger, mark);
        if order.stop_trigger().is_some_and(is_reached) {
            return Err(WOULD_TRIGGER);
        }
        let order = match order {
            CloseOrder::Market { qty } => return self.close(id, qty),
            CloseOrder::Limit { qty, price } => {
                let qty = qty.min(self.open.saturating_sub(self.resting()));
                if qty.is_zero() {
                    return Err(NOTHING_TO_REDUCE);
                }
                CloseOrder::Limit { qty, price }
            }
            CloseOrder::DisasterStop { .. } if self.has_disaster() => return Err(SECOND_DISASTER),
            stop => stop,
        };
        self.orders.push(RestingOrder {
            client_order_id: id.clone(),
            order,
            status: OrderStatus::Accepted,
            filled_qty: Qty::ZERO,
            since: now,
        });
        Ok(word(id, OrderStatus::Accepted))
    }

    fn close(&mut self, id: &ClientOrderId, asked: Qty) -> Result<Word, i32> {
        if asked.plus(self.resting()) > self.open && !self.resting().is_zero() {
            return Err(BLOCKED);
        }
        let closed = asked.min(self.open);
        if matches!(parts::cause(id).leg, LegId::Partial(_)) {
            self.closed_in_part = self.closed_in_part.plus(closed);
        }
        self.shrink(closed);
        Ok(Word {
            filled: closed,
            ..word(id, OrderStatus::Filled)
        })
    }

    /// Whether the price has reached the order at `index`.
    pub fn is_reached(&self, index: usize, mark: Price) -> bool {
        let resting = &self.orders[index];
        resting.status == OrderStatus::Accepted
            && match resting.order {
                CloseOrder::Limit { price, .. } => self.side.target_reached(price, mark),
                order => {
                    let trigger = order.stop_trigger();
                    trigger.is_some_and(|at| self.side.stop_reached(at, mark))
                }
            }
    }

    /// Whether the order at `index` is a stop that has fired a moment ago and not filled.
    pub fn hangs(&self, index: usize, now: Timestamp) -> bool {
        let order = &self.orders[index];
        order.status == OrderStatus::Triggered && order.since < now
    }

    /// The stop at `index` fires.
    pub fn fire(&mut self, index: usize, now: Timestamp) -> Word {
        let stop = &mut self.orders[index];
        (stop.status, stop.since) = (OrderStatus::Triggered, now);
        word(&stop.client_order_id, OrderStatus::Triggered)
    }

    /// The order at `index` fills.
    pub fn fill(&mut self, index: usize) -> Word {
        let order = self.orders.remove(index);
        let filled = order.open_qty().unwrap_or(self.open).min(self.open);
        self.shrink(filled);
        Word {
            filled,
            ..word(&order.client_order_id, OrderStatus::Filled)
        }
    }

    /// Less is open: targets for more than that go. Of a flat position only stops with a quantity
    /// stay that have not fired.
    fn shrink(&mut self, closed: Qty) {
        self.open = self.open.saturating_sub(closed);
        if self.open.is_zero() {
            let stays = |it: &RestingOrder| {
                matches!(it.order, CloseOrder::Stop { .. }) && it.status == OrderStatus::Accepted
            };
            self.orders.retain(stays);
        }
        while self.resting() > self.open {
            let Some(at) = self.orders.iter().rposition(|it| is_limit(&it.order)) else {
                return;
            };
            self.orders.remove(at);
        }
    }
}

fn is_limit(order: &CloseOrder) -> bool {
    matches!(order, CloseOrder::Limit { .. })
}

pub fn word(id: &ClientOrderId, status: OrderStatus) -> Word {
    Word {
        id: id.clone(),
        status,
        filled: Qty::ZERO,
        code: None,
        after_doubt: false,
    }
}

pub fn refused(id: &ClientOrderId, code: Option<i32>) -> Word {
    Word {
        code,
        ..word(id, OrderStatus::Rejected)
    }
}
