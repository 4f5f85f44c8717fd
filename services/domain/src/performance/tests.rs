//! What counts as hit, missed and premature, and what does not count twice.

use rust_decimal::Decimal;
use std::string::ToString;
use std::vec;

use super::report::recommend;
use super::*;
use crate::ids::LegId::TakeProfit;
use crate::order::OrderStatus;
use crate::plan::{LegKind, Strategy};
use crate::position::Side;
use crate::position::Side::{Long, Short};
use crate::{Qty, Ratio, Symbol};

mod at_market;
mod premature;
mod properties;
mod stage;
use stage::*;

#[test]
fn a_filled_target_is_hit_and_the_others_stay_planned_until_the_end() {
    let mut tracker = laddered(Long);
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
    News::filled(TakeProfit(1), "0.25", "101.5", after(60_000)).tell(&mut tracker);
    let first = row(&tracker, 1);
    assert_eq!((first.planned, first.hit, first.missed), (1, 1, 0));
    assert_eq!(first.hit_rate, Some(Ratio::ONE));
    assert_eq!(first.slippage, Some(Ratio::ZERO));
    assert_eq!(first.time_to_hit, Some(Span::from_secs(60)));
    assert_eq!(
        (first.strategy.as_str(), first.regime.to_string().as_str()),
        ("RL_V3", "TRENDING")
    );
    assert_eq!(row(&tracker, 2).hit_rate, None);
    over(&mut tracker, Long, after(90_000));
    assert_eq!(counts(&tracker, 1), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 0));
    assert_eq!(row(&tracker, 2).hit_rate, Some(Ratio::ZERO));
    assert_eq!(find(&tracker, 3), None, "the trail is no target");
}

#[test]
fn slippage_is_worse_for_us_where_positive_on_both_sides() {
    for (side, paid, expected) in [
        (Long, "101.5", "0"),
        (Long, "101.398500", "0.001"),
        (Long, "101.6015", "-0.001"),
        (Short, "98.5985", "0.001"),
        (Short, "98.4015", "-0.001"),
    ] {
        let mut tracker = laddered(side);
        let news = News {
            side,
            ..News::filled(TakeProfit(1), "0.25", paid, after(1))
        };
        news.tell(&mut tracker);
        let slippage = row(&tracker, 1).slippage.unwrap();
        assert_eq!(slippage, Ratio::new(dec(expected)), "{side} {paid}");
    }
}

#[test]
fn slippage_is_weighted_by_quantity_and_unknown_without_a_price() {
    let mut tracker = laddered(Long);
    let unpriced = News {
        average: None,
        ..News::filled(TakeProfit(2), "0.25", "1", after(1))
    };
    unpriced.tell(&mut tracker);
    assert_eq!((row(&tracker, 2).hit, row(&tracker, 2).slippage), (1, None));
    // 0.2 at the plan, 0.05 more for 0.4 % less: 0.08 % on the whole.
    News::part(TakeProfit(1), "0.2", "101.5", after(1)).tell(&mut tracker);
    News::filled(TakeProfit(1), "0.25", "101.4188", after(2)).tell(&mut tracker);
    let expected = Ratio::new(dec("0.0008"));
    assert_eq!(row(&tracker, 1).slippage, Some(expected));
}

#[test]
fn a_part_is_no_hit_and_news_told_twice_or_late_change_nothing() {
    let mut tracker = laddered(Long);
    let part = News::part(TakeProfit(1), "0.1", "101.4", after(1));
    let whole = News::filled(TakeProfit(1), "0.25", "101.45", after(2));
    part.tell(&mut tracker);
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
    whole.tell(&mut tracker);
    let once = row(&tracker, 1);
    for again in [&whole, &part, &whole, &part] {
        again.tell(&mut tracker);
    }
    assert_eq!(row(&tracker, 1), once);
    assert_eq!(once.hit, 1);
}

#[test]
fn a_canceled_part_and_the_order_for_the_rest_make_one_hit() {
    let mut tracker = laddered(Long);
    let canceled = News {
        status: OrderStatus::Canceled,
        ..News::part(TakeProfit(1), "0.1", "101.5", after(1))
    };
    canceled.tell(&mut tracker);
    let rest = News {
        generation: 2,
        ..News::filled(TakeProfit(1), "0.15", "101.5", after(2))
    };
    rest.tell(&mut tracker);
    assert_eq!(counts(&tracker, 1), (1, 1, 0, 0));
}

