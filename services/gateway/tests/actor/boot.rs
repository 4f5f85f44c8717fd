//! What a gateway knows after its start, out of the venue alone.

use binance::Method;
use domain::Side;
use domain::mode::Mode;
use domain::order::{CloseOrder, OrderStatus};
use paper_exchange::venue::Side as Dir;

use crate::world::{World, dec, live_flags, price, qty};

#[test]
fn an_empty_account_is_read_in_order_and_then_the_gateway_is_ready() {
    let mut world = World::cold();
    assert!(!world.gateway.is_ready());
    world.start();
    world.run(200);
    assert!(world.gateway.is_ready());
    assert_eq!(world.calls[0].1.request.path, "/fapi/v1/time");
    assert_eq!(world.calls_to(Method::Get, "/fapi/v1/exchangeInfo"), 1);
    assert_eq!(world.orders_sent(), 0);
    world.run(1_000);
    let heartbeat = world.heartbeat();
    assert!(heartbeat.ready);
    assert_eq!((heartbeat.mode, heartbeat.revision), (Mode::Live, 1));
}

#[test]
fn a_restart_derives_the_life_that_was_seen_live() {
    let mut world = World::ready();
    world.trade("bot-0", Dir::Buy, "0.2");
    world.run(300);
    world.trade("bot-1", Dir::Sell, "0.2");
    world.run(300);
    world.trade("bot-2", Dir::Buy, "0.5");
    let opened = world.now_ms;
    world.run(300);
    world.trade("bot-3", Dir::Sell, "0.1");
    world.run(300);
    world.trade("bot-4", Dir::Buy, "0.3");
    world.run(300);
    let live = world.snapshot(Side::Long).position;
    assert_eq!(live.epoch.0, u64::try_from(opened).unwrap());
    assert_eq!((live.qty, live.initial_qty), (qty("0.7"), qty("0.8")));
    world.said.clear();
    world.restart(live_flags());
    let again = world.snapshot(Side::Long).position;
    assert_eq!(again, live);
}

#[test]
fn a_flip_is_the_end_of_one_life_and_the_begin_of_another() {
    let mut world = World::with_long();
    world.trade("bot-2", Dir::Sell, "0.8");
    let flipped = u64::try_from(world.now_ms).unwrap();
    world.run(100);
    let long = world.snapshot(Side::Long);
    assert!(!long.position.is_open() && long.flat_proven);
    let short = world.snapshot(Side::Short).position;
    assert_eq!((short.epoch.0, short.qty), (flipped, qty("0.3")));
    assert_eq!(short.initial_qty, qty("0.3"));
    world.said.clear();
    world.restart(live_flags());
    assert_eq!(world.snapshot(Side::Short).position, short);
}

#[test]
fn resting_orders_of_both_books_are_adopted_after_a_restart() {
    let mut world = World::with_long();
    let stop = world.disaster(Side::Long, "58000");
    world.run(200);
    assert_eq!(
        world.statuses(&stop),
        [OrderStatus::Submitting, OrderStatus::Accepted]
    );
    world.said.clear();
    world.restart(live_flags());
    let snapshot = world.snapshot(Side::Long);
    assert!(snapshot.complete);
    assert_eq!(snapshot.orders.len(), 1);
    assert_eq!(snapshot.orders[0].client_order_id, stop);
    let trigger = price("58000");
    let expected = CloseOrder::DisasterStop { trigger };
    assert_eq!(snapshot.orders[0].order, expected);
    assert_eq!(snapshot.protected_qty(), qty("0.5"));
    // Sent by the predecessor: asked for again, it is not sent again.
    let before = world.orders_sent();
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), before);
    assert_eq!(world.denied()["INTENT_REPEATED"], 1);
}

#[test]
fn a_failed_boot_read_is_read_again_and_nothing_is_guessed() {
    let mut world = World::cold();
    let mut failures = 3;
    world.tamper = Some(Box::new(move |call, answer| {
        if call.request.path == "/fapi/v1/openAlgoOrders" && failures > 0 {
            failures -= 1;
            let mut broken = answer.unwrap();
            broken.body = "[{\"algoId\":1}]".into();
            return Ok(broken);
        }
        answer
    }));
    world.start();
    world.run(300);
    assert!(!world.gateway.is_ready());
    world.run(5_000);
    assert!(world.gateway.is_ready());
    assert_eq!(world.counter("reads_unread"), 3);
}

#[test]
fn an_approval_while_booting_is_refused_and_said_so() {
    let mut world = World::with_long();
    world.tamper = Some(Box::new(|call, answer| match call.request.path {
        "/fapi/v1/exchangeInfo" => Err(binance::TransportError::Timeout),
        _ => answer,
    }));
    world.restart(live_flags());
    assert!(!world.gateway.is_ready());
    let stop = world.disaster(Side::Long, "58000");
    let events = world.events(&stop);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].status, OrderStatus::Rejected);
    assert!(events[0].detail.contains("gateway is not ready"));
    assert_eq!(events[0].code, None);
    assert_eq!(world.orders_sent(), 0);
}

#[test]
fn orders_left_without_a_position_are_shown_so_that_they_can_be_swept() {
    let mut world = World::with_long();
    let order = CloseOrder::Stop {
        qty: qty("0.5"),
        trigger: price("59000"),
    };
    let intent = world.intent(Side::Long, domain::LegId::Stop, 1, order);
    let stop = world.approve(&intent);
    world.run(200);
    // The position is closed while the gateway is away; a reduce-only stop stays behind.
    world.trade("bot-9", Dir::Sell, "0.5");
    assert_eq!(world.venue.position("BTCUSDT").unwrap().qty, dec("0"));
    world.said.clear();
    world.restart(live_flags());
    world.run(6_000);
    let snapshot = world.snapshot(Side::Long);
    assert!(!snapshot.position.is_open() && snapshot.flat_proven);
    assert_eq!(snapshot.position.epoch, intent.epoch);
    assert_eq!(snapshot.orders[0].client_order_id, stop);
    let cancel = world.cancel_of(&intent, 1);
    world.approve(&cancel);
    world.run(200);
    assert!(world.snapshot(Side::Long).orders.is_empty());
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Canceled));
}
