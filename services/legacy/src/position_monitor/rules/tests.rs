//! The tier table, long and short, row by row.

use super::*;
use crate::fixture::{dec, open, price, qty};

fn pnl(text: &str) -> MarginPct {
    MarginPct::new(dec(text))
}

#[test]
fn each_profit_falls_into_the_row_of_the_table() {
    for (profit, row) in [
        ("-50", 0),
        ("-3", 0),
        ("0", 0),
        ("4.99", 0),
        ("5", 1),
        ("9.99", 1),
        ("10", 2),
        ("19.99", 2),
        ("20", 3),
        ("34.99", 3),
        ("35", 4),
        ("59.99", 4),
        ("60", 5),
        ("900", 5),
    ] {
        assert_eq!(tier_index(pnl(profit)), row, "{profit}");
    }
    assert_eq!(tier(0).stop, StopRule::Hold);
    assert_eq!(tier(5).from, 60);
}

#[test]
fn no_row_closes_more_than_the_share_that_others_leave_it() {
    let of = |tier: &Tier| tier.targets.iter().map(|(_, size)| size).sum::<i64>();
    let most = TIERS.iter().map(of).max().unwrap();
    assert_eq!(TARGETS_SHARE_MAX, Ratio::new(Decimal::new(most, 2)));
    assert!(QT_PARTIAL_TP <= TARGETS_SHARE_MAX);
}

#[test]
fn only_a_loss_of_more_than_three_percent_is_worth_a_warning() {
    assert!(is_losing(pnl("-3.01")));
    assert!(!is_losing(pnl("-3")));
}

#[test]
fn an_unprotected_position_gets_its_stop_two_percent_from_entry() {
    for (side, expected) in [(Side::Long, "980"), (Side::Short, "1020")] {
        let snapshot = open(side);
        let stop = initial_stop(&snapshot.position, &snapshot.instrument);
        assert_eq!(stop, Some(price(expected)), "{side}");
    }
}

#[test]
fn a_stop_is_rounded_to_the_tighter_side() {
    for (side, expected) in [(Side::Long, "980.1"), (Side::Short, "1020")] {
        let mut snapshot = open(side);
        snapshot.position.entry_price = price("1000.04");
        let stop = initial_stop(&snapshot.position, &snapshot.instrument);
        assert_eq!(stop, Some(price(expected)), "{side}");
    }
}

/// Mark, row, stop for a long; the short is its mirror around 1,000.
const STOPS: [(&str, usize, Option<&str>); 9] = [
    ("1004", 0, None),
    // 1,001 would lie within 0.5 % of the mark.
    ("1005.9", 1, None),
    ("1007", 1, Some("1001")),
    ("1012", 2, Some("1006")),
    // Half of 8 lies 4 from the mark: too near.
    ("1008", 2, None),
    ("1025", 3, Some("1017.5")),
    ("1040", 4, Some("1034")),
    ("1080", 5, Some("1072")),
    // Back below entry: nothing that a lock could keep.
    ("999", 5, None),
];

#[test]
fn each_tier_puts_the_stop_where_the_table_says() {
    let snapshot = open(Side::Long);
    for (mark, row, expected) in STOPS {
        let (position, instrument) = (&snapshot.position, &snapshot.instrument);
        let stop = tier_stop(tier(row), position, price(mark), instrument);
        assert_eq!(stop, expected.map(price), "row {row} at {mark}");
    }
}

#[test]
fn each_tier_mirrors_for_a_short() {
    let snapshot = open(Side::Short);
    let mirror = |text: &str| Price::new(dec("2000") - dec(text)).unwrap();
    for (mark, row, expected) in STOPS {
        let (position, instrument) = (&snapshot.position, &snapshot.instrument);
        let stop = tier_stop(tier(row), position, mirror(mark), instrument);
        assert_eq!(stop, expected.map(mirror), "row {row} at {mark} mirrored");
    }
}

/// Row, then price for a long and share in percent of each target.
const TARGETS: [(usize, &[(&str, i64)]); 6] = [
    (0, &[("1030", 50)]),
    (1, &[("1008", 25)]),
    (2, &[("1010", 25), ("1015", 25)]),
    (3, &[("1012", 20), ("1018", 20), ("1025", 30)]),
    (4, &[("1020", 20), ("1028", 20), ("1035", 30)]),
    (5, &[("1030", 15), ("1040", 15), ("1050", 20)]),
];

#[test]
fn each_tier_has_the_targets_of_the_table_for_both_sides() {
    for side in [Side::Long, Side::Short] {
        let snapshot = open(side);
        for (row, expected) in TARGETS {
            let found = targets(tier(row), &snapshot.position, &snapshot.instrument);
            let found: Vec<_> = found
                .iter()
                .map(|target| (target.price, target.size))
                .collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|(at, share)| {
                    let moved = (dec(at) - dec("1000")) * side.sign();
                    let at = Price::new(dec("1000") + moved).unwrap();
                    (at, Ratio::basis_points(share * 100))
                })
                .collect();
            assert_eq!(found, expected, "row {row} {side}");
        }
    }
}

#[test]
fn targets_never_add_up_to_more_than_the_position() {
    for row in 0..=TIERS.len() {
        let snapshot = open(Side::Long);
        let found = targets(tier(row), &snapshot.position, &snapshot.instrument);
        let sum = found
            .iter()
            .map(|target| snapshot.position.initial_qty.share(target.size))
            .fold(qty("0"), domain::Qty::plus);
        assert!(sum <= snapshot.position.initial_qty, "row {row}");
    }
}
