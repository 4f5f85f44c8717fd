//! Acceptance of ordinary orders: filters, reduce-only, margin, immediate matching.

use rust_decimal::Decimal;

use super::modify::Modified;
use super::order::{NewOrder, Order};
use super::rules::Unfillable;
use super::types::{Execution, OrderKind, OrderStatus, PositionSide, Side, TimeInForce};
use super::{Book, ReduceOnlyPolicy, SymbolSpec, Venue, VenueError};
use crate::rng::SplitMix64;

/// Longest client id (measured: 36 accepted, 40 refused).
const MAX_CLIENT_ID: usize = 36;
/// Length of a client id that the venue makes itself.
const OWN_CLIENT_ID: usize = 22;

/// Expiry reasons (`er` of section 6.2; 10 and 11 since the engines were joined).
const IOC_REST: u8 = 2;
const MARKET_REST: u8 = 9;
const FOK_UNFILLED: u8 = 10;
const POST_ONLY_TAKES: u8 = 11;

impl Venue {
    /// Accepts an ordinary order, or refuses it without any change.
    ///
    /// The returned order is in its state after immediate matching.
    ///
    /// # Errors
    /// The codes of section 4: -1121, -4015, -4116, those of [`Venue::check_standing`], -5040,
    /// -5041, -1111, -4003, -4004, -4005, -4023, -4013, -4014, -4016, -4024, -2025, -2022, -4118,
    /// -4164, -2018, -2019, -2020, -4131, -5021, -5022.
    pub fn place_order(&mut self, mut new: NewOrder, now_ms: i64) -> Result<Order, VenueError> {
        self.advance(now_ms);
        let book = self.book(&new.symbol)?;
        self.check_order_client_id(book, new.client_id.as_deref())?;
        self.check_leg(new.position_side, new.reduce_only)?;
        new.reduce_only |= new.position_side.is_closed_by(new.side);
        self.check_standing(&new.symbol, new.reduce_only)?;
        new.terms.check_good_till(new.time_in_force, now_ms)?;
        new = new.with_matched_price(book)?;
        let max_qty = max_qty(&book.spec, new.kind);
        check_qty(&book.spec, new.qty, max_qty)?;
        check_limit_price(book, &new)?;
        self.check_liquidity(book, &new)?;
        if book.open_orders.len() >= book.spec.max_num_orders {
            return Err(VenueError::new(-2025, "Reach max open order limit."));
        }
        if new.reduce_only {
            new.qty = self.reduce_only_qty(book, &new)?;
        } else {
            check_notional(&book.spec, new.qty, reference_price(book, &new))?;
            self.check_margin(book, &new, reference_price(book, &new))?;
        }
        let (symbol, leg) = (new.symbol.clone(), new.position_side);
        let id = self.insert_order(new, now_ms);
        self.emit_order(id, Execution::New, now_ms);
        self.match_new(id, now_ms);
        self.settle_position(&symbol, leg, now_ms);
        let order = self
            .orders
            .get(&id)
            .cloned()
            .ok_or_else(VenueError::no_such_order)?;
        self.stats
            .count_order(&order.client_id, order.kind.wire(), now_ms);
        Ok(order)
    }

    pub(super) fn insert_order(&mut self, new: NewOrder, now_ms: i64) -> u64 {
        let id = self.next_order;
        self.next_order += 1;
        let queued = self.next_in_queue();
        self.watch_good_till(new.terms.good_till_ms);
        let client_id = new.client_id.unwrap_or_else(|| own_client_id(id));
        if let Some(book) = self.books.get_mut(&new.symbol) {
            book.open_orders.insert(id);
            let earlier = book.client_ids.insert(client_id.clone(), id);
            self.stats.client_ids_used_again += u64::from(earlier.is_some());
        }
        let order = Order {
            id,
            symbol: new.symbol,
            client_id,
            side: new.side,
            kind: new.kind,
            time_in_force: new.time_in_force,
            price: new.price.normalize(),
            qty: new.qty.normalize(),
            filled: Decimal::ZERO,
            quote: Decimal::ZERO,
            status: OrderStatus::New,
            reduce_only: new.reduce_only,
            position_side: new.position_side,
            terms: new.terms,
            queued,
            modified: Modified::default(),
            expiry_reason: 0,
            created_ms: now_ms,
            updated_ms: now_ms,
        };
        self.orders.insert(id, order);
        id
    }

    /// The next place at the end of the queue.
    pub(super) const fn next_in_queue(&mut self) -> u64 {
        self.next_place += 1;
        self.next_place
    }

