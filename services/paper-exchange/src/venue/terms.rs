//! What an order carries beyond side, quantity and price: price match, self-trade prevention,
//! good-till date.

use rust_decimal::Decimal;

use super::order::{NewOrder, Order};
use super::types::{OrderKind, Side, TimeInForce, wire_enum};
use super::{Book, VenueError};

/// A good-till date lies at least this far ahead, ms.
const MIN_GOOD_TILL_MS: i64 = 600_000;
/// Latest good-till date, ms (the end of the year 9999).
const MAX_GOOD_TILL_MS: i64 = 253_402_300_799_000;

wire_enum! {
    /// Which level of the book gives the price.
    PriceMatch {
        /// The price that was sent.
        None => "NONE",
        /// Best price of the other side.
        Opponent => "OPPONENT",
        /// Fifth price of the other side.
        Opponent5 => "OPPONENT_5",
        /// Best price of the own side.
        Queue => "QUEUE",
        /// Fifth price of the own side.
        Queue5 => "QUEUE_5",
        /// Tenth price of the own side.
        Queue10 => "QUEUE_10",
        /// Twentieth price of the own side.
        Queue20 => "QUEUE_20",
    }
}

wire_enum! {
    /// What happens when two orders of the account would match.
    StpMode {
        /// They match.
        None => "NONE",
        /// The arriving one expires.
        ExpireTaker => "EXPIRE_TAKER",
        /// The resting one expires.
        ExpireMaker => "EXPIRE_MAKER",
        /// Both expire.
        ExpireBoth => "EXPIRE_BOTH",
    }
}

/// The terms of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// See [`PriceMatch`].
    pub price_match: PriceMatch,
    /// See [`StpMode`].
    pub stp: StpMode,
    /// With GTD: when it ends, ms; else zero.
    pub good_till_ms: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            price_match: PriceMatch::None,
            stp: StpMode::ExpireMaker,
            good_till_ms: 0,
        }
    }
}

impl Terms {
    /// Checks the good-till date and keeps its whole seconds, as the venue does.
    ///
    /// # Errors
    /// -1102 without a date, -1106 with one and another time in force, -5040 out of range.
    pub(super) fn check_good_till(
        &mut self,
        time_in_force: TimeInForce,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        let until = self.good_till_ms;
        if time_in_force != TimeInForce::Gtd {
            self.good_till_ms = 0;
            return if until == 0 {
                Ok(())
            } else {
                Err(VenueError::not_required("goodtilldate"))
            };
        }
        if until == 0 {
            return Err(VenueError::mandatory("goodtilldate"));
        }
        if until <= now_ms.saturating_add(MIN_GOOD_TILL_MS) || until >= MAX_GOOD_TILL_MS {
            let text = "The goodTillDate timestamp must be greater than the current time plus 600 \
                        seconds and smaller than 253402300799000";
            return Err(VenueError::new(-5040, text));
        }
        self.good_till_ms = until - until.rem_euclid(1_000);
        Ok(())
    }
}

impl Book {
    /// The price that a price match stands for now.
    ///
    /// # Errors
    /// -5041 when the book does not reach that far.
    pub(super) fn matched_price(
        &self,
        side: Side,
        price_match: PriceMatch,
    ) -> Result<Decimal, VenueError> {
        // The side that this order would take from, or the one it joins.
        let (taken_by, level) = match price_match {
            PriceMatch::None | PriceMatch::Queue => (side.opposite(), 0),
            PriceMatch::Opponent => (side, 0),
            PriceMatch::Opponent5 => (side, 4),
            PriceMatch::Queue5 => (side.opposite(), 4),
            PriceMatch::Queue10 => (side.opposite(), 9),
            PriceMatch::Queue20 => (side.opposite(), 19),
        };
        if self.market.is_known()
            && let Some((price, _)) = self.ladder(taken_by).level(level)
        {
            return Ok(price);
        }
        Err(VenueError::new(-5041, "No depth matches this BBO order"))
    }
}

impl NewOrder {
    /// The same order with the price of its price match, if it has one.
    pub(super) fn with_matched_price(mut self, book: &Book) -> Result<Self, VenueError> {
        if self.kind == OrderKind::Limit && self.terms.price_match != PriceMatch::None {
            self.price = book.matched_price(self.side, self.terms.price_match)?;
        }
        Ok(self)
    }
}

impl Order {
    /// True when the order may never take.
    #[must_use]
    pub const fn is_post_only(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::Gtx | TimeInForce::Rpi)
    }
}
