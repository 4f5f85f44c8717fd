//! Stories of the way down: LIVE is taken away and every position passes to the incumbents.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::{LegId, Module};
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, Rollout};
use domain::order::CloseOrder;
use domain::signal::RiskMode;
use domain::{Qty, Side, Span};
use paper_exchange::faults::{FaultPlan, Often, RequestAction, RequestFault};
use paper_exchange::venue::VenueConfig;
use tests::world::truth::Resting;
use tests::world::{Service, World, WorldOptions, flags};

const BTC: &str = "BTCUSDT";
const ETH: &str = "ETHUSDT";

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn millis(millis: i64) -> Span {
    Span::from_millis(millis)
}

/// A long and a short, each with stops and ladder of the executor.
fn with_two(seed: u64) -> World {
    let mut world = World::live(seed);
    world.human_open(BTC, Side::Long, "0.4");
    world.human_open(ETH, Side::Short, "4");
    world.run_for(secs(3));
    assert!(world.all_covered(), "{}", world.tail());
    world
}

fn stops_of(world: &World, name: &str, module: &Module) -> Vec<Resting> {
    world.legs(name, module, LegId::Stop)
}

/// What diagnostics says of the way down: positions handed over, taken over.
fn passed(world: &World) -> (u64, u64) {
    let demotion = world.status().demotion.unwrap_or_default();
    (demotion.positions, demotion.taken_over)
}

fn all_taken(world: &World, positions: u64) -> bool {
    passed(world) == (positions, positions)
}

#[test]
fn a_kill_hands_every_position_over_and_cancels_no_protection() {
    for (seed, to) in [(1, Mode::Shadow), (2, Mode::Legacy)] {
        let mut world = with_two(seed);
        let before = [world.resting(BTC), world.resting(ETH)].concat();
        world.kill(to);
        world.run_until("both taken over", secs(4), |it| all_taken(it, 2));
        assert_eq!(world.mode(), Some(to));
        world.run_for(secs(5));
        let after = [world.resting(BTC), world.resting(ETH)].concat();
        assert!(before.iter().all(|it| after.contains(it)), "{after:#?}");
        assert_eq!(world.counter(Service::Executor, "handed_over"), 2);
        assert_eq!(world.counter(Service::Executor, "handed_over_taken"), 2);
        let monitor = Module::PositionMonitor;
        assert_eq!(world.told(&monitor, "positions_taken_over"), 2);
        assert!(
            stops_of(&world, BTC, &monitor).is_empty(),
            "no second stop beside an adequate one"
        );
        assert_eq!(world.status().demotion.unwrap().last_order_us, None);
        assert_eq!(world.naked_ms(), 0);
    }
}

#[test]
fn the_hand_over_is_said_only_until_somebody_has_the_position() {
    let mut world = with_two(3);
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(4), |it| all_taken(it, 2));
    world.run_for(secs(2));
    let said = world.counter(Service::Executor, "handovers_said");
    assert!((2..=8).contains(&said), "{said}");
    world.run_for(secs(20));
    assert_eq!(world.counter(Service::Executor, "handovers_said"), said);
}

#[test]
fn each_of_the_three_flags_takes_live_back_with_a_restart() {
    let live = flags(Mode::Live);
    let ways = [
        Flags {
            exit_mode: ExitMode::Legacy,
            ..live
        },
        Flags {
            executor_mode: ExecutorMode::Shadow,
            ..live
        },
        Flags {
            rollout: Rollout::Disabled,
            ..live
        },
    ];
    for (seed, down) in (10..).zip(ways) {
        let mut world = with_two(seed);
        let before = [world.resting(BTC), world.resting(ETH)].concat();
        let sent = world.venue_orders(&Module::ExitExecutor);
        world.start_over(down);
        world.run_until("both taken over", secs(10), |it| all_taken(it, 2));
        world.run_for(secs(5));
        let after = [world.resting(BTC), world.resting(ETH)].concat();
        assert!(before.iter().all(|it| after.contains(it)), "{down:?}");
        assert_eq!(world.venue_orders(&Module::ExitExecutor), sent);
        assert!(world.all_covered());
    }
}

