//! Walks a model to its end, and tells how far that was.

use std::fmt::Debug;
use std::hash::Hash;

use stateright::{Checker, HasDiscoveries, Model, Path};

use crate::output::say;

/// As many as the smallest machine has that the tests run on.
const THREADS: usize = 2;

/// A model that tells its size: its name, the faults of one history, and its moments.
pub trait Walked:
    Model<
        State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
        Action: Clone + Debug + PartialEq + Send + Sync + 'static,
    > + Send
    + Sync
    + 'static
{
    fn size(&self) -> (&'static str, u8, usize);
}

/// Walks every state; panics with the shortest way to a broken truth, or where something that must
/// be possible never happens.
pub fn holds<M: Walked>(world: M) {
    let (name, faults, moments) = world.size();
    let checker = world.checker().threads(THREADS);
    let walk = checker
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let truths = walk.model().properties();
    for (broken, path) in walk.discoveries() {
        let truth = truths.iter().find(|it| it.name == broken).unwrap();
        let way = path.into_actions();
        let is_failure = truth.expectation.discovery_is_failure();
        assert!(
            !is_failure,
            "{name}: {broken:?} does not hold after {way:?}"
        );
    }
    walk.assert_properties();
    assert!(walk.is_done(), "{name}: not walked to its end");
    let (states, depth) = (walk.unique_state_count(), walk.max_depth());
    say(&format!(
        "| {name} | {faults} faults | {moments} moments | {states} states | depth {depth} |"
    ));
}

/// Walks until `truth` is broken: the model can fail.
pub fn fails<M: Walked>(world: M, truth: &'static str) {
    let (name, ..) = world.size();
    let checker = world.checker().threads(THREADS);
    let walk = checker
        .finish_when(HasDiscoveries::AnyOf([truth].into()))
        .spawn_bfs()
        .join();
    let way = walk.discovery(truth).map(Path::into_actions);
    assert!(way.is_some(), "{name}: {truth:?} was never broken");
    say(&format!("{name}: {truth:?} is broken by {way:?}"));
}
