//! What becomes of orders: answers, refusals, retries, fills, stops that fire.

use binance::Method;
use domain::intent::OrderIntent;
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side};
use paper_exchange::faults::{
    FaultPlan, Often, RequestAction, RequestFault, TimedAction, TimedFault,
};
use paper_exchange::venue::{Side as Dir, SymbolSpec, VenueConfig};

use crate::world::{BTC, World, price, qty};

fn refuse(code: i32, path: &str, times: u32) -> FaultPlan {
    let fault = |_| RequestFault {
        method: Some("POST".into()),
        path: Some(path.into()),
        contains: None,
        often: Often::once(),
        action: RequestAction::RefuseWith {
            code,
            message: "refused".into(),
        },
    };
    FaultPlan {
        requests: (0..times).map(fault).collect(),
        ..FaultPlan::default()
    }
}

fn stop(world: &World, generation: u32, trigger: &str) -> OrderIntent {
    let (qty, trigger) = (qty("0.5"), price(trigger));
    let order = CloseOrder::Stop { qty, trigger };
    world.intent(Side::Long, LegId::Stop, generation, order)
}

#[test]
fn a_market_close_is_filled_and_the_position_proven_flat() {
    let mut world = World::with_long();
    let exit = world.exit(1, "0.5");
    world.run(100);
    assert_eq!(world.statuses(&exit).last(), Some(&OrderStatus::Filled));
    assert_eq!(world.events(&exit).last().unwrap().filled_qty, qty("0.5"));
    let snapshot = world.snapshot(Side::Long);
    assert!(!snapshot.position.is_open() && snapshot.flat_proven);
}

#[test]
fn a_market_close_is_cut_down_to_what_is_open() {
    let mut world = World::with_long();
    let intent = world.intent(
        Side::Long,
        LegId::Exit,
        1,
        CloseOrder::Market { qty: qty("0.5") },
    );
    world.trade("bot-2", Dir::Sell, "0.2");
    world.approve(&intent);
    let sent = world
        .calls
        .iter()
        .rev()
        .find(|(_, call)| call.request.method == Method::Post);
    assert_eq!(sent.unwrap().1.request.param("quantity"), Some("0.3"));
    assert!(world.venue.position(BTC).unwrap().is_flat());
}

#[test]
fn an_order_of_the_other_leg_is_not_canceled() {
    let mut world = World::with_long();
    let trigger = price("58000");
    let order = CloseOrder::DisasterStop { trigger };
    let stop = world.intent(Side::Long, LegId::Disaster, 1, order);
    let id = world.approve(&stop);
    let mut cancel = world.cancel_of(&stop, 1);
    cancel.key.side = Side::Short;
    world.approve(&cancel);
    world.run(500);
    assert_eq!(world.denied()["ORDER_FOREIGN"], 1);
    assert_eq!(world.calls_to(Method::Delete, "/fapi/v1/algoOrder"), 0);
    assert_eq!(world.statuses(&id).last(), Some(&OrderStatus::Accepted));
}

#[test]
fn nothing_is_sent_for_a_position_that_is_flat() {
    let mut world = World::with_long();
    let order = CloseOrder::Market { qty: qty("0.5") };
    let intent = world.intent(Side::Long, LegId::Exit, 1, order);
    world.trade("bot-2", Dir::Sell, "0.5");
    world.approve(&intent);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["POSITION_FLAT"], 1);
    let event = world.events(intent.client_order_id())[0];
    assert_eq!(event.status, OrderStatus::Rejected);
}

#[test]
fn a_fresh_position_unknown_to_the_algo_service_is_tried_again() {
    let mut world = World::with(VenueConfig {
        symbols: vec![SymbolSpec::named(BTC).unwrap()],
        gte_blind_ms: 900,
        ..VenueConfig::default()
    });
    world.start();
    world.run(500);
    world.trade("bot-1", Dir::Buy, "0.5");
    world.run(100);
    let stop = world.disaster(Side::Long, "58000");
    world.run(2_000);
    let told = world.statuses(&stop);
    assert_eq!(told, [OrderStatus::Submitting, OrderStatus::Accepted]);
    assert!(world.orders_sent() >= 3, "{}", world.orders_sent());
    // Attempts are counted once per order.
    assert_eq!(world.gateway.metrics().sent(), 1);
    assert!(world.gateway.metrics().venue_errors["-4509"] >= 2);
}

