//! One file for each verb.

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Command, Format};
use crate::client;

mod bus;
mod check;
mod config;
mod confirm;
mod connect;
mod dataset;
mod decisions;
mod doctor;
mod flags;
mod flatten;
mod kill;
mod manual;
mod plan;
mod plans;
mod policy;
mod positions;
mod provision;
mod replay;
mod shadow;
mod status;
mod story;
mod tp;
mod venue;
mod watch;

/// Does what was typed.
///
/// # Errors
/// [`Trouble`] where it can't be done.
pub async fn run(cli: &Cli) -> Result<Answer, Trouble> {
    if cli.format() == Format::Html && !matches!(cli.command, Command::Shadow(_)) {
        return Err(Trouble::Usage(
            "-o html is for shadow report; use table, wide, json, jsonl or yaml".into(),
        ));
    }
    let ask = || client::status(&cli.grpc, cli.timeout);
    match &cli.command {
        Command::Status(watch) => {
            let show = async || status::run(&ask().await?, cli.format(), cli.no_color);
            watch::repeat(watch, cli, show).await
        }
        Command::Flags(watch) => {
            let show = async || flags::run(&ask().await?, cli.format());
            watch::repeat(watch, cli, show).await
        }
        Command::Positions(watch) => {
            let show = async || positions::run(&ask().await?, cli.format());
            watch::repeat(watch, cli, show).await
        }
        Command::Plans(watch) => watch::repeat(watch, cli, async || plans::run(cli).await).await,
        Command::Plan(verb) => plan::run(verb, cli).await,
        Command::Decisions(verb) => decisions::run(verb, cli).await,
        Command::Story(asked) => story::run(asked, cli).await,
        Command::Tp(tp) => tp::run(tp, cli).await,
        Command::Check(check) => check::run(check, cli).await,
        Command::Doctor(asked) => doctor::run(asked, cli).await,
        Command::Kill(order) => kill::run(order, cli).await,
        Command::Flatten(order) => flatten::run(order, cli).await,
        Command::Shadow(verb) => shadow::run(verb, cli.format()),
        Command::Policy(verb) => policy::run(verb, cli.format()),
        Command::Replay(asked) => replay::run(asked, cli.format()),
        Command::Dataset(verb) => dataset::run(verb, cli.format()),
        Command::Config(verb) => config::run(verb, cli.format()),
        Command::Venue(verb) => venue::run(verb, cli).await,
        Command::Bus(verb) => bus::run(verb, cli).await,
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man => manual::page(),
        Command::Provision(order) => provision::run(order, cli).await,
    }
}
