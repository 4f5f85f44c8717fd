//! Unknown outcomes: asked for, never sent again, never called rejected too early.

use binance::{Method, TransportError};
use domain::ids::ClientOrderId;
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side};
use gateway::GatewayEffect;
use paper_exchange::faults::{
    EventAction, EventFault, FaultPlan, Often, RequestAction, RequestFault,
};
use runtime::Actor;

use crate::world::{World, price, qty};

fn fault(path: &str, action: RequestAction) -> FaultPlan {
    FaultPlan {
        requests: vec![RequestFault {
            method: Some("POST".into()),
            path: Some(path.into()),
            contains: None,
            often: Often::once(),
            action,
        }],
        ..FaultPlan::default()
    }
}

/// No event of any kind reaches the gateway.
fn silent(plan: FaultPlan) -> FaultPlan {
    let lose = EventFault {
        name: None,
        often: Often::ppm(1_000_000),
        action: EventAction::Lose,
    };
    FaultPlan {
        events: vec![lose],
        ..plan
    }
}

#[test]
fn an_unknown_stop_that_was_executed_is_found_by_asking() {
    let mut world = World::with_long();
    world.follow(silent(fault(
        "/fapi/v1/algoOrder",
        RequestAction::ExecuteThenUnknown,
    )));
    let stop = world.disaster(Side::Long, "58000");
    assert_eq!(
        world.statuses(&stop),
        [OrderStatus::Submitting, OrderStatus::Unknown]
    );
    world.run(600);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Accepted));
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.snapshot(Side::Long).protected_qty(), qty("0.5"));
}

#[test]
fn an_unknown_stop_that_never_arrived_is_rejected_only_after_both_books_say_so() {
    let mut world = World::with_long();
    world.follow(fault("/fapi/v1/algoOrder", RequestAction::LoseThenUnknown));
    let stop = world.disaster(Side::Long, "58000");
    world.run(5_500);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Unknown));
    world.run(6_000);
    let events = world.events(&stop);
    let last = events.last().unwrap();
    assert_eq!(last.status, OrderStatus::Rejected);
    assert_eq!((last.code, last.detail.as_str()), (None, "never arrived"));
    assert_eq!(world.orders_sent(), 1);
    assert!(world.calls_to(Method::Get, "/fapi/v1/algoOrder") >= 2);
    assert!(world.calls_to(Method::Get, "/fapi/v1/order") >= 1);
}

#[test]
fn an_unknown_market_close_is_not_sent_again_and_blocks_its_leg() {
    let mut world = World::with_long();
    world.follow(silent(fault(
        "/fapi/v1/order",
        RequestAction::ExecuteThenTimeout,
    )));
    let exit = world.exit(1, "0.3");
    assert_eq!(world.statuses(&exit).last(), Some(&OrderStatus::Unknown));
    let second = world.exit(2, "0.3");
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.denied()["OUTCOME_PENDING"], 1);
    assert_eq!(world.statuses(&second), [OrderStatus::Rejected]);
    world.run(600);
    assert_eq!(world.statuses(&exit).last(), Some(&OrderStatus::Filled));
    // Once told, the leg is free again.
    let third = world.exit(3, "0.2");
    assert_eq!(world.orders_sent(), 2);
    assert_eq!(world.statuses(&third).last(), Some(&OrderStatus::Filled));
}

/// Both would close the share that is meant once.
#[test]
fn an_unknown_order_for_a_share_holds_back_the_next_one_of_its_leg() {
    let (qty, price) = (qty("0.1"), price("62000"));
    for (leg, order) in [
        (LegId::TakeProfit(1), CloseOrder::Limit { qty, price }),
        (LegId::Partial(1), CloseOrder::Market { qty }),
    ] {
        let mut world = World::with_long();
        let lost = fault("/fapi/v1/order", RequestAction::ExecuteThenTimeout);
        world.follow(silent(lost));
        let first = world.intent(Side::Long, leg, 1, order);
        let first = world.approve(&first);
        assert_eq!(world.statuses(&first).last(), Some(&OrderStatus::Unknown));
        let second = world.intent(Side::Long, leg, 2, order);
        let second = world.approve(&second);
        assert_eq!(world.orders_sent(), 1, "{leg:?}");
        assert_eq!(world.denied()["OUTCOME_PENDING"], 1);
        assert_eq!(world.statuses(&second), [OrderStatus::Rejected]);
    }
}

