//! The status message: the operational states, the owner's two samples, the whole document.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::*;
use diagnostics::state::{MODE_STALE_AFTER, operational_state};
use diagnostics::summary::Summary;
use diagnostics::{DiagnosticsActor, OperationalState, status};
use domain::decision::Action;
use domain::mode::{Flags, Mode};
use domain::order::OrderStatus;
use domain::snapshot::ExitMetrics;
use domain::{Ratio, Span};

#[test]
fn every_row_of_the_operational_states_holds() {
    use OperationalState::*;
    let (live, shadow, legacy) = (live_flags(), shadow_flags(), Flags::default());
    let forced = Flags {
        rollout: shadow.rollout,
        ..live
    };
    for (flags, effective, running, expected) in [
        (None, None, false, Unknown),
        (None, None, true, Unknown),
        (Some(legacy), None, false, Legacy),
        (Some(legacy), Some(Mode::Legacy), true, Legacy),
        (None, Some(Mode::Legacy), false, Legacy),
        (Some(live), Some(Mode::Legacy), true, Legacy),
        (Some(shadow), Some(Mode::Shadow), true, Shadow),
        (Some(shadow), Some(Mode::Live), true, Shadow),
        (Some(forced), Some(Mode::Live), true, Shadow),
        (Some(live), None, true, Shadow),
        (Some(live), Some(Mode::Shadow), true, Shadow),
        (Some(live), Some(Mode::Live), true, Live),
        (Some(live), Some(Mode::Live), false, NotRunning),
        (Some(shadow), Some(Mode::Shadow), false, NotRunning),
        (Some(shadow), None, false, NotRunning),
        (None, Some(Mode::Live), true, Shadow),
    ] {
        let state = operational_state(flags.as_ref(), effective, running);
        assert_eq!(state, expected, "{flags:?} {effective:?} {running}");
    }
}

#[test]
fn an_executor_that_falls_silent_is_not_running() {
    let mut actor = actor();
    live_system(&mut actor, NOW);
    assert_eq!(actor.status(NOW).operational_state, "EXIT_BRAIN_V3_LIVE");
    for (service, at) in [("gateway-guard", later(3_500)), ("gateway", later(3_500))] {
        hear(
            &mut actor,
            at,
            Heard::Health(heartbeat(service, live_flags(), at)),
        );
    }
    hear(&mut actor, later(3_500), mode(Mode::Live, later(3_500)));
    let status = actor.status(later(3_500));
    assert_eq!(status.operational_state, "EXIT_BRAIN_V3_NOT_RUNNING");
    let executor = status.executor.unwrap();
    assert!(!executor.running);
    assert_eq!(executor.effective_mode, None);
}

#[test]
fn live_is_unproven_where_the_guard_is_silent() {
    let mut actor = actor();
    live_system(&mut actor, NOW);
    let silent = NOW + MODE_STALE_AFTER + Span::from_millis(1);
    hear(
        &mut actor,
        silent,
        Heard::Health(heartbeat("executor", live_flags(), silent)),
    );
    let status = actor.status(silent);
    assert_eq!(status.operational_state, "EXIT_BRAIN_V3_SHADOW");
    assert!(!status.config.unwrap().live_mode_active);
    assert_eq!(status.executor.unwrap().effective_mode.unwrap(), "SHADOW");
    let mode = status.mode.unwrap();
    assert_eq!(mode.effective, "SHADOW");
    assert!(mode.reason.contains("silent"), "{}", mode.reason);
}

#[test]
fn a_flag_that_does_not_align_forces_shadow() {
    let mut actor = actor();
    let forced = Flags {
        rollout: Flags::default().rollout,
        ..live_flags()
    };
    for service in ["gateway-guard", "executor"] {
        hear(
            &mut actor,
            NOW,
            Heard::Health(heartbeat(service, forced, NOW)),
        );
    }
    hear(&mut actor, NOW, mode(Mode::Shadow, NOW));
    let status = actor.status(NOW);
    assert_eq!(status.operational_state, "EXIT_BRAIN_V3_SHADOW");
    let config = status.config.unwrap();
    assert_eq!(config.exit_executor_mode, "LIVE");
    assert_eq!(config.exit_brain_live_rollout, "DISABLED");
    assert!(!config.live_mode_active);
}

