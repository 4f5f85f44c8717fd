//! The picture of positions and orders: when it changes, when it is repeated, what proves flat.

use binance::TransportError;
use binance::stream::StreamItem;
use domain::Side;
use domain::order::CloseOrder;
use paper_exchange::venue::{AlgoKind, NewAlgo, NewOrder, Side as Dir, SymbolSpec, VenueConfig};

use crate::world::{BTC, World, dec, key, price, qty};

#[test]
fn an_opened_position_is_told_at_once_with_the_time_of_its_fill_as_epoch() {
    let mut world = World::ready();
    world.trade("bot-1", Dir::Buy, "0.5");
    let snapshot = world.snapshot(Side::Long);
    let position = &snapshot.position;
    assert_eq!(position.epoch.0, u64::try_from(world.now_ms).unwrap());
    assert_eq!(
        (position.qty, position.initial_qty),
        (qty("0.5"), qty("0.5"))
    );
    assert_eq!(position.leverage, dec("20"));
    assert_eq!(position.key, key(Side::Long));
    assert!(snapshot.complete && !snapshot.flat_proven);
}

#[test]
fn a_snapshot_is_repeated_within_each_second() {
    let mut world = World::with_long();
    world.said.clear();
    world.run(5_000);
    let times: Vec<i64> = world
        .said
        .iter()
        .filter(|(_, heard)| matches!(heard, bus::Heard::Position(_)))
        .map(|(at, _)| *at)
        .collect();
    assert!(times.len() >= 5, "{times:?}");
    assert!(times.windows(2).all(|w| w[1] - w[0] <= 1_000), "{times:?}");
    let numbers: Vec<u64> = world
        .snapshots(Side::Long)
        .iter()
        .map(|snapshot| snapshot.sequence)
        .collect();
    assert!(numbers.windows(2).all(|w| w[1] == w[0] + 1), "{numbers:?}");
}

#[test]
fn a_flat_position_is_spoken_of_for_a_minute_more() {
    let mut world = World::with_long();
    world.trade("bot-2", Dir::Sell, "0.5");
    world.run(59_000);
    world.said.clear();
    world.run(1_000);
    assert!(world.snapshot(Side::Long).flat_proven);
    world.run(2_000);
    world.said.clear();
    world.run(3_000);
    assert!(world.snapshots(Side::Long).is_empty());
}

#[test]
fn one_missing_read_is_not_flat_and_two_are() {
    let mut world = World::with_long();
    world.run(3_000);
    world.deaf = true;
    world.tamper = Some(Box::new(|call, answer| {
        let mut answer = answer.unwrap();
        if call.request.path == "/fapi/v3/positionRisk" {
            answer.body = "[]".into();
        }
        Ok(answer)
    }));
    world.quiet_since = world.now_ms;
    while world.calls_to_position() == 0 {
        world.run(100);
    }
    let snapshot = world.snapshot(Side::Long);
    assert!(snapshot.position.is_open() && !snapshot.flat_proven);
    world.run(1_500);
    let snapshot = world.snapshot(Side::Long);
    assert!(!snapshot.position.is_open() && snapshot.flat_proven);
}

#[test]
fn a_position_that_comes_back_in_the_second_read_never_was_flat() {
    let mut world = World::with_long();
    world.run(3_000);
    let mut lies = 1;
    world.tamper = Some(Box::new(move |call, answer| {
        let mut answer = answer.unwrap();
        if call.request.path == "/fapi/v3/positionRisk" && lies > 0 {
            lies -= 1;
            answer.body = "[]".into();
        }
        Ok(answer)
    }));
    world.said.clear();
    world.run(30_000);
    let open = |s: &&domain::snapshot::PositionSnapshot| s.position.is_open() && !s.flat_proven;
    assert!(world.snapshots(Side::Long).iter().all(open));
}

#[test]
fn a_lost_event_is_healed_by_the_next_comparison() {
    let mut world = World::with_long();
    world.deaf = true;
    world.trade("bot-2", Dir::Buy, "0.25");
    assert_eq!(world.snapshot(Side::Long).position.qty, qty("0.5"));
    world.run(11_000);
    let position = world.snapshot(Side::Long).position;
    assert_eq!(
        (position.qty, position.initial_qty),
        (qty("0.75"), qty("0.75"))
    );
    assert!(world.counter("differences_reconciled") > 0);
}

