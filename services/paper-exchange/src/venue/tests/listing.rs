//! Filters that change while the symbol trades.

use super::*;

fn change(venue: &mut Venue, change: FilterChange) -> Result<(), VenueError> {
    venue.change_filters("BTCUSDT", &change)
}

#[test]
fn a_new_tick_size_holds_for_new_orders_and_leaves_resting_ones_alone() {
    let mut venue = venue();
    let order = |at: &str| NewOrder::limit("BTCUSDT", Side::Buy, dec("0.010"), dec(at));
    let resting = venue.place_order(order("59000.1"), NOW).unwrap();
    let coarser = FilterChange {
        tick_size: Some(dec("0.5")),
        ..FilterChange::default()
    };
    change(&mut venue, coarser).unwrap();
    assert_eq!(code(venue.place_order(order("59000.2"), NOW)), -4014);
    assert!(venue.place_order(order("59000.5"), NOW).is_ok());
    let resting = venue.order("BTCUSDT", OrderRef::Id(resting.id)).unwrap();
    assert_eq!(resting.price, dec("59000.1"));
}

#[test]
fn a_finer_step_size_brings_its_precision_along() {
    let mut venue = venue();
    let order = || NewOrder::limit("BTCUSDT", Side::Buy, dec("0.0105"), dec("59000"));
    assert_eq!(code(venue.place_order(order(), NOW)), -1111);
    let finer = FilterChange {
        step_size: Some(dec("0.0005")),
        ..FilterChange::default()
    };
    change(&mut venue, finer).unwrap();
    assert!(venue.place_order(order(), NOW).is_ok());
}

#[test]
fn filters_that_contradict_each_other_change_nothing() {
    let mut venue = venue();
    let before = venue.spec("BTCUSDT").cloned();
    for bad in [
        FilterChange {
            tick_size: Some(Decimal::ZERO),
            ..FilterChange::default()
        },
        FilterChange {
            min_qty: Some(dec("5000")),
            ..FilterChange::default()
        },
        FilterChange {
            multiplier_up: Some(dec("0.9")),
            ..FilterChange::default()
        },
    ] {
        assert_eq!(code(change(&mut venue, bad)), -1130);
    }
    assert_eq!(venue.spec("BTCUSDT").cloned(), before);
}

#[test]
fn a_value_that_no_contract_has_is_refused_before_an_order_could_multiply_it() {
    let mut venue = venue();
    let huge = || Some(dec("70000000000000000000000000000"));
    for bad in [
        FilterChange {
            multiplier_up: huge(),
            ..FilterChange::default()
        },
        FilterChange {
            max_qty: huge(),
            ..FilterChange::default()
        },
        FilterChange {
            tick_size: Some(dec("0.0000000000000000000000000001")),
            ..FilterChange::default()
        },
    ] {
        assert_eq!(code(change(&mut venue, bad)), -1130);
    }
}

#[test]
fn a_price_too_small_to_divide_by_is_no_price() {
    let mut venue = venue();
    let price = PriceUpdate::at(dec("0.0000000000000000000001"));
    assert_eq!(code(venue.on_price("BTCUSDT", price, NOW)), -4001);
}
