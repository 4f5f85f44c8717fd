//! Standing aside needs proof, and every missing piece of it ends it.

use super::*;
use crate::fixture::{at, key};

use domain::Side;
use domain::mode::Flags;
use domain::snapshot::ExitMetrics;

fn beat(mode: Mode, positions: Vec<PositionKey>) -> Heartbeat {
    Heartbeat {
        service: "executor".into(),
        instance: "one".into(),
        build: "0".into(),
        flags: Flags::default(),
        mode,
        revision: 1,
        ready: true,
        boot: 1,
        sequence: 1,
        positions,
        owned: Vec::new(),
        metrics: ExitMetrics::default(),
        counters: BTreeMap::new(),
        at: at(0),
    }
}

fn snapshot(revision: u64, mode: Mode, millis: i64) -> ModeSnapshot {
    ModeSnapshot {
        revision,
        mode,
        reason: "test".into(),
        at: at(millis),
    }
}

fn owned() -> Succession {
    let mut succession = Succession::default();
    succession.on_heartbeat(beat(Mode::Live, vec![key(Side::Long)]), at(0));
    succession
}

#[test]
fn a_fresh_live_heartbeat_that_lists_the_position_owns_it() {
    assert!(owned().is_owned(&key(Side::Long), at(2_999)));
}

#[test]
fn a_heartbeat_of_three_seconds_owns_nothing() {
    assert!(!owned().is_owned(&key(Side::Long), at(3_000)));
}

/// Nor does it later, when its date has come and its sender may be long dead.
#[test]
fn a_heartbeat_from_the_future_owns_nothing_at_any_time() {
    let mut succession = Succession::default();
    let mut ahead = beat(Mode::Live, vec![key(Side::Long)]);
    ahead.at = at(1_001);
    succession.on_heartbeat(ahead, at(0));
    for millis in [0, 500, 1_001, 3_000] {
        assert!(
            !succession.is_owned(&key(Side::Long), at(millis)),
            "{millis}"
        );
    }
}

#[test]
fn a_heartbeat_a_little_ahead_counts_from_when_it_was_heard() {
    let mut succession = Succession::default();
    let mut ahead = beat(Mode::Live, vec![key(Side::Long)]);
    ahead.at = at(900);
    succession.on_heartbeat(ahead, at(0));
    assert!(succession.is_owned(&key(Side::Long), at(2_999)));
    assert!(!succession.is_owned(&key(Side::Long), at(3_000)));
}

#[test]
fn a_position_that_is_not_listed_is_not_owned() {
    assert!(!owned().is_owned(&key(Side::Short), at(100)));
}

#[test]
fn an_executor_in_shadow_owns_nothing() {
    let mut succession = Succession::default();
    succession.on_heartbeat(beat(Mode::Shadow, vec![key(Side::Long)]), at(0));
    assert!(!succession.is_owned(&key(Side::Long), at(100)));
}

#[test]
fn another_services_heartbeat_owns_nothing() {
    let mut succession = Succession::default();
    let mut foreign = beat(Mode::Live, vec![key(Side::Long)]);
    foreign.service = "diagnostics".into();
    succession.on_heartbeat(foreign, at(0));
    assert!(!succession.is_owned(&key(Side::Long), at(100)));
}

#[test]
fn a_late_heartbeat_does_not_replace_a_newer_one() {
    let mut succession = owned();
    let mut late = beat(Mode::Live, Vec::new());
    late.at = at(-500);
    succession.on_heartbeat(late, at(0));
    assert!(succession.is_owned(&key(Side::Long), at(100)));
}

#[test]
fn a_guard_that_says_shadow_contradicts_the_executor() {
    let mut succession = owned();
    succession.on_mode(snapshot(4, Mode::Live, 0));
    assert!(succession.is_owned(&key(Side::Long), at(100)));
    succession.on_mode(snapshot(5, Mode::Shadow, 50));
    assert!(!succession.is_owned(&key(Side::Long), at(100)));
    assert_eq!(succession.revision(), 5);
}

#[test]
fn a_kill_ends_standing_aside_until_a_later_revision_is_live() {
    let mut succession = owned();
    succession.on_mode(snapshot(4, Mode::Live, 0));
    succession.on_kill();
    succession.on_mode(snapshot(4, Mode::Live, 50));
    assert!(!succession.is_owned(&key(Side::Long), at(100)));
    succession.on_mode(snapshot(6, Mode::Live, 60));
    assert!(succession.is_owned(&key(Side::Long), at(100)));
}

#[test]
fn executors_beyond_the_bound_push_out_the_oldest() {
    let mut succession = owned();
    for number in 0..=EXECUTORS_MAX {
        let mut other = beat(Mode::Live, Vec::new());
        other.instance = format!("other-{number}");
        other.at = at(100);
        succession.on_heartbeat(other, at(100));
    }
    assert!(succession.executors.len() <= EXECUTORS_MAX);
    assert!(!succession.is_owned(&key(Side::Long), at(100)));
}

#[test]
fn what_the_brain_left_is_inherited_symbol_by_symbol() {
    let pct = |rollout_pct| Flags {
        rollout_pct,
        ..Flags::default()
    };
    for (flags, mode, inherits) in [
        (pct(100), Mode::Live, false),
        (pct(0), Mode::Live, true),
        (pct(100), Mode::Shadow, true),
    ] {
        let mut succession = Succession::new(flags);
        succession.on_mode(snapshot(1, mode, 0));
        let symbol = key(Side::Long).symbol;
        assert_eq!(succession.inherits(&symbol), inherits, "{mode} {flags:?}");
    }
}