#[test]
fn retries_end_with_their_window() {
    let mut world = World::with_long();
    world.follow(refuse(-4509, "/fapi/v1/algoOrder", 50));
    let stop = world.disaster(Side::Long, "58000");
    world.run(6_000);
    let told = world.events(&stop);
    let last = told.last().unwrap();
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Rejected, Some(-4509))
    );
    assert!(world.orders_sent() <= 8, "{}", world.orders_sent());
}

#[test]
fn a_stop_that_waits_for_its_second_try_gives_way_to_a_newer_one() {
    let mut world = World::with_long();
    world.follow(refuse(-4509, "/fapi/v1/algoOrder", 1));
    let (looser, tighter) = (stop(&world, 1, "58000"), stop(&world, 2, "58500"));
    let looser = world.approve(&looser);
    world.run(60);
    let tighter = world.approve(&tighter);
    world.run(2_000);
    let last = |id| world.events(id).last().unwrap().status;
    assert_eq!(last(&tighter), OrderStatus::Accepted);
    assert_eq!(last(&looser), OrderStatus::Rejected);
    assert_eq!(world.orders_sent(), 2);
}

#[test]
fn a_stop_that_is_looser_than_the_one_that_rests_is_not_sent() {
    let mut world = World::with_long();
    let (looser, tighter) = (stop(&world, 1, "58000"), stop(&world, 2, "58500"));
    world.approve(&tighter);
    let looser = world.approve(&looser);
    let refused = (*world.events(&looser).last().unwrap()).clone();
    assert_eq!(refused.status, OrderStatus::Rejected);
    assert!(refused.detail.starts_with("STOP_LOOSENED"), "{refused:?}");
    assert_eq!(world.orders_sent(), 1);
}

#[test]
fn of_the_stops_that_a_limit_holds_back_only_the_last_one_is_tried_again() {
    let mut world = World::with_long();
    let limit = TimedFault {
        at_ms: 0,
        action: TimedAction::Limit { ms: 1_500 },
    };
    world.follow(FaultPlan {
        timed: vec![limit],
        ..FaultPlan::default()
    });
    let mut stops = Vec::new();
    for generation in 1..=4 {
        let stop = stop(&world, generation, "58000");
        stops.push(world.approve(&stop));
        world.run(400);
    }
    world.run(2_000);
    let last: Vec<OrderStatus> = stops
        .iter()
        .map(|id| world.events(id).last().unwrap().status)
        .collect();
    let (rejected, accepted) = (OrderStatus::Rejected, OrderStatus::Accepted);
    assert_eq!(last, [rejected, rejected, rejected, accepted]);
}

#[test]
fn a_crossed_trigger_is_reported_and_not_tried_again() {
    let mut world = World::with_long();
    let stop = world.disaster(Side::Long, "61000");
    world.run(1_000);
    let last = (*world.events(&stop).last().unwrap()).clone();
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Rejected, Some(-2021))
    );
    assert_eq!(world.orders_sent(), 1);
}

#[test]
fn a_refused_reduce_only_close_makes_the_position_be_read() {
    let mut world = World::with_long();
    world.run(1_000);
    world.follow(refuse(-2022, "/fapi/v1/order", 1));
    let before = world.calls_to(Method::Get, "/fapi/v3/positionRisk");
    let exit = world.exit(1, "0.5");
    world.run(600);
    let last = (*world.events(&exit).last().unwrap()).clone();
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Rejected, Some(-2022))
    );
    assert!(world.calls_to(Method::Get, "/fapi/v3/positionRisk") > before);
    // Not proof of flat.
    assert!(world.snapshot(Side::Long).position.is_open());
}

