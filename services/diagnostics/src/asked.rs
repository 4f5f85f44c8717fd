//! Which positions a question is about.

use domain::PositionKey;

/// What is left out fits everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Only this account.
    pub account: Option<&'a str>,
    /// Only this contract.
    pub symbol: Option<&'a str>,
    /// Only this side.
    pub side: Option<&'a str>,
}

impl Asked<'_> {
    /// Whether the question is about this position too.
    #[must_use]
    pub fn covers(&self, key: &PositionKey) -> bool {
        let fits = |wish: Option<&str>, value: &str| wish.is_none_or(|wish| wish == value);
        fits(self.account, key.account.as_str())
            && fits(self.symbol, key.symbol.as_str())
            && fits(self.side, key.side.name())
    }
}
