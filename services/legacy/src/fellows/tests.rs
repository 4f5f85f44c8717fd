//! Who is there, who comes first, and who is gone.

use super::*;
use crate::fixture::at;
use crate::roles;

use domain::mode::{Flags, Mode};
use domain::snapshot::ExitMetrics;
use runtime::pulse::Pulse;

/// Started at the fixture's time 0, in microseconds.
fn boot() -> u64 {
    u64::try_from(at(0).micros()).unwrap()
}

fn beat(service: &str, instance: &str, millis: i64) -> Heartbeat {
    let mut pulse = Pulse::new(service, instance, Flags::default(), 1);
    let metrics = ExitMetrics::default();
    pulse.heartbeat(at(millis), Mode::Legacy, 1, true, Vec::new(), metrics)
}

/// What `role` knows after these heartbeats of incumbents.
fn heard(role: &'static Role, beats: &[(&str, i64)]) -> Fellows {
    let mut fellows = Fellows::new(role, boot());
    for (module, millis) in beats {
        fellows.on_heartbeat(&beat(SERVICE, module, *millis), at(*millis));
    }
    fellows
}

fn reserved(fellows: &Fellows, millis: i64) -> Ratio {
    fellows.beside(false, at(millis)).reserved
}

#[test]
fn the_monitor_comes_first_and_the_next_one_takes_what_it_leaves() {
    let monitor = [("position_monitor", 1_000)];
    let both = [("position_monitor", 1_000), ("dynamic_tpsl", 1_000)];
    for (role, beats, expected) in [
        (&roles::POSITION_MONITOR, &both[..], Ratio::ZERO),
        (&roles::DYNAMIC_TPSL, &[][..], Ratio::ZERO),
        (
            &roles::DYNAMIC_TPSL,
            &monitor[..],
            roles::POSITION_MONITOR.profit_share,
        ),
        (&roles::HYBRID_TPSL, &both[..], Ratio::ONE),
    ] {
        let found = reserved(&heard(role, beats), 5_000);
        assert_eq!(found, expected, "{} beside {beats:?}", role.module);
    }
}

#[test]
fn one_that_falls_silent_gives_its_share_back() {
    let fellows = heard(&roles::DYNAMIC_TPSL, &[("position_monitor", 20_000)]);
    let share = roles::POSITION_MONITOR.profit_share;
    assert_eq!(reserved(&fellows, 29_999), share);
    assert_eq!(reserved(&fellows, 30_000), Ratio::ZERO);
}

#[test]
fn until_it_has_listened_only_the_first_one_is_sure() {
    for (role, millis, unsure) in [
        (&roles::POSITION_MONITOR, 0, false),
        (&roles::DYNAMIC_TPSL, 2_499, true),
        (&roles::DYNAMIC_TPSL, 2_500, false),
    ] {
        let found = heard(role, &[]).beside(false, at(millis)).unsure;
        assert_eq!(found, unsure, "{} at {millis} ms", role.module);
    }
}

#[test]
fn the_first_that_is_there_sweeps_for_those_that_are_gone() {
    let beats = [("position_monitor", 9_000), ("dynamic_tpsl", 9_000)];
    let heirs = |role, inherits| heard(role, &beats).beside(inherits, at(12_000)).heir_of;
    let expected = [
        Module::ExitExecutor,
        Module::TrailingStopManager,
        Module::HybridTpsl,
        Module::DynamicTrailingRearm,
        Module::EventDrivenExecutor,
    ];
    assert_eq!(heirs(&roles::POSITION_MONITOR, true), expected);
    assert!(heirs(&roles::POSITION_MONITOR, false).is_empty());
    assert!(heirs(&roles::DYNAMIC_TPSL, true).is_empty());
}

#[test]
fn soon_after_its_own_start_it_takes_nobody_for_gone() {
    let fellows = heard(&roles::POSITION_MONITOR, &[]);
    let heirs = |millis| fellows.beside(true, at(millis)).heir_of;
    assert_eq!(heirs(9_999), [Module::ExitExecutor]);
    assert_eq!(heirs(10_000).len(), ALL.len());
}

#[test]
fn a_heartbeat_of_another_service_is_no_fellow() {
    let mut fellows = heard(&roles::DYNAMIC_TPSL, &[]);
    fellows.on_heartbeat(&beat("executor", "position_monitor", 3_000), at(3_000));
    fellows.on_heartbeat(&beat(SERVICE, "somebody", 3_000), at(3_000));
    assert_eq!(reserved(&fellows, 4_000), Ratio::ZERO);
}
