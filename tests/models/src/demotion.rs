//! The demotion: it reaches each at another moment, the executor's orders rest on, and the
//! successor takes none of them away before its own are seen.

use domain::Module;
use domain::order::RestingOrder;
use stateright::Property;

use crate::desk::{Asked, Bug};
use crate::heir::HEIR;
use crate::parts::{self, disaster, plan, stop_at};
use crate::truths::{ALL_WELL, always};
use crate::walk::{fails, holds};
use crate::world::{Fault, State, World};

fn stops<'a>(state: &'a State, module: &'a Module) -> impl Iterator<Item = &'a RestingOrder> {
    let stops = state.venue.working_stops();
    stops.filter(move |it| parts::cause(&it.client_order_id).module == *module)
}

/// The executor, whose stop rests at 950, wants it at `wanted` when it is demoted; the successor
/// would have it at `stop`.
fn demoted(name: &'static str, wanted: i64, stop: i64) -> World {
    let mut world = World {
        heir: Some(stop),
        moments: vec![0, 2_800, 6_400],
        restless: 1,
        may: vec![Fault::Late, Fault::Loss, Fault::Timeout, Fault::Crash],
        truths: always(),
        one_picture: true,
        ..World::quiet(
            name,
            vec![disaster(), stop_at(950)],
            vec![plan(1, wanted, &[])],
        )
    };
    world.truths.retain(|it| it.name != ALL_WELL);
    world.truths.extend([
        Property::always(
            "in the end stops cover it",
            |world: &World, state: &State| {
                !world.is_over(state) || state.venue.is_covered() && state.venue.has_disaster()
            },
        ),
        Property::always(
            "what the executor asks for afterwards is refused",
            |_, state: &State| {
                let mut flying = state.house.flying.iter();
                let of_executor = |it: &Asked| it.module == Module::ExitExecutor;
                state.house.demoted_at.is_none_or(|at| {
                    !flying.any(|(it, asked)| of_executor(asked) && it.sent_at > at)
                })
            },
        ),
    ]);
    world
}

/// The executor's next stop is on its way.
fn moving(mut world: World) -> World {
    world.truths.extend([
        Property::sometimes(
            "an order of the executor lands after the demotion",
            |_, state: &State| {
                let heard = state.heard == Some([true; 4]);
                let is_new = |it: &RestingOrder| it.client_order_id.as_str().ends_with("S-2");
                heard
                    && state.house.flying.is_empty()
                    && stops(state, &Module::ExitExecutor).any(is_new)
            },
        ),
        Property::sometimes(
            "an intent of the executor waits behind the demotion",
            |_, state: &State| {
                let heard = state.heard == Some([true; 4]);
                heard && !state.desks[0].intents.is_empty()
            },
        ),
    ]);
    world
}

fn both_rest() -> Property<World> {
    Property::sometimes("both owners' stops rest", |_, state: &State| {
        stops(state, &HEIR).count() > 0 && stops(state, &Module::ExitExecutor).count() > 0
    })
}

/// With one fault, and the time to make it good.
fn troubled(mut world: World) -> World {
    world.faults = 1;
    world.moments.extend([9_000, 12_000, 15_000]);
    world
}

#[test]
fn a_demotion_leaves_no_moment_uncovered_where_the_successor_is_tighter() {
    let mut world = moving(demoted("demotion, tighter successor", 970, 980));
    world.truths.push(both_rest());
    holds(world);
}

/// The executor is at rest, so that what a fault does to the successor can be walked to the end.
#[test]
fn nor_does_a_fault_while_the_successor_moves_the_stop() {
    let name = "demotion, tighter successor, a fault";
    let mut world = troubled(demoted(name, 950, 980));
    world.truths.extend([
        both_rest(),
        Property::sometimes("the successor's stop is in doubt", |_, state: &State| {
            let mut flying = state.house.flying.iter();
            flying.any(|(it, asked)| it.is_doubted && asked.module == HEIR)
        }),
    ]);
    holds(world);
}

#[test]
fn nor_where_it_is_looser_and_leaves_the_executors_stop_alone() {
    let mut world = troubled(moving(demoted("demotion, looser successor", 970, 940)));
    world.truths.push(Property::always(
        "the executor's stop stays",
        |_, state: &State| stops(state, &Module::ExitExecutor).count() > 0,
    ));
    holds(world);
}

/// The successor's order and the guard's "never the last stop, nobody else's" are two walls.
#[test]
fn a_successor_that_sweeps_first_is_found() {
    let world = World {
        bug: Some(Bug::SweepFirst),
        guards_cancels: false,
        ..demoted("demotion", 970, 980)
    };
    fails(world, "what stops cover stays covered");
}
