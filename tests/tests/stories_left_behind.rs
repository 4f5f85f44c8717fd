//! Stories of several owners of one position: who takes profit, and what they leave behind.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;

use bus::{Identity, subjects};
use domain::ids::{LegId, Module};
use domain::mode::{Flags, Mode};
use domain::order::CloseOrder;
use domain::plan::convert::DynamicTpsl;
use domain::plan::request::PlanReply;
use domain::{Ratio, Side, Span, Symbol};
use legacy::roles;
use tests::world::{Service, World, WorldOptions, flags, truth};

const BTC: &str = "BTCUSDT";
const MONITOR: Module = Module::PositionMonitor;
const DYNAMIC: Module = Module::DynamicTpsl;
/// What ships.
const THREE: [Module; 3] = [MONITOR, Module::TrailingStopManager, DYNAMIC];

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn family() -> Vec<Module> {
    roles::ALL.map(|role| role.module.clone()).into()
}

/// A world that has read the venue's books.
fn world(mode: Mode, incumbents: &[Module], seed: u64) -> World {
    let mut world = World::new(WorldOptions {
        flags: flags(mode),
        incumbents: incumbents.to_vec(),
        seed,
        naked_max: secs(8),
        ..WorldOptions::default()
    });
    world.run_for(secs(3));
    world
}

/// Resting take-profits by module: price and quantity, nearest first.
fn targets(world: &World) -> BTreeMap<String, Vec<(String, String)>> {
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for resting in world.resting(BTC) {
        let (Some(cause), CloseOrder::Limit { qty, price }) = (resting.cause, resting.order) else {
            continue;
        };
        let of = found.entry(cause.module.name().to_owned()).or_default();
        of.push((price.to_string(), qty.to_string()));
    }
    found.values_mut().for_each(|prices| prices.sort());
    found
}

fn expected(rows: &[(&Module, &[(&str, &str)])]) -> BTreeMap<String, Vec<(String, String)>> {
    let owned = |(price, qty): &(&str, &str)| (String::from(*price), String::from(*qty));
    let row = |(module, prices): &(&Module, &[(&str, &str)])| {
        let prices = prices.iter().map(owned).collect();
        (module.name().to_owned(), prices)
    };
    rows.iter().map(row).collect()
}

fn cancels(world: &World) -> u64 {
    let counts = family().into_iter().map(|module| {
        let orders = world.venue_orders(&module);
        orders.get("CANCEL").copied().unwrap_or_default()
    });
    counts.sum()
}

/// Modules whose orders rest.
fn owners(world: &World) -> Vec<Module> {
    let resting = world.resting(BTC).into_iter();
    let mut owners: Vec<_> = resting
        .filter_map(|it| it.cause.map(|cause| cause.module))
        .collect();
    owners.sort();
    owners.dedup();
    owners
}

#[test]
fn who_takes_profit_does_not_depend_on_who_is_faster() {
    for seed in 1..=40 {
        let mut world = world(Mode::Legacy, &THREE, seed);
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(20));
        // Half at 3 % is the monitor's, three tenths at 6.8 % are what it always leaves.
        let rest = expected(&[
            (&MONITOR, &[("51500.1", "0.2")]),
            (&DYNAMIC, &[("53409.1", "0.12")]),
        ]);
        assert_eq!(targets(&world), rest, "seed {seed}\n{}", world.tail());
        assert_eq!(world.stats().errors.get(&-2022), None, "seed {seed}");
        assert_eq!(cancels(&world), 0, "seed {seed}");
        world.price(BTC, "50900");
        world.run_for(secs(20));
        let tiers = &targets(&world)[MONITOR.name()];
        assert_eq!(tiers.len(), 1, "seed {seed}: {tiers:?}");
        assert_eq!(tiers[0].1, "0.1", "a quarter: the first tier");
        assert_eq!(targets(&world)[DYNAMIC.name()], rest[DYNAMIC.name()]);
        assert_eq!(world.stats().errors.get(&-2022), None, "seed {seed}");
        assert!(cancels(&world) <= 6, "seed {seed}: {}", cancels(&world));
    }
}

#[test]
fn the_whole_family_takes_profit_the_same_way_for_every_seed() {
    let mut seen = Vec::new();
    for seed in 1..=10 {
        let mut world = world(Mode::Legacy, &family(), seed);
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(20));
        seen.push(targets(&world));
        assert_eq!(world.stats().errors.get(&-2022), None, "seed {seed}");
        assert_eq!(cancels(&world), 0, "seed {seed}");
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0].len(), 2, "the first two share it all: {seen:?}");
}

#[test]
fn a_module_alone_takes_profit_with_everything() {
    let mut world = world(Mode::Legacy, &[DYNAMIC], 1);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(20));
    let whole = expected(&[(&DYNAMIC, &[("53409.1", "0.4")])]);
    assert_eq!(targets(&world), whole);
}

