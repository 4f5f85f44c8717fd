//! Targets that the mark reaches after the exit: too early within the window, not our business
//! after it.

use super::*;

/// The window of a life that ended at 1 s.
fn ended() -> Tracker {
    let mut tracker = laddered(Long);
    over(&mut tracker, Long, after(1_000));
    tracker
}

fn window() -> Timestamp {
    after(1_000) + PREMATURE_WINDOW
}

#[test]
fn a_target_reached_within_the_window_was_left_too_early_once() {
    let mut tracker = ended();
    mark(&mut tracker, "101.4", after(60_000));
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 0));
    for price in ["101.5", "102", "101.5"] {
        mark(&mut tracker, price, after(61_000));
    }
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 1));
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 0));
    mark(&mut tracker, "103", window());
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 1));
}

#[test]
fn the_last_moment_of_the_window_counts_and_the_next_does_not() {
    for (late, expected) in [(0, 1), (1, 0)] {
        let mut tracker = ended();
        let at = window() + Span::from_micros(late);
        tracker.settle(at);
        mark(&mut tracker, "101.5", at);
        assert_eq!(counts(&tracker, 1), (1, 0, 1, expected), "{late}");
        assert_eq!(
            tracker.watches.len() + expected as usize,
            2 * usize::from(late == 0)
        );
    }
}

#[test]
fn a_mark_from_before_the_end_counts_for_nothing() {
    let mut tracker = laddered(Long);
    flat(&mut tracker, Long, after(1_000));
    mark(&mut tracker, "110", after(999));
    tracker.settle(after(1_000) + SETTLE_AFTER);
    mark(&mut tracker, "110", after(999));
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 0));
}

#[test]
fn a_mark_that_comes_while_late_fills_are_awaited_counts_unless_it_was_a_fill() {
    let mut tracker = laddered(Long);
    flat(&mut tracker, Long, after(1_000));
    mark(&mut tracker, "103", after(1_500));
    News::filled(TakeProfit(1), "0.25", "101.5", after(1_600)).tell(&mut tracker);
    tracker.settle(after(1_000) + SETTLE_AFTER);
    assert_eq!(counts(&tracker, 1), (1, 1, 0, 0));
    assert_eq!(counts(&tracker, 2), (1, 0, 1, 1));
}

#[test]
fn a_short_is_mirrored() {
    let mut tracker = laddered(Short);
    over(&mut tracker, Short, after(1_000));
    mark(&mut tracker, "98.6", after(2_000));
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 0));
    mark(&mut tracker, "98.5", after(3_000));
    assert_eq!(counts(&tracker, 1), (1, 0, 1, 1));
}

/// Another contract with the same position and plan, owned by the executor.
fn enter(tracker: &mut Tracker, number: usize) -> PositionKey {
    let symbol = Symbol::new(&std::format!("S{number}USDT")).unwrap();
    let mut picture = position(Long, "1", EPOCH, START);
    picture.position.key.symbol = symbol.clone();
    picture.instrument.symbol = symbol.clone();
    let mut planned = ladder(Long, START);
    planned.key.symbol = symbol;
    tracker.position(&picture);
    tracker.plan(&planned);
    if let Some(life) = tracker.lives.get_mut(&planned.key) {
        life.place();
    }
    planned.key
}

#[test]
fn memory_is_bounded_and_what_is_let_go_is_counted() {
    let mut tracker = Tracker::new(START);
    let keys: Vec<PositionKey> = (0..LIVES_MAX + 5).map(|n| enter(&mut tracker, n)).collect();
    assert_eq!(tracker.lives.len(), LIVES_MAX);
    assert_eq!(tracker.untold(), 10, "a picture and a plan of each of five");
    for key in &keys {
        tracker.end(key, after(2));
    }
    assert_eq!(tracker.ended.len(), ENDED_MAX);
    tracker.settle(after(2) + SETTLE_AFTER);
    let report = tracker.report(None, START);
    let rows: usize = report.iter().map(|it| it.targets.len()).sum();
    assert_eq!(rows, ROWS_MAX);
    assert_eq!(tracker.watches.len(), 2 * LIVES_MAX);
    for round in 0..2 {
        (0..LIVES_MAX).for_each(|n| drop(enter(&mut tracker, LIVES_MAX * (round + 1) + n)));
        keys_of(&tracker)
            .iter()
            .for_each(|key| tracker.end(key, after(3)));
        tracker.settle(after(3) + SETTLE_AFTER);
    }
    assert!(tracker.watches.len() <= 4_096);
    assert!(tracker.watches.untold() > 0);
}

fn keys_of(tracker: &Tracker) -> Vec<PositionKey> {
    tracker.lives.keys().cloned().collect()
}
