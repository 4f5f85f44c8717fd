//! Positions while they are open, and what closed them.

use std::collections::BTreeMap;

use domain::ids::ClientOrderId;
use domain::order::OrderEvent;
use domain::snapshot::PositionSnapshot;
use domain::{Position, PositionKey, Price, Qty, Span, Symbol, Timestamp};
use rust_decimal::Decimal;

use crate::closed::{ClosedPosition, Fill, Filters};
use crate::moment::Moment;

/// Positions at once; as many as diagnostics follows.
const POSITIONS_MAX: usize = 2_048;
/// Orders of one life that are remembered; an incumbent may replace its limits many times, but
/// only those that filled are kept.
const ORDERS_MAX: usize = 512;
/// How long after flat the news of the last fill is waited for.
const SETTLE: Span = Span::from_secs(5);

/// One life.
#[derive(Debug, Clone)]
struct Life {
    position: Position,
    filters: Filters,
    seen_from: Timestamp,
    seen_qty: Qty,
    additions: u32,
    orders: BTreeMap<ClientOrderId, Filled>,
    /// The mark when it last became smaller: the price of what no order explains.
    mark: Option<Price>,
    flat_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Filled {
    at: Timestamp,
    qty: Qty,
    price: Option<Price>,
    mark: Option<Price>,
    module: String,
    kind: String,
    maker: bool,
}

/// All lives that are open or have just ended.
#[derive(Debug, Clone, Default)]
pub struct Lives {
    open: BTreeMap<PositionKey, Life>,
    ended: Vec<Life>,
    marks: BTreeMap<Symbol, Price>,
}

impl Lives {
    /// Whether a position of the contract is open.
    #[must_use]
    pub fn follows(&self, symbol: &Symbol) -> bool {
        self.open.keys().any(|key| key.symbol == *symbol)
    }

    /// Takes the newest mark.
    pub fn mark(&mut self, symbol: &Symbol, mark: Price) {
        if let Some(known) = self.marks.get_mut(symbol) {
            *known = mark;
        } else if self.marks.len() < POSITIONS_MAX {
            self.marks.insert(symbol.clone(), mark);
        }
    }

    /// Takes a picture; `false` where there is no room for it.
    pub fn position(&mut self, snapshot: &PositionSnapshot, now: Timestamp) -> bool {
        let position = &snapshot.position;
        let mark = self.marks.get(&position.key.symbol).copied();
        let known = self.open.get_mut(&position.key);
        let is_same = known
            .as_ref()
            .is_some_and(|life| life.position.epoch == position.epoch);
        if let Some(life) = known {
            if is_same && position.is_open() {
                life.observe(snapshot, mark);
                return true;
            }
            // Unknown is not flat, and late news of a former life are none of this one.
            let is_flat = is_same && snapshot.flat_proven;
            let is_next = position.epoch > life.position.epoch;
            if !is_flat && !is_next {
                return true;
            }
            if let Some(life) = self.open.remove(&position.key) {
                self.ended.push(Life {
                    flat_at: Some(snapshot.at),
                    mark: mark.or(life.mark),
                    ..life
                });
            }
        }
        if !position.is_open() {
            return true;
        }
        if self.open.len() >= POSITIONS_MAX {
            return false;
        }
        let life = Life::begin(snapshot, now);
        self.open.insert(position.key.clone(), life);
        true
    }

    /// Takes news of an order that has filled.
    pub fn order(&mut self, event: &OrderEvent) {
        if event.filled_qty.is_zero() {
            return;
        }
        let mark = self.marks.get(&event.key.symbol).copied();
        let is_of =
            |life: &&mut Life| life.position.key == event.key && life.position.epoch == event.epoch;
        let mut lives = self.open.values_mut().chain(self.ended.iter_mut());
        if let Some(life) = lives.find(is_of) {
            life.filled(event, mark);
        }
    }

