//! Price match, self-trade prevention, good-till dates, countdowns, and who may order at all.

use super::*;

fn limit(side: Side, qty: &str, at: &str) -> NewOrder {
    NewOrder::limit("BTCUSDT", side, dec(qty), dec(at))
}

fn dated(until_ms: i64) -> NewOrder {
    let mut order = limit(Side::Buy, "0.010", "59000");
    order.time_in_force = TimeInForce::Gtd;
    order.terms.good_till_ms = until_ms;
    order
}

fn matched(side: Side, price_match: PriceMatch) -> Decimal {
    let mut order = limit(side, "0.010", "0");
    order.terms.price_match = price_match;
    venue().place_order(order, NOW).unwrap().price
}

fn with_stp(side: Side, at: &str, stp: StpMode) -> NewOrder {
    let mut order = limit(side, "0.010", at);
    order.terms.stp = stp;
    order
}

#[test]
fn a_price_match_takes_the_price_of_its_level() {
    assert_eq!(matched(Side::Buy, PriceMatch::Queue), dec("60000"));
    assert_eq!(matched(Side::Buy, PriceMatch::Queue5), dec("59999.6"));
    assert_eq!(matched(Side::Buy, PriceMatch::Queue10), dec("59999.1"));
    assert_eq!(matched(Side::Buy, PriceMatch::Queue20), dec("59998.1"));
    assert_eq!(matched(Side::Buy, PriceMatch::Opponent), dec("60000.1"));
    assert_eq!(matched(Side::Buy, PriceMatch::Opponent5), dec("60000.5"));
    assert_eq!(matched(Side::Sell, PriceMatch::Queue), dec("60000.1"));
    assert_eq!(matched(Side::Sell, PriceMatch::Opponent), dec("60000"));
}

#[test]
fn a_price_match_without_a_book_is_refused() {
    let mut order = limit(Side::Buy, "0.010", "0");
    order.terms.price_match = PriceMatch::Queue;
    let mut venue = Venue::new(VenueConfig::default());
    assert_eq!(code(venue.place_order(order, NOW)), -5041);
}

#[test]
fn two_own_orders_never_meet() {
    let expired = OrderStatus::ExpiredInMatch;
    for (mode, maker, taker) in [
        (StpMode::ExpireMaker, expired, OrderStatus::Filled),
        (StpMode::ExpireTaker, OrderStatus::New, expired),
        (StpMode::ExpireBoth, expired, expired),
        (StpMode::None, OrderStatus::New, OrderStatus::Filled),
    ] {
        let mut venue = venue();
        let resting = limit(Side::Sell, "0.010", "60000.1");
        let resting = venue.place_order(resting, NOW).unwrap().id;
        let arriving = with_stp(Side::Buy, "60000.1", mode);
        let arriving = venue.place_order(arriving, NOW).unwrap();
        assert_eq!(arriving.status, taker, "{mode:?}");
        let resting = venue.order("BTCUSDT", OrderRef::Id(resting)).unwrap();
        assert_eq!(resting.status, maker, "{mode:?}");
        for order in [resting, &arriving] {
            let reason = u8::from(order.status == expired);
            assert_eq!(order.expiry_reason, reason, "{mode:?}");
        }
    }
}

#[test]
fn an_own_order_out_of_reach_stays() {
    let mut venue = venue();
    let resting = limit(Side::Sell, "0.010", "60500");
    let resting = venue.place_order(resting, NOW).unwrap().id;
    buy(&mut venue, "0.010");
    let resting = venue.order("BTCUSDT", OrderRef::Id(resting)).unwrap();
    assert_eq!(resting.status, OrderStatus::New);
}

#[test]
fn a_good_till_date_is_over_ten_minutes_away_and_keeps_whole_seconds() {
    let refused = |until_ms: i64| code(venue().place_order(dated(until_ms), NOW));
    assert_eq!(refused(NOW + 600_000), -5040);
    assert_eq!(refused(253_402_300_799_000), -5040);
    assert_eq!(refused(0), -1102);
    let mut undated = dated(NOW + 900_000);
    undated.time_in_force = TimeInForce::Gtc;
    assert_eq!(code(venue().place_order(undated, NOW)), -1106);
    let order = venue().place_order(dated(NOW + 900_000), NOW).unwrap();
    assert_eq!(order.terms.good_till_ms, 1_795_179_073_000);
}

