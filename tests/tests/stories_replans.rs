//! Stories of a market, a portfolio or a venue that changes under an open position: a newer plan
//! moves targets either way, and the stop only closer.

mod story;

use domain::Side;
use domain::decision::Rule;
use domain::market::Regime;
use domain::policy::Policy;
use domain::signal::RiskMode;
use story::*;
use tests::world::World;

/// The regime that the plan in force was made for.
fn regime(world: &World) -> Option<Regime> {
    let key = world.position(BTC)?.key;
    world.plan(&key).map(|plan| plan.regime)
}

/// So many minutes of a price that goes up and down in steps of so many cents.
fn swing(world: &mut World, minutes: usize, cents: i64) {
    let pattern = [0, 1, 2, 1, 0, -1, -2, -1];
    for step in pattern.iter().cycle().take(minutes) {
        let price = rust_decimal::Decimal::new(5_000_000 + step * cents, 2);
        world.price_at(BTC, price);
        world.run_for(secs(60));
    }
}

/// A price that stands still becomes a range: 0.8 of both distances, and no trailing.
#[test]
fn another_regime_brings_targets_and_stop_nearer() {
    let mut world = bitcoin(Policy::default(), "50000");
    world.run_for(secs(13 * 60));
    open(&mut world, Side::Long);
    assert_eq!(regime(&world), Some(Regime::Normal), "not measured yet");
    assert_stop(&world, Rule::InitialStop, 1, &stop("48750.1", "0.4"));
    world.run_for(secs(2 * 60));
    assert_eq!(regime(&world), Some(Regime::RangeBound), "{}", world.tail());
    assert_stop(&world, Rule::TighterPlan, 1, &stop("49000.1", "0.4"));
    let ladder = [
        target(1, "50600.1", "0.1"),
        target(2, "51200.1", "0.1"),
        target(3, "52400.1", "0.2"),
    ];
    assert_eq!(world.ladder(BTC), ladder);
    // And back: targets farther, the stop where it is.
    swing(&mut world, 13, 3_000);
    assert_eq!(regime(&world), Some(Regime::Normal), "{}", world.tail());
    assert_eq!(world.ladder(BTC).len(), 2);
    assert_stop(&world, Rule::TighterPlan, 1, &stop("49000.1", "0.4"));
}

/// Within one regime the measured volatility scales both distances.
#[test]
fn another_volatility_moves_the_targets_farther_and_never_the_stop() {
    let mut world = bitcoin(Policy::default(), "50000");
    swing(&mut world, 17, 2_500);
    open(&mut world, Side::Long);
    let calm = world.ladder(BTC);
    let stop = world.working_stops(BTC);
    assert_eq!(regime(&world), Some(Regime::Normal), "{}", world.tail());
    swing(&mut world, 14, 4_500);
    assert_eq!(regime(&world), Some(Regime::Normal), "{}", world.tail());
    let rough = world.ladder(BTC);
    let farther = calm
        .iter()
        .zip(&rough)
        .all(|(calm, rough)| calm.1 < rough.1);
    assert!(farther && rough.len() == 2, "{calm:?} to {rough:?}");
    assert_eq!(world.working_stops(BTC), stop);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_stricter_risk_mode_halves_the_distances_and_a_milder_one_keeps_the_stop() {
    for (side, tight, near, far) in [
        (
            Side::Long,
            "49375.1",
            [target(1, "50375.1", "0.1"), target(2, "50750.1", "0.1")],
            [target(1, "50750.1", "0.1"), target(2, "51500.1", "0.1")],
        ),
        (
            Side::Short,
            "50625",
            [target(1, "49625", "0.1"), target(2, "49250", "0.1")],
            [target(1, "49250", "0.1"), target(2, "48500", "0.1")],
        ),
    ] {
        let mut world = bitcoin(Policy::default(), "50000");
        open(&mut world, side);
        assert_eq!(world.ladder(BTC), far);
        world.risk(RiskMode::Critical);
        world.run_for(secs(2));
        assert_stop(&world, Rule::TighterPlan, 1, &stop(tight, "0.4"));
        assert_eq!(world.ladder(BTC), near);
        world.risk(RiskMode::Normal);
        world.run_for(secs(2));
        assert_stop(&world, Rule::TighterPlan, 1, &stop(tight, "0.4"));
        assert_eq!(world.ladder(BTC), far);
    }
}

/// 10 % of margin at 10x is 1 % of price: the stop follows, though no plan says so.
#[test]
fn more_leverage_brings_the_floor_and_with_it_the_stop_nearer() {
    let mut world = with_policy(Policy::default());
    world.leverage(BTC, 10);
    world.run_for(secs(4));
    assert_stop(&world, Rule::RiskFloor, 1, &stop("49500.1", "0.4"));
}

/// More is bought at a higher price: the average is the entry, and the floor lies under it.
#[test]
fn a_worse_entry_brings_the_floor_and_with_it_the_stop_nearer() {
    let mut policy = Policy::default();
    policy.base.stop = domain::Ratio::basis_points(330);
    let mut world = with_policy(policy);
    let first = world.working_stops(BTC);
    go(&mut world, "50300");
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(4));
    assert_eq!(qty(&world), "0.8");
    let stops = world.working_stops(BTC);
    assert_eq!((stops.len(), stops[0].1.as_str()), (1, "0.8"));
    assert!(first[0].0 < stops[0].0, "{first:?} to {stops:?}");
    assert!(world.decided_by(Rule::RiskFloor) >= 1, "{}", world.tail());
    assert_eq!(world.naked_ms(), 0);
}
