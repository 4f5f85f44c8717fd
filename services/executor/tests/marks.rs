//! Bad marks: neither extreme numbers nor a date in the future may stop or blind the executor.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::*;
use domain::Span;
use domain::Timestamp;
use domain::decide::PLAN_PATIENCE;

/// Rules that decide about a position of that entry after a mark of 100.
fn decided(entry: i64, opened_at: Timestamp) -> Vec<String> {
    let mut bench = Bench::shadow();
    bench.mark(100);
    bench.now = NOW + Span::from_millis(20);
    bench.hear(Heard::Position(snapshot(entry, opened_at)));
    bench.pass(PLAN_PATIENCE);
    bench.rules()
}

#[test]
fn a_mark_from_before_the_opening_closes_nothing() {
    let rules = decided(190, NOW + Span::from_millis(10));
    assert_eq!(rules, ["plan_working", "initial_stop"]);
}

#[test]
fn a_position_that_opens_beyond_its_stop_is_closed_at_once() {
    let rules = decided(190, NOW - Span::from_millis(10));
    assert_eq!(rules[0], "loss_guard");
}

#[test]
fn a_mark_with_the_largest_number_is_followed_by_others() {
    let mut bench = Bench::shadow();
    let mut largest = bench.tick(100, NOW);
    largest.sequence = u64::MAX;
    bench.hear(Heard::Mark(largest));
    bench.mark(100);
    assert_eq!(bench.counter("refused.mark.older"), 0);
}

#[test]
fn a_mark_from_the_future_blinds_nobody() {
    let mut bench = Bench::shadow();
    let year_9999 = Timestamp::from_millis(253_370_764_800_000);
    let ahead = bench.tick(100, year_9999);
    bench.hear(Heard::Mark(ahead));
    bench.mark(100);
    assert_eq!(bench.counter("refused.mark.future"), 1);
    assert_eq!(bench.counter("refused.mark.older"), 0);
}
