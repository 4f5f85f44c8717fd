//! Ordinary orders: filters, matching, ids, money.

use super::*;

fn limit(side: Side, qty: &str, at: &str) -> NewOrder {
    NewOrder::limit("BTCUSDT", side, dec(qty), dec(at))
}

fn refused(new: NewOrder) -> i32 {
    code(venue().place_order(new, NOW))
}

#[test]
fn a_market_buy_fills_at_the_ask_and_tells_it_in_the_measured_order() {
    let mut venue = venue();
    let order = buy(&mut venue, "0.010");
    assert_eq!(
        (order.status, order.avg_price()),
        (OrderStatus::Filled, dec("60000.1"))
    );
    assert_eq!(position(&venue), dec("0.010"));
    assert_eq!(
        story(&mut venue),
        ["ORDER:NEW", "LITE", "ACCOUNT", "ORDER:TRADE"]
    );
}

#[test]
fn a_limit_rests_until_the_price_touches_it_and_then_fills_at_its_own_price() {
    let mut venue = venue();
    let order = venue
        .place_order(limit(Side::Sell, "0.010", "61000"), NOW)
        .unwrap();
    assert_eq!(order.status, OrderStatus::New);
    price(&mut venue, "60999");
    assert_eq!(position(&venue), Decimal::ZERO);
    price(&mut venue, "61500");
    let order = venue.order("BTCUSDT", OrderRef::Id(order.id)).unwrap();
    assert_eq!(
        (order.status, order.avg_price()),
        (OrderStatus::Filled, dec("61000"))
    );
    assert!(venue.trades().next_back().unwrap().maker);
}

#[test]
fn a_crossing_limit_takes_at_the_market_price() {
    let mut venue = venue();
    let order = venue
        .place_order(limit(Side::Buy, "0.010", "61000"), NOW)
        .unwrap();
    assert_eq!(
        (order.status, order.avg_price()),
        (OrderStatus::Filled, dec("60000.1"))
    );
}

#[test]
fn an_immediate_or_cancel_order_that_does_not_cross_expires_with_reason_2() {
    let mut new = limit(Side::Buy, "0.010", "59000");
    new.time_in_force = TimeInForce::Ioc;
    let order = venue().place_order(new, NOW).unwrap();
    assert_eq!(
        (order.status, order.expiry_reason),
        (OrderStatus::Expired, 2)
    );
}

#[test]
fn fill_or_kill_and_post_only_expire_or_under_the_switches_are_refused() {
    let fok = NewOrder {
        time_in_force: TimeInForce::Fok,
        ..limit(Side::Buy, "0.010", "59000")
    };
    let post_only = NewOrder {
        time_in_force: TimeInForce::Gtx,
        ..limit(Side::Buy, "0.010", "60001")
    };
    let ended = |new: &NewOrder| {
        let order = venue().place_order(new.clone(), NOW).unwrap();
        (order.status, order.expiry_reason, order.filled)
    };
    let expired = OrderStatus::Expired;
    assert_eq!(ended(&fok), (expired, 10, Decimal::ZERO));
    assert_eq!(ended(&post_only), (expired, 11, Decimal::ZERO));
    let mut config = VenueConfig::default();
    config.rules.fill_or_kill = Unfillable::Reject;
    config.rules.post_only = Unfillable::Reject;
    let refused = |new: NewOrder| code(venue_with(config.clone()).place_order(new, NOW));
    assert_eq!((refused(fok), refused(post_only)), (-5021, -5022));
}

#[test]
fn every_filter_answers_with_its_own_code() {
    assert_eq!(refused(limit(Side::Buy, "0", "60000")), -4003);
    assert_eq!(refused(limit(Side::Buy, "1001", "60000")), -4005);
    assert_eq!(
        refused(NewOrder::market("BTCUSDT", Side::Buy, dec("121"))),
        -4005
    );
    assert_eq!(refused(limit(Side::Buy, "0.0001", "60000")), -1111);
    assert_eq!(refused(limit(Side::Buy, "0.010", "60000.05")), -4014);
    assert_eq!(refused(limit(Side::Buy, "0.010", "60000.005")), -1111);
    assert_eq!(refused(limit(Side::Buy, "0.010", "0")), -4001);
    assert_eq!(refused(limit(Side::Buy, "0.010", "6000000")), -4002);
    assert_eq!(refused(limit(Side::Buy, "0.010", "63000.1")), -4016);
    assert_eq!(refused(limit(Side::Sell, "0.010", "56999.9")), -4024);
    assert_eq!(refused(limit(Side::Buy, "0.001", "49000")), -4164);
    assert_eq!(
        refused(NewOrder::market("NOPE", Side::Buy, dec("1"))),
        -1121
    );
}

