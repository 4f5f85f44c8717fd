//! The policy of the bus against the flags: changed too early, too late, or to the wrong one.

use bus::policy::Policy as ServerPolicy;
use domain::Span;
use paper_exchange::rng::SplitMix64;

use super::act::Action;
use super::draw::Step;

/// Every so many seeds one in which somebody changes it; of a remainder that none of the seeds has
/// which are kept, so that those play what they played when they failed.
const EVERY: u64 = 23;
const REMAINDER: u64 = 1;
/// Tells the draws of these steps from those of the rest, so that all other seeds stay as they are.
const OWN_STREAM: u64 = 0x0b05_0b05_0b05_0b05;
/// Changes in one script at most.
const CHANGES_MAX: usize = 3;
/// Time after a change, ms: from less than a word takes to more than an intent is valid.
const PAUSE_MAX_MS: usize = 3_000;

const POLICIES: [ServerPolicy; 4] = [
    ServerPolicy::Shadow,
    ServerPolicy::Live,
    ServerPolicy::Staged,
    ServerPolicy::Legacy,
];

/// Adds changes to the steps of a seed that has some.
pub fn add(seed: u64, steps: &mut Vec<Step>) {
    if seed % EVERY != REMAINDER {
        return;
    }
    let mut rng = SplitMix64::new(seed ^ OWN_STREAM);
    let mut index = |len: usize| {
        let below = rng.below(u64::try_from(len).unwrap_or(u64::MAX));
        usize::try_from(below).unwrap_or_default()
    };
    for _ in 0..=index(CHANGES_MAX) {
        let at = index(steps.len() + 1);
        let action = Action::Policy(POLICIES[index(POLICIES.len())]);
        let pause = i64::try_from(1 + index(PAUSE_MAX_MS)).unwrap_or_default();
        let pause = Span::from_millis(pause);
        steps.insert(at, Step { action, pause });
    }
}
