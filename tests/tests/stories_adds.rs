//! Stories of a position that grows, and of shares that must never be closed twice: a plan acts
//! only on what it was made for.

mod story;

use domain::decision::Rule;
use domain::market::{ContextSource, MarketContext, Regime};
use domain::policy::{Policy, ProfileMode, StepClose};
use domain::{MarginPct, Money, PricePct, Ratio, Side};
use rust_decimal::Decimal;
use story::*;
use tests::world::{Service, World, WorldOptions};

/// Only the legs act: no breakeven, no lock, no ratchet, a late trail.
fn quiet() -> Policy {
    let mut policy = late_trail();
    policy.breakeven.trigger_pct = PricePct::new(Decimal::from(50));
    policy.profit_lock.trigger_margin_pct = MarginPct::new(Decimal::from(500));
    policy.stops.ratchet = false;
    policy
}

fn profile(mode: ProfileMode) -> Policy {
    let mut policy = Policy::default();
    policy.profiles.mode = mode;
    policy
}

fn add(world: &mut World, side: Side, lots: &str) {
    world.human_open(BTC, side, lots);
    world.run_for(secs(10));
    assert_eq!(world.naked_ms(), 0);
    assert!(world.all_covered(), "{}", world.tail());
}

/// The venue's market is told to be in `regime`.
fn told(world: &mut World, regime: Regime, volatility: i64) {
    let symbol = domain::Symbol::new(BTC).expect("a contract's name");
    let context = MarketContext {
        regime,
        source: ContextSource::Bars,
        volatility: Ratio::basis_points(volatility),
        ..MarketContext::unknown(symbol.clone(), world.now())
    };
    let message = bus::subjects::context(&symbol).message(&context);
    world.say_as(bus::Identity::Market, message);
    world.run_for(secs(1));
}

/// The first target of the larger position lies beyond the price.
#[test]
fn what_was_just_bought_is_not_sold_for_the_old_entrys_target() {
    for close in [StepClose::Limit, StepClose::Market] {
        for (side, first) in [(Side::Long, "50800"), (Side::Short, "49200")] {
            let mut policy = quiet();
            policy.ladder.steps[0].close = close;
            let mut world = bitcoin(policy, "50000");
            open(&mut world, side);
            go(&mut world, first);
            assert_eq!(qty(&world), "0.3", "{close:?} {side}");
            add(&mut world, side, "0.4");
            assert_eq!(qty(&world), "0.7", "{close:?} {side}\n{}", world.tail());
        }
    }
}

#[test]
fn what_was_just_bought_is_not_sold_while_nobody_plans_for_it() {
    let mut world = with_policy(Policy::default());
    world.crash(Service::Planner);
    go(&mut world, "50760");
    assert_eq!(qty(&world), "0.3");
    go(&mut world, "51200");
    let ladder = world.ladder(BTC);
    add(&mut world, Side::Long, "4");
    assert_eq!(qty(&world), "4.3", "{}", world.tail());
    assert_eq!(world.ladder(BTC), ladder, "what rests stays as it is");
    world.restart(Service::Planner);
    world.run_for(secs(5));
    assert_eq!(world.ladder(BTC).len(), 2, "planned for all of it");
    assert_eq!(qty(&world), "4.3");
}

/// The challenge with one R of 300, and a time stop of a minute.
fn challenge() -> Policy {
    let mut policy = profile(ProfileMode::Challenge100);
    policy.profiles.challenge.equity_default = Money::new(Decimal::from(20_000));
    policy.profiles.challenge.time_stop = secs(60);
    policy
}

#[test]
fn a_target_that_was_reached_stays_reached_when_more_is_bought() {
    let mut world = with_policy(challenge());
    go(&mut world, "50760");
    assert_eq!(qty(&world), "0.28");
    world.price(BTC, "50800");
    world.run_for(secs(70));
    add(&mut world, Side::Long, "0.01");
    // 30 % of all of it: the target of the larger position is passed as well.
    assert_eq!(qty(&world), "0.287", "{}", world.tail());
    world.restart(Service::Executor);
    world.run_for(secs(10));
    assert_eq!(
        qty(&world),
        "0.287",
        "nor is it forgotten: {}",
        world.tail()
    );
    assert_eq!(world.decided_by(Rule::TimeStop), 0);
}

#[test]
fn a_position_too_small_for_a_target_has_no_time_to_reach_one() {
    let mut policy = challenge();
    policy.profiles.challenge.equity_default = Money::new(Decimal::from(100));
    let mut world = bitcoin(policy, "50000");
    world.human_open(BTC, Side::Long, "0.003");
    world.run_for(secs(3));
    go(&mut world, "52000");
    world.run_for(secs(70));
    assert_eq!(qty(&world), "0.003", "{}", world.tail());
    assert_eq!(world.decided_by(Rule::TimeStop), 0);
}

/// A quarter rests at 1.5 %, a quarter closes at market at 3 %, the rest trails.
#[test]
fn a_jump_over_a_limit_and_a_market_leg_closes_each_once() {
    for seed in 1..=5 {
        let mut policy = quiet();
        policy.ladder.steps[1].close = StepClose::Market;
        let mut world = with_long(WorldOptions {
            policy,
            seed,
            ..WorldOptions::default()
        });
        go(&mut world, "52000");
        world.run_for(secs(10));
        assert_eq!(qty(&world), "0.2", "{seed}: {}", world.tail());
    }
}

/// `NORMAL_DEFAULT`: a quarter rests at 0.5 R, a quarter closes at 1 R, half at 2 R.
#[test]
fn a_static_table_closes_its_shares_after_a_jump_and_after_a_restart() {
    for seed in 1..=5 {
        let mut world = with_long(WorldOptions {
            policy: profile(ProfileMode::Static),
            seed,
            ..WorldOptions::default()
        });
        go(&mut world, "51300");
        world.run_for(secs(10));
        assert_eq!(qty(&world), "0.2", "{seed}: {}", world.tail());
    }
    let mut world = bitcoin(profile(ProfileMode::Static), "50000");
    world.crash(Service::Executor);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(1));
    world.price(BTC, "51300");
    world.run_for(secs(1));
    world.restart(Service::Executor);
    world.run_for(secs(10));
    assert_eq!(qty(&world), "0.2", "{}", world.tail());
}

/// In a range 35 % rests at 0.4 %, 35 % closes at 0.8 %, 30 % runs to 1.4 %.
#[test]
fn a_newer_plan_closes_what_it_has_passed_and_no_more() {
    for (side, price) in [(Side::Long, "50450"), (Side::Short, "49550")] {
        let mut world = bitcoin(profile(ProfileMode::Static), "50000");
        told(&mut world, Regime::Trending, 200);
        open(&mut world, side);
        world.price(BTC, price);
        world.run_for(secs(2));
        assert_eq!(qty(&world), "0.4", "{side}");
        told(&mut world, Regime::RangeBound, 100);
        world.run_for(secs(5));
        assert_eq!(qty(&world), "0.12", "{side}: {}", world.tail());
    }
}
