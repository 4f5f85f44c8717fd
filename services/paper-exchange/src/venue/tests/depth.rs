//! The book: orders walk its levels, resting ones fill by what is there.

use super::*;

/// A venue whose levels hold about 6000 USDT: 0.050 to 0.137 BTC each at 60000.
fn thin() -> Venue {
    venue_with(VenueConfig {
        level_notional: dec("6000"),
        ..VenueConfig::default()
    })
}

fn asks(venue: &Venue, levels: u32) -> Vec<(Decimal, Decimal)> {
    let ladder = venue.book("BTCUSDT").unwrap().ladder(Side::Buy);
    (0..levels).map_while(|n| ladder.level(n)).collect()
}

fn trades(venue: &Venue) -> Vec<(Decimal, Decimal)> {
    let trades = venue.trades().map(|trade| (trade.price, trade.qty));
    trades.collect()
}

fn statuses(venue: &mut Venue) -> Vec<OrderStatus> {
    let events = venue.take_events();
    let status = |event: &VenueEvent| match &event.body {
        EventBody::Order(update) => Some(update.order.status),
        _ => None,
    };
    events.iter().filter_map(status).collect()
}

#[test]
fn a_market_order_takes_level_after_level_as_the_book_shows_them() {
    let mut venue = thin();
    let book = asks(&venue, 3);
    let into_third = dec("0.005");
    let order = buy(
        &mut venue,
        &(book[0].1 + book[1].1 + into_third).to_string(),
    );
    assert_eq!(order.status, OrderStatus::Filled);
    assert_eq!(trades(&venue), [book[0], book[1], (book[2].0, into_third)]);
    assert_eq!(book[1].0 - book[0].0, dec("0.1"));
    let partly = OrderStatus::PartiallyFilled;
    let expected = [OrderStatus::New, partly, partly, OrderStatus::Filled];
    assert_eq!(statuses(&mut venue), expected);
    let cost: Decimal = trades(&venue).iter().map(|(price, qty)| price * qty).sum();
    assert_eq!(order.avg_price(), (cost / order.filled).round_dp(10));
}

#[test]
fn a_crossing_limit_takes_up_to_its_price_and_rests_with_what_is_left() {
    let mut venue = thin();
    let book = asks(&venue, 2);
    let qty = book[0].1 + dec("0.010");
    let order = NewOrder::limit("BTCUSDT", Side::Buy, qty, book[0].0);
    let order = venue.place_order(order, NOW).unwrap();
    assert_eq!(order.status, OrderStatus::PartiallyFilled);
    assert_eq!(order.remaining(), dec("0.010"));
}

#[test]
fn fill_or_kill_fills_nothing_when_the_book_holds_too_little_within_its_price() {
    let mut venue = thin();
    let book = asks(&venue, 2);
    let mut order = NewOrder::limit("BTCUSDT", Side::Buy, book[0].1, book[0].0);
    order.time_in_force = TimeInForce::Fok;
    let mut larger = order.clone();
    larger.qty += dec("0.001");
    let nothing = venue.place_order(larger, NOW).unwrap();
    assert_eq!(
        (nothing.status, nothing.filled),
        (OrderStatus::Expired, Decimal::ZERO)
    );
    let whole = venue.place_order(order, NOW).unwrap();
    assert_eq!(whole.status, OrderStatus::Filled);
}

#[test]
fn a_touched_limit_fills_by_what_stands_at_its_price_and_whole_when_traded_through() {
    let mut venue = thin();
    let order = NewOrder::limit("BTCUSDT", Side::Sell, dec("1"), dec("61000"));
    let id = venue.place_order(order, NOW).unwrap().id;
    let order = |venue: &Venue| venue.order("BTCUSDT", OrderRef::Id(id)).unwrap().clone();
    price(&mut venue, "61000");
    let after_one = order(&venue);
    assert_eq!(after_one.status, OrderStatus::PartiallyFilled);
    assert!(after_one.filled < dec("0.140"), "{}", after_one.filled);
    price(&mut venue, "61000");
    assert_eq!(order(&venue).filled, after_one.filled * dec("2"));
    price(&mut venue, "61000.1");
    assert_eq!(order(&venue).status, OrderStatus::Filled);
    let at_its_price = |(price, _): &(Decimal, Decimal)| *price == dec("61000");
    assert!(trades(&venue).iter().all(at_its_price));
}

#[test]
fn what_lies_beyond_the_take_bound_expires_with_reason_9() {
    let mut venue = thin();
    let update = PriceUpdate {
        mark: Some(dec("57142.9")),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", update, NOW).unwrap();
    // 5 % above that mark lies 60000.045: the best ask of 60000.1 is beyond it.
    let order = NewOrder::market("BTCUSDT", Side::Buy, dec("0.001"));
    assert_eq!(code(venue.place_order(order, NOW)), -4131);
    let update = PriceUpdate {
        mark: Some(dec("57143.1")),
        ..PriceUpdate::default()
    };
    venue.on_price("BTCUSDT", update, NOW).unwrap();
    let book = asks(&venue, 3);
    let order = buy(&mut venue, "1");
    assert_eq!(
        (order.status, order.expiry_reason),
        (OrderStatus::Expired, 9)
    );
    assert_eq!(trades(&venue), book[..2]);
}

#[test]
fn without_depth_everything_fills_whole_at_the_touch() {
    let mut venue = venue_with(VenueConfig {
        level_notional: Decimal::ZERO,
        ..VenueConfig::default()
    });
    buy(&mut venue, "100");
    assert_eq!(trades(&venue), [(dec("60000.1"), dec("100"))]);
}

#[test]
fn a_level_keeps_its_quantity_while_the_market_moves_away_and_back() {
    let mut venue = thin();
    let before = asks(&venue, 50);
    price(&mut venue, "60002");
    let moved = asks(&venue, 50);
    let shared = |book: &[(Decimal, Decimal)]| {
        let same = book.iter().filter(|level| before.contains(level));
        same.count()
    };
    assert!(shared(&moved) < before.len());
    price(&mut venue, "60000");
    assert_eq!(asks(&venue, 50), before);
}

#[test]
fn another_seed_is_another_book() {
    let book = |book_seed| {
        let config = VenueConfig {
            book_seed,
            ..VenueConfig::default()
        };
        asks(&venue_with(config), 20)
    };
    assert_eq!(book(3), book(3));
    assert_ne!(book(3), book(4));
}
