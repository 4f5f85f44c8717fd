//! The replacement of a working stop: place, see it confirmed, then cancel the old one.

use domain::order::{OrderStatus, RestingOrder};
use stateright::Property;

use crate::desk::Bug;
use crate::parts::{disaster, plan, stop_at};
use crate::truths::{always, has_found_out, only_stop};
use crate::walk::{fails, holds};
use crate::world::{Fault, State, World};

const ALL: [Fault; 6] = [
    Fault::Late,
    Fault::Loss,
    Fault::Repeat,
    Fault::Refusal,
    Fault::Timeout,
    Fault::Crash,
];

fn world(name: &'static str, orders: Vec<RestingOrder>, stops: &[i64]) -> World {
    let plans = stops.iter().zip(1_u64..);
    let plans = plans.map(|(stop, number)| plan(number, *stop, &[]));
    World {
        moments: vec![0, 2_800, 6_400, 9_000, 12_000],
        restless: 1,
        may: ALL.into(),
        truths: always(),
        ..World::quiet(name, orders, plans.collect())
    }
}

/// From 950 to 970, with two faults.
fn tightened() -> World {
    let mut world = world("stop replaced", vec![disaster(), stop_at(950)], &[970]);
    world.faults = 2;
    // A cancel that the guard denies, because it has not seen the new stop yet, is asked for again.
    world.moments.push(15_000);
    world.truths.extend([
        Property::sometimes("both stops rest", |_, state: &State| {
            state.venue.working_stops().count() == 2
        }),
        Property::sometimes(
            "the old one went when the new one had come",
            |_, state: &State| only_stop(&state.venue, 970),
        ),
        Property::sometimes("an unknown stop was placed", |_, state: &State| {
            has_found_out(state, true)
        }),
        Property::sometimes("an unknown stop was not placed", |_, state: &State| {
            has_found_out(state, false)
        }),
    ]);
    world
}

#[test]
fn a_stop_that_is_replaced_leaves_no_moment_uncovered() {
    holds(tightened());
}

#[test]
fn nor_does_that_of_a_short() {
    holds(tightened().of_short("stop replaced, short"));
}

#[test]
fn nor_does_one_that_is_replaced_twice() {
    let orders = vec![disaster(), stop_at(950)];
    let mut world = world("stop replaced twice", orders, &[970, 980]);
    world.faults = 1;
    world.truths.extend([
        Property::sometimes("three stops rest", |_, state: &State| {
            state.venue.working_stops().count() == 3
        }),
        Property::sometimes("the last one stays", |_, state: &State| {
            only_stop(&state.venue, 980)
        }),
    ]);
    holds(world);
}

#[test]
fn nor_does_one_that_fires_in_the_middle() {
    let orders = vec![disaster(), stop_at(950)];
    let mut world = world("stop fires while replaced", orders, &[970]);
    world.faults = 1;
    world.marks = vec![1_000, 940];
    world.one_picture = true;
    world.may.push(Fault::Hang);
    world.truths.extend([
        Property::sometimes(
            "the old one has fired, the new one is on its way",
            |_, state: &State| {
                let mut stops = state.venue.working_stops();
                let fired = stops.any(|it| it.status == OrderStatus::Triggered);
                fired && !state.house.flying.is_empty()
            },
        ),
        Property::sometimes(
            "the old one has closed it, the new one is on its way",
            |_, state: &State| state.venue.open.is_zero() && !state.house.flying.is_empty(),
        ),
    ]);
    holds(world);
}

/// The placement window: without faults both stops rest before time passes; one fault is made good
/// within what an intent is valid for and the patience after it.
#[test]
fn a_new_position_has_both_stops_within_the_window() {
    let mut world = world("first stops placed", Vec::new(), &[970]);
    world.faults = 1;
    world.truths.extend([
        Property::always(
            "protected when the window is over",
            |world: &World, state: &State| {
                let is_early = state.moment < if state.faults == 1 { 1 } else { 2 };
                is_early || !world.is_settled(state) || state.venue.protected() >= state.venue.open
            },
        ),
        Property::sometimes("both rest", |_, state: &State| {
            state.venue.is_covered() && state.venue.has_disaster()
        }),
    ]);
    holds(world);
}

#[test]
fn a_cancel_before_the_placement_is_found() {
    let buggy = World {
        bug: Some(Bug::CancelFirst),
        guards_cancels: false,
        ..tightened()
    };
    fails(buggy, "what stops cover stays covered");
}
