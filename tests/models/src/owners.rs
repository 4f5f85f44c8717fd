//! Two executors over one position: the newer token owns it, whatever the older one still does.

use stateright::Property;

use crate::desk::Pulse;
use crate::parts::{disaster, plan, stop_at};
use crate::truths::{always, only_stop};
use crate::walk::{fails, holds};
use crate::world::{Fault, State, World};

fn rivals() -> World {
    let mut world = World {
        rival: true,
        has_ledger: true,
        moments: vec![0, 400, 2_800, 5_200],
        restless: 2,
        may: vec![Fault::Pause],
        faults: 1,
        truths: always(),
        one_picture: true,
        ..World::quiet(
            "two executors",
            vec![disaster(), stop_at(950)],
            vec![plan(1, 970, &[])],
        )
    };
    world.truths.extend([
        Property::sometimes("the older one was fenced out", |_, state: &State| {
            state.desks[0].is_passive
        }),
        Property::sometimes(
            "it was paused while the newer one acted",
            |_, state: &State| {
                let [older, newer] = &state.desks;
                older.pulse == Pulse::Paused && newer.runs() && only_stop(&state.venue, 970)
            },
        ),
        Property::sometimes("it woke up and was fenced out", |_, state: &State| {
            state.faults == 0 && state.desks[0].is_passive
        }),
    ]);
    world
}

#[test]
fn of_two_executors_one_owns_the_position_and_it_stays_covered() {
    holds(rivals());
}

#[test]
fn a_guard_without_fencing_tokens_is_found() {
    let has_fences = false;
    fails(
        World {
            has_fences,
            ..rivals()
        },
        "I1, I3, I4 and I5 hold",
    );
}
