//! `make sim-mutants`: builds each planted bug in a copy of the project, and lets the simulation
//! look for it.

mod output;
mod tree;

use std::process::ExitCode;

use clap::Parser;
use tests::mutants::{self, Mutant};

use tree::Tree;

/// Seeds within which each bug must be found.
const SEEDS: u64 = 1_000;

/// Planted bugs on trial.
#[derive(Debug, Parser)]
#[command(name = "mutants")]
struct Args {
    /// Only these, by name; default: all, and first the project as it is.
    names: Vec<String>,
}

fn main() -> ExitCode {
    match trial(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            output::note(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

type Failed = Box<dyn std::error::Error>;

fn trial(args: &Args) -> Result<bool, Failed> {
    let tree = Tree::new()?;
    let mut well = true;
    if args.names.is_empty() {
        let found = tree.simulate(SEEDS)?;
        output::row("none", "the project as it is", found.as_deref());
        well = found.is_none();
    }
    let wanted = |it: &Mutant| args.names.is_empty() || args.names.contains(&it.name);
    for mutant in mutants::all()?.into_iter().filter(wanted) {
        tree.plant(&mutant)?;
        let found = tree.simulate(SEEDS);
        tree.restore(&mutant)?;
        let found = found?;
        output::row(&mutant.name, &mutant.says, found.as_deref());
        well &= found.is_some();
    }
    Ok(well)
}
