//! The operator's hand: asks the running system, never its own environment, and can pull it down.

mod answer;
mod cli;
mod client;
mod command;
mod output;
mod render;
mod signals;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;

use answer::{Answer, Trouble};
use cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(answer) => output::answer(&answer),
        Err(trouble) => output::trouble(&trouble),
    }
}

fn run(cli: &Cli) -> Result<Answer, Trouble> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Failure(format!("no runtime: {error}")))?;
    runtime.block_on(command::run(cli))
}
