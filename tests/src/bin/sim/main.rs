//! `sim run` and `sim seed`: the simulation outside the test runner.

mod args;
mod output;
mod program;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::Parser as _;
use tests::sim::coverage;
use tests::sim::fleet::{self, Plan, State};
use tests::sim::report;
use tests::sim::shrink::shrink;
use tests::sim::{Script, play};

use args::{Args, Run, Seed, Verb};

/// A simulated world makes and drops millions of small messages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Failing seeds that are made small at the end of a run.
const SHRUNK_MAX: usize = 5;

fn main() -> ExitCode {
    // A failing seed panics inside; its words are told with the seed.
    std::panic::set_hook(Box::new(|_| {}));
    let done = match Args::parse().verb {
        Verb::Run(run) => many(&run),
        Verb::Seed(seed) => one(&seed),
    };
    done.unwrap_or_else(|error| {
        output::note(&error.to_string());
        ExitCode::FAILURE
    })
}

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

fn many(run: &Run) -> Done {
    let plan = Plan {
        commit: program::identity()?,
        from: run.from,
        seeds: run.seeds,
    };
    let cores = available_parallelism().map_or(1, usize::from);
    let threads = run.threads.unwrap_or(cores);
    if let Some(folder) = run.state.as_deref().and_then(Path::parent) {
        fs::create_dir_all(folder)?;
    }
    let state = fleet::run(
        plan,
        threads,
        run.state.as_deref(),
        run.until_broken,
        output::progress,
    )?;
    let command = format!("make sim SEEDS={} FROM={}", run.seeds, run.from);
    let text = report::markdown(&state, threads, &command)?;
    match &run.report {
        Some(path) => fs::write(path, &text)?,
        None => output::say(&text),
    }
    record(&state, run.seeds_file.as_deref())?;
    for (seed, _) in state.failed.iter().take(SHRUNK_MAX) {
        if !run.until_broken {
            small(*seed)?;
        }
    }
    if let Some(path) = run.state.as_deref() {
        fs::remove_file(path)?;
    }
    let holes = coverage::holes(&state.tally, state.seeds);
    for hole in &holes {
        output::note(&format!("not once in {} seeds: {}", hole.per, hole.what));
    }
    let well = state.failures == 0 && holes.is_empty();
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn one(wanted: &Seed) -> Done {
    let Some(kept) = &wanted.keep else {
        return small(wanted.seed);
    };
    let script = Script::of(wanted.seed).only(kept);
    Ok(match play(&script) {
        Ok(played) => {
            output::say(&format!("holds; hash {:016x}", played.hash));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            output::say(&failure.story);
            ExitCode::FAILURE
        }
    })
}

/// Plays a seed; where it fails, says how, in as few steps as can be found.
fn small(seed: u64) -> Done {
    let script = Script::of(seed);
    let failure = match play(&script) {
        Ok(played) => {
            output::say(&format!("seed {seed} holds; hash {:016x}", played.hash));
            return Ok(ExitCode::SUCCESS);
        }
        Err(failure) => failure,
    };
    let shrunk = shrink(&script, &failure);
    let kept: Vec<String> = shrunk.kept.iter().map(ToString::to_string).collect();
    output::say(&shrunk.failure.story);
    output::say(&format!("{:?}", shrunk.script.setup));
    for step in &shrunk.script.steps {
        output::say(&format!(
            "{:?}, then {} ms",
            step.action,
            step.pause.millis()
        ));
    }
    output::say(&format!(
        "seed {seed} of {}, {} of {} steps: sim seed {seed} --keep {}",
        program::identity()?,
        kept.len(),
        script.steps.len(),
        kept.join(","),
    ));
    Ok(ExitCode::FAILURE)
}

/// Adds failing seeds to those that run first from now on.
fn record(state: &State, file: Option<&Path>) -> std::io::Result<()> {
    let Some(path) = file else {
        return Ok(());
    };
    let known = fs::read_to_string(path)?;
    let known: Vec<&str> = known.lines().collect();
    let mut file = fs::OpenOptions::new().append(true).open(path)?;
    for seed in state.failed.keys().map(ToString::to_string) {
        if !known.contains(&seed.as_str()) {
            writeln!(file, "{seed}")?;
        }
    }
    Ok(())
}