#[test]
fn step_and_minimum_answer_with_their_own_codes() {
    let mut spec = SymbolSpec::named("BTCUSDT").unwrap();
    spec.step_size = dec("0.005");
    spec.min_qty = dec("0.010");
    spec.min_price = dec("59000");
    let config = VenueConfig {
        symbols: vec![spec],
        ..VenueConfig::default()
    };
    let mut venue = venue_with(config);
    assert_eq!(
        code(venue.place_order(limit(Side::Buy, "0.005", "60000"), NOW)),
        -4004
    );
    assert_eq!(
        code(venue.place_order(limit(Side::Buy, "0.011", "60000"), NOW)),
        -4023
    );
    assert_eq!(
        code(venue.place_order(limit(Side::Buy, "0.010", "58000"), NOW)),
        -4013
    );
}

#[test]
fn client_ids_are_bound_to_36_plain_characters() {
    let id = |text: &str| limit(Side::Buy, "0.010", "59000").with_client_id(text);
    assert_eq!(refused(id(&"a".repeat(37))), -4015);
    assert_eq!(refused(id("with space")), -4015);
    assert!(venue().place_order(id(&"a".repeat(36)), NOW).is_ok());
}

#[test]
fn a_client_id_is_unique_only_among_open_orders() {
    let mut venue = venue();
    let market = || NewOrder::market("BTCUSDT", Side::Buy, dec("0.010")).with_client_id("same");
    venue.place_order(market(), NOW).unwrap();
    venue.place_order(market(), NOW).unwrap();
    assert_eq!(position(&venue), dec("0.020"));
    let resting = || limit(Side::Buy, "0.010", "59000").with_client_id("rests");
    venue.place_order(resting(), NOW).unwrap();
    assert_eq!(code(venue.place_order(resting(), NOW)), -4116);
}

#[test]
fn a_cancel_of_a_final_or_unknown_order_is_refused() {
    let mut venue = venue();
    let order = venue
        .place_order(limit(Side::Buy, "0.010", "59000"), NOW)
        .unwrap();
    let canceled = venue
        .cancel_order("BTCUSDT", OrderRef::Id(order.id), NOW)
        .unwrap();
    assert_eq!(canceled.status, OrderStatus::Canceled);
    assert_eq!(
        code(venue.cancel_order("BTCUSDT", OrderRef::Id(order.id), NOW)),
        -2011
    );
    assert_eq!(
        code(venue.cancel_order("BTCUSDT", OrderRef::Client("none"), NOW)),
        -2011
    );
    assert_eq!(
        code(venue.order("BTCUSDT", OrderRef::Client("none")).cloned()),
        -2013
    );
    assert_eq!(
        code(venue.order("ETHUSDT", OrderRef::Id(order.id)).cloned()),
        -2013
    );
}

#[test]
fn the_open_order_limit_of_a_symbol_holds() {
    let mut venue = venue();
    for _ in 0..200 {
        venue
            .place_order(limit(Side::Buy, "0.001", "59000"), NOW)
            .unwrap();
    }
    assert_eq!(
        code(venue.place_order(limit(Side::Buy, "0.001", "59000"), NOW)),
        -2025
    );
}

#[test]
fn an_entry_beyond_the_margin_is_refused() {
    let config = VenueConfig {
        wallet: dec("100"),
        ..VenueConfig::default()
    };
    let mut venue = venue_with(config);
    let new = NewOrder::market("BTCUSDT", Side::Buy, dec("1"));
    assert_eq!(code(venue.place_order(new, NOW)), -2019);
}

#[test]
fn a_market_order_without_a_market_cannot_fill() {
    let mut venue = Venue::new(VenueConfig::default());
    let new = NewOrder::market("BTCUSDT", Side::Buy, dec("1")).reduce_only();
    assert_eq!(code(venue.place_order(new, NOW)), -2020);
}

#[test]
fn the_wallet_moves_by_profit_less_fee() {
    let mut venue = venue();
    let before = venue.account_totals().wallet;
    buy(&mut venue, "1");
    price(&mut venue, "61000");
    sell(&mut venue, "1");
    let fees = (dec("60000.1") + dec("61000")) * dec("0.0004");
    assert_eq!(venue.account_totals().wallet - before, dec("999.9") - fees);
}

#[test]
fn an_implausible_price_changes_nothing() {
    let mut venue = venue();
    let before = venue.market("BTCUSDT");
    assert_eq!(
        code(venue.on_price("BTCUSDT", PriceUpdate::at(Decimal::ZERO), NOW)),
        -4001
    );
    assert_eq!(
        code(venue.on_price("NOPE", PriceUpdate::at(Decimal::ONE), NOW)),
        -1121
    );
    assert_eq!(venue.market("BTCUSDT"), before);
}

#[test]
fn leverage_has_bounds_and_margin_type_needs_a_clean_symbol() {
    let mut venue = venue();
    assert_eq!(code(venue.set_leverage("BTCUSDT", 126, NOW)), -4028);
    assert_eq!(code(venue.set_leverage("BTCUSDT", 0, NOW)), -4028);
    venue.set_leverage("BTCUSDT", 5, NOW).unwrap();
    assert_eq!(story(&mut venue), ["LEVERAGE"]);
    assert_eq!(code(venue.set_isolated("BTCUSDT", false)), -4046);
    buy(&mut venue, "0.010");
    assert_eq!(code(venue.set_isolated("BTCUSDT", true)), -4048);
}
