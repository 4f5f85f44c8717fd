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
