//! Stories of `dynamic_tpsl` and the planner: asked and answered, refused, silent, and switched
//! off (M100, M101, M108).
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::{LegId, Module};
use domain::mode::Mode;
use domain::order::CloseOrder;
use domain::plan::LegKind;
use domain::signal::RiskMode;
use domain::{Side, Span};
use rust_decimal::RoundingStrategy::ToPositiveInfinity;
use tests::world::{Service, World, WorldOptions, flags, truth};

const BTC: &str = "BTCUSDT";
const DYNAMIC: Module = Module::DynamicTpsl;
/// One in which the planner hears of the position before it is asked for the plan of it: otherwise
/// it refuses, and the asker's own levels rest.
const SEED: u64 = 2;
/// Its own maths at the confidence of a signal that says none: 2.159 % and 6.818 % from 50000.1.
const OWN_STOP: &str = "48920.6";
const OWN_TARGET: &str = "53409.1";
/// The answer's deadline (250 ms), a beat to see that it has passed, and the way to the venue.
const IN_TIME: Span = Span::from_millis(600);
/// From the opening fill until everything rests.
const SETTLED: Span = Span::from_secs(5);

/// A world that has read the venue's books.
fn world(mode: Mode) -> World {
    let mut world = World::new(WorldOptions {
        seed: SEED,
        flags: flags(mode),
        incumbents: vec![DYNAMIC],
        ..WorldOptions::default()
    });
    world.run_for(Span::from_secs(3));
    world
}

fn open(world: &mut World) {
    world.human_open(BTC, Side::Long, "0.4");
}

/// Triggers of its stops, prices and quantities of its targets.
fn resting(world: &World) -> (Vec<String>, Vec<(String, String)>) {
    let stops = world.legs(BTC, &DYNAMIC, LegId::Stop);
    let stops = stops.iter().filter_map(|it| it.order.stop_trigger());
    let targets = world.legs(BTC, &DYNAMIC, LegId::TakeProfit(1));
    let targets = targets.iter().filter_map(|it| match it.order {
        CloseOrder::Limit { qty, price } => Some((price.to_string(), qty.to_string())),
        _ => None,
    });
    (
        stops.map(|trigger| trigger.to_string()).collect(),
        targets.collect(),
    )
}

fn own_levels() -> (Vec<String>, Vec<(String, String)>) {
    (
        vec![OWN_STOP.into()],
        vec![(OWN_TARGET.into(), "0.4".into())],
    )
}

/// Its counters: answers followed, then the three reasons to fall back.
fn counters(world: &World) -> [u64; 4] {
    [
        "dynamic_tpsl.from_plan",
        "fallback_total.deadline",
        "fallback_total.refused",
        "fallback_total.mismatch",
    ]
    .map(|name| world.told(&DYNAMIC, name))
}

#[test]
fn in_shadow_the_planner_is_asked_and_its_answer_is_followed() {
    let mut world = world(Mode::Shadow);
    open(&mut world);
    world.run_until("a stop", Span::from_secs(1), World::all_covered);
    world.run_for(SETTLED);
    let plan = world.plan(&truth::key(BTC, Side::Long)).unwrap();
    let price = |kind| {
        let leg = plan.legs_of(kind).min_by_key(|leg| leg.priority).unwrap();
        leg.trigger_price.unwrap().get()
    };
    let (stop, target) = (price(LegKind::Stop), price(LegKind::TakeProfit));
    let (stops, targets) = resting(&world);
    // On the grid: the stop rounded up, the target down.
    let expected = (
        stop.round_dp_with_strategy(1, ToPositiveInfinity),
        target.trunc_with_scale(1),
    );
    assert_eq!(stops, [expected.0.normalize().to_string()]);
    assert_eq!(targets[0].0, expected.1.normalize().to_string());
    assert_ne!(stops, [OWN_STOP], "the plan says something else");
    assert_eq!(counters(&world), [1, 0, 0, 0]);
    assert_eq!(world.violations(), 0);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn without_a_planner_its_own_levels_rest_within_the_deadline() {
    let mut world = world(Mode::Shadow);
    world.crash(Service::Planner);
    open(&mut world);
    world.run_until("its own stop", IN_TIME, |it| resting(it).0 == [OWN_STOP]);
    world.run_for(SETTLED);
    assert_eq!(resting(&world), own_levels());
    assert_eq!(counters(&world), [0, 1, 0, 0]);
    // A planner that comes back is asked again, once, and never loosens what rests: its stop lies
    // 2.5 % from entry, farther than the own one.
    world.restart(Service::Planner);
    world.run_for(Span::from_secs(60));
    let (stops, targets) = resting(&world);
    assert_eq!(stops, [OWN_STOP]);
    assert_ne!(targets, own_levels().1, "the target is the plan's");
    assert_eq!(counters(&world), [1, 1, 0, 0]);
}

#[test]
fn a_refusal_is_no_reason_to_wait_for_the_deadline() {
    let mut world = world(Mode::Shadow);
    // A plan that says "close now" has no distances to tell.
    world.risk(RiskMode::EssActive);
    world.run_for(Span::from_secs(1));
    open(&mut world);
    world.run_until("its own stop", IN_TIME, |it| resting(it).0 == [OWN_STOP]);
    world.run_for(SETTLED);
    assert_eq!(counters(&world), [0, 0, 1, 0]);
}

#[test]
fn with_the_brain_off_it_asks_nobody_and_advice_changes_nothing() {
    let quiet = {
        let mut world = world(Mode::Legacy);
        open(&mut world);
        world.run_for(SETTLED);
        resting(&world)
    };
    let mut world = world(Mode::Legacy);
    let advise = |world: &mut World| {
        world.hint(BTC, 1_200, 90, 80, 9_900);
        world.risk(RiskMode::Critical);
    };
    advise(&mut world);
    world.run_for(Span::from_secs(1));
    open(&mut world);
    for _ in 0..30 {
        advise(&mut world);
        world.run_for(Span::from_secs(1));
    }
    assert_eq!(resting(&world), quiet);
    assert_eq!(quiet, own_levels());
    assert_eq!(counters(&world), [0, 0, 0, 0]);
    assert_eq!(world.counter(Service::Planner, "requests_answered"), 0);
}

#[test]
fn advice_shapes_the_fallback_while_the_brain_is_on() {
    let mut world = world(Mode::Shadow);
    world.crash(Service::Planner);
    world.hint(BTC, 1_000, 90, 80, 8_000);
    world.run_for(Span::from_secs(1));
    open(&mut world);
    world.run_until("a stop", Span::from_secs(1), World::all_covered);
    world.run_for(SETTLED);
    // 0.6 x 7.364 % + 0.4 x 10 %, a quarter of it, and half of the position.
    let (stops, targets) = resting(&world);
    assert_eq!(stops, ["48947.9"]);
    assert_eq!(targets, [("54209.1".into(), "0.2".into())]);
    assert_eq!(counters(&world), [0, 1, 0, 0]);
}
