//! One-way and hedge mode: which positions a symbol has, and which an order may name.

use super::position::Position;
use super::types::{OrderStatus, PositionSide, Side};
use super::{Book, Venue, VenueError};

impl PositionSide {
    /// True when an order of this direction can only shrink this leg of hedge mode.
    #[must_use]
    pub const fn is_closed_by(self, side: Side) -> bool {
        matches!(
            (self, side),
            (Self::Long, Side::Sell) | (Self::Short, Side::Buy)
        )
    }

    /// The leg of hedge mode that an order of this direction opens.
    #[must_use]
    pub const fn opened_by(side: Side) -> Self {
        match side {
            Side::Buy => Self::Long,
            Side::Sell => Self::Short,
        }
    }
}

/// The positions of one symbol: `BOTH` moves in one-way mode, the other two in hedge mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Legs {
    both: Position,
    long: Position,
    short: Position,
}

impl Default for Legs {
    fn default() -> Self {
        Self {
            both: Position::flat(PositionSide::Both),
            long: Position::flat(PositionSide::Long),
            short: Position::flat(PositionSide::Short),
        }
    }
}

impl Legs {
    pub(crate) const fn leg(&self, leg: PositionSide) -> &Position {
        match leg {
            PositionSide::Both => &self.both,
            PositionSide::Long => &self.long,
            PositionSide::Short => &self.short,
        }
    }

    pub(crate) const fn leg_mut(&mut self, leg: PositionSide) -> &mut Position {
        match leg {
            PositionSide::Both => &mut self.both,
            PositionSide::Long => &mut self.long,
            PositionSide::Short => &mut self.short,
        }
    }

    /// The legs with an amount.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Position> {
        [&self.both, &self.long, &self.short]
            .into_iter()
            .filter(|position| !position.is_flat())
    }

    pub(crate) fn is_flat(&self) -> bool {
        self.open().next().is_none()
    }

    /// The rows that the account endpoints show (section 2.4): one, or in hedge mode three.
    pub(crate) fn rows(&self, hedge: bool) -> impl Iterator<Item = &Position> {
        let shown = if hedge { 3 } else { 1 };
        [&self.both, &self.long, &self.short]
            .into_iter()
            .take(shown)
    }
}

impl Book {
    /// The position that an order of this leg works on.
    pub(crate) const fn leg(&self, leg: PositionSide) -> &Position {
        self.legs.leg(leg)
    }
}

impl Venue {
    /// True in hedge mode.
    #[must_use]
    pub const fn is_hedge(&self) -> bool {
        self.hedge
    }

    /// Switches between one-way and hedge mode (section 2.4).
    ///
    /// # Errors
    /// -4059 when it is so already, -4067 with open orders, conditional ones too, -4068 with an
    /// open position.
    pub fn set_hedge(&mut self, hedge: bool, now_ms: i64) -> Result<(), VenueError> {
        self.advance(now_ms);
        if self.hedge == hedge {
            return Err(VenueError::new(-4059, "No need to change position side."));
        }
        if self.open_orders().next().is_some() || self.open_algos().next().is_some() {
            let text = "Position side cannot be changed if there exists open orders.";
            return Err(VenueError::new(-4067, text));
        }
        if self.open_positions().next().is_some() {
            let text = "Position side cannot be changed if there exists position.";
            return Err(VenueError::new(-4068, text));
        }
        self.hedge = hedge;
        Ok(())
    }

    /// The leg that an order of this direction opens in the present mode.
    #[must_use]
    pub const fn opening_leg(&self, side: Side) -> PositionSide {
        if self.hedge {
            PositionSide::opened_by(side)
        } else {
            PositionSide::Both
        }
    }

    /// Cancels the resting orders that a close of this leg of hedge mode would collide with
    /// (-2022), as the venue's own close button does; nothing happens in one-way mode.
    pub fn free_leg(&mut self, symbol: &str, leg: PositionSide, now_ms: i64) {
        if !self.hedge {
            return;
        }
        let closing = self
            .open_orders_of(symbol)
            .filter(|order| order.reduce_only && order.position_side == leg);
        let closing: Vec<u64> = closing.map(|order| order.id).collect();
        for id in closing {
            self.end_order(id, OrderStatus::Canceled, 0, now_ms);
        }
    }

    /// An order's leg has to fit the mode; hedge mode knows no reduce-only flag.
    pub(super) fn check_leg(&self, leg: PositionSide, reduce_only: bool) -> Result<(), VenueError> {
        if self.hedge == (leg == PositionSide::Both) {
            return Err(VenueError::wrong_position_side());
        }
        if self.hedge && reduce_only {
            let text = "Invalid or improper reduceOnly value.";
            return Err(VenueError::new(-4062, text));
        }
        Ok(())
    }
}
