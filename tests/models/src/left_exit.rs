//! A demotion while everything is being closed: the successor finishes what the executor has begun,
//! and never beside it.

use stateright::Property;

use crate::desk::Bug;
use crate::heir::HEIR;
use crate::parts::{disaster, plan, stop_at};
use crate::truths::{ALL_WELL, always};
use crate::walk::{fails, holds};
use crate::world::{Fault, State, World};

const ENDS_FLAT: &str = "an exit that was handed over ends flat, with nothing left";
const ONE_CLOSE: &str = "one close of a position at a time";

/// Whether the successor was told that an exit was begun.
fn is_handed(state: &State) -> bool {
    let heir = state.desks[1].heir.as_ref();
    heir.is_some_and(|heir| heir.was_handed)
}

/// Closes of the successor or of the executor on their way to the venue.
fn closes(state: &State, of_heir: bool) -> usize {
    let flying = state.house.flying.iter().map(|(_, asked)| asked);
    flying
        .filter(|asked| asked.is_market() && (asked.module == HEIR) == of_heir)
        .count()
}

/// The portfolio's emergency stop is pulled, and the brain is demoted at any moment around it. The
/// successor would leave the stop where it is.
fn left_exit() -> World {
    let mut world = World {
        alarm: true,
        heir: Some(940),
        moments: vec![0, 600, 2_800, 6_700, 13_000, 13_600, 16_000],
        restless: 1,
        may: vec![Fault::Late, Fault::Loss, Fault::Timeout, Fault::Crash],
        faults: 1,
        truths: always(),
        one_picture: true,
        ..World::quiet(
            "demotion in an exit",
            vec![disaster(), stop_at(950)],
            vec![plan(1, 950, &[])],
        )
    };
    world.truths.retain(|it| it.name != ALL_WELL);
    world.truths.extend([
        Property::always(ENDS_FLAT, |world: &World, state: &State| {
            let is_flat = state.venue.open.is_zero() && state.venue.orders.is_empty();
            !world.is_over(state) || !is_handed(state) || is_flat
        }),
        Property::always(
            "in the end it is flat or stops cover it",
            |world: &World, state: &State| {
                let is_held = state.venue.is_covered() && state.venue.has_disaster();
                !world.is_over(state) || state.venue.open.is_zero() || is_held
            },
        ),
        Property::sometimes("the successor closes it", |_, state: &State| {
            closes(state, true) == 1
        }),
        Property::sometimes(
            "the executor's close is on its way when all have heard",
            |_, state: &State| state.heard == Some([true; 4]) && closes(state, false) == 1,
        ),
        Property::sometimes(
            "the successor waits for a close of unknown outcome",
            |_, state: &State| {
                let mut flying = state.house.flying.iter();
                is_handed(state) && flying.any(|(it, asked)| it.is_doubted && asked.is_market())
            },
        ),
    ]);
    world
}

#[test]
fn an_exit_that_was_begun_is_finished_by_the_successor_and_never_twice() {
    holds(left_exit());
}

/// The successor's patience and the gateway's are two walls.
#[test]
fn a_successor_that_does_not_wait_is_found() {
    let world = World {
        bug: Some(Bug::Impatient),
        checks_doubt: false,
        ..left_exit()
    };
    fails(world, ONE_CLOSE);
}

#[test]
fn a_successor_that_believes_a_restarted_executor_is_found() {
    let bug = Some(Bug::Forgets);
    fails(World { bug, ..left_exit() }, ENDS_FLAT);
}
