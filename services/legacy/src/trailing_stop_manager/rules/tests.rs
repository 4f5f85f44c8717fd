//! The levels by profit, at every threshold and a little beside it, long and short.

use super::*;
use crate::fixture::{dec, open, price};

const LONG: Side = Side::Long;

/// The mirror of a price around an entry of 1,000, for a short.
fn seen_from(side: Side, text: &str) -> Price {
    let moved = (dec(text) - dec("1000")) * side.sign();
    Price::new(dec("1000") + moved).unwrap()
}

/// Mark, peak, resting stop, expected stop with its reason; all for a long from 1,000.
type Row = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<(&'static str, StopReason)>,
);

fn check(rows: &[Row], trail: &Trail) {
    for side in [Side::Long, Side::Short] {
        let snapshot = open(side);
        for (mark, peak, resting, expected) in rows {
            let view = View {
                position: &snapshot.position,
                instrument: &snapshot.instrument,
                mark: seen_from(side, mark),
                peak: seen_from(side, peak),
                resting: resting.map(|at| seen_from(side, at)),
            };
            let expected = expected.map(|(at, reason)| StopWish {
                price: seen_from(side, at),
                reason,
            });
            let found = stop(&view, trail);
            assert_eq!(
                found, expected,
                "{side} mark {mark} peak {peak} {resting:?}"
            );
        }
    }
}

const BREAKEVEN: Option<(&str, StopReason)> = Some(("1000", StopReason::Breakeven));
const LOCKED: Option<(&str, StopReason)> = Some(("1015", StopReason::ProfitLock));

#[test]
fn each_profit_has_the_level_of_the_table() {
    check(
        &[
            ("1014.99", "1014.99", None, None),
            ("1015", "1015", None, BREAKEVEN),
            ("1029.99", "1029.99", None, BREAKEVEN),
            ("1030", "1030", None, LOCKED),
            ("1049.99", "1049.99", None, LOCKED),
        ],
        &OWN_TRAIL,
    );
}

/// The peaks are such that 1 % of them is a whole number of ticks for a long and a short alike.
#[test]
fn from_five_percent_on_the_stop_follows_one_percent_behind_the_best_price() {
    for (side, mark, peak, expected) in [
        (Side::Long, "1050", "1050", "1039.5"),
        (Side::Short, "950", "950", "959.5"),
        (Side::Long, "1095", "1100", "1089"),
        (Side::Short, "905", "900", "909"),
    ] {
        let snapshot = open(side);
        let view = View {
            position: &snapshot.position,
            instrument: &snapshot.instrument,
            mark: price(mark),
            peak: price(peak),
            resting: None,
        };
        let found = stop(&view, &OWN_TRAIL).unwrap();
        assert_eq!(found.price, price(expected), "{side} {peak}");
        assert_eq!(found.reason, StopReason::Trailing);
    }
}

#[test]
fn a_stop_that_is_as_tight_is_left_alone() {
    check(
        &[
            ("1020", "1020", Some("1000"), None),
            ("1020", "1020", Some("1000.1"), None),
            ("1020", "1020", Some("999.9"), BREAKEVEN),
            ("1040", "1040", Some("1015"), None),
            ("1040", "1040", Some("1014.9"), LOCKED),
        ],
        &OWN_TRAIL,
    );
}

#[test]
fn trailing_needs_more_than_a_tenth_of_a_percent() {
    // The level is 1089; 0.1 % below it lies 1087.912.
    for (resting, moves) in [
        ("1087.9", true),
        ("1087.9120879", true),
        ("1087.9121", false),
        ("1088", false),
        ("1100", false),
    ] {
        let snapshot = open(LONG);
        let view = View {
            position: &snapshot.position,
            instrument: &snapshot.instrument,
            mark: price("1100"),
            peak: price("1100"),
            resting: Some(price(resting)),
        };
        let found = stop(&view, &OWN_TRAIL);
        assert_eq!(found.is_some(), moves, "{resting}");
    }
}

#[test]
fn below_half_a_percent_of_profit_nothing_moves() {
    let near = Trail {
        activation: basis_points(10),
        callback: basis_points(10),
    };
    let trailed = |at| Some((at, StopReason::Trailing));
    check(&[("1004.99", "1004.99", None, None)], &near);
    for (side, mark, expected) in [
        (Side::Long, "1005", trailed("1004")),
        (Side::Short, "995", trailed("995.9")),
    ] {
        let snapshot = open(side);
        let view = View {
            position: &snapshot.position,
            instrument: &snapshot.instrument,
            mark: price(mark),
            peak: price(mark),
            resting: None,
        };
        let found = stop(&view, &near).map(|stop| (stop.price.to_string(), stop.reason));
        let expected = expected.map(|(at, reason)| (at.to_owned(), reason));
        assert_eq!(found, expected, "{side}");
    }
}

#[test]
fn a_callback_that_leads_below_entry_does_not_trail() {
    let wide = Trail {
        activation: basis_points(100),
        callback: basis_points(200),
    };
    check(
        &[
            ("1012", "1012", None, None),
            // Trailing would mean 1009.4 for a long, and the lock is tighter from 3 % on.
            ("1030", "1030", None, LOCKED),
        ],
        &wide,
    );
}

#[test]
fn an_activation_once_reached_stays_reached() {
    let trail = Trail {
        activation: basis_points(300),
        callback: basis_points(200),
    };
    let at = |mark: &str, peak: &str| {
        let snapshot = open(LONG);
        let view = View {
            position: &snapshot.position,
            instrument: &snapshot.instrument,
            mark: price(mark),
            peak: price(peak),
            resting: None,
        };
        stop(&view, &trail).map(|stop| stop.price.to_string())
    };
    assert_eq!(at("1029.9", "1029.9"), Some("1000".into()));
    assert_eq!(at("1010", "1029.9"), None, "never reached");
    assert_eq!(at("1009", "1030"), None, "the level is behind the mark");
    assert_eq!(at("1025", "1030"), Some("1009.4".into()));
}

#[test]
fn a_trailing_level_behind_the_mark_gives_way_to_the_level_of_the_profit() {
    check(
        &[
            // Trailing would mean 1089.
            ("1080", "1100", None, LOCKED),
            ("1020", "1100", None, BREAKEVEN),
            ("1010", "1100", None, None),
        ],
        &OWN_TRAIL,
    );
}

#[test]
fn whatever_the_price_does_the_levels_only_tighten() {
    for side in [Side::Long, Side::Short] {
        let snapshot = open(side);
        let mut resting: Option<Price> = None;
        let mut peak: Option<Price> = None;
        for step in 0..4_000_u32 {
            // A walk up and down over every threshold, by a fixed pattern.
            let wave = i64::from(step * 37 % 1_103) - 300;
            let mark = seen_from(side, &(1_000 + wave / 6).to_string());
            let best = peak.map_or(mark, |peak| side.tighter(mark, peak));
            peak = Some(best);
            let view = View {
                position: &snapshot.position,
                instrument: &snapshot.instrument,
                mark,
                peak: best,
                resting,
            };
            let Some(found) = stop(&view, &OWN_TRAIL) else {
                continue;
            };
            assert!(!side.stop_reached(found.price, mark), "{side} {step}");
            assert!(resting.is_none_or(|old| side.is_tighter(found.price, old)));
            resting = Some(found.price);
        }
        assert!(resting.is_some(), "{side}");
    }
}
