//! Stories of who owns a position: incumbents, people, the operator's kill.
#![allow(clippy::unwrap_used, reason = "a test may")]

use bus::policy::Policy as ServerPolicy;
use domain::ids::Module;
use domain::mode::{Flags, Mode};
use domain::{Side, Span};
use tests::world::{Executors, Service, World, WorldOptions, flags};

const BTC: &str = "BTCUSDT";

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn with_long(seed: u64) -> World {
    let mut world = World::live(seed);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
    assert!(world.all_covered(), "{}", world.tail());
    world
}

#[test]
fn a_position_closed_by_hand_leaves_no_order_behind() {
    let mut world = with_long(1);
    world.human_close(BTC);
    world.run_until("swept", secs(3), |it| it.resting(BTC).is_empty());
    let before = world.stats().total_orders;
    world.run_for(secs(10));
    assert_eq!(
        world.stats().total_orders,
        before,
        "nothing is placed for a closed position"
    );
}

#[test]
fn a_position_that_is_added_to_gets_a_stop_for_all_of_it() {
    let mut world = with_long(2);
    let epoch = world.position(BTC).unwrap().epoch;
    world.human_open(BTC, Side::Long, "0.2");
    world.run_until("the stop covers 0.6", secs(2), |it| {
        it.working_stops(BTC).iter().any(|stop| stop.1 == "0.6")
    });
    world.run_for(secs(3));
    assert_eq!(world.working_stops(BTC).len(), 1);
    assert_eq!(world.position(BTC).unwrap().epoch, epoch);
    let ladder: Vec<String> = world.ladder(BTC).into_iter().map(|it| it.2).collect();
    assert_eq!(ladder, ["0.15", "0.15"]);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_stop_canceled_by_hand_is_placed_again() {
    let mut world = with_long(3);
    let stop = world.legs(BTC, &Module::ExitExecutor, domain::LegId::Stop)[0].clone();
    world.human_cancels_stop(BTC, &stop.id);
    world.run_until("a new working stop", secs(2), |it| {
        it.working_stops(BTC).len() == 1
    });
    let again = &world.legs(BTC, &Module::ExitExecutor, domain::LegId::Stop)[0];
    assert_eq!(again.order, stop.order);
    assert_ne!(again.id, stop.id, "a name is used once");
}

#[test]
fn a_position_reopened_at_once_is_a_new_life() {
    let mut world = with_long(4);
    let first = world.position(BTC).unwrap().epoch;
    world.human_close(BTC);
    world.run_for(Span::from_millis(3));
    world.human_open(BTC, Side::Long, "0.2");
    world.run_until("both stops of the new life", secs(2), |it| {
        it.working_stops(BTC) == [("48750.1".into(), "0.2".into())]
            && it.disaster_stops(BTC).len() == 1
    });
    world.run_for(secs(3));
    assert!(world.position(BTC).unwrap().epoch > first);
    let epochs = world
        .resting(BTC)
        .into_iter()
        .map(|it| it.cause.unwrap().epoch);
    assert!(
        epochs.into_iter().all(|epoch| epoch > first),
        "{}",
        world.tail()
    );
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn in_live_the_incumbents_are_blocked_and_counted_and_reach_nothing() {
    let mut world = with_long(5);
    // A silent executor is trusted for a shorter time by the incumbents than by the guard.
    world.crash(Service::Executor);
    world.price(BTC, "51000");
    world.run_until("a blocked attempt", secs(5), |it| {
        it.metrics(Service::Guard).blocked_legacy_orders() > 0
    });
    world.restart(Service::Executor);
    world.run_for(secs(2));
    let status = world.status();
    let metrics = status.metrics.unwrap();
    assert!(metrics.blocked_legacy_orders > 0);
    assert!(metrics.blocked_by_module["position_monitor"] > 0);
    assert!(!metrics.orders_by_module.contains_key("position_monitor"));
    assert_eq!(status.operational_state, "EXIT_BRAIN_V3_LIVE");
    assert!(world.venue_orders(&Module::PositionMonitor).is_empty());
    assert_eq!(world.violations(), 0);
}

#[test]
fn the_incumbent_stands_aside_once_the_executor_lists_the_position() {
    let mut world = with_long(6);
    assert!(world.stands_aside(BTC, Side::Long));
    let asked = world.intents(&Module::PositionMonitor);
    world.run_for(secs(5));
    assert_eq!(
        world.intents(&Module::PositionMonitor),
        asked,
        "it asks no more"
    );
    world.crash(Service::Executor);
    world.run_for(Span::from_millis(3_500));
    assert!(!world.stands_aside(BTC, Side::Long), "silence ends it");
}

#[test]
fn a_kill_cancels_no_protection_and_silences_the_executor() {
    let mut world = with_long(7);
    let before = world.resting(BTC);
    world.kill(Mode::Shadow);
    world.run_until("shadow in force", secs(2), |it| {
        it.mode() == Some(Mode::Shadow)
    });
    world.run_for(Span::from_millis(100));
    let sent = world.venue_orders(&Module::ExitExecutor);
    for price in ["50400", "50600", "50740", "50500"] {
        world.price(BTC, price);
        world.run_for(secs(2));
    }
    assert_eq!(world.venue_orders(&Module::ExitExecutor), sent);
    let after = world.resting(BTC);
    assert!(
        before.iter().all(|order| after.contains(order)),
        "{after:#?}"
    );
    assert!(!world.stands_aside(BTC, Side::Long));
    // The server's policy may lag behind; new positions can't wait for it.
    for (name, policy) in [
        ("ETHUSDT", ServerPolicy::Live),
        ("SOLUSDT", ServerPolicy::Shadow),
    ] {
        world.serve(policy);
        world.human_open(name, Side::Short, "2");
        world.run_until("the incumbent protects", secs(1), World::all_covered);
    }
    assert_eq!(world.venue_orders(&Module::ExitExecutor), sent);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn flags_of_live_under_the_policy_of_shadow_leave_the_stops_to_the_incumbents() {
    for executors in [Executors::Alone, Executors::Two] {
        let mut world = World::new(WorldOptions {
            flags: flags(Mode::Live),
            executors,
            ..WorldOptions::default()
        });
        world.serve(ServerPolicy::Shadow);
        // The refusal, the guard's word, and the incumbents' next look at the positions.
        world.allow_naked(secs(2));
        world.run_until("LIVE by the flags", secs(3), |it| {
            it.mode() == Some(Mode::Live)
        });
        world.human_open(BTC, Side::Long, "0.4");
        world.run_until("a stop of the incumbents", secs(6), World::all_covered);
        assert_eq!(world.mode(), Some(Mode::Shadow));
        assert!(world.violations() > 0);
        // The policy alone raises nobody: the operator starts the executor anew.
        world.serve(ServerPolicy::Live);
        world.run_for(secs(5));
        assert_eq!(world.mode(), Some(Mode::Shadow));
        assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
    }
}

#[test]
fn a_refused_executor_goes_on_asking_where_no_incumbent_could_take_over() {
    let mut world = World::live(7);
    world.crash(Service::Legacy);
    world.run_for(secs(4));
    world.serve(ServerPolicy::Shadow);
    world.allow_naked(secs(20));
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
    assert!(world.violations() > 0);
    assert_eq!(world.mode(), Some(Mode::Live));
    world.serve(ServerPolicy::Live);
    world.run_until("its stops, without a restart", secs(5), World::all_covered);
    assert!(!world.venue_orders(&Module::ExitExecutor).is_empty());
}

#[test]
fn the_policy_of_shadow_takes_a_live_executor_down() {
    let mut world = with_long(7);
    world.serve(ServerPolicy::Shadow);
    world.price(BTC, "50900");
    world.run_until("the executor asks and is refused", secs(10), |it| {
        it.mode() == Some(Mode::Shadow)
    });
    world.human_open("ETHUSDT", Side::Short, "2");
    world.run_until("the incumbent protects", secs(2), World::all_covered);
    world.restart(Service::Executor);
    world.serve(ServerPolicy::Live);
    world.run_until("started anew it owns them again", secs(5), |it| {
        it.mode() == Some(Mode::Live)
    });
    assert!(world.all_covered());
}

#[test]
fn in_legacy_mode_the_incumbent_protects_alone_and_nothing_is_a_conflict() {
    let mut world = World::new(WorldOptions {
        flags: flags(Mode::Legacy),
        ..WorldOptions::default()
    });
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("a stop of the incumbent", secs(1), World::all_covered);
    world.run_for(secs(5));
    assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
    assert_eq!(world.metrics(Service::Guard).ownership_conflicts, 0);
}

#[test]
fn in_shadow_each_order_of_an_incumbent_is_a_counted_conflict() {
    let mut world = World::shadow(8);
    world.human_open(BTC, Side::Short, "0.4");
    world.run_for(secs(5));
    let metrics = world.metrics(Service::Guard);
    assert!(metrics.ownership_conflicts > 0);
    assert_eq!(metrics.blocked_legacy_orders(), 0);
}

#[test]
fn one_service_that_resolves_shadow_keeps_everybody_in_shadow() {
    for flag in ["executor_mode", "rollout", "enabled"] {
        let live = flags(Mode::Live);
        let flags = match flag {
            "executor_mode" => Flags {
                executor_mode: flags(Mode::Shadow).executor_mode,
                ..live
            },
            "rollout" => Flags {
                rollout: flags(Mode::Shadow).rollout,
                ..live
            },
            _ => Flags {
                enabled: Some(false),
                ..live
            },
        };
        let mut world = World::new(WorldOptions {
            flags,
            ..WorldOptions::default()
        });
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(4));
        assert!(world.all_covered(), "{flag}");
        assert!(
            world.venue_orders(&Module::ExitExecutor).is_empty(),
            "{flag}"
        );
    }
}

#[test]
fn a_symbol_outside_the_rollout_stays_with_the_incumbent() {
    let mut world = World::cold(WorldOptions {
        flags: Flags {
            rollout_pct: 0,
            ..flags(Mode::Live)
        },
        ..WorldOptions::default()
    });
    world.run_for(secs(5));
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("somebody protects it", secs(1), World::all_covered);
    assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
}