#[test]
fn a_new_life_that_began_in_a_gap_is_told_from_the_old_one() {
    let mut world = World::with_long();
    let old = world.snapshot(Side::Long).position.epoch;
    world.break_stream();
    world.deaf = true;
    world.run(1_000);
    world.trade("bot-2", Dir::Sell, "0.5");
    world.run(100);
    world.trade("bot-3", Dir::Buy, "0.5");
    let opened = u64::try_from(world.now_ms).unwrap();
    world.run(100);
    world.deaf = false;
    world.stream(StreamItem::Connected);
    world.run(3_000);
    let position = world.snapshot(Side::Long).position;
    assert_ne!(position.epoch, old);
    assert_eq!(position.epoch.0, opened);
}

#[test]
fn a_gap_makes_the_picture_incomplete_until_both_books_are_read() {
    let mut world = World::with_long();
    world.run(2_000);
    assert!(world.snapshot(Side::Long).complete);
    world.tamper = Some(Box::new(|call, answer| {
        if call.request.path == "/fapi/v1/openAlgoOrders" {
            return Err(binance::TransportError::Timeout);
        }
        answer
    }));
    world.break_stream();
    world.stream(StreamItem::Connected);
    world.run(2_000);
    assert!(!world.snapshot(Side::Long).complete);
    world.tamper = None;
    world.run(9_000);
    assert!(world.snapshot(Side::Long).complete);
}

#[test]
fn foreign_orders_that_close_are_listed_and_entries_are_not() {
    let mut world = World::with_long();
    let now = world.now_ms;
    let stop = NewAlgo::reduce_only_stop(BTC, Dir::Sell, dec("0.2"), dec("59000"));
    world.venue.place_algo(stop, now).unwrap();
    let target = NewOrder::limit(BTC, Dir::Sell, dec("0.1"), dec("62000")).reduce_only();
    let target = target.with_client_id("their.limit/1");
    world.venue.place_order(target, now).unwrap();
    let entry = NewOrder::limit(BTC, Dir::Buy, dec("0.1"), dec("50000"));
    world.venue.place_order(entry, now).unwrap();
    world.run(100);
    let snapshot = world.snapshot(Side::Long);
    let shapes: Vec<CloseOrder> = snapshot.orders.iter().map(|order| order.order).collect();
    let limit = CloseOrder::Limit {
        qty: qty("0.1"),
        price: price("62000"),
    };
    let stop = CloseOrder::Stop {
        qty: qty("0.2"),
        trigger: price("59000"),
    };
    assert_eq!(shapes, [limit, stop]);
    assert_eq!(snapshot.protected_qty(), qty("0.2"));
}

#[test]
fn a_firing_stop_shows_as_triggering_and_protects_nothing() {
    let mut world = World::with_long();
    world.follow(paper_exchange::faults::FaultPlan {
        stuck_triggering_ppm: 1_000_000,
        ..Default::default()
    });
    let now = world.now_ms;
    let stop = NewAlgo::close_position(BTC, Dir::Sell, AlgoKind::StopMarket, dec("59000"));
    world.venue.place_algo(stop, now).unwrap();
    world.run(100);
    assert_eq!(world.snapshot(Side::Long).protected_qty(), qty("0.5"));
}

#[test]
fn an_unreadable_event_makes_the_account_be_read() {
    let mut world = World::with_long();
    world.run(2_000);
    world.stream(StreamItem::Text("{\"e\":\"ACCOUNT_UPDATE\"}".into()));
    assert!(!world.snapshot(Side::Long).complete);
    assert_eq!(world.counter("user_events_unread"), 1);
    world.run(1_000);
    assert!(world.snapshot(Side::Long).complete);
}

#[test]
fn a_silent_stream_with_a_difference_is_renewed() {
    let mut world = World::with_long();
    world.deaf = true;
    world.run(61_000);
    assert_eq!(world.renewals, 0);
    world.trade("bot-2", Dir::Buy, "0.25");
    world.run(11_000);
    assert_eq!(world.renewals, 1);
}

#[test]
fn an_expired_listen_key_renews_the_stream() {
    let mut world = World::with_long();
    let text = r#"{"e":"listenKeyExpired","E":1,"listenKey":"x"}"#;
    world.stream(StreamItem::Text(text.into()));
    assert_eq!(world.renewals, 1);
}

#[test]
fn repeated_and_late_events_change_nothing() {
    let mut world = World::ready();
    world.trade("bot-1", Dir::Buy, "0.5");
    let opened = world.now_ms;
    world.run(1_000);
    world.trade("bot-2", Dir::Buy, "0.5");
    world.run(100);
    let before = world.snapshot(Side::Long).position;
    let late = format!(
        r#"{{"e":"ACCOUNT_UPDATE","T":{opened},"E":{opened},"a":{{"m":"ORDER","B":[],"P":[{{
        "s":"BTCUSDT","pa":"0.5","ep":"60000","ps":"BOTH"}}]}}}}"#
    );
    world.stream(StreamItem::Text(late));
    assert_eq!(world.snapshot(Side::Long).position, before);
    assert_eq!(world.counter("account_events_late"), 1);
}

