//! The average true range of bars that were computed by other means.

use super::*;

/// The marks of sixteen bars; the first gives its close, the last still forms.
const MARKS: [&[i64]; KEPT_MAX] = [
    &[100],
    &[101, 103, 100, 102],
    &[102, 104, 101, 101],
    &[101, 105, 100, 104],
    &[104, 104, 99, 100],
    &[107, 108, 106, 106],
    &[106, 106, 104, 105],
    &[98, 99, 97, 99],
    &[99, 101, 98, 100],
    &[100, 102, 100, 101],
    &[101, 101, 100, 100],
    &[100, 103, 99, 102],
    &[102, 106, 102, 105],
    &[105, 105, 103, 103],
    &[103, 104, 101, 102],
    &[500],
];

/// The true range of each complete bar but the first: the fifth and the seventh opened in a gap.
const TRUE_RANGES: [i64; BARS] = [3, 3, 5, 5, 8, 2, 8, 3, 2, 1, 4, 4, 2, 3];

fn ranges(bars: &[&[i64]]) -> Ranges {
    let mut ranges = Ranges::default();
    for (marks, bar) in bars.iter().zip(700..) {
        for (mark, minute) in marks.iter().zip(0..) {
            ranges.push(bar * MINUTES_PER_BAR + minute, Decimal::from(*mark));
        }
    }
    ranges
}

#[test]
fn the_average_of_fourteen_true_ranges_is_a_fraction_of_the_last_close() {
    // 53 / 14 / 102 = 0.037114846
    assert_eq!(TRUE_RANGES.iter().sum::<i64>(), 53);
    let average = ranges(&MARKS).average().unwrap();
    assert_eq!(average.to_string(), "0.03711485");
}

#[test]
fn each_true_range_looks_back_to_the_close_before() {
    let ranges = ranges(&MARKS);
    let complete = ranges.bars.iter().skip(1).take(BARS);
    for ((before, bar), expected) in ranges.bars.iter().zip(complete).zip(TRUE_RANGES) {
        assert_eq!(bar.true_range(before.close), Some(Decimal::from(expected)));
    }
}

#[test]
fn fourteen_complete_bars_and_the_close_before_them_are_needed() {
    assert_eq!(ranges(&MARKS[1..]).average(), None);
    assert_eq!(ranges(&MARKS[..BARS + 1]).average(), None);
    assert!(ranges(&MARKS).average().is_some());
}

#[test]
fn the_bar_that_forms_does_not_count() {
    let mut ranges = ranges(&MARKS);
    let before = ranges.average();
    ranges.push((700 + 15) * MINUTES_PER_BAR + 4, Decimal::ONE);
    assert_eq!(ranges.average(), before);
    ranges.push((700 + 16) * MINUTES_PER_BAR, Decimal::from(500));
    assert_ne!(ranges.average(), before);
}
