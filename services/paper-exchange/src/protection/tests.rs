//! The judge's verdicts, by event times.

use super::*;
use crate::venue::{NewAlgo, NewOrder, OrderRef, PriceUpdate, Venue, VenueConfig};

const T0: i64 = 1_000_000;

struct Court {
    venue: Venue,
    judge: ProtectionJudge,
}

impl Court {
    fn new() -> Self {
        let mut venue = Venue::new(VenueConfig::default());
        venue
            .on_price("BTCUSDT", PriceUpdate::at(60_000.into()), T0)
            .unwrap();
        Self {
            venue,
            judge: ProtectionJudge::new(DEFAULT_WINDOW_MS),
        }
    }

    fn hear(&mut self) {
        for event in self.venue.take_events() {
            self.judge.on_event(&event);
        }
    }

    fn trade(&mut self, side: Side, qty: i64, at_ms: i64) {
        let order = NewOrder::market("BTCUSDT", side, qty.into());
        self.venue.place_order(order, at_ms).unwrap();
        self.hear();
    }

    fn stop(&mut self, qty: i64, at_ms: i64) -> u64 {
        let stop = NewAlgo::reduce_only_stop("BTCUSDT", Side::Sell, qty.into(), 58_000.into());
        let id = self.venue.place_algo(stop, at_ms).unwrap().id;
        self.hear();
        id
    }

    fn close_stop(&mut self, at_ms: i64) -> u64 {
        let kind = AlgoKind::StopMarket;
        let stop = NewAlgo::close_position("BTCUSDT", Side::Sell, kind, 57_000.into());
        let id = self.venue.place_algo(stop, at_ms).unwrap().id;
        self.hear();
        id
    }

    fn cancel(&mut self, id: u64, at_ms: i64) {
        self.venue.cancel_algo(OrderRef::Id(id), at_ms).unwrap();
        self.hear();
    }

    fn naked(&self, at_ms: i64) -> i64 {
        self.judge.report(at_ms).naked_ms_total
    }
}

#[test]
fn a_stop_inside_the_window_leaves_nothing_naked() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    court.close_stop(T0 + 999);
    let report = court.judge.report(T0 + 60_000);
    assert_eq!(
        (report.naked_ms_total, report.positions_unprotected),
        (0, 0)
    );
    assert_eq!(report.positions_opened, 1);
}

#[test]
fn the_time_after_the_window_counts_to_the_millisecond() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    assert_eq!(court.naked(T0 + 1_000), 0);
    assert_eq!(court.naked(T0 + 1_001), 1);
    assert_eq!(court.judge.report(T0 + 1_001).naked_now, ["BTCUSDT"]);
    court.close_stop(T0 + 1_250);
    assert_eq!(court.naked(T0 + 9_000), 250);
    assert!(court.judge.report(T0 + 9_000).naked_now.is_empty());
}

#[test]
fn a_gap_between_cancel_and_place_counts() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    let first = court.close_stop(T0 + 10);
    court.cancel(first, T0 + 5_000);
    court.close_stop(T0 + 5_040);
    court.trade(Side::Sell, 2, T0 + 8_000);
    let report = court.judge.report(T0 + 9_000);
    assert_eq!((report.naked_ms_max, report.naked_ms_total), (40, 40));
    assert_eq!(
        (report.positions_unprotected, report.positions_closed),
        (1, 1)
    );
}

#[test]
fn quantities_add_up_and_a_part_is_not_enough() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    court.stop(1, T0 + 10);
    assert_eq!(court.naked(T0 + 1_100), 100);
    court.stop(1, T0 + 1_100);
    assert_eq!(court.naked(T0 + 5_000), 100);
    court.trade(Side::Buy, 1, T0 + 5_000);
    assert_eq!(court.naked(T0 + 5_007), 107);
}

#[test]
fn place_then_cancel_leaves_no_gap() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    let first = court.stop(2, T0 + 10);
    court.stop(2, T0 + 5_000);
    court.cancel(first, T0 + 5_000);
    assert_eq!(court.naked(T0 + 9_000), 0);
}

