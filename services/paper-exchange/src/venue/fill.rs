//! Fills: position, wallet, events in the measured order, and what a fill drags along.

use rust_decimal::Decimal;

use super::event::{AccountReason, AccountUpdate, EventBody};
use super::income::{Income, IncomeKind};
use super::margin::Shift;
use super::order::Trade;
use super::types::{AlgoStatus, Execution, OrderStatus, PositionSide, Side, TimeInForce};
use super::{DueExpiry, Venue};

/// Expiry reason of a reduce-only order that no longer has anything to reduce.
const KNOCKED_OUT: u8 = 4;
/// Decimals of money amounts.
const MONEY_DECIMALS: u32 = 8;

impl Venue {
    /// Fills what an order may take, one trade per level of the book.
    pub(super) fn fill_taker(&mut self, id: u64, now_ms: i64) {
        let Some(order) = self.orders.get(&id) else {
            return;
        };
        let Some(book) = self.books.get(&order.symbol) else {
            return;
        };
        // As many rounds as the book has levels, at most.
        for (price, available) in book.walk(order) {
            if !self.fill_once(id, price, available, false, now_ms) {
                return;
            }
        }
    }

    /// Fills a touched resting order at its own price with what is there for it.
    pub(super) fn fill_maker(&mut self, id: u64, now_ms: i64) {
        let Some(order) = self.orders.get(&id) else {
            return;
        };
        if !order.status.is_open() {
            return;
        }
        let (price, leg) = (order.price, order.position_side);
        let symbol = order.symbol.clone();
        let Some(book) = self.books.get(&symbol) else {
            return;
        };
        let available = book.maker_qty(order);
        self.fill_once(id, price, available, true, now_ms);
        self.settle_position(&symbol, leg, now_ms);
    }

    /// One trade; false when nothing is left to fill or reduce.
    pub(super) fn fill_once(
        &mut self,
        id: u64,
        price: Decimal,
        available: Decimal,
        maker: bool,
        now_ms: i64,
    ) -> bool {
        let Some(qty) = self.next_slice(id, available) else {
            return false;
        };
        if qty <= Decimal::ZERO {
            return false;
        }
        let Some(trade) = self.book_trade(id, qty, price, maker, now_ms) else {
            return false;
        };
        let Some(order) = self.orders.get_mut(&id) else {
            return false;
        };
        order.filled += qty;
        order.quote += qty * price;
        order.updated_ms = now_ms;
        let done = order.remaining() <= Decimal::ZERO;
        order.status = if done {
            OrderStatus::Filled
        } else {
            OrderStatus::PartiallyFilled
        };
        if done {
            self.retire_order(id);
        }
        self.emit_trade(id, trade, now_ms);
        self.finish_parent(id, now_ms);
        !done
    }

    /// Quantity of the next trade: bounded by the level and, when reduce-only, by the position.
    fn next_slice(&self, id: u64, available: Decimal) -> Option<Decimal> {
        let order = self.orders.get(&id)?;
        let book = self.books.get(&order.symbol)?;
        let mut qty = order.remaining().min(available);
        if order.reduce_only {
            qty = qty.min(book.leg(order.position_side).closable_by(order.side));
        }
        Some(qty)
    }

    /// Books one trade on position, wallet and history.
    fn book_trade(
        &mut self,
        order_id: u64,
        qty: Decimal,
        price: Decimal,
        maker: bool,
        now_ms: i64,
    ) -> Option<Trade> {
        let order = self.orders.get(&order_id)?;
        let book = self.books.get_mut(&order.symbol)?;
        let rate = if maker {
            self.config.maker_fee
        } else {
            self.config.taker_fee
        };
        let (side, leg) = (order.side, order.position_side);
        let position = book.legs.leg_mut(leg);
        let (before, margin) = (position.qty.abs(), position.isolated_wallet);
        let closed = qty.min(position.closable_by(side));
        let realized = position.apply(side, qty, price, now_ms);
        let opened = qty - closed;
        book.shift_isolated_margin(
            leg,
            Shift {
                before,
                closed,
                opened,
                price,
            },
        );
        let released = margin - book.leg(leg).isolated_wallet;
        let left = if book.isolated {
            released
        } else {
            self.account_totals().cross_wallet
        };
        let fee = self.forced_fee(order_id, qty * price, left + realized);
        let fee = fee.unwrap_or(qty * price * rate).round_dp(MONEY_DECIMALS);
        let order = self.orders.get(&order_id)?;
        let trade = Trade {
            id: self.next_trade,
            order_id,
            symbol: order.symbol.clone(),
            side,
            position_side: leg,
            price,
            qty,
            fee,
            realized,
            maker,
            at_ms: now_ms,
        };
        self.next_trade += 1;
        self.book_trade_income(&trade);
        self.keep_trade(trade.clone());
        Some(trade)
    }

    /// Profit and fee of a trade, on the wallet and in the list of incomes.
    fn book_trade_income(&mut self, trade: &Trade) {
        let parts = [
            (IncomeKind::RealizedPnl, trade.realized),
            (IncomeKind::Commission, -trade.fee),
        ];
        for (kind, amount) in parts {
            self.book_income(Income {
                id: 0,
                symbol: trade.symbol.clone(),
                kind,
                amount,
                trade_id: Some(trade.id),
                at_ms: trade.at_ms,
            });
        }
    }

