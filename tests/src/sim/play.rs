//! One script, from the cold start to the quiet end, and what came of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::act;
use super::draw::Script;
use super::settle;
use super::worst::{self, Worst};
use crate::neighbour::Neighbours;
use crate::world::tally::Tally;
use crate::world::{Owner, Service, World, WorldOptions};

/// A script that held every truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Every delivery with its time and content, in one number.
    pub hash: u64,
    /// What it has been through.
    pub tally: Tally,
}

/// A script that broke one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which truth, in one word.
    pub truth: String,
    /// What happened, with the end of the transcript.
    pub story: String,
}

/// Services of other releases in a script.
type Others = Option<Arc<Neighbours<Service>>>;

/// Plays a script.
///
/// # Errors
/// [`Failure`] where a truth does not hold.
pub fn play(script: &Script) -> Result<Played, Failure> {
    play_among(script, None)
}

/// Plays a script in which some services may be of another release.
///
/// # Errors
/// [`Failure`] where a truth does not hold.
pub fn play_among(script: &Script, others: Others) -> Result<Played, Failure> {
    // The lines of the transcript cost more than the run: only a failing one is told.
    attempt(script, &others, false).or_else(|_| attempt(script, &others, true))
}

fn attempt(script: &Script, others: &Others, transcript: bool) -> Result<Played, Failure> {
    catch_unwind(AssertUnwindSafe(|| held(script, others, transcript))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        let story = text.unwrap_or_else(|| "a panic without words".into());
        Failure {
            truth: truth(&story),
            story,
        }
    })
}

fn held(script: &Script, others: &Others, transcript: bool) -> Played {
    let worst = Worst::of(script);
    let mut world = World::new(WorldOptions {
        transcript,
        naked_max: worst.naked_max(script.setup.executors.by_lease()),
        naked_max_of_incumbents: worst::NAKED_MAX_OF_INCUMBENTS,
        neighbours: others.clone(),
        ..script.setup.options()
    });
    for step in &script.steps {
        world.tally_mut().happen(step.action.name());
        if let Some(way) = act::rollback(&step.action) {
            world.tally_mut().happen(way);
        }
        step.action.play(&mut world);
        world.run_for(step.pause);
    }
    settle::recover(&mut world, &script.setup);
    let hash = world.hash();
    let ours = world.longest_naked(Owner::Brain);
    let theirs = world.longest_naked(Owner::Incumbents);
    let mut tally = world.into_tally();
    tally.naked_for(worst.name(), ours);
    tally.naked_for(worst::OF_INCUMBENTS, theirs);
    Played { hash, tally }
}

/// The name of what broke: the first word, without the facts that differ from run to run.
fn truth(story: &str) -> String {
    let line = story.lines().next().unwrap_or_default();
    let name = line.split(':').next().unwrap_or(line);
    let words = name.chars().filter(|it| !it.is_ascii_digit());
    words.take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truth_is_told_apart_by_its_name() {
        let a = truth("I12_loss_keeps_protection: 0.102 covered before\nseed 5");
        let b = truth("I12_loss_keeps_protection: 0.2 covered before\nseed 6");
        assert_eq!((a.as_str(), a == b), ("I_loss_keeps_protection", true));
    }
}
