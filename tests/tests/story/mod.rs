//! A world with one position of 0.4 BTC, and what its stories look at.
#![allow(dead_code, missing_docs, reason = "not every story uses all of it")]

use bus::{Identity, subjects};
use domain::decision::Rule;
use domain::ids::Module;
use domain::policy::{Policy, TrailActivation};
use domain::signal::{RiskMode, RiskState};
use domain::{Money, Ratio, Side, Span};
use rust_decimal::Decimal;
use tests::world::{World, WorldOptions};

pub const BTC: &str = "BTCUSDT";

pub fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

/// A world whose only contract is bitcoin, at `price`.
pub fn bitcoin(policy: Policy, price: &'static str) -> World {
    World::new(WorldOptions {
        policy,
        symbols: vec![(BTC, price)],
        ..WorldOptions::default()
    })
}

/// A world with a long of 0.4 BTC from 50000.1, protected and with its ladder.
pub fn with_long(options: WorldOptions) -> World {
    let mut world = World::new(options);
    open(&mut world, Side::Long);
    world
}

pub fn with_policy(policy: Policy) -> World {
    with_long(WorldOptions {
        policy,
        symbols: vec![(BTC, "50000")],
        ..WorldOptions::default()
    })
}

/// Opens 0.4 BTC, and waits until it is protected and nothing is under way.
pub fn open(world: &mut World, side: Side) {
    world.human_open(BTC, side, "0.4");
    world.run_until("the working stop", secs(6), |it| {
        !it.working_stops(BTC).is_empty()
    });
    world.run_for(secs(2));
    assert!(world.all_covered(), "{}", world.tail());
}

/// The default ladder, whose third leg trails only far beyond the other two.
pub fn late_trail() -> Policy {
    let mut policy = Policy::default();
    policy.ladder.activation = TrailActivation::TargetMultiple(Ratio::new(Decimal::TWO));
    policy
}

/// The risk system says its mode and what the account is worth.
pub fn worth(world: &mut World, equity: i64) {
    let state = RiskState {
        mode: RiskMode::Normal,
        heat: None,
        equity: Some(Money::new(Decimal::from(equity))),
        at: world.now(),
    };
    world.say_as(Identity::RiskSignal, subjects::risk().message(&state));
}

/// The price goes there, and everything that follows from it is done.
pub fn go(world: &mut World, price: &str) {
    world.price(BTC, price);
    world.run_for(secs(4));
}

pub fn stop(trigger: &str, qty: &str) -> Vec<(String, String)> {
    vec![(trigger.into(), qty.into())]
}

pub fn target(leg: u8, price: &str, qty: &str) -> (u8, String, String) {
    (leg, price.into(), qty.into())
}

/// Orders of the executor that the venue took, of that kind.
pub fn sent(world: &World, kind: &str) -> u64 {
    let orders = world.venue_orders(&Module::ExitExecutor);
    orders.get(kind).copied().unwrap_or_default()
}

pub fn qty(world: &World) -> String {
    let held = world.position(BTC);
    held.map(|held| held.qty.to_string()).unwrap_or_default()
}

pub fn is_gone(world: &World) -> bool {
    world.position(BTC).is_none() && world.resting(BTC).is_empty()
}

/// Closed by one market order for that reason, and never naked on the way.
pub fn assert_out(world: &World, rule: Rule) {
    assert!(is_gone(world), "{}", world.tail());
    assert_eq!(world.decided_by(rule), 1, "{}", world.tail());
    assert_eq!(world.decisions("full_exit_now"), 1);
    assert_eq!(sent(world, "MARKET"), 1);
    assert_eq!(world.naked_ms(), 0);
}

/// A rule has moved the stop `times` times, to there, and nothing was ever naked.
pub fn assert_stop(world: &World, rule: Rule, times: u64, stop: &[(String, String)]) {
    assert_eq!(world.working_stops(BTC), stop, "{}", world.tail());
    assert_eq!(world.decided_by(rule), times, "{}", world.tail());
    assert_eq!(world.naked_ms(), 0);
}