#[test]
fn a_position_whose_hand_over_nobody_hears_is_taken_over_all_the_same() {
    let mut world = with_two(20);
    world.lose(&["control.handover."]);
    world.kill(Mode::Shadow);
    let monitor = Module::PositionMonitor;
    world.run_until("taken over by what rests", secs(4), |it| {
        it.told(&monitor, "positions_taken_over") == 2
    });
    assert_eq!(world.told(&monitor, "handovers_heard"), 0);
    world.run_until("and the executor knows", secs(3), |it| {
        it.counter(Service::Executor, "handed_over_taken") == 2
    });
    assert!(all_taken(&world, 2), "the executor listed them before");
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_position_whose_kill_only_the_guard_hears_is_handed_over_by_its_word() {
    let mut world = with_two(21);
    world.crash(Service::Executor);
    world.kill(Mode::Shadow);
    world.run_for(millis(100));
    world.restart(Service::Executor);
    world.run_until("both taken over", secs(10), |it| all_taken(it, 2));
    world.run_until("handed over by the guard's word", secs(8), |it| {
        it.counter(Service::Executor, "handed_over") == 2
    });
    assert_eq!(world.mode(), Some(Mode::Shadow));
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn an_executor_that_is_dead_at_the_kill_has_its_positions_taken_over() {
    let mut world = with_two(22);
    let before = [world.resting(BTC), world.resting(ETH)].concat();
    world.crash(Service::Executor);
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(6), |it| all_taken(it, 2));
    world.run_for(secs(5));
    let after = [world.resting(BTC), world.resting(ETH)].concat();
    assert!(before.iter().all(|it| after.contains(it)), "{after:#?}");
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn the_successor_moves_an_adopted_stop_by_placing_its_own_first() {
    let mut world = with_two(30);
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(4), |it| all_taken(it, 2));
    let executor = Module::ExitExecutor;
    assert_eq!(stops_of(&world, BTC, &executor).len(), 1);
    // Far enough for the monitor's second tier at any leverage of these worlds.
    world.price(BTC, "51500");
    world.run_until("the monitor's own stop alone", secs(6), |it| {
        stops_of(it, BTC, &executor).is_empty()
            && stops_of(it, BTC, &Module::PositionMonitor).len() == 1
    });
    assert_eq!(world.disaster_stops(BTC).len(), 1, "the floor stays");
    assert_eq!(stops_of(&world, ETH, &executor).len(), 1);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn an_adopted_stop_that_the_position_outgrew_is_replaced_by_one_for_all_of_it() {
    let mut world = with_two(31);
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(4), |it| all_taken(it, 2));
    world.human_open(BTC, Side::Long, "0.2");
    let whole = |it: &Resting| it.order.qty() == Some(Qty::new("0.6".parse().unwrap()).unwrap());
    world.run_until("one stop for 0.6", secs(5), |it| {
        let own = stops_of(it, BTC, &Module::PositionMonitor);
        own.iter().any(whole) && stops_of(it, BTC, &Module::ExitExecutor).is_empty()
    });
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn take_profits_that_were_handed_over_rest_and_never_close_too_much() {
    let mut world = with_two(32);
    let ladder = world.ladder(BTC);
    assert!(!ladder.is_empty());
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(4), |it| all_taken(it, 2));
    // The monitor has targets of its own here.
    world.price(BTC, "50450");
    world.run_for(secs(8));
    assert_eq!(world.ladder(BTC), ladder);
    let limits = world
        .resting(BTC)
        .into_iter()
        .filter_map(|it| match it.order {
            CloseOrder::Limit { qty, .. } => Some(qty),
            _ => None,
        });
    let sum = limits.fold(Qty::ZERO, Qty::plus);
    assert!(sum <= world.position(BTC).unwrap().qty, "{sum}");
    world.human_close(BTC);
    world.run_until("everything swept", secs(5), |it| it.resting(BTC).is_empty());
}

#[test]
fn a_kill_while_a_stop_is_being_replaced_leaves_one_and_is_never_naked() {
    for step in 0..12 {
        let mut world = with_two(40 + step);
        world.price(BTC, "50500");
        world.run_for(millis(i64::try_from(step).unwrap() * 3));
        world.kill(Mode::Shadow);
        world.run_until("both taken over", secs(5), |it| all_taken(it, 2));
        world.run_until("one working stop", secs(8), |it| {
            let own = stops_of(it, BTC, &Module::PositionMonitor).len();
            own + stops_of(it, BTC, &Module::ExitExecutor).len() == 1
        });
        assert_eq!(world.naked_ms(), 0);
    }
}

#[test]
fn an_exit_under_way_at_the_kill_is_finished_once() {
    let (mut by_executor, mut by_successor) = (0, 0);
    for step in 0..12 {
        let mut world = with_two(60 + step);
        world.risk(RiskMode::EssActive);
        world.run_for(millis(i64::try_from(step).unwrap() * 8));
        world.kill(Mode::Shadow);
        let decided = world.decisions("full_exit_now") > 0;
        let flat = |it: &World| it.position(BTC).is_none() && it.position(ETH).is_none();
        if !decided {
            continue;
        }
        world.run_until("both closed", secs(20), flat);
        let markets = |module| world.venue_orders(&module).get("MARKET").copied();
        let by = markets(Module::ExitExecutor).unwrap_or_default();
        let taken = markets(Module::PositionMonitor).unwrap_or_default();
        assert_eq!(by + taken, 2, "step {step}: once for each");
        by_executor += by;
        by_successor += taken;
        world.run_for(secs(5));
        assert!(world.resting(BTC).is_empty() && world.resting(ETH).is_empty());
    }
    assert!(by_executor > 0 && by_successor > 0);
}

/// Who has taken the position over dies before the exit is finished, and starts without knowing of
/// it.
#[test]
fn an_exit_under_way_is_finished_by_an_incumbent_that_has_started_since() {
    let mut world = with_two(100);
    world.venue_faults(FaultPlan {
        requests: vec![RequestFault {
            method: Some("POST".into()),
            path: None,
            contains: Some("type=MARKET".into()),
            often: Often::default(),
            action: RequestAction::LoseThenTimeout,
        }],
        ..FaultPlan::default()
    });
    world.risk(RiskMode::EssActive);
    world.run_for(millis(500));
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(4), |it| {
        it.counter(Service::Executor, "handed_over_taken") == 2
    });
    world.restart(Service::Legacy);
    world.venue_faults(FaultPlan::default());
    world.run_until("both closed", secs(30), |it| {
        it.position(BTC).is_none() && it.position(ETH).is_none()
    });
}

