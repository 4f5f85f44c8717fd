//! Settings per symbol: leverage and margin type, and the funding rate.

use rust_decimal::Decimal;

use super::event::EventBody;
use super::{Venue, VenueError};

/// Highest leverage any symbol takes.
const MAX_LEVERAGE: u32 = 125;
/// Widest funding rate of the real venue.
const MAX_FUNDING: Decimal = Decimal::from_parts(3, 0, 0, false, 2);

impl Venue {
    /// Sets the leverage of a symbol.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4028 outside 1..=125.
    pub fn set_leverage(
        &mut self,
        symbol: &str,
        leverage: u32,
        now_ms: i64,
    ) -> Result<(), VenueError> {
        let book = self.book_mut(symbol)?;
        if !(1..=MAX_LEVERAGE).contains(&leverage) {
            return Err(VenueError::new(
                -4028,
                format!("Leverage {leverage} is not valid"),
            ));
        }
        if book.leverage == leverage {
            return Ok(());
        }
        book.leverage = leverage;
        self.emit(
            now_ms,
            EventBody::Leverage {
                symbol: symbol.to_owned(),
                leverage,
            },
        );
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

    /// Sets the funding rate that a symbol's streams tell.
    ///
    /// # Errors
    /// -1121 for an unknown symbol, -4001 beyond 3 %.
    pub fn set_funding_rate(&mut self, symbol: &str, rate: Decimal) -> Result<(), VenueError> {
        let book = self.book_mut(symbol)?;
        if rate.abs() > MAX_FUNDING {
            let text = format!("Funding rate {rate} is not plausible: at most 0.03 either way.");
            return Err(VenueError::new(-4001, text));
        }
        book.funding_rate = rate;
        Ok(())
    }
}
