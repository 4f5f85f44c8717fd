//! Reduce-only: it shrinks, it is refused, it is knocked out, it never turns a position round.

use super::*;

#[test]
fn without_an_opposite_position_reduce_only_is_refused() {
    let mut venue = venue();
    assert_eq!(code(take_profit(&mut venue, "0.010", "61000")), -2022);
    sell(&mut venue, "0.010");
    assert_eq!(code(take_profit(&mut venue, "0.010", "61000")), -2022);
    let market = NewOrder::market("BTCUSDT", Side::Sell, dec("0.010")).reduce_only();
    assert_eq!(code(venue.place_order(market, NOW)), -2022);
}

#[test]
fn an_oversized_take_profit_is_accepted_with_the_size_of_the_position() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let order = take_profit(&mut venue, "0.500", "61000").unwrap();
    assert_eq!(order.qty, dec("0.010"));
}

#[test]
fn when_resting_orders_use_up_the_position_one_more_is_refused() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    take_profit(&mut venue, "0.010", "61000").unwrap();
    assert_eq!(code(take_profit(&mut venue, "0.001", "62000")), -2022);
}

#[test]
fn reduce_only_is_exempt_from_the_notional_minimum() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    price(&mut venue, "40000");
    assert!(take_profit(&mut venue, "0.001", "41000").is_ok());
}

#[test]
fn a_market_close_knocks_out_resting_take_profits_with_reason_4() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let resting = take_profit(&mut venue, "0.010", "61000").unwrap();
    let close = NewOrder::market("BTCUSDT", Side::Sell, dec("0.010")).reduce_only();
    venue.place_order(close, NOW).unwrap();
    let order = venue.order("BTCUSDT", OrderRef::Id(resting.id)).unwrap();
    assert_eq!(
        (order.status, order.expiry_reason),
        (OrderStatus::Expired, 4)
    );
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn under_the_other_policy_the_market_close_is_refused_until_the_take_profit_is_gone() {
    let config = VenueConfig {
        reduce_only_policy: ReduceOnlyPolicy::Reject,
        ..VenueConfig::default()
    };
    let mut venue = venue_with(config);
    buy(&mut venue, "0.010");
    take_profit(&mut venue, "0.010", "61000").unwrap();
    let close = || NewOrder::market("BTCUSDT", Side::Sell, dec("0.010")).reduce_only();
    assert_eq!(code(venue.place_order(close(), NOW)), -4118);
    venue.cancel_all_orders("BTCUSDT", NOW).unwrap();
    assert!(venue.place_order(close(), NOW).is_ok());
}

#[test]
fn a_partial_close_shrinks_the_farthest_take_profit_first() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let near = take_profit(&mut venue, "0.005", "61000").unwrap();
    let far = take_profit(&mut venue, "0.005", "62000").unwrap();
    sell(&mut venue, "0.003");
    let qty = |id| venue.order("BTCUSDT", OrderRef::Id(id)).unwrap().qty;
    assert_eq!((qty(near.id), qty(far.id)), (dec("0.005"), dec("0.002")));
}

#[test]
fn a_reduce_only_order_never_turns_the_position_round() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    take_profit(&mut venue, "0.010", "61000").unwrap();
    sell(&mut venue, "0.004");
    price(&mut venue, "61000");
    assert_eq!(position(&venue), Decimal::ZERO);
    price(&mut venue, "62000");
    assert_eq!(position(&venue), Decimal::ZERO);
}

#[test]
fn take_profits_expire_when_a_plain_order_turns_the_position_round() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let resting = take_profit(&mut venue, "0.010", "61000").unwrap();
    sell(&mut venue, "0.030");
    assert_eq!(position(&venue), dec("-0.020"));
    let order = venue.order("BTCUSDT", OrderRef::Id(resting.id)).unwrap();
    assert_eq!(order.status, OrderStatus::Expired);
}
