//! What is looked at where the code tells of the order's own fate, one function per reaction.

use binance::{HttpResult, Method};
use domain::ids::ClientOrderId;
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side};
use paper_exchange::venue::Side as Dir;
use paper_exchange::wire::status_of;

use super::scene::*;
use crate::world::{World, price, qty};

/// Refused with it or executed in spite of it: asked by name, sent once, never called rejected
/// before both books have denied it.
pub fn an_open_outcome_is_asked_about(code: i32) {
    for (leg, path) in EVERYWHERE {
        let mut scene = Scene::new();
        let id = scene.refused(leg, path, code);
        let last = scene.last(&id);
        assert_eq!((last.status, last.code), (OrderStatus::Unknown, Some(code)));
        scene.world.run(5_500);
        assert_eq!(
            scene.last(&id).status,
            OrderStatus::Unknown,
            "called too early"
        );
        scene.world.run(6_000);
        let last = scene.last(&id);
        assert_eq!(last.status, OrderStatus::Rejected);
        assert_eq!(last.detail, "never arrived");
        assert!(scene.reads(ORDER) >= 1 && scene.reads(ALGO) >= 1);
        assert_eq!((scene.sent(), scene.alarms()), (1, 0));
        scene.is_protected();

        let mut scene = Scene::new();
        executed_though_refused(&mut scene.world, code);
        let wish = scene.wish(leg, 1);
        let id = scene.world.approve(&wish);
        scene.world.run(3_000);
        let told = scene.world.statuses(&id);
        assert!(!told.contains(&OrderStatus::Rejected), "{told:?}");
        let expected = match leg {
            LegId::Exit => OrderStatus::Filled,
            _ => OrderStatus::Accepted,
        };
        assert_eq!(told.last(), Some(&expected));
        assert_eq!(scene.sent(), 1);
    }
}

/// The venue does what it is asked, loses the events, and answers a placement with `code`.
fn executed_though_refused(world: &mut World, code: i32) {
    world.deaf = true;
    world.tamper = Some(Box::new(move |call, answer| match call.request.method {
        Method::Post => Ok(HttpResult {
            status: status_of(code),
            body: format!(r#"{{"code":{code},"msg":"refused"}}"#),
            ..HttpResult::default()
        }),
        _ => answer,
    }));
}

/// No ordinary order leaves before the wait is over; protection may be tried; nothing is alarmed.
pub fn a_limit_is_waited_for(code: i32) {
    let mut scene = Scene::new();
    let id = scene.refused(LegId::TakeProfit(1), ORDER, code);
    let second = scene.wish(LegId::TakeProfit(2), 1);
    scene.world.approve(&second);
    let stop = scene.wish(LegId::Stop, 1);
    let stop = scene.world.approve(&stop);
    scene.world.run(1_500);
    assert_eq!(scene.sent(), 2, "the refused one, and the stop");
    assert_eq!(scene.last(&stop).status, OrderStatus::Accepted);
    assert_eq!(scene.world.counter("limits_hit"), 1);
    scene.world.run(70_000);
    // By then both wishes are old.
    for id in [&id, second.client_order_id()] {
        assert_eq!(scene.last(id).status, OrderStatus::Rejected);
    }
    assert_eq!((scene.sent(), scene.alarms()), (2, 0));
    let third = scene.wish(LegId::TakeProfit(3), 1);
    let third = scene.world.approve(&third);
    assert_eq!(scene.last(&third).status, OrderStatus::Accepted);
    scene.is_protected();
}

/// The clock is measured and the same order goes once more; refused again, it is given up.
pub fn the_clock_is_measured(code: i32) {
    for (leg, path) in EVERYWHERE {
        let mut scene = Scene::new();
        let measured = scene.reads("/fapi/v1/time");
        let id = scene.refused(leg, path, code);
        scene.world.run(500);
        assert_eq!(scene.reads("/fapi/v1/time"), measured + 1);
        assert_eq!(scene.sent(), 2);
        let expected = match leg {
            LegId::Exit => OrderStatus::Filled,
            _ => OrderStatus::Accepted,
        };
        assert_eq!(scene.last(&id).status, expected);

        let mut scene = Scene::new();
        scene.refuse("POST", path, code, 0);
        let wish = scene.wish(leg, 1);
        let id = scene.world.approve(&wish);
        scene.world.run(5_000);
        let last = scene.last(&id);
        assert_eq!(
            (last.status, last.code),
            (OrderStatus::Rejected, Some(code))
        );
        assert_eq!(scene.sent(), 2, "once more, not oftener");
    }
    // A cancel likewise.
    let mut scene = Scene::new();
    let cancel = scene.cancel_of_replaced();
    scene.refuse("DELETE", ALGO, code, 0);
    let id = scene.world.approve(&cancel);
    scene.world.run(5_000);
    assert_eq!(scene.world.calls_to(Method::Delete, ALGO), 2);
    assert_eq!(scene.last(&id).status, OrderStatus::Accepted);
}

pub fn a_new_listen_key_is_asked_for(code: i32) {
    let mut scene = Scene::new();
    let before = scene.world.renewals;
    let id = scene.refused(LegId::TakeProfit(1), ORDER, code);
    assert_eq!(scene.world.renewals, before + 1);
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 0);
}

