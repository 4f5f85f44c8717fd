//! What was added to scripts after others had failed: some seeds have it, drawn from an rng of its
//! own, so that all others play what they always did.

use bus::policy::Policy as ServerPolicy;
use domain::Span;
use paper_exchange::rng::SplitMix64;

use super::act::Action;
use super::draw::Step;
use super::faults;
use super::setup::Setup;

/// One kind of it.
struct Added {
    /// Every so many seeds one has it; of a remainder that none of the seeds had which were kept at
    /// the time.
    every: u64,
    remainder: u64,
    /// Tells its draws from all others.
    stream: u64,
    /// So often in one script at most.
    most: usize,
    /// Time after it, ms, at most.
    pause_max_ms: usize,
    /// What is done.
    action: fn(&mut SplitMix64, &Setup) -> Action,
}

const ADDED: [Added; 3] = [
    // The policy of the bus against the flags: changed too early, too late, or to the wrong one;
    // for less than a word takes, or for more than an intent is valid.
    Added {
        every: 23,
        remainder: 1,
        stream: 0x0b05_0b05_0b05_0b05,
        most: 3,
        pause_max_ms: 3_000,
        action: policy,
    },
    // The operator wants positions closed.
    Added {
        every: 17,
        remainder: 15,
        stream: 0x0f1a_77e2_0f1a_77e2,
        most: 2,
        pause_max_ms: 2_000,
        action: flatten,
    },
    // The venue misbehaves for a while, its clock is wrong, the listen key dies.
    Added {
        every: 19,
        remainder: 10,
        stream: 0x71de_c10c_71de_c10c,
        most: 2,
        pause_max_ms: 4_000,
        action: while_it_lasts,
    },
];

/// Adds to the steps of a seed what it has.
pub fn add(seed: u64, setup: &Setup, steps: &mut Vec<Step>) {
    for added in ADDED.iter().filter(|it| seed % it.every == it.remainder) {
        let mut rng = SplitMix64::new(seed ^ added.stream);
        for _ in 0..=index(&mut rng, added.most) {
            let at = index(&mut rng, steps.len() + 1);
            let action = (added.action)(&mut rng, setup);
            let pause = i64::try_from(1 + index(&mut rng, added.pause_max_ms));
            let pause = Span::from_millis(pause.unwrap_or_default());
            steps.insert(at, Step { action, pause });
        }
    }
}

fn policy(rng: &mut SplitMix64, _: &Setup) -> Action {
    const POLICIES: [ServerPolicy; 4] = [
        ServerPolicy::Shadow,
        ServerPolicy::Live,
        ServerPolicy::Staged,
        ServerPolicy::Legacy,
    ];
    Action::Policy(POLICIES[index(rng, POLICIES.len())])
}

/// Of one symbol, or of all.
fn flatten(rng: &mut SplitMix64, setup: &Setup) -> Action {
    let traded = setup.traded();
    Action::Flatten(traded.get(index(rng, 2 * traded.len())).copied())
}

fn while_it_lasts(rng: &mut SplitMix64, _: &Setup) -> Action {
    Action::Venue(Box::new(faults::for_a_while(rng)))
}

fn index(rng: &mut SplitMix64, len: usize) -> usize {
    let below = rng.below(u64::try_from(len).unwrap_or(u64::MAX));
    usize::try_from(below).unwrap_or_default()
}
