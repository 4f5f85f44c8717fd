//! Self-trade prevention: two orders of the account never meet unless they say so.

use rust_decimal::Decimal;

use super::order::Order;
use super::terms::StpMode;
use super::types::{OrderStatus, Side};
use super::{Book, Venue};

/// Expiry reason of self-trade prevention.
const SELF_TRADE: u8 = 1;

impl Venue {
    /// Keeps an arriving order from meeting resting ones; false when it expired over it.
    ///
    /// Resting orders at the prices that it gets to stand in the way.
    pub(super) fn prevent_self_trade(&mut self, id: u64, now_ms: i64) -> bool {
        let Some(taker) = self.orders.get(&id) else {
            return false;
        };
        let mode = taker.terms.stp;
        let in_the_way = self.own_orders_met_by(id);
        if in_the_way.is_empty() || mode == StpMode::None {
            return true;
        }
        if matches!(mode, StpMode::ExpireMaker | StpMode::ExpireBoth) {
            for maker in in_the_way {
                self.end_order(maker, OrderStatus::ExpiredInMatch, SELF_TRADE, now_ms);
            }
        }
        if mode == StpMode::ExpireMaker {
            return true;
        }
        self.end_order(id, OrderStatus::ExpiredInMatch, SELF_TRADE, now_ms);
        false
    }

    /// Resting orders of the other side that would be hit before the market's best price.
    fn own_orders_met_by(&self, id: u64) -> Vec<u64> {
        let Some(taker) = self.orders.get(&id) else {
            return Vec::new();
        };
        let Some(book) = self.books.get(&taker.symbol) else {
            return Vec::new();
        };
        let Some(reach) = Self::reach_of(book, taker) else {
            return Vec::new();
        };
        let resting = self.open_orders_of(&taker.symbol);
        let met = resting.filter(|maker| {
            maker.id != id
                && maker.side != taker.side
                && match taker.side {
                    Side::Buy => maker.price <= reach,
                    Side::Sell => maker.price >= reach,
                }
        });
        met.map(|maker| maker.id).collect()
    }

    /// The worst price that an arriving order gets to in the book.
    fn reach_of(book: &Book, taker: &Order) -> Option<Decimal> {
        let mut missing = taker.remaining();
        let mut reach = None;
        for (price, available) in book.walk(taker) {
            reach = Some(price);
            missing -= available.min(missing);
            if missing.is_zero() {
                break;
            }
        }
        reach
    }
}
