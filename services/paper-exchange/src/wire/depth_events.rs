//! `depthUpdate` events: partial books, and differences that lead from one book to the next.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::num::pad;
use crate::venue::{Book, Side};

/// Levels of each side that differences cover: all that a snapshot shows.
const DIFF_LEVELS: u32 = 1_000;

/// Both sides of a book, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Levels {
    bids: Vec<(Decimal, Decimal)>,
    asks: Vec<(Decimal, Decimal)>,
}

/// The ids of an event: first, last, and the last of the event before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UpdateIds {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) before: u64,
}

impl Levels {
    /// The book as a snapshot would show it.
    pub(crate) fn of(book: &Book, levels: u32) -> Self {
        let side = |taker| {
            let ladder = book.ladder(taker);
            (0..levels)
                .map_while(|number| ladder.level(number))
                .collect()
        };
        Self {
            bids: side(Side::Sell),
            asks: side(Side::Buy),
        }
    }

    /// As far as differences go.
    pub(crate) fn whole(book: &Book) -> Self {
        Self::of(book, DIFF_LEVELS)
    }

    /// What has to be set, and to zero where a level is gone, to get from `before` to this.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            bids: changes(&before.bids, &self.bids, |a, b| b.cmp(a)),
            asks: changes(&before.asks, &self.asks, Decimal::cmp),
        }
    }
}

/// Merges two sides, each sorted by `order`.
fn changes(
    before: &[(Decimal, Decimal)],
    after: &[(Decimal, Decimal)],
    order: fn(&Decimal, &Decimal) -> Ordering,
) -> Vec<(Decimal, Decimal)> {
    let mut out = Vec::new();
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let side = match (old.peek(), new.peek()) {
            (None, None) => return out,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => order(old, new),
        };
        match side {
            Ordering::Less => out.extend(old.next().map(|(price, _)| (*price, Decimal::ZERO))),
            Ordering::Greater => out.extend(new.next()),
            Ordering::Equal => {
                let (was, is) = (old.next(), new.next());
                if was != is {
                    out.extend(is);
                }
            }
        }
    }
}

/// The event of a symbol with these levels.
pub(crate) fn depth_json(book: &Book, levels: &Levels, ids: UpdateIds, now_ms: i64) -> String {
    let (price_dp, qty_dp) = (book.spec.price_precision, book.spec.quantity_precision);
    let row = |(price, qty): &(Decimal, Decimal)| json!([pad(*price, price_dp), pad(*qty, qty_dp)]);
    let rows = |side: &[(Decimal, Decimal)]| side.iter().map(row).collect::<Vec<Value>>();
    let value = json!({
        "e": "depthUpdate",
        "E": now_ms,
        "T": book.market.at_ms,
        "s": book.spec.symbol,
        "ps": book.spec.symbol,
        "st": 1,
        "U": ids.first,
        "u": ids.last,
        "pu": ids.before,
        "b": rows(&levels.bids),
        "a": rows(&levels.asks),
    });
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(levels: &[(i64, i64)]) -> Vec<(Decimal, Decimal)> {
        levels
            .iter()
            .map(|(price, qty)| ((*price).into(), (*qty).into()))
            .collect()
    }

    #[test]
    fn gone_levels_are_set_to_zero_and_equal_ones_are_left_out() {
        let before = Levels {
            bids: side(&[(10, 1), (9, 2), (8, 3)]),
            asks: side(&[(11, 1), (12, 2)]),
        };
        let after = Levels {
            bids: side(&[(9, 2), (8, 4), (7, 5)]),
            asks: side(&[(10, 7), (11, 1)]),
        };
        let change = after.since(&before);
        assert_eq!(change.bids, side(&[(10, 0), (8, 4), (7, 5)]));
        assert_eq!(change.asks, side(&[(10, 7), (12, 0)]));
        assert_eq!(after.since(&after), Levels::default());
    }
}
