//! Shares of the venue's limits, window by window.

use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(600_000_000 + ms)
}

fn limits(weight: u32, ten: u32, minute: u32) -> RateLimits {
    RateLimits {
        weight_1m: Some(weight),
        orders_10s: Some(ten),
        orders_1m: Some(minute),
    }
}

#[test]
fn targets_stop_at_their_share_and_stops_go_on_to_the_venues_limit() {
    let mut budget = Budget::default();
    let mut targets = 0;
    while budget.has_orders(1, Share::Trade, at(0)) {
        budget.spend(0, 1, at(0));
        targets += 1;
    }
    assert_eq!(targets, 201);
    let mut stops = 0;
    while budget.has_orders(1, Share::Protective, at(0)) {
        budget.spend(0, 1, at(0));
        stops += 1;
    }
    assert_eq!(targets + stops, 300);
    assert!(!budget.has_orders(1, Share::Protective, at(9_999)));
    assert!(budget.has_orders(1, Share::Protective, at(10_000)));
}

#[test]
fn the_minute_holds_where_the_ten_seconds_would_not() {
    let mut budget = Budget::default();
    for ten_seconds in 0..4 {
        budget.spend(0, 300, at(ten_seconds * 10_000));
    }
    assert!(!budget.has_orders(1, Share::Protective, at(45_000)));
    assert!(budget.has_orders(1, Share::Protective, at(60_000)));
}

#[test]
fn the_venues_limits_and_counts_stand() {
    let mut budget = Budget::default();
    budget.learn_limits(limits(6_000, 10, 100));
    let answer = HttpResult {
        used_weight: Some(4_019),
        order_count_10s: Some(7),
        ..HttpResult::default()
    };
    budget.learn(&answer, at(0), at(0));
    assert_eq!(
        (budget.room(at(0)).routine, budget.room(at(0)).rounds),
        (1, 781)
    );
    assert!(!budget.has_orders(1, Share::Trade, at(0)));
    assert!(budget.has_orders(3, Share::Protective, at(0)));
    assert!(!budget.has_orders(4, Share::Protective, at(0)));
    budget.spend(1, 0, at(0));
    assert_eq!(budget.room(at(0)).routine, 0);
    assert!(budget.has_weight(Share::Trade, at(0)));
}

#[test]
fn a_limit_of_nothing_is_not_believed() {
    let mut budget = Budget::default();
    budget.learn_limits(limits(0, 0, 0));
    budget.learn_limits(RateLimits::default());
    assert!(budget.has_orders(300, Share::Protective, at(0)));
    assert_eq!(budget.room(at(0)).routine, 1_608);
}

#[test]
fn windows_begin_by_the_venues_clock() {
    let mut budget = Budget::default();
    budget.learn_offset(Span::from_millis(4_000));
    budget.spend(0, 300, at(0));
    assert!(!budget.has_orders(1, Share::Protective, at(5_999)));
    assert!(budget.has_orders(1, Share::Protective, at(6_000)));
    assert_eq!(budget.rest_of_minute(at(0)), Span::from_millis(57_000));
}

#[test]
fn reads_cancels_and_questions_need_no_room_for_orders() {
    let mut budget = Budget::default();
    budget.spend(0, 300, at(0));
    assert!(budget.has_orders(0, Share::Cancels, at(0)));
}

#[test]
fn a_count_of_a_window_that_is_over_says_nothing_about_the_one_that_is_on() {
    let mut budget = Budget::default();
    let answer = HttpResult {
        order_count_10s: Some(300),
        order_count_1m: Some(1_200),
        ..HttpResult::default()
    };
    // Asked before the turn of the minute and answered after it; and seconds too late.
    budget.learn(&answer, at(59_950), at(60_050));
    budget.learn(&answer, at(59_950), at(66_000));
    assert!(budget.has_orders(1, Share::Protective, at(66_000)));
    // The minute is the same, the ten seconds are not.
    budget.learn(&answer, at(66_000), at(71_000));
    assert!(!budget.has_orders(1, Share::Protective, at(71_000)));
    assert!(budget.has_orders(1, Share::Protective, at(120_000)));
}
