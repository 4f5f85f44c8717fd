//! The command line of the simulation.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// The whole system and its venue from seeds, with faults, judged after every step.
#[derive(Debug, Parser)]
#[command(name = "sim")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What it can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Plays many seeds on all cores; interrupted, it goes on with the same command.
    Run(Run),
    /// Plays one seed, and makes it small where it fails.
    Seed(Seed),
}

/// Many seeds.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// How many.
    #[arg(long, env = "SEEDS", default_value_t = 2_000)]
    pub seeds: u64,
    /// The first one.
    #[arg(long, env = "FROM", default_value_t = 1)]
    pub from: u64,
    /// Threads; default: one for each core.
    #[arg(long)]
    pub threads: Option<usize>,
    /// Where the state of an unfinished run is kept; default: none is.
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// Where the report goes; default: stdout.
    #[arg(long, env = "REPORT")]
    pub report: Option<PathBuf>,
    /// A file that failing seeds are added to.
    #[arg(long)]
    pub seeds_file: Option<PathBuf>,
    /// Ends at the first failing chunk: enough for planted bugs.
    #[arg(long)]
    pub until_broken: bool,
}

/// One seed.
#[derive(Debug, clap::Args)]
pub struct Seed {
    /// Which.
    pub seed: u64,
    /// Only these steps of it, with commas between, as a shrunk failure names them.
    #[arg(long, value_delimiter = ',')]
    pub keep: Option<Vec<usize>>,
}
