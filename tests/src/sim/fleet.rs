//! Many seeds on all cores, in chunks; after each chunk the state is written, so that a run that
//! was interrupted goes on where it stopped.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::draw::Script;
use super::play::{Failure, play};
use crate::world::tally::Tally;

/// Seeds of one chunk.
pub const CHUNK: u64 = 250;
/// Every so many seeds one is played twice, and must give the same hash.
const TWICE_EVERY: u64 = 997;
/// Failing seeds that are kept with their story; more are only counted.
const STORIES_MAX: usize = 50;

/// Why a run can't begin or go on.
#[derive(Debug, Error)]
pub enum FleetError {
    /// The state file can't be read or written.
    #[error("the state file {path}: {error}; name another one with --state, or remove it")]
    State {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It belongs to another run.
    #[error("the state file {path} is of {found}, this run is {wanted}; remove it to begin anew")]
    Other {
        /// Which.
        path: PathBuf,
        /// What it belongs to.
        found: String,
        /// What was asked for.
        wanted: String,
    },
}

/// Which seeds of which program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The commit of the program, with a mark where something was changed since.
    pub commit: String,
    /// The first seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
}

impl Plan {
    fn words(&self) -> String {
        format!(
            "seeds {}..{} of {}",
            self.from,
            self.from + self.seeds,
            self.commit
        )
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which run.
    pub plan: Plan,
    /// Chunks that are done, by number, in order.
    pub done: Vec<u64>,
    /// Seeds that held every truth, or broke one.
    pub seeds: u64,
    /// Counters of all of them.
    pub tally: Tally,
    /// Seeds that were played twice with one result.
    pub twice: u64,
    /// Failing seeds: truth and story.
    pub failed: BTreeMap<u64, Failure>,
    /// Failing seeds, those without a story too.
    pub failures: u64,
    /// Wall time so far, ms.
    pub wall_ms: u64,
    /// CPU time so far, all threads, ms.
    pub cpu_ms: u64,
}

impl State {
    fn new(plan: Plan) -> Self {
        Self {
            plan,
            done: Vec::new(),
            seeds: 0,
            tally: Tally::default(),
            twice: 0,
            failed: BTreeMap::new(),
            failures: 0,
            wall_ms: 0,
            cpu_ms: 0,
        }
    }

    /// Simulated events in a second of CPU time, on one core.
    #[must_use]
    pub fn events_per_second(&self) -> u64 {
        self.tally.events() * 1_000 / self.cpu_ms.max(1)
    }

