//! One way down after another, as the services tell it.

use super::*;
use domain::mode::Flags;
use domain::snapshot::ExitMetrics;
use domain::{Account, Epoch, Qty, Side, Symbol};
use runtime::pulse::Pulse;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_178_160_000 + millis)
}

fn key(symbol: &str) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
        side: Side::Long,
    }
}

fn beat(service: &str, mode: Mode, symbols: &[&str], millis: i64) -> Heartbeat {
    let mut pulse = Pulse::new(service, "one", Flags::default(), 1);
    let keys = symbols.iter().map(|symbol| key(symbol)).collect();
    let metrics = ExitMetrics::default();
    pulse.heartbeat(at(millis), mode, 1, true, keys, metrics)
}

fn said(mode: Mode, millis: i64) -> ModeSnapshot {
    ModeSnapshot {
        revision: 1,
        mode,
        reason: "the executor is silent".into(),
        at: at(millis),
    }
}

fn kill(millis: i64) -> Kill {
    Kill {
        to: Mode::Shadow,
        by: "ada".into(),
        at: at(millis),
    }
}

fn handover(symbol: &str, millis: i64) -> Handover {
    Handover {
        key: key(symbol),
        epoch: Epoch(1),
        qty: Qty::ZERO,
        orders: Vec::new(),
        closing: None,
        instance: "one".into(),
        fence: 1,
        revision: 1,
        reason: "the executor resolves SHADOW".into(),
        at: at(millis),
    }
}

fn counts(demotions: &Demotions) -> (usize, usize) {
    let last = demotions.last().unwrap();
    (last.passed(), last.settled())
}

#[test]
fn what_the_executor_owned_passes_on_and_is_settled_by_incumbents() {
    let mut demotions = Demotions::default();
    demotions.hear_mode(&said(Mode::Live, 0));
    demotions.hear_heartbeat(&beat(EXECUTOR, Mode::Live, &["BTCUSDT"], 0));
    demotions.hear_kill(&kill(100));
    assert_eq!(counts(&demotions), (1, 0), "without a word of the executor");
    demotions.hear_handover(&handover("BTCUSDT", 101));
    demotions.hear_handover(&handover("ETHUSDT", 101));
    demotions.hear_mode(&said(Mode::Shadow, 102));
    assert_eq!(demotions.last().unwrap().reason, "killed to SHADOW by ada");
    let both = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];
    demotions.hear_heartbeat(&beat(SUCCESSOR, Mode::Legacy, &both, 50));
    assert_eq!(counts(&demotions), (2, 0), "said before");
    demotions.hear_heartbeat(&beat(SUCCESSOR, Mode::Legacy, &both, 1_000));
    assert_eq!(counts(&demotions), (2, 2));
}

#[test]
fn each_way_down_from_live_begins_anew() {
    let mut demotions = Demotions::default();
    demotions.hear_mode(&said(Mode::Live, 0));
    demotions.hear_heartbeat(&beat(EXECUTOR, Mode::Live, &["BTCUSDT"], 0));
    demotions.hear_mode(&said(Mode::Shadow, 100));
    assert_eq!(counts(&demotions), (1, 0));
    demotions.hear_mode(&said(Mode::Legacy, 200));
    assert_eq!(demotions.last().unwrap().at, at(100), "the same way down");
    demotions.hear_mode(&said(Mode::Live, 300));
    demotions.hear_mode(&said(Mode::Shadow, 400));
    assert_eq!(demotions.last().unwrap().at, at(400));
    assert_eq!(counts(&demotions), (0, 0));
}

#[test]
fn a_hand_over_tells_a_diagnostics_that_has_started_later() {
    let mut demotions = Demotions::default();
    demotions.hear_mode(&said(Mode::Shadow, 100));
    assert_eq!(demotions.last(), None);
    demotions.hear_handover(&handover("BTCUSDT", 150));
    assert_eq!(counts(&demotions), (1, 0));
}

/// A gateway's heartbeat that tells when the executor's last cancel left.
fn canceled(left: i64, millis: i64) -> Heartbeat {
    let mut beat = beat(GATEWAY, Mode::Shadow, &[], millis);
    let left = u64::try_from(at(left).micros()).unwrap();
    beat.counters.insert(EXECUTOR_CANCELED_AT.into(), left);
    beat
}

#[test]
fn a_cancel_of_the_executor_after_the_command_counts_as_its_last_order() {
    let mut demotions = Demotions::default();
    demotions.hear_mode(&said(Mode::Live, 0));
    demotions.hear_kill(&kill(100));
    demotions.hear_heartbeat(&canceled(99, 500));
    assert_eq!(demotions.last().unwrap().last_order(), None, "left before");
    demotions.hear_heartbeat(&canceled(1_400, 1_500));
    let after = Some(Span::from_millis(1_300));
    assert_eq!(demotions.last().unwrap().last_order(), after);
    demotions.hear_heartbeat(&canceled(1_400, 2_500));
    assert_eq!(demotions.last().unwrap().last_order(), after, "told again");
    demotions.hear_mode(&said(Mode::Live, 3_000));
    demotions.hear_heartbeat(&canceled(3_200, 3_500));
    assert_eq!(demotions.last().unwrap().last_order(), after, "LIVE again");
}
