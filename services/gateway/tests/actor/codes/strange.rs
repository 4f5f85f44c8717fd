//! Codes that no row names: reconcile, alarm, safe state.

use binance::Method;
use domain::LegId;
use domain::order::OrderStatus;

use super::scene::*;

const STRANGE: i32 = -4999;

#[test]
fn an_unlisted_code_on_a_placement_is_asked_about_on_both_books_and_alarmed() {
    for (leg, path) in EVERYWHERE {
        let mut scene = Scene::new();
        let id = scene.refused(leg, path, STRANGE);
        let last = scene.last(&id);
        let told = (last.status, last.code);
        assert_eq!(told, (OrderStatus::Unknown, Some(STRANGE)));
        assert_eq!((scene.alarms(), scene.world.counter("safe_states")), (1, 1));
        scene.world.run(5_500);
        assert_eq!(scene.last(&id).status, OrderStatus::Unknown);
        scene.world.run(6_500);
        let last = scene.last(&id);
        assert_eq!(last.status, OrderStatus::Rejected);
        assert_eq!(last.detail, "never arrived");
        assert!(scene.reads(ORDER) >= 1 && scene.reads(ALGO) >= 1);
        assert_eq!(scene.sent(), 1, "sent again");
        let errors = &scene.world.gateway.metrics().venue_errors;
        assert_eq!(errors[&STRANGE.to_string()], 1);
        scene.is_protected();
    }
}

#[test]
fn in_the_safe_state_ordinary_orders_wait_for_a_clean_read_and_stops_are_not_canceled() {
    let mut scene = Scene::new();
    let stop = scene.wish(LegId::Stop, 1);
    let stop_id = scene.world.approve(&stop);
    scene.world.run(600);
    scene.refuse_each(&[("POST", ORDER, STRANGE, 1), ("GET", ALGOS, -1001, 3)]);
    let limit = scene.wish(LegId::TakeProfit(1), 1);
    scene.world.approve(&limit);
    let held = scene.wish(LegId::TakeProfit(2), 1);
    let held = scene.world.approve(&held);
    assert_eq!(scene.last(&held).status, OrderStatus::Rejected);
    let cancel = scene.world.cancel_of(&stop, 1);
    scene.world.approve(&cancel);
    assert_eq!(scene.world.denied()["SYMBOL_HELD"], 2);
    assert_eq!(scene.last(&stop_id).status, OrderStatus::Accepted);
    // What protects goes, and so does a close.
    let exit = scene.wish(LegId::Exit, 1);
    let exit = scene.world.approve(&exit);
    assert_eq!(scene.last(&exit).status, OrderStatus::Filled);
    scene.is_protected();
    // Everything was read again, without an error.
    scene.world.run(5_000);
    let limit = scene.wish(LegId::TakeProfit(3), 1);
    let limit = scene.world.approve(&limit);
    assert_eq!(scene.last(&limit).status, OrderStatus::Accepted);
    assert_eq!(scene.world.heartbeat().counters["holds"], 0);
}

#[test]
fn a_market_close_of_unknown_fate_blocks_its_leg_until_there_is_evidence() {
    let mut scene = Scene::new();
    scene.refused(LegId::Exit, ORDER, STRANGE);
    scene.world.run(3_000);
    let again = scene.wish(LegId::Exit, 2);
    scene.world.approve(&again);
    assert_eq!(scene.world.denied()["OUTCOME_PENDING"], 1);
    assert_eq!(scene.sent(), 1);
    scene.world.run(9_000);
    let third = scene.wish(LegId::Exit, 3);
    let third = scene.world.approve(&third);
    assert_eq!(scene.last(&third).status, OrderStatus::Filled);
}

#[test]
fn a_hold_that_no_read_ends_is_bounded_and_shown() {
    let mut scene = Scene::new();
    scene.refuse_each(&[("POST", ORDER, STRANGE, 1), ("GET", ALGOS, -1001, 0)]);
    let limit = scene.wish(LegId::TakeProfit(1), 1);
    scene.world.approve(&limit);
    scene.world.run(20_000);
    assert_eq!(scene.world.heartbeat().counters["holds"], 1);
    let early = scene.wish(LegId::TakeProfit(2), 1);
    let early = scene.world.approve(&early);
    assert_eq!(scene.last(&early).status, OrderStatus::Rejected);
    scene.world.run(11_000);
    let late = scene.wish(LegId::TakeProfit(3), 1);
    let late = scene.world.approve(&late);
    assert_eq!(scene.last(&late).status, OrderStatus::Accepted);
}

#[test]
fn an_unlisted_code_on_a_cancel_leaves_the_order_and_asks_for_it() {
    let mut scene = Scene::new();
    let asked = scene.reads(ALGO);
    let cancel = scene.cancel_of_replaced();
    scene.refuse("DELETE", ALGO, STRANGE, 1);
    let id = scene.world.approve(&cancel);
    scene.world.run(3_000);
    let last = scene.last(&id);
    assert_eq!(last.status, OrderStatus::Accepted);
    assert!(scene.reads(ALGO) > asked);
    assert_eq!(scene.world.calls_to(Method::Delete, ALGO), 1, "sent again");
    assert_eq!(scene.alarms(), 1);
}

#[test]
fn an_unlisted_code_on_a_question_is_alarmed_and_the_order_found_all_the_same() {
    let mut scene = Scene::new();
    scene.world.deaf = true;
    scene.refuse("GET", ALGO, STRANGE, 1);
    scene.world.tamper = Some(Box::new(|call, answer| match call.request.method {
        Method::Post => Err(binance::TransportError::Timeout),
        _ => answer,
    }));
    let wish = scene.wish(LegId::Stop, 1);
    let id = scene.world.approve(&wish);
    scene.world.run(4_000);
    assert_eq!(scene.last(&id).status, OrderStatus::Accepted);
    assert_eq!((scene.alarms(), scene.sent()), (1, 1));
}
