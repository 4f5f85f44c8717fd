//! Every leg that a plan can have leads to orders: a price that goes through all triggers closes
//! the planned shares, no more and no less, and the position is covered all the way.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use std::collections::BTreeSet;

use common::*;
use desk::case::SIDES;
use desk::{Desk, rules};
use domain::decision::Rule;
use domain::market::Regime;
use domain::plan::{ExitLeg, LegKind};
use domain::policy::{Policy, ProfileMode};
use domain::{Money, Price, Qty, Ratio, Side};
use rust_decimal::Decimal;

const MODES: [ProfileMode; 4] = [
    ProfileMode::Ladder,
    ProfileMode::Static,
    ProfileMode::Dynamic,
    ProfileMode::Challenge100,
];

/// A settled desk for every side, mode and regime.
fn desks() -> impl Iterator<Item = (String, Desk)> {
    let all = SIDES.into_iter().flat_map(|side| {
        MODES.into_iter().flat_map(move |mode| {
            Regime::ALL
                .into_iter()
                .map(move |(regime, _)| (side, mode, regime))
        })
    });
    all.map(|(side, mode, regime)| {
        let mut policy = Policy::default();
        policy.profiles.mode = mode;
        // One R of the challenge at 2 % of the position.
        policy.profiles.challenge.equity_default = Money::new(dec("6700"));
        let mut position = position("BTCUSDT", side, "0.1", "50000");
        position.leverage = dec("2");
        let mut desk = Desk::with_policy(position, policy);
        desk.replan_in(regime);
        let desk = desk.settle("50000");
        (format!("{side} {mode:?} {regime}"), desk)
    })
}

fn legs(desk: &Desk) -> Vec<ExitLeg> {
    desk.plan.as_ref().unwrap().legs.clone()
}

/// A share of 0.1 on the lot grid.
fn part(share: Decimal) -> Qty {
    let lots = (share * dec("100")).floor();
    Qty::new(lots / dec("1000")).unwrap()
}

/// So far beyond `price`, on the profit side.
fn beyond(side: Side, price: Price, distance: &str) -> Price {
    let offset = Ratio::new(dec(distance) * side.sign());
    price.offset(offset).unwrap()
}

fn is_covered(desk: &Desk, words: &str) {
    let position = &desk.snapshot.position;
    assert_eq!(desk.snapshot.protected_qty(), position.qty, "{words}");
    if position.is_open() {
        assert!(desk.is_protected_as_desired(), "{words}");
    }
}

#[test]
fn a_price_that_goes_through_all_targets_closes_exactly_the_planned_shares() {
    let mut kinds = BTreeSet::new();
    for (words, mut desk) in desks() {
        let side = desk.side();
        is_covered(&desk, &words);
        let mut share = Decimal::ZERO;
        let legs = legs(&desk);
        kinds.extend(legs.iter().map(|leg| leg.kind));
        for leg in legs {
            if !matches!(leg.kind, LegKind::TakeProfit | LegKind::Partial) {
                continue;
            }
            share += leg.size.get();
            let trigger = leg.trigger_price.unwrap();
            let short_of = beyond(side, trigger, "-0.0005");
            let before = desk.snapshot.position.closed_qty();
            desk.drive(short_of);
            assert_eq!(desk.snapshot.position.closed_qty(), before, "{words}");
            desk.drive(trigger);
            let closed = desk.snapshot.position.closed_qty();
            assert_eq!(closed, part(share), "{words}, {leg:?}");
            is_covered(&desk, &words);
        }
    }
    let expected = [
        LegKind::TakeProfit,
        LegKind::Stop,
        LegKind::Trail,
        LegKind::Partial,
    ];
    assert_eq!(kinds, BTreeSet::from(expected));
}

#[test]
fn what_trails_is_closed_by_the_stop_behind_the_best_price() {
    let mut seen = 0;
    for (words, mut desk) in desks() {
        let side = desk.side();
        let legs = legs(&desk);
        let Some(trail) = legs.iter().find(|leg| leg.kind == LegKind::Trail) else {
            continue;
        };
        seen += 1;
        let is_target = |leg: &&ExitLeg| matches!(leg.kind, LegKind::TakeProfit | LegKind::Partial);
        let farthest = legs.iter().rfind(is_target).unwrap();
        let farthest = farthest.trigger_price.unwrap();
        desk.drive(farthest);
        desk.drive(beyond(side, farthest, "0.03"));
        assert_eq!(
            desk.snapshot.position.qty,
            part(trail.size.get()),
            "{words}"
        );
        let best = beyond(side, farthest, "0.04");
        assert_eq!(rules(&desk.drive(best)), [Rule::Trailing], "{words}");
        is_covered(&desk, &words);
        let stop = desk.desired.stop.unwrap();
        let given_back = (best.get() - stop.get()).abs() / best.get();
        assert!(
            given_back <= trail.callback.unwrap().get(),
            "{words}: {given_back}"
        );
        desk.drive(stop);
        assert!(!desk.snapshot.position.is_open(), "{words}");
    }
    assert!(seen > 0);
}

#[test]
fn the_planned_stop_closes_everything() {
    for (words, mut desk) in desks() {
        let stop = legs(&desk)[0].trigger_price.unwrap();
        let short_of = beyond(desk.side(), stop, "0.0005");
        desk.drive(short_of);
        assert_eq!(desk.snapshot.position.qty, qty("0.1"), "{words}");
        desk.drive(beyond(desk.side(), stop, "-0.00001"));
        assert!(!desk.snapshot.position.is_open(), "{words}");
        assert_eq!(desk.snapshot.orders, [], "{words}: nothing is left behind");
    }
}

#[test]
fn the_emergency_closes_everything_under_every_plan() {
    for (words, mut desk) in desks() {
        desk.replan();
        let rules = rules(&desk.flatten());
        assert_eq!(rules, [Rule::EmergencyStopSystem], "{words}");
        assert!(!desk.snapshot.position.is_open(), "{words}");
    }
}
