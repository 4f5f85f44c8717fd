//! Changing price and quantity of a resting LIMIT order (section 2.2 of the wire contract).

use rust_decimal::Decimal;

use super::cancel::OrderRef;
use super::order::{NewOrder, Order};
use super::place::{check_limit_price, check_qty, crosses, reference_price};
use super::rules::SymbolStatus;
use super::terms::PriceMatch;
use super::types::{Execution, OrderKind, OrderStatus, Side};
use super::{MAX_HISTORY, Venue, VenueError};

/// Changes that one order may see.
const MAX_MODIFICATIONS: u32 = 10_000;

/// A wish to change an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modify<'a> {
    /// Symbol.
    pub symbol: &'a str,
    /// The order.
    pub which: OrderRef<'a>,
    /// Its direction, which cannot be changed.
    pub side: Side,
    /// New quantity, filled part included.
    pub qty: Decimal,
    /// New price; unused with a price match.
    pub price: Decimal,
    /// Level of the book in place of a price.
    pub price_match: PriceMatch,
    /// The caller's number of the change, echoed in its event.
    pub modify_id: Option<i64>,
    /// True: the order must be reduce-only, and its notional is not looked at.
    pub reduce_only: bool,
}

/// One change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Counts from 1.
    pub id: u64,
    /// The order after the change.
    pub order: Order,
    /// Price before.
    pub price_before: Decimal,
    /// Quantity before.
    pub qty_before: Decimal,
    /// Moment, ms.
    pub at_ms: i64,
}

/// How often and when an order was changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modified {
    /// Changes so far.
    pub count: u32,
    /// The caller's number of the last one.
    pub modify_id: Option<i64>,
    /// Moment of the last one, ms.
    pub at_ms: i64,
}

impl Venue {
    /// Changes an order; it goes to the end of the queue at its new price.
    ///
    /// The order is canceled instead when the new quantity is filled already, or when a post-only
    /// order would take at the new price.
    ///
    /// # Errors
    /// -1121, -2013, -1130 for another side, -5024 to -5027, -5029, -5043, -5047, the codes of
    /// quantity and price filters, -5041, -2019. The order stays as it was.
    pub fn modify_order(&mut self, wish: Modify<'_>, now_ms: i64) -> Result<Order, VenueError> {
        self.advance(now_ms);
        let order = self.order(wish.symbol, wish.which)?;
        let id = order.id;
        self.check_modifiable(order, &wish, now_ms)?;
        let changed = self.checked_change(order, &wish)?;
        let takes = self
            .books
            .get(wish.symbol)
            .is_some_and(|book| crosses(book, order.side, changed.price));
        if changed.qty <= order.filled || (order.is_post_only() && takes) {
            self.end_order(id, OrderStatus::Canceled, 0, now_ms);
        } else {
            self.apply_change(id, &changed, wish.modify_id, now_ms);
            if takes {
                self.match_changed(id, now_ms);
            }
        }
        let order = self.order(wish.symbol, OrderRef::Id(id))?;
        Ok(order.clone())
    }

    /// The changes of an order, or of every order of a symbol, oldest first.
    pub fn amendments(&self) -> impl DoubleEndedIterator<Item = &Amendment> {
        self.amendments.iter()
    }

    fn check_modifiable(
        &self,
        order: &Order,
        wish: &Modify<'_>,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        if self.symbol_status(&order.symbol) != SymbolStatus::Trading {
            let text = "Symbol is not in trading status. Order amendment is not permitted.";
            return Err(VenueError::new(-5024, text));
        }
        if order.kind != OrderKind::Limit {
            return Err(VenueError::new(-5025, "Only limit order is supported."));
        }
        if !order.status.is_open() {
            return Err(VenueError::no_such_order());
        }
        if order.side != wish.side {
            let text = "Data sent for parameter 'side' is not valid.";
            return Err(VenueError::new(-1130, text));
        }
        if wish.reduce_only && !order.reduce_only {
            let text = "The original order is not a reduce-only order.";
            return Err(VenueError::new(-5047, text));
        }
        if order.modified.count >= MAX_MODIFICATIONS {
            return Err(VenueError::new(-5026, "Exceed maximum modify order limit."));
        }
        let busy_until = order.modified.at_ms + self.config.rules.modify_busy_ms;
        if order.modified.count > 0 && now_ms < busy_until {
            let text = "A pending modification already exists for this order.";
            return Err(VenueError::new(-5043, text));
        }
        Ok(())
    }

    /// The order as it would be placed anew, after every check.
    fn checked_change(&self, order: &Order, wish: &Modify<'_>) -> Result<NewOrder, VenueError> {
        let book = self.book(&order.symbol)?;
        let mut changed = NewOrder::limit(&order.symbol, order.side, wish.qty, wish.price);
        changed.time_in_force = order.time_in_force;
        changed.position_side = order.position_side;
        changed.terms.price_match = wish.price_match;
        let mut changed = changed.with_matched_price(book)?;
        check_qty(&book.spec, changed.qty, book.spec.max_qty)?;
        check_limit_price(book, &changed)?;
        if changed.qty == order.qty && changed.price == order.price {
            return Err(VenueError::new(-5027, "No need to modify the order."));
        }
        if order.reduce_only {
            let leg = book.leg(order.position_side);
            let resting = self.resting_reduce_only(book, order.position_side, order.side);
            let others = resting - order.remaining();
            let most = (leg.closable_by(order.side) - others).max(Decimal::ZERO);
            changed.qty = changed.qty.min(order.filled + most);
            return Ok(changed);
        }
        let price = reference_price(book, &changed);
        if changed.qty * price < book.spec.min_notional {
            let least = book.spec.min_notional;
            let rule = "(unless you choose reduce only).";
            let text = format!("Order's notional must be no smaller than {least} {rule}");
            return Err(VenueError::new(-5029, text));
        }
        let mut rest = changed.clone();
        rest.qty = (changed.qty - order.filled).max(Decimal::ZERO);
        self.check_margin(book, &rest, price)?;
        Ok(changed)
    }

    fn apply_change(&mut self, id: u64, to: &NewOrder, modify_id: Option<i64>, now_ms: i64) {
        let queued = self.next_in_queue();
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        let (price_before, qty_before) = (order.price, order.qty);
        order.price = to.price.normalize();
        order.qty = to.qty.normalize();
        order.terms.price_match = to.terms.price_match;
        order.queued = queued;
        order.updated_ms = now_ms;
        order.modified = Modified {
            count: order.modified.count + 1,
            modify_id,
            at_ms: now_ms,
        };
        let order = order.clone();
        self.next_amendment += 1;
        self.amendments.push_back(Amendment {
            id: self.next_amendment,
            order,
            price_before,
            qty_before,
            at_ms: now_ms,
        });
        if self.amendments.len() > MAX_HISTORY {
            self.amendments.pop_front();
        }
        self.emit_order(id, Execution::Amendment, now_ms);
    }

    fn match_changed(&mut self, id: u64, now_ms: i64) {
        let Some(order) = self.orders.get(&id) else {
            return;
        };
        let (symbol, leg) = (order.symbol.clone(), order.position_side);
        if self.prevent_self_trade(id, now_ms) {
            self.fill_taker(id, now_ms);
        }
        self.settle_position(&symbol, leg, now_ms);
    }
}
