//! A venue for one position that fits on a page: it accepts, refuses what the mark has reached,
//! fills limits in two parts and stops at once.

use domain::ids::ClientOrderId;
use domain::intent::{OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus, RestingOrder};
use domain::snapshot::PositionSnapshot;
use domain::{Price, Qty, Timestamp};
use rust_decimal::Decimal;

/// The venue's "would trigger immediately".
const WOULD_TRIGGER: i32 = -2021;

/// The venue and what it holds.
pub struct Venue {
    pub snapshot: PositionSnapshot,
    pub mark: Price,
    /// Intents of the orders that rest, to tell news about them.
    asked: Vec<OrderIntent>,
}

impl Venue {
    pub fn new(snapshot: PositionSnapshot, mark: Price) -> Self {
        Self {
            snapshot,
            mark,
            asked: Vec::new(),
        }
    }

    /// Does what is asked for; the news.
    pub fn take(&mut self, intent: &OrderIntent, now: Timestamp) -> OrderEvent {
        match &intent.wish {
            Wish::Cancel { target, .. } => {
                let target = target.clone();
                self.snapshot
                    .orders
                    .retain(|order| order.client_order_id != target);
                self.news(intent, OrderStatus::Canceled, None, now)
            }
            Wish::Place {
                client_order_id,
                order,
            } => self.place(intent, client_order_id.clone(), *order, now),
        }
    }

    fn place(
        &mut self,
        intent: &OrderIntent,
        client_order_id: ClientOrderId,
        order: CloseOrder,
        now: Timestamp,
    ) -> OrderEvent {
        let side = self.snapshot.position.key.side;
        if let CloseOrder::Market { qty } = order {
            self.close(qty);
            return self.news(intent, OrderStatus::Filled, None, now);
        }
        let reached = |trigger| side.stop_reached(trigger, self.mark);
        if order.stop_trigger().is_some_and(reached) {
            return self.news(intent, OrderStatus::Rejected, Some(WOULD_TRIGGER), now);
        }
        self.asked.push(intent.clone());
        self.snapshot.orders.push(RestingOrder {
            client_order_id,
            order,
            status: OrderStatus::Accepted,
            filled_qty: Qty::ZERO,
            since: now,
        });
        self.news(intent, OrderStatus::Accepted, None, now)
    }

    /// Fills what the mark has reached; the news.
    pub fn fill(&mut self, now: Timestamp) -> Vec<OrderEvent> {
        let side = self.snapshot.position.key.side;
        let mut news = Vec::new();
        for mut order in std::mem::take(&mut self.snapshot.orders) {
            let filled = match order.order {
                CloseOrder::Limit { price, .. } if side.target_reached(price, self.mark) => {
                    self.part(&order)
                }
                CloseOrder::Stop { trigger, .. } if side.stop_reached(trigger, self.mark) => {
                    order.open_qty().unwrap()
                }
                _ => Qty::ZERO,
            };
            let filled = filled.min(self.snapshot.position.qty);
            if !filled.is_zero() {
                self.close(filled);
                order.filled_qty = order.filled_qty.plus(filled);
                let done = order.open_qty().is_some_and(Qty::is_zero);
                order.status = if done {
                    OrderStatus::Filled
                } else {
                    OrderStatus::PartiallyFilled
                };
                news.extend(self.told(&order, now));
            }
            if order.status != OrderStatus::Filled {
                self.snapshot.orders.push(order);
            }
        }
        if self.snapshot.position.qty.is_zero() {
            self.snapshot.flat_proven = true;
        }
        news
    }

    /// Half of an untouched limit, the rest of a touched one.
    fn part(&self, order: &RestingOrder) -> Qty {
        let open = order.open_qty().unwrap();
        if order.filled_qty.is_zero() {
            let half = Qty::new(open.get() / Decimal::TWO).unwrap();
            self.snapshot.instrument.floor_qty(half)
        } else {
            open
        }
    }

    fn close(&mut self, qty: Qty) {
        let position = &mut self.snapshot.position;
        position.qty = position.qty.saturating_sub(qty);
    }

    fn told(&self, order: &RestingOrder, now: Timestamp) -> Option<OrderEvent> {
        let asked = self.asked.iter();
        let mut known = asked.filter(|it| *it.client_order_id() == order.client_order_id);
        let intent = known.next()?;
        let mut event = self.news(intent, order.status, None, now);
        event.filled_qty = order.filled_qty;
        Some(event)
    }

    fn news(
        &self,
        intent: &OrderIntent,
        status: OrderStatus,
        code: Option<i32>,
        at: Timestamp,
    ) -> OrderEvent {
        OrderEvent {
            key: intent.key.clone(),
            epoch: intent.epoch,
            module: intent.module.clone(),
            kind: intent.kind,
            intent_id: intent.id.clone(),
            client_order_id: intent.client_order_id().clone(),
            venue_order_id: None,
            order_type: String::new(),
            status,
            filled_qty: Qty::ZERO,
            average_price: None,
            code,
            detail: String::new(),
            tick_to_order: None,
            at,
        }
    }
}
