//! The venue's clock: measured anew whenever a signing time is refused, and what a ban ends by.

use binance::{HttpResult, Method};
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side};
use paper_exchange::faults::{FaultPlan, Often, RequestAction, RequestFault};
use paper_exchange::venue;

use crate::world::{World, price, qty};

const TIME: &str = "/fapi/v1/time";
const HOUR_MS: i64 = 3_600_000;
const BAN_MS: i64 = 120_000;

fn refuse_once(path: &str, code: i32) -> FaultPlan {
    FaultPlan {
        requests: vec![RequestFault {
            method: Some("GET".into()),
            path: Some(path.into()),
            contains: None,
            often: Often::once(),
            action: RequestAction::RefuseWith {
                code,
                message: "outside of the recvWindow".into(),
            },
        }],
        ..FaultPlan::default()
    }
}

#[test]
fn a_read_that_is_refused_for_its_signing_time_measures_the_clock() {
    for code in [-1021, -5028] {
        for path in ["/fapi/v3/positionRisk", "/fapi/v1/openAlgoOrders"] {
            let mut world = World::with_long();
            let measured = world.calls_to(Method::Get, TIME);
            world.follow(refuse_once(path, code));
            world.run(12_000);
            let now = world.calls_to(Method::Get, TIME);
            assert_eq!(now, measured + 1, "{code} on {path}");
        }
    }
}

#[test]
fn a_question_that_is_refused_for_its_signing_time_measures_the_clock() {
    let mut world = World::with_long();
    let measured = world.calls_to(Method::Get, TIME);
    world.follow(refuse_once("/fapi/v1/algoOrder", -1021));
    world.deaf = true;
    world.tamper = Some(Box::new(|call, answer| match call.request.method {
        Method::Post => Err(binance::TransportError::Timeout),
        _ => answer,
    }));
    let stop = world.disaster(Side::Long, "58000");
    world.run(4_000);
    assert_eq!(world.calls_to(Method::Get, TIME), measured + 1);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Accepted));
}

/// A long position on a venue whose clock is `ahead_ms` ahead of ours; the next order is answered
/// with a ban that names its end by that clock, and nothing else.
fn banned(ahead_ms: i64) -> World {
    let mut world = World::cold();
    let until = crate::world::START_MS + ahead_ms + 700 + BAN_MS;
    let mut bans = 1;
    world.tamper = Some(Box::new(move |call, answer| {
        if call.request.method == Method::Post && bans > 0 {
            bans -= 1;
            let msg = format!("Way too many requests; IP banned until {until}.");
            return Ok(HttpResult {
                status: 418,
                body: format!(r#"{{"code":-1003,"msg":"{msg}"}}"#),
                ..HttpResult::default()
            });
        }
        answer.map(|mut it| {
            if call.request.path == TIME {
                let local = binance::response::server_time(&it.body).unwrap();
                it.body = format!(r#"{{"serverTime":{}}}"#, local + ahead_ms);
            }
            it
        })
    }));
    world.start();
    world.run(500);
    world.trade("bot-1", venue::Side::Buy, "0.5");
    world.run(200);
    world
}

#[test]
fn a_ban_ends_by_the_venues_clock_however_far_ours_is_away() {
    for ahead_ms in [-HOUR_MS, 0, HOUR_MS] {
        let mut world = banned(ahead_ms);
        let order = CloseOrder::Limit {
            qty: qty("0.1"),
            price: price("61000"),
        };
        let target = world.intent(Side::Long, LegId::TakeProfit(1), 1, order);
        world.approve(&target);
        world.run(BAN_MS - 10_000);
        let early = world.disaster(Side::Long, "58000");
        world.run(2_000);
        assert_eq!(world.orders_sent(), 1, "sent while banned, {ahead_ms}");
        world.run(10_000);
        assert_eq!(world.statuses(&early).last(), Some(&OrderStatus::Rejected));
        let trigger = price("58000");
        let order = CloseOrder::DisasterStop { trigger };
        let stop = world.intent(Side::Long, LegId::Disaster, 2, order);
        let stop = world.approve(&stop);
        let told = world.statuses(&stop);
        assert_eq!(told.last(), Some(&OrderStatus::Accepted), "{ahead_ms}");
    }
}
