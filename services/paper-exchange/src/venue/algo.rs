//! Conditional orders: acceptance and ending. Firing has a file of its own.

use rust_decimal::Decimal;

use super::cancel::OrderRef;
use super::order::{AlgoOrder, NewAlgo};
use super::place::{
    check_client_id, check_notional, check_price_filter, check_qty, is_multiple, own_client_id,
};
use super::terms::PriceMatch;
use super::trailing::{self, Trailing};
use super::types::{AlgoKind, AlgoStatus, OrderKind, PositionSide, Side, TimeInForce};
use super::{Book, Venue, VenueError};

impl Venue {
    /// Accepts a conditional order, or refuses it without any change.
    ///
    /// # Errors
    /// -1121, -4015, -4116, -4061, -4062, those of [`Venue::check_standing`], -5040, -4136, -4137,
    /// -4138, -1106, -1102, -4006, -4007, -4210, -4211, -1111, -4014 (strict ticks only), -4003,
    /// -4004, -4005, -4023, -4164, the price filters and -4183, -4184 of a limit, -2007, -4135,
    /// -4045, -2021, -4130, -4509. Margin is not looked at before it fires.
    pub fn place_algo(&mut self, mut new: NewAlgo, now_ms: i64) -> Result<AlgoOrder, VenueError> {
        self.advance(now_ms);
        let book = self.book(&new.symbol)?;
        self.check_algo_client_id(new.client_id.as_deref())?;
        self.check_leg(new.position_side, new.reduce_only)?;
        let reduces =
            new.reduce_only || new.close_position || new.position_side.is_closed_by(new.side);
        self.check_standing(&new.symbol, reduces)?;
        new.terms.check_good_till(new.time_in_force, now_ms)?;
        check_shape(&new)?;
        self.check_trigger_price(book, &new)?;
        check_algo_qty(book, &new)?;
        check_child_price(book, &new)?;
        let trailing = trailing::start(book, &new)?;
        if self.open_algo_count() >= self.config.max_algo_orders {
            return Err(VenueError::new(-4045, "Reach max stop order limit."));
        }
        check_not_fired(book, &new)?;
        self.check_gte(book, &new, now_ms)?;
        let id = self.insert_algo(new, trailing, now_ms);
        self.emit_algo(id, now_ms);
        self.activate_at_once(id, now_ms);
        let algo = self.algo(OrderRef::Id(id))?.clone();
        self.stats
            .count_order(&algo.client_id, algo.kind.wire(), now_ms);
        Ok(algo)
    }

    fn insert_algo(&mut self, new: NewAlgo, trailing: Option<Trailing>, now_ms: i64) -> u64 {
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
                new.time_in_force
            },
            qty: new.qty.unwrap_or_default().normalize(),
            trigger_price: new.trigger_price.normalize(),
            price: new.price.unwrap_or_default().normalize(),
            trailing,
            terms: new.terms,
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
        self.watch_good_till(algo.terms.good_till_ms);
        let earlier = self.algo_client_ids.insert(algo.client_id.clone(), id);
        self.stats.client_ids_used_again += u64::from(earlier.is_some());
        self.algos.insert(id, algo);
        id
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
        if new.kind == AlgoKind::TrailingStopMarket {
            return Ok(());
        }
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
        let (rules, mark) = (&self.config.rules, book.market.mark);
        let shown = |bound: Decimal| bound.round_dp(book.spec.price_precision);
        let highest = mark * rules.trigger_multiplier_up;
        if !mark.is_zero() && new.trigger_price > highest {
            let text = format!("Stop price can't be higher than {}.", shown(highest));
            return Err(VenueError::new(-4210, text));
        }
        let lowest = mark * rules.trigger_multiplier_down;
        if new.trigger_price < lowest {
            let text = format!("Stop price can't be lower than {}.", shown(lowest));
            return Err(VenueError::new(-4211, text));
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
                && (algo.side, algo.position_side) == (new.side, new.position_side)
                && algo.kind.takes_profit() == new.kind.takes_profit()
        };
        if new.close_position && algos.into_iter().any(twin) {
            let text = "An open stop or take profit order with GTE and closePosition in the \
                        direction is existing.";
            return Err(VenueError::new(-4130, text));
        }
        Ok(())
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
    if !matches!(new.kind, AlgoKind::StopMarket | AlgoKind::TakeProfitMarket) {
        let kind = new.kind.wire();
        let text = format!("Target strategy invalid for orderType {kind},closePosition true");
        return Err(VenueError::new(-4136, text));
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
    let most = match new.kind.child_kind() {
        OrderKind::Limit => book.spec.max_qty,
        OrderKind::Market => book.spec.max_market_qty,
    };
    check_qty(&book.spec, qty, most)?;
    if new.reduce_only || new.position_side.is_closed_by(new.side) {
        return Ok(());
    }
    let price = match (new.price, new.kind) {
        (Some(price), _) => price,
        (None, AlgoKind::TrailingStopMarket) => book.market.mark,
        (None, _) => new.trigger_price,
    };
    check_notional(&book.spec, qty, price)
}

/// The limit of a STOP or TAKE_PROFIT: there unless a price match gives it, within the price
/// filter, and within PERCENT_PRICE of the trigger price.
fn check_child_price(book: &Book, new: &NewAlgo) -> Result<(), VenueError> {
    if new.kind.child_kind() == OrderKind::Market {
        return match new.price {
            None => Ok(()),
            Some(_) => Err(VenueError::not_required("price")),
        };
    }
    let matched = new.terms.price_match != PriceMatch::None;
    let price = match (new.price, matched) {
        (Some(price), false) => price,
        (None, true) => return Ok(()),
        (None, false) => return Err(VenueError::mandatory("price")),
        (Some(_), true) => return Err(VenueError::not_required("price")),
    };
    check_price_filter(&book.spec, price)?;
    let shown = |bound: Decimal| bound.round_dp(book.spec.price_precision);
    let highest = new.trigger_price * book.spec.multiplier_up;
    if new.side == Side::Buy && price > highest {
        let text = format!("Limit price can't be higher than {}.", shown(highest));
        return Err(VenueError::new(-4183, text));
    }
    let lowest = new.trigger_price * book.spec.multiplier_down;
    if new.side == Side::Sell && price < lowest {
        let text = format!("Limit price can't be lower than {}.", shown(lowest));
        return Err(VenueError::new(-4184, text));
    }
    Ok(())
}

fn check_not_fired(book: &Book, new: &NewAlgo) -> Result<(), VenueError> {
    let price = book.market.watched(new.working_type);
    let fired = !price.is_zero() && super::fires(new.kind, new.side, new.trigger_price, price);
    if fired {
        return Err(VenueError::would_trigger());
    }
    Ok(())
}