#[test]
fn both_sides_of_a_symbol_are_handed_over_in_hedge_mode() {
    let mut world = World::new(WorldOptions {
        seed: 80,
        venue: VenueConfig {
            hedge: true,
            ..VenueConfig::default()
        },
        ..WorldOptions::default()
    });
    world.human_open(BTC, Side::Long, "0.4");
    world.human_open(BTC, Side::Short, "0.2");
    world.run_for(secs(3));
    let before = world.resting(BTC);
    world.kill(Mode::Shadow);
    world.run_until("both sides taken over", secs(4), |it| all_taken(it, 2));
    world.run_for(secs(5));
    let after = world.resting(BTC);
    assert!(before.iter().all(|it| after.contains(it)), "{after:#?}");
    assert!(world.all_covered());
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn live_again_after_a_restart_takes_the_positions_back() {
    let mut world = with_two(90);
    world.kill(Mode::Shadow);
    world.run_until("both taken over", secs(4), |it| all_taken(it, 2));
    world.start_over(flags(Mode::Live));
    world.run_until("LIVE again", secs(10), |it| it.is_ready(Mode::Live));
    world.run_until("the incumbents stand aside", secs(5), |it| {
        it.stands_aside(BTC, Side::Long) && it.stands_aside(ETH, Side::Short)
    });
    assert_eq!(world.counter(Service::Executor, "handed_over"), 0);
    assert!(world.status().demotion.is_none());
    assert!(world.all_covered());
}
