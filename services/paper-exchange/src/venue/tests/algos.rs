//! Conditional orders: acceptance, firing, ending.

use super::*;

fn long() -> Venue {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    venue.take_events();
    venue
}

#[test]
fn close_position_is_seen_as_gte_reduce_only_with_quantity_zero() {
    let algo = long().place_algo(close_stop("58000"), NOW).unwrap();
    assert_eq!(algo.time_in_force, TimeInForce::GteGtc);
    assert!(algo.close_position && algo.reduce_only && algo.qty.is_zero());
}

#[test]
fn close_position_needs_a_position_on_that_side() {
    assert_eq!(code(venue().place_algo(close_stop("58000"), NOW)), -4509);
    let mut short = venue();
    sell(&mut short, "0.010");
    assert_eq!(code(short.place_algo(close_stop("58000"), NOW)), -4509);
}

#[test]
fn a_fresh_position_can_be_invisible_to_close_position_for_a_while() {
    let mut venue = venue_with(VenueConfig {
        gte_blind_ms: 500,
        ..VenueConfig::default()
    });
    buy(&mut venue, "0.010");
    assert_eq!(
        code(venue.place_algo(close_stop("58000"), NOW + 499)),
        -4509
    );
    assert!(venue.place_algo(close_stop("58000"), NOW + 500).is_ok());
}

#[test]
fn one_close_position_order_per_side_and_family() {
    let mut venue = long();
    venue.place_algo(close_stop("58000"), NOW).unwrap();
    assert_eq!(code(venue.place_algo(close_stop("59000"), NOW)), -4130);
    let target = NewAlgo {
        kind: AlgoKind::TakeProfitMarket,
        ..close_stop("65000")
    };
    assert!(venue.place_algo(target, NOW).is_ok());
    assert!(venue.place_algo(qty_stop("0.010", "58500"), NOW).is_ok());
}

#[test]
fn quantity_and_reduce_only_exclude_close_position() {
    let with_qty = NewAlgo {
        qty: Some(dec("0.010")),
        ..close_stop("58000")
    };
    assert_eq!(code(long().place_algo(with_qty, NOW)), -4137);
    let with_flag = NewAlgo {
        reduce_only: true,
        ..close_stop("58000")
    };
    assert_eq!(code(long().place_algo(with_flag, NOW)), -1106);
    let without_both = NewAlgo {
        close_position: false,
        ..close_stop("58000")
    };
    assert_eq!(code(long().place_algo(without_both, NOW)), -1102);
}

#[test]
fn a_trigger_that_is_already_true_is_refused() {
    assert_eq!(code(long().place_algo(close_stop("60000"), NOW)), -2021);
    let target = NewAlgo {
        kind: AlgoKind::TakeProfitMarket,
        ..close_stop("60000")
    };
    assert_eq!(code(long().place_algo(target, NOW)), -2021);
    assert!(long().place_algo(close_stop("59999.9"), NOW).is_ok());
}

#[test]
fn triggers_follow_the_table_of_sides_and_kinds() {
    use AlgoKind::{StopMarket, TakeProfitMarket};
    let at = |kind, side, price: &str| fires(kind, side, dec("100"), dec(price));
    assert!(at(StopMarket, Side::Buy, "100") && !at(StopMarket, Side::Buy, "99"));
    assert!(at(StopMarket, Side::Sell, "100") && !at(StopMarket, Side::Sell, "101"));
    assert!(at(TakeProfitMarket, Side::Buy, "100") && !at(TakeProfitMarket, Side::Buy, "101"));
    assert!(at(TakeProfitMarket, Side::Sell, "100") && !at(TakeProfitMarket, Side::Sell, "99"));
}

#[test]
fn a_fired_stop_tells_its_story_in_the_captured_order() {
    let mut venue = long();
    let algo = venue.place_algo(close_stop("58000"), NOW).unwrap();
    venue.take_events();
    price(&mut venue, "57990");
    let expected = [
        "ALGO:TRIGGERING",
        "ORDER:NEW",
        "LITE",
        "ACCOUNT",
        "ORDER:TRADE",
        "ALGO:TRIGGERED",
        "ALGO:FINISHED",
    ];
    assert_eq!(story(&mut venue), expected);
    let algo = venue.algo(OrderRef::Id(algo.id)).unwrap();
    assert_eq!((algo.filled, algo.avg_price), (dec("0.010"), dec("57990")));
    let child = venue
        .order("BTCUSDT", OrderRef::Id(algo.child_id.unwrap()))
        .unwrap();
    assert!(child.reduce_only && child.kind == OrderKind::Market);
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn gte_orders_expire_when_the_position_is_gone_and_quantity_stops_do_not() {
    let mut venue = long();
    let gte = venue.place_algo(close_stop("58000"), NOW).unwrap();
    let stop = venue.place_algo(qty_stop("0.010", "58500"), NOW).unwrap();
    sell(&mut venue, "0.010");
    assert_eq!(algo_status(&venue, gte.id), AlgoStatus::Expired);
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::New);
}

