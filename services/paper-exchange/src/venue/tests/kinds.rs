//! Conditional orders that become LIMIT orders, and trailing stops.

use super::*;

fn long() -> Venue {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    venue.take_events();
    venue
}

/// A reduce-only STOP with a limit of its own.
fn stop_limit(trigger: &str, limit: &str) -> NewAlgo {
    NewAlgo {
        kind: AlgoKind::Stop,
        price: Some(dec(limit)),
        ..qty_stop("0.010", trigger)
    }
}

fn trailing(activate: Option<&str>, rate: &str) -> NewAlgo {
    NewAlgo {
        kind: AlgoKind::TrailingStopMarket,
        trail: Some(Trail {
            activate_price: activate.map(dec),
            callback_rate: dec(rate),
        }),
        ..qty_stop("0.010", "0")
    }
}

#[test]
fn a_stop_limit_becomes_a_resting_order_and_finishes_when_that_fills() {
    let mut venue = long();
    let algo = venue.place_algo(stop_limit("58000", "58500"), NOW).unwrap();
    venue.take_events();
    price(&mut venue, "58000");
    let expected = ["ALGO:TRIGGERING", "ORDER:NEW", "ALGO:TRIGGERED"];
    assert_eq!(story(&mut venue), expected);
    assert_eq!(venue.open_algos().count(), 0);
    assert_eq!(code(venue.cancel_algo(OrderRef::Id(algo.id), NOW)), -2011);
    let child = venue.open_orders().next().unwrap();
    assert_eq!((child.kind, child.price), (OrderKind::Limit, dec("58500")));
    assert!(child.reduce_only && child.client_id == algo.client_id);
    price(&mut venue, "58600");
    let expected = ["LITE", "ACCOUNT", "ORDER:TRADE", "ALGO:FINISHED"];
    assert_eq!(story(&mut venue), expected);
    let algo = venue.algo(OrderRef::Id(algo.id)).unwrap();
    assert_eq!((algo.filled, algo.avg_price), (dec("0.010"), dec("58500")));
}

#[test]
fn a_canceled_child_finishes_its_stop_with_nothing_filled() {
    let mut venue = long();
    let algo = venue.place_algo(stop_limit("58000", "58500"), NOW).unwrap();
    price(&mut venue, "58000");
    venue.take_events();
    venue.cancel_all_orders("BTCUSDT", NOW).unwrap();
    assert_eq!(story(&mut venue), ["ORDER:CANCELED", "ALGO:FINISHED"]);
    let algo = venue.algo(OrderRef::Id(algo.id)).unwrap();
    assert_eq!(algo.filled, Decimal::ZERO);
}