    /// Matches an order that has just been accepted, and ends what its time in force forbids.
    pub(super) fn match_new(&mut self, id: u64, now_ms: i64) {
        let Some(order) = self.orders.get(&id) else {
            return;
        };
        let Some(book) = self.books.get(&order.symbol) else {
            return;
        };
        let takes = order.kind == OrderKind::Market || crosses(book, order.side, order.price);
        let in_part = !book.can_take(order.side, order.price, order.qty);
        let time_in_force = match order.kind {
            OrderKind::Market => TimeInForce::Ioc,
            OrderKind::Limit => order.time_in_force,
        };
        let rest = match order.kind {
            OrderKind::Market => MARKET_REST,
            OrderKind::Limit => IOC_REST,
        };
        let post_only = order.is_post_only();
        if takes && post_only {
            self.expire_order(id, POST_ONLY_TAKES, now_ms);
        } else if time_in_force == TimeInForce::Fok && in_part {
            self.expire_order(id, FOK_UNFILLED, now_ms);
        } else if takes && self.prevent_self_trade(id, now_ms) {
            self.fill_taker(id, now_ms);
        }
        match time_in_force {
            TimeInForce::Ioc => self.expire_order(id, rest, now_ms),
            TimeInForce::Fok => self.expire_order(id, FOK_UNFILLED, now_ms),
            _ => {}
        }
    }

    fn check_order_client_id(&self, book: &Book, id: Option<&str>) -> Result<(), VenueError> {
        let Some(id) = id else { return Ok(()) };
        check_client_id(id)?;
        let open = book
            .client_ids
            .get(id)
            .is_some_and(|order| book.open_orders.contains(order));
        if open {
            Err(VenueError::duplicate_client_id())
        } else {
            Ok(())
        }
    }

    /// The quantity a reduce-only order is accepted with: shrunk to what is still free.
    fn reduce_only_qty(&self, book: &Book, new: &NewOrder) -> Result<Decimal, VenueError> {
        let leg = new.position_side;
        let closable = book.leg(leg).closable_by(new.side);
        if closable.is_zero() {
            return Err(VenueError::reduce_only_rejected());
        }
        let resting = self.resting_reduce_only(book, leg, new.side);
        if leg != PositionSide::Both {
            // Section 3.5: a close of hedge mode is never shrunk, it fits or is refused.
            return if new.qty <= closable - resting {
                Ok(new.qty)
            } else {
                Err(VenueError::reduce_only_rejected())
            };
        }
        if new.kind == OrderKind::Limit {
            let free = closable - resting;
            if free <= Decimal::ZERO {
                return Err(VenueError::reduce_only_rejected());
            }
            return Ok(new.qty.min(free));
        }
        let wanted = new.qty.min(closable);
        let crosses_zero = resting + wanted > closable;
        if crosses_zero && self.config.reduce_only_policy == ReduceOnlyPolicy::Reject {
            let text = "ReduceOnly Order Failed. Please check your existing position and open \
                        orders.";
            return Err(VenueError::new(-4118, text));
        }
        Ok(wanted)
    }

    /// Quantity of resting reduce-only orders of this leg and side.
    pub(super) fn resting_reduce_only(
        &self,
        book: &Book,
        leg: PositionSide,
        side: Side,
    ) -> Decimal {
        let orders = book.open_orders.iter().filter_map(|id| self.orders.get(id));
        orders
            .filter(|o| o.reduce_only && o.position_side == leg && o.side == side)
            .map(Order::remaining)
            .sum()
    }

    /// MARKET needs a market near the mark; under the strict switches FOK has to cross and GTX
    /// must not.
    fn check_liquidity(&self, book: &Book, new: &NewOrder) -> Result<(), VenueError> {
        if new.kind == OrderKind::Market {
            if !book.market.is_known() {
                return Err(VenueError::new(-2020, "Unable to fill."));
            }
            return if book.is_within_take_bound(new.side) {
                Ok(())
            } else {
                Err(VenueError::best_price_too_far())
            };
        }
        let crossing = crosses(book, new.side, new.price);
        let whole = crossing && book.can_take(new.side, new.price, new.qty);
        let rules = &self.config.rules;
        match new.time_in_force {
            TimeInForce::Fok if !whole && rules.fill_or_kill == Unfillable::Reject => {
                let text = "Due to the order could not be filled immediately, the FOK order has \
                            been rejected.";
                Err(VenueError::new(-5021, text))
            }
            TimeInForce::Gtx if crossing && rules.post_only == Unfillable::Reject => {
                let text = "Due to the order could not be executed as maker, the Post Only order \
                            will be rejected.";
                Err(VenueError::new(-5022, text))
            }
            _ => Ok(()),
        }
    }

    /// Initial margin of the part that opens or adds.
    pub(super) fn check_margin(
        &self,
        book: &Book,
        new: &NewOrder,
        price: Decimal,
    ) -> Result<(), VenueError> {
        let closable = book.leg(new.position_side).closable_by(new.side);
        let adds = new.qty - new.qty.min(closable);
        if adds.is_zero() {
            return Ok(());
        }
        if self.wallet <= Decimal::ZERO {
            return Err(VenueError::new(-2018, "Balance is insufficient."));
        }
        self.check_bracket(book, new, adds)?;
        let notional = adds * price;
        let needed = notional / Decimal::from(book.leverage) + notional * self.config.taker_fee;
        if needed > self.account_totals().available {
            return Err(VenueError::new(-2019, "Margin is insufficient."));
        }
        Ok(())
    }
}

