//! Brackets, leverage, cross and isolated margin.

use super::*;

fn poor(wallet: &str) -> Venue {
    venue_with(VenueConfig {
        wallet: dec(wallet),
        ..VenueConfig::default()
    })
}

#[test]
fn a_position_larger_than_its_leverage_allows_is_refused() {
    let mut venue = venue_with(VenueConfig {
        wallet: dec("1000000000"),
        ..VenueConfig::default()
    });
    venue.set_leverage("BTCUSDT", 125, NOW).unwrap();
    // 125x reaches up to a notional of 300,000: 5 BTC at 60000.
    let order = NewOrder::market("BTCUSDT", Side::Buy, dec("5.001"));
    assert_eq!(code(venue.place_order(order, NOW)), -2027);
    buy(&mut venue, "3");
    let resting = NewOrder::limit("BTCUSDT", Side::Buy, dec("2"), dec("59000"));
    venue.place_order(resting, NOW).unwrap();
    let order = NewOrder::market("BTCUSDT", Side::Buy, dec("0.001"));
    assert_eq!(code(venue.place_order(order, NOW)), -2027);
    let close = NewOrder::market("BTCUSDT", Side::Sell, dec("3"));
    assert!(venue.place_order(close, NOW).is_ok());
}

#[test]
fn leverage_is_bound_by_brackets_position_margin_and_isolation() {
    let mut venue = poor("20000");
    assert_eq!(code(venue.set_leverage("ADAUSDT", 76, NOW)), -4028);
    venue.set_leverage("BTCUSDT", 50, NOW).unwrap();
    buy(&mut venue, "10");
    assert_eq!(code(venue.set_leverage("BTCUSDT", 125, NOW)), -2027);
    assert_eq!(code(venue.set_leverage("BTCUSDT", 2, NOW)), -2028);
    venue.set_leverage("BTCUSDT", 40, NOW).unwrap();
    let mut isolated = poor("200000");
    isolated.set_isolated("BTCUSDT", true).unwrap();
    buy(&mut isolated, "1");
    assert_eq!(code(isolated.set_leverage("BTCUSDT", 10, NOW)), -4161);
    isolated.set_leverage("BTCUSDT", 30, NOW).unwrap();
}

#[test]
fn open_orders_that_add_bind_margin_and_closing_ones_do_not() {
    let mut venue = poor("10000");
    let entry = NewOrder::limit("BTCUSDT", Side::Buy, dec("1"), dec("59000"));
    venue.place_order(entry, NOW).unwrap();
    let totals = venue.account_totals();
    assert_eq!(totals.order_margin, dec("2950"));
    assert_eq!(totals.available, dec("7050"));
    buy(&mut venue, "1");
    let before = venue.account_totals().order_margin;
    take_profit(&mut venue, "1", "61000").unwrap();
    assert_eq!(venue.account_totals().order_margin, before);
}

#[test]
fn isolated_margin_leaves_the_cross_wallet_and_comes_back_by_parts() {
    let mut venue = poor("10000");
    venue.set_isolated("BTCUSDT", true).unwrap();
    buy(&mut venue, "1");
    let margin = |venue: &Venue| venue.position("BTCUSDT").unwrap().isolated_wallet;
    // 60000.1 / 20
    assert_eq!(margin(&venue), dec("3000.005"));
    let totals = venue.account_totals();
    assert_eq!(totals.cross_wallet, totals.wallet - dec("3000.005"));
    sell(&mut venue, "0.25");
    assert_eq!(margin(&venue), dec("2250.00375"));
    sell(&mut venue, "0.75");
    assert_eq!(margin(&venue), Decimal::ZERO);
    let totals = venue.account_totals();
    assert_eq!(totals.cross_wallet, totals.wallet);
}

#[test]
fn an_isolated_position_that_turns_round_holds_the_margin_of_the_new_one() {
    let mut venue = poor("10000");
    venue.set_isolated("BTCUSDT", true).unwrap();
    buy(&mut venue, "1");
    sell(&mut venue, "1.5");
    let held = venue.position("BTCUSDT").unwrap();
    assert_eq!((held.qty, held.isolated_wallet), (dec("-0.5"), dec("1500")));
}

#[test]
fn at_the_liquidation_price_the_balance_equals_the_maintenance_margin() {
    for isolated in [false, true] {
        for side in [Side::Buy, Side::Sell] {
            let mut venue = poor("5000");
            if isolated {
                venue.set_isolated("BTCUSDT", true).unwrap();
            }
            let order = NewOrder::market("BTCUSDT", side, dec("1"));
            venue.place_order(order, NOW).unwrap();
            let book = venue.book("BTCUSDT").unwrap();
            let held = book.leg(PositionSide::Both).clone();
            let at = venue.liquidation_price(book, &held);
            let behind = if isolated {
                held.isolated_wallet
            } else {
                venue.wallet
            };
            let balance = behind + held.unrealized(at);
            let gap = balance - book.maintenance(held.qty.abs() * at);
            assert!(
                gap.abs() < dec("0.001"),
                "{isolated} {side:?}: {gap} at {at}"
            );
        }
    }
}