/// Asks for a tenth at market, under the name of a first part.
fn part(world: &mut World, generation: u32) -> ClientOrderId {
    let order = CloseOrder::Market { qty: qty("0.1") };
    let intent = world.intent(Side::Long, LegId::Partial(1), generation, order);
    world.approve(&intent)
}

/// No event tells of the position any more, and no read of it succeeds.
fn blind(world: &mut World) {
    world.deaf = true;
    world.tamper = Some(Box::new(|call, answer| match call.request.path {
        "/fapi/v3/positionRisk" => Err(TransportError::Timeout),
        _ => answer,
    }));
}

/// Two executors, the second of which was started anew, ask for one share: the later one may not
/// have heard of what the other has closed.
#[test]
fn a_share_that_has_just_been_closed_is_not_closed_again() {
    let mut world = World::with_long();
    let first = part(&mut world, 1);
    assert_eq!(world.statuses(&first).last(), Some(&OrderStatus::Filled));
    world.run(900);
    let second = part(&mut world, 2);
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.denied()["SHARE_TAKEN"], 1);
    assert_eq!(world.statuses(&second), [OrderStatus::Rejected]);
    world.run(200);
    let third = part(&mut world, 3);
    assert_eq!(world.statuses(&third).last(), Some(&OrderStatus::Filled));
    assert_eq!(world.orders_sent(), 2);
}

/// Whoever asks does not see what the part before has closed, though its answer was told long ago.
#[test]
fn a_share_is_not_closed_again_while_the_position_does_not_show_what_was_closed() {
    let mut world = World::with_long();
    blind(&mut world);
    let before = world.snapshot(Side::Long).position.qty;
    let first = part(&mut world, 1);
    assert_eq!(world.statuses(&first).last(), Some(&OrderStatus::Filled));
    world.run(3_000);
    assert_eq!(world.snapshot(Side::Long).position.qty, before);
    let second = part(&mut world, 2);
    assert_eq!(world.statuses(&second), [OrderStatus::Rejected]);
    assert_eq!(world.denied()["SHARE_TAKEN"], 1);
    world.tamper = None;
    while world.snapshot(Side::Long).position.qty == before {
        world.run(100);
    }
    let third = part(&mut world, 3);
    assert_eq!(world.statuses(&third).last(), Some(&OrderStatus::Filled));
}

/// Times of fill and position that never agree block a share for a while only.
#[test]
fn a_position_that_never_shows_a_fill_blocks_its_share_for_a_while_only() {
    let mut world = World::with_long();
    blind(&mut world);
    part(&mut world, 1);
    world.run(11_000);
    let second = part(&mut world, 2);
    assert_eq!(world.statuses(&second).last(), Some(&OrderStatus::Filled));
}

/// The first one was slow on its way: whoever started anew asked for the second one before it had
/// heard of it.
#[test]
fn a_target_is_not_placed_beside_one_that_has_come_to_rest_since_it_was_asked_for() {
    let mut world = World::with_long();
    let (qty, price) = (qty("0.1"), price("61000"));
    let target = |world: &World, generation| {
        let order = CloseOrder::Limit { qty, price };
        world.intent(Side::Long, LegId::TakeProfit(1), generation, order)
    };
    let (first, second) = (target(&world, 1), target(&world, 2));
    let first = world.approve(&first);
    assert_eq!(world.statuses(&first).last(), Some(&OrderStatus::Accepted));
    let second = world.approve(&second);
    assert_eq!(world.statuses(&second), [OrderStatus::Rejected]);
    assert_eq!(world.denied()["SHARE_TAKEN"], 1);
    assert_eq!(world.orders_sent(), 1);
    // What was asked for later knew of it.
    world.run(1_100);
    let third = target(&world, 3);
    let third = world.approve(&third);
    assert_eq!(world.statuses(&third).last(), Some(&OrderStatus::Accepted));
}