#[test]
fn a_fill_that_comes_after_the_picture_of_the_end_is_a_hit() {
    let mut tracker = laddered(Long);
    flat(&mut tracker, Long, after(1_000));
    News::filled(TakeProfit(1), "0.25", "101.5", after(1_001)).tell(&mut tracker);
    tracker.settle(after(1_000) + SETTLE_AFTER);
    assert_eq!(counts(&tracker, 1), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 0));
}

#[test]
fn late_fills_are_awaited_to_the_end_and_a_repeated_plan_does_not_hide_the_life() {
    let mut tracker = laddered(Long);
    flat(&mut tracker, Long, after(1_000));
    tracker.plan(&ladder(Long, START));
    tracker.settle(after(1_000) + Span::from_micros(SETTLE_AFTER.micros() - 1));
    News::filled(TakeProfit(2), "0.25", "103", after(1_001)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
    tracker.settle(after(1_000) + SETTLE_AFTER);
    News::filled(TakeProfit(1), "0.25", "101.5", after(1_001)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 0), "judged is judged");
}

#[test]
fn only_fills_make_a_hit() {
    let mut tracker = laddered(Long);
    tracker.position(&position(Long, "0.75", EPOCH, after(1)));
    let accepted = News {
        status: OrderStatus::Accepted,
        filled: Qty::ZERO,
        ..News::filled(TakeProfit(1), "0.25", "101.5", after(1))
    };
    accepted.tell(&mut tracker);
    let stop = News::filled(LegId::Stop, "0.75", "97.5", after(2));
    stop.tell(&mut tracker);
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
}

#[test]
fn unproven_flat_ends_nothing_and_a_plan_may_come_before_its_position() {
    let mut tracker = Tracker::new(START);
    tracker.plan(&ladder(Long, START));
    assert_eq!(find(&tracker, 1), None);
    tracker.position(&position(Long, "1", EPOCH, after(1)));
    placed(&mut tracker, Long);
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
    let mut unproven = position(Long, "0", EPOCH, after(2));
    unproven.flat_proven = false;
    tracker.position(&unproven);
    tracker.settle(after(2) + SETTLE_AFTER);
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
}

#[test]
fn a_plan_repeated_after_the_end_brings_no_life_back() {
    let mut tracker = laddered(Long);
    over(&mut tracker, Long, after(1_000));
    tracker.plan(&ladder(Long, START));
    tracker.settle(after(200_000));
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 0));
    assert!(tracker.lives.is_empty());
}

#[test]
fn targets_that_nobody_placed_are_not_judged() {
    let mut tracker = Tracker::new(START);
    tracker.position(&position(Long, "1", EPOCH, START));
    tracker.plan(&ladder(Long, START));
    let theirs = News::filled(TakeProfit(1), "0.25", "101", after(1));
    tracker.order(&theirs.event(Module::PositionMonitor));
    over(&mut tracker, Long, after(2));
    assert_eq!(tracker.report(None, START), []);
}

#[test]
fn the_executors_resting_orders_tell_that_its_targets_are_placed() {
    let mut tracker = Tracker::new(START);
    let stop = News::filled(LegId::Stop, "1", "98", START).event(Module::ExitExecutor);
    let mut picture = position(Long, "1", EPOCH, START);
    picture.orders = vec![crate::order::RestingOrder {
        client_order_id: stop.client_order_id,
        order: crate::order::CloseOrder::DisasterStop {
            trigger: price("98"),
        },
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: START,
    }];
    tracker.position(&picture);
    tracker.plan(&ladder(Long, START));
    assert_eq!(counts(&tracker, 1), (1, 0, 0, 0));
}

#[test]
fn the_last_plan_before_the_fill_names_price_strategy_and_regime() {
    let mut tracker = laddered(Long);
    let mut moved = ladder(Long, after(10));
    moved.legs[0].trigger_price = Some(price("102"));
    moved.regime = crate::market::Regime::Volatile;
    tracker.plan(&moved);
    // Told after the new plan, filled before it.
    News::part(TakeProfit(1), "0.1", "101.5", after(9)).tell(&mut tracker);
    assert_eq!(row(&tracker, 1).slippage, Some(Ratio::ZERO));
    tracker.plan(&ladder(Long, START));
    let whole = News::filled(TakeProfit(1), "0.25", "101.8", after(11));
    whole.tell(&mut tracker);
    let hit = row(&tracker, 1);
    assert_eq!((hit.hit, hit.regime), (1, crate::market::Regime::Volatile));
    // 0.15 at 102 against 102: the average is told, the new units are judged.
    assert_eq!(hit.slippage, Some(Ratio::ZERO));
}