    fn add(&mut self, chunk: u64, part: Part) {
        self.done.push(chunk);
        self.done.sort_unstable();
        self.seeds += part.seeds;
        self.tally.add(&part.tally);
        self.twice += part.twice;
        for (seed, failure) in part.failed {
            self.failures += 1;
            if self.failed.len() < STORIES_MAX {
                self.failed.insert(seed, failure);
            }
        }
    }
}

/// One chunk's results.
#[derive(Debug, Default)]
struct Part {
    seeds: u64,
    tally: Tally,
    twice: u64,
    failed: Vec<(u64, Failure)>,
}

/// Runs a plan on `threads` threads, going on from the state file where there is one, and tells
/// `told` after each chunk; `until_broken` begins no chunk any more once a truth is broken.
///
/// # Errors
/// [`FleetError`] where the state can't be kept.
pub fn run(
    plan: Plan,
    threads: usize,
    file: Option<&Path>,
    until_broken: bool,
    told: impl Fn(&State) + Sync,
) -> Result<State, FleetError> {
    let state = match file {
        Some(path) => load(path, &plan)?,
        None => State::new(plan.clone()),
    };
    let clock = Clock::new(&state);
    let chunks = plan.seeds.div_ceil(CHUNK);
    let todo: Vec<u64> = (0..chunks).filter(|it| !state.done.contains(it)).collect();
    let todo = Mutex::new(todo.into_iter());
    let state = Mutex::new(state);
    let worker = || -> Result<(), FleetError> {
        loop {
            let enough = until_broken && locked(&state).failures > 0;
            let next = locked(&todo).next().filter(|_| !enough);
            let Some(chunk) = next else {
                return Ok(());
            };
            let part = play_chunk(&plan, chunk);
            let mut state = locked(&state);
            state.add(chunk, part);
            (state.wall_ms, state.cpu_ms) = clock.read();
            if let Some(path) = file {
                save(path, &state)?;
            }
            told(&state);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|it| {
            it.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    Ok(state.into_inner().unwrap_or_else(|it| it.into_inner()))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|it| it.into_inner())
}

fn play_chunk(plan: &Plan, chunk: u64) -> Part {
    let from = plan.from + chunk * CHUNK;
    let end = (from + CHUNK).min(plan.from + plan.seeds);
    let mut part = Part::default();
    for seed in from..end {
        part.seeds += 1;
        match play_seed(seed, &mut part) {
            Ok(tally) => part.tally.add(&tally),
            Err(failure) => part.failed.push((seed, failure)),
        }
    }
    part
}

fn play_seed(seed: u64, part: &mut Part) -> Result<Tally, Failure> {
    let script = Script::of(seed);
    let played = play(&script)?;
    if seed.is_multiple_of(TWICE_EVERY) {
        let again = play(&script)?;
        if again.hash != played.hash {
            return Err(Failure {
                truth: "a seed runs the same way twice".into(),
                story: format!("seed {seed}: {:x}, then {:x}", played.hash, again.hash),
            });
        }
        part.twice += 1;
    }
    Ok(played.tally)
}

fn load(path: &Path, plan: &Plan) -> Result<State, FleetError> {
    let failed = |error| FleetError::State {
        path: path.into(),
        error,
    };
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(State::new(plan.clone()));
        }
        Err(error) => return Err(failed(error)),
    };
    let state: State = serde_json::from_slice(&text).map_err(|error| failed(error.into()))?;
    if state.plan == *plan {
        return Ok(state);
    }
    Err(FleetError::Other {
        path: path.into(),
        found: state.plan.words(),
        wanted: plan.words(),
    })
}

/// Whole, or not at all: the new state takes the place of the old one.
fn save(path: &Path, state: &State) -> Result<(), FleetError> {
    let failed = |error| FleetError::State {
        path: path.into(),
        error,
    };
    let text = serde_json::to_vec(state).map_err(|error| failed(error.into()))?;
    let fresh = path.with_extension("new");
    fs::write(&fresh, text).map_err(failed)?;
    fs::rename(&fresh, path).map_err(failed)
}

/// Wall and CPU time, counted on from an earlier part of the run.
struct Clock {
    began: Instant,
    cpu_began_ms: u64,
    before: (u64, u64),
}

impl Clock {
    fn new(state: &State) -> Self {
        Self {
            began: Instant::now(),
            cpu_began_ms: cpu_ms(),
            before: (state.wall_ms, state.cpu_ms),
        }
    }

    fn read(&self) -> (u64, u64) {
        let wall = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let cpu = cpu_ms() - self.cpu_began_ms;
        (self.before.0 + wall, self.before.1 + cpu)
    }
}

fn cpu_ms() -> u64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
        return 0;
    };
    let ms = |time: nix::sys::time::TimeVal| {
        u64::try_from(time.tv_sec() * 1_000 + time.tv_usec() / 1_000).unwrap_or_default()
    };
    ms(usage.user_time()) + ms(usage.system_time())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            commit: "abc".into(),
            from: 1,
            seeds: 1_000,
        }
    }

    #[test]
    fn a_run_goes_on_where_it_stopped() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("state.json");
        let mut state = State::new(plan());
        state.add(
            2,
            Part {
                seeds: CHUNK,
                ..Part::default()
            },
        );
        save(&path, &state).expect("it is written");
        assert_eq!(load(&path, &plan()).expect("it is read"), state);
    }

    #[test]
    fn the_state_of_another_program_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("state.json");
        save(&path, &State::new(plan())).expect("it is written");
        let other = Plan {
            commit: "def".into(),
            ..plan()
        };
        let error = load(&path, &other).expect_err("another commit");
        assert!(error.to_string().contains("of abc"), "{error}");
    }
}
