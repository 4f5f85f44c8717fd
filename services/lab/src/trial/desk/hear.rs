//! The way back: what the venue tells becomes news of orders and pictures of the position.

use domain::intent::OrderIntent;
use domain::order::{OrderEvent, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Position, Price, Qty, Timestamp};
use paper_exchange::venue::{EventBody, IncomeKind, OrderUpdate};
use rust_decimal::Decimal;

use super::{Desk, Parcel};
use crate::trial::fills::Fill;
use crate::trial::picture;

impl Desk<'_> {
    /// Takes in what the venue has told since the last time.
    pub(super) fn listen(&mut self, now: Timestamp) {
        let events = self.venue.take_events();
        if events.is_empty() {
            return;
        }
        for event in events {
            match event.body {
                EventBody::Order(update) => self.on_order(&update, now),
                EventBody::Algo(algo) => {
                    let filled = Qty::new(algo.filled).unwrap_or(Qty::ZERO);
                    let status = picture::algo_status(&algo);
                    self.news(&algo.client_id, status, filled, now);
                }
                EventBody::Account(_)
                | EventBody::TradeLite(_)
                | EventBody::MarginCall(_)
                | EventBody::Leverage { .. } => {}
            }
        }
        self.book();
        if let Some(picture) = self.picture(now) {
            let at = self.back(now);
            self.send(at, Parcel::Picture(picture));
        }
    }

    fn on_order(&mut self, update: &OrderUpdate, now: Timestamp) {
        let order = &update.order;
        if let Some(trade) = update.trade.as_ref().filter(|_| self.has_begun) {
            let intent = self.asked.get(&order.client_id);
            let symbol = &self.key.symbol;
            let cause = intent.and_then(|intent| intent.client_order_id().cause(symbol));
            self.fills.push(Fill {
                at: Timestamp::from_millis(trade.at_ms),
                price: trade.price,
                qty: trade.qty,
                leg: cause.map(|cause| cause.leg),
                stop_reason: intent.and_then(|intent| intent.stop_reason),
            });
        }
        let filled = Qty::new(order.filled).unwrap_or(Qty::ZERO);
        let status = picture::order_status(order.status);
        let id = order.client_id.clone();
        self.news(&id, status, filled, now);
    }

    fn news(&mut self, id: &str, status: OrderStatus, filled: Qty, now: Timestamp) {
        let Some(intent) = self.asked.get(id).cloned() else {
            return;
        };
        let event = self.event(&intent, status, filled, now);
        self.tell(event);
    }

    pub(super) fn event(
        &self,
        intent: &OrderIntent,
        status: OrderStatus,
        filled_qty: Qty,
        now: Timestamp,
    ) -> OrderEvent {
        let order = match &intent.wish {
            domain::intent::Wish::Place { order, .. } => order.type_name(),
            domain::intent::Wish::Cancel { .. } => "",
        };
        OrderEvent {
            key: intent.key.clone(),
            epoch: intent.epoch,
            module: intent.module.clone(),
            kind: intent.kind,
            intent_id: intent.id.clone(),
            client_order_id: intent.client_order_id().clone(),
            venue_order_id: None,
            order_type: order.into(),
            status,
            filled_qty,
            average_price: None,
            code: None,
            detail: String::new(),
            tick_to_order: None,
            at: now,
        }
    }

    pub(super) fn tell(&mut self, event: OrderEvent) {
        let at = self.back(event.at);
        self.send(at, Parcel::Event(event));
    }

    /// When news of now is heard: never before what was told earlier.
    fn back(&mut self, now: Timestamp) -> Timestamp {
        let at = now + self.delays.next();
        self.last_back = self.last_back.max(at);
        self.last_back
    }

    /// Adds up what was booked on the wallet since the last time.
    fn book(&mut self) {
        for income in self.venue.income().skip(self.incomes) {
            let sum = match income.kind {
                IncomeKind::RealizedPnl => &mut self.sums.gross,
                IncomeKind::Commission => &mut self.sums.fees,
                IncomeKind::FundingFee => &mut self.sums.funding,
            };
            *sum += income.amount;
        }
        self.incomes = self.venue.income().count();
    }

    fn picture(&mut self, now: Timestamp) -> Option<PositionSnapshot> {
        let name = self.key.symbol.as_str();
        let open = self.venue.position(name).map(|held| held.qty.abs());
        let open = open.unwrap_or(Decimal::ZERO);
        self.sequence += 1;
        let opened_ms = self.opening.at.millis();
        Some(PositionSnapshot {
            position: Position {
                key: self.key.clone(),
                epoch: Epoch(u64::try_from(opened_ms).ok()?),
                qty: Qty::new(open).ok()?,
                initial_qty: Qty::new(self.opening.qty).ok()?,
                entry_price: Price::new(self.opening.price).ok()?,
                leverage: self.leverage,
                opened_at: self.opening.at,
            },
            instrument: self.instrument.clone(),
            orders: picture::resting(&self.venue, name),
            complete: true,
            flat_proven: open.is_zero(),
            sequence: self.sequence,
            at: now,
            fence: None,
        })
    }
}
