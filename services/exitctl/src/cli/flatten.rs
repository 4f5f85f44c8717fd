//! `exitctl flatten`

use clap::{ArgGroup, Args};
use domain::{Account, Symbol};

use super::{BusTarget, Confirm, decisions, kill};

/// `flatten`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["symbol", "all"])))]
pub struct Flatten {
    /// The contract whose positions are closed, long and short, in any letter case: `BTCUSDT`.
    #[arg(value_parser = decisions::symbol)]
    pub symbol: Option<Symbol>,
    /// Every position of the account.
    #[arg(long)]
    pub all: bool,
    /// The account, as the gateway's settings name it.
    #[arg(long, default_value = "main", value_parser = kill::account)]
    pub account: Account,
    /// `--yes` and the symbol, or ALL.
    #[command(flatten)]
    pub confirm: Confirm,
    /// Neither asks before what is open and who acts, nor waits until it is closed: for when
    /// diagnostics is down.
    #[arg(long)]
    pub no_wait: bool,
    /// Where the bus is; the key is `operator.nk`.
    #[command(flatten)]
    pub bus: BusTarget,
}