    /// TRADE_LITE, ACCOUNT_UPDATE, ORDER_TRADE_UPDATE: the measured order.
    fn emit_trade(&mut self, id: u64, trade: Trade, now_ms: i64) {
        let (symbol, leg) = (trade.symbol.clone(), trade.position_side);
        let forced = self.is_forced(id);
        let execution = if forced {
            Execution::Calculated
        } else {
            Execution::Trade
        };
        let Some(update) = self.order_update(id, execution, Some(trade)) else {
            return;
        };
        let update = Box::new(update);
        if !forced {
            self.emit(now_ms, EventBody::TradeLite(update.clone()));
        }
        if let Some(account) = self.account_update(&symbol, leg) {
            self.emit(now_ms, EventBody::Account(account));
        }
        self.emit(now_ms, EventBody::Order(update));
    }

    pub(super) fn account_update(&self, symbol: &str, leg: PositionSide) -> Option<AccountUpdate> {
        let book = self.books.get(symbol)?;
        let position = book.leg(leg);
        let isolated = self.books.values().flat_map(|book| book.legs.open());
        let isolated: Decimal = isolated.map(|held| held.isolated_wallet).sum();
        Some(AccountUpdate {
            reason: AccountReason::Order,
            wallet: self.wallet,
            cross_wallet: self.wallet - isolated,
            change: Decimal::ZERO,
            shows_position: true,
            symbol: symbol.to_owned(),
            leg,
            qty: position.qty,
            entry: position.entry,
            break_even: position.break_even(self.config.taker_fee),
            realized: position.realized,
            unrealized: position.unrealized(book.market.mark),
            isolated: book.isolated,
            isolated_wallet: position.isolated_wallet,
        })
    }

    /// After a position changed: resting reduce-only orders fit it, GTE_GTC orders end when flat.
    pub(super) fn settle_position(&mut self, symbol: &str, leg: PositionSide, now_ms: i64) {
        self.fit_reduce_only(symbol, leg, Side::Buy, now_ms);
        self.fit_reduce_only(symbol, leg, Side::Sell, now_ms);
        self.expire_gte(symbol, leg, now_ms);
    }

    fn fit_reduce_only(&mut self, symbol: &str, leg: PositionSide, side: Side, now_ms: i64) {
        let Some(book) = self.books.get(symbol) else {
            return;
        };
        let mut free = book.leg(leg).closable_by(side);
        for id in self.reduce_only_by_priority(symbol, leg, side) {
            let Some(order) = self.orders.get_mut(&id) else {
                continue;
            };
            let keep = order.remaining().min(free);
            free -= keep;
            if keep.is_zero() {
                self.expire_order(id, KNOCKED_OUT, now_ms);
                continue;
            }
            if keep < order.remaining() {
                order.qty = order.filled + keep;
                order.updated_ms = now_ms;
                self.emit_order(id, Execution::Amendment, now_ms);
            }
        }
    }

    /// Resting reduce-only orders of a side, the one that fills first in front.
    fn reduce_only_by_priority(&self, symbol: &str, leg: PositionSide, side: Side) -> Vec<u64> {
        let orders = self
            .open_orders_of(symbol)
            .filter(|o| o.reduce_only && o.position_side == leg && o.side == side);
        let mut ids: Vec<(Decimal, u64, u64)> = orders.map(|o| (o.price, o.queued, o.id)).collect();
        match side {
            Side::Sell => ids.sort(),
            Side::Buy => ids.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1))),
        }
        ids.into_iter().map(|(_, _, id)| id).collect()
    }

    /// GTE_GTC orders whose position is gone expire, at once or after the set delay.
    fn expire_gte(&mut self, symbol: &str, leg: PositionSide, now_ms: i64) {
        let Some(book) = self.books.get(symbol) else {
            return;
        };
        let closing = book.leg(leg).closing_side();
        let orphan = |id: &&u64| {
            self.algos.get(id).is_some_and(|algo| {
                algo.status == AlgoStatus::New
                    && algo.time_in_force == TimeInForce::GteGtc
                    && algo.position_side == leg
                    && closing != Some(algo.side)
            })
        };
        let orphans: Vec<u64> = book.open_algos.iter().filter(orphan).copied().collect();
        for algo_id in orphans {
            if self.config.gte_expiry_delay_ms <= 0 {
                self.end_algo(algo_id, AlgoStatus::Expired, now_ms);
            } else if self.due_expiries.iter().all(|due| due.algo_id != algo_id) {
                let at_ms = now_ms + self.config.gte_expiry_delay_ms;
                self.due_expiries.push_back(DueExpiry { at_ms, algo_id });
            }
        }
    }

    /// Ends an open order as EXPIRED; a final one stays as it is.
    pub(super) fn expire_order(&mut self, id: u64, reason: u8, now_ms: i64) {
        self.end_order(id, OrderStatus::Expired, reason, now_ms);
    }

    /// Ends an open order; false when it was already final.
    pub(super) fn end_order(
        &mut self,
        id: u64,
        status: OrderStatus,
        reason: u8,
        now_ms: i64,
    ) -> bool {
        let Some(order) = self.orders.get_mut(&id) else {
            return false;
        };
        if !order.status.is_open() {
            return false;
        }
        order.status = status;
        order.expiry_reason = reason;
        order.updated_ms = now_ms;
        self.retire_order(id);
        let execution = match status {
            OrderStatus::Canceled => Execution::Canceled,
            _ => Execution::Expired,
        };
        self.emit_order(id, execution, now_ms);
        self.finish_parent(id, now_ms);
        true
    }
}
