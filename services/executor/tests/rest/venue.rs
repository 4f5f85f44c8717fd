//! A venue that does what is asked when it is told to, and pictures of what it holds.

use domain::intent::{OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus, RestingOrder};
use domain::snapshot::PositionSnapshot;
use domain::{Account, Epoch, Money, PositionKey, Price, Qty, Side, Timestamp};
use rust_decimal::Decimal;

use crate::common::{NOW, snapshot};

pub struct Venue {
    pub pictures: Vec<PositionSnapshot>,
    pub asked: Vec<OrderIntent>,
}

pub fn lots(count: u32) -> Qty {
    Qty::new(Decimal::new(i64::from(count), 3)).unwrap()
}

impl Venue {
    /// Three accounts, both sides.
    pub fn new() -> Self {
        let picture = |(at, side)| {
            let opened_at = NOW - domain::Span::from_secs(5);
            let mut picture = snapshot(50_000, opened_at);
            let account = Account::new(&format!("a{at}")).unwrap();
            let key = &picture.position.key;
            picture.position.key = PositionKey {
                account,
                side,
                ..key.clone()
            };
            picture.position.epoch = Epoch(u64::try_from(opened_at.millis()).unwrap());
            picture.position.leverage = Decimal::from(2 + 3 * at);
            picture.instrument.min_notional = Money::new(Decimal::from(5));
            picture
        };
        let sides = [Side::Long, Side::Short];
        let all = (0..3).flat_map(|at| sides.map(|side| (at, side)));
        Self {
            pictures: all.map(picture).collect(),
            asked: Vec::new(),
        }
    }

    /// Does what was asked.
    pub fn obey(&mut self, now: Timestamp) {
        for intent in std::mem::take(&mut self.asked) {
            let Some(at) = self.find(&intent.key) else {
                continue;
            };
            match intent.wish {
                Wish::Cancel { target, .. } => {
                    let orders = &mut self.pictures[at].orders;
                    orders.retain(|order| order.client_order_id != target);
                }
                Wish::Place {
                    order: CloseOrder::Market { qty },
                    ..
                } => self.close(at, qty),
                Wish::Place {
                    client_order_id,
                    order,
                } => self.pictures[at].orders.push(RestingOrder {
                    client_order_id,
                    order,
                    status: OrderStatus::Accepted,
                    filled_qty: Qty::ZERO,
                    since: now,
                }),
            }
        }
    }

    /// News of every order that was asked for.
    pub fn answers(&self, code: Option<i32>, now: Timestamp) -> Vec<OrderEvent> {
        let status = match code {
            None => OrderStatus::Accepted,
            Some(_) => OrderStatus::Rejected,
        };
        let places = |it: &&OrderIntent| matches!(it.wish, Wish::Place { .. });
        let event = |intent: &OrderIntent| OrderEvent {
            key: intent.key.clone(),
            epoch: intent.epoch,
            module: intent.module.clone(),
            kind: intent.kind,
            intent_id: intent.id.clone(),
            client_order_id: intent.client_order_id().clone(),
            venue_order_id: None,
            order_type: "STOP_MARKET".into(),
            status,
            filled_qty: Qty::ZERO,
            average_price: None,
            code,
            detail: String::new(),
            tick_to_order: None,
            at: now,
        };
        self.asked.iter().filter(places).map(event).collect()
    }

    pub fn fill(&mut self, at: usize, part: Qty) {
        let orders = self.pictures[at].orders.iter_mut();
        let mut limits = orders.filter(|it| matches!(it.order, CloseOrder::Limit { .. }));
        let Some(order) = limits.next() else {
            return;
        };
        let filled = part.min(order.open_qty().unwrap());
        order.filled_qty = order.filled_qty.plus(filled);
        order.status = OrderStatus::PartiallyFilled;
        let orders = &mut self.pictures[at].orders;
        orders.retain(|order| order.open_qty() != Some(Qty::ZERO));
        self.close(at, filled);
    }

    pub fn close(&mut self, at: usize, part: Qty) {
        let picture = &mut self.pictures[at];
        let position = &mut picture.position;
        position.qty = position.qty.saturating_sub(part);
        if !position.is_open() {
            picture.flat_proven = true;
            picture.orders.clear();
        }
    }

    /// More is opened; what is flat begins a new life.
    pub fn add(&mut self, at: usize, part: Qty, price: Price, now: Timestamp) {
        let picture = &mut self.pictures[at];
        let position = &mut picture.position;
        if !position.is_open() {
            position.epoch = Epoch(u64::try_from(now.millis()).unwrap());
            position.opened_at = now;
            position.initial_qty = Qty::ZERO;
            position.entry_price = price;
            picture.flat_proven = false;
        }
        let paid = position.qty.notional(position.entry_price).get() + part.notional(price).get();
        position.qty = position.qty.plus(part);
        position.initial_qty = position.initial_qty.plus(part);
        position.entry_price = Price::new((paid / position.qty.get()).round_dp(8)).unwrap();
    }

    pub fn fire(&mut self, at: usize, now: Timestamp) {
        let orders = self.pictures[at].orders.iter_mut();
        let mut stops = orders.filter(|it| matches!(it.order, CloseOrder::Stop { .. }));
        if let Some(stop) = stops.next() {
            stop.status = OrderStatus::Triggering;
            stop.since = now;
        }
    }

    fn find(&self, key: &PositionKey) -> Option<usize> {
        let mut pictures = self.pictures.iter();
        pictures.position(|it| it.position.key == *key)
    }
}