#[test]
fn a_stop_on_the_wrong_side_does_not_protect() {
    let mut court = Court::new();
    court.trade(Side::Sell, 2, T0);
    let stop = NewAlgo {
        reduce_only: false,
        ..NewAlgo::reduce_only_stop("BTCUSDT", Side::Sell, 2.into(), 58_000.into())
    };
    court.venue.place_algo(stop, T0 + 1).unwrap();
    court.hear();
    assert_eq!(court.naked(T0 + 1_500), 500);
}

#[test]
fn a_stop_stuck_in_triggering_does_not_protect() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    let stop = court.close_stop(T0 + 10);
    court.venue.mark_stuck(stop);
    court
        .venue
        .on_price("BTCUSDT", PriceUpdate::at(56_000.into()), T0 + 3_000)
        .unwrap();
    court.hear();
    assert_eq!(court.naked(T0 + 3_400), 400);
}

#[test]
fn a_stop_that_fires_and_fills_at_once_leaves_nothing_naked() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    court.close_stop(T0 + 10);
    court
        .venue
        .on_price("BTCUSDT", PriceUpdate::at(56_000.into()), T0 + 3_000)
        .unwrap();
    court.hear();
    let report = court.judge.report(T0 + 9_000);
    assert_eq!((report.naked_ms_total, report.positions_closed), (0, 1));
}

#[test]
fn a_turn_round_is_a_new_position_with_a_new_window() {
    let mut court = Court::new();
    court.trade(Side::Buy, 1, T0);
    court.close_stop(T0 + 1);
    court.trade(Side::Sell, 3, T0 + 5_000);
    let report = court.judge.report(T0 + 6_200);
    assert_eq!((report.positions_opened, report.positions_closed), (2, 1));
    assert_eq!(report.naked_ms_total, 200);
}

#[test]
fn a_stop_of_one_leg_of_hedge_mode_does_not_cover_the_other() {
    let mut court = Court::new();
    court.venue.set_hedge(true, T0).unwrap();
    let (long, short) = (PositionSide::Long, PositionSide::Short);
    for (side, leg) in [(Side::Buy, long), (Side::Sell, short)] {
        let order = NewOrder::market("BTCUSDT", side, 2.into()).on_leg(leg);
        court.venue.place_order(order, T0).unwrap();
    }
    let kind = AlgoKind::StopMarket;
    let stop = NewAlgo::close_position("BTCUSDT", Side::Sell, kind, 57_000.into()).on_leg(long);
    court.venue.place_algo(stop, T0).unwrap();
    court.hear();
    let report = court.judge.report(T0 + 5_000);
    assert_eq!(report.naked_now, ["BTCUSDT:SHORT"]);
    assert_eq!((report.positions_opened, report.naked_ms_max), (2, 4_000));
}

#[test]
fn a_stop_that_comes_late_is_told_apart_from_one_that_was_lost() {
    let mut court = Court::new();
    court.trade(Side::Buy, 2, T0);
    let both = PositionSide::Both;
    assert_eq!(court.judge.first_stop_ms("BTCUSDT", both), None);
    let first = court.close_stop(T0 + 3_000);
    let report = court.judge.report(T0 + 4_000);
    assert_eq!((report.naked_ms_max, report.lost_ms_max), (2_000, 0));
    assert_eq!(court.judge.first_stop_ms("BTCUSDT", both), Some(3_000));
    court.cancel(first, T0 + 5_000);
    assert_eq!(court.judge.report(T0 + 5_030).lost_ms_max, 30, "still lost");
    court.close_stop(T0 + 5_040);
    court.trade(Side::Sell, 2, T0 + 8_000);
    court.trade(Side::Buy, 1, T0 + 9_000);
    assert_eq!(court.judge.report(T0 + 9_900).lost_ms_max, 40);
    assert_eq!(
        court.judge.first_stop_ms("BTCUSDT", both),
        None,
        "a new life"
    );
}
