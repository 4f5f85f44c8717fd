//! Stories of several incumbents beside each other: who trails, by whose numbers, and when not.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::{LegId, Module};
use domain::mode::{Flags, Mode};
use domain::{Side, Span, Symbol};
use legacy::roles;
use paper_exchange::rng::SplitMix64;
use rust_decimal::Decimal;
use tests::world::{Chaos, Service, World, WorldOptions, flags};

const BTC: &str = "BTCUSDT";
const ETH: &str = "ETHUSDT";
const MONITOR: Module = Module::PositionMonitor;
const MANAGER: Module = Module::TrailingStopManager;
/// The manager looks every 10 s; by then it has also seen its order rest and canceled the old one.
const LOOK: Span = Span::from_secs(12);

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn options(flags: Flags) -> WorldOptions {
    WorldOptions {
        flags,
        incumbents: vec![MONITOR, MANAGER],
        ..WorldOptions::default()
    }
}

/// A covered position of 0.4 BTC from 50000.1.
fn with_long(options: WorldOptions) -> World {
    let mut world = World::new(options);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("a stop", secs(1), World::all_covered);
    world.run_for(secs(3));
    world
}

/// Triggers of a module's resting stops, loosest first for a long.
fn stops(world: &World, name: &str, module: &Module) -> Vec<String> {
    let resting = world.legs(name, module, LegId::Stop).into_iter();
    let mut triggers: Vec<_> = resting.filter_map(|it| it.order.stop_trigger()).collect();
    triggers.sort();
    triggers.iter().map(ToString::to_string).collect()
}

