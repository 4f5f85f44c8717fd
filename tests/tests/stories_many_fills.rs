//! Stories of a quantity that moves all the time: a target that fills in pieces, scaling in. Stops
//! follow it without piling up, and an account that is full of stops heals.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::{LegId, Module};
use domain::mode::Mode;
use domain::signal::RiskMode;
use domain::{Side, Span};
use paper_exchange::venue::FilterChange;
use tests::world::{World, WorldOptions, flags};

const BTC: &str = "BTCUSDT";
const ETH: &str = "ETHUSDT";
const SIDES: [Side; 2] = [Side::Long, Side::Short];
/// Milliseconds from one fill to the next: within a round of the incumbents, and once a round.
const PAUSES: [i64; 2] = [300, 1_000];
/// Far more than the stops that may rest.
const FILLS: u32 = 25;
/// The incumbents that run by default.
const INCUMBENTS: [Module; 3] = [
    Module::PositionMonitor,
    Module::TrailingStopManager,
    Module::DynamicTpsl,
];
/// The venue's "Reach max stop order limit."
const FULL: i32 = -4045;
/// An account that takes few conditional orders, so that it is full soon.
const SMALL_ACCOUNT: usize = 20;
/// By then the gateway has read the venue's filters again.
const FILTERS_READ: Span = Span::from_secs(60);
/// What the executor may ask for until it knows that nothing can be closed.
const ASKED_MAX: u64 = 30;

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn options(mode: Mode) -> WorldOptions {
    WorldOptions {
        flags: flags(mode),
        incumbents: INCUMBENTS.into(),
        ..WorldOptions::default()
    }
}

/// A covered position of 1 BTC.
fn opened(side: Side, options: WorldOptions) -> World {
    let mut world = World::new(options);
    world.human_open(BTC, side, "1");
    world.run_until("a stop", secs(1), World::all_covered);
    world.run_for(secs(15));
    world
}

fn stops(world: &World, name: &str, module: &Module) -> usize {
    world.legs(name, module, LegId::Stop).len()
}

/// The most stops of one module that rest for BTC at once, of incumbents and of the executor.
fn most(world: &World) -> usize {
    let modules = INCUMBENTS.iter().chain([&Module::ExitExecutor]);
    modules
        .map(|module| stops(world, BTC, module))
        .max()
        .unwrap()
}

/// Runs for `span`, step by step; the most stops of one module at once.
fn most_for(world: &mut World, span: Span) -> usize {
    let mut most_seen = 0;
    for _ in 0..span.millis() / 50 {
        world.run_for(Span::from_millis(50));
        most_seen = most_seen.max(most(world));
    }
    most_seen
}

fn is_tidy(world: &World) -> bool {
    world.all_covered() && most(world) == 1
}

#[test]
fn a_target_that_fills_in_many_pieces_leaves_at_most_two_stops_of_each_module() {
    for side in SIDES {
        for mode in [Mode::Legacy, Mode::Live] {
            for pause in PAUSES {
                let mut world = opened(side, options(mode));
                for _ in 0..FILLS {
                    world.human_trims(BTC, "0.005");
                    let seen = most_for(&mut world, Span::from_millis(pause));
                    assert!(seen <= 2, "{side} {mode} {pause}: {seen}");
                }
                world.run_until("one stop each", secs(15), is_tidy);
                assert_eq!(world.naked_ms(), 0);
            }
        }
    }
}

#[test]
fn scaling_in_by_small_steps_leaves_at_most_three_stops_and_then_one_for_the_whole() {
    for side in SIDES {
        for mode in [Mode::Legacy, Mode::Live] {
            for pause in PAUSES {
                let mut world = opened(side, options(mode));
                for _ in 0..FILLS {
                    world.human_open(BTC, side, "0.005");
                    // Two that cover the whole together, and the one that replaces them.
                    let seen = most_for(&mut world, Span::from_millis(pause));
                    assert!(seen <= 3, "{side} {mode} {pause}: {seen}");
                }
                world.run_until("one stop each", secs(15), is_tidy);
                let held = world.position(BTC).unwrap().qty;
                for module in &INCUMBENTS {
                    let legs = world.legs(BTC, module, LegId::Stop);
                    let of = |it: &tests::world::truth::Resting| it.order.qty() >= Some(held);
                    assert!(legs.iter().all(of), "{side} {module}: {legs:?}");
                }
                assert_eq!(world.naked_ms(), 0);
            }
        }
    }
}

/// A covered position whose superfluous stops fill the account.
fn full_account(side: Side) -> World {
    let mut options = options(Mode::Legacy);
    options.naked_max = secs(60);
    options.venue.max_algo_orders = SMALL_ACCOUNT;
    let mut world = opened(side, options);
    world.fill_with_stops(BTC, &Module::DynamicTpsl);
    world
}

#[test]
fn a_full_account_heals_and_a_new_position_is_covered() {
    for side in SIDES {
        let mut world = full_account(side);
        world.human_open(ETH, side, "2");
        world.run_until("swept and covered", secs(15), is_tidy);
        assert!(world.stats().errors[&FULL] > 0, "it was full");
        world.run_for(secs(30));
        assert!(is_tidy(&world), "{}", world.tail());
    }
}

#[test]
fn the_executor_takes_a_full_account_over_and_sweeps_it() {
    for side in SIDES {
        let mut world = full_account(side);
        world.human_open(ETH, side, "2");
        world.start_over(flags(Mode::Live));
        world.run_until("LIVE", secs(15), |it| it.is_ready(Mode::Live));
        world.run_until("taken over and swept", secs(30), |it| {
            let own = |name| it.working_stops(name).len() == 1;
            let gone = INCUMBENTS.iter().all(|module| {
                let left = [BTC, ETH].map(|name| stops(it, name, module));
                left == [0, 0]
            });
            own(BTC) && own(ETH) && gone && it.all_covered()
        });
        assert!(world.stats().errors[&FULL] > 0, "it was full");
    }
}

/// What is left of a position is less than the new lot: nothing can be placed for it but a stop
/// that names no quantity.
#[test]
fn dust_under_the_new_lot_rests_on_its_disaster_stop_without_a_storm_of_closes() {
    let mut world = World::live(1);
    world.human_open(ETH, Side::Short, "2.05");
    world.run_until("both stops", secs(6), |it| {
        it.working_stops(ETH).len() == 1 && it.disaster_stops(ETH).len() == 1
    });
    let lot = "0.02".parse().ok();
    let larger = FilterChange {
        step_size: lot,
        min_qty: lot,
        ..FilterChange::default()
    };
    world.filters_change(ETH, &larger);
    world.human_trims(ETH, "2.04");
    world.risk(RiskMode::EssActive);
    world.run_for(FILTERS_READ);
    let dust = world
        .position(ETH)
        .expect("less than a lot can't be closed");
    assert!(world.placeable(&dust).is_zero() && world.is_leaving(&dust.key));
    let asked = world.intents(&Module::ExitExecutor);
    assert!(asked <= ASKED_MAX, "{asked} intents");
    world.run_for(secs(60));
    assert_eq!(world.intents(&Module::ExitExecutor), asked, "no storm");
    assert_eq!(world.disaster_stops(ETH).len(), 1);
    assert!(world.all_covered());
}
