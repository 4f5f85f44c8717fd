//! `exitctl dataset`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::replay::{ReplayCosts, ReplayMarket, ReplayTrades};

/// What to do with data for training.
#[derive(Debug, Subcommand)]
pub enum Dataset {
    /// Replays, and writes each decision with its state, outcome and confidence as Parquet.
    Export(Box<DatasetExport>),
}

/// `dataset export`
#[derive(Debug, Args)]
pub struct DatasetExport {
    #[command(flatten)]
    pub market: ReplayMarket,
    #[command(flatten)]
    pub trades: ReplayTrades,
    #[command(flatten)]
    pub costs: ReplayCosts,
    /// Policy files, with commas between; without them, what ships.
    #[arg(long, value_delimiter = ',', value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// The folder; it is made where it is missing.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Threads; without it one for each core. The files are the same with any number.
    #[arg(long, default_value = "0", hide_default_value = true)]
    pub threads: usize,
    /// No progress bar; there is none without a terminal either.
    #[arg(long, short)]
    pub quiet: bool,
}
