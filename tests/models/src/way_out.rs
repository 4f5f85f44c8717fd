//! The emergency close: targets go, everything is closed at market, stops stay until it is flat.

use stateright::Property;

use crate::desk::Bug;
use crate::parts::{disaster, plan, stop_at, target};
use crate::truths::{always, has_found_out};
use crate::walk::{fails, holds};
use crate::world::{Fault, State, World};
use domain::plan::LegKind;

/// The portfolio's emergency stop is pulled while a target rests; the price may fall through the
/// stop meanwhile.
fn alarm() -> World {
    let legs = [(LegKind::TakeProfit, 50, 1_030)];
    let orders = vec![disaster(), stop_at(950), target(1, 2, 1_030)];
    let mut world = World {
        alarm: true,
        marks: vec![1_000, 940],
        moments: vec![0, 600, 2_800, 6_700, 9_000, 12_000, 15_000],
        restless: 2,
        may: vec![
            Fault::Late,
            Fault::Loss,
            Fault::Repeat,
            Fault::Refusal,
            Fault::Timeout,
            Fault::Crash,
            Fault::Hang,
        ],
        faults: 1,
        truths: always(),
        one_picture: true,
        ..World::quiet("everything closed", orders, vec![plan(1, 950, &legs)])
    };
    world.truths.extend([
        Property::always("the disaster stop stays until flat", |_, state: &State| {
            state.venue.open.is_zero() || state.venue.has_disaster()
        }),
        Property::always(
            "an alarm ends flat, with nothing left",
            |world: &World, state| {
                let is_flat = state.venue.open.is_zero() && state.venue.orders.is_empty();
                !world.is_over(state) || !state.is_alarmed || is_flat
            },
        ),
        Property::sometimes(
            "the stop fires while the close is on its way",
            |_, state: &State| {
                state.venue.open.is_zero() && state.house.closes_under_way(state.now) == 1
            },
        ),
        Property::sometimes("an unknown close was executed", |_, state: &State| {
            has_found_out(state, true) && state.venue.open.is_zero()
        }),
        Property::sometimes("an unknown close was not executed", |_, state: &State| {
            has_found_out(state, false)
        }),
    ]);
    world
}

#[test]
fn an_emergency_close_is_sent_once_and_keeps_the_stops_until_flat() {
    holds(alarm());
}

#[test]
fn nor_is_that_of_a_short_sent_twice() {
    holds(alarm().of_short("everything closed, short"));
}

/// The executor's patience and the gateway's are two walls: without the first the second holds.
#[test]
fn an_impatient_executor_is_held_back_by_the_gateway() {
    let bug = Some(Bug::ResendUnknown);
    holds(World { bug, ..alarm() });
}

#[test]
fn a_resend_of_an_unknown_close_is_found() {
    let world = World {
        bug: Some(Bug::ResendUnknown),
        checks_doubt: false,
        ..alarm()
    };
    fails(world, "one close of a position at a time");
}
