//! Stories of things that go wrong: dying services, a venue that lies, a bus that loses.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::Module;
use domain::{LegId, Price, Side, Span};
use paper_exchange::faults::{
    EventAction, EventFault, FaultPlan, Often, RequestAction, RequestFault,
};
use rust_decimal::Decimal;
use tests::world::{Chaos, Service, World, WorldOptions};

const BTC: &str = "BTCUSDT";

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn with_long(seed: u64) -> World {
    let mut world = World::live(seed);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("the ladder", secs(6), |it| it.ladder(BTC).len() == 2);
    world.run_for(secs(1));
    world
}

/// The first request to `path` that an order of ours is in goes wrong.
fn once(method: &str, path: &str, action: RequestAction) -> FaultPlan {
    FaultPlan {
        requests: vec![RequestFault {
            method: Some(method.into()),
            path: Some(path.into()),
            contains: Some("xe-".into()),
            often: Often::once(),
            action,
        }],
        ..FaultPlan::default()
    }
}

fn one_order_per_leg(world: &World) {
    for leg in [
        LegId::Disaster,
        LegId::Stop,
        LegId::TakeProfit(1),
        LegId::TakeProfit(2),
    ] {
        let resting = world.legs(BTC, &Module::ExitExecutor, leg);
        assert_eq!(resting.len(), 1, "{leg}: {resting:?}\n{}", world.tail());
    }
}

fn working_trigger(world: &World) -> Option<Price> {
    let stops = world.legs(BTC, &Module::ExitExecutor, LegId::Stop);
    stops.iter().filter_map(|it| it.order.stop_trigger()).max()
}

#[test]
fn any_service_may_die_and_come_back_and_every_stop_stays() {
    for service in Service::ALL {
        let mut world = with_long(1);
        let (before, epoch) = (world.resting(BTC), world.position(BTC).unwrap().epoch);
        world.crash(service);
        world.run_for(secs(2));
        assert_eq!(world.resting(BTC), before, "{service} is away");
        world.restart(service);
        world.run_for(secs(12));
        assert_eq!(world.position(BTC).unwrap().epoch, epoch);
        assert_eq!(
            world.resting(BTC),
            before,
            "{service} is back\n{}",
            world.tail()
        );
        assert_eq!(world.naked_ms(), 0);
    }
}

#[test]
fn a_restarted_executor_never_loosens_a_stop_that_has_moved() {
    let mut world = with_long(2);
    world.price(BTC, "50700");
    world.run_for(secs(2));
    let moved = working_trigger(&world);
    assert_eq!(moved.unwrap().get(), Decimal::new(499_395, 1));
    world.price(BTC, "50100");
    world.restart(Service::Executor);
    for _ in 0..10 {
        world.run_for(secs(1));
        assert_eq!(working_trigger(&world), moved);
    }
    one_order_per_leg(&world);
}

#[test]
fn a_position_opened_while_a_service_is_away_is_protected_when_it_is_back() {
    for service in [Service::Executor, Service::Guard, Service::Gateway] {
        let mut world = World::live(3);
        world.crash(service);
        world.run_for(secs(1));
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(2));
        world.restart(service);
        world.run_until("protected", secs(5), World::all_covered);
        world.run_until("the ladder", secs(10), |it| it.ladder(BTC).len() == 2);
        world.run_for(secs(5));
        one_order_per_leg(&world);
    }
}

#[test]
fn a_stop_of_unknown_fate_ends_as_exactly_one_stop() {
    use RequestAction::{ExecuteThenTimeout, ExecuteThenUnknown, LoseThenUnknown};
    for action in [ExecuteThenUnknown, ExecuteThenTimeout, LoseThenUnknown] {
        let mut world = World::live(4);
        world.venue_faults(once("POST", "/fapi/v1/algoOrder", action.clone()));
        world.human_open(BTC, Side::Long, "0.4");
        world.run_until("both stops", secs(5), |it| {
            it.working_stops(BTC).len() == 1 && it.disaster_stops(BTC).len() == 1
        });
        world.run_for(secs(20));
        assert_eq!(world.faults_acted(), 1);
        one_order_per_leg(&world);
        assert_eq!(world.naked_ms(), 0, "{action:?}");
    }
}

#[test]
fn a_target_of_unknown_fate_ends_as_exactly_one_target() {
    use RequestAction::{ExecuteThenUnknown, LoseThenUnknown};
    for action in [ExecuteThenUnknown, LoseThenUnknown] {
        let mut world = World::live(5);
        world.venue_faults(once("POST", "/fapi/v1/order", action));
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(30));
        assert_eq!(world.faults_acted(), 1);
        one_order_per_leg(&world);
    }
}

