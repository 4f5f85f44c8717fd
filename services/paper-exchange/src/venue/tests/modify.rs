//! Changing a resting order.

use super::*;

fn resting(venue: &mut Venue, qty: &str, at: &str) -> u64 {
    let order = NewOrder::limit("BTCUSDT", Side::Buy, dec(qty), dec(at)).with_client_id("rests");
    venue.place_order(order, NOW).unwrap().id
}

fn wish(id: u64, qty: &str, at: &str) -> Modify<'static> {
    Modify {
        symbol: "BTCUSDT",
        which: OrderRef::Id(id),
        side: Side::Buy,
        qty: dec(qty),
        price: dec(at),
        price_match: PriceMatch::None,
        modify_id: None,
        reduce_only: false,
    }
}

fn refused(change: impl Fn(&mut Modify<'static>)) -> i32 {
    let mut venue = venue();
    let id = resting(&mut venue, "0.010", "59000");
    let mut wish = wish(id, "0.020", "59100");
    change(&mut wish);
    let refusal = code(venue.modify_order(wish, NOW));
    let order = venue.order("BTCUSDT", OrderRef::Id(id)).unwrap();
    assert_eq!((order.qty, order.price), (dec("0.010"), dec("59000")));
    refusal
}

#[test]
fn a_change_is_told_as_an_amendment_with_the_callers_number() {
    let mut venue = venue();
    let id = resting(&mut venue, "0.010", "59000");
    venue.take_events();
    let wish = Modify {
        modify_id: Some(7),
        ..wish(id, "0.020", "59100")
    };
    let order = venue.modify_order(wish, NOW + 5).unwrap();
    assert_eq!((order.qty, order.price), (dec("0.020"), dec("59100")));
    assert_eq!((order.id, order.status), (id, OrderStatus::New));
    let events = venue.take_events();
    let text = crate::wire::user_event_json(&events[0]);
    assert!(text.contains(r#""x":"AMENDMENT""#) && text.contains(r#""M":"7""#));
    let amendment = venue.amendments().next().unwrap();
    assert_eq!(amendment.price_before, dec("59000"));
    assert_eq!(amendment.order.modified.count, 1);
}

#[test]
fn what_cannot_be_changed_is_refused_and_the_order_stays() {
    assert_eq!(refused(|wish| wish.which = OrderRef::Id(1)), -2013);
    assert_eq!(refused(|wish| wish.side = Side::Sell), -1130);
    assert_eq!(refused(|wish| wish.reduce_only = true), -5047);
    assert_eq!(refused(|wish| wish.qty = dec("0.0001")), -1111);
    assert_eq!(refused(|wish| wish.qty = Decimal::ZERO), -4003);
    assert_eq!(refused(|wish| wish.price = dec("59000.05")), -4014);
    assert_eq!(refused(|wish| wish.price = dec("66000")), -4016);
    let same = |wish: &mut Modify<'static>| (wish.qty, wish.price) = (dec("0.010"), dec("59000"));
    assert_eq!(refused(same), -5027);
    let small = |wish: &mut Modify<'static>| (wish.qty, wish.price) = (dec("0.001"), dec("49000"));
    assert_eq!(refused(small), -5029);
}

#[test]
fn only_an_open_order_can_be_changed() {
    let mut venue = venue();
    let market = buy(&mut venue, "0.010").id;
    let limit = resting(&mut venue, "0.010", "59000");
    venue.cancel_all_orders("BTCUSDT", NOW).unwrap();
    for (id, refusal) in [(market, -5025), (limit, -2013)] {
        let wish = wish(id, "0.020", "59000");
        assert_eq!(code(venue.modify_order(wish, NOW)), refusal);
    }
}

#[test]
fn a_symbol_that_does_not_trade_lets_nothing_be_changed() {
    let mut venue = venue();
    let id = resting(&mut venue, "0.010", "59000");
    venue
        .set_symbol_status("BTCUSDT", SymbolStatus::TradingHalt)
        .unwrap();
    let refusal = code(venue.modify_order(wish(id, "0.020", "59100"), NOW));
    assert_eq!(refusal, -5024);
}

#[test]
fn one_change_at_a_time_and_ten_thousand_in_all() {
    let mut config = VenueConfig::default();
    config.rules.modify_busy_ms = 20;
    let mut venue = venue_with(config);
    let id = resting(&mut venue, "0.010", "59000");
    venue.modify_order(wish(id, "0.020", "59000"), NOW).unwrap();
    let again = wish(id, "0.030", "59000");
    assert_eq!(code(venue.modify_order(again, NOW + 19)), -5043);
    venue.modify_order(again, NOW + 20).unwrap();
    for number in 2..10_000_i64 {
        let qty = if number % 2 == 0 { "0.010" } else { "0.020" };
        let at = NOW + 20 * number;
        venue.modify_order(wish(id, qty, "59000"), at).unwrap();
    }
    let more = wish(id, "0.050", "59000");
    assert_eq!(code(venue.modify_order(more, NOW + 1_000_000)), -5026);
}

#[test]
fn a_quantity_that_is_filled_already_cancels_the_order() {
    let mut venue = venue_with(VenueConfig {
        level_notional: dec("120"),
        ..VenueConfig::default()
    });
    let id = resting(&mut venue, "1", "59990");
    price(&mut venue, "59990");
    let filled = venue.order("BTCUSDT", OrderRef::Id(id)).unwrap().filled;
    assert!(filled > Decimal::ZERO && filled < Decimal::ONE, "{filled}");
    let order = venue
        .modify_order(
            Modify {
                qty: filled,
                ..wish(id, "1", "59980")
            },
            NOW,
        )
        .unwrap();
    assert_eq!(
        (order.status, order.filled),
        (OrderStatus::Canceled, filled)
    );
}

#[test]
fn a_post_only_order_that_would_take_is_canceled_and_a_plain_one_takes() {
    let mut venue = venue();
    let post_only = NewOrder {
        time_in_force: TimeInForce::Gtx,
        ..NewOrder::limit("BTCUSDT", Side::Buy, dec("0.010"), dec("59000"))
    };
    let id = venue.place_order(post_only, NOW).unwrap().id;
    let order = venue.modify_order(wish(id, "0.010", "60001"), NOW).unwrap();
    assert_eq!(order.status, OrderStatus::Canceled);
    let id = resting(&mut venue, "0.010", "59000");
    let order = venue.modify_order(wish(id, "0.010", "60001"), NOW).unwrap();
    assert_eq!(order.status, OrderStatus::Filled);
}

#[test]
fn a_changed_order_stands_at_the_end_of_the_queue() {
    let mut venue = venue();
    let first = resting(&mut venue, "0.010", "59000");
    let second = NewOrder::limit("BTCUSDT", Side::Buy, dec("0.010"), dec("59000"));
    let second = venue.place_order(second, NOW).unwrap().id;
    venue
        .modify_order(wish(first, "0.020", "59000"), NOW)
        .unwrap();
    price(&mut venue, "58000");
    let filled: Vec<u64> = venue.trades().map(|trade| trade.order_id).collect();
    assert_eq!(filled, [second, first]);
}

#[test]
fn a_reduce_only_order_keeps_within_the_position_and_below_the_notional() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let id = take_profit(&mut venue, "0.010", "61000").unwrap().id;
    let wish = |qty: &str, at: &str| Modify {
        side: Side::Sell,
        ..wish(id, qty, at)
    };
    let order = venue.modify_order(wish("0.500", "61100"), NOW).unwrap();
    assert_eq!((order.qty, order.price), (dec("0.010"), dec("61100")));
    price(&mut venue, "48000");
    let order = venue.modify_order(wish("0.001", "49000"), NOW).unwrap();
    assert_eq!(order.qty, dec("0.001"));
}
