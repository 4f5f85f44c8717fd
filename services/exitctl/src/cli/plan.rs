//! `exitctl plan`.

use clap::{Args, Subcommand, ValueEnum};

use super::Trial;

/// What to do with one plan.
#[derive(Debug, Subcommand)]
pub enum Plan {
    /// How the running plan of a contract came about, step by step.
    Explain(Explain),
    /// What the plan of a position would be, step by step. Needs no running system.
    Try(Box<Trial>),
}

/// `plan explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The contract: `BTCUSDT`.
    #[arg(value_parser = symbol)]
    pub symbol: String,
    /// Only this side; both where it is left out.
    #[arg(long, value_enum)]
    pub side: Option<PlanSide>,
}

/// Side of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanSide {
    /// Long.
    Long,
    /// Short.
    Short,
}

impl PlanSide {
    /// The side as the services write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Long => "LONG",
            Self::Short => "SHORT",
        }
    }
}

/// A contract in any letter case, as the venue spells it.
fn symbol(text: &str) -> Result<String, String> {
    let symbol = domain::Symbol::new(&text.to_uppercase()).map_err(|error| error.to_string())?;
    Ok(symbol.as_str().into())
}
