//! Stories of targets that are hit, missed, or left too early, as diagnostics tells them.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::performance::SETTLE_AFTER;
use domain::policy::{Policy, StepClose};
use domain::{Ratio, Side, Span};
use tests::world::{World, WorldOptions};

const BTC: &str = "BTCUSDT";

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

/// Planned, hit, missed, premature of one leg.
fn counts(world: &World, leg: u8) -> (u64, u64, u64, u64) {
    let rows = world.targets(BTC, leg);
    let sum = |of: fn(&domain::performance::TargetPerformance) -> u64| rows.iter().map(of).sum();
    (
        sum(|it| it.planned),
        sum(|it| it.hit),
        sum(|it| it.missed),
        sum(|it| it.premature),
    )
}

/// A long of 0.4 from 50000.1 with targets at 50750.1 and 51500.1.
fn with_ladder(mut world: World) -> World {
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("a ladder", secs(6), |it| it.ladder(BTC).len() == 2);
    world.run_for(secs(1));
    world
}

#[test]
fn m097_a_filled_ladder_is_told_as_hit_and_what_came_too_late_as_premature() {
    let mut world = with_ladder(World::live(97));
    assert_eq!(counts(&world, 1), (1, 0, 0, 0));
    world.price(BTC, "50760");
    world.run_until("the first hit", secs(3), |it| counts(it, 1).1 == 1);
    assert_eq!(counts(&world, 2), (1, 0, 0, 0));
    let first = &world.targets(BTC, 1)[0];
    assert_eq!(first.strategy, "RL_V3");
    assert_eq!(
        first.slippage,
        Some(Ratio::ZERO),
        "a limit is filled at its price"
    );
    assert!(first.time_to_hit.unwrap() > Span::ZERO);

    world.human_close(BTC);
    world.run_until("flat", secs(5), |it| it.position(BTC).is_none());
    world.run_for(SETTLE_AFTER);
    world.run_for(secs(1));
    assert_eq!(counts(&world, 1), (1, 1, 0, 0));
    assert_eq!(counts(&world, 2), (1, 0, 1, 0));
    world.price(BTC, "51510");
    world.run_until("too early", secs(3), |it| counts(it, 2) == (1, 0, 1, 1));
}

#[test]
fn a_target_that_closes_at_market_is_told_as_hit() {
    let mut policy = Policy::default();
    policy.ladder.steps[0].close = StepClose::Market;
    let mut world = World::new(WorldOptions {
        policy,
        ..WorldOptions::default()
    });
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("the resting target", secs(6), |it| {
        it.ladder(BTC).len() == 1
    });
    world.run_for(secs(1));
    world.price(BTC, "50760");
    world.run_until("the part is closed", secs(5), |it| counts(it, 1).1 == 1);
    world.run_until("its price is known", secs(5), |it| {
        it.targets(BTC, 1)[0].slippage.is_some()
    });
    assert_eq!(counts(&world, 2), (1, 0, 0, 0));
}

#[test]
fn in_shadow_nobody_places_the_targets_and_none_is_judged() {
    let mut world = World::shadow(98);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(5));
    world.price(BTC, "50760");
    world.run_for(secs(3));
    world.human_close(BTC);
    world.run_for(SETTLE_AFTER);
    world.run_for(secs(5));
    assert_eq!(counts(&world, 1), (0, 0, 0, 0));
}
