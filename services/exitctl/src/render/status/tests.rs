//! The block, letter by letter, in each state.

use proto::wire::{ModeStatus, ServiceStatus};

use super::*;
use crate::render;

/// The owner's first sample.
fn sample() -> ExitBrainStatus {
    let counts = |rows: &[(&str, u64)]| rows.iter().map(|(k, n)| ((*k).into(), *n)).collect();
    ExitBrainStatus {
        timestamp: "2025-12-10T22:14:56.200Z".into(),
        operational_state: "EXIT_BRAIN_V3_LIVE".into(),
        config: Some(StatusConfig {
            exit_mode: "EXIT_BRAIN_V3".into(),
            exit_executor_mode: "LIVE".into(),
            exit_brain_live_rollout: "ENABLED".into(),
            live_mode_active: true,
        }),
        executor: Some(ExecutorStatus {
            running: true,
            effective_mode: Some("LIVE".into()),
            last_decision_timestamp: Some("2025-12-10T22:14:55.123Z".into()),
        }),
        metrics: Some(MetricsStatus {
            total_exit_orders: 67,
            blocked_legacy_orders: 18,
            ownership_conflicts: 18,
            orders_by_module: counts(&[("exit_executor", 49)]),
            orders_by_kind: counts(&[("partial_tp", 11), ("sl", 20), ("tp", 18)]),
            ..MetricsStatus::default()
        }),
        mode: Some(ModeStatus::default()),
        services: vec![ServiceStatus::default()],
        ..ExitBrainStatus::default()
    }
}

fn in_state(state: &str, running: bool) -> ExitBrainStatus {
    let mut status = sample();
    status.operational_state = state.into();
    let config = status.config.as_mut().unwrap();
    config.exit_executor_mode = "SHADOW".into();
    config.exit_brain_live_rollout = "DISABLED".into();
    config.live_mode_active = false;
    status.executor = Some(ExecutorStatus {
        running,
        effective_mode: running.then(|| "SHADOW".into()),
        last_decision_timestamp: None,
    });
    status.metrics = Some(MetricsStatus::default());
    status
}

fn assert_golden(status: &ExitBrainStatus, golden: &str) {
    let text = render(status, Paint::Plain);
    assert_eq!(format!("{text}\n"), golden, "it was:\n{text}");
}

#[test]
fn m064_live_is_the_owners_block() {
    assert_golden(&sample(), include_str!("golden/live.txt"));
}

#[test]
fn shadow_shows_conflicts() {
    let mut status = in_state("EXIT_BRAIN_V3_SHADOW", true);
    let metrics = status.metrics.as_mut().unwrap();
    metrics.total_exit_orders = 7;
    metrics.ownership_conflicts = 7;
    metrics
        .orders_by_module
        .insert("position_monitor".into(), 7);
    assert_golden(&status, include_str!("golden/shadow.txt"));
}

#[test]
fn legacy_has_no_executor() {
    let mut status = in_state("LEGACY", false);
    status.config.as_mut().unwrap().exit_mode = "LEGACY".into();
    assert_golden(&status, include_str!("golden/legacy.txt"));
}

#[test]
fn not_running_warns_and_naked_positions_are_told() {
    let mut status = in_state("EXIT_BRAIN_V3_NOT_RUNNING", false);
    status.unprotected_positions = 2;
    assert_golden(&status, include_str!("golden/not_running.txt"));
}

#[test]
fn an_unknown_state_has_a_question_mark() {
    let text = render(&ExitBrainStatus::default(), Paint::Plain);
    assert!(text.contains("❓ Operational State: "), "{text}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let colored = render(&sample(), Paint::Colored);
    assert_ne!(colored, render(&sample(), Paint::Plain));
    let bare = colored.replace("\u{1b}[1;31m", "").replace("\u{1b}[0m", "");
    assert_eq!(bare, render(&sample(), Paint::Plain));
}

#[test]
fn m066_json_is_exactly_the_endpoints_document() {
    let status = sample();
    let printed = render::json(&status).unwrap();
    assert_eq!(printed, diagnostics::status::document(&status).unwrap());
}
