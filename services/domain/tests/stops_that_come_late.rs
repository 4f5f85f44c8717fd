//! Stops that others replace while a close is waited for, and stops of a process that has died.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::Desk;
use domain::ids::{ClientOrderId, OrderCause};
use domain::order::{CloseOrder, OrderKind, RestingOrder};
use domain::signal::RiskMode;
use domain::{Side, Span};

#[test]
fn stops_that_others_have_replaced_go_while_a_close_is_waited_for() {
    let mut desk = Desk::settled("50000");
    desk.risk = RiskMode::EssActive;
    desk.tick("50000");
    desk.obey();
    desk.step();
    desk.submit();
    for _ in 0..3 {
        desk.add(qty("0.01"), price("50000"));
        desk.step();
        desk.obey();
        desk.step();
        desk.obey();
    }
    assert_eq!(desk.resting("sl").len(), 1);
    assert_eq!(desk.resting("hard_sl").len(), 1);
}

#[test]
fn a_stop_that_a_predecessor_had_on_its_way_is_kept_when_it_comes() {
    let mut desk = Desk::settled("50000");
    let wanted = desk.desired.stop.unwrap();
    let old = desk.orders("sl").next().unwrap().clone();
    let cause = old
        .client_order_id
        .cause(&desk.snapshot.position.key.symbol);
    let cause = OrderCause {
        generation: 99,
        ..cause.unwrap()
    };
    let late = |trigger: &str| RestingOrder {
        client_order_id: ClientOrderId::derive(&desk.snapshot.position.key.symbol, &cause),
        order: CloseOrder::Stop {
            qty: qty("0.1"),
            trigger: price(trigger),
        },
        ..old.clone()
    };
    let (looser, tighter) = (late("48000"), late("49500"));
    desk.snapshot.orders.push(looser);
    desk.desired.learn_stop(&desk.snapshot);
    assert_eq!(desk.desired.stop, Some(wanted));
    desk.snapshot.orders.pop();
    desk.snapshot.orders.push(tighter);
    desk.desired.learn_stop(&desk.snapshot);
    desk.step();
    desk.obey();
    assert_eq!(desk.resting("sl"), ["49500"]);
}

/// Its news are dated by its clock, and patience goes by ours.
#[test]
fn a_stop_is_not_asked_for_again_at_once_because_the_gateways_clock_is_wrong() {
    for wrong in [-450, -350, 350, 450] {
        let mut bare = Desk::new(position("BTCUSDT", Side::Long, "0.1", "50000"));
        bare.tick("50000");
        bare.submit_by(Span::from_millis(wrong));
        for _ in 0..2 {
            bare.pass(Span::from_millis(100));
            bare.tick("50000");
            assert!(bare.asked.is_empty(), "{wrong} ms: {:?}", bare.asked);
        }
        bare.pass(Span::from_millis(150));
        bare.tick("50000");
        assert_eq!(bare.asked_kinds(), [OrderKind::HardSl, OrderKind::Sl]);
    }
}
