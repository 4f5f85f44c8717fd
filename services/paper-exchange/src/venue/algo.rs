//! Conditional orders: acceptance, firing, ending.

use rust_decimal::Decimal;

use super::order::{AlgoOrder, NewAlgo, NewOrder};
use super::place::{check_client_id, check_notional, check_qty, is_multiple, own_client_id};
use super::types::{AlgoStatus, Execution, PositionSide, TimeInForce};
use super::{Book, Venue, VenueError};

impl Venue {
    /// Accepts a conditional order, or refuses it without any change.
    ///
    /// # Errors
    /// -1121, -4015, -4116, -4061, -4062, -4137, -4138, -1106, -1102, -4006, -4007, -1111,
    /// -4014 (strict ticks only), -4003, -4004, -4005, -4023, -4164, -4045, -2021, -4130, -4509.
    pub fn place_algo(&mut self, new: NewAlgo, now_ms: i64) -> Result<AlgoOrder, VenueError> {
        self.advance(now_ms);
        let book = self.book(&new.symbol)?;
        self.check_algo_client_id(new.client_id.as_deref())?;
        self.check_leg(new.position_side, new.reduce_only)?;
        check_shape(&new)?;
        self.check_trigger_price(book, &new)?;
        check_algo_qty(book, &new)?;
        if self.open_algo_count() >= self.config.max_algo_orders {
            return Err(VenueError::new(-4045, "Reach max stop order limit."));
        }
        check_not_fired(book, &new)?;
        self.check_gte(book, &new, now_ms)?;
        let algo = self.insert_algo(new, now_ms);
        self.emit_algo(algo.id, now_ms);
        self.stats.count_order(&algo.client_id, algo.kind.wire());
        Ok(algo)
    }

    fn insert_algo(&mut self, new: NewAlgo, now_ms: i64) -> AlgoOrder {
        let id = self.next_algo;
        self.next_algo += 1;
        let gte = new.close_position || new.time_in_force == TimeInForce::GteGtc;
        let algo = AlgoOrder {
            id,
            client_id: new.client_id.unwrap_or_else(|| own_client_id(id)),
            symbol: new.symbol,
            side: new.side,
            position_side: new.position_side,
            kind: new.kind,
            time_in_force: if gte {
                TimeInForce::GteGtc
            } else {
                TimeInForce::Gtc
            },
            qty: new.qty.unwrap_or_default().normalize(),
            trigger_price: new.trigger_price.normalize(),
            working_type: new.working_type,
            close_position: new.close_position,
            reduce_only: new.reduce_only
                || new.close_position
                || new.position_side.is_closed_by(new.side),
            price_protect: new.price_protect,
            status: AlgoStatus::New,
            child_id: None,
            avg_price: Decimal::ZERO,
            filled: Decimal::ZERO,
            reject_reason: None,
            stuck: false,
            created_ms: now_ms,
            updated_ms: now_ms,
            triggered_ms: 0,
        };
        if let Some(book) = self.books.get_mut(&algo.symbol) {
            book.open_algos.insert(id);
        }
        self.algo_client_ids.insert(algo.client_id.clone(), id);
        self.algos.insert(id, algo.clone());
        algo
    }

    fn check_algo_client_id(&self, id: Option<&str>) -> Result<(), VenueError> {
        let Some(id) = id else { return Ok(()) };
        check_client_id(id)?;
        let algo = self
            .algo_client_ids
            .get(id)
            .and_then(|id| self.algos.get(id));
        let open = algo.is_some_and(|algo| algo.status == AlgoStatus::New);
        if open {
            Err(VenueError::duplicate_client_id())
        } else {
            Ok(())
        }
    }

    fn check_trigger_price(&self, book: &Book, new: &NewAlgo) -> Result<(), VenueError> {
        if new.trigger_price <= Decimal::ZERO {
            return Err(VenueError::new(-4006, "Stop price less than zero."));
        }
        if new.trigger_price > book.spec.max_price {
            return Err(VenueError::new(-4007, "Stop price greater than max price."));
        }
        if new.trigger_price.normalize().scale() > book.spec.price_precision {
            return Err(VenueError::precision());
        }
        let on_tick = is_multiple(new.trigger_price, book.spec.tick_size);
        if self.config.strict_trigger_tick && !on_tick {
            return Err(VenueError::new(-4014, "Price not increased by tick size."));
        }
        Ok(())
    }

    /// closePosition and GTE: need a visible position, and only one closePosition per family.
    fn check_gte(&self, book: &Book, new: &NewAlgo, now_ms: i64) -> Result<(), VenueError> {
        if !new.close_position && new.time_in_force != TimeInForce::GteGtc {
            return Ok(());
        }
        let position = book.leg(new.position_side);
        let blind = now_ms < position.opened_ms.saturating_add(self.gte_blind_ms);
        if position.closable_by(new.side).is_zero() || blind {
            let text = "Time in Force (TIF) GTE can only be used with open positions. Please \
                        ensure that positions are available.";
            return Err(VenueError::new(-4509, text));
        }
        let algos = book.open_algos.iter().filter_map(|id| self.algos.get(id));
        let twin = |algo: &AlgoOrder| {
            algo.close_position
                && algo.status == AlgoStatus::New
                && (algo.side, algo.position_side, algo.kind)
                    == (new.side, new.position_side, new.kind)
        };
        if new.close_position && algos.into_iter().any(twin) {
            let text = "An open stop or take profit order with GTE and closePosition in the \
                        direction is existing.";
            return Err(VenueError::new(-4130, text));
        }
        Ok(())
    }

