//! Answers that come after their call was given up: a refusal is as good as one in time.

use binance::{HttpResult, Method, TransportError};
use domain::Side;
use domain::ids::ClientOrderId;
use domain::order::OrderStatus;
use gateway::{CallId, VenueInput};
use paper_exchange::faults::{FaultPlan, Often, RequestAction, RequestFault};

use crate::world::{World, dec};

/// A stop that never reached the venue and was not answered in time, and the number of its call.
fn unanswered() -> (World, ClientOrderId, CallId) {
    let mut world = World::with_long();
    world.follow(FaultPlan {
        requests: vec![RequestFault {
            method: Some("POST".into()),
            path: None,
            contains: None,
            often: Often::once(),
            action: RequestAction::LoseThenUnknown,
        }],
        ..FaultPlan::default()
    });
    world.tamper = Some(Box::new(|call, answer| match call.request.method {
        Method::Post => Err(TransportError::Timeout),
        _ => answer,
    }));
    let stop = world.disaster(Side::Long, "58000");
    world.tamper = None;
    world.run(1_000);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Unknown));
    let placed = |(_, call): &&(i64, gateway::VenueCall)| call.request.method == Method::Post;
    let call = world.calls.iter().rev().find(placed).unwrap().1.id;
    (world, stop, call)
}

fn answer_late(world: &mut World, call: CallId, status: u16, code: i32) {
    let result = Ok(HttpResult {
        status,
        body: format!(r#"{{"code":{code},"msg":"refused"}}"#),
        ..HttpResult::default()
    });
    let mut out = Vec::new();
    let now = world.now();
    let input = VenueInput::Answer { call, result };
    world.gateway.venue(now, input, &mut out);
    world.carry_out(out);
}

#[test]
fn a_late_refusal_is_told_with_its_code_and_followed_by_what_the_code_asks_for() {
    for (code, path) in [
        (-4061, "/fapi/v1/positionSide/dual"),
        (-4014, "/fapi/v1/exchangeInfo"),
        (-1021, "/fapi/v1/time"),
    ] {
        let (mut world, stop, call) = unanswered();
        let reads = world.calls_to(Method::Get, path);
        answer_late(&mut world, call, 400, code);
        let last = (*world.events(&stop).last().unwrap()).clone();
        let told = (last.status, last.code);
        assert_eq!(told, (OrderStatus::Rejected, Some(code)));
        world.run(31_000);
        assert_eq!(world.calls_to(Method::Get, path), reads + 1, "{code}");
        assert_eq!(world.orders_sent(), 1, "sent again");
    }
}

#[test]
fn a_refusal_that_comes_after_the_order_was_given_up_still_does_what_its_code_asks_for() {
    let (mut world, stop, call) = unanswered();
    world.run(12_000);
    let never = (*world.events(&stop).last().unwrap()).clone();
    assert_eq!(never.detail, "never arrived");
    let reads = world.calls_to(Method::Get, "/fapi/v1/positionSide/dual");
    answer_late(&mut world, call, 400, -4061);
    world.run(31_000);
    let now = world.calls_to(Method::Get, "/fapi/v1/positionSide/dual");
    assert_eq!(now, reads + 1);
    let last = (*world.events(&stop).last().unwrap()).clone();
    assert_eq!(last.detail, "never arrived");
}

#[test]
fn a_late_ban_holds_everything_back_like_one_in_time() {
    let (mut world, _, call) = unanswered();
    answer_late(&mut world, call, 418, -1003);
    world.calls.clear();
    world.run(60_000);
    let sent: Vec<_> = world.calls.iter().map(|(_, it)| it.request.path).collect();
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(world.counter("limits_hit"), 1);
}

#[test]
fn a_late_word_that_leaves_the_outcome_open_changes_nothing() {
    let (mut world, stop, call) = unanswered();
    let told = world.statuses(&stop);
    answer_late(&mut world, call, 408, -1007);
    assert_eq!(world.statuses(&stop), told);
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.snapshot(Side::Long).position.qty.get(), dec("0.5"));
}
