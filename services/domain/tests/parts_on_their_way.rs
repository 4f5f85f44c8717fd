//! A part that closes at market while its order is on its way: what else is asked for, and when.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::*;
use domain::Span;
use domain::ids::{ClientOrderId, Module, OrderCause};
use domain::order::{CloseOrder, OrderStatus};
use domain::reconcile::{PARTIAL_LEG, Want};

fn is_market(want: &Want) -> bool {
    matches!(
        want,
        Want::Place {
            order: CloseOrder::Market { .. },
            ..
        }
    )
}

fn is_limit(order: &CloseOrder) -> bool {
    matches!(order, CloseOrder::Limit { .. })
}

/// The news of it may be lost while the venue has it: its share would be closed twice.
#[test]
fn a_part_that_was_never_heard_of_waits_until_the_venue_can_not_have_it() {
    let mut desk = Desk::with_market_first_leg("50000");
    desk.tick("50760");
    assert!(desk.asked.iter().any(is_market));
    desk.pass(Span::from_secs(3));
    desk.tick("50760");
    assert!(!desk.asked.iter().any(is_market), "{:?}", desk.asked);
    desk.pass(Span::from_secs(10));
    desk.tick("50760");
    assert!(desk.asked.iter().any(is_market), "{:?}", desk.asked);
}

/// A target that fills before the part closes as much as the part would: what is closed looks like
/// the part, and the target like one that is missing.
#[test]
fn a_target_that_fills_before_the_part_is_not_placed_again() {
    let mut desk = Desk::with_market_first_leg("50000");
    desk.tick("50760");
    assert!(desk.asked.iter().any(is_market));
    desk.snapshot.orders.retain(|it| !is_limit(&it.order));
    desk.snapshot.position.qty = qty("0.075");
    desk.pass(Span::from_millis(100));
    desk.tick("51600");
    let is_target = |it: &Want| matches!(it, Want::Place { order, .. } if is_limit(order));
    assert!(!desk.asked.iter().any(is_target), "{:?}", desk.asked);
}

/// A part of this position that another process of the executor has asked for.
fn part_of_another(desk: &Desk) -> ClientOrderId {
    let position = &desk.snapshot.position;
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: position.key.side,
        epoch: position.epoch,
        leg: PARTIAL_LEG,
        generation: 9_000,
    };
    ClientOrderId::derive(&position.key.symbol, &cause)
}

/// It asked and died, and its order was late: the picture does not tell yet what has been closed.
#[test]
fn a_part_that_the_process_before_has_closed_is_not_asked_for_again() {
    let mut desk = Desk::with_market_first_leg("50000");
    let late = part_of_another(&desk);
    desk.tell(&late, OrderStatus::Filled);
    desk.pass(Span::from_millis(1_400));
    desk.tick("50760");
    assert!(!desk.asked.iter().any(is_market), "{:?}", desk.asked);
    desk.pass(Span::from_millis(200));
    desk.tick("50760");
    assert!(desk.asked.iter().any(is_market), "the position says no");
}

#[test]
fn a_part_of_the_process_before_that_is_on_its_way_is_waited_for() {
    for status in [OrderStatus::Submitting, OrderStatus::Unknown] {
        let mut desk = Desk::with_market_first_leg("50000");
        let late = part_of_another(&desk);
        desk.tell(&late, status);
        desk.pass(Span::from_secs(9));
        desk.tick("50760");
        assert!(!desk.asked.iter().any(is_market), "{:?}", desk.asked);
        desk.pass(Span::from_secs(2));
        desk.tick("50760");
        assert!(desk.asked.iter().any(is_market), "{status:?}");
    }
}

#[test]
fn a_part_of_the_process_before_that_was_refused_holds_nothing_back() {
    let mut desk = Desk::with_market_first_leg("50000");
    let late = part_of_another(&desk);
    desk.tell(&late, OrderStatus::Rejected);
    desk.tick("50760");
    assert!(desk.asked.iter().any(is_market), "{:?}", desk.asked);
}