    /// The trigger price was reached: TRIGGERING, child, TRIGGERED, FINISHED.
    pub(super) fn fire_algo(&mut self, id: u64, now_ms: i64) {
        let Some(algo) = self.algos.get_mut(&id) else {
            return;
        };
        if algo.status != AlgoStatus::New {
            return;
        }
        algo.status = AlgoStatus::Triggering;
        algo.triggered_ms = now_ms;
        algo.updated_ms = now_ms;
        let stuck = algo.stuck;
        self.emit_algo(id, now_ms);
        if stuck {
            return;
        }
        match self.child_of(id) {
            Ok(child) => self.run_child(id, child, now_ms),
            Err(reason) => {
                if let Some(algo) = self.algos.get_mut(&id) {
                    algo.reject_reason = Some(reason);
                }
                self.end_algo(id, AlgoStatus::Rejected, now_ms);
            }
        }
    }

    /// The market order that a fired order becomes, or the venue's reason against it.
    fn child_of(&self, id: u64) -> Result<NewOrder, &'static str> {
        const GONE: &str = "Unknown order";
        let algo = self.algos.get(&id).ok_or(GONE)?;
        let book = self.books.get(&algo.symbol).ok_or(GONE)?;
        let closable = book.leg(algo.position_side).closable_by(algo.side);
        if algo.reduce_only && closable.is_zero() {
            return Err("Reduce Only reject");
        }
        let qty = match (algo.close_position, algo.reduce_only) {
            (true, _) => closable,
            (false, true) => algo.qty.min(closable),
            (false, false) => algo.qty,
        };
        if !book.market.is_known() {
            return Err("Unable to fill");
        }
        if !book.is_within_take_bound(algo.side) {
            return Err(
                "The counterparty's best price does not meet the PERCENT_PRICE filter limit",
            );
        }
        let mut child = NewOrder::market(&algo.symbol, algo.side, qty).on_leg(algo.position_side);
        let margin = self.check_margin(book, &child, book.market.mark);
        if !algo.reduce_only && margin.is_err() {
            return Err("Margin is insufficient");
        }
        child.reduce_only = algo.reduce_only;
        child.client_id = Some(algo.client_id.clone());
        Ok(child)
    }

    fn run_child(&mut self, id: u64, child: NewOrder, now_ms: i64) {
        let (symbol, leg) = (child.symbol.clone(), child.position_side);
        let child_id = self.insert_order(child, now_ms);
        self.emit_order(child_id, Execution::New, now_ms);
        self.fill_taker(child_id, now_ms);
        self.expire_order(child_id, 9, now_ms);
        let Some(algo) = self.algos.get_mut(&id) else {
            return;
        };
        algo.child_id = Some(child_id);
        algo.status = AlgoStatus::Triggered;
        self.emit_algo(id, now_ms);
        let done = self.orders.get(&child_id);
        let result = done.map(|order| (order.avg_price(), order.filled));
        if let (Some(algo), Some((avg, filled))) = (self.algos.get_mut(&id), result) {
            algo.avg_price = avg;
            algo.filled = filled;
        }
        self.end_algo(id, AlgoStatus::Finished, now_ms);
        self.settle_position(&symbol, leg, now_ms);
    }

    /// Ends a conditional order that is not final yet.
    pub(super) fn end_algo(&mut self, id: u64, status: AlgoStatus, now_ms: i64) {
        let Some(algo) = self.algos.get_mut(&id) else {
            return;
        };
        let before_firing = matches!(status, AlgoStatus::Canceled | AlgoStatus::Expired);
        let possible = match algo.status {
            AlgoStatus::New => true,
            AlgoStatus::Triggering | AlgoStatus::Triggered => !before_firing,
            _ => false,
        };
        if !possible {
            return;
        }
        algo.status = status;
        algo.updated_ms = now_ms;
        self.retire_algo(id);
        self.emit_algo(id, now_ms);
    }

    fn open_algo_count(&self) -> usize {
        self.books.values().map(|book| book.open_algos.len()).sum()
    }
}

/// Parameters that exclude each other.
fn check_shape(new: &NewAlgo) -> Result<(), VenueError> {
    if !new.close_position {
        return if new.qty.is_some() {
            Ok(())
        } else {
            Err(VenueError::mandatory("quantity"))
        };
    }
    if new.qty.is_some() {
        let text = "Quantity must be zero with closePosition equals true";
        return Err(VenueError::new(-4137, text));
    }
    if new.reduce_only {
        return Err(VenueError::not_required("reduceonly"));
    }
    let opens =
        new.position_side != PositionSide::Both && !new.position_side.is_closed_by(new.side);
    if opens {
        // BUY on LONG or SELL on SHORT: a close that would add.
        let text = "Reduce only must be true with closePosition equals true";
        return Err(VenueError::new(-4138, text));
    }
    Ok(())
}

fn check_algo_qty(book: &Book, new: &NewAlgo) -> Result<(), VenueError> {
    let Some(qty) = new.qty else { return Ok(()) };
    check_qty(&book.spec, qty, book.spec.max_market_qty)?;
    if new.reduce_only || new.position_side.is_closed_by(new.side) {
        return Ok(());
    }
    check_notional(&book.spec, qty, new.trigger_price)
}

fn check_not_fired(book: &Book, new: &NewAlgo) -> Result<(), VenueError> {
    let price = book.market.watched(new.working_type);
    let fired = !price.is_zero() && super::fires(new.kind, new.side, new.trigger_price, price);
    if fired {
        return Err(VenueError::new(-2021, "Order would immediately trigger."));
    }
    Ok(())
}