#[test]
fn what_a_removed_module_left_ends_with_the_life_and_never_cuts_the_next_one() {
    for kept in [&[MONITOR][..], &THREE[..]] {
        let mut world = world(Mode::Legacy, &family(), 1);
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(12));
        for price in ["50900", "52000", "52600"] {
            world.price(BTC, price);
            world.run_for(secs(12));
        }
        world.crash(Service::Legacy);
        world.choose_incumbents(kept);
        world.restart(Service::Legacy);
        world.run_for(secs(20));
        let left = owners(&world);
        assert!(left.iter().any(|owner| !kept.contains(owner)), "{left:?}");
        world.human_close(BTC);
        let swept = |it: &World| it.resting(BTC).is_empty();
        world.run_until("swept", secs(5), swept);
        world.price(BTC, "52500");
        world.human_open(BTC, Side::Long, "0.4");
        world.run_for(secs(15));
        assert!(world.all_covered());
        let strangers: Vec<_> = owners(&world)
            .into_iter()
            .filter(|owner| !kept.contains(owner))
            .collect();
        assert_eq!(strangers, [], "kept {kept:?}");
    }
}

#[test]
fn a_position_reopened_at_once_loses_what_a_removed_module_left_of_its_former_life() {
    let mut world = world(Mode::Legacy, &THREE, 1);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(12));
    world.crash(Service::Legacy);
    world.choose_incumbents(&[MONITOR]);
    world.human_close(BTC);
    world.human_open(BTC, Side::Long, "0.2");
    world.restart(Service::Legacy);
    world.run_until("only the monitor's own orders", secs(20), |it| {
        it.all_covered() && owners(it) == [MONITOR]
    });
}

#[test]
fn a_symbol_that_leaves_the_rollout_is_swept_of_what_the_executor_left() {
    let with = |pct| Flags {
        rollout_pct: pct,
        ..flags(Mode::Live)
    };
    let symbol = Symbol::new(BTC).unwrap();
    let mut shares = (1..100).rev().map(with);
    let lowered = shares.find(|it| !it.is_symbol_in_rollout(&symbol));
    let mut world = world(Mode::Live, &THREE, 1);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(10));
    assert_eq!(owners(&world), [Module::ExitExecutor]);
    world.start_over(lowered.unwrap());
    world.outage(secs(10));
    world.run_for(secs(20));
    assert!(world.all_covered());
    world.human_close(BTC);
    let swept = |it: &World| it.resting(BTC).is_empty();
    world.run_until("swept", secs(5), swept);
    world.price(BTC, "49500");
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(15));
    assert!(world.all_covered());
    assert!(!owners(&world).contains(&Module::ExitExecutor));
}

/// An answer to a question about the position, with these distances in basis points.
fn say_distances(world: &mut World, target: i64, stop: i64) {
    let key = truth::key(BTC, Side::Long);
    let Some(picture) = world.picture(&key).cloned() else {
        return;
    };
    let reply = PlanReply {
        id: 1,
        module: DYNAMIC,
        key: key.clone(),
        epoch: picture.position.epoch,
        at: picture.at,
        answer: Ok(DynamicTpsl {
            tp_percent: Ratio::basis_points(target),
            sl_percent: Ratio::basis_points(stop),
            trail_percent: Ratio::basis_points(100),
            partial_tp: false,
            rationale: "wrong".into(),
            confidence: Ratio::ONE,
        }),
    };
    let message = subjects::plan_reply(&DYNAMIC, &key).message(&reply);
    world.say_as(Identity::Planner, message);
}

#[test]
fn distances_that_no_plan_has_are_not_followed() {
    for (target, stop) in [(9_500, 9_500), (1, 1), (9_999, 200), (300, 1_001)] {
        let mut world = world(Mode::Shadow, &[DYNAMIC], 1);
        world.crash(Service::Planner);
        world.human_open(BTC, Side::Long, "0.4");
        for _ in 0..100 {
            world.run_for(Span::from_millis(2));
            say_distances(&mut world, target, stop);
        }
        world.run_for(secs(5));
        assert_eq!(world.told(&DYNAMIC, "fallback_total.mismatch"), 1);
        assert_eq!(world.told(&DYNAMIC, "dynamic_tpsl.from_plan"), 0);
        let stops = world.legs(BTC, &DYNAMIC, LegId::Stop);
        let triggers: Vec<_> = stops
            .iter()
            .filter_map(|it| it.order.stop_trigger())
            .collect();
        let triggers: Vec<_> = triggers.iter().map(ToString::to_string).collect();
        assert_eq!(triggers, ["48920.6"], "its own, for {target} and {stop}");
    }
}
