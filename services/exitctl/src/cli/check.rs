//! `exitctl check`.

use clap::{Args, Subcommand, ValueEnum};

use super::VenueCheck;

/// `check`
#[derive(Debug, Args)]
pub struct CheckOrder {
    /// How to print; without it as `-o` says. The exit code is the same in each.
    #[arg(long, global = true, value_enum)]
    pub format: Option<CheckFormat>,
    /// What to check.
    #[command(subcommand)]
    pub check: Check,
}

/// How a check prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// A line for people.
    Text,
    /// A document for programs.
    Json,
    /// A line with performance data.
    Nagios,
    /// A text exposition, for the textfile collector of a node exporter.
    Prometheus,
}

/// What to check.
#[derive(Debug, Subcommand)]
pub enum Check {
    /// Does every open position have its stop?
    Naked,
    /// Do flags, services and effective mode agree?
    Flags,
    /// Are the services heard over the bus, and is nothing refused?
    Bus,
    /// Is the venue as the gateway needs it? Asks what `venue check` asks.
    Venue(VenueCheck),
}

impl Check {
    /// Its name on the command line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Naked => "naked",
            Self::Flags => "flags",
            Self::Bus => "bus",
            Self::Venue(_) => "venue",
        }
    }
}
