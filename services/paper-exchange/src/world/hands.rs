//! What somebody does by hand: opens, closes, changes a symbol.

use rust_decimal::Decimal;

use super::World;
use crate::venue::{FilterChange, NewOrder, Order, Position, PositionSide, Side, VenueError};

/// A position to be opened by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWish {
    /// Symbol.
    pub symbol: String,
    /// Direction.
    pub side: Side,
    /// The leg; `None` is the one that the direction opens in the present mode.
    pub leg: Option<PositionSide>,
    /// Base quantity.
    pub qty: Decimal,
    /// Leverage to set before.
    pub leverage: Option<u32>,
}

impl World {
    /// Opens a position as the trading side would; without a leg on the one the side opens.
    ///
    /// # Errors
    /// What the venue refuses.
    pub fn open(&mut self, wish: &OpenWish, now_ms: i64) -> Result<Order, VenueError> {
        self.refuse_stale(&wish.symbol, now_ms)?;
        if let Some(leverage) = wish.leverage {
            self.venue.set_leverage(&wish.symbol, leverage, now_ms)?;
        }
        self.by_hand += 1;
        let id = format!("bot-hand-{}", self.by_hand);
        let leg = wish.leg.unwrap_or(self.venue.opening_leg(wish.side));
        let order = NewOrder::market(&wish.symbol, wish.side, wish.qty)
            .on_leg(leg)
            .with_client_id(&id);
        self.venue.place_order(order, now_ms)
    }

    /// Closes a position as a human would, by hand; without a leg the one that is open. What
    /// would stand in the way in hedge mode is cancelled first.
    ///
    /// # Errors
    /// -1121, -2022 when flat, -4061 when both legs are open and none is named.
    pub fn close(
        &mut self,
        symbol: &str,
        leg: Option<PositionSide>,
        now_ms: i64,
    ) -> Result<Order, VenueError> {
        self.refuse_stale(symbol, now_ms)?;
        let position = self.one_leg(symbol, leg)?;
        let side = position
            .closing_side()
            .ok_or_else(VenueError::reduce_only_rejected)?;
        // Plain, not reduce-only: a human's click does not ask what rests.
        let leg = position.leg;
        let order = NewOrder::market(symbol, side, position.qty.abs()).on_leg(leg);
        self.venue.free_leg(symbol, leg, now_ms);
        self.by_hand += 1;
        let id = format!("human-{}", self.by_hand);
        self.venue.place_order(order.with_client_id(&id), now_ms)
    }

    /// Closes a position as auto-deleveraging does; without a leg the one that is open.
    ///
    /// # Errors
    /// As [`World::close`].
    pub fn deleverage(
        &mut self,
        symbol: &str,
        leg: Option<PositionSide>,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        let leg = self.one_leg(symbol, leg)?.leg;
        self.venue.deleverage(symbol, leg, now_ms)
    }

    /// Sets the funding rate that a symbol's streams tell, and how often it is charged.
    ///
    /// # Errors
    /// -1121, -4001.
    pub fn set_funding(
        &mut self,
        symbol: &str,
        rate: Option<Decimal>,
        hours: Option<i64>,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        if let Some(rate) = rate {
            self.venue.set_funding_rate(symbol, rate)?;
        }
        if let Some(hours) = hours {
            self.venue.set_funding_hours(symbol, hours, now_ms)?;
        }
        Ok(())
    }

    /// Changes filters and status of a symbol.
    ///
    /// # Errors
    /// -1121, -1130.
    pub fn change_filters(
        &mut self,
        symbol: &str,
        change: &FilterChange,
    ) -> Result<(), VenueError> {
        self.venue.change_filters(symbol, change)
    }

    /// The named leg, or the only open one.
    fn one_leg(&self, symbol: &str, leg: Option<PositionSide>) -> Result<&Position, VenueError> {
        if self.venue.spec(symbol).is_none() {
            return Err(VenueError::invalid_symbol());
        }
        let open = self.venue.open_legs_of(symbol);
        let named = open.filter(|held| leg.is_none_or(|leg| leg == held.leg));
        let named: Vec<&Position> = named.collect();
        match named.as_slice() {
            [] => Err(VenueError::reduce_only_rejected()),
            [position] => Ok(position),
            _ => Err(VenueError::wrong_position_side()),
        }
    }
}
