//! A target that is asked for again closes its share twice where the first may still fill, or has
//! filled: what is asked for while its fate is not known.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::*;
use domain::ids::{ClientOrderId, LegId};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::reconcile::Want;
use domain::{Epoch, Span};

const FIRST: LegId = LegId::TakeProfit(1);

fn is_first(order: &RestingOrder) -> bool {
    let cause = order.client_order_id.cause(&symbol("BTCUSDT"));
    cause.is_some_and(|cause| cause.leg == FIRST)
}

fn first(desk: &mut Desk) -> &mut RestingOrder {
    let mut orders = desk.snapshot.orders.iter_mut();
    orders.find(|it| is_first(it)).unwrap()
}

fn asks_for_first(desk: &Desk) -> bool {
    let mut asked = desk.asked.iter();
    asked.any(|it| matches!(it, Want::Place { leg, .. } if *leg == FIRST))
}

fn cancels(desk: &Desk, id: &ClientOrderId) -> bool {
    let mut asked = desk.asked.iter();
    asked.any(|it| matches!(it, Want::Cancel { target, .. } if target == id))
}

fn is_gone(desk: &mut Desk) {
    desk.snapshot.orders.retain(|it| !is_first(it));
}

/// One that is missing, although nobody canceled it, and is asked for at last.
fn asked_for() -> Desk {
    let mut desk = Desk::settled("50000");
    is_gone(&mut desk);
    desk.tick("50000");
    assert!(!asks_for_first(&desk), "it may have filled");
    desk.pass(Span::from_secs(2));
    desk.tick("50000");
    assert!(asks_for_first(&desk));
    desk
}

/// The news of it may be lost while the venue has it, or gets it yet.
#[test]
fn one_that_was_never_heard_of_waits_until_the_venue_can_not_have_it() {
    let mut desk = asked_for();
    desk.pass(Span::from_secs(3));
    desk.tick("50000");
    assert!(!asks_for_first(&desk), "{:?}", desk.asked);
    desk.pass(Span::from_secs(10));
    desk.tick("50000");
    assert!(asks_for_first(&desk), "{:?}", desk.asked);
}

/// A gateway that has just started has not read all that rests.
#[test]
fn one_that_a_list_may_lack_is_not_asked_for() {
    let mut desk = Desk::settled("50000");
    is_gone(&mut desk);
    desk.snapshot.complete = false;
    desk.tick("50000");
    desk.pass(Span::from_secs(2));
    desk.tick("50000");
    assert!(!asks_for_first(&desk), "{:?}", desk.asked);
    desk.snapshot.complete = true;
    desk.tick("50000");
    assert!(asks_for_first(&desk), "{:?}", desk.asked);
}

/// Its own news come first; then a picture without it, while the position lags behind.
#[test]
fn one_that_fills_before_its_cancel_closes_what_the_position_does_not_tell_yet() {
    let mut desk = Desk::settled("50000");
    let target = first(&mut desk);
    let id = target.client_order_id.clone();
    // The ladder has moved since.
    let CloseOrder::Limit { qty, .. } = target.order else {
        unreachable!("a target is a limit")
    };
    let price = price("50600");
    target.order = CloseOrder::Limit { qty, price };
    desk.tick("50000");
    assert!(cancels(&desk, &id), "{:?}", desk.asked);
    desk.tell(&id, OrderStatus::Filled);
    desk.tick("50000");
    assert!(!cancels(&desk, &id), "there is nothing left to cancel");
    is_gone(&mut desk);
    desk.pass(Span::from_millis(100));
    desk.tick("50000");
    assert!(!asks_for_first(&desk), "{:?}", desk.asked);
    desk.snapshot.position.qty = desk.snapshot.position.qty.saturating_sub(qty);
    desk.pass(Span::from_secs(3));
    desk.tick("50000");
    assert!(!asks_for_first(&desk), "it is done: {:?}", desk.asked);
}

/// The gateway corrects the name of a life by its fills; what rests bears the former one.
#[test]
fn one_that_rests_under_another_name_of_the_life_goes_first() {
    let mut desk = Desk::settled("50000");
    let target = first(&mut desk);
    let mut cause = target.client_order_id.cause(&symbol("BTCUSDT")).unwrap();
    cause.epoch = Epoch(cause.epoch.0 - 1);
    let former = ClientOrderId::derive(&symbol("BTCUSDT"), &cause);
    target.client_order_id = former.clone();
    desk.pass(Span::from_secs(1));
    desk.tick("50000");
    assert!(cancels(&desk, &former), "{:?}", desk.asked);
    // Whatever the other name may have closed is told by now.
    desk.pass(Span::from_secs(2));
    desk.tick("50000");
    assert!(!asks_for_first(&desk), "{:?}", desk.asked);
    is_gone(&mut desk);
    desk.pass(Span::from_millis(100));
    desk.tick("50000");
    assert!(asks_for_first(&desk), "{:?}", desk.asked);
}