#[test]
fn a_take_profit_limit_fires_on_the_other_side() {
    let mut venue = long();
    let target = NewAlgo {
        kind: AlgoKind::TakeProfit,
        ..stop_limit("62000", "61900")
    };
    venue.place_algo(target, NOW).unwrap();
    price(&mut venue, "61999");
    assert_eq!(position(&venue), dec("0.010"));
    price(&mut venue, "62000");
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn a_limit_child_needs_one_price_near_its_trigger() {
    let refused = |new: NewAlgo| code(long().place_algo(new, NOW));
    let without = NewAlgo {
        price: None,
        ..stop_limit("58000", "1")
    };
    assert_eq!(refused(without), -1102);
    assert_eq!(refused(stop_limit("58000", "55099.9")), -4184);
    assert_eq!(refused(stop_limit("58000", "58000.05")), -4014);
    let buy = NewAlgo {
        side: Side::Buy,
        reduce_only: false,
        ..stop_limit("62000", "65100.1")
    };
    assert_eq!(refused(buy), -4183);
    let both = {
        let mut new = stop_limit("58000", "58000");
        new.terms.price_match = PriceMatch::Queue;
        new
    };
    assert_eq!(refused(both), -1106);
    let market = NewAlgo {
        price: Some(dec("58000")),
        ..qty_stop("0.010", "58000")
    };
    assert_eq!(refused(market), -1106);
    let closing = NewAlgo {
        qty: None,
        reduce_only: false,
        close_position: true,
        ..stop_limit("58000", "58000")
    };
    assert_eq!(refused(closing), -4136);
}

#[test]
fn a_limit_child_can_take_its_price_from_the_book_when_it_fires() {
    let mut venue = long();
    let mut new = NewAlgo {
        price: None,
        ..stop_limit("58000", "1")
    };
    new.terms.price_match = PriceMatch::Queue;
    venue.place_algo(new, NOW).unwrap();
    price(&mut venue, "57990");
    let child = venue.open_orders().next().unwrap();
    assert_eq!(child.price, dec("57990.1"));
}

#[test]
fn a_generated_child_id_is_the_venues_own() {
    let mut config = VenueConfig::default();
    config.rules.child_client_id = ChildClientId::Generated;
    let mut venue = venue_with(config);
    buy(&mut venue, "0.010");
    let stop = close_stop("58000").with_client_id("mine");
    let algo = venue.place_algo(stop, NOW).unwrap().id;
    price(&mut venue, "57990");
    let child = venue.algo(OrderRef::Id(algo)).unwrap().child_id.unwrap();
    let child = venue.order("BTCUSDT", OrderRef::Id(child)).unwrap();
    assert_eq!(child.client_id.len(), 22);
}

#[test]
fn a_trailing_stop_tells_new_twice_and_fires_below_the_best_price() {
    let mut venue = long();
    let algo = venue.place_algo(trailing(Some("61000"), "1"), NOW).unwrap();
    assert!(!algo.trailing.unwrap().activated);
    price(&mut venue, "60900");
    price(&mut venue, "61000");
    let expected = ["ALGO:NEW", "ALGO:NEW"];
    assert_eq!(story(&mut venue), expected);
    price(&mut venue, "62000");
    price(&mut venue, "61380.1");
    assert_eq!(position(&venue), dec("0.010"));
    price(&mut venue, "61380");
    assert_eq!(position(&venue), Decimal::ZERO);
    let told: Vec<String> = story(&mut venue);
    assert_eq!(told.last().unwrap(), "ALGO:FINISHED");
}

#[test]
fn a_trailing_stop_without_activation_trails_at_once() {
    let mut venue = long();
    let algo = venue.place_algo(trailing(None, "20"), NOW).unwrap();
    assert_eq!(algo.trailing.unwrap().extreme, dec("60000"));
    assert_eq!(story(&mut venue), ["ALGO:NEW", "ALGO:NEW"]);
    price(&mut venue, "48001");
    assert_eq!(position(&venue), dec("0.010"));
    price(&mut venue, "48000");
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn senseless_trailing_stops_are_refused() {
    let refused = |new: NewAlgo| code(long().place_algo(new, NOW));
    assert_eq!(refused(trailing(None, "0.09")), -2007);
    assert_eq!(refused(trailing(None, "20.1")), -2007);
    assert_eq!(refused(trailing(Some("60000"), "1")), -2021);
    assert_eq!(refused(trailing(Some("0"), "1")), -4135);
    let without = NewAlgo {
        trail: None,
        ..trailing(None, "1")
    };
    assert_eq!(refused(without), -1102);
    let closing = NewAlgo {
        qty: None,
        reduce_only: false,
        close_position: true,
        ..trailing(None, "1")
    };
    assert_eq!(refused(closing), -4136);
}

#[test]
fn a_stop_looks_only_at_the_price_that_it_watches() {
    let mut venue = long();
    let mut stop = qty_stop("0.010", "58000");
    stop.working_type = WorkingType::ContractPrice;
    venue.place_algo(stop, NOW).unwrap();
    let mark = PriceUpdate {
        mark: Some(dec("57000")),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", mark, NOW).unwrap();
    assert_eq!(position(&venue), dec("0.010"));
    let last = PriceUpdate {
        last: Some(dec("57999")),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", last, NOW).unwrap();
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn a_trigger_far_from_the_mark_is_refused() {
    let refused = |new: NewAlgo| code(long().place_algo(new, NOW));
    assert_eq!(refused(qty_stop("0.010", "5999.9")), -4211);
    let mut config = VenueConfig::default();
    config.rules.trigger_multiplier_up = dec("1.05");
    let mut venue = venue_with(config);
    buy(&mut venue, "0.010");
    let target = NewAlgo {
        kind: AlgoKind::TakeProfitMarket,
        ..qty_stop("0.010", "63000.1")
    };
    assert_eq!(code(venue.place_algo(target, NOW)), -4210);
}

#[test]
fn margin_is_looked_at_when_a_stop_fires_and_not_before() {
    let mut venue = venue_with(VenueConfig {
        wallet: dec("100"),
        ..VenueConfig::default()
    });
    let entry = NewAlgo {
        side: Side::Buy,
        reduce_only: false,
        ..qty_stop("1", "61000")
    };
    let algo = venue.place_algo(entry, NOW).unwrap().id;
    price(&mut venue, "61000");
    let algo = venue.algo(OrderRef::Id(algo)).unwrap();
    assert_eq!(algo.status, AlgoStatus::Rejected);
    assert_eq!(algo.reject_reason, Some("Margin is insufficient"));
}

#[test]
fn a_conditional_order_ends_at_its_good_till_date() {
    let mut venue = long();
    let mut new = stop_limit("58000", "58000");
    new.time_in_force = TimeInForce::Gtd;
    new.terms.good_till_ms = NOW + 900_000;
    let algo = venue.place_algo(new, NOW).unwrap();
    venue.advance(algo.terms.good_till_ms);
    assert_eq!(algo_status(&venue, algo.id), AlgoStatus::Expired);
}

#[test]
fn a_cancel_of_a_firing_order_can_have_a_code_of_its_own() {
    let mut config = VenueConfig::default();
    config.rules.triggering_has_own_code = true;
    let mut venue = venue_with(config);
    buy(&mut venue, "0.010");
    let algo = venue.place_algo(close_stop("58000"), NOW).unwrap().id;
    venue.mark_stuck(algo);
    price(&mut venue, "57990");
    assert_eq!(code(venue.cancel_algo(OrderRef::Id(algo), NOW)), -4117);
}