/// Checks the pattern `^[\.A-Z\:/a-z0-9_-]{1,36}$`.
pub(super) fn check_client_id(id: &str) -> Result<(), VenueError> {
    if id.len() > MAX_CLIENT_ID {
        let text = "Client order id length should be less than 36 chars";
        return Err(VenueError::new(-4015, text));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
    if id.is_empty() || !id.bytes().all(allowed) {
        return Err(VenueError::new(-4015, "Client order id is not valid."));
    }
    Ok(())
}

/// Client id the venue gives to an order without one: 22 alphanumerics made from the order id.
pub(super) fn own_client_id(id: u64) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut rng = SplitMix64::new(id);
    let pick = |_| {
        let index = usize::try_from(rng.below(62)).unwrap_or(0);
        char::from(ALPHABET[index])
    };
    (0..OWN_CLIENT_ID).map(pick).collect()
}

/// LOT_SIZE and MARKET_LOT_SIZE.
pub(super) fn check_qty(spec: &SymbolSpec, qty: Decimal, max: Decimal) -> Result<(), VenueError> {
    if qty <= Decimal::ZERO {
        return Err(VenueError::new(-4003, "Quantity less than zero."));
    }
    if qty > max {
        return Err(VenueError::new(
            -4005,
            "Quantity greater than max quantity.",
        ));
    }
    if qty.normalize().scale() > spec.quantity_precision {
        return Err(VenueError::precision());
    }
    if qty < spec.min_qty {
        return Err(VenueError::new(-4004, "Quantity less than min quantity."));
    }
    if !is_multiple(qty, spec.step_size) {
        return Err(VenueError::new(-4023, "Qty not increased by step size."));
    }
    Ok(())
}

/// MIN_NOTIONAL; reduce-only orders never come here.
pub(super) fn check_notional(
    spec: &SymbolSpec,
    qty: Decimal,
    price: Decimal,
) -> Result<(), VenueError> {
    if qty * price >= spec.min_notional {
        return Ok(());
    }
    let least = spec.min_notional;
    let rule = "(unless you choose reduce only).";
    Err(VenueError::new(
        -4164,
        format!("Order's notional must be no smaller than {least} {rule}"),
    ))
}

pub(super) fn is_multiple(value: Decimal, unit: Decimal) -> bool {
    value.checked_rem(unit).is_none_or(|rest| rest.is_zero())
}

fn max_qty(spec: &SymbolSpec, kind: OrderKind) -> Decimal {
    match kind {
        OrderKind::Limit => spec.max_qty,
        OrderKind::Market => spec.max_market_qty,
    }
}

pub(super) fn reference_price(book: &Book, new: &NewOrder) -> Decimal {
    match new.kind {
        OrderKind::Limit => new.price,
        OrderKind::Market => book.market.mark,
    }
}

pub(super) fn crosses(book: &Book, side: Side, price: Decimal) -> bool {
    let market = &book.market;
    market.is_known()
        && match side {
            Side::Buy => price >= market.ask,
            Side::Sell => price <= market.bid,
        }
}

/// PRICE_FILTER and PERCENT_PRICE.
pub(super) fn check_limit_price(book: &Book, new: &NewOrder) -> Result<(), VenueError> {
    if new.kind == OrderKind::Market {
        return Ok(());
    }
    let spec = &book.spec;
    check_price_filter(spec, new.price)?;
    let mark = book.market.mark;
    if mark.is_zero() {
        return Ok(());
    }
    let (highest, lowest) = (mark * spec.multiplier_up, mark * spec.multiplier_down);
    let shown = |bound: Decimal| bound.round_dp(spec.price_precision);
    if new.side == Side::Buy && new.price > highest {
        let text = format!("Limit price can't be higher than {}.", shown(highest));
        return Err(VenueError::new(-4016, text));
    }
    if new.side == Side::Sell && new.price < lowest {
        let text = format!("Limit price can't be lower than {}.", shown(lowest));
        return Err(VenueError::new(-4024, text));
    }
    Ok(())
}

pub(super) fn check_price_filter(spec: &SymbolSpec, price: Decimal) -> Result<(), VenueError> {
    if price <= Decimal::ZERO {
        return Err(VenueError::new(-4001, "Price less than 0."));
    }
    if price > spec.max_price {
        return Err(VenueError::new(-4002, "Price greater than max price."));
    }
    if price.normalize().scale() > spec.price_precision {
        return Err(VenueError::precision());
    }
    if price < spec.min_price {
        return Err(VenueError::new(-4013, "Price less than min price."));
    }
    if !is_multiple(price, spec.tick_size) {
        return Err(VenueError::new(-4014, "Price not increased by tick size."));
    }
    Ok(())
}
