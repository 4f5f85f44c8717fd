//! Stories of what was decided while nothing could be done: the price that made it is gone, and so
//! is the decision. And of a disaster stop that follows the floor.

mod story;

use domain::decision::Rule;
use domain::policy::{Policy, StepClose};
use domain::{PricePct, Side, Span};
use rust_decimal::Decimal;
use story::*;
use tests::world::{Service, World, WorldOptions};

/// Longer than any outage of these stories.
const OUTAGE_MAX: i64 = 1_000;

fn with_outage(policy: Policy) -> World {
    with_long(WorldOptions {
        policy,
        symbols: vec![(BTC, "50000")],
        naked_max: secs(OUTAGE_MAX),
        ..WorldOptions::default()
    })
}

/// A leg that closes at market, and no other rule near it.
fn market_leg() -> Policy {
    let mut policy = late_trail();
    policy.breakeven.trigger_pct = PricePct::new(Decimal::from(50));
    policy.ladder.steps[0].close = StepClose::Market;
    policy
}

#[test]
fn a_part_that_could_not_be_closed_is_not_closed_at_a_worse_price() {
    for dead in [1, 10] {
        let mut world = with_outage(market_leg());
        world.crash(Service::Gateway);
        world.run_for(secs(dead));
        go(&mut world, "50800");
        world.price(BTC, "49900");
        world.run_for(secs(60));
        world.restart(Service::Gateway);
        world.run_for(secs(10));
        assert_eq!(qty(&world), "0.4", "{}", world.tail());
        go(&mut world, "50800");
        assert_eq!(qty(&world), "0.3", "the leg is crossed again");
    }
}

/// It trails to 49939.5 in memory, where no stop ever rested.
#[test]
fn a_stop_that_never_rested_closes_nothing_after_the_price_has_come_back() {
    let mut world = with_outage(Policy::default());
    world.crash(Service::Gateway);
    world.run_for(secs(10));
    for price in ["50700", "49930"] {
        go(&mut world, price);
    }
    world.price(BTC, "50600");
    world.run_for(secs(600));
    world.restart(Service::Gateway);
    world.run_for(secs(10));
    assert_eq!(qty(&world), "0.4", "{}", world.tail());
    assert_stop(&world, Rule::Trailing, 1, &stop("49939.5", "0.4"));
    world.price(BTC, "49930");
    world.run_until("it is stopped out", secs(3), is_gone);
}

/// The reason still holds when the executor can act again.
#[test]
fn an_emergency_that_still_holds_is_decided_at_once() {
    let mut world = with_outage(Policy::default());
    world.crash(Service::Gateway);
    world.run_for(secs(10));
    world.risk(domain::signal::RiskMode::EssActive);
    world.run_for(secs(5));
    world.restart(Service::Gateway);
    world.run_until("closed", secs(15), is_gone);
}

/// At 40x the position is liquidated long before the disaster stop of 3x.
#[test]
fn the_disaster_stop_follows_the_leverage_and_never_comes_back() {
    let mut world = with_policy(Policy::default());
    assert_eq!(world.disaster_stops(BTC), ["48333.5"]);
    world.leverage(BTC, 40);
    world.run_for(secs(10));
    assert_eq!(world.disaster_stops(BTC), ["49875.1"], "{}", world.tail());
    assert_stop(&world, Rule::RiskFloor, 1, &stop("49875.1", "0.4"));
    world.leverage(BTC, 3);
    world.run_for(secs(10));
    assert_eq!(world.disaster_stops(BTC), ["49875.1"]);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn the_disaster_stop_follows_a_worse_entry() {
    for (side, price) in [(Side::Long, "50700"), (Side::Short, "49300")] {
        let mut world = bitcoin(Policy::default(), "50000");
        world.human_open(BTC, side, "0.01");
        world.run_for(secs(3));
        let first = world.disaster_stops(BTC);
        world.price(BTC, price);
        world.run_for(secs(2));
        world.human_open(BTC, side, "3");
        world.run_for(secs(5));
        let moved = world.disaster_stops(BTC);
        assert_eq!((first.len(), moved.len()), (1, 1));
        let is_nearer = match side {
            Side::Long => first < moved,
            Side::Short => moved < first,
        };
        assert!(is_nearer, "{side}: {first:?} to {moved:?}");
        assert_eq!(world.naked_ms(), 0);
    }
}

/// A close that has ended rests nowhere to be learned from, and the venue takes its name again: the
/// world breaks where one name is accepted twice.
#[test]
fn after_a_restart_of_both_a_close_bears_no_name_of_an_earlier_one() {
    let mut policy = market_leg();
    policy.ladder.steps[1].close = StepClose::Market;
    let mut world = with_outage(policy);
    go(&mut world, "50800");
    assert_eq!((qty(&world), sent(&world, "MARKET")), ("0.3".into(), 1));
    for service in [Service::Executor, Service::Gateway] {
        world.crash(service);
        world.restart(service);
    }
    world.run_for(secs(10));
    go(&mut world, "51600");
    assert_eq!((qty(&world), sent(&world, "MARKET")), ("0.2".into(), 2));
}

/// Each start reads the whole account; what of it is closed meanwhile must be found out and swept
/// though little of the minute's weight is left.
#[test]
fn what_is_closed_during_many_restarts_is_swept_though_little_weight_is_left() {
    let mut world = World::shadow(1);
    world.human_open(BTC, Side::Long, "0.1");
    world.run_until("an incumbent's stop", secs(5), World::all_covered);
    for _ in 0..11 {
        world.restart(Service::Gateway);
        world.run_for(Span::from_millis(400));
    }
    world.crash(Service::Gateway);
    world.human_close(BTC);
    world.restart(Service::Gateway);
    let swept = |it: &World| it.resting(BTC).is_empty();
    world.run_until("swept", secs(12), swept);
}
