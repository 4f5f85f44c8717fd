//! `exitctl doctor`

use std::path::PathBuf;

use clap::Args;

use super::BusTarget;

/// `doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// The settings file of the services; without it the one that EXITBRAIN_CONFIG names.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also what `venue check` asks, with the keys that the settings name.
    #[arg(long)]
    pub venue: bool,
    /// Where the bus is; the keys are `operator.nk`, `provisioner.nk` and the canaries'. What lacks
    /// its key is not checked, and said so.
    #[command(flatten)]
    pub bus: BusTarget,
}
