//! Seeds of the simulation: what each one plays, and that it holds, is in `tests::sim`.
//!
//! `make sim SEEDS=100000 FROM=1` runs more of them, optimised.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::thread::available_parallelism;

use tests::sim::fleet::{self, Plan};
use tests::sim::{Script, coverage, play};

/// A fifth of what a world computes is small pieces of memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seeds that run with every test run.
const SEEDS: u64 = 2_000;

/// Plays a seed, and fails with its story.
fn hash_of(seed: u64) -> u64 {
    match play(&Script::of(seed)) {
        Ok(played) => played.hash,
        Err(failure) => panic!("{}", failure.story),
    }
}

#[test]
fn seeds_that_failed_once_hold() {
    let seeds = include_str!("../seeds.txt").lines();
    for seed in seeds.filter(|line| !line.starts_with('#') && !line.is_empty()) {
        hash_of(seed.parse().unwrap());
    }
}

#[test]
fn a_seed_runs_the_same_way_twice() {
    for seed in [5, 50, 77] {
        assert_eq!(hash_of(seed), hash_of(seed), "seed {seed}");
    }
    assert_ne!(hash_of(5), hash_of(77), "a hash tells runs apart");
}

#[test]
fn random_worlds_keep_every_truth() {
    let plan = Plan {
        commit: "this one".into(),
        from: 1,
        seeds: SEEDS,
    };
    let threads = available_parallelism().map_or(1, usize::from);
    let state = fleet::run(plan, threads, None, false, |_| {}).unwrap();
    let stories: Vec<String> = state
        .failed
        .iter()
        .map(|(seed, it)| format!("seed {seed}: {}", it.story))
        .collect();
    assert!(stories.is_empty(), "{}", stories.join("\n\n"));
    let holes = coverage::holes(&state.tally, state.seeds);
    assert!(holes.is_empty(), "they went not once through {holes:#?}");
}
