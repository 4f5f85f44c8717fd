//! The obedient venue: it does what is asked, fills what its price reaches, and closes what a
//! stop closes.

use domain::decision::Decision;
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::reconcile::Want;
use domain::{Epoch, Price, Qty, Span};

use super::super::common::*;
use super::Desk;

impl Desk {
    /// The venue does what was asked last.
    pub fn obey(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        for (want, id) in asked.into_iter().zip(std::mem::take(&mut self.ids)) {
            match want {
                Want::Cancel { .. } => {
                    let orders = &mut self.snapshot.orders;
                    orders.retain(|order| order.client_order_id != id);
                }
                Want::Place {
                    order: CloseOrder::Market { qty },
                    ..
                } => self.close(qty),
                Want::Place { order, .. } => self.snapshot.orders.push(RestingOrder {
                    client_order_id: id,
                    order,
                    status: OrderStatus::Accepted,
                    filled_qty: Qty::ZERO,
                    since: self.now,
                }),
            }
        }
        self.pass(Span::from_millis(400));
        self.flight.settle(&self.snapshot, self.now);
    }

    /// The price goes there: limits that it reaches fill, stops that it reaches close.
    pub fn trade_at(&mut self, price: Price) {
        let filled = self.take_reached(price);
        self.close(filled);
    }

    /// Orders that the price reaches are gone; returns what they close.
    pub fn take_reached(&mut self, price: Price) -> Qty {
        let side = self.side();
        let is_reached = |order: &RestingOrder| match order.order {
            CloseOrder::Limit { price: at, .. } => side.target_reached(at, price),
            other => other
                .stop_trigger()
                .is_some_and(|at| side.stop_reached(at, price)),
        };
        let orders = std::mem::take(&mut self.snapshot.orders);
        let (reached, resting): (Vec<_>, Vec<_>) = orders.into_iter().partition(is_reached);
        self.snapshot.orders = resting;
        let mut left = self.snapshot.position.qty;
        for order in reached {
            left = left.saturating_sub(order.open_qty().unwrap_or(left));
        }
        self.snapshot.position.qty.saturating_sub(left)
    }

    /// So much of the nearest resting target fills, and no more.
    pub fn fill_of_target(&mut self, part: Qty) {
        let orders = self.snapshot.orders.iter_mut();
        let limits = orders.filter(|order| matches!(order.order, CloseOrder::Limit { .. }));
        let target = |order: &&mut RestingOrder| {
            let cause = order.client_order_id.cause(&symbol("BTCUSDT"));
            cause.map(|cause| cause.leg)
        };
        let Some(order) = limits.min_by_key(target) else {
            return;
        };
        let filled = part.min(order.open_qty().unwrap());
        order.filled_qty = order.filled_qty.plus(filled);
        order.status = OrderStatus::PartiallyFilled;
        self.snapshot
            .orders
            .retain(|order| order.open_qty() != Some(Qty::ZERO));
        self.close(filled);
    }

    /// The first target fills.
    pub fn close_part(&mut self, part: &str) {
        self.close(qty(part));
        let is_first = |order: &RestingOrder| {
            let cause = order.client_order_id.cause(&symbol("BTCUSDT"));
            cause.is_some_and(|cause| cause.leg == LegId::TakeProfit(1))
        };
        self.snapshot.orders.retain(|order| !is_first(order));
        self.pass(Span::from_millis(1));
    }

    /// Somebody, or an order, closes a part.
    pub fn close(&mut self, part: Qty) {
        let position = &mut self.snapshot.position;
        assert!(part <= position.qty, "an exit larger than the position");
        position.qty = position.qty.saturating_sub(part);
        self.snapshot.flat_proven = position.qty.is_zero();
        if !position.is_open() {
            let expires = |order: &CloseOrder| matches!(order, CloseOrder::DisasterStop { .. });
            let orders = &mut self.snapshot.orders;
            orders.retain(|order| !expires(&order.order));
        }
    }

    /// The strategy adds at `price`: the entry is the average, the whole is larger.
    pub fn add(&mut self, part: Qty, price: Price) {
        let position = &mut self.snapshot.position;
        let paid = position.qty.notional(position.entry_price).get() + part.notional(price).get();
        position.qty = position.qty.plus(part);
        position.initial_qty = position.initial_qty.plus(part);
        position.entry_price = Price::new((paid / position.qty.get()).round_dp(8)).unwrap();
        self.desired.enlarged();
    }

    /// Both stops and nothing else protect it, as wide as they should be.
    pub fn is_protected_as_desired(&self) -> bool {
        let position = &self.snapshot.position;
        let stops: Vec<_> = self.orders("sl").map(|order| order.order).collect();
        let trigger = self.desired.stop.unwrap();
        let wanted = CloseOrder::Stop {
            qty: position.qty,
            trigger,
        };
        stops == [wanted] && self.orders("hard_sl").count() == 1
    }

    /// A stop of the life `epoch` for all of it fires and hangs.
    pub fn hang_stop(&mut self, epoch: u64, trigger: &str) {
        let key = &self.snapshot.position.key;
        let cause = OrderCause {
            module: Module::ExitExecutor,
            side: key.side,
            epoch: Epoch(epoch),
            leg: LegId::Stop,
            generation: 77,
        };
        let order = CloseOrder::Stop {
            qty: self.snapshot.position.qty,
            trigger: price(trigger),
        };
        self.snapshot.orders.push(RestingOrder {
            client_order_id: ClientOrderId::derive(&key.symbol, &cause),
            order,
            status: OrderStatus::Triggering,
            filled_qty: Qty::ZERO,
            since: self.now,
        });
    }

    /// The emergency stop system speaks; all is closed and swept.
    pub fn flatten(&mut self) -> Vec<Decision> {
        self.risk = domain::signal::RiskMode::EssActive;
        let mut decisions = self.step();
        for _ in 0..8 {
            self.obey();
            decisions.extend(self.step());
        }
        decisions
    }
}
