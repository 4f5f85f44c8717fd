//! What is looked at where the code tells of rules, rights and limits, one function per reaction.

use binance::Method;
use domain::LegId;
use domain::order::OrderStatus;

use super::scene::*;

pub fn filters_are_read(code: i32) {
    let mut scene = Scene::new();
    let reads = scene.reads("/fapi/v1/exchangeInfo");
    let id = scene.refused(LegId::TakeProfit(1), ORDER, code);
    scene.is_given_up(&id, code);
    scene.world.run(31_000);
    assert_eq!(scene.reads("/fapi/v1/exchangeInfo"), reads + 1);
    assert_eq!(scene.alarms(), 0);
}

/// Told with its code, so that the next one is priced by a newer mark.
pub fn priced_anew(code: i32) {
    let mut scene = Scene::new();
    let id = scene.refused(LegId::TakeProfit(1), ORDER, code);
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 0);
    let next = scene.wish(LegId::TakeProfit(1), 2);
    let next = scene.world.approve(&next);
    assert_eq!(scene.last(&next).status, OrderStatus::Accepted);
}

pub fn the_mode_is_read(code: i32) {
    let mut scene = Scene::new();
    let reads = scene.reads("/fapi/v1/positionSide/dual");
    let id = scene.refused(LegId::TakeProfit(1), ORDER, code);
    scene.is_given_up(&id, code);
    scene.world.run(31_000);
    assert_eq!(scene.reads("/fapi/v1/positionSide/dual"), reads + 1);
    assert_eq!(scene.alarms(), 0);
}

/// Alarmed; nothing but protection is tried before a signed read has gone through.
pub fn trading_stops(code: i32) {
    let mut scene = Scene::new();
    scene.refuse_each(&[("POST", ORDER, code, 1), ("GET", ALGOS, -1001, 3)]);
    let wish = scene.wish(LegId::TakeProfit(1), 1);
    let id = scene.world.approve(&wish);
    let held = scene.wish(LegId::TakeProfit(2), 1);
    let held = scene.world.approve(&held);
    assert_eq!(scene.world.denied()["SYMBOL_HELD"], 1);
    assert_eq!(scene.last(&held).status, OrderStatus::Rejected);
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 1);
    let after = scene.wish(LegId::TakeProfit(3), 1);
    let after = scene.world.approve(&after);
    assert_eq!(scene.last(&after).status, OrderStatus::Accepted);
}

pub fn leftovers_are_read(code: i32) {
    let mut scene = Scene::new();
    let id = scene.refused(LegId::Stop, ALGO, code);
    scene.world.run(600);
    let whole = |path: &str| {
        let calls = scene.world.calls.iter().rev().take(4);
        calls
            .filter(|(_, call)| call.request.path == path)
            .any(|(_, call)| call.request.param("symbol").is_none())
    };
    assert!(whole("/fapi/v1/openOrders") && whole(ALGOS));
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 1);
}

pub fn already_so(code: i32) {
    let mut scene = Scene::new();
    let id = scene.refused(LegId::TakeProfit(1), ORDER, code);
    scene.is_given_up(&id, code);
    assert_eq!(scene.alarms(), 0);
}

/// Counted, alarmed once, not sent again whatever it was, and what protects is left alone.
pub fn a_human_is_called(code: i32) {
    for (leg, path) in EVERYWHERE {
        let mut scene = Scene::new();
        let id = scene.refused(leg, path, code);
        scene.is_given_up(&id, code);
        assert_eq!(scene.alarms(), 1);
    }
    let mut scene = Scene::new();
    let cancel = scene.cancel_of_replaced();
    scene.refuse("DELETE", ALGO, code, 1);
    let id = scene.world.approve(&cancel);
    scene.world.run(3_000);
    let last = scene.last(&id);
    assert_eq!(
        (last.status, last.code),
        (OrderStatus::Accepted, Some(code))
    );
    assert_eq!(scene.world.calls_to(Method::Delete, ALGO), 1);
    assert_eq!(scene.alarms(), 1);
}
