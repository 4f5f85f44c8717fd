//! `exitctl tp`.

use clap::Args;
use domain::Symbol;

/// `tp`
#[derive(Debug, Args)]
pub struct Tp {
    /// Only this contract, in any letter case: `BTCUSDT`.
    #[arg(long, value_parser = |text: &str| Symbol::new(&text.to_uppercase()))]
    pub symbol: Option<Symbol>,
}