#[test]
fn a_cancel_of_unknown_fate_leaves_one_stop() {
    use RequestAction::{ExecuteThenUnknown, LoseThenUnknown};
    for action in [ExecuteThenUnknown, LoseThenUnknown] {
        let mut world = with_long(6);
        world.venue_faults(once("DELETE", "/fapi/v1/algoOrder", action));
        world.price(BTC, "50700");
        world.run_for(secs(15));
        assert_eq!(world.faults_acted(), 1);
        one_order_per_leg(&world);
    }
}

#[test]
fn a_venue_that_does_not_know_its_own_position_yet_is_asked_again() {
    let mut world = World::live(7);
    world.venue_faults(FaultPlan {
        gte_blind_ms: 700,
        ..FaultPlan::default()
    });
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("the working stop", secs(1), |it| {
        it.working_stops(BTC).len() == 1
    });
    world.run_until("the disaster stop", secs(4), |it| {
        it.disaster_stops(BTC).len() == 1
    });
    assert!(world.stats().errors[&-4509] > 0);
    world.run_for(secs(5));
    one_order_per_leg(&world);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn an_overloaded_venue_is_asked_again_until_it_takes_the_stop() {
    let mut world = World::live(8);
    let mut plan = once("POST", "/fapi/v1/algoOrder", RequestAction::RefuseOverload);
    plan.requests[0].often.times = 3;
    world.venue_faults(plan);
    // An overloaded venue may have executed all the same: each try is in doubt for a second.
    world.allow_naked(secs(4));
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("both stops", secs(5), |it| {
        it.working_stops(BTC).len() == 1 && it.disaster_stops(BTC).len() == 1
    });
    assert_eq!(world.faults_acted(), 3);
    world.run_for(secs(6));
    one_order_per_leg(&world);
}

#[test]
fn a_first_stop_that_would_trigger_at_once_becomes_a_market_close() {
    let mut world = World::live(9);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("the stop is asked for", secs(1), |it| {
        it.intents(&Module::ExitExecutor) > 0
    });
    // The mark falls through the first stop while the stop is on its way.
    world.price(BTC, "48700");
    world.run_until("closed and swept", secs(2), |it| {
        it.position(BTC).is_none() && it.resting(BTC).is_empty()
    });
    assert!(world.stats().errors[&-2021] > 0);
    assert!(world.decisions("full_exit_now") > 0);
}

#[test]
fn a_cut_user_stream_hides_nothing_for_long() {
    let mut world = with_long(10);
    world.cut_stream(secs(20));
    world.run_for(secs(1));
    world.allow_naked(secs(10));
    world.human_open("ETHUSDT", Side::Short, "3");
    world.human_close(BTC);
    world.run_until(
        "protected by what the reads say",
        secs(12),
        World::all_covered,
    );
    world.run_until("swept by what the reads say", secs(12), |it| {
        it.resting(BTC).is_empty()
    });
    let before = world.stats().total_orders;
    world.run_for(secs(20));
    assert!(
        world.stats().total_orders <= before + 2,
        "the ladder at most"
    );
}

#[test]
fn a_bus_that_loses_repeats_and_reorders_delays_and_changes_nothing_else() {
    for seed in 1..=6 {
        let mut world = World::new(WorldOptions {
            seed,
            naked_max: secs(6),
            ..WorldOptions::default()
        });
        world.chaos(Chaos {
            loss_ppm: 150_000,
            duplicate_ppm: 150_000,
            delay_ppm: 150_000,
            delay_max: Span::from_millis(900),
        });
        world.human_open(BTC, Side::Long, "0.4");
        for price in ["50100", "50300", "50600", "50500", "50700", "50400"] {
            world.run_for(secs(3));
            world.price(BTC, price);
        }
        world.chaos(Chaos::default());
        world.run_for(secs(15));
        one_order_per_leg(&world);
        assert_eq!(
            working_trigger(&world).unwrap().get(),
            Decimal::new(499_395, 1)
        );
    }
}

/// Orders without a position are swept only once the venue has been read twice without an error.
#[test]
fn orphans_are_left_alone_while_reads_fail_and_swept_once_they_have_come() {
    let mut world = with_long(1);
    world.venue_faults(FaultPlan {
        requests: vec![RequestFault {
            method: Some("GET".into()),
            path: Some("/fapi/v3/positionRisk".into()),
            contains: None,
            often: Often::ppm(1_000_000),
            action: RequestAction::RefuseUnavailable,
        }],
        events: vec![EventFault {
            name: None,
            often: Often::ppm(1_000_000),
            action: EventAction::Lose,
        }],
        ..FaultPlan::default()
    });
    let rests = working_trigger(&world);
    assert!(rests.is_some());
    world.human_close(BTC);
    world.run_for(secs(30));
    assert_eq!(working_trigger(&world), rests, "{}", world.tail());
    world.venue_faults(FaultPlan::default());
    world.run_until("swept", secs(30), |it| {
        it.position(BTC).is_none() && it.resting(BTC).is_empty()
    });
}