/// Only reads that came whole count: one that failed in between proves nothing.
#[test]
fn a_failed_read_does_not_count_among_the_two_that_prove_a_position_gone() {
    let mut world = World::with_long();
    world.run(3_000);
    world.deaf = true;
    world.trade("bot-9", paper_exchange::venue::Side::Sell, "0.5");
    let good = std::rc::Rc::new(std::cell::Cell::new(1_u32));
    let left = std::rc::Rc::clone(&good);
    world.tamper = Some(Box::new(move |call, answer| {
        if call.request.path != "/fapi/v3/positionRisk" {
            return answer;
        }
        match left.get().checked_sub(1) {
            Some(fewer) => {
                left.set(fewer);
                answer
            }
            None => Err(binance::TransportError::Timeout),
        }
    }));
    world.run(15_000);
    assert_eq!(good.get(), 0);
    let snapshot = world.snapshot(Side::Long);
    assert!(snapshot.position.is_open() && !snapshot.flat_proven);
    good.set(1);
    world.run(10_000);
    let snapshot = world.snapshot(Side::Long);
    assert!(!snapshot.position.is_open() && snapshot.flat_proven);
}

/// A fill of `leg` at `at`, without the account event that belongs to it.
fn fill_of(leg: &str, at: i64) -> StreamItem {
    StreamItem::Text(format!(
        r#"{{"e":"ORDER_TRADE_UPDATE","T":{at},"E":{at},"o":{{"s":"BTCUSDT","c":"bot-7","S":"BUY",
        "o":"MARKET","f":"GTC","q":"0.1","p":"0","ap":"60000","sp":"0","x":"TRADE","X":"FILLED",
        "i":77,"l":"0.1","z":"0.1","L":"60000","T":{at},"t":9,"ps":"{leg}"}}}}"#
    ))
}

#[test]
fn the_account_event_of_one_leg_is_not_taken_for_the_missing_one_of_the_other() {
    let mut world = World::with(VenueConfig {
        symbols: vec![SymbolSpec::named(BTC).unwrap()],
        hedge: true,
        ..VenueConfig::default()
    });
    world.start();
    world.run(500);
    let at = world.now_ms;
    world.stream(fill_of("LONG", at));
    world.stream(StreamItem::Text(format!(
        r#"{{"e":"ACCOUNT_UPDATE","T":{at},"E":{at},"a":{{"m":"ORDER","B":[],"P":[{{
        "s":"BTCUSDT","pa":"-0.5","ep":"60000","ps":"SHORT"}}]}}}}"#
    )));
    world.run(600);
    assert_eq!(world.counter("account_events_missing"), 1);
    // Nor where the other leg changed before.
    world.stream(fill_of("LONG", at));
    world.run(600);
    assert_eq!(world.counter("account_events_missing"), 2);
    world.stream(fill_of("SHORT", at));
    world.run(600);
    assert_eq!(world.counter("account_events_missing"), 2);
}

#[test]
fn a_read_of_the_other_side_that_comes_late_does_not_end_what_was_opened_since() {
    let mut world = World::cold();
    world.trade("bot-1", Dir::Sell, "0.5");
    world.run(1_000);
    let (mut short, mut lies) = (None, 1);
    world.tamper = Some(Box::new(move |call, answer| {
        if call.request.path != "/fapi/v3/positionRisk" {
            return answer;
        }
        let mut answer = answer.unwrap();
        let old: &String = short.get_or_insert_with(|| answer.body.clone());
        let is_long = answer.body.contains("\"positionAmt\":\"0.500\"");
        if !is_long {
            return Err(TransportError::Other); // it takes its time
        }
        if lies > 0 {
            lies -= 1;
            answer.body = old.clone();
        }
        Ok(answer)
    }));
    world.start();
    world.run(300);
    world.deaf = true;
    world.trade("bot-2", Dir::Buy, "0.5");
    world.venue.take_events();
    world.deaf = false;
    world.trade("bot-3", Dir::Buy, "0.5");
    world.run(5_000);
    let open = |it: &&domain::snapshot::PositionSnapshot| it.position.is_open();
    let told = world.snapshots(Side::Long);
    assert!(!told.is_empty() && told.iter().all(open), "{told:#?}");
}
