//! Margin calls, liquidation and auto-deleveraging (sections 6.6 and 8.11 of the wire contract).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::event::{EventBody, MarginCall, MarginCallRow};
use super::order::NewOrder;
use super::types::{Execution, OrderStatus, PositionSide, TimeInForce};
use super::{Venue, VenueError};

/// Expiry reason of open orders of an account in liquidation.
const LIQUIDATED: u8 = 5;
/// `liquidationFee` of exchangeInfo, taken as far as there is money left.
pub(crate) const LIQUIDATION_FEE: Decimal = Decimal::from_parts(125, 0, 0, false, 4);
/// The maintenance margin is so much of what stands behind it when the account is warned.
const CALL_AT: Decimal = Decimal::from_parts(8, 0, 0, false, 1);

/// Why the venue closes a position by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forced {
    Liquidation,
    Deleveraging,
}

/// A leg of a symbol.
type LegOf = (String, PositionSide);

/// What liquidation remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Liquidation {
    /// Legs that were warned and have not recovered.
    called: BTreeSet<LegOf>,
    /// The order that the venue itself executes now.
    executing: Option<(u64, Forced)>,
    count: u64,
}

impl Venue {
    /// Looks whether the margin behind a symbol's positions still holds.
    pub(super) fn watch_margin(&mut self, symbol: &str, now_ms: i64) {
        let Some(book) = self.books.get(symbol).filter(|it| !it.legs.is_flat()) else {
            return;
        };
        if !book.isolated {
            let totals = self.account_totals();
            let legs = self.cross_legs();
            self.judge_margin(
                legs,
                totals.cross_balance(),
                totals.cross_maint_margin,
                now_ms,
            );
            return;
        }
        let mark = book.market.mark;
        let behind = book.legs.open().map(|held| {
            let balance = held.isolated_wallet + held.unrealized(mark);
            (held.leg, balance, book.maint_margin(held))
        });
        let behind: Vec<_> = behind.collect();
        for (leg, balance, maint) in behind {
            self.judge_margin(vec![(symbol.to_owned(), leg)], balance, maint, now_ms);
        }
    }

    /// The legs that share the cross margin.
    fn cross_legs(&self) -> Vec<LegOf> {
        let cross = self.books.iter().filter(|(_, book)| !book.isolated);
        cross
            .flat_map(|(symbol, book)| book.legs.open().map(|held| (symbol.clone(), held.leg)))
            .collect()
    }

    fn judge_margin(&mut self, legs: Vec<LegOf>, balance: Decimal, maint: Decimal, now_ms: i64) {
        if balance <= maint {
            self.call_margin(&legs, now_ms);
            self.liquidate(legs, balance, maint, now_ms);
        } else if balance * CALL_AT <= maint {
            self.call_margin(&legs, now_ms);
        } else if !self.liquidation.called.is_empty() {
            for leg in &legs {
                self.liquidation.called.remove(leg);
            }
        }
    }

    /// MARGIN_CALL, once until the margin has recovered.
    fn call_margin(&mut self, legs: &[LegOf], now_ms: i64) {
        let called = &mut self.liquidation.called;
        let fresh: Vec<bool> = legs.iter().map(|leg| called.insert(leg.clone())).collect();
        if !fresh.contains(&true) {
            return;
        }
        let row = |(symbol, leg): &LegOf| {
            let book = self.books.get(symbol)?;
            let held = book.leg(*leg);
            Some(MarginCallRow {
                symbol: symbol.clone(),
                leg: *leg,
                qty: held.qty,
                isolated: book.isolated,
                isolated_wallet: held.isolated_wallet,
                mark: book.market.mark,
                unrealized: held.unrealized(book.market.mark),
                maint_margin: book.maint_margin(held),
            })
        };
        let rows: Vec<MarginCallRow> = legs.iter().filter_map(row).collect();
        let cross = rows.iter().any(|row| !row.isolated);
        let cross_wallet = cross.then(|| self.account_totals().cross_wallet);
        let call = MarginCall { cross_wallet, rows };
        self.emit(now_ms, EventBody::MarginCall(Box::new(call)));
    }

