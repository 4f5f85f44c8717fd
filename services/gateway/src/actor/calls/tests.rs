//! Tests of the module beside.

use super::*;
use crate::actor::reads::Read;
use binance::HttpResult;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(60_000_000 + ms)
}

fn waiting(lane: Lane) -> Waiting {
    let id = ClientOrderId::new("xe-1").unwrap();
    let purpose = match lane {
        Lane::Protective => Purpose::Place(id),
        Lane::Trade => Purpose::Ask {
            id,
            book: Book::Algo,
        },
        Lane::Read => Purpose::Read(Read::Positions),
    };
    Waiting {
        purpose,
        request: Read::Positions.request(),
        lane,
        not_before: at(0),
        line: None,
    }
}

fn lanes(calls: &mut Calls, now: Timestamp) -> Vec<Lane> {
    let mut sent = Vec::new();
    while let Some(next) = calls.pop(now) {
        sent.push(next.lane);
        calls.send(next, now);
    }
    sent
}

#[test]
fn protective_calls_go_first() {
    let mut calls = Calls::default();
    for lane in [Lane::Read, Lane::Trade, Lane::Protective] {
        assert!(calls.push(waiting(lane)).is_none());
    }
    let order = lanes(&mut calls, at(0));
    assert_eq!(order, [Lane::Protective, Lane::Trade, Lane::Read]);
}

#[test]
fn reads_never_take_the_places_that_a_stop_needs() {
    let mut calls = Calls::default();
    for _ in 0..IN_FLIGHT_MAX {
        assert!(calls.push(waiting(Lane::Read)).is_none());
        assert!(calls.push(waiting(Lane::Trade)).is_none());
    }
    assert_eq!(lanes(&mut calls, at(0)).len(), ORDINARY_IN_FLIGHT_MAX);
    assert!(calls.push(waiting(Lane::Protective)).is_none());
    assert_eq!(lanes(&mut calls, at(0)), [Lane::Protective]);
}

#[test]
fn a_full_queue_gives_way_to_a_stop_and_to_nothing_less() {
    let mut calls = Calls::default();
    for _ in 0..CALLS_MAX {
        assert!(calls.push(waiting(Lane::Read)).is_none());
    }
    let displaced = calls.push(waiting(Lane::Protective));
    assert_eq!(displaced.map(|call| call.lane), Some(Lane::Read));
    let refused = calls.push(waiting(Lane::Read));
    assert_eq!(refused.map(|call| call.lane), Some(Lane::Read));
    assert_eq!(calls.waiting_len(), CALLS_MAX);
}

#[test]
fn after_a_weight_limit_only_protective_calls_go_until_the_minute_ends() {
    let mut calls = Calls::default();
    calls.hold(Limit::Weight, None, at(20_000));
    for lane in [Lane::Read, Lane::Trade, Lane::Protective] {
        assert!(calls.push(waiting(lane)).is_none());
    }
    assert_eq!(lanes(&mut calls, at(20_000)), [Lane::Protective]);
    assert_eq!(lanes(&mut calls, at(60_999)), []);
    assert_eq!(lanes(&mut calls, at(61_000)), [Lane::Trade, Lane::Read]);
}

#[test]
fn during_a_ban_nothing_goes_and_a_shorter_pause_does_not_end_it() {
    let mut calls = Calls::default();
    calls.hold(Limit::Banned, Some(Span::from_secs(300)), at(0));
    calls.hold(Limit::Weight, Some(Span::from_secs(1)), at(0));
    assert!(calls.push(waiting(Lane::Protective)).is_none());
    assert_eq!(lanes(&mut calls, at(299_000)), []);
    assert_eq!(lanes(&mut calls, at(300_000)), [Lane::Protective]);
}

#[test]
fn the_venues_count_of_weight_holds_back_what_does_not_protect() {
    let mut calls = Calls::default();
    let answer = HttpResult {
        used_weight: Some(2_208),
        ..HttpResult::default()
    };
    calls.budget.learn(&answer, at(0), at(0));
    assert!(calls.push(waiting(Lane::Read)).is_none());
    assert!(calls.push(waiting(Lane::Trade)).is_none());
    assert!(calls.push(waiting(Lane::Protective)).is_none());
    assert_eq!(lanes(&mut calls, at(0)), [Lane::Protective]);
    assert_eq!(lanes(&mut calls, at(60_000)), [Lane::Trade, Lane::Read]);
}

fn placing(lane: Lane, name: &str) -> Waiting {
    let mut waiting = waiting(lane);
    waiting.purpose = Purpose::Place(ClientOrderId::new(name).unwrap());
    waiting.request.orders = 1;
    waiting
}

#[test]
fn targets_wait_for_the_order_counts_while_stops_and_reads_go() {
    let mut calls = Calls::default();
    calls.budget.spend(0, 201, at(0));
    assert!(calls.push(placing(Lane::Trade, "xe-tp")).is_none());
    assert!(calls.push(waiting(Lane::Trade)).is_none());
    assert!(calls.push(placing(Lane::Protective, "xe-sl")).is_none());
    let order = lanes(&mut calls, at(0));
    assert_eq!(order, [Lane::Protective, Lane::Trade]);
    let expected = Deferrals {
        protective: 0,
        ordinary: 1,
    };
    assert_eq!(lanes(&mut calls, at(5_000)), []);
    assert_eq!(
        calls.deferrals, expected,
        "counted once however long it waits"
    );
    assert_eq!(lanes(&mut calls, at(10_000)), [Lane::Trade]);
}

