//! `exitctl decisions`.

use std::num::NonZeroU64;
use std::time::Duration;

use clap::{Args, Subcommand};
use domain::{Account, PositionKey, Side, Symbol};

use super::BusTarget;

/// What to do with decisions.
#[derive(Debug, Subcommand)]
pub enum Decisions {
    /// Follows what executors decide, shadow and live, until Ctrl-C. `-o json` prints one document
    /// a line.
    Tail(DecisionsTail),
}

/// `decisions tail`
#[derive(Debug, Args)]
pub struct DecisionsTail {
    /// Only about this contract, in any letter case: `BTCUSDT`.
    #[arg(long, value_parser = symbol)]
    pub symbol: Option<Symbol>,
    /// Only about this position: `main.BTCUSDT.LONG`.
    #[arg(long, conflicts_with = "symbol", value_parser = position)]
    pub position: Option<PositionKey>,
    /// Ends after so many.
    #[arg(long, value_name = "N")]
    pub count: Option<NonZeroU64>,
    /// Ends after so long: exit code 124, as of timeout(1).
    #[arg(long = "for", value_name = "TIME", value_parser = super::duration)]
    pub longest: Option<Duration>,
    /// Where the bus is; the key is `operator.nk`.
    #[command(flatten)]
    pub bus: BusTarget,
}

/// A contract in any letter case.
pub fn symbol(text: &str) -> Result<Symbol, String> {
    Symbol::new(&text.to_uppercase()).map_err(|error| error.to_string())
}

fn position(text: &str) -> Result<PositionKey, String> {
    let tokens: Vec<&str> = text.split('.').collect();
    let [account, name, side] = tokens[..] else {
        return Err("use account.SYMBOL.SIDE, as in main.BTCUSDT.LONG".into());
    };
    let account = Account::new(account).map_err(|error| error.to_string())?;
    let side: Side = side
        .parse()
        .map_err(|error: domain::ids::NameError| error.to_string())?;
    let symbol = symbol(name)?;
    Ok(PositionKey {
        account,
        symbol,
        side,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_has_three_parts_and_any_letter_case_but_in_its_account() {
        let key = position("main.btcusdt.long").unwrap();
        assert_eq!(key.to_string(), "main.BTCUSDT.LONG");
        for wrong in [
            "BTCUSDT",
            "main.BTCUSDT",
            "main.BTCUSDT.UP",
            "main.>.LONG",
            "a.b.LONG.c",
        ] {
            assert!(position(wrong).is_err(), "{wrong}");
        }
    }
}
