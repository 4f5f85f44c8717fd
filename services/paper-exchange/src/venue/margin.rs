//! Money of the account: what is bound as margin, what is free, where a position is liquidated.

use rust_decimal::Decimal;

use super::order::NewOrder;
use super::position::Position;
use super::types::{PositionSide, Side};
use super::{Book, Venue, VenueError};

/// Decimals of money amounts.
const MONEY_DECIMALS: u32 = 8;

/// Money of the account, USDT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountTotals {
    /// Wallet balance.
    pub wallet: Decimal,
    /// The wallet without what isolated positions hold.
    pub cross_wallet: Decimal,
    /// Unrealised profit of all positions at the mark.
    pub unrealized: Decimal,
    /// Unrealised profit of the positions with cross margin.
    pub cross_unrealized: Decimal,
    /// Initial margin of all positions.
    pub initial_margin: Decimal,
    /// Initial margin of open orders that may add.
    pub order_margin: Decimal,
    /// Maintenance margin of all positions.
    pub maint_margin: Decimal,
    /// Maintenance margin of the positions with cross margin.
    pub cross_maint_margin: Decimal,
    /// Free for new positions, never below zero.
    pub available: Decimal,
}

impl AccountTotals {
    /// What stands behind the positions with cross margin.
    #[must_use]
    pub fn cross_balance(&self) -> Decimal {
        self.cross_wallet + self.cross_unrealized
    }
}

impl Book {
    /// |position| x mark of one leg.
    pub(crate) fn notional(&self, position: &Position) -> Decimal {
        position.qty.abs() * self.market.mark
    }

    /// Initial margin of one leg.
    pub(crate) fn initial_margin(&self, position: &Position) -> Decimal {
        self.notional(position)
            .checked_div(Decimal::from(self.leverage))
            .unwrap_or_default()
    }

    /// Maintenance margin of one leg.
    pub(crate) fn maint_margin(&self, position: &Position) -> Decimal {
        self.maintenance(self.notional(position))
    }

    /// Moves margin between the wallet and an isolated leg after a trade: what is closed takes
    /// its share along, what is opened brings its initial margin.
    pub(super) fn shift_isolated_margin(&mut self, leg: PositionSide, trade: Shift) {
        if !self.isolated {
            return;
        }
        let leverage = Decimal::from(self.leverage);
        let position = self.legs.leg_mut(leg);
        let left = (trade.before - trade.closed).checked_div(trade.before);
        let kept = position.isolated_wallet * left.unwrap_or_default();
        let added = (trade.opened * trade.price).checked_div(leverage);
        position.isolated_wallet = (kept + added.unwrap_or_default()).round_dp(MONEY_DECIMALS);
    }
}

/// What a trade did to a leg: quantities before, closed and opened, and its price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    pub(super) before: Decimal,
    pub(super) closed: Decimal,
    pub(super) opened: Decimal,
    pub(super) price: Decimal,
}

impl Venue {
    /// Money of the account now.
    #[must_use]
    pub fn account_totals(&self) -> AccountTotals {
        let mut totals = AccountTotals {
            wallet: self.wallet,
            cross_wallet: self.wallet,
            ..AccountTotals::default()
        };
        let mut cross_margin = Decimal::ZERO;
        for book in self.books.values() {
            for held in book.legs.open() {
                let unrealized = held.unrealized(book.market.mark);
                let (initial, maint) = (book.initial_margin(held), book.maint_margin(held));
                totals.unrealized += unrealized;
                totals.initial_margin += initial;
                totals.maint_margin += maint;
                if book.isolated {
                    totals.cross_wallet -= held.isolated_wallet;
                } else {
                    totals.cross_unrealized += unrealized;
                    totals.cross_maint_margin += maint;
                    cross_margin += initial;
                }
            }
            if !book.open_orders.is_empty() {
                for held in book.legs.rows(self.hedge) {
                    totals.order_margin += self.order_margin(book, held.leg);
                }
            }
        }
        let free = totals.cross_balance() - cross_margin - totals.order_margin;
        totals.available = free.max(Decimal::ZERO);
        totals
    }

    /// Initial margin of a leg's open orders that may add to it.
    pub(crate) fn order_margin(&self, book: &Book, leg: PositionSide) -> Decimal {
        let orders = book.open_orders.iter().filter_map(|id| self.orders.get(id));
        let adding = orders.filter(|order| !order.reduce_only && order.position_side == leg);
        let notional: Decimal = adding.map(|order| order.remaining() * order.price).sum();
        notional
            .checked_div(Decimal::from(book.leverage))
            .unwrap_or_default()
    }

    /// Largest position at the leverage (-2027), counting what open orders would add.
    pub(super) fn check_bracket(
        &self,
        book: &Book,
        new: &NewOrder,
        adds: Decimal,
    ) -> Result<(), VenueError> {
        let held = book.leg(new.position_side);
        let same_way = held.closing_side() == Some(new.side.opposite());
        let held = if same_way {
            held.qty.abs()
        } else {
            Decimal::ZERO
        };
        let orders = book.open_orders.iter().filter_map(|id| self.orders.get(id));
        let waiting: Decimal = orders
            .filter(|order| {
                !order.reduce_only
                    && (order.side, order.position_side) == (new.side, new.position_side)
            })
            .map(|order| order.remaining())
            .sum();
        let notional = (held + waiting + adds) * book.market.mark;
        let most = book.max_notional(book.leverage).unwrap_or_default();
        if notional <= Decimal::from(most) {
            return Ok(());
        }
        let text = "Exceeded the maximum allowable position at current leverage.";
        Err(VenueError::new(-2027, text))
    }

    /// The mark at which a leg is liquidated, all else as it is; zero when flat or out of reach.
    ///
    /// With cross margin both legs of a symbol move together and share the price.
    pub(crate) fn liquidation_price(&self, book: &Book, position: &Position) -> Decimal {
        if position.is_flat() {
            return Decimal::ZERO;
        }
        let (mut money, moving): (Decimal, Vec<&Position>) = if book.isolated {
            (position.isolated_wallet, vec![position])
        } else {
            let totals = self.account_totals();
            let behind = totals.cross_balance() - totals.cross_maint_margin;
            (behind, book.legs.open().collect())
        };
        let mut per_price = Decimal::ZERO;
        for held in moving {
            let notional = book.notional(held);
            let Some(bracket) = book.bracket(notional) else {
                return Decimal::ZERO;
            };
            if !book.isolated {
                money += book.maint_margin(held) - held.unrealized(book.market.mark);
            }
            money += bracket.cum - held.qty * held.entry;
            per_price += held.qty.abs() * bracket.rate - held.qty;
        }
        let price = money.checked_div(per_price).unwrap_or_default();
        price.max(Decimal::ZERO)
    }

    /// The price at which this much money behind a leg is used up, rounded so that it is enough.
    pub(super) fn bankruptcy_price(book: &Book, position: &Position, money: Decimal) -> Decimal {
        let tick = book.spec.tick_size;
        let mark = book.market.mark;
        let each = money.checked_div(position.qty.abs()).unwrap_or_default();
        let price = match position.closing_side() {
            Some(Side::Buy) => book.spec.floor_price(mark + each),
            Some(Side::Sell) | None => {
                let exact = mark - each;
                let floor = book.spec.floor_price(exact);
                if floor < exact { floor + tick } else { floor }
            }
        };
        price.max(tick)
    }
}
