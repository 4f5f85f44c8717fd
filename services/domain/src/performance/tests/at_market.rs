//! Targets that close at market: their orders don't say for which target they are.

use super::*;
use crate::ids::LegId::Partial;

fn hard() -> ExitPlan {
    let legs = vec![
        leg(LegKind::TakeProfit, "0.25", "101.5"),
        leg(LegKind::Partial, "0.255", "103"),
        leg(LegKind::Partial, "0.25", "105"),
    ];
    plan(Long, legs, START)
}

#[test]
fn a_price_may_come_after_the_fill_and_counts_once() {
    let mut tracker = with(&hard());
    let unpriced = News {
        average: None,
        ..News::filled(Partial(1), "0.5", "1", after(1))
    };
    unpriced.tell(&mut tracker);
    assert_eq!((row(&tracker, 2).hit, row(&tracker, 3).hit), (1, 1));
    assert_eq!(row(&tracker, 2).slippage, None);
    let mut moved = hard();
    moved.created_at = after(5);
    moved.legs[2].trigger_price = Some(price("110"));
    tracker.plan(&moved);
    for _ in 0..2 {
        News::filled(Partial(1), "0.5", "104.895", after(6)).tell(&mut tracker);
    }
    // 103 and 105 were planned.
    let rounded = |leg| row(&tracker, leg).slippage.unwrap().get().round_dp(4);
    assert_eq!((rounded(2), rounded(3)), (dec("-0.0184"), dec("0.0010")));
    assert_eq!((row(&tracker, 2).hit, row(&tracker, 3).hit), (1, 1));
}

#[test]
fn a_market_close_hits_the_nearest_hard_target_whatever_number_it_bears() {
    let mut tracker = with(&hard());
    // Rounded down to the lot: what is less than one can't be traded.
    News::filled(Partial(1), "0.25", "102.897", after(1)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(row(&tracker, 2).slippage, Some(Ratio::new(dec("0.001"))));
    let next = News {
        generation: 2,
        ..News::filled(Partial(1), "0.25", "105", after(2))
    };
    next.tell(&mut tracker);
    assert_eq!(counts(&tracker, 3), (1, 1, 0, 0));
}

#[test]
fn one_market_close_for_two_targets_hits_both_and_a_rounding_hits_none() {
    let mut tracker = with(&hard());
    News::filled(Partial(1), "0.5", "105", after(1)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 3), (1, 1, 0, 0));
    let mut tracker = with(&hard());
    News::filled(Partial(1), "0.26", "103", after(1)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 3), (1, 0, 0, 0));
}

#[test]
fn the_end_of_a_market_close_hits_its_own_target_and_never_the_next() {
    let mut tracker = with(&hard());
    // Less than planned, since somebody else closed a part.
    News::part(Partial(1), "0.1", "103", after(1)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 0, 0, 0));
    for _ in 0..2 {
        News::filled(Partial(1), "0.1", "103", after(2)).tell(&mut tracker);
    }
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 3), (1, 0, 0, 0));
    let mut tracker = with(&hard());
    News::part(Partial(1), "0.25", "103", after(1)).tell(&mut tracker);
    News::filled(Partial(1), "0.25", "103", after(2)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 3), (1, 0, 0, 0));
    let mut tracker = with(&hard());
    News::filled(Partial(1), "0.1", "103", after(1)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
}

#[test]
fn a_name_used_again_is_another_order_by_the_venues_own_id() {
    let mut tracker = with(&hard());
    for (id, paid) in [(7, "103"), (8, "105"), (8, "105")] {
        let news = News {
            venue_order_id: Some(id),
            ..News::filled(Partial(1), "0.25", paid, after(id))
        };
        news.tell(&mut tracker);
    }
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 3), (1, 1, 0, 0));
}