#[test]
fn an_order_ends_at_its_good_till_date() {
    let mut venue = venue();
    let late = venue.place_order(dated(NOW + 1_900_000), NOW).unwrap();
    let soon = venue.place_order(dated(NOW + 900_000), NOW).unwrap();
    let status = |venue: &Venue, id| venue.order("BTCUSDT", OrderRef::Id(id)).unwrap().status;
    venue.advance(soon.terms.good_till_ms - 1);
    assert_eq!(status(&venue, soon.id), OrderStatus::New);
    venue.advance(soon.terms.good_till_ms);
    assert_eq!(status(&venue, soon.id), OrderStatus::Expired);
    assert_eq!(status(&venue, late.id), OrderStatus::New);
    venue.advance(late.terms.good_till_ms);
    assert_eq!(status(&venue, late.id), OrderStatus::Expired);
}

#[test]
fn a_countdown_cancels_ordinary_orders_of_its_symbol_and_nothing_else() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let algo = venue.place_algo(close_stop("58000"), NOW).unwrap().id;
    let order = limit(Side::Buy, "0.010", "59000");
    let order = venue.place_order(order, NOW).unwrap().id;
    venue.set_countdown("BTCUSDT", 1_000, NOW).unwrap();
    venue.set_countdown("BTCUSDT", 1_000, NOW + 900).unwrap();
    let status = |venue: &Venue| {
        let order = venue.order("BTCUSDT", OrderRef::Id(order)).unwrap();
        order.status
    };
    venue.advance(NOW + 1_899);
    assert_eq!(status(&venue), OrderStatus::New);
    venue.advance(NOW + 1_900);
    assert_eq!(status(&venue), OrderStatus::Canceled);
    assert_eq!(algo_status(&venue, algo), AlgoStatus::New);
    assert_eq!(code(venue.set_countdown("NOPE", 1, NOW)), -1121);
}

#[test]
fn a_countdown_of_zero_ends_it() {
    let mut venue = venue();
    let order = limit(Side::Buy, "0.010", "59000");
    let order = venue.place_order(order, NOW).unwrap().id;
    venue.set_countdown("BTCUSDT", 1_000, NOW).unwrap();
    venue.set_countdown("BTCUSDT", 0, NOW).unwrap();
    venue.advance(NOW + 5_000);
    let order = venue.order("BTCUSDT", OrderRef::Id(order)).unwrap();
    assert_eq!(order.status, OrderStatus::New);
}

#[test]
fn an_account_that_may_only_reduce_can_close() {
    for (state, refusal) in [
        (AccountState::ReduceOnly, -4087),
        (AccountState::QuantitativeRule, -4400),
        (AccountState::LargePosition, -4401),
        (AccountState::CoolingOff, -4192),
    ] {
        let mut venue = venue();
        buy(&mut venue, "0.010");
        venue.set_account_state(state);
        let entry = NewOrder::market("BTCUSDT", Side::Buy, dec("0.010"));
        assert_eq!(code(venue.place_order(entry, NOW)), refusal, "{state:?}");
        assert!(venue.place_algo(close_stop("58000"), NOW).is_ok());
        let close = NewOrder::market("BTCUSDT", Side::Sell, dec("0.010")).reduce_only();
        assert!(venue.place_order(close, NOW).is_ok(), "{state:?}");
    }
}

#[test]
fn an_account_that_may_nothing_cannot_even_close() {
    for (state, refusal) in [
        (AccountState::Inactive, -4109),
        (AccountState::Barred, -4088),
        (AccountState::Liquidation, -2023),
    ] {
        let mut venue = venue();
        buy(&mut venue, "0.010");
        venue.set_account_state(state);
        let close = NewOrder::market("BTCUSDT", Side::Sell, dec("0.010")).reduce_only();
        assert_eq!(code(venue.place_order(close, NOW)), refusal);
        assert_eq!(code(venue.place_algo(close_stop("58000"), NOW)), refusal);
    }
}

#[test]
fn a_symbol_before_delivery_takes_only_reducing_orders() {
    let mut venue = venue();
    buy(&mut venue, "0.010");
    let state = |venue: &mut Venue, status| venue.set_symbol_status("BTCUSDT", status).unwrap();
    let entry = || NewOrder::market("BTCUSDT", Side::Buy, dec("0.010"));
    let close = || NewOrder::market("BTCUSDT", Side::Sell, dec("0.001")).reduce_only();
    state(&mut venue, SymbolStatus::PreSettle);
    assert_eq!(code(venue.place_order(entry(), NOW)), -4140);
    assert!(venue.place_order(close(), NOW).is_ok());
    state(&mut venue, SymbolStatus::TradingCancelOnly);
    assert_eq!(code(venue.place_order(close(), NOW)), -4140);
    state(&mut venue, SymbolStatus::Close);
    assert_eq!(code(venue.place_order(close(), NOW)), -4141);
}