    /// What has ended and has nothing more to be told, as of `now`.
    pub fn settled(&mut self, now: Timestamp) -> Vec<ClosedPosition> {
        let is_due = |life: &Life| life.flat_at.is_some_and(|at| now.since(at) >= SETTLE);
        let (due, waiting) = self.ended.drain(..).partition(is_due);
        self.ended = waiting;
        let due: Vec<Life> = due;
        due.into_iter().map(Life::close).collect()
    }
}

impl Life {
    fn begin(snapshot: &PositionSnapshot, now: Timestamp) -> Self {
        Self {
            position: snapshot.position.clone(),
            filters: (&snapshot.instrument).into(),
            seen_from: now,
            seen_qty: snapshot.position.qty,
            additions: 0,
            orders: BTreeMap::new(),
            mark: None,
            flat_at: None,
        }
    }

    fn observe(&mut self, snapshot: &PositionSnapshot, mark: Option<Price>) {
        let (before, after) = (&self.position, &snapshot.position);
        if after.opened_qty() > before.opened_qty() {
            self.additions = self.additions.saturating_add(1);
        }
        if after.qty < before.qty {
            self.mark = mark.or(self.mark);
        }
        self.position = after.clone();
        self.filters = (&snapshot.instrument).into();
    }

    fn filled(&mut self, event: &OrderEvent, mark: Option<Price>) {
        let known = self.orders.get(&event.client_order_id);
        if known.is_some_and(|known| known.qty > event.filled_qty) {
            return;
        }
        if known.is_none() && self.orders.len() >= ORDERS_MAX {
            return;
        }
        let grows = known.is_none_or(|known| known.qty < event.filled_qty);
        let filled = Filled {
            at: known.filter(|_| !grows).map_or(event.at, |known| known.at),
            qty: event.filled_qty,
            price: event.average_price.or(known.and_then(|it| it.price)),
            mark: known.and_then(|it| it.mark).or(mark),
            module: event.module.name().into(),
            kind: event.kind.to_string(),
            maker: event.order_type == "LIMIT",
        };
        self.orders.insert(event.client_order_id.clone(), filled);
    }

    fn close(self) -> ClosedPosition {
        let position = &self.position;
        let flat_at = self.flat_at.unwrap_or(position.opened_at);
        let opened = position.opened_qty();
        ClosedPosition {
            timestamp: Moment(flat_at),
            account: position.key.account.to_string(),
            symbol: position.key.symbol.to_string(),
            side: position.key.side.into(),
            epoch: position.epoch.0,
            opened_at: Moment(position.opened_at),
            seen_from: Moment(self.seen_from),
            seen_qty: self.seen_qty.get().into(),
            qty: opened.get().into(),
            additions: self.additions,
            entry_price: position.entry_price.get().into(),
            leverage: position.leverage.into(),
            fills: self.fills(opened, flat_at),
            filters: self.filters,
        }
    }

    /// What closed it: each order that filled, and at the mark what no order explains.
    fn fills(&self, opened: Qty, flat_at: Timestamp) -> Vec<Fill> {
        let mut left = opened.get();
        let mut orders: Vec<&Filled> = self.orders.values().collect();
        orders.sort_by_key(|order| order.at);
        let mut fills = Vec::new();
        for order in orders {
            let qty = order.qty.get().min(left);
            let Some(price) = order.price.or(order.mark) else {
                continue;
            };
            left -= qty;
            fills.push(Fill {
                at: Moment(order.at),
                qty: qty.into(),
                price: price.get().into(),
                module: order.module.clone(),
                kind: order.kind.clone(),
                maker: order.maker,
                by_mark: order.price.is_none(),
            });
        }
        if left > Decimal::ZERO
            && let Some(mark) = self.mark
        {
            fills.push(Fill {
                at: Moment(flat_at),
                qty: left.into(),
                price: mark.get().into(),
                module: "unknown".into(),
                kind: "unknown".into(),
                maker: false,
                by_mark: true,
            });
        }
        fills.retain(|fill| fill.qty.get() > Decimal::ZERO);
        fills
    }
}
