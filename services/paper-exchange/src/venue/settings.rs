//! Settings per symbol: leverage and margin type.

use rust_decimal::Decimal;

use super::event::EventBody;
use super::{Book, Venue, VenueError};

impl Venue {
    /// Sets the leverage of a symbol.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4028 beyond what its brackets take, -2027 when the position
    /// is too large for it, -2028 when the margin does not suffice for less leverage, -4161 when
    /// an isolated position is open and it would be reduced.
    pub fn set_leverage(
        &mut self,
        symbol: &str,
        leverage: u32,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        let book = self.book(symbol)?;
        let most = book.max_notional(leverage).filter(|_| 0 < leverage);
        let most = most
            .ok_or_else(|| VenueError::new(-4028, format!("Leverage {leverage} is not valid")))?;
        if book.leverage == leverage {
            return Ok(());
        }
        self.check_leverage(book, leverage, Decimal::from(most))?;
        self.book_mut(symbol)?.leverage = leverage;
        self.emit(
            now_ms,
            EventBody::Leverage {
                symbol: symbol.to_owned(),
                leverage,
            },
        );
        Ok(())
    }

    /// Whether the open positions of a symbol can live with another leverage.
    fn check_leverage(&self, book: &Book, leverage: u32, most: Decimal) -> Result<(), VenueError> {
        let notional: Decimal = book.legs.open().map(|held| book.notional(held)).sum();
        if most < notional {
            let text = "Exceeded the maximum allowable position at current leverage.";
            return Err(VenueError::new(-2027, text));
        }
        if notional.is_zero() || book.leverage <= leverage {
            return Ok(());
        }
        if book.isolated {
            let text = "Leverage reduction is not supported in Isolated Margin Mode with open \
                        positions.";
            return Err(VenueError::new(-4161, text));
        }
        let share = |leverage: u32| notional / Decimal::from(leverage);
        if self.account_totals().available < share(leverage) - share(book.leverage) {
            let text = "Leverage is smaller than permitted: insufficient margin balance.";
            return Err(VenueError::new(-2028, text));
        }
        Ok(())
    }

    /// Sets cross or isolated margin.
    ///
    /// # Errors
    /// -1121, -4046 no change, -4047 with open orders, -4048 with a position.
    pub fn set_isolated(&mut self, symbol: &str, isolated: bool) -> Result<(), VenueError> {
        let book = self.book_mut(symbol)?;
        if book.isolated == isolated {
            return Err(VenueError::new(-4046, "No need to change margin type."));
        }
        if !book.open_orders.is_empty() || !book.open_algos.is_empty() {
            let text = "Margin type cannot be changed if there exists open orders.";
            return Err(VenueError::new(-4047, text));
        }
        if !book.legs.is_flat() {
            let text = "Margin type cannot be changed if there exists position.";
            return Err(VenueError::new(-4048, text));
        }
        book.isolated = isolated;
        Ok(())
    }

    /// Makes a symbol's book as deep as one that holds this notional over this span of prices.
    /// What is not plausible changes nothing.
    pub fn set_book_depth(&mut self, symbol: &str, notional: Decimal, span: Decimal) {
        let Some(book) = self.books.get_mut(symbol) else {
            return;
        };
        let per_tick = notional
            .checked_mul(book.spec.tick_size)
            .and_then(|sum| sum.checked_div(span));
        if let Some(per_tick) = per_tick.filter(|per_tick| Decimal::ZERO < *per_tick) {
            book.level_notional = per_tick;
        }
    }
}
