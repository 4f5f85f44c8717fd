//! `exitctl venue`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::Symbol;

/// `venue`
#[derive(Debug, Subcommand)]
pub enum Venue {
    /// Checks keys, rights, modes, clock, symbols, limits and stops. Changes nothing: GET alone,
    /// about 140 of a minute's request weight. 0 all is well, 3 something is not, 4 no venue.
    Check(VenueCheck),
}

/// `venue check`
#[derive(Debug, Default, Args)]
pub struct VenueCheck {
    /// The gateway's settings; without it the file that EXITBRAIN_CONFIG names. Variables
    /// EXITBRAIN__SECTION__KEY count here as they do for the gateway.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Instead of `venue.rest_url`.
    #[arg(long)]
    pub rest_url: Option<String>,
    /// Instead of `venue.ws_api_url`; empty for none.
    #[arg(long)]
    pub ws_api_url: Option<String>,
    /// Instead of `venue.key_file`.
    #[arg(long)]
    pub key_file: Option<PathBuf>,
    /// Instead of `venue.secret_file`.
    #[arg(long)]
    pub secret_file: Option<PathBuf>,
    /// Instead of `venue.position_mode`.
    #[arg(long, value_enum)]
    pub position_mode: Option<VenueMode>,
    /// Instead of `market.symbols`; may be given several times.
    #[arg(long = "symbol", value_parser = |text: &str| Symbol::new(&text.to_uppercase()))]
    pub symbols: Vec<Symbol>,
    /// Also makes a listen key: a POST, which changes nothing that is traded.
    #[arg(long)]
    pub with_stream: bool,
}

/// How the account should keep positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VenueMode {
    /// One position a symbol.
    #[value(name = "one_way")]
    OneWay,
    /// A long and a short one.
    Hedge,
}
