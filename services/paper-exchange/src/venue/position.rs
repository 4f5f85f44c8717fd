//! One net position: entry, realised profit, and how a fill changes it.

use rust_decimal::Decimal;

use super::types::{PositionSide, Side};

/// Decimals kept of an average entry price.
const ENTRY_DECIMALS: u32 = 12;
/// Decimals of money amounts, as the venue books them.
const MONEY_DECIMALS: u32 = 8;

/// One position: the net one of a symbol in one-way mode, or one leg of hedge mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// `BOTH` in one-way mode.
    pub leg: PositionSide,
    /// Signed amount, base asset: long positive, short negative.
    pub qty: Decimal,
    /// Average entry price; zero when flat.
    pub entry: Decimal,
    /// Margin of its own with isolated margin; zero with cross margin.
    pub isolated_wallet: Decimal,
    /// Realised profit so far, without fees.
    pub realized: Decimal,
    /// When it last left zero or changed direction, ms.
    pub opened_ms: i64,
    /// Last change, ms.
    pub updated_ms: i64,
}

impl Position {
    /// A leg that has never moved.
    #[must_use]
    pub const fn flat(leg: PositionSide) -> Self {
        Self {
            leg,
            qty: Decimal::ZERO,
            entry: Decimal::ZERO,
            isolated_wallet: Decimal::ZERO,
            realized: Decimal::ZERO,
            opened_ms: 0,
            updated_ms: 0,
        }
    }

    /// True with no amount.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.qty.is_zero()
    }

    /// The side that closes it; `None` when flat.
    #[must_use]
    pub fn closing_side(&self) -> Option<Side> {
        if self.is_flat() {
            return None;
        }
        Some(if self.qty.is_sign_negative() {
            Side::Buy
        } else {
            Side::Sell
        })
    }

    /// How much an order of this side can close: the whole amount, or zero.
    #[must_use]
    pub fn closable_by(&self, side: Side) -> Decimal {
        if self.closing_side() == Some(side) {
            self.qty.abs()
        } else {
            Decimal::ZERO
        }
    }

    /// Unrealised profit at this mark.
    #[must_use]
    pub fn unrealized(&self, mark: Decimal) -> Decimal {
        ((mark - self.entry) * self.qty).round_dp(MONEY_DECIMALS)
    }

    /// Entry shifted by the taker fee of the entry (measured on the venue: entry x 1.0004).
    #[must_use]
    pub fn break_even(&self, taker_fee: Decimal) -> Decimal {
        let shift = if self.qty.is_sign_negative() {
            -taker_fee
        } else {
            taker_fee
        };
        (self.entry * (Decimal::ONE + shift)).round_dp(ENTRY_DECIMALS)
    }

    /// Books a fill and returns the realised profit (without fee).
    pub fn apply(&mut self, side: Side, qty: Decimal, price: Decimal, now_ms: i64) -> Decimal {
        let closed = qty.min(self.closable_by(side));
        let opened = qty - closed;
        let realized = self.close_part(closed, price);
        self.open_part(side, opened, price, now_ms);
        self.updated_ms = now_ms;
        realized
    }

    fn close_part(&mut self, closed: Decimal, price: Decimal) -> Decimal {
        if closed.is_zero() {
            return Decimal::ZERO;
        }
        let sign = if self.qty.is_sign_negative() {
            -Decimal::ONE
        } else {
            Decimal::ONE
        };
        let realized = ((price - self.entry) * closed * sign).round_dp(MONEY_DECIMALS);
        self.qty -= closed * sign;
        if self.qty.is_zero() {
            self.qty = Decimal::ZERO;
            self.entry = Decimal::ZERO;
        }
        self.realized += realized;
        realized
    }

    fn open_part(&mut self, side: Side, opened: Decimal, price: Decimal, now_ms: i64) {
        if opened.is_zero() {
            return;
        }
        if self.is_flat() {
            self.opened_ms = now_ms;
        }
        let before = self.qty.abs();
        let total = before + opened;
        let cost = before * self.entry + opened * price;
        self.entry = cost
            .checked_div(total)
            .unwrap_or(price)
            .round_dp(ENTRY_DECIMALS);
        self.qty = if side == Side::Buy { total } else { -total };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn adding_averages_the_entry_and_realises_nothing() {
        let mut position = Position::flat(PositionSide::Both);
        assert_eq!(
            position.apply(Side::Buy, dec("1"), dec("100"), 1),
            Decimal::ZERO
        );
        assert_eq!(
            position.apply(Side::Buy, dec("3"), dec("200"), 2),
            Decimal::ZERO
        );
        assert_eq!((position.qty, position.entry), (dec("4"), dec("175")));
        assert_eq!(position.opened_ms, 1);
    }

    #[test]
    fn reducing_keeps_the_entry_and_realises_the_difference() {
        let mut position = Position::flat(PositionSide::Both);
        position.apply(Side::Sell, dec("2"), dec("100"), 1);
        assert_eq!(
            position.apply(Side::Buy, dec("0.5"), dec("90"), 2),
            dec("5")
        );
        assert_eq!((position.qty, position.entry), (dec("-1.5"), dec("100")));
        assert_eq!(position.unrealized(dec("80")), dec("30"));
    }

    #[test]
    fn a_larger_plain_order_closes_and_reopens_at_its_own_price() {
        let mut position = Position::flat(PositionSide::Both);
        position.apply(Side::Buy, dec("1"), dec("100"), 1);
        assert_eq!(
            position.apply(Side::Sell, dec("3"), dec("110"), 9),
            dec("10")
        );
        assert_eq!((position.qty, position.entry), (dec("-2"), dec("110")));
        assert_eq!(position.opened_ms, 9);
    }

    #[test]
    fn the_break_even_matches_the_captured_account_update() {
        let mut position = Position::flat(PositionSide::Both);
        position.apply(Side::Buy, dec("0.0007"), dec("77290.7"), 1);
        assert_eq!(position.break_even(dec("0.0004")), dec("77321.61628"));
    }
}
