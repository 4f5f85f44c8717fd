//! Whether the account and the symbol take orders at all, before anything else is looked at.

use super::rules::{AccountState, SymbolStatus};
use super::{Venue, VenueError};

impl Venue {
    /// The state of a symbol.
    #[must_use]
    pub fn symbol_status(&self, symbol: &str) -> SymbolStatus {
        let listed = self.config.rules.symbol_status.get(symbol);
        listed.copied().unwrap_or_default()
    }

    /// False while the account may place no order at all.
    #[must_use]
    pub const fn can_trade(&self) -> bool {
        !matches!(
            self.config.rules.account,
            AccountState::Inactive | AccountState::Barred
        )
    }

    /// Puts the account into another state.
    pub const fn set_account_state(&mut self, state: AccountState) {
        self.config.rules.account = state;
    }

    /// Puts a symbol into another state.
    ///
    /// # Errors
    /// -1121 for an unknown symbol.
    pub fn set_symbol_status(
        &mut self,
        symbol: &str,
        status: SymbolStatus,
    ) -> Result<(), VenueError> {
        self.book(symbol)?;
        let listed = &mut self.config.rules.symbol_status;
        listed.insert(symbol.to_owned(), status);
        Ok(())
    }

    /// Signs the TradFi agreement; it holds for good.
    pub const fn sign_tradfi(&mut self) {
        self.config.rules.tradfi_signed = true;
    }

    /// Checks that an order may be placed; `reduces` when it can only shrink a position.
    ///
    /// # Errors
    /// -4109, -4088, -2023, -4087, -4400, -4401, -4192, -4141, -4140, -4411.
    pub(super) fn check_standing(&self, symbol: &str, reduces: bool) -> Result<(), VenueError> {
        if let Some(error) = account_refusal(self.config.rules.account, reduces) {
            return Err(error);
        }
        match self.symbol_status(symbol) {
            SymbolStatus::Trading => {}
            SymbolStatus::Close => return Err(VenueError::new(-4141, "Symbol is closed.")),
            SymbolStatus::PreSettle if reduces => {}
            _ => {
                let text = "Invalid symbol status for opening position.";
                return Err(VenueError::new(-4140, text));
            }
        }
        let rules = &self.config.rules;
        if rules.tradfi.contains(symbol) && !rules.tradfi_signed {
            let text = "Please sign TradFi-Perps agreement contract.";
            return Err(VenueError::new(-4411, text));
        }
        Ok(())
    }
}

fn account_refusal(state: AccountState, reduces: bool) -> Option<VenueError> {
    let (code, text) = match state {
        AccountState::Normal => return None,
        AccountState::Inactive => (-4109, "Inactive account"),
        AccountState::Barred => (-4088, "User can not place order currently"),
        AccountState::Liquidation => (-2023, "User in liquidation mode now."),
        _ if reduces => return None,
        AccountState::ReduceOnly => (-4087, "User can only place reduce only order"),
        AccountState::QuantitativeRule => (
            -4400,
            "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, \
             please try again later.",
        ),
        AccountState::LargePosition => (
            -4401,
            "Futures Trading Risk Control Rules of large position holding violated, only \
             reduceOnly order is allowed, please reduce the position.",
        ),
        AccountState::CoolingOff => (-4192, "Trade forbidden due to Cooling-off Period."),
    };
    Some(VenueError::new(code, text))
}