#[test]
fn an_order_that_never_left_is_sent_again() {
    let mut world = World::with_long();
    world.unplugged = 2;
    let stop = world.disaster(Side::Long, "58000");
    world.run(3_000);
    let told = world.statuses(&stop);
    assert_eq!(told, [OrderStatus::Submitting, OrderStatus::Accepted]);
    assert_eq!(world.orders_sent(), 3);
    assert_eq!(world.venue.open_algos().count(), 1);
}

#[test]
fn a_stop_that_fires_is_told_through_its_child() {
    let mut world = World::with_long();
    let stop = world.disaster(Side::Long, "58000");
    world.mark("57900");
    world.run(200);
    let told = world.statuses(&stop);
    assert!(told.contains(&OrderStatus::Triggering), "{told:?}");
    assert_eq!(told.last(), Some(&OrderStatus::Filled));
    assert_eq!(world.events(&stop).last().unwrap().filled_qty, qty("0.5"));
    let snapshot = world.snapshot(Side::Long);
    assert!(snapshot.flat_proven && snapshot.orders.is_empty());
}

#[test]
fn a_canceled_order_is_gone_and_a_second_cancel_asks_where_it_is() {
    let mut world = World::with_long();
    let order = CloseOrder::Limit {
        qty: qty("0.2"),
        price: price("61000"),
    };
    let target = world.intent(Side::Long, LegId::TakeProfit(1), 1, order);
    let id = world.approve(&target);
    world.run(100);
    assert_eq!(world.snapshot(Side::Long).orders.len(), 1);
    let cancel = world.cancel_of(&target, 1);
    world.approve(&cancel);
    world.run(100);
    assert_eq!(world.statuses(&id).last(), Some(&OrderStatus::Canceled));
    assert!(world.snapshot(Side::Long).orders.is_empty());
    let again = world.cancel_of(&target, 2);
    world.approve(&again);
    world.run(1_000);
    assert_eq!(world.gateway.metrics().venue_errors["-2011"], 1);
    assert_eq!(world.statuses(&id).last(), Some(&OrderStatus::Canceled));
}

#[test]
fn a_cancel_refused_for_a_resting_order_is_not_believed() {
    let mut world = World::with_long();
    let [target, _] = [(1, "58000"), (2, "58500")].map(|(generation, trigger)| {
        let (qty, trigger) = (qty("0.5"), price(trigger));
        let order = CloseOrder::Stop { qty, trigger };
        let stop = world.intent(Side::Long, LegId::Stop, generation, order);
        world.approve(&stop);
        world.run(100);
        stop
    });
    let id = target.client_order_id();
    let lost = RequestFault {
        method: Some("DELETE".into()),
        path: None,
        contains: None,
        often: Often::once(),
        action: RequestAction::RefuseWith {
            code: -2011,
            message: "Unknown order sent.".into(),
        },
    };
    world.follow(FaultPlan {
        requests: vec![lost],
        ..FaultPlan::default()
    });
    let cancel = world.cancel_of(&target, 1);
    world.approve(&cancel);
    world.run(1_000);
    assert_eq!(world.calls_to(Method::Get, "/fapi/v1/algoOrder"), 1);
    let last = (*world.events(id).last().unwrap()).clone();
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Accepted, Some(-2011))
    );
    assert_eq!(world.snapshot(Side::Long).protected_qty(), qty("0.5"));
}

#[test]
fn after_a_limit_only_protective_calls_leave() {
    let mut world = World::with_long();
    world.follow(refuse(-1015, "/fapi/v1/order", 1));
    let order = CloseOrder::Limit {
        qty: qty("0.2"),
        price: price("61000"),
    };
    let intent = world.intent(Side::Long, LegId::TakeProfit(1), 1, order);
    let target = world.approve(&intent);
    let before = world.orders_sent();
    let stop = world.disaster(Side::Long, "58000");
    world.run(1_000);
    assert_eq!(world.orders_sent(), before + 1);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Accepted));
    world.run(10_000);
    // By then the wish is old: nothing is sent, and that is said.
    assert_eq!(world.statuses(&target).last(), Some(&OrderStatus::Rejected));
}
