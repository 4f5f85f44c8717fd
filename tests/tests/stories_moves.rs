//! Stories of a moving price: breakeven, trailing, targets, and the ways out.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod story;

use domain::policy::{Policy, StepClose};
use domain::signal::RiskMode;
use domain::{Side, Span};
use paper_exchange::faults::FaultPlan;
use paper_exchange::venue::{ReduceOnlyPolicy, VenueConfig};
use story::*;
use tests::world::{World, WorldOptions};

#[test]
fn the_stop_trails_a_rising_price_and_never_comes_back() {
    let mut world = with_long(WorldOptions::default());
    world.price(BTC, "50600");
    world.run_until("it follows", secs(2), |it| {
        it.working_stops(BTC) == stop("49841", "0.4")
    });
    world.price(BTC, "50700");
    world.run_until("it follows on", secs(2), |it| {
        it.working_stops(BTC) == stop("49939.5", "0.4")
    });
    for price in ["50500", "50300", "50100", "49960"] {
        world.price(BTC, price);
        world.run_for(secs(1));
        assert_eq!(world.working_stops(BTC), stop("49939.5", "0.4"));
    }
    world.price(BTC, "49939");
    world.run_until("the stop closes it", secs(2), is_gone);
}

#[test]
fn a_move_smaller_than_the_least_step_moves_no_order() {
    let mut world = with_long(WorldOptions::default());
    world.price(BTC, "50600");
    world.run_for(secs(2));
    let before = sent(&world, "STOP_MARKET");
    world.price(BTC, "50640");
    world.run_for(secs(2));
    assert_eq!(sent(&world, "STOP_MARKET"), before);
}

#[test]
fn a_filled_target_shrinks_the_stop_and_ratchets_it() {
    let mut world = with_long(WorldOptions::default());
    world.price(BTC, "50750.1");
    world.run_until("first target, stop at entry", secs(2), |it| {
        it.working_stops(BTC) == stop("50000.1", "0.3")
    });
    assert_eq!(world.ladder(BTC), [(2, "51500.1".into(), "0.1".into())]);
    world.price(BTC, "51500.1");
    world.run_until("second target, stop at the first", secs(2), |it| {
        it.working_stops(BTC) == stop("50750.1", "0.2")
    });
    assert!(world.ladder(BTC).is_empty());
    assert_eq!(world.disaster_stops(BTC), ["48333.5"]);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_market_leg_closes_its_share_exactly_once() {
    let mut policy = Policy::default();
    policy.ladder.steps[0].close = StepClose::Market;
    let mut world = with_policy(policy);
    assert_eq!(world.ladder(BTC), [(2, "51500.1".into(), "0.1".into())]);
    for price in ["50760", "50700", "50770", "50740", "50780"] {
        world.price(BTC, price);
        world.run_for(secs(1));
    }
    let held = world.position(BTC).unwrap();
    assert_eq!(held.qty.to_string(), "0.3", "{}", world.tail());
    assert_eq!(sent(&world, "MARKET"), 1);
    assert_eq!(world.working_stops(BTC)[0].1, "0.3");
}

#[test]
fn the_emergency_stop_system_closes_everything_and_leaves_nothing_behind() {
    for reduce_only_policy in [ReduceOnlyPolicy::KnockOut, ReduceOnlyPolicy::Reject] {
        let defaults = WorldOptions::default();
        let venue = VenueConfig {
            reduce_only_policy,
            ..defaults.venue.clone()
        };
        let mut world = with_long(WorldOptions { venue, ..defaults });
        world.human_open("ETHUSDT", Side::Short, "3");
        world.run_for(secs(2));
        world.risk(RiskMode::EssActive);
        world.run_until("all flat, all swept", secs(3), |it| {
            is_gone(it) && it.position("ETHUSDT").is_none() && it.resting("ETHUSDT").is_empty()
        });
        assert_eq!(sent(&world, "MARKET"), 2);
        // Targets were freed before the close: the stricter venue had nothing to refuse.
        assert_eq!(world.stats().errors.get(&-4118), None);
        assert_eq!(world.naked_ms(), 0);
    }
}

#[test]
fn a_position_opened_during_an_emergency_is_closed_at_once() {
    let mut world = World::live(4);
    world.risk(RiskMode::EssActive);
    world.run_for(secs(1));
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("closed", secs(2), is_gone);
}

#[test]
fn a_stop_that_fires_and_does_not_fill_becomes_a_market_close() {
    let mut world = World::live(5);
    world.venue_faults(FaultPlan {
        stuck_triggering_ppm: 1_000_000,
        ..FaultPlan::default()
    });
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
    world.price(BTC, "48740");
    world.run_for(Span::from_millis(1_000));
    assert!(
        world.position(BTC).is_some(),
        "the stop gets its grace\n{}",
        world.tail()
    );
    world.run_until("closed", secs(3), |it| it.position(BTC).is_none());
    assert_eq!(sent(&world, "MARKET"), 1);
    assert_eq!(world.naked_ms(), 0, "the disaster stop was beneath it");
}

#[test]
fn a_short_position_is_the_mirror_of_a_long_one() {
    let mut world = World::live(6);
    world.human_open(BTC, Side::Short, "0.4");
    world.run_until("the ladder", secs(6), |it| it.ladder(BTC).len() == 2);
    world.run_for(secs(1));
    assert_eq!(world.disaster_stops(BTC), ["51666.6"]);
    assert_eq!(world.working_stops(BTC), stop("51250", "0.4"));
    let first = (1, "49250".into(), "0.1".into());
    assert_eq!(
        world.ladder(BTC),
        [first, (2, "48500".into(), "0.1".into())]
    );
    world.price(BTC, "49240");
    world.run_until("stop beyond breakeven", secs(2), |it| {
        it.working_stops(BTC) == stop("49950", "0.3")
    });
    world.price(BTC, "49960");
    world.run_until("stopped out in profit", secs(2), is_gone);
}
