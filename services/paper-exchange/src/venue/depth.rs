//! The order book around a price: deterministic levels, computed when somebody looks or takes.
//!
//! Nothing is stored, so a price change costs nothing. The book refills at once: what an order
//! took is there again for the next one, as on a liquid market between two requests of a client.

use rust_decimal::Decimal;

use super::order::Order;
use super::types::{OrderKind, Side};
use super::{Book, Market};
use crate::rng::SplitMix64;

/// Levels of each side; as many as the venue shows at most.
pub(crate) const MAX_LEVELS: u32 = 1_000;
/// `marketTakeBound`: how far from the mark a MARKET order may sweep.
const TAKE_BOUND: Decimal = Decimal::from_parts(5, 0, 0, false, 2);
/// Size of every level where orders fill whole at the touch, in steps.
const FLAT_LOTS: i64 = 1_000;
/// A level holds between 4 and 11 of this many parts of the set notional.
const PARTS: i64 = 8;
const LEAST_PARTS: i64 = 4;

/// One side of the book at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ladder {
    best: Decimal,
    /// To the next level, signed.
    away: Decimal,
    tick: Decimal,
    step: Decimal,
    /// Notional of a level, as quantity at the best price; `None`: flat, filled whole.
    usual: Option<Decimal>,
    seed: u64,
}

impl Ladder {
    /// Price and quantity of a level, 0 the best; `None` past the end.
    pub(crate) fn level(&self, number: u32) -> Option<(Decimal, Decimal)> {
        if number >= MAX_LEVELS {
            return None;
        }
        let price = self.best + self.away * Decimal::from(number);
        (Decimal::ZERO < price).then(|| (price, self.qty_at(price)))
    }

    /// What is offered at a price: it stays with the price while the market moves past it.
    pub(crate) fn qty_at(&self, price: Decimal) -> Decimal {
        let Some(usual) = self.usual else {
            return self.step * Decimal::from(FLAT_LOTS);
        };
        let number = price.checked_div(self.tick).unwrap_or_default();
        let number = u64::try_from(number.trunc().mantissa()).unwrap_or_default();
        let more = SplitMix64::new(self.seed ^ number).between(0, PARTS - 1);
        let qty = usual * Decimal::new(LEAST_PARTS + more, 0) / Decimal::from(PARTS);
        let rest = qty.checked_rem(self.step).unwrap_or_default();
        (qty - rest).max(self.step)
    }

    /// True where an order fills whole at the best price.
    pub(crate) const fn is_endless(&self) -> bool {
        self.usual.is_none()
    }
}

/// The levels that one order may take, best first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    ladder: Ladder,
    side: Side,
    worst: Decimal,
    next: u32,
}

impl Iterator for Walk {
    type Item = (Decimal, Decimal);

    fn next(&mut self) -> Option<(Decimal, Decimal)> {
        if self.ladder.is_endless() && 0 < self.next {
            return None;
        }
        let (price, qty) = self.ladder.level(self.next)?;
        self.next += 1;
        let within = match self.side {
            Side::Buy => price <= self.worst,
            Side::Sell => self.worst <= price,
        };
        let endless = self.ladder.is_endless();
        within.then_some((price, if endless { Decimal::MAX } else { qty }))
    }
}

impl Book {
    /// The side of the book that an order of this direction takes from.
    pub(crate) fn ladder(&self, taker: Side) -> Ladder {
        let best = self.market.taker_price(taker);
        let tick = self.spec.tick_size;
        let usual = self.level_notional.checked_div(best);
        Ladder {
            best,
            away: match taker {
                Side::Buy => tick,
                Side::Sell => -tick,
            },
            tick,
            step: self.spec.step_size,
            usual: usual.filter(|usual| Decimal::ZERO < *usual),
            seed: self.book_seed,
        }
    }

    /// The levels within an order's limit price, or within `marketTakeBound` of the mark.
    pub(super) fn walk(&self, order: &Order) -> Walk {
        self.walk_to(
            order.side,
            match order.kind {
                OrderKind::Limit => order.price,
                OrderKind::Market => self.take_bound(order.side),
            },
        )
    }

    /// The levels not worse than a price.
    pub(super) fn walk_to(&self, side: Side, worst: Decimal) -> Walk {
        Walk {
            ladder: self.ladder(side),
            side,
            worst,
            next: 0,
        }
    }

    /// The worst price a MARKET order of this direction may take.
    pub(super) fn take_bound(&self, side: Side) -> Decimal {
        match side {
            Side::Buy => self.market.mark * (Decimal::ONE + TAKE_BOUND),
            Side::Sell => self.market.mark * (Decimal::ONE - TAKE_BOUND),
        }
    }

    /// True when the best price is within the bound of MARKET orders (else -4131).
    pub(super) fn is_within_take_bound(&self, side: Side) -> bool {
        let best = self.market.taker_price(side);
        match side {
            Side::Buy => best <= self.take_bound(side),
            Side::Sell => self.take_bound(side) <= best,
        }
    }

    /// True when so much can be taken at once at this price or better (fill or kill).
    pub(super) fn can_take(&self, side: Side, worst: Decimal, qty: Decimal) -> bool {
        let mut missing = qty;
        self.walk_to(side, worst).any(|(_, available)| {
            missing -= available.min(missing);
            missing.is_zero()
        })
    }

    /// What a touched resting order can fill: a level's size while the market only stands at its
    /// price, everything once it trades through.
    pub(super) fn maker_qty(&self, order: &Order) -> Decimal {
        let ladder = self.ladder(order.side.opposite());
        if ladder.is_endless() || self.market.trades_through(order.side, order.price) {
            return Decimal::MAX;
        }
        ladder.qty_at(order.price)
    }
}

impl Market {
    /// True when a price better than a resting order's has been offered or traded.
    fn trades_through(&self, side: Side, price: Decimal) -> bool {
        match side {
            Side::Buy => self.ask < price || self.last < price,
            Side::Sell => price < self.bid || price < self.last,
        }
    }
}

/// A number of a text: the book of a symbol is its own.
pub(super) fn seed_of(symbol: &str, seed: u64) -> u64 {
    symbol.bytes().fold(seed, |seed, byte| {
        SplitMix64::new(seed ^ u64::from(byte)).next_u64()
    })
}
