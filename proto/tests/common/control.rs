//! Strategies for the mode, the kill and heartbeats.

use std::collections::BTreeMap;

use domain::flatten::Flatten;
use domain::mode::{ExecutorMode, ExitMode, Flags, Kill, Mode, ModeSnapshot, Rollout};
use domain::snapshot::{ExitMetrics, Heartbeat, SERVICES};
use domain::{Account, Symbol};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proto::{Canary, DirectKill};

use super::{key, time, token, words};

fn mode() -> impl Strategy<Value = Mode> {
    select(vec![Mode::Legacy, Mode::Shadow, Mode::Live])
}

pub fn mode_snapshot() -> impl Strategy<Value = ModeSnapshot> {
    (any::<u64>(), mode(), words(), time()).prop_map(|(revision, mode, reason, at)| ModeSnapshot {
        revision,
        mode,
        reason,
        at,
    })
}

pub fn kill() -> impl Strategy<Value = Kill> {
    let down = select(vec![Mode::Legacy, Mode::Shadow]);
    (down, token(), time()).prop_map(|(to, by, at)| Kill { to, by, at })
}

pub fn flatten() -> impl Strategy<Value = Flatten> {
    let symbol = option::of(select(vec!["BTCUSDT", "ETHUSDT"]));
    (token(), symbol, token(), time()).prop_map(|(account, symbol, by, at)| Flatten {
        account: Account::new(&account).unwrap(),
        symbol: symbol.map(|it| Symbol::new(it).unwrap()),
        by,
        at,
    })
}

pub fn direct_kill() -> impl Strategy<Value = DirectKill> {
    (kill(), token()).prop_map(|(kill, account)| DirectKill {
        kill,
        account: Account::new(&account).unwrap(),
    })
}

pub fn canary() -> impl Strategy<Value = Canary> {
    any::<u64>().prop_map(|run| Canary { run })
}

fn flags() -> impl Strategy<Value = Flags> {
    let exit_mode = select(vec![ExitMode::Legacy, ExitMode::ExitBrainV3]);
    let executor_mode = select(vec![ExecutorMode::Shadow, ExecutorMode::Live]);
    let rollout = select(vec![Rollout::Disabled, Rollout::Enabled]);
    (
        exit_mode,
        executor_mode,
        rollout,
        option::of(any::<bool>()),
        0_u8..=100,
    )
        .prop_map(
            |(exit_mode, executor_mode, rollout, enabled, rollout_pct)| Flags {
                exit_mode,
                executor_mode,
                rollout,
                enabled,
                rollout_pct,
            },
        )
}

fn counters() -> impl Strategy<Value = BTreeMap<String, u64>> {
    btree_map(token(), any::<u64>(), 0..4)
}

fn metrics() -> impl Strategy<Value = ExitMetrics> {
    (
        counters(),
        counters(),
        counters(),
        any::<u64>(),
        counters(),
        counters(),
    )
        .prop_map(
            |(sent_by_module, sent_by_kind, blocked_by_module, conflicts, venue_errors, denied)| {
                ExitMetrics {
                    sent_by_module,
                    sent_by_kind,
                    blocked_by_module,
                    ownership_conflicts: conflicts,
                    venue_errors,
                    denied_by_code: denied,
                }
            },
        )
}

pub fn heartbeat() -> impl Strategy<Value = Heartbeat> {
    let names = (select(SERVICES.to_vec()), token(), token());
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>());
    let state = (flags(), mode(), any::<bool>());
    (
        names,
        numbers,
        state,
        (vec(key(), 0..3), vec((key(), any::<u64>()), 0..3)),
        metrics(),
        counters(),
        time(),
    )
        .prop_map(
            |((service, instance, build), numbers, state, positions, metrics, counters, at)| {
                Heartbeat {
                    service: service.into(),
                    instance,
                    build,
                    flags: state.0,
                    mode: state.1,
                    revision: numbers.0,
                    ready: state.2,
                    boot: numbers.1,
                    sequence: numbers.2,
                    positions: positions.0,
                    owned: positions.1,
                    metrics,
                    counters,
                    at,
                }
            },
        )
}
