//! `exitctl config`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use runtime::config::explain::SERVICES;

/// What to do with the services' settings.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Every setting with its value, who set it, its type and what it is for: what a service would
    /// work by that is started here, with this environment.
    Explain(ConfigExplain),
}

/// `config explain`
#[derive(Debug, Args)]
pub struct ConfigExplain {
    /// Only what this service reads.
    #[arg(long, value_parser = PossibleValuesParser::new(SERVICES))]
    pub service: Option<String>,
    /// The settings file; without it the one that EXITBRAIN_CONFIG names.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}
