//! What a life begins with: the first picture counts like any later one.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::*;
use domain::ids::ClientOrderId;
use domain::intent::{OrderIntent, Wish};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Qty, Span};

const ENTRY: i64 = 1000;

fn is_limit(order: &CloseOrder) -> bool {
    matches!(order, CloseOrder::Limit { .. })
}

/// What was asked for rests in the picture.
fn obey(picture: &mut PositionSnapshot, asked: &[OrderIntent]) {
    for intent in asked {
        if let Wish::Place {
            client_order_id,
            order,
        } = &intent.wish
        {
            picture.orders.push(RestingOrder {
                client_order_id: client_order_id.clone(),
                order: *order,
                status: OrderStatus::Accepted,
                filled_qty: Qty::ZERO,
                since: picture.at,
            });
        }
    }
}

fn tell(bench: &mut Bench, picture: &mut PositionSnapshot) {
    picture.at = bench.now;
    picture.sequence += 1;
    bench.hear(Heard::Position(picture.clone()));
}

/// A long of which everything rests, as an executor has asked for it.
fn at_rest(bench: &mut Bench) -> PositionSnapshot {
    let mut picture = snapshot(ENTRY, bench.now);
    let plan = plan(&picture, bench.now);
    bench.hear(Heard::Position(picture.clone()));
    bench.hear(Heard::Plan(plan));
    for _ in 0..5 {
        let asked = bench.intents();
        bench.take_said();
        obey(&mut picture, &asked);
        bench.pass(Span::from_millis(200));
        tell(bench, &mut picture);
        bench.mark(ENTRY);
    }
    assert!(bench.intents().is_empty(), "{:?}", bench.intents());
    picture
}

/// It is gone from the second picture, which does not tell yet what it has closed.
#[test]
fn a_target_that_fills_right_after_a_restart_is_not_asked_for_again() {
    let mut before = Bench::live();
    let mut picture = at_rest(&mut before);
    let mut bench = Bench::live();
    bench.now = before.now;
    bench.hear(Heard::Position(picture.clone()));
    bench.hear(Heard::Plan(plan(&snapshot(ENTRY, NOW), NOW)));
    assert!(bench.intents().is_empty(), "{:?}", bench.intents());
    let nearest = picture.orders.iter().position(|it| is_limit(&it.order));
    picture.orders.remove(nearest.unwrap());
    bench.pass(Span::from_millis(100));
    tell(&mut bench, &mut picture);
    assert!(bench.intents().is_empty(), "{:?}", bench.intents());
    // It was canceled by somebody else: the position says so long enough.
    for _ in 0..20 {
        bench.pass(Span::from_millis(100));
        tell(&mut bench, &mut picture);
    }
    assert_eq!(targets(&bench.intents()).len(), 1);
}

fn take_intents(bench: &mut Bench) -> Vec<OrderIntent> {
    let asked = bench.intents();
    bench.take_said();
    asked
}

fn targets(asked: &[OrderIntent]) -> Vec<&OrderIntent> {
    let is_target =
        |it: &&OrderIntent| matches!(&it.wish, Wish::Place { order, .. } if is_limit(order));
    asked.iter().filter(is_target).collect()
}

/// The gateway reads off the venue that the position began later than it had thought, while a
/// target that was asked for under the former name has not reached the venue yet.
#[test]
fn a_target_on_its_way_under_the_name_before_is_not_asked_for_again() {
    let mut bench = Bench::live();
    let mut picture = snapshot(ENTRY, bench.now);
    bench.hear(Heard::Position(picture.clone()));
    bench.hear(Heard::Plan(plan(&picture, bench.now)));
    let stops = bench.intents();
    bench.take_said();
    obey(&mut picture, &stops);
    bench.pass(Span::from_millis(200));
    tell(&mut bench, &mut picture);
    let on_their_way = take_intents(&mut bench);
    assert!(!targets(&on_their_way).is_empty(), "{on_their_way:?}");
    bench.pass(Span::from_millis(100));
    picture.position.epoch = Epoch(picture.position.epoch.0 + 1);
    tell(&mut bench, &mut picture);
    bench.hear(Heard::Plan(plan(&picture, bench.now)));
    let asked = take_intents(&mut bench);
    assert!(targets(&asked).is_empty(), "{asked:?}");
    // Nobody has heard of them for long enough, and the position has none.
    for _ in 0..150 {
        bench.pass(Span::from_millis(100));
        tell(&mut bench, &mut picture);
        let asked = take_intents(&mut bench);
        obey(&mut picture, &asked);
        bench.mark(ENTRY);
    }
    let rests = picture.orders.iter().filter(|it| is_limit(&it.order));
    assert_eq!(rests.count(), targets(&on_their_way).len());
}

/// The picture that brings another begin lacks a target that rested until then, and does not tell
/// yet what it has closed.
#[test]
fn a_target_that_fills_while_the_life_gets_another_name_is_not_asked_for_again() {
    let mut bench = Bench::live();
    let mut picture = at_rest(&mut bench);
    let nearest = picture.orders.iter().position(|it| is_limit(&it.order));
    let filled = picture.orders.remove(nearest.unwrap());
    let symbol = picture.position.key.symbol.clone();
    let leg = |id: &ClientOrderId| id.cause(&symbol).unwrap().leg;
    let closed = filled.order.qty().unwrap();
    bench.pass(Span::from_millis(100));
    picture.position.epoch = Epoch(picture.position.epoch.0 + 1);
    tell(&mut bench, &mut picture);
    bench.hear(Heard::Plan(plan(&picture, bench.now)));
    bench.mark(ENTRY);
    let mut asked = take_intents(&mut bench);
    bench.pass(Span::from_millis(300));
    picture.position.qty = picture.position.qty.saturating_sub(closed);
    for _ in 0..30 {
        bench.pass(Span::from_millis(100));
        tell(&mut bench, &mut picture);
        bench.mark(ENTRY);
        let then = take_intents(&mut bench);
        obey(&mut picture, &then);
        asked.extend(then);
    }
    let again = targets(&asked)
        .into_iter()
        .filter(|it| leg(it.client_order_id()) == leg(&filled.client_order_id));
    assert_eq!(again.count(), 0, "{asked:?}");
}
