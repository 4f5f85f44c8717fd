//! Reads the life of an open position off the account's fills: when it began, how much was opened.

use domain::{Epoch, Qty, Side};
use rust_decimal::Decimal;

use binance::PositionMode;
use binance::response::UserTrade;
use binance::wire::{OrderSide, WirePositionSide};

/// One life of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    /// Time of the opening fill, Unix ms.
    pub epoch: Epoch,
    /// Sum of the fills that increased it.
    pub initial: Qty,
}

/// What the fills tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Derived {
    /// The whole life is in them.
    Found(Life),
    /// They don't reach back to its beginning; the oldest one's time, where there is any.
    TooShort {
        /// Unix ms.
        oldest_ms: Option<i64>,
    },
}

/// The fills of one leg among those of its symbol, oldest first.
pub(super) fn of_leg(trades: &[UserTrade], mode: PositionMode, side: Side) -> Vec<&UserTrade> {
    let wanted = match (mode, side) {
        (PositionMode::OneWay, _) => WirePositionSide::Both,
        (PositionMode::Hedge, Side::Long) => WirePositionSide::Long,
        (PositionMode::Hedge, Side::Short) => WirePositionSide::Short,
    };
    let mut of_leg: Vec<&UserTrade> = trades
        .iter()
        .filter(|trade| trade.position_side == wanted)
        .collect();
    of_leg.sort_by_key(|trade| (trade.time, trade.id));
    of_leg
}

/// Walks back from the amount that is open now, undoing fill by fill (`before = after - fill`),
/// until nothing was open or the other side was: that fill opened this life.
pub(super) fn derive(trades: &[&UserTrade], side: Side, open: Qty) -> Derived {
    let mut after = open.get();
    let mut increased = Decimal::ZERO;
    for trade in trades.iter().rev() {
        let delta = toward(side, trade);
        let before = after - delta;
        if before <= Decimal::ZERO {
            // A fill that came through zero opened only what lies beyond it.
            let initial = Qty::new(increased + after).unwrap_or(open);
            let epoch = Epoch(u64::try_from(trade.time).unwrap_or_default());
            return Derived::Found(Life { epoch, initial });
        }
        increased += delta.max(Decimal::ZERO);
        after = before;
    }
    let oldest_ms = trades.first().map(|trade| trade.time);
    Derived::TooShort { oldest_ms }
}

/// Signed quantity of a fill, positive where it adds to a position of `side`.
fn toward(side: Side, trade: &UserTrade) -> Decimal {
    let adds = match side {
        Side::Long => OrderSide::Buy,
        Side::Short => OrderSide::Sell,
    };
    if trade.side == adds {
        trade.qty
    } else {
        -trade.qty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn qty(text: &str) -> Qty {
        Qty::new(dec(text)).unwrap()
    }

    fn trades(rows: &[(i64, OrderSide, &str)]) -> Vec<UserTrade> {
        let row = |(id, (time, side, qty)): (usize, &(i64, OrderSide, &str))| UserTrade {
            id: i64::try_from(id).unwrap(),
            order_id: 1,
            symbol: "BTCUSDT".into(),
            side: *side,
            position_side: WirePositionSide::Both,
            price: dec("100"),
            qty: dec(qty),
            realized_pnl: Decimal::ZERO,
            commission: Decimal::ZERO,
            commission_asset: "USDT".into(),
            maker: false,
            time: *time,
        };
        rows.iter().enumerate().map(row).collect()
    }

    fn found(epoch: u64, initial: &str) -> Derived {
        Derived::Found(Life {
            epoch: Epoch(epoch),
            initial: qty(initial),
        })
    }

    use OrderSide::{Buy, Sell};

    #[test]
    fn a_life_begins_where_the_amount_was_zero_before() {
        let rows = trades(&[
            (1, Buy, "5"),
            (2, Sell, "5"),
            (3, Buy, "2"),
            (4, Sell, "1"),
            (5, Buy, "3"),
        ]);
        let leg = of_leg(&rows, PositionMode::OneWay, Side::Long);
        assert_eq!(derive(&leg, Side::Long, qty("4")), found(3, "5"));
    }

    #[test]
    fn a_fill_through_zero_opens_only_what_lies_beyond() {
        let rows = trades(&[(1, Buy, "2"), (2, Sell, "5"), (3, Buy, "1")]);
        let leg = of_leg(&rows, PositionMode::OneWay, Side::Short);
        assert_eq!(derive(&leg, Side::Short, qty("2")), found(2, "3"));
    }

    #[test]
    fn a_history_that_does_not_reach_back_says_so() {
        let rows = trades(&[(7, Buy, "1"), (8, Sell, "1")]);
        let leg = of_leg(&rows, PositionMode::OneWay, Side::Long);
        let short = Derived::TooShort { oldest_ms: Some(7) };
        assert_eq!(derive(&leg, Side::Long, qty("4")), short);
        let none = Derived::TooShort { oldest_ms: None };
        assert_eq!(derive(&[], Side::Long, qty("4")), none);
    }

    #[test]
    fn fills_of_the_other_leg_do_not_count_in_hedge_mode() {
        let mut rows = trades(&[(1, Buy, "1"), (2, Sell, "9"), (3, Buy, "1")]);
        rows[0].position_side = WirePositionSide::Long;
        rows[1].position_side = WirePositionSide::Short;
        rows[2].position_side = WirePositionSide::Long;
        let leg = of_leg(&rows, PositionMode::Hedge, Side::Long);
        assert_eq!(derive(&leg, Side::Long, qty("2")), found(1, "2"));
    }
}
