//! Storms, bans, clocks, dead keys, what does not show yet, and the order of events.

use super::*;
use crate::wire::{WsSession, answer_frame};

fn plan(plan: FaultPlan) -> (Venue, Faults) {
    (venue(), Faults::new(plan))
}

fn get(path: &str, query: &str) -> WireRequest {
    WireRequest::new("GET", path, query)
}

fn storm(spares: Spares) -> FaultPlan {
    let rule = RequestFault {
        method: None,
        path: None,
        contains: None,
        often: Often {
            from_ms: 1_000,
            until_ms: 2_000,
            ..Often::default()
        },
        action: RequestAction::RefuseOverload,
    };
    FaultPlan {
        requests: vec![rule],
        overload_spares: spares,
        ..FaultPlan::default()
    }
}

#[test]
fn a_storm_begins_and_ends() {
    let (mut venue, mut faults) = plan(storm(Spares::Nobody));
    let mut at = |ms| {
        let ping = get("/fapi/v1/ping", "");
        faults.handle(&mut venue, &ping, NOW + ms).status
    };
    assert_eq!(
        [at(0), at(999), at(1_000), at(1_999), at(2_000)],
        [200, 200, 503, 503, 200]
    );
}

#[test]
fn a_storm_spares_whom_it_says() {
    let close = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true";
    let batch =
        "batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22reduceOnly%22%3A%22true%22%7D%5D";
    let stop = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
                triggerPrice=58000&closePosition=true";
    let cases = [
        (
            WireRequest::new("POST", "/fapi/v1/order", close),
            [503, 400, 400],
        ),
        (
            WireRequest::new("POST", "/fapi/v1/batchOrders", batch),
            [503, 0, 0],
        ),
        (
            WireRequest::new("POST", "/fapi/v1/algoOrder", stop),
            [503, 503, 400],
        ),
        (
            WireRequest::new("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&orderId=1"),
            [503, 400, 400],
        ),
        (buy(), [503, 503, 503]),
    ];
    for (request, wanted) in cases {
        let spares = [Spares::Nobody, Spares::Documented, Spares::Protective];
        for (spares, wanted) in spares.into_iter().zip(wanted) {
            let (mut venue, mut faults) = plan(storm(spares));
            faults.advance(&mut venue, NOW);
            let status = faults.handle(&mut venue, &request, NOW + 1_500).status;
            // 0: anything but the storm.
            let met = if wanted == 0 {
                status != 503
            } else {
                status == wanted
            };
            assert!(met, "{} {spares:?}: {status}", request.path);
        }
    }
}

#[test]
fn a_rule_of_a_socket_method_leaves_rest_alone_and_a_path_means_both() {
    let run = |path: &str| {
        let rule = RequestFault {
            method: None,
            path: Some(path.to_owned()),
            contains: None,
            often: Often::default(),
            action: RequestAction::LoseThenUnknown,
        };
        let (mut venue, mut faults) = plan(FaultPlan {
            requests: vec![rule],
            ..FaultPlan::default()
        });
        let rest = faults.handle(&mut venue, &buy(), NOW).status;
        let frame = r#"{"id":1,"method":"order.place","params":{"symbol":"BTCUSDT"}}"#;
        let mut session = WsSession::new("", NOW);
        let answer = answer_frame(&mut session, frame, NOW, &mut venue, |venue, request| {
            faults.handle(venue, request, NOW)
        });
        (rest, answer.text.contains("\"status\":503"))
    };
    assert_eq!(run("order.place"), (200, true));
    assert_eq!(run("/fapi/v1/order"), (503, true));
    assert_eq!(run("order.cancel"), (200, false));
}

fn timed(actions: &[(i64, TimedAction)]) -> FaultPlan {
    let timed = actions.iter().map(|(at_ms, action)| TimedFault {
        at_ms: *at_ms,
        action: *action,
    });
    FaultPlan {
        timed: timed.collect(),
        ..FaultPlan::default()
    }
}

#[test]
fn bans_and_limits_last_as_long_as_they_say() {
    let (mut venue, mut faults) = plan(timed(&[
        (200, TimedAction::Ban { ms: 100 }),
        (0, TimedAction::Limit { ms: 100 }),
    ]));
    let mut at = |ms| faults.handle(&mut venue, &get("/fapi/v1/ping", ""), NOW + ms);
    let limited = at(0);
    assert_eq!((limited.status, limited.headers[0].0), (429, "retry-after"));
    assert_eq!(at(100).status, 200);
    let banned = at(200);
    assert_eq!(banned.status, 418);
    assert!(
        banned.body.contains(&format!("banned until {}", NOW + 300)),
        "{}",
        banned.body
    );
    assert_eq!(at(300).status, 200);
}

#[test]
fn who_ignores_429_is_banned() {
    let mut venue = venue();
    let heavy = get("/fapi/v1/ticker/24hr", "");
    let mut statuses: Vec<u16> = Vec::new();
    for _ in 0..200 {
        statuses.push(handle(&mut venue, &heavy, NOW).status);
    }
    statuses.dedup();
    assert_eq!(statuses, [200, 429, 418]);
    assert_eq!(handle(&mut venue, &heavy, NOW + 120_000).status, 200);
}