/// "Unknown order" for an order that rests: it is asked for, not struck off.
pub fn a_refused_cancel_is_not_believed(code: i32) {
    let mut scene = Scene::new();
    let asked = scene.reads(ALGO);
    let cancel = scene.cancel_of_replaced();
    scene.refuse("DELETE", ALGO, code, 1);
    let id = scene.world.approve(&cancel);
    scene.world.run(1_000);
    assert_eq!(scene.reads(ALGO), asked + 1);
    let last = scene.last(&id);
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Accepted, Some(code))
    );
    assert_eq!(scene.world.snapshot(Side::Long).protected_qty(), qty("0.5"));
    // Really gone: the same answer, and it is found to have been canceled by its owner.
    let trigger = price("58000");
    let order = CloseOrder::Stop {
        qty: qty("0.5"),
        trigger,
    };
    let stop = scene.world.intent(Side::Long, LegId::Stop, 2, order);
    let id = scene.world.approve(&stop);
    scene.world.deaf = true;
    cancel_behind_the_back(&mut scene.world, id.as_str());
    let cancel = scene.world.cancel_of(&stop, 1);
    scene.world.approve(&cancel);
    scene.world.run(1_000);
    assert_eq!(scene.last(&id).status, OrderStatus::Canceled);
    assert_eq!(scene.alarms(), 0);
}

fn cancel_behind_the_back(world: &mut World, id: &str) {
    use paper_exchange::wire::{WireRequest, handle};
    let query = format!("clientAlgoId={id}");
    let request = WireRequest::new("DELETE", ALGO, &query);
    let answer = handle(&mut world.venue, &request, world.now_ms);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// "No such order" about a fresh one that rests: nothing is concluded from it, and once both books
/// say so after the settling time it is believed.
pub fn absence_is_believed_late(code: i32) {
    let mut scene = Scene::new();
    executed_though_refused(&mut scene.world, -1007);
    scene.refuse("GET", ALGO, code, 3);
    let wish = scene.wish(LegId::Stop, 1);
    let id = scene.world.approve(&wish);
    scene.world.run(1_500);
    let told = scene.world.statuses(&id);
    assert!(!told.contains(&OrderStatus::Rejected), "{told:?}");
    scene.world.run(4_000);
    assert_eq!(scene.last(&id).status, OrderStatus::Accepted);
    assert_eq!((scene.sent(), scene.alarms()), (1, 0));
    // One that never arrived: see the codes that leave the outcome open. Here only the number.
    let mut scene = Scene::new();
    let id = scene.refused(LegId::Stop, ALGO, -1007);
    scene.world.run(12_000);
    assert_eq!(scene.last(&id).status, OrderStatus::Rejected);
    assert!(scene.world.gateway.metrics().venue_errors[&code.to_string()] >= 2);
}

/// A cancel that meets a firing stop: asked for again and again until it has ended.
pub fn a_firing_stop_is_asked_for_until_it_ends(code: i32) {
    let mut scene = Scene::new();
    let looser = CloseOrder::Stop {
        qty: qty("0.5"),
        trigger: price("56000"),
    };
    let looser = scene.world.intent(Side::Long, LegId::Stop, 1, looser);
    scene.world.approve(&looser);
    scene.world.run(100);
    let wish = scene.wish(LegId::Stop, 2);
    let id = scene.world.approve(&wish);
    scene.world.run(100);
    let tighter = CloseOrder::Stop {
        qty: qty("0.5"),
        trigger: price("58100"),
    };
    let tighter = scene.world.intent(Side::Long, LegId::Stop, 3, tighter);
    scene.world.approve(&tighter);
    scene.world.run(500);
    scene.world.deaf = true;
    let named = |id: &ClientOrderId| {
        let mut all = scene.world.venue.open_algos();
        all.find(|a| a.client_id == id.as_str()).unwrap().id
    };
    // Its replacement hangs too, and is known as little.
    for number in [named(&id), named(tighter.client_order_id())] {
        scene.world.venue.mark_stuck(number);
    }
    scene.world.mark("57000");
    let asked = scene.reads(ALGO);
    scene.refuse("DELETE", ALGO, code, 1);
    let cancel = scene.world.cancel_of(&wish, 1);
    scene.world.approve(&cancel);
    scene.world.run(9_000);
    let asked = scene.reads(ALGO) - asked;
    assert!((4..=30).contains(&asked), "asked {asked} times");
    assert_eq!(scene.last(&id).status, OrderStatus::Triggering);
    assert_eq!(scene.world.calls_to(Method::Delete, ALGO), 1);
    assert_eq!((scene.sent(), scene.alarms()), (3, 0));
}

/// Told at once, so that its owner closes at market; the stop itself is not tried again.
pub fn the_level_is_breached(code: i32) {
    let mut scene = Scene::new();
    let id = scene.refused(LegId::Stop, ALGO, code);
    let last = scene.last(&id);
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Rejected, Some(code))
    );
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 0);
    let exit = scene.wish(LegId::Exit, 1);
    let exit = scene.world.approve(&exit);
    assert_eq!(scene.last(&exit).status, OrderStatus::Filled);
}

