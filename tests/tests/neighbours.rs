//! The simulation with services of two releases: every truth holds while they are mixed.
//!
//! Which seed plays what is the simulation's; here some of its services are of the release before,
//! or of the one to come.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::sync::Arc;

use paper_exchange::rng::SplitMix64;
use tests::neighbour::{Additions, Interpreter, Neighbours, Passed, Release};
use tests::sim::{Failure, Script, play_among};
use tests::world::{Service, signer};

/// A fifth of what a world computes is small pieces of memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seeds with one service of another release, and seeds in which each may be of any.
const SEEDS: u64 = 40;

type Others = Arc<Neighbours<Service>>;

fn others(releases: BTreeMap<Service, Release>, additions: Additions) -> Others {
    Arc::new(Neighbours {
        releases,
        interpreter: Interpreter::new(additions, signer()),
    })
}

/// Plays a seed among others, and fails with its story.
fn holds(seed: u64, others: &Others) {
    if let Err(failure) = play_among(&Script::of(seed), Some(Arc::clone(others))) {
        panic!("{:?}\n{}", others.releases, failure.story);
    }
}

fn sum(passed: &mut Passed, others: &Others) {
    let more = others.interpreter.passed();
    passed.reduced += more.reduced;
    passed.extended += more.extended;
    passed.unknown += more.unknown;
}

/// One service taken back, or one rolled out first: everybody else is of this release.
fn one_at_a_time(release: Release) -> Passed {
    let mut passed = Passed::default();
    for seed in 1..=SEEDS {
        let index = usize::try_from(seed).unwrap() % Service::ALL.len();
        let others = others([(Service::ALL[index], release)].into(), Additions::HARMLESS);
        holds(seed, &others);
        sum(&mut passed, &others);
    }
    passed
}

#[test]
fn one_service_of_the_release_before_keeps_every_truth() {
    let passed = one_at_a_time(Release::Previous);
    assert!(passed.reduced > 1_000, "{passed:?}");
}

#[test]
fn one_service_of_the_release_to_come_keeps_every_truth() {
    let passed = one_at_a_time(Release::Next);
    assert!(passed.extended > 1_000 && passed.unknown > 20, "{passed:?}");
}

#[test]
fn services_of_three_releases_keep_every_truth() {
    let mut passed = Passed::default();
    for seed in 1..=SEEDS {
        let mut rng = SplitMix64::new(seed);
        let mut releases = BTreeMap::new();
        for service in Service::ALL {
            match rng.below(3) {
                0 => releases.insert(service, Release::Previous),
                1 => releases.insert(service, Release::Next),
                _ => None,
            };
        }
        let others = others(releases, Additions::HARMLESS);
        holds(seed, &others);
        sum(&mut passed, &others);
    }
    assert!(
        passed.reduced > 1_000 && passed.extended > 1_000,
        "{passed:?}"
    );
}

/// What a first seed says in which `additions` break a truth.
fn breaks(additions: Additions) -> Option<Failure> {
    let others = others([(Service::Gateway, Release::Next)].into(), additions);
    let mut seeds = 1..=SEEDS;
    seeds.find_map(|seed| play_among(&Script::of(seed), Some(Arc::clone(&others))).err())
}

/// Why a value that protection needs takes two releases: said too early, it breaks a truth, and
/// that is found.
#[test]
fn a_status_that_nobody_knows_yet_is_found() {
    let additions = Additions {
        values: &["OrderStatus"],
        choices: &[],
        one_in: 1,
    };
    let failure = breaks(additions).expect("pictures that nobody reads leave positions bare");
    let truth = "everything protected and quiet";
    assert!(failure.story.contains(truth), "{}", failure.story);
}