#[test]
fn a_shifted_clock_refuses_timestamps_and_tells_its_own_time() {
    let (mut venue, mut faults) = plan(timed(&[(10, TimedAction::Clock { offset_ms: 7_000 })]));
    let signed = get("/fapi/v2/balance", &format!("timestamp={NOW}"));
    assert_eq!(faults.handle(&mut venue, &signed, NOW).status, 200);
    let refused = faults.handle(&mut venue, &signed, NOW + 10);
    assert!(refused.body.contains("-1021"), "{}", refused.body);
    let time = faults.handle(&mut venue, &get("/fapi/v1/time", ""), NOW + 10);
    assert_eq!(time.body, format!("{{\"serverTime\":{}}}", NOW + 7_010));
}

#[test]
fn a_killed_key_is_dead_and_hang_ups_are_handed_on_once() {
    let (mut venue, mut faults) = plan(timed(&[
        (5, TimedAction::KillListenKey),
        (5, TimedAction::HangUp(SocketKind::User)),
    ]));
    let start = WireRequest::new("POST", "/fapi/v1/listenKey", "");
    assert_eq!(faults.handle(&mut venue, &start, NOW).status, 200);
    assert_eq!(faults.next_timed_ms(), Some(NOW + 5));
    faults.advance(&mut venue, NOW + 5);
    assert!(venue.session_mut().listen_key(NOW + 5).is_none());
    assert!(venue.session_mut().take_expired(NOW + 5).is_some());
    assert_eq!(faults.take_hang_ups(), [SocketKind::User]);
    assert!(faults.take_hang_ups().is_empty());
    assert_eq!(faults.next_timed_ms(), None);
}

#[test]
fn new_orders_show_after_a_while() {
    let (mut venue, mut faults) = plan(FaultPlan {
        visible_after_ms: 400,
        ..FaultPlan::default()
    });
    assert_eq!(faults.handle(&mut venue, &buy(), NOW).status, 200);
    let stop = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
                triggerPrice=58000&closePosition=true&clientAlgoId=sl";
    let stop = WireRequest::new("POST", "/fapi/v1/algoOrder", stop);
    assert_eq!(faults.handle(&mut venue, &stop, NOW).status, 200);
    let mut ask =
        |path: &str, query: &str, ms| faults.handle(&mut venue, &get(path, query), NOW + ms).body;
    let one = ("/fapi/v1/algoOrder", "clientAlgoId=sl");
    assert!(ask(one.0, one.1, 399).contains("-2013"));
    assert!(ask(one.0, one.1, 400).contains("\"sl\""));
    assert_eq!(ask("/fapi/v1/openAlgoOrders", "", 399), "[]");
    assert!(ask("/fapi/v1/openAlgoOrders", "", 400).contains("\"sl\""));
    assert_eq!(ask("/fapi/v1/allOrders", "symbol=BTCUSDT", 399), "[]");
    let order = ("/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=bot-1");
    assert!(ask(order.0, order.1, 399).contains("-2013"));
    assert!(ask(order.0, order.1, 400).contains("FILLED"));
}

fn fill(order: EventOrder, seed: u64) -> Vec<&'static str> {
    let (mut venue, mut faults) = plan(FaultPlan {
        seed,
        event_order: order,
        ..FaultPlan::default()
    });
    faults.handle(&mut venue, &buy(), NOW);
    let events = faults.deliver(venue.take_events(), NOW);
    let orders = events.iter().filter_map(|event| match &event.body {
        crate::venue::EventBody::Order(update) => Some(update.order.status.wire()),
        _ => None,
    });
    assert_eq!(
        orders.collect::<Vec<_>>(),
        ["NEW", "FILLED"],
        "same-type order is kept"
    );
    events.iter().map(|event| event.body.name()).collect()
}

#[test]
fn events_of_different_types_are_shuffled_by_the_seed_and_one_type_never_is() {
    let measured = fill(EventOrder::Measured, 1);
    let shuffled: Vec<_> = (1..20)
        .map(|seed| fill(EventOrder::Shuffled, seed))
        .collect();
    assert!(shuffled.iter().any(|names| *names != measured));
    assert_eq!(shuffled[4], fill(EventOrder::Shuffled, 5));
}

#[test]
fn a_swapped_event_comes_behind_the_next_one_or_after_a_second() {
    let (mut faults, input) = events(EventAction::Swap);
    let names: Vec<_> = faults
        .deliver(input, NOW)
        .iter()
        .map(|e| e.body.name())
        .collect();
    let swapped = [
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ORDER_TRADE_UPDATE",
        "ACCOUNT_UPDATE",
    ];
    assert_eq!(names, swapped);
    let (mut faults, input) = events(EventAction::Swap);
    let account: Vec<_> = input
        .into_iter()
        .filter(|e| e.body.name() == "ACCOUNT_UPDATE")
        .collect();
    assert!(faults.deliver(account, NOW).is_empty());
    assert_eq!(faults.deliver(Vec::new(), NOW + 1_000).len(), 1);
}
