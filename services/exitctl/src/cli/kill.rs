//! `exitctl kill`

use std::path::PathBuf;

use ::bus::policy::Policy;
use clap::{Args, ValueEnum};
use domain::Account;
use domain::mode::Mode;

use super::{BusTarget, Confirm, ServerProgram};

/// `kill`
#[derive(Debug, Args)]
pub struct Kill {
    /// Where to go; there is no way up here.
    #[arg(long, value_enum)]
    pub to: KillTo,
    /// `--yes` and the mode.
    #[command(flatten)]
    pub confirm: Confirm,
    /// Where the bus is; the key is `operator.nk`, with --direct too, and with --bus-config also
    /// those of `bus apply`.
    #[command(flatten)]
    pub bus: BusTarget,
    /// Then puts the bus's policy of that mode in force, as `bus apply` does: the server's
    /// configuration file. Whatever comes of the kill, for the incumbents must be let through.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["direct", "no_wait"])]
    pub bus_config: Option<PathBuf>,
    /// Who looks at that file before the server does.
    #[command(flatten)]
    pub program: ServerProgram,
    /// Don't wait until the mode in force has changed.
    #[arg(long, conflicts_with = "direct")]
    pub no_wait: bool,
    /// Not over the bus: to the gateway's own port. Works with the bus down.
    #[arg(long, conflicts_with = "dry_run")]
    pub direct: bool,
    /// For --direct: the gateway's own port. In a cluster: kubectl port-forward deploy/gateway 8082
    #[arg(long, env = "EXITCTL_GATEWAY", default_value = "http://127.0.0.1:8082")]
    pub gateway: String,
    /// For --direct: the account whose gateway is meant, as its settings name it.
    #[arg(long, default_value = "main", value_parser = account)]
    pub account: Account,
}

/// Where a kill can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KillTo {
    /// The executor decides and records; the incumbents act.
    Shadow,
    /// The incumbents own exits.
    Legacy,
}

impl From<KillTo> for Mode {
    fn from(to: KillTo) -> Self {
        match to {
            KillTo::Shadow => Self::Shadow,
            KillTo::Legacy => Self::Legacy,
        }
    }
}

impl From<KillTo> for Policy {
    fn from(to: KillTo) -> Self {
        match to {
            KillTo::Shadow => Self::Shadow,
            KillTo::Legacy => Self::Legacy,
        }
    }
}

/// The name of an account.
pub fn account(name: &str) -> Result<Account, String> {
    Account::new(name).map_err(|error| error.to_string())
}
