//! Cancels: one order, all of a symbol, ordinary and conditional apart.

use super::order::{AlgoOrder, Order};
use super::types::{AlgoStatus, OrderStatus};
use super::{Venue, VenueError};

/// How a request names an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRef<'a> {
    /// By the venue's id.
    Id(u64),
    /// By the client's id: the newest order that carries it.
    Client(&'a str),
}

impl Venue {
    /// Cancels an open ordinary order.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -2011 when unknown or already final.
    pub fn cancel_order(
        &mut self,
        symbol: &str,
        which: OrderRef<'_>,
        now_ms: i64,
    ) -> Result<Order, VenueError> {
        self.advance(now_ms);
        self.book(symbol)?;
        let id = self.order(symbol, which).map(|order| order.id);
        let id = id.map_err(|_| VenueError::unknown_order())?;
        if !self.end_order(id, OrderStatus::Canceled, 0, now_ms) {
            return Err(VenueError::unknown_order());
        }
        let order = self.order(symbol, OrderRef::Id(id))?.clone();
        self.stats.count_cancel(&order.client_id);
        Ok(order)
    }

    /// Cancels every open ordinary order of a symbol; conditional orders stay.
    ///
    /// # Errors
    /// -1121 for an unknown symbol.
    pub fn cancel_all_orders(&mut self, symbol: &str, now_ms: i64) -> Result<(), VenueError> {
        self.advance(now_ms);
        self.book(symbol)?;
        self.end_open_orders(symbol, now_ms);
        Ok(())
    }

    pub(super) fn end_open_orders(&mut self, symbol: &str, now_ms: i64) {
        let ids: Vec<u64> = self.open_orders_of(symbol).map(|order| order.id).collect();
        for id in ids {
            self.end_order(id, OrderStatus::Canceled, 0, now_ms);
        }
    }

    /// Cancels a resting conditional order.
    ///
    /// # Errors
    /// -2011 when unknown, final or already firing (the last -4117 under a switch).
    pub fn cancel_algo(
        &mut self,
        which: OrderRef<'_>,
        now_ms: i64,
    ) -> Result<AlgoOrder, VenueError> {
        self.advance(now_ms);
        let algo = self.algo(which).map_err(|_| VenueError::unknown_order())?;
        let own_code = self.config.rules.triggering_has_own_code;
        if algo.status == AlgoStatus::Triggering && own_code {
            return Err(VenueError::new(-4117, "stop order is triggering"));
        }
        if algo.status != AlgoStatus::New {
            return Err(VenueError::unknown_order());
        }
        let id = algo.id;
        self.end_algo(id, AlgoStatus::Canceled, now_ms);
        let algo = self.algo(OrderRef::Id(id))?.clone();
        self.stats.count_cancel(&algo.client_id);
        Ok(algo)
    }

    /// Cancels every resting conditional order of a symbol.
    ///
    /// # Errors
    /// -1121 for an unknown symbol.
    pub fn cancel_all_algos(&mut self, symbol: &str, now_ms: i64) -> Result<(), VenueError> {
        self.advance(now_ms);
        let ids: Vec<u64> = self.book(symbol)?.open_algos.iter().copied().collect();
        for id in ids {
            self.end_algo(id, AlgoStatus::Canceled, now_ms);
        }
        Ok(())
    }
}