#[test]
fn gte_orders_can_expire_late() {
    let config = VenueConfig {
        gte_expiry_delay_ms: 300,
        ..VenueConfig::default()
    };
    let mut venue = venue_with(config);
    buy(&mut venue, "0.010");
    let gte = venue.place_algo(close_stop("58000"), NOW).unwrap();
    sell(&mut venue, "0.010");
    venue.advance(NOW + 299);
    assert_eq!(algo_status(&venue, gte.id), AlgoStatus::New);
    venue.advance(NOW + 300);
    assert_eq!(algo_status(&venue, gte.id), AlgoStatus::Expired);
}

#[test]
fn an_orphaned_quantity_stop_is_rejected_when_it_fires() {
    let mut venue = long();
    let stop = venue.place_algo(qty_stop("0.010", "58000"), NOW).unwrap();
    sell(&mut venue, "0.010");
    venue.take_events();
    price(&mut venue, "57000");
    assert_eq!(story(&mut venue), ["ALGO:TRIGGERING", "ALGO:REJECTED"]);
    let stop = venue.algo(OrderRef::Id(stop.id)).unwrap();
    assert_eq!(stop.reject_reason, Some("Reduce Only reject"));
    assert_eq!((position(&venue), stop.child_id), (Decimal::ZERO, None));
}

#[test]
fn a_quantity_stop_larger_than_the_position_only_closes_it() {
    let mut venue = long();
    venue.place_algo(qty_stop("0.500", "58000"), NOW).unwrap();
    price(&mut venue, "57000");
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn the_working_type_decides_which_price_fires() {
    let mut venue = long();
    let on_last = NewAlgo {
        working_type: WorkingType::ContractPrice,
        ..qty_stop("0.010", "58000")
    };
    let on_last = venue.place_algo(on_last, NOW).unwrap();
    let on_mark = venue.place_algo(qty_stop("0.010", "58000"), NOW).unwrap();
    let last_only = PriceUpdate {
        last: Some(dec("57000")),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", last_only, NOW).unwrap();
    assert_eq!(algo_status(&venue, on_last.id), AlgoStatus::Finished);
    assert_eq!(algo_status(&venue, on_mark.id), AlgoStatus::New);
}

#[test]
fn a_protected_stop_stays_quiet_while_mark_and_last_are_far_apart() {
    let mut venue = long();
    let stop = NewAlgo {
        price_protect: true,
        ..close_stop("58000")
    };
    let stop = venue.place_algo(stop, NOW).unwrap();
    let mark_only = PriceUpdate {
        mark: Some(dec("50000")),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", mark_only, NOW).unwrap();
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::New);
    price(&mut venue, "50000");
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::Finished);
}

#[test]
fn the_account_holds_at_most_200_conditional_orders() {
    let mut venue = long();
    for _ in 0..200 {
        venue.place_algo(qty_stop("0.010", "58000"), NOW).unwrap();
    }
    assert_eq!(
        code(venue.place_algo(qty_stop("0.010", "58000"), NOW)),
        -4045
    );
}

#[test]
fn algo_client_ids_are_unique_among_open_orders() {
    let mut venue = long();
    let stop = || qty_stop("0.010", "58000").with_client_id("stop-1");
    venue.place_algo(stop(), NOW).unwrap();
    assert_eq!(code(venue.place_algo(stop(), NOW)), -4116);
    venue.cancel_algo(OrderRef::Client("stop-1"), NOW).unwrap();
    assert_eq!(
        code(venue.cancel_algo(OrderRef::Client("stop-1"), NOW)),
        -2011
    );
    assert!(venue.place_algo(stop(), NOW).is_ok());
}

#[test]
fn cancel_all_orders_leaves_conditional_orders_alone() {
    let mut venue = long();
    let stop = venue.place_algo(close_stop("58000"), NOW).unwrap();
    venue.cancel_all_orders("BTCUSDT", NOW).unwrap();
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::New);
    venue.cancel_all_algos("BTCUSDT", NOW).unwrap();
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::Canceled);
}

#[test]
fn a_stuck_order_stays_triggering_and_cannot_be_canceled() {
    let mut venue = long();
    let stop = venue.place_algo(close_stop("58000"), NOW).unwrap();
    venue.mark_stuck(stop.id);
    price(&mut venue, "57000");
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::Triggering);
    assert_eq!(code(venue.cancel_algo(OrderRef::Id(stop.id), NOW)), -2011);
    assert_eq!(position(&venue), dec("0.010"));
}

#[test]
fn trigger_prices_obey_precision_always_and_the_tick_only_in_strict_mode() {
    assert!(long().place_algo(close_stop("58000.05"), NOW).is_ok());
    assert_eq!(code(long().place_algo(close_stop("58000.005"), NOW)), -1111);
    let mut strict = venue_with(VenueConfig {
        strict_trigger_tick: true,
        ..VenueConfig::default()
    });
    buy(&mut strict, "0.010");
    assert_eq!(code(strict.place_algo(close_stop("58000.05"), NOW)), -4014);
}