#[test]
fn the_trailing_manager_follows_a_trend_beside_the_monitor() {
    let mut world = with_long(options(flags(Mode::Legacy)));
    assert_eq!(stops(&world, BTC, &MONITOR), ["49000.1"]);
    assert!(stops(&world, BTC, &MANAGER).is_empty());
    // +1.6 %, +3.2 %, +5.2 %, +8 %: entry, 1.5 % beyond it, then 1 % behind the best price.
    for (price, expected) in [
        ("50800.2", "50000.1"),
        ("51600.2", "50750.2"),
        ("52600", "52074"),
        ("54000", "53460"),
    ] {
        world.price(BTC, price);
        world.run_for(LOOK);
        assert_eq!(stops(&world, BTC, &MANAGER), [expected], "at {price}");
    }
    // The monitor's own stop rests below it, and each follows the quantity that targets leave.
    assert_eq!(stops(&world, BTC, &MONITOR).len(), 1);
    for price in ["53900", "53700", "53500"] {
        world.price(BTC, price);
        world.run_for(LOOK);
        assert_eq!(stops(&world, BTC, &MANAGER), ["53460"], "never looser");
    }
    let held = world.position(BTC).unwrap().qty;
    let covers = |module| {
        let stops = world.legs(BTC, module, LegId::Stop);
        stops.iter().all(|it| it.order.qty() == Some(held))
    };
    assert!(covers(&MANAGER) && covers(&MONITOR), "{}", world.tail());
    world.price(BTC, "53459");
    world.run_until("stopped out, and swept", secs(4), |it| {
        it.position(BTC).is_none() && it.resting(BTC).is_empty()
    });
    assert_eq!(world.stats().errors.get(&-4130), None);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn the_trailing_manager_places_before_it_cancels() {
    let mut world = with_long(options(flags(Mode::Legacy)));
    world.price(BTC, "52600");
    world.run_for(LOOK);
    assert_eq!(stops(&world, BTC, &MANAGER), ["52074"]);
    world.price(BTC, "54000");
    let mut seen = vec![stops(&world, BTC, &MANAGER)];
    for _ in 0..LOOK.millis() {
        world.run_for(Span::from_millis(1));
        let now = stops(&world, BTC, &MANAGER);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    let both = vec!["52074".to_owned(), "53460".to_owned()];
    let expected = [vec![both[0].clone()], both.clone(), vec![both[1].clone()]];
    // A target that filled on the way has each stop placed anew for what is left.
    seen.dedup_by_key(|stops| {
        stops.dedup();
        stops.clone()
    });
    assert_eq!(seen, expected);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_short_is_trailed_as_the_mirror_of_a_long() {
    let mut world = World::new(options(flags(Mode::Legacy)));
    world.human_open(BTC, Side::Short, "0.4");
    world.run_until("a stop", secs(1), World::all_covered);
    // Entry is the bid of 50000.
    for (price, expected) in [("49200", "50000"), ("48400", "49250"), ("47000", "47470")] {
        world.price(BTC, price);
        world.run_for(LOOK);
        assert_eq!(stops(&world, BTC, &MANAGER), [expected], "at {price}");
    }
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn in_shadow_it_trails_by_the_plan_and_in_legacy_by_its_own_numbers() {
    for (mode, expected) in [(Mode::Shadow, "51811"), (Mode::Legacy, "52074")] {
        let mut world = with_long(options(flags(mode)));
        world.price(BTC, "52600");
        world.run_for(LOOK);
        // 1.5 % behind the best price is the plan's callback, 1 % is its own.
        assert_eq!(stops(&world, BTC, &MANAGER), [expected], "{mode}");
        let planned = world.told(&MANAGER, "trailing.from_plan") > 0;
        assert_eq!(planned, mode == Mode::Shadow, "{mode}");
        assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
    }
}

#[test]
fn without_a_planner_it_falls_back_to_its_own_numbers_and_says_so() {
    let mut world = World::new(options(flags(Mode::Shadow)));
    world.crash(Service::Planner);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("a stop", secs(1), World::all_covered);
    world.price(BTC, "52600");
    world.run_for(LOOK);
    assert_eq!(stops(&world, BTC, &MANAGER), ["52074"]);
    assert!(world.told(&MANAGER, "trailing.fallback") > 0);
    assert_eq!(world.told(&MANAGER, "trailing.from_plan"), 0);
}

#[test]
fn in_live_it_stands_aside_and_takes_over_when_the_executor_dies() {
    let mut world = with_long(options(flags(Mode::Live)));
    assert!(world.stands_aside(BTC, Side::Long));
    world.price(BTC, "52000");
    world.run_for(LOOK);
    assert_eq!(world.intents(&MANAGER), 0, "the executor trails");
    assert_eq!(world.told(&MANAGER, "positions_left_to_others"), 1);
    world.crash(Service::Executor);
    world.price(BTC, "53000");
    world.run_until("a stop of the manager", secs(20), |it| {
        stops(it, BTC, &MANAGER) == ["52205"]
    });
    assert!(!world.stands_aside(BTC, Side::Long));
    world.restart(Service::Executor);
    world.run_until("the executor owns it again", secs(10), |it| {
        it.stands_aside(BTC, Side::Long)
    });
    let asked = world.intents(&MANAGER);
    world.price(BTC, "54000");
    world.run_for(LOOK);
    assert_eq!(world.intents(&MANAGER), asked);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn it_stands_aside_for_each_position_by_itself() {
    let has = |pct, name| {
        let flags = Flags {
            rollout_pct: pct,
            ..flags(Mode::Live)
        };
        flags.is_symbol_in_rollout(&Symbol::new(name).unwrap())
    };
    // The smallest share that LIVE can have with one of the two symbols in it.
    let pct = (1..100)
        .find(|pct| has(*pct, BTC) != has(*pct, ETH))
        .unwrap();
    let (owned, left) = if has(pct, BTC) {
        (BTC, ETH)
    } else {
        (ETH, BTC)
    };
    let mut world = World::cold(options(Flags {
        rollout_pct: pct,
        ..flags(Mode::Live)
    }));
    world.run_for(secs(5));
    world.human_open(BTC, Side::Long, "0.4");
    world.human_open(ETH, Side::Long, "4");
    world.run_until("both protected", secs(1), World::all_covered);
    world.run_for(secs(5));
    world.price(BTC, "51700");
    world.price(ETH, "2070");
    world.run_for(LOOK);
    assert!(stops(&world, owned, &MANAGER).is_empty());
    assert_eq!(stops(&world, left, &MANAGER).len(), 1);
    assert!(world.stands_aside(owned, Side::Long));
    assert!(!world.stands_aside(left, Side::Long));
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn each_incumbent_hears_and_speaks_under_its_own_identity() {
    let mut world = with_long(options(flags(Mode::Shadow)));
    world.price(BTC, "52600");
    world.run_for(LOOK);
    assert!(world.intents(&MANAGER) > 0 && world.intents(&MONITOR) > 0);
    assert_eq!(world.refused_subscriptions(), []);
    assert_eq!(world.violations(), 0);
}

#[test]
fn a_position_closed_by_hand_is_swept_by_each_of_its_owners() {
    let mut world = with_long(options(flags(Mode::Legacy)));
    world.price(BTC, "52600");
    world.run_for(LOOK);
    assert!(!stops(&world, BTC, &MANAGER).is_empty());
    world.human_close(BTC);
    world.run_until("swept", secs(3), |it| it.resting(BTC).is_empty());
}

#[test]
fn a_reopened_position_is_not_left_to_the_stops_of_its_former_life() {
    let mut world = with_long(options(flags(Mode::Legacy)));
    world.price(BTC, "52600");
    world.run_for(LOOK);
    let first = world.position(BTC).unwrap().epoch;
    world.human_close(BTC);
    world.run_for(Span::from_millis(3));
    world.human_open(BTC, Side::Long, "0.2");
    world.run_until("one stop, of the new life", secs(4), |it| {
        let resting = it.resting(BTC).into_iter();
        let stops: Vec<_> = resting
            .filter(|it| it.order.stop_trigger().is_some())
            .collect();
        let is_new = |it: &tests::world::truth::Resting| {
            it.cause.as_ref().is_some_and(|cause| cause.epoch > first)
        };
        stops.len() == 1 && stops.iter().all(is_new)
    });
    assert_eq!(world.naked_ms(), 0);
}

/// All six at once, on a lossy bus, with a price that jumps: the sixteen truths hold after every
/// step, no order churns, and once the bus is calm everything is protected.
fn walk_with_the_whole_family(mode: Mode, seed: u64) {
    let mut world = World::new(WorldOptions {
        seed,
        incumbents: roles::ALL.map(|role| role.module.clone()).into(),
        naked_max: secs(8),
        ..options(flags(mode))
    });
    world.chaos(Chaos::rough());
    let mut walk = SplitMix64::new(seed);
    for step in 0..50 {
        let held = world.position(BTC).map(|it| it.key.side);
        if held.is_none() || step % 20 == 0 {
            let side = [Side::Long, Side::Short][usize::from(walk.between(0, 1) == 1)];
            world.human_open(BTC, held.unwrap_or(side), "0.1");
        }
        let mark = world.venue().market(BTC).unwrap().mark;
        let moved = mark * Decimal::new(10_000 + walk.between(-60, 70), 4);
        let price = world.venue().spec(BTC).unwrap().floor_price(moved);
        world.price_at(BTC, price);
        world.run_for(Span::from_millis(walk.between(100, 6_000)));
    }
    world.chaos(Chaos::default());
    world.run_for(secs(15));
    assert!(world.all_covered(), "seed {seed} {mode}\n{}", world.tail());
    for role in roles::ALL {
        let asked = world.intents(&role.module);
        assert!(asked < 60, "{} asked for {asked} orders", role.module);
    }
    assert_eq!(world.stats().errors.get(&-4130), None, "seed {seed} {mode}");
    assert_eq!(world.violations(), 0);
}

#[test]
fn in_legacy_the_whole_family_keeps_every_position_protected() {
    for seed in 1..=3 {
        walk_with_the_whole_family(Mode::Legacy, seed);
    }
}

#[test]
fn in_shadow_the_whole_family_keeps_every_position_protected() {
    for seed in 1..=3 {
        walk_with_the_whole_family(Mode::Shadow, seed);
    }
}
