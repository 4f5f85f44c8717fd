//! The change of a ladder: targets that move while they fill, and parts that close at market.

use domain::plan::{ExitPlan, LegKind};
use domain::policy::Policy;
use domain::{PricePct, Qty};
use stateright::Property;

use crate::desk::Bug;
use crate::parts::{OPENED, disaster, plan, qty, stop_at, target};
use crate::truths::{always, has_found_out, of_leg};
use crate::walk::{fails, holds};
use crate::world::{Fault, State, World};

const FOR_TARGETS: [Fault; 6] = [
    Fault::Late,
    Fault::Loss,
    Fault::Repeat,
    Fault::Refusal,
    Fault::Timeout,
    Fault::Crash,
];

const FOR_PARTS: [Fault; 6] = [
    Fault::Late,
    Fault::Loss,
    Fault::Timeout,
    Fault::Crash,
    Fault::Repeat,
    Fault::Refusal,
];

fn closed(state: &State) -> Qty {
    qty(OPENED).saturating_sub(state.venue.open)
}

/// Half at the first target, a quarter at the second, the rest runs.
fn ladder(number: u64, first: i64) -> ExitPlan {
    let legs = [
        (LegKind::TakeProfit, 50, first),
        (LegKind::TakeProfit, 25, 1_100),
    ];
    plan(number, 950, &legs)
}

fn moved() -> World {
    let orders = vec![
        disaster(),
        stop_at(950),
        target(1, 2, 1_030),
        target(2, 1, 1_100),
    ];
    let mut world = World {
        // What nothing is heard of is asked for again after more than twelve seconds.
        moments: vec![0, 2_800, 6_400, 12_500, 15_500, 18_000],
        restless: 1,
        may: FOR_TARGETS.into(),
        faults: 1,
        marks: vec![1_000, 1_045],
        truths: always(),
        one_picture: true,
        ..World::quiet("ladder moved", orders, vec![ladder(1, 1_040)])
    };
    world.truths.extend([
        Property::always("no more is closed than was reached", |_, state: &State| {
            closed(state) <= qty(2)
        }),
        Property::always(
            "in the end what is left of the ladder rests",
            |world: &World, state| {
                let rests = (of_leg(&state.venue, 1), of_leg(&state.venue, 2));
                let left = qty(2).saturating_sub(closed(state));
                !world.is_over(state) || rests == (left, qty(1))
            },
        ),
        Property::sometimes("it has filled before it moved", |_, state: &State| {
            closed(state) == qty(2) && state.house.flying.iter().any(|(_, it)| !it.is_market())
        }),
        Property::sometimes(
            "it was found out whether a target rests",
            |_, state: &State| has_found_out(state, true),
        ),
    ]);
    world
}

#[test]
fn a_ladder_that_moves_while_it_fills_closes_no_more_than_its_share() {
    holds(moved());
}

/// A quarter at market at the first level, another one rests at the second.
fn hard_target() -> World {
    let legs = [
        (LegKind::Partial, 25, 1_010),
        (LegKind::TakeProfit, 25, 1_030),
    ];
    let orders = vec![disaster(), stop_at(950), target(2, 1, 1_030)];
    let mut policy = Policy::default();
    // The stop follows the size alone.
    policy.stops.ratchet = false;
    policy.breakeven.trigger_pct = PricePct::new(50.into());
    policy.trailing.trigger_pct = PricePct::new(50.into());
    let mut world = World {
        policy,
        moments: vec![0, 1_000, 6_400, 13_000, 13_500],
        restless: 1,
        may: FOR_PARTS.into(),
        faults: 1,
        marks: vec![1_012, 1_035],
        truths: always(),
        one_picture: true,
        ..World::quiet("part at market", orders, vec![plan(1, 950, &legs)])
    };
    world.truths.extend([
        Property::always("a part is closed once", |_, state: &State| {
            state.venue.closed_in_part <= qty(1)
        }),
        Property::always("no more is closed than was reached", |_, state: &State| {
            closed(state) <= qty(2)
        }),
        Property::sometimes(
            "the part is closed and the target fills",
            |_, state: &State| state.venue.closed_in_part == qty(1) && closed(state) == qty(2),
        ),
        Property::sometimes("an unknown part was closed", |_, state: &State| {
            has_found_out(state, true)
        }),
        Property::sometimes("an unknown part was not closed", |_, state: &State| {
            has_found_out(state, false)
        }),
    ]);
    world
}

#[test]
fn a_part_is_closed_once_whatever_becomes_of_its_order() {
    holds(hard_target());
}

#[test]
fn a_resend_of_an_unknown_part_is_found() {
    let world = World {
        bug: Some(Bug::ResendUnknown),
        checks_doubt: false,
        ..hard_target()
    };
    fails(world, "a part is closed once");
}
