//! A new position in LIVE is the executor's for a moment, and never longer.

use super::*;

use crate::succession::EXECUTOR_GRACE;
use domain::mode::ModeSnapshot;

/// The executor is live and fresh and lists nothing; the guard says `mode`, where it was heard.
fn run(mode: Option<Mode>) -> Run {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    if let Some(mode) = mode {
        let said = ModeSnapshot {
            revision: 4,
            mode,
            reason: "test".into(),
            at: at(0),
        };
        run.hear(0, Heard::Mode(said));
    }
    run.executor(0, Mode::Live, Vec::new());
    run
}

#[test]
fn a_new_position_is_left_to_a_live_executor_until_the_grace_is_over() {
    let mut run = run(Some(Mode::Live));
    let grace = EXECUTOR_GRACE.millis();
    run.see(100, bare()).beat(100, grace - 100);
    assert_eq!(run.intents, []);
    run.executor(grace - 100, Mode::Live, Vec::new());
    run.beat(grace, grace);
    assert_eq!(run.intents.len(), 1, "no later than the next beat");
    assert_eq!(run.intents[0].created_at, at(grace));
}

#[test]
fn a_stop_that_is_lost_later_is_replaced_at_once() {
    let mut run = run(Some(Mode::Live));
    run.see(1_500, bare());
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn without_the_guards_word_or_a_live_executor_nobody_waits() {
    for mode in [None, Some(Mode::Shadow), Some(Mode::Legacy)] {
        let mut run = run(mode);
        run.see(100, bare());
        assert_eq!(run.intents.len(), 1, "{mode:?}");
    }
    let mut silent = run(Some(Mode::Live));
    silent.executor(50, Mode::Shadow, Vec::new());
    silent.see(100, bare());
    assert_eq!(silent.intents.len(), 1);
}

#[test]
fn an_opening_dated_ahead_of_our_clock_is_no_reason_to_wait() {
    let mut run = run(Some(Mode::Live));
    let mut ahead = bare();
    ahead.position.opened_at = at(101);
    run.see(100, ahead);
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn a_kill_within_the_grace_ends_it() {
    let mut run = run(Some(Mode::Live));
    run.see(100, bare());
    let kill = domain::mode::Kill {
        to: Mode::Shadow,
        by: "operator".into(),
        at: at(200),
    };
    run.hear(200, Heard::Kill(kill)).beat(300, 300);
    assert_eq!(run.intents.len(), 1);
}
