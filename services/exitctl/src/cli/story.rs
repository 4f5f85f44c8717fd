//! `exitctl story`.

use std::fmt;
use std::str::FromStr;

use clap::Args;
use domain::ids::NameError;
use domain::{Account, Side, Symbol};

/// `story`
#[derive(Debug, Args)]
pub struct Story {
    /// As `exitctl positions` writes it, or less: `main.BTCUSDT.LONG`, `BTCUSDT.LONG`, `BTCUSDT`.
    pub position: Place,
    /// This life of it, by its number; the newest where it is left out.
    #[arg(long)]
    pub life: Option<u64>,
}

/// One position, or all those of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Only this account.
    pub account: Option<Account>,
    /// The contract.
    pub symbol: Symbol,
    /// Only this side.
    pub side: Option<Side>,
}

impl FromStr for Place {
    type Err = NameError;

    /// Contract and side in any letter case.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let parts: Vec<&str> = text.split('.').collect();
        let (account, symbol, side) = match parts[..] {
            [symbol] => (None, symbol, None),
            [symbol, side] => (None, symbol, Some(side)),
            [account, symbol, side] => (Some(account), symbol, Some(side)),
            _ => {
                return Err(NameError {
                    what: "position",
                    text: text.into(),
                    why: "use ACCOUNT.SYMBOL.SIDE, SYMBOL.SIDE or SYMBOL",
                });
            }
        };
        Ok(Self {
            account: account.map(Account::new).transpose()?,
            symbol: Symbol::new(&symbol.to_uppercase())?,
            side: side.map(str::parse).transpose()?,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(account) = &self.account {
            write!(f, "{account}.")?;
        }
        f.write_str(self.symbol.as_str())?;
        self.side.map_or(Ok(()), |side| write!(f, ".{side}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_named_as_it_is_listed_or_in_short() {
        for (typed, meant) in [
            ("main.BTCUSDT.LONG", "main.BTCUSDT.LONG"),
            ("btcusdt.short", "BTCUSDT.SHORT"),
            ("BTCUSDT", "BTCUSDT"),
        ] {
            let place: Place = typed.parse().unwrap();
            assert_eq!(place.to_string(), meant);
        }
        for wrong in ["", "BTCUSDT.UP", "a.BTCUSDT.LONG.7", ".BTCUSDT.LONG"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong:?}");
        }
    }
}