    /// Open orders end, then each leg is closed at the price that uses up its share.
    fn liquidate(&mut self, legs: Vec<LegOf>, balance: Decimal, maint: Decimal, now_ms: i64) {
        let symbols: BTreeSet<String> = legs.iter().map(|(symbol, _)| symbol.clone()).collect();
        let cross = symbols
            .iter()
            .any(|it| self.books.get(it).is_some_and(|it| !it.isolated));
        let open = self.open_orders();
        // Cross margin is the whole account's: every order ends. An isolated one ends its own.
        let ended = open.filter(|order| cross || symbols.contains(&order.symbol));
        let ended: Vec<u64> = ended.map(|order| order.id).collect();
        for id in ended {
            self.end_order(id, OrderStatus::Expired, LIQUIDATED, now_ms);
        }
        let prices: Vec<(LegOf, Decimal)> = legs
            .into_iter()
            .filter_map(|(symbol, leg)| {
                let book = self.books.get(&symbol)?;
                let held = book.leg(leg);
                let share = book.maint_margin(held).checked_div(maint)?;
                let price = Self::bankruptcy_price(book, held, balance * share);
                Some(((symbol, leg), price))
            })
            .collect();
        for ((symbol, leg), price) in prices {
            self.liquidation.count += 1;
            let id = format!(
                "autoclose-{}",
                now_ms.saturating_add(self.liquidation.count.cast_signed())
            );
            self.close_by_force(&symbol, leg, (&id, Forced::Liquidation), price, now_ms);
            self.liquidation.called.remove(&(symbol, leg));
        }
    }

    /// Closes a leg as auto-deleveraging does: whole, at the mark, without being asked.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -2022 when the leg is flat.
    pub fn deleverage(
        &mut self,
        symbol: &str,
        leg: PositionSide,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        self.advance(now_ms);
        let book = self.book(symbol)?;
        if book.leg(leg).is_flat() {
            return Err(VenueError::reduce_only_rejected());
        }
        let price = book.spec.floor_price(book.market.mark);
        let forced = ("adl_autoclose", Forced::Deleveraging);
        self.close_by_force(symbol, leg, forced, price, now_ms);
        Ok(())
    }

    /// LIMIT IOC at a price; what the market does not take, the insurance fund takes there.
    fn close_by_force(
        &mut self,
        symbol: &str,
        leg: PositionSide,
        (client_id, forced): (&str, Forced),
        price: Decimal,
        now_ms: i64,
    ) {
        let Some(book) = self.books.get(symbol) else {
            return;
        };
        let held = book.leg(leg);
        let Some(side) = held.closing_side() else {
            return;
        };
        let mut new = NewOrder::limit(symbol, side, held.qty.abs(), price)
            .on_leg(leg)
            .with_client_id(client_id);
        new.time_in_force = TimeInForce::Ioc;
        new.reduce_only = true;
        let walk = book.walk_to(side, price);
        let id = self.insert_order(new, now_ms);
        self.liquidation.executing = Some((id, forced));
        self.emit_order(id, Execution::Calculated, now_ms);
        let insurance = std::iter::once((price, Decimal::MAX));
        for (price, available) in walk.chain(insurance) {
            if !self.fill_once(id, price, available, false, now_ms) {
                break;
            }
        }
        self.liquidation.executing = None;
        self.settle_position(symbol, leg, now_ms);
    }

    /// True while the venue itself executes this order.
    pub(super) fn is_forced(&self, order_id: u64) -> bool {
        let executing = self.liquidation.executing;
        executing.is_some_and(|(id, _)| id == order_id)
    }

    /// The fee of a forced trade: a liquidation costs extra, but never more than is left of the
    /// margin, and auto-deleveraging is free. `None` for every other trade.
    pub(super) fn forced_fee(&self, id: u64, notional: Decimal, left: Decimal) -> Option<Decimal> {
        let (_, forced) = self.liquidation.executing.filter(|it| it.0 == id)?;
        Some(match forced {
            Forced::Deleveraging => Decimal::ZERO,
            Forced::Liquidation => {
                let fee = notional * (self.config.taker_fee + LIQUIDATION_FEE);
                fee.min(left).max(Decimal::ZERO)
            }
        })
    }
}