/// The owner's samples: total, conflicts, blocked, sent by the executor, kinds.
#[test]
fn m042_t04_the_owners_two_samples_come_out_exactly() {
    for (total, refused, sent, kinds) in [
        (67, 18, 49, [("sl", 20), ("tp", 18), ("partial_tp", 11)]),
        (45, 12, 33, [("sl", 15), ("tp", 12), ("partial_tp", 6)]),
    ] {
        let mut actor = actor();
        live_system(&mut actor, NOW);
        count_orders(&mut actor, refused, sent, &kinds);
        let metrics = actor.status(later(1_000)).metrics.unwrap();
        assert_eq!(metrics.total_exit_orders, total);
        assert_eq!(metrics.ownership_conflicts, refused);
        assert_eq!(metrics.blocked_legacy_orders, refused);
        assert_eq!(metrics.orders_by_module, counts(&[("exit_executor", sent)]));
        assert_eq!(metrics.orders_by_kind, counts(&kinds));
        let line = Summary::of(actor.model(), later(1_000)).to_string();
        let expected = format!(
            "total_orders={total}, conflicts={refused}, blocked={refused}, \
             mode=EXIT_BRAIN_V3 (LIVE)"
        );
        assert_eq!(line, expected);
    }
}

fn count_orders(actor: &mut DiagnosticsActor, refused: u64, sent: u64, kinds: &[(&str, u64)]) {
    let mut guard = heartbeat("gateway-guard", live_flags(), later(1_000));
    guard.metrics = ExitMetrics {
        blocked_by_module: counts(&[
            ("hybrid_tpsl", refused / 3),
            ("position_monitor", refused - refused / 3),
        ]),
        ownership_conflicts: refused,
        denied_by_code: counts(&[("INTENT_EXPIRED", 2)]),
        ..ExitMetrics::default()
    };
    let mut gateway = heartbeat("gateway", live_flags(), later(1_000));
    gateway.metrics = ExitMetrics {
        sent_by_module: counts(&[("exit_executor", sent)]),
        sent_by_kind: counts(kinds),
        denied_by_code: counts(&[("APPROVAL_REPEATED", 1), ("INTENT_EXPIRED", 1)]),
        venue_errors: counts(&[("-2021", 1)]),
        ..ExitMetrics::default()
    };
    for beat in [guard, gateway] {
        hear(actor, later(1_000), Heard::Health(beat));
    }
}

#[test]
fn the_document_is_the_golden_one() {
    let mut actor = actor();
    live_system(&mut actor, NOW);
    count_orders(
        &mut actor,
        18,
        49,
        &[("sl", 20), ("tp", 18), ("partial_tp", 11)],
    );
    let mut executor = heartbeat("executor", live_flags(), later(1_000));
    executor.counters = counts(&[("invariant.stop_tightens", 1), ("ticks", 9)]);
    let naked = snapshot(
        position("ETHUSDT", "2", NOW - Span::from_secs(9)),
        Vec::new(),
        NOW,
    );
    let covered = position("BTCUSDT", "0.5", NOW - Span::from_secs(9));
    let covered = snapshot(covered, vec![stop("0.5", "94000.5")], NOW);
    let sample = Some(Span::from_micros(850));
    for heard in [
        Heard::Health(executor),
        Heard::Position(naked),
        Heard::Position(covered),
        Heard::Plan(plan(0xabc, 5, NOW)),
        Heard::Event(event(OrderStatus::Submitting, sample, NOW)),
        Heard::Event(event(OrderStatus::Accepted, None, NOW)),
        decided(false, Action::NoChange),
        decided(true, Action::FullExit),
        decided(true, partial_close()),
    ] {
        hear(&mut actor, later(1_000), heard);
    }
    let document = status::document(&actor.status(later(1_200))).unwrap();
    assert_eq!(format!("{document}\n"), include_str!("golden/status.json"));
}

fn decided(live: bool, action: Action) -> Heard {
    let decision = decision(action, NOW);
    Heard::Decision { live, decision }
}

fn partial_close() -> Action {
    Action::PartialClose {
        leg: 1,
        fraction: Ratio::basis_points(2_500),
        keep: qty("0.75"),
    }
}

#[test]
fn nothing_heard_is_said_to_be_unknown() {
    let document = status::document(&actor().status(NOW)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(json["operational_state"], "UNKNOWN");
    assert_eq!(json["config"]["exit_mode"], "UNKNOWN");
    assert_eq!(json["config"]["live_mode_active"], false);
    assert_eq!(json["executor"]["running"], false);
    assert!(json["executor"]["effective_mode"].is_null());
    assert!(json["executor"]["last_decision_timestamp"].is_null());
    assert_eq!(json["metrics"]["total_exit_orders"], 0);
}
