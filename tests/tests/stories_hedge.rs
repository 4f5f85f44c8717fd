//! Stories of hedge mode: a long and a short of one contract, each with exits of its own.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod story;

use domain::Side;
use domain::decision::Rule;
use domain::policy::Policy;
use paper_exchange::faults::FaultPlan;
use paper_exchange::venue::{NewOrder, PositionSide, VenueConfig};
use rust_decimal::Decimal;
use story::{BTC, open, secs, sent};
use tests::world::{World, WorldOptions};

/// Bitcoin in hedge mode.
fn hedged() -> WorldOptions {
    WorldOptions {
        policy: Policy::default(),
        symbols: vec![(BTC, "50000")],
        venue: VenueConfig {
            leverage: 3,
            hedge: true,
            ..VenueConfig::default()
        },
        ..WorldOptions::default()
    }
}

/// Both legs open, both with working stop and disaster stop.
fn both_legs() -> World {
    let mut world = World::new(hedged());
    world.human_open(BTC, Side::Long, "0.4");
    world.human_open(BTC, Side::Short, "0.3");
    world.run_until("both stops of both legs", secs(6), |it| {
        it.working_stops(BTC).len() == 2 && it.disaster_stops(BTC).len() == 2
    });
    world.run_for(secs(2));
    assert!(world.all_covered(), "{}", world.tail());
    world
}

fn legs_of_stops(world: &World) -> Vec<PositionSide> {
    let stops = world.venue().resting_algos_of(BTC);
    let mut legs: Vec<PositionSide> = stops.map(|algo| algo.position_side).collect();
    legs.sort_unstable();
    legs
}

#[test]
fn a_long_and_a_short_of_one_symbol_are_each_protected() {
    let world = both_legs();
    let (long, short) = (PositionSide::Long, PositionSide::Short);
    assert_eq!(legs_of_stops(&world), [long, long, short, short]);
    assert_eq!(
        world.position_of(BTC, Side::Long).unwrap().qty.to_string(),
        "0.4"
    );
    assert_eq!(
        world.position_of(BTC, Side::Short).unwrap().qty.to_string(),
        "0.3"
    );
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_stop_that_fires_closes_its_leg_and_the_other_stays_open_and_protected() {
    let mut world = both_legs();
    world.price(BTC, "48700");
    world.run_until("the long is stopped out", secs(4), |it| {
        it.position_of(BTC, Side::Long).is_none()
    });
    world.run_for(secs(3));
    assert!(
        world.position_of(BTC, Side::Short).is_some(),
        "{}",
        world.tail()
    );
    assert!(world.all_covered(), "{}", world.tail());
    let of_long = |leg: &PositionSide| *leg == PositionSide::Long;
    assert!(
        !legs_of_stops(&world).iter().any(of_long),
        "{}",
        world.tail()
    );
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn when_both_legs_are_closed_by_hand_nothing_is_left_behind() {
    let mut world = both_legs();
    world.human_close(BTC);
    world.run_until("nothing rests", secs(10), |it| it.resting(BTC).is_empty());
    assert_eq!(world.venue().open_positions().count(), 0);
}

/// A long of 0.4 with its targets, whose stops hang when they fire: only a close at market is left,
/// and one of hedge mode that is larger than what resting orders leave free is refused.
fn long_with_hanging_stops() -> World {
    let mut world = World::new(hedged());
    world.venue_faults(FaultPlan {
        stuck_triggering_ppm: 1_000_000,
        ..FaultPlan::default()
    });
    open(&mut world, Side::Long);
    assert!(!world.ladder(BTC).is_empty(), "targets rest in the way");
    world.allow_naked(secs(3));
    world
}

#[test]
fn a_close_that_resting_targets_block_frees_them_first_and_is_never_refused() {
    let mut world = long_with_hanging_stops();
    // As things stand the venue refuses it: the same order on a copy of the venue.
    let whole = NewOrder::market(BTC, paper_exchange::venue::Side::Sell, Decimal::new(4, 1));
    let mut venue = world.venue().clone();
    let refused = venue.place_order(whole.on_leg(PositionSide::Long), world.now().millis());
    assert_eq!(refused.unwrap_err().code, -2022);
    world.price(BTC, "47910");
    world.run_until("closed", secs(3), |it| {
        it.position_of(BTC, Side::Long).is_none()
    });
    world.run_for(secs(3));
    assert!(world.ladder(BTC).is_empty(), "{}", world.tail());
    assert_eq!(world.decided_by(Rule::LossGuard), 1);
    assert_eq!(sent(&world, "MARKET"), 1);
    assert_eq!(world.stats().errors.get(&-2022), None);
}

/// A stranger's order is not ours to cancel: what it leaves free is closed, no more is possible.
#[test]
fn a_close_that_a_strangers_target_blocks_closes_what_that_leaves_free() {
    let mut world = long_with_hanging_stops();
    world.human_rests(BTC, "0.2", "52000");
    world.run_for(secs(1));
    world.allow_naked(secs(30));
    world.price(BTC, "47910");
    world.run_until("half of it is closed", secs(3), |it| {
        let held = it.position_of(BTC, Side::Long);
        held.is_some_and(|held| held.qty.to_string() == "0.2")
    });
    let refused = world.stats().errors.get(&-2022).copied();
    assert_eq!(refused, Some(1), "the whole was tried first");
    let theirs = world.venue().open_orders_of(BTC);
    assert_eq!(theirs.count(), 1, "{}", world.tail());
}