#[test]
fn a_target_that_the_plan_gave_up_is_not_missed_and_an_emergency_gives_none_up() {
    let mut tracker = laddered(Long);
    let mut emergency = plan(Long, vec![leg(LegKind::Emergency, "1", "100")], after(1));
    emergency.strategy = Strategy::EmergencyExit;
    tracker.plan(&emergency);
    assert_eq!(counts(&tracker, 2), (1, 0, 0, 0));
    let first_only = vec![leg(LegKind::TakeProfit, "0.25", "101.5")];
    tracker.plan(&plan(Long, first_only, after(2)));
    over(&mut tracker, Long, after(3));
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 0));
    assert_eq!(counts(&tracker, 2), (0, 0, 0, 0));
}

#[test]
fn a_corrected_epoch_is_the_same_life_and_a_later_one_another() {
    let mut tracker = laddered(Long);
    let corrected = EPOCH - 40;
    tracker.position(&position(Long, "1", corrected, after(5)));
    let mut again = ladder(Long, after(6));
    again.epoch = Epoch(corrected);
    again.legs[0].trigger_price = Some(price("101.4"));
    tracker.plan(&again);
    // The order still bears the first guess.
    News::filled(TakeProfit(1), "0.25", "101.4", after(7)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 1), (1, 1, 0, 0));
    assert_eq!(row(&tracker, 1).slippage, Some(Ratio::ZERO));
    tracker.position(&position(Long, "1", EPOCH + 1_000, after(8)));
    tracker.settle(after(8) + SETTLE_AFTER);
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 0));
}

#[test]
fn a_life_that_is_joined_late_is_judged_by_what_is_left_of_it() {
    let mut tracker = Tracker::new(START);
    tracker.position(&position(Long, "0.75", EPOCH, START));
    tracker.plan(&ladder(Long, START));
    placed(&mut tracker, Long);
    over(&mut tracker, Long, after(1));
    assert_eq!(counts(&tracker, 1), (0, 0, 0, 0));
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 0));
}

#[test]
fn a_target_is_hit_once_however_many_orders_fill_it() {
    let mut tracker = laddered(Long);
    for generation in 1..4 {
        let news = News {
            generation,
            ..News::filled(TakeProfit(1), "0.1", "101.5", after(1))
        };
        news.tell(&mut tracker);
    }
    assert_eq!(counts(&tracker, 1), (1, 1, 0, 0));
}

#[test]
fn a_target_too_small_for_the_venue_is_planned_with_the_next() {
    let legs = vec![
        leg(LegKind::TakeProfit, "0.04", "101.5"),
        leg(LegKind::TakeProfit, "0.25", "103"),
    ];
    let mut tracker = with(&plan(Long, legs, START));
    assert_eq!(find(&tracker, 1), None);
    News::filled(TakeProfit(2), "0.29", "103", after(1)).tell(&mut tracker);
    assert_eq!(counts(&tracker, 2), (1, 1, 0, 0));
}

#[test]
fn recommendations_follow_their_thresholds() {
    use Recommendation::{Fine, Tighten, TooFew, Widen};
    for (leg, hit, judged, expected) in [
        (1, 0, 19, TooFew),
        (1, 5, 20, Tighten),
        (1, 6, 20, Fine),
        (1, 16, 20, Fine),
        (1, 17, 20, Widen),
        (2, 0, 20, Fine),
        (2, 20, 20, Fine),
        (3, 1, 20, Tighten),
        (3, 2, 20, Fine),
        (3, 20, 20, Fine),
        (1, u64::MAX, u64::MAX, Widen),
    ] {
        assert_eq!(
            recommend(leg, hit, judged),
            expected,
            "{leg} {hit}/{judged}"
        );
    }
    for (it, name) in Recommendation::ALL {
        assert_eq!((it.to_string().as_str(), name.parse()), (name, Ok(it)));
    }
}

#[test]
fn a_report_can_be_of_one_symbol_and_news_are_told_once() {
    let mut tracker = laddered(Long);
    assert!(
        tracker.take_news().is_empty(),
        "what is only planned is no news"
    );
    News::filled(TakeProfit(1), "0.25", "101.5", after(1)).tell(&mut tracker);
    let btc = Symbol::new("BTCUSDT").unwrap();
    assert!(tracker.take_news().into_iter().eq([btc.clone()]));
    assert!(tracker.take_news().is_empty());
    assert_eq!(tracker.report(Some(&btc), after(9))[0].at, after(9));
    let other = Symbol::new("ETHUSDT").unwrap();
    assert_eq!(tracker.report(Some(&other), START), []);
}
