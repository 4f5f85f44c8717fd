//! One file for each verb.

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Command};
use crate::client;

mod bus;
mod check;
mod connect;
mod flags;
mod kill;
mod manual;
mod plan;
mod plans;
mod policy;
mod positions;
mod provision;
mod status;
mod tp;
mod venue;

/// Does what was typed.
///
/// # Errors
/// [`Trouble`] where it can't be done.
pub async fn run(cli: &Cli) -> Result<Answer, Trouble> {
    let ask = || client::status(&cli.grpc, cli.timeout);
    match &cli.command {
        Command::Status => status::run(&ask().await?, cli.format(), cli.no_color),
        Command::Flags => flags::run(&ask().await?, cli.format()),
        Command::Positions => positions::run(&ask().await?, cli.format()),
        Command::Plans => plans::run(cli).await,
        Command::Plan(verb) => plan::run(verb, cli).await,
        Command::Tp(tp) => tp::run(tp, cli).await,
        Command::Check(check) => check::run(check, cli).await,
        Command::Kill(order) => kill::run(order, cli).await,
        Command::Policy(verb) => policy::run(verb, cli.format()),
        Command::Venue(verb) => venue::run(verb, cli).await,
        Command::Bus(verb) => bus::run(verb, cli).await,
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man => manual::page(),
        Command::Provision(order) => provision::run(order, cli).await,
    }
}
