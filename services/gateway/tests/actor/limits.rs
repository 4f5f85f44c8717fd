//! The venue's rules change under the gateway: limits, filters, the status of a symbol.

use binance::Method;
use domain::ids::ClientOrderId;
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side, Symbol};

use crate::codes::scene::{ORDER, Scene};
use crate::world::{BTC, World, dec, price, qty};

const HOUR_MS: i64 = 3_600_000;
const INFO: &str = "/fapi/v1/exchangeInfo";

/// From now on the venue's rules read with `from` replaced by `to`.
fn rules_say(world: &mut World, from: &'static str, to: &'static str) {
    world.tamper = Some(Box::new(move |call, answer| {
        if call.request.path != INFO {
            return answer;
        }
        answer.map(|mut it| {
            assert!(it.body.contains(from), "{from} is not in the rules");
            it.body = it.body.replace(from, to);
            it
        })
    }));
}

#[test]
fn filters_are_read_anew_every_hour() {
    let mut world = World::with_long();
    world.run(HOUR_MS - 10_000);
    assert_eq!(world.calls_to(Method::Get, INFO), 1);
    world.run(20_000);
    assert_eq!(world.calls_to(Method::Get, INFO), 2);
    assert_eq!(world.counter("symbols_changed.filters"), 0);
    assert_eq!(world.counter("symbols_changed.status"), 0);
}

#[test]
fn changed_filters_are_noticed_and_told_with_the_position() {
    let mut world = World::with_long();
    let before = world.snapshot(Side::Long).instrument;
    rules_say(&mut world, r#""notional":"50""#, r#""notional":"70""#);
    world.run(HOUR_MS + 10_000);
    assert!(world.counter("symbols_changed.filters") >= 1);
    let after = world.snapshot(Side::Long).instrument;
    assert_ne!(before, after);
    assert_eq!(after.min_notional.get(), dec("70"));
}

#[test]
fn a_symbol_that_stops_trading_is_noticed_and_its_position_is_still_closed() {
    let mut world = World::with_long();
    rules_say(
        &mut world,
        r#""status":"TRADING""#,
        r#""status":"SETTLING""#,
    );
    world.run(HOUR_MS + 10_000);
    assert!(world.counter("symbols_changed.status") >= 1);
    let exit = world.exit(1, "0.5");
    assert_eq!(world.statuses(&exit).last(), Some(&OrderStatus::Filled));
    assert_eq!(world.counter("orders_while_not_trading"), 1);
}

#[test]
fn a_symbol_that_the_venue_does_not_list_is_refused_at_the_door() {
    let mut world = World::with_long();
    let order = CloseOrder::DisasterStop {
        trigger: price("58000"),
    };
    let mut intent = world.intent(Side::Long, LegId::Disaster, 1, order);
    intent.key.symbol = Symbol::new("NOSUCHUSDT").unwrap();
    world.approve(&intent);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["SYMBOL_UNKNOWN"], 1);
}

/// Three targets of the executor: two rest, and the third waits for the order counts.
pub fn third_target_waits() -> (World, [ClientOrderId; 3]) {
    let mut world = World::with_long();
    rules_say(&mut world, r#""limit":300"#, r#""limit":3"#);
    world.run(HOUR_MS + 10_000);
    let target = |world: &mut World, leg: u8| {
        let order = CloseOrder::Limit {
            qty: qty("0.01"),
            price: price("66000"),
        };
        let intent = world.intent(Side::Long, LegId::TakeProfit(leg), 1, order);
        world.approve(&intent)
    };
    // Into a fresh window of 10 s.
    world.run(10_000 - world.now_ms % 10_000);
    let ids = [1, 2, 3].map(|leg| target(&mut world, leg));
    for id in &ids[..2] {
        assert_eq!(world.statuses(id).last(), Some(&OrderStatus::Accepted));
    }
    assert!(world.statuses(&ids[2]).is_empty());
    (world, ids)
}

#[test]
fn targets_stop_at_their_share_of_the_order_counts_and_a_stop_still_goes() {
    let (mut world, [_, _, third]) = third_target_waits();
    let stop = world.disaster(Side::Long, "58000");
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Accepted));
    world.run(1_100);
    assert_eq!(world.heartbeat().counters["orders_deferred.ordinary"], 1);
    assert_eq!(world.heartbeat().counters["orders_limit_10s"], 3);
    // Its intent ends after 2 s, the window only later: it is told, not sent.
    world.run(1_500);
    assert_eq!(world.statuses(&third), [OrderStatus::Rejected]);
    assert_eq!(world.denied()["INTENT_EXPIRED"], 1);
    assert_eq!(world.venue.open_orders_of(BTC).count(), 2);
}

#[test]
fn full_order_counts_hold_back_neither_the_cancel_that_frees_a_close_nor_a_question() {
    let mut scene = Scene::new();
    let target = scene.wish(LegId::TakeProfit(1), 1);
    let id = scene.world.approve(&target);
    assert_eq!(scene.last(&id).status, OrderStatus::Accepted);
    scene.refused(LegId::TakeProfit(2), ORDER, -1015);
    let held = scene.wish(LegId::TakeProfit(3), 1);
    scene.world.approve(&held);
    let cancel = scene.world.cancel_of(&target, 1);
    scene.world.approve(&cancel);
    scene.world.run(300);
    assert_eq!(scene.last(&id).status, OrderStatus::Canceled);
    assert_eq!(
        scene.sent(),
        2,
        "the target before the limit, and the refused one"
    );
}