/// Read at once, and what is open stays open until the read says otherwise.
pub fn the_position_is_read(code: i32) {
    let mut scene = Scene::new();
    let reads = scene.reads("/fapi/v1/openOrders");
    let id = scene.refused(LegId::Exit, ORDER, code);
    scene.world.run(700);
    let asked = scene.world.calls.iter().rev().take(3);
    let paths: Vec<&str> = asked.map(|(_, call)| call.request.path).collect();
    assert!(paths.contains(&POSITIONS), "{paths:?}");
    assert_eq!(
        scene.reads("/fapi/v1/openOrders"),
        reads + 1,
        "the symbol's orders"
    );
    let snapshot = scene.world.snapshot(Side::Long);
    assert!(snapshot.position.is_open() && !snapshot.flat_proven);
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 0);
    // The position was closed by another: the same answer, and the read proves it.
    let mut scene = Scene::new();
    scene.world.deaf = true;
    scene.world.trade("bot-2", Dir::Sell, "0.5");
    let exit = scene.wish(LegId::Exit, 1);
    let exit = scene.world.approve(&exit);
    scene.world.run(4_000);
    assert_eq!(scene.last(&exit).status, OrderStatus::Rejected);
    assert!(scene.world.snapshot(Side::Long).flat_proven);
    assert_eq!(scene.sent(), 1);
}

/// Both books of the symbol are read; a limit in the way is canceled, and the close goes.
pub fn blockers_are_freed(code: i32) {
    let mut scene = Scene::new();
    let blocker = scene.wish(LegId::TakeProfit(1), 1);
    scene.world.approve(&blocker);
    scene.world.run(1_000);
    let reads = scene.reads("/fapi/v1/openOrders");
    scene.refuse("POST", ORDER, code, 1);
    let exit = scene.wish(LegId::Exit, 1);
    let refused = scene.world.approve(&exit);
    let last = scene.last(&refused);
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Rejected, Some(code))
    );
    scene.world.run(600);
    assert_eq!(scene.reads("/fapi/v1/openOrders"), reads + 1);
    let shown = scene.world.snapshot(Side::Long).orders;
    let id = blocker.client_order_id();
    assert!(shown.iter().any(|o| o.client_order_id == *id), "{shown:?}");
    let cancel = scene.world.cancel_of(&blocker, 1);
    scene.world.approve(&cancel);
    let exit = scene.wish(LegId::Exit, 2);
    let exit = scene.world.approve(&exit);
    assert_eq!(scene.last(&exit).status, OrderStatus::Filled);
    assert_eq!((scene.sent(), scene.alarms()), (3, 0));
    scene.is_protected();
}

/// The venue's own rule: a second stop that closes all is refused, and the first one stays.
pub fn the_existing_stop_is_adopted(code: i32) {
    let mut scene = Scene::new();
    scene.world.deaf = true;
    let reads = scene.reads(ALGOS);
    let wish = scene.wish(LegId::Disaster, 2);
    let id = scene.world.approve(&wish);
    scene.is_given_up(&id, code);
    assert!(scene.reads(ALGOS) > reads);
    let shown = scene.world.snapshot(Side::Long);
    let known = scene.disaster.client_order_id();
    assert!(shown.orders.iter().any(|o| o.client_order_id == *known));
    assert_eq!(shown.protected_qty(), qty("0.5"));
    assert_eq!(scene.alarms(), 0);
}

/// The same name again after the pause, bounded in number and in time.
pub fn passes_by_itself(code: i32) {
    let (leg, path) = match code {
        -4509 => (LegId::Stop, ALGO),
        _ => (LegId::Exit, ORDER),
    };
    let mut scene = Scene::new();
    scene.refuse("POST", path, code, 2);
    let wish = scene.wish(leg, 1);
    let id = scene.world.approve(&wish);
    assert_eq!(scene.sent(), 1, "not at once");
    scene.world.run(2_000);
    assert_eq!(scene.sent(), 3);
    let told = scene.world.statuses(&id);
    assert!(!told.contains(&OrderStatus::Rejected), "{told:?}");
    assert!(told.contains(&OrderStatus::Accepted) || told.contains(&OrderStatus::Filled));
    assert_eq!(
        scene.world.venue.position(crate::world::BTC).unwrap().qty,
        {
            let closed = if leg == LegId::Exit { "0.3" } else { "0.5" };
            crate::world::dec(closed)
        }
    );

    let mut scene = Scene::new();
    scene.refuse("POST", path, code, 0);
    let wish = scene.wish(leg, 1);
    let id = scene.world.approve(&wish);
    scene.world.run(8_000);
    let last = scene.last(&id);
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Rejected, Some(code))
    );
    assert!((2..=8).contains(&scene.sent()), "{}", scene.sent());
    assert_eq!(scene.alarms(), 0);
    scene.is_protected();
}
