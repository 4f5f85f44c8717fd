//! Each fault does what its name says, and nothing happens without a plan.

mod windows;

use super::*;
use crate::venue::{NewOrder, PriceUpdate, Side, VenueConfig};

const NOW: i64 = 1_795_178_173_912;

fn venue() -> Venue {
    let mut venue = Venue::new(VenueConfig::default());
    venue
        .on_price("BTCUSDT", PriceUpdate::at(60_000.into()), NOW)
        .unwrap();
    venue
}

fn buy() -> WireRequest {
    WireRequest::new(
        "POST",
        "/fapi/v1/order",
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=bot-1",
    )
}

fn with(action: RequestAction) -> Faults {
    let rule = RequestFault {
        method: Some("POST".to_owned()),
        path: None,
        contains: Some("bot-1".to_owned()),
        often: Often::once(),
        action,
    };
    Faults::new(FaultPlan {
        requests: vec![rule],
        ..FaultPlan::default()
    })
}

fn run(action: RequestAction) -> (u16, bool) {
    let (mut venue, mut faults) = (venue(), with(action));
    let status = faults.handle(&mut venue, &buy(), NOW).status;
    assert_eq!(faults.acted(), 1);
    (status, !venue.position("BTCUSDT").unwrap().is_flat())
}

#[test]
fn an_unknown_outcome_may_or_may_not_have_executed() {
    assert_eq!(run(RequestAction::ExecuteThenUnknown), (503, true));
    assert_eq!(run(RequestAction::ExecuteThenTimeout), (408, true));
    assert_eq!(run(RequestAction::LoseThenUnknown), (503, false));
    assert_eq!(run(RequestAction::LoseThenTimeout), (408, false));
    let action = RequestAction::ExecuteThenFail {
        code: -1006,
        message: "no idea".to_owned(),
    };
    assert_eq!(run(action), (400, true));
}

#[test]
fn an_answer_can_be_late_or_never_come() {
    let fate = |action| {
        let (mut venue, mut faults) = (venue(), with(action));
        let fate = faults.handle(&mut venue, &buy(), NOW).fate;
        (fate, !venue.position("BTCUSDT").unwrap().is_flat())
    };
    assert_eq!(fate(RequestAction::ExecuteThenCut), (Fate::Cut, true));
    assert_eq!(fate(RequestAction::LoseThenCut), (Fate::Cut, false));
    let slow = RequestAction::Slow { ms: 900 };
    assert_eq!(fate(slow), (Fate::Late { ms: 900 }, true));
}

#[test]
fn a_refusal_never_executes() {
    assert_eq!(run(RequestAction::RefuseOverload), (503, false));
    assert_eq!(run(RequestAction::RefuseInternal), (503, false));
    assert_eq!(run(RequestAction::RefuseUnavailable), (503, false));
    let action = RequestAction::RefuseWith {
        code: -2019,
        message: "no".to_owned(),
    };
    assert_eq!(run(action), (400, false));
}

#[test]
fn a_rule_acts_as_often_as_it_says_and_only_on_what_it_matches() {
    let (mut venue, mut faults) = (venue(), with(RequestAction::LoseThenUnknown));
    let ping = WireRequest::new("GET", "/fapi/v1/ping", "");
    assert_eq!(faults.handle(&mut venue, &ping, NOW).status, 200);
    assert_eq!(faults.handle(&mut venue, &buy(), NOW).status, 503);
    assert_eq!(faults.handle(&mut venue, &buy(), NOW).status, 200);
}

fn events(action: EventAction) -> (Faults, Vec<VenueEvent>) {
    let mut venue = venue();
    venue
        .place_order(NewOrder::market("BTCUSDT", Side::Buy, 1.into()), NOW)
        .unwrap();
    let name = Some("ACCOUNT_UPDATE".to_owned());
    let rule = EventFault {
        name,
        often: Often::default(),
        action,
    };
    let plan = FaultPlan {
        events: vec![rule],
        ..FaultPlan::default()
    };
    (Faults::new(plan), venue.take_events())
}

#[test]
fn events_get_lost_doubled_or_late() {
    let (mut faults, input) = events(EventAction::Lose);
    assert_eq!(faults.deliver(input, NOW).len(), 3);
    let (mut faults, input) = events(EventAction::Duplicate);
    assert_eq!(faults.deliver(input, NOW).len(), 5);
    let (mut faults, input) = events(EventAction::Delay { ms: 200 });
    assert_eq!(faults.deliver(input, NOW).len(), 3);
    assert_eq!(faults.next_due_ms(), Some(NOW + 200));
    assert!(faults.deliver(Vec::new(), NOW + 199).is_empty());
    assert_eq!(faults.deliver(Vec::new(), NOW + 200).len(), 1);
    assert_eq!(faults.next_due_ms(), None);
}

#[test]
fn a_conditional_order_can_get_stuck_in_triggering() {
    let mut venue = venue();
    venue
        .place_order(NewOrder::market("BTCUSDT", Side::Buy, 1.into()), NOW)
        .unwrap();
    let plan = FaultPlan {
        stuck_triggering_ppm: 1_000_000,
        ..FaultPlan::default()
    };
    let query = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
                 triggerPrice=58000&closePosition=true";
    let place = WireRequest::new("POST", "/fapi/v1/algoOrder", query);
    assert_eq!(
        Faults::new(plan).handle(&mut venue, &place, NOW).status,
        200
    );
    venue
        .on_price("BTCUSDT", PriceUpdate::at(57_000.into()), NOW)
        .unwrap();
    assert!(!venue.position("BTCUSDT").unwrap().is_flat());
}

#[test]
fn the_same_seed_spoils_the_same_requests() {
    let statuses = || {
        let rule = RequestFault {
            method: None,
            path: None,
            contains: None,
            often: Often::ppm(500_000),
            action: RequestAction::LoseThenUnknown,
        };
        let plan = FaultPlan {
            seed: 9,
            requests: vec![rule],
            ..FaultPlan::default()
        };
        let (mut venue, mut faults) = (venue(), Faults::new(plan));
        let ping = WireRequest::new("GET", "/fapi/v1/ping", "");
        (0..50)
            .map(|_| faults.handle(&mut venue, &ping, NOW).status)
            .collect::<Vec<_>>()
    };
    assert_eq!(statuses(), statuses());
    assert!(statuses().contains(&503) && statuses().contains(&200));
}

#[test]
fn a_plan_with_a_misspelt_key_is_refused_by_name() {
    let error = serde_json::from_str::<FaultPlan>(r#"{"sed": 1}"#)
        .unwrap_err()
        .to_string();
    assert!(error.contains("sed"), "{error}");
}
