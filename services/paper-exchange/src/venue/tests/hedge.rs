//! Hedge mode: two legs of one symbol that know nothing of each other.

use super::*;

fn hedged() -> Venue {
    venue_with(VenueConfig {
        hedge: true,
        ..VenueConfig::default()
    })
}

fn market(side: Side, qty: &str, leg: PositionSide) -> NewOrder {
    NewOrder::market("BTCUSDT", side, dec(qty)).on_leg(leg)
}

fn limit(side: Side, qty: &str, at: &str, leg: PositionSide) -> NewOrder {
    NewOrder::limit("BTCUSDT", side, dec(qty), dec(at)).on_leg(leg)
}

fn stop(side: Side, leg: PositionSide, at: &str) -> NewAlgo {
    NewAlgo::close_position("BTCUSDT", side, AlgoKind::StopMarket, dec(at)).on_leg(leg)
}

fn place(venue: &mut Venue, new: NewOrder) -> Result<Order, VenueError> {
    venue.place_order(new, NOW)
}

fn held(venue: &Venue, leg: PositionSide) -> Decimal {
    venue.leg("BTCUSDT", leg).unwrap().qty
}

/// 0.010 long and 0.020 short.
fn both_legs() -> Venue {
    let mut venue = hedged();
    place(&mut venue, market(Side::Buy, "0.010", PositionSide::Long)).unwrap();
    place(&mut venue, market(Side::Sell, "0.020", PositionSide::Short)).unwrap();
    venue
}

#[test]
fn a_long_and_a_short_of_one_symbol_stand_side_by_side() {
    let venue = both_legs();
    assert_eq!(held(&venue, PositionSide::Long), dec("0.010"));
    assert_eq!(held(&venue, PositionSide::Short), dec("-0.020"));
    assert_eq!(held(&venue, PositionSide::Both), Decimal::ZERO);
    assert_eq!(venue.open_positions().count(), 2);
}

#[test]
fn the_position_side_of_an_order_has_to_fit_the_mode() {
    let mut one_way = venue();
    let long = market(Side::Buy, "0.010", PositionSide::Long);
    assert_eq!(code(place(&mut one_way, long)), -4061);
    let algo = stop(Side::Sell, PositionSide::Long, "58000");
    assert_eq!(code(one_way.place_algo(algo, NOW)), -4061);
    let mut venue = both_legs();
    let both = market(Side::Buy, "0.010", PositionSide::Both);
    assert_eq!(code(place(&mut venue, both)), -4061);
    let algo = stop(Side::Sell, PositionSide::Both, "58000");
    assert_eq!(code(venue.place_algo(algo, NOW)), -4061);
    let reduce = market(Side::Sell, "0.010", PositionSide::Long).reduce_only();
    assert_eq!(code(place(&mut venue, reduce)), -4062);
}

#[test]
fn a_closing_order_of_a_leg_is_reduce_only_without_saying_so() {
    let mut venue = both_legs();
    let close = limit(Side::Sell, "0.010", "61000", PositionSide::Long);
    assert!(place(&mut venue, close).unwrap().reduce_only);
    let open = limit(Side::Sell, "0.010", "61000", PositionSide::Short);
    assert!(!place(&mut venue, open).unwrap().reduce_only);
}

#[test]
fn a_close_larger_than_what_other_closing_orders_leave_free_is_refused() {
    let mut venue = both_legs();
    let sell = |qty: &str| limit(Side::Sell, qty, "61000", PositionSide::Long);
    assert_eq!(code(place(&mut venue, sell("0.011"))), -2022);
    place(&mut venue, sell("0.006")).unwrap();
    assert_eq!(code(place(&mut venue, sell("0.005"))), -2022);
    let close = |qty: &str| market(Side::Sell, qty, PositionSide::Long);
    assert_eq!(code(place(&mut venue, close("0.005"))), -2022);
    place(&mut venue, close("0.004")).unwrap();
    assert_eq!(held(&venue, PositionSide::Long), dec("0.006"));
}

#[test]
fn a_close_of_a_leg_that_is_not_open_is_refused() {
    let mut venue = hedged();
    let close = market(Side::Buy, "0.010", PositionSide::Short);
    assert_eq!(code(place(&mut venue, close)), -2022);
}

#[test]
fn a_fired_stop_closes_its_own_leg_and_leaves_the_other_with_its_stop() {
    let mut venue = both_legs();
    let long = stop(Side::Sell, PositionSide::Long, "58000");
    let short = stop(Side::Buy, PositionSide::Short, "62000");
    let long = venue.place_algo(long, NOW).unwrap();
    let short = venue.place_algo(short, NOW).unwrap();
    price(&mut venue, "57900");
    assert_eq!(algo_status(&venue, long.id), AlgoStatus::Finished);
    assert_eq!(algo_status(&venue, short.id), AlgoStatus::New);
    assert_eq!(held(&venue, PositionSide::Long), Decimal::ZERO);
    assert_eq!(held(&venue, PositionSide::Short), dec("-0.020"));
}

#[test]
fn close_position_orders_expire_with_their_own_leg_only() {
    let mut venue = both_legs();
    let long = stop(Side::Sell, PositionSide::Long, "58000");
    let short = stop(Side::Buy, PositionSide::Short, "62000");
    let long = venue.place_algo(long, NOW).unwrap();
    let short = venue.place_algo(short, NOW).unwrap();
    place(&mut venue, market(Side::Buy, "0.020", PositionSide::Short)).unwrap();
    assert_eq!(algo_status(&venue, long.id), AlgoStatus::New);
    assert_eq!(algo_status(&venue, short.id), AlgoStatus::Expired);
}

#[test]
fn one_close_position_order_per_leg_and_family() {
    let mut venue = both_legs();
    let long = || stop(Side::Sell, PositionSide::Long, "58000");
    let short = stop(Side::Buy, PositionSide::Short, "62000");
    venue.place_algo(long(), NOW).unwrap();
    venue.place_algo(short, NOW).unwrap();
    assert_eq!(code(venue.place_algo(long(), NOW)), -4130);
}

#[test]
fn a_close_position_order_that_would_add_to_its_leg_is_refused() {
    let mut venue = both_legs();
    let adds = stop(Side::Buy, PositionSide::Long, "62000");
    assert_eq!(code(venue.place_algo(adds, NOW)), -4138);
    let adds = stop(Side::Sell, PositionSide::Short, "58000");
    assert_eq!(code(venue.place_algo(adds, NOW)), -4138);
}

#[test]
fn a_quantity_stop_of_a_leg_outlives_it_and_is_rejected_when_it_fires() {
    let mut venue = both_legs();
    let mut long = stop(Side::Sell, PositionSide::Long, "58000");
    long.close_position = false;
    long.qty = Some(dec("0.010"));
    let long = venue.place_algo(long, NOW).unwrap();
    assert!(long.reduce_only);
    place(&mut venue, market(Side::Sell, "0.010", PositionSide::Long)).unwrap();
    price(&mut venue, "57900");
    let algo = venue.algo(OrderRef::Id(long.id)).unwrap();
    assert_eq!(algo.status, AlgoStatus::Rejected);
    assert_eq!(algo.reject_reason, Some("Reduce Only reject"));
}

#[test]
fn events_of_a_fill_name_the_leg() {
    let mut venue = both_legs();
    let legs: Vec<PositionSide> = venue
        .take_events()
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Account(account) => Some(account.leg),
            EventBody::Order(update) => Some(update.order.position_side),
            _ => None,
        })
        .collect();
    let (long, short) = (PositionSide::Long, PositionSide::Short);
    assert_eq!(legs, [long, long, long, short, short, short]);
}
