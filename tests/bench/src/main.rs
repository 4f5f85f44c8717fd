//! `bench`: every figure on a line of JSON, each beside its own floor of the same run.
//!
//! `--only book,xp1` runs some of them, `--rounds N` measures longer.

mod relay;
mod run;

use std::process::ExitCode;

use clap::Parser;

/// As the services: an allocator that is fast, so that the rules are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How fast it is.
#[derive(Debug, Clone, Parser)]
struct Args {
    /// A process of its own for a part of a bench.
    #[command(subcommand)]
    part: Option<Part>,
    /// Which benches, with commas between; all where none is named.
    #[arg(long, value_delimiter = ',', env = "ONLY")]
    only: Vec<String>,
    /// How often each thing is measured, in turn with its floor.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
}

/// What such a process does.
#[derive(Debug, Clone, clap::Subcommand)]
enum Part {
    /// Something of the floor of `wire`.
    #[command(flatten)]
    Wire(relay::Part),
    /// Grows, and says by how many bytes.
    #[command(hide = true)]
    Weigh {
        /// By what.
        what: run::memory::Weighed,
        /// For so many positions.
        count: usize,
    },
}

impl Part {
    fn run(self) -> ExitCode {
        let done = match self {
            Self::Wire(part) => part.run(),
            Self::Weigh { what, count } => {
                run::memory::weigh(what, count);
                Ok(())
            }
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                run::note(&fault.to_string());
                ExitCode::FAILURE
            }
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(part) = args.part {
        return part.run();
    }
    let only: Vec<&str> = args
        .only
        .iter()
        .map(|it| it.trim())
        .filter(|it| !it.is_empty())
        .collect();
    let unknown = only
        .iter()
        .find(|name| !run::BENCHES.iter().any(|it| it.0 == **name));
    if let Some(unknown) = unknown {
        run::note(&format!("--only {unknown:?} is none of {}", run::names()));
        return ExitCode::from(2);
    }
    let wanted = run::BENCHES
        .iter()
        .filter(|it| only.is_empty() || only.contains(&it.0));
    for (name, bench) in wanted {
        run::note(name);
        bench(args.rounds.max(1));
    }
    ExitCode::SUCCESS
}
