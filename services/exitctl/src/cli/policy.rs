//! `exitctl policy`.

use std::path::PathBuf;

use clap::Subcommand;

/// What to do with a policy file.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Can the file be used, and what does it change? All faults at once and exit code 3 if not.
    Check {
        /// The policy file.
        file: PathBuf,
    },
    /// Prints every number as it is with the file, in the form of one.
    Show {
        /// The policy file; without it, what ships.
        file: Option<PathBuf>,
    },
}
