//! Runs the whole system on one machine: `run` until Ctrl-C, `smoke` for a while, with a verdict;
//! `flags` restarts the services of a `run` with other flags.

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::Value;
use tests::system::{System, SystemError};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{self, Instant};

mod args;
mod handle;
mod output;
mod summary;

use args::{Args, Verb};
use handle::Handle;
use summary::Summary;

/// Heartbeats come every second.
const SETTLE_MAX: Duration = Duration::from_secs(3);
/// How often it is looked whether everything still runs.
const WATCH: Duration = Duration::from_millis(250);

fn main() -> ExitCode {
    let args = Args::parse();
    // One thread: the processes are bound to the thread that started them.
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fault(&error.to_string()),
    };
    match runtime.block_on(live(&args)) {
        Ok(code) => code,
        Err(error) => output::fault(&error),
    }
}

async fn live(args: &Args) -> Result<ExitCode, String> {
    let mut ends = Ends::new().map_err(|error| format!("no signal handlers: {error}"))?;
    if args.verb == Verb::Flags {
        let changed = handle::change(&args.runs, |name| env::var(name).ok()).await?;
        output::flags(&changed);
        return Ok(ExitCode::SUCCESS);
    }
    let options = args.options();
    output::note(&format!("starting in {}", options.parsed_flags().resolve()));
    let mut system = tokio::select! {
        () = ends.asked() => return Ok(ExitCode::SUCCESS),
        started = System::start(options) => started.map_err(|error| error.to_string())?,
    };
    output::addresses(&system.addresses());
    let outcome = if args.verb == Verb::Smoke {
        smoke(&mut system, &mut ends, args.duration).await
    } else {
        run(&mut system, &mut ends, &args.runs).await
    };
    output::note("stopping");
    for name in system.stop() {
        output::note(&format!("{name} did not stop when asked and was killed"));
    }
    outcome
}

async fn run(system: &mut System, ends: &mut Ends, runs: &Path) -> Result<ExitCode, String> {
    let handle = Handle::create(runs, system.files().root(), &system.addresses());
    let handle = handle.map_err(|error| format!("no handle for other shells: {error}"))?;
    output::note("running; Ctrl-C stops it");
    loop {
        match watch(system, ends, None, Some(&handle)).await {
            Outcome::Died => return Ok(ExitCode::FAILURE),
            Outcome::Over => return Ok(ExitCode::SUCCESS),
            Outcome::Flags(flags) => {
                let changed = system.change_flags(&flags).await;
                changed.map_err(|error| error.to_string())?;
                handle
                    .taken()
                    .map_err(|error| format!("the flags: {error}"))?;
                output::flags(&flags);
            }
        }
    }
}

async fn smoke(
    system: &mut System,
    ends: &mut Ends,
    duration: Duration,
) -> Result<ExitCode, String> {
    output::note(&format!("running for {duration:?}"));
    let deadline = Some(Instant::now() + duration);
    let all_alive = watch(system, ends, deadline, None).await != Outcome::Died;
    let told = |error: SystemError| error.to_string();
    let report = system.report().await.map_err(told)?;
    // Our counters travel by heartbeats: those of the last second are waited for.
    let counted = |status: &Value| Summary::of(status, &report).0.counts_all_orders();
    let settled = system
        .await_status("the last orders to be counted", SETTLE_MAX, counted)
        .await;
    let status = match settled {
        Ok(status) => status,
        Err(_) => system.status().await.map_err(told)?,
    };
    let (summary, missing) = Summary::of(&status, &report);
    for name in &missing {
        output::note(&format!("{name} is told by nobody"));
    }
    for (name, count) in summary.broken() {
        output::note(&format!("invariant broken: {name}, {count} times"));
    }
    let unprotected = summary.unprotected();
    if let Some(told) = &unprotected {
        output::note(told);
    }
    output::result(&summary);
    let kept = summary.invariants_broken == 0 && unprotected.is_none();
    let passed = all_alive && missing.is_empty() && kept;
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Why nothing is waited for any longer.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// A process ended by itself.
    Died,
    /// It was long enough, or somebody asked.
    Over,
    /// Somebody wants other flags.
    Flags(Vec<(String, String)>),
}

/// Waits until `deadline` or a signal, until a process ends by itself, or for flags by `handle`.
async fn watch(
    system: &mut System,
    ends: &mut Ends,
    deadline: Option<Instant>,
    handle: Option<&Handle>,
) -> Outcome {
    loop {
        let dead = system.dead();
        if !dead.is_empty() {
            dead.iter().for_each(output::death);
            return Outcome::Died;
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Outcome::Over;
        }
        if let Some(flags) = handle.and_then(Handle::wanted) {
            return Outcome::Flags(flags);
        }
        tokio::select! {
            () = ends.asked() => return Outcome::Over,
            () = time::sleep(WATCH) => {}
        }
    }
}

/// The signals that ask us to end.
struct Ends([Signal; 3]);

impl Ends {
    fn new() -> std::io::Result<Self> {
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn asked(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