#[test]
fn a_stop_waits_only_where_the_venue_would_refuse_it() {
    let mut calls = Calls::default();
    calls.budget.spend(0, 299, at(0));
    for name in ["xe-1", "xe-2"] {
        assert!(calls.push(placing(Lane::Protective, name)).is_none());
    }
    assert_eq!(lanes(&mut calls, at(0)), [Lane::Protective]);
    assert_eq!(calls.deferrals.protective, 1);
    let over =
        calls.take_over(|it| matches!(&it.purpose, Purpose::Place(id) if id.as_str() == "xe-2"));
    assert_eq!((over.len(), calls.waiting_len()), (1, 0));
}

#[test]
fn an_answer_is_taken_once_and_a_lost_one_is_noticed() {
    let mut calls = Calls::default();
    let call = calls.send(waiting(Lane::Trade), at(0));
    assert_eq!(calls.lost(at(10_000)), []);
    assert_eq!(calls.lost(at(10_001)), [call.id]);
    assert!(calls.answered(call.id).is_some());
    assert!(calls.answered(call.id).is_none());
}

#[test]
fn a_longer_mild_hold_does_not_end_a_ban_and_a_ban_not_the_longer_hold() {
    let mut calls = Calls::default();
    calls.hold(Limit::Banned, Some(Span::from_secs(120)), at(0));
    calls.hold(Limit::Weight, Some(Span::from_secs(300)), at(0));
    for lane in [Lane::Protective, Lane::Trade] {
        assert!(calls.push(waiting(lane)).is_none());
    }
    assert_eq!(lanes(&mut calls, at(119_999)), []);
    assert_eq!(lanes(&mut calls, at(120_000)), [Lane::Protective]);
    assert_eq!(lanes(&mut calls, at(299_999)), []);
    assert_eq!(lanes(&mut calls, at(300_000)), [Lane::Trade]);
}

#[test]
fn a_cancel_that_a_close_may_wait_for_goes_where_questions_wait_for_weight() {
    let cancel = || Waiting {
        purpose: Purpose::Cancel(Cancel {
            target: ClientOrderId::new("xe-tp").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            author: Module::ExitExecutor,
            intent_id: IntentId::cancel(&ClientOrderId::new("xe-tp").unwrap(), at(0)),
            approved_at: at(0),
            expires_at: at(2_000),
            tries: 0,
        }),
        ..waiting(Lane::Trade)
    };
    for (used, sent) in [(2_207, 2), (2_208, 1), (2_351, 1), (2_352, 0)] {
        let mut calls = Calls::default();
        calls.budget.spend(used, 0, at(0));
        for waiting in [waiting(Lane::Trade), cancel()] {
            assert!(calls.push(waiting).is_none());
        }
        let first = calls.pop(at(0)).map(|call| call.purpose);
        assert_eq!(calls.waiting_len(), if sent > 0 { 1 } else { 2 });
        let is_cancel = first.is_some_and(|it| matches!(it, Purpose::Cancel(_)));
        assert_eq!(is_cancel, sent == 1, "{used}");
    }
}

fn stop(name: &str, epoch: u64) -> Waiting {
    let line = StopLine {
        key: domain::PositionKey {
            account: domain::Account::new("main").unwrap(),
            symbol: domain::Symbol::new("BTCUSDT").unwrap(),
            side: domain::Side::Long,
        },
        module: Module::ExitExecutor,
        epoch: Epoch(epoch),
    };
    Waiting {
        line: Some(line),
        ..placing(Lane::Protective, name)
    }
}

#[test]
fn stops_of_one_line_go_one_after_the_other() {
    let mut calls = Calls::default();
    for (name, epoch) in [("xe-1", 1), ("xe-2", 1), ("xe-3", 2)] {
        assert!(calls.push(stop(name, epoch)).is_none());
    }
    let name = |waiting: &Waiting| match &waiting.purpose {
        Purpose::Place(id) => id.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    let first = calls.pop(at(0)).unwrap();
    assert_eq!(name(&first), "xe-1");
    let first = calls.send(first, at(0)).id;
    let other_line = calls.pop(at(0)).unwrap();
    assert_eq!(name(&other_line), "xe-3");
    calls.send(other_line, at(0));
    assert!(calls.pop(at(20)).is_none(), "the first is on its way");
    assert!(calls.answered(first).is_some());
    assert_eq!(
        calls.pop(at(20)).map(|it| name(&it)).as_deref(),
        Some("xe-2")
    );
}

#[test]
fn a_stop_does_not_wait_long_for_a_late_answer() {
    let mut calls = Calls::default();
    assert!(calls.push(stop("xe-1", 1)).is_none());
    let first = calls.pop(at(0)).unwrap();
    calls.send(first, at(0));
    assert!(calls.push(stop("xe-2", 1)).is_none());
    let over = at(0) + LINE_WAIT_MAX;
    assert!(calls.pop(over - Span::from_millis(1)).is_none());
    assert!(calls.pop(over).is_some());
}

#[test]
fn a_cancel_that_is_out_is_known_until_it_is_answered() {
    let mut calls = Calls::default();
    let target = ClientOrderId::new("xe-1").unwrap();
    let cancel = Cancel {
        target: target.clone(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        author: Module::ExitExecutor,
        intent_id: IntentId::cancel(&target, at(0)),
        approved_at: at(0),
        expires_at: at(2_000),
        tries: 1,
    };
    let waiting = Waiting {
        purpose: Purpose::Cancel(cancel),
        ..waiting(Lane::Trade)
    };
    assert!(!calls.is_canceling(&target));
    let call = calls.send(waiting, at(0));
    assert!(calls.is_canceling(&target));
    assert!(!calls.is_canceling(&ClientOrderId::new("xe-2").unwrap()));
    calls.answered(call.id);
    assert!(!calls.is_canceling(&target));
}
