//! The public trades of a symbol, as far back as they are kept.

use std::collections::VecDeque;

use rust_decimal::Decimal;

/// Trades kept per symbol: five of the venue's longest answers.
const MAX_TRADES: usize = 5_000;

/// One public trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketTrade {
    /// Counts from 1, per symbol.
    pub id: u64,
    /// Price.
    pub price: Decimal,
    /// Quantity, base asset.
    pub qty: Decimal,
    /// Moment, ms.
    pub at_ms: i64,
    /// True when the seller took.
    pub buyer_is_maker: bool,
}

/// The newest trades of a symbol.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape {
    trades: VecDeque<MarketTrade>,
    last_id: u64,
}

impl Tape {
    /// Writes a trade down. A price below the one before was a sale, one above a purchase; an
    /// equal one has the same taker as before.
    pub(super) fn add(&mut self, price: Decimal, qty: Decimal, at_ms: i64) {
        let before = self.trades.back();
        let buyer_is_maker = match before.map(|trade| price.cmp(&trade.price)) {
            Some(std::cmp::Ordering::Greater) => false,
            Some(std::cmp::Ordering::Equal) => before.is_some_and(|trade| trade.buyer_is_maker),
            Some(std::cmp::Ordering::Less) | None => true,
        };
        self.last_id += 1;
        self.trades.push_back(MarketTrade {
            id: self.last_id,
            price,
            qty,
            at_ms,
            buyer_is_maker,
        });
        if self.trades.len() > MAX_TRADES {
            self.trades.pop_front();
        }
    }

    /// Oldest first.
    pub(crate) fn trades(&self) -> impl DoubleEndedIterator<Item = &MarketTrade> {
        self.trades.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taker_is_told_by_the_direction_of_the_price() {
        let mut tape = Tape::default();
        for price in [100, 101, 101, 99, 99] {
            tape.add(price.into(), Decimal::ONE, 1);
        }
        let makers: Vec<bool> = tape.trades().map(|trade| trade.buyer_is_maker).collect();
        assert_eq!(makers, [true, false, false, true, true]);
    }

    #[test]
    fn the_oldest_trades_go_first() {
        let mut tape = Tape::default();
        for price in 1..=i64::try_from(MAX_TRADES).unwrap() + 7 {
            tape.add(price.into(), Decimal::ONE, price);
        }
        assert_eq!(tape.trades().count(), MAX_TRADES);
        assert_eq!(tape.trades().next().unwrap().id, 8);
    }
}
