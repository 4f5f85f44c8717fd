//! A part that closes at market while its order is on its way: what else is asked for, and when.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::*;
use domain::Span;
use domain::order::CloseOrder;
use domain::reconcile::Want;

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