#[test]
fn an_event_wins_over_an_unknown_answer() {
    let mut world = World::with_long();
    world.tamper = Some(Box::new(|call, answer| match call.request.method {
        Method::Post => Err(TransportError::Timeout),
        _ => answer,
    }));
    let order = CloseOrder::Market { qty: qty("0.5") };
    let intent = world.intent(Side::Long, LegId::Exit, 1, order);
    let exit = world.approve(&intent);
    // The event came before the lost answer was given up.
    let told = world.statuses(&exit);
    assert!(!told.contains(&OrderStatus::Rejected), "{told:?}");
    world.run(200);
    assert_eq!(world.statuses(&exit).last(), Some(&OrderStatus::Filled));
    assert_eq!(world.orders_sent(), 1);
}

#[test]
fn an_answer_that_never_comes_counts_as_a_timeout() {
    let mut world = World::with_long();
    let stop = {
        let trigger = crate::world::price("58000");
        let order = CloseOrder::DisasterStop { trigger };
        let intent = world.intent(Side::Long, LegId::Disaster, 1, order);
        let approval = world.approval(&intent);
        let message = world.seal(&approval);
        // Handed to the state machine alone: nobody carries its call out.
        let mut out = Vec::new();
        let heard = bus::decode(&message).unwrap();
        let now = world.now();
        world.gateway.hear(now, heard, &mut out);
        assert!(matches!(&out[..], [GatewayEffect::Call(_)]), "{out:?}");
        world.gateway.afterwards(now, &mut out);
        let told = &out[1..];
        assert!(matches!(told, [GatewayEffect::Publish(_)]), "{told:?}");
        intent.client_order_id().clone()
    };
    world.run(10_500);
    let told = world.statuses(&stop);
    assert_eq!(told.first(), Some(&OrderStatus::Unknown), "{told:?}");
    world.run(8_000);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Rejected));
    assert_eq!(world.counter("calls_lost"), 1);
}

#[test]
fn with_a_wide_receive_window_an_order_is_called_lost_only_after_it() {
    let mut world = World::with_long();
    world.recv_window = domain::Span::from_secs(60);
    world.restart(crate::world::live_flags());
    world.follow(fault("/fapi/v1/algoOrder", RequestAction::LoseThenUnknown));
    let stop = world.disaster(Side::Long, "58000");
    world.run(60_500);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Unknown));
    world.run(6_000);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Rejected));
    assert_eq!(world.orders_sent(), 1);
}

/// Names are unique among open orders only: both processes may start anew within one life of a
/// position, and give a name again that a market close of before has borne.
#[test]
fn an_older_order_of_the_same_name_is_no_answer_about_this_one() {
    let mut world = World::with_long();
    let before = world.exit(1, "0.1");
    assert_eq!(world.statuses(&before).last(), Some(&OrderStatus::Filled));
    world.run(10_000);
    world.restart(crate::world::live_flags());
    world.said.clear();
    world.run(1_000);
    world.follow(fault("/fapi/v1/order", RequestAction::LoseThenUnknown));
    let again = world.exit(1, "0.1");
    assert_eq!(again, before);
    world.run(5_500);
    let told = world.statuses(&again);
    assert_eq!(told, [OrderStatus::Submitting, OrderStatus::Unknown]);
    let next = world.exit(2, "0.1");
    assert_eq!(world.denied()["OUTCOME_PENDING"], 1);
    assert_eq!(world.statuses(&next), [OrderStatus::Rejected]);
    world.run(6_500);
    assert_eq!(world.statuses(&again).last(), Some(&OrderStatus::Rejected));
    assert_eq!(world.snapshot(Side::Long).position.qty, qty("0.4"));
}
