//! Truth tables of flags, agreement and the behaviour matrix.

use super::*;
use alloc::string::ToString;
use std::collections::BTreeMap;
use std::vec;

fn flags(pairs: &[(&'static str, &str)]) -> (Flags, Vec<FlagWarning>) {
    let map: BTreeMap<&str, String> = pairs.iter().map(|(k, v)| (*k, v.to_string())).collect();
    Flags::parse(|name| map.get(name).cloned())
}

/// M004, M006, M011: over all values including missing and invalid ones, exactly the aligned
/// combination is LIVE.
#[test]
fn live_needs_all_three_flags() {
    let values = |names: &[&'static str]| -> Vec<Option<&'static str>> {
        let mut all: Vec<_> = names.iter().map(|name| Some(*name)).collect();
        all.extend([None, Some(""), Some("yes"), Some("LIVE ")]);
        all
    };
    let mut live = vec![];
    for mode in values(&["LEGACY", "EXIT_BRAIN_V3"]) {
        for executor in values(&["SHADOW", "LIVE"]) {
            for rollout in values(&["DISABLED", "ENABLED"]) {
                let pairs: Vec<_> = [
                    (EXIT_MODE, mode),
                    (EXIT_EXECUTOR_MODE, executor),
                    (EXIT_BRAIN_V3_LIVE_ROLLOUT, rollout),
                ]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
                if flags(&pairs).0.is_exit_brain_live_fully_enabled() {
                    live.push((mode, executor, rollout));
                }
            }
        }
    }
    assert_eq!(
        live,
        [(Some("EXIT_BRAIN_V3"), Some("LIVE"), Some("ENABLED"))]
    );
}

#[test]
fn letter_case_does_not_count_and_bad_values_warn_by_name() {
    let (read, warnings) = flags(&[(EXIT_MODE, "exit_brain_v3"), (EXIT_EXECUTOR_MODE, "Live")]);
    assert_eq!(
        (read.exit_mode, read.executor_mode),
        (ExitMode::ExitBrainV3, ExecutorMode::Live)
    );
    assert!(warnings.is_empty());
    let (read, warnings) = flags(&[(EXIT_MODE, "BRAIN"), (EXIT_BRAIN_V3_LIVE_ROLLOUT, "on")]);
    assert_eq!(read.resolve(), Mode::Legacy);
    let named: Vec<_> = warnings.iter().map(|warning| warning.flag).collect();
    assert_eq!(named, [EXIT_MODE, EXIT_BRAIN_V3_LIVE_ROLLOUT]);
    assert!(
        warnings[0].text.contains("\"BRAIN\""),
        "{}",
        warnings[0].text
    );
}

#[test]
fn configured_live_and_fully_enabled_are_different_things() {
    let (read, _) = flags(&[(EXIT_MODE, "EXIT_BRAIN_V3"), (EXIT_EXECUTOR_MODE, "LIVE")]);
    assert!(read.is_exit_executor_live_mode());
    assert!(!read.is_exit_brain_live_fully_enabled());
    assert_eq!(read.resolve(), Mode::Shadow);
}

#[test]
fn the_older_toggle_can_only_forbid() {
    let live = [
        (EXIT_MODE, "EXIT_BRAIN_V3"),
        (EXIT_EXECUTOR_MODE, "LIVE"),
        (EXIT_BRAIN_V3_LIVE_ROLLOUT, "ENABLED"),
    ];
    let with = |value| flags(&[live[0], live[1], live[2], (EXIT_BRAIN_V3_ENABLED, value)]);
    assert_eq!(with("true").0.resolve(), Mode::Live);
    let (read, warnings) = with("false");
    assert_eq!(read.resolve(), Mode::Shadow);
    assert_eq!(warnings.len(), 1);
    let (read, warnings) = flags(&[(EXIT_BRAIN_V3_ENABLED, "true")]);
    assert_eq!(read.resolve(), Mode::Legacy, "legacy protection stays on");
    assert_eq!(warnings.len(), 1);
}

#[test]
fn the_rollout_percentage_is_stable_and_bounded() {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let at = |pct| flags(&[(EXIT_LIVE_ROLLOUT_PCT, pct)]).0;
    assert!(!at("0").is_symbol_in_rollout(&symbol));
    assert!(at("100").is_symbol_in_rollout(&symbol));
    assert!(flags(&[]).0.is_symbol_in_rollout(&symbol));
    for bad in ["101", "-1", "half"] {
        let (read, warnings) = flags(&[(EXIT_LIVE_ROLLOUT_PCT, bad)]);
        assert_eq!((read.rollout_pct, warnings.len()), (0, 1), "{bad}");
    }
}

#[test]
fn a_service_that_was_not_heard_forbids_live() {
    assert_eq!(
        agreed(Mode::Live, Some(Mode::Live), Some(Mode::Live)),
        Mode::Live
    );
    assert_eq!(agreed(Mode::Live, None, Some(Mode::Live)), Mode::Shadow);
    assert_eq!(
        agreed(Mode::Live, Some(Mode::Live), Some(Mode::Shadow)),
        Mode::Shadow
    );
    assert_eq!(
        agreed(Mode::Legacy, Some(Mode::Live), Some(Mode::Live)),
        Mode::Legacy
    );
}

/// M042 and T06: every row of the behaviour matrix.
#[test]
fn the_matrix_has_these_rows() {
    let legacy = Module::PositionMonitor;
    let unknown = Module::from_name("somebody");
    let rows = [
        (Mode::Legacy, legacy.clone(), MatrixVerdict::Allow),
        (Mode::Legacy, Module::ExitExecutor, MatrixVerdict::Allow),
        (Mode::Legacy, unknown.clone(), MatrixVerdict::Allow),
        (
            Mode::Shadow,
            legacy.clone(),
            MatrixVerdict::AllowWithConflict,
        ),
        (Mode::Shadow, Module::ExitExecutor, MatrixVerdict::Allow),
        (Mode::Shadow, unknown.clone(), MatrixVerdict::AllowUnknown),
        (Mode::Live, legacy, MatrixVerdict::Block),
        (Mode::Live, Module::ExitExecutor, MatrixVerdict::Allow),
        (Mode::Live, unknown, MatrixVerdict::DenyUnknown),
    ];
    for (mode, module, verdict) in rows {
        assert_eq!(matrix(mode, &module), verdict, "{mode} {module}");
    }
}
