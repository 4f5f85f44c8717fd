//! Margin calls, liquidation, auto-deleveraging.

use super::*;

/// 1 BTC long at 20x with little more than its margin.
fn thin_long(isolated: bool) -> Venue {
    let wallet = if isolated { "100000" } else { "3100" };
    let mut venue = venue_with(VenueConfig {
        wallet: dec(wallet),
        ..VenueConfig::default()
    });
    if isolated {
        venue.set_isolated("BTCUSDT", true).unwrap();
    }
    buy(&mut venue, "1");
    venue.take_events();
    venue
}

fn updates(venue: &mut Venue) -> Vec<(Execution, OrderStatus, String, u8)> {
    let events = venue.take_events();
    let short = |event: VenueEvent| match event.body {
        EventBody::Order(it) => Some((
            it.execution,
            it.order.status,
            it.order.client_id,
            it.order.expiry_reason,
        )),
        _ => None,
    };
    events.into_iter().filter_map(short).collect()
}

#[test]
fn a_margin_call_comes_before_liquidation_and_once_until_the_margin_recovers() {
    let mut venue = thin_long(false);
    price(&mut venue, "57200");
    price(&mut venue, "57190");
    assert_eq!(story(&mut venue), ["CALL"]);
    price(&mut venue, "60000");
    price(&mut venue, "57200");
    assert_eq!(story(&mut venue), ["CALL"]);
    assert_eq!(position(&venue), dec("1"));
}

#[test]
fn a_liquidated_account_loses_its_orders_and_then_its_position() {
    let mut venue = thin_long(false);
    let target = take_profit(&mut venue, "1", "62000").unwrap();
    venue.take_events();
    price(&mut venue, "57000");
    let told = updates(&mut venue);
    let ended = (
        Execution::Expired,
        OrderStatus::Expired,
        target.client_id,
        5,
    );
    assert_eq!(told[0], ended);
    let calculated = told[1..].iter().map(|it| (it.0, it.1));
    let calculated: Vec<_> = calculated.collect();
    let forced = Execution::Calculated;
    assert_eq!(calculated[0], (forced, OrderStatus::New));
    assert_eq!(*calculated.last().unwrap(), (forced, OrderStatus::Filled));
    assert!(told[1].2.starts_with("autoclose-"));
    assert_eq!(position(&venue), Decimal::ZERO);
    let order = venue.all_orders().last().unwrap();
    assert_eq!(order.kind, OrderKind::Limit);
    assert_eq!(order.time_in_force, TimeInForce::Ioc);
}

#[test]
fn a_liquidation_never_leaves_a_debt_however_far_the_price_has_gapped() {
    for isolated in [false, true] {
        for at in ["57100", "57000", "56000", "50000", "30000"] {
            let mut venue = thin_long(isolated);
            let held = venue.position("BTCUSDT").unwrap();
            let spare = if isolated {
                venue.wallet - held.isolated_wallet
            } else {
                Decimal::ZERO
            };
            price(&mut venue, at);
            assert_eq!(position(&venue), Decimal::ZERO, "{isolated} {at}");
            assert!(spare <= venue.wallet, "{isolated} {at}: {}", venue.wallet);
            let left = venue.wallet - spare;
            assert!(left < dec("400"), "{isolated} {at}: {left} are left");
        }
    }
}

#[test]
fn an_isolated_liquidation_leaves_other_symbols_alone() {
    let mut venue = thin_long(true);
    let update = PriceUpdate::at(dec("2000"));
    venue.on_price("ETHUSDT", update, NOW).unwrap();
    let order = NewOrder::limit("ETHUSDT", Side::Buy, dec("1"), dec("1950"));
    let order = venue.place_order(order, NOW).unwrap();
    price(&mut venue, "56000");
    assert_eq!(position(&venue), Decimal::ZERO);
    let order = venue.order("ETHUSDT", OrderRef::Id(order.id)).unwrap();
    assert_eq!(order.status, OrderStatus::New);
}

#[test]
fn both_legs_of_an_account_in_cross_margin_are_liquidated_together() {
    let mut venue = venue_with(VenueConfig {
        wallet: dec("6000"),
        hedge: true,
        ..VenueConfig::default()
    });
    let update = PriceUpdate::at(dec("2000"));
    venue.on_price("ETHUSDT", update, NOW).unwrap();
    let long = NewOrder::market("BTCUSDT", Side::Buy, dec("1")).on_leg(PositionSide::Long);
    venue.place_order(long, NOW).unwrap();
    let short = NewOrder::market("ETHUSDT", Side::Sell, dec("1")).on_leg(PositionSide::Short);
    venue.place_order(short, NOW).unwrap();
    price(&mut venue, "54000");
    assert_eq!(venue.open_positions().count(), 0);
    assert!(Decimal::ZERO <= venue.wallet);
}

#[test]
fn a_close_position_stop_expires_when_its_position_is_liquidated() {
    let mut venue = thin_long(false);
    let stop = venue.place_algo(close_stop("50000"), NOW).unwrap();
    price(&mut venue, "57000");
    assert_eq!(algo_status(&venue, stop.id), AlgoStatus::Expired);
}

#[test]
fn auto_deleveraging_closes_a_leg_at_the_mark_without_a_fee() {
    let mut venue = thin_long(false);
    let both = PositionSide::Both;
    let before = venue.wallet;
    venue.deleverage("BTCUSDT", both, NOW).unwrap();
    assert_eq!(position(&venue), Decimal::ZERO);
    assert_eq!(venue.wallet - before, dec("-0.1"));
    let told = updates(&mut venue);
    assert!(told.iter().all(|it| it.2 == "adl_autoclose"));
    assert_eq!(code(venue.deleverage("BTCUSDT", both, NOW)), -2022);
}
