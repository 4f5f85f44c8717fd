//! Stories of LIVE: what a position gets, and what happens as the price moves.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::Module;
use domain::mode::Mode;
use domain::{Side, Span};
use tests::world::World;

const BTC: &str = "BTCUSDT";

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

#[test]
fn a_new_position_has_both_stops_within_a_second_and_then_its_ladder() {
    let mut world = World::live(1);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("both stops", secs(1), |it| {
        it.working_stops(BTC).len() == 1 && it.disaster_stops(BTC).len() == 1
    });
    world.run_until("a ladder", secs(3), |it| it.ladder(BTC).len() == 2);
    world.run_for(secs(5));
    // Entry is the ask of 50000.1: the floor 10 % / 3 below, the first stop 2.5 % below.
    assert_eq!(world.disaster_stops(BTC), ["48333.5"]);
    assert_eq!(world.working_stops(BTC), [("48750.1".into(), "0.4".into())]);
    let ladder = world.ladder(BTC);
    let first = (1, "50750.1".into(), "0.1".into());
    let second = (2, "51500.1".into(), "0.1".into());
    assert_eq!(ladder, [first, second]);
    assert_eq!(world.naked_ms(), 0);
    assert!(world.venue_orders(&Module::PositionMonitor).is_empty());
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another_one() {
    let run = |seed| {
        let mut world = World::live(seed);
        world.human_open(BTC, Side::Short, "0.2");
        world.run_for(secs(3));
        (world.hash(), world.steps())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}

#[test]
fn in_shadow_the_executor_decides_and_sends_nothing_while_the_incumbent_protects() {
    let mut world = World::shadow(2);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("a stop of the incumbent", secs(1), World::all_covered);
    world.run_for(secs(10));
    assert_eq!(world.mode(), Some(Mode::Shadow));
    assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
    assert!(!world.venue_orders(&Module::PositionMonitor).is_empty());
    assert!(world.decisions("move_sl") >= 1 && world.decisions("update_tp_limits") >= 1);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn every_service_subscribes_only_to_what_its_identity_may_hear() {
    let world = World::live(3);
    assert_eq!(world.refused_subscriptions(), []);
    assert_eq!(world.violations(), 0);
}

#[test]
#[should_panic(expected = "I2_protected")]
fn a_position_that_nobody_protects_is_noticed_by_the_world() {
    let mut world = World::live(4);
    world.crash(tests::world::Service::Executor);
    world.outage(Span::ZERO);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
}
