//! Spreads by hand, and where nothing is known.

use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_178_160_000 + millis)
}

/// A book around 10,000 whose spread is so many hundredths of a percent of it.
fn push(spread: &mut Spread, millis: i64, basis_points: i64) {
    let half = Decimal::new(basis_points * 5, 1);
    let price = |offset| Price::new(Decimal::from(10_000) + offset).unwrap();
    spread.push(at(millis), price(-half), price(half));
}

fn mean(spread: &Spread, millis: i64) -> Option<String> {
    spread.mean(at(millis)).map(|mean| mean.to_string())
}

fn is(text: &str) -> Option<String> {
    Some(text.into())
}

#[test]
fn each_spread_counts_by_the_time_for_which_it_stood() {
    let mut spread = Spread::default();
    push(&mut spread, 0, 2);
    push(&mut spread, 30_000, 4);
    // (2 x 30 s + 4 x 10 s) / 40 s = 2.5
    assert_eq!(mean(&spread, 40_000), is("0.00025"));
}

#[test]
fn after_a_minute_the_past_fades() {
    let mut spread = Spread::default();
    push(&mut spread, 0, 2);
    push(&mut spread, 60_000, 2);
    push(&mut spread, 100_000, 10);
    // 2 + (10 - 2) x 20 s / (60 s + 20 s) = 4
    assert_eq!(mean(&spread, 120_000), is("0.0004"));
    push(&mut spread, 120_000, 0);
    // 4 + (0 - 4) x 60 s / (60 s + 60 s) = 2
    assert_eq!(mean(&spread, 180_000), is("0.0002"));
}

#[test]
fn a_spike_of_a_moment_hardly_moves_the_mean() {
    let mut spread = Spread::default();
    push(&mut spread, 0, 2);
    push(&mut spread, 50_000, 500);
    push(&mut spread, 50_010, 2);
    // 2 + 498 x 10 ms / 60 s = 2.083
    assert_eq!(mean(&spread, 60_000), is("0.0002083"));
}

#[test]
fn books_of_one_moment_count_nothing_but_the_last() {
    let mut spread = Spread::default();
    for basis_points in [50, 90, 2] {
        push(&mut spread, 0, basis_points);
    }
    assert_eq!(mean(&spread, 10_000), is("0.0002"));
}

#[test]
fn nothing_is_said_before_ten_seconds_and_a_minute_after_the_last_book() {
    let mut spread = Spread::default();
    assert_eq!(mean(&spread, 0), None);
    push(&mut spread, 0, 2);
    assert_eq!(mean(&spread, 9_999), None);
    assert_eq!(mean(&spread, 10_000), is("0.0002"));
    assert_eq!(mean(&spread, 60_000), is("0.0002"));
    assert_eq!(mean(&spread, 60_001), None);
}

#[test]
fn a_book_after_a_long_silence_starts_anew() {
    let mut spread = Spread::default();
    push(&mut spread, 0, 90);
    push(&mut spread, 60_001, 2);
    assert_eq!(mean(&spread, 70_000), None);
    assert_eq!(mean(&spread, 70_001), is("0.0002"));
}

#[test]
fn a_clock_that_was_set_back_starts_anew() {
    let mut spread = Spread::default();
    push(&mut spread, 100_000, 90);
    assert_eq!(mean(&spread, 50_000), None);
    push(&mut spread, 50_000, 2);
    assert_eq!(mean(&spread, 60_000), is("0.0002"));
}
