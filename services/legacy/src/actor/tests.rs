//! The monitor on the bus: what it asks for, once, and when it stands aside.

use super::*;
use crate::fixture::{at, dec, key, open, own_stop, own_target, price, qty};
use crate::roles;
use crate::watch::BLOCKED_PAUSE;

use domain::Side;
use domain::ids::LegId;
use domain::intent::{OrderIntent, Wish};
use domain::mode::Mode;
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};

mod family;
mod run;

use run::{BOOT, Run};

const LONG: Side = Side::Long;

fn bare() -> PositionSnapshot {
    open(LONG)
}

fn with(orders: Vec<RestingOrder>) -> PositionSnapshot {
    let mut snapshot = open(LONG);
    snapshot.orders = orders;
    snapshot
}

fn placed(intent: &OrderIntent) -> CloseOrder {
    match intent.wish {
        Wish::Place { order, .. } => order,
        Wish::Cancel { .. } => panic!("{intent:?}"),
    }
}

#[test]
fn a_new_position_is_protected_at_once() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(0, bare());
    let intent = &run.intents[0];
    assert_eq!(run.intents.len(), 1);
    let expected = CloseOrder::Stop {
        qty: qty("1"),
        trigger: price("980"),
    };
    assert_eq!(placed(intent), expected);
    assert_eq!((intent.sequence, intent.fence), (1, BOOT));
    assert_eq!(intent.expires_at, at(2_000));
    let cause = intent.client_order_id().cause(&intent.key.symbol).unwrap();
    assert_eq!(
        (cause.module, cause.leg),
        (Module::PositionMonitor, LegId::Stop)
    );
    assert_eq!(cause.generation, 1);
}

#[test]
fn a_stop_in_flight_is_asked_for_once() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(0, bare()).see(100, bare()).beat(100, 1_500);
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn a_stop_that_nobody_answered_is_asked_for_again_under_another_name() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(0, bare()).see(2_200, bare());
    assert_eq!(run.intents.len(), 1, "it may still be acted on");
    run.see(2_400, bare());
    assert_eq!(run.intents.len(), 2);
    assert_ne!(run.intents[0].id, run.intents[1].id);
    assert_eq!(run.intents[1].sequence, 2);
}

#[test]
fn a_resting_stop_and_target_are_left_in_peace() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    let orders = vec![
        own_stop(LONG, 1, "1", "980"),
        own_target(LONG, 1, "0.5", "1030"),
    ];
    for second in 0..20 {
        run.see(second * 1_000, with(orders.clone()));
        run.mark(second * 1_000, "1002")
            .beat(second * 1_000, second * 1_000 + 900);
    }
    assert_eq!(run.intents, []);
}

#[test]
fn a_restarted_monitor_gives_no_name_twice() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    let snapshot = with(vec![own_stop(LONG, 7, "0.5", "980")]);
    run.see(0, snapshot);
    let id = run.intents[0].client_order_id().clone();
    assert_eq!(id.cause(&key(LONG).symbol).unwrap().generation, 8);
}

#[test]
fn a_wavering_profit_does_not_move_targets_to_and_fro() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    let orders = vec![
        own_stop(LONG, 1, "1", "1005.1"),
        own_target(LONG, 1, "0.25", "1010"),
        own_target(LONG, 2, "0.25", "1015"),
    ];
    for (second, mark) in (0..10).zip(["1010.1", "1009.8"].into_iter().cycle()) {
        let millis = second * 1_000;
        run.see(millis, with(orders.clone())).mark(millis, mark);
        run.beat(millis, millis + 900);
    }
    assert_eq!(run.intents, []);
}

#[test]
fn the_monitor_stands_aside_only_while_a_live_executor_lists_the_position() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.executor(0, Mode::Live, vec![key(LONG)])
        .see(100, bare());
    assert_eq!(run.intents, []);
    run.beat(1_000, 1_000);
    assert_eq!(run.counter("unprotected_seen"), 1, "it looks all the same");
    run.beat(2_000, 2_900);
    assert_eq!(run.intents, []);
    run.beat(3_000, 3_000);
    assert_eq!(run.intents.len(), 1, "the heartbeat is 3 s old");
}

#[test]
fn an_executor_in_shadow_changes_nothing() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.executor(0, Mode::Shadow, vec![key(LONG)])
        .see(100, bare());
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn a_position_that_the_executor_does_not_list_is_protected() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.executor(0, Mode::Live, vec![key(Side::Short)])
        .see(100, bare());
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn a_blocked_attempt_backs_off_for_ten_seconds() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(0, bare()).deny(10, BLOCKED);
    for second in 1..10 {
        run.see(second * 1_000, bare())
            .beat(second * 1_000, second * 1_000);
    }
    assert_eq!(run.intents.len(), 1);
    assert_eq!(run.counter("denied_by_code.LEGACY_BLOCKED"), 1);
    assert_eq!(run.counter("unprotected_seen"), 9);
    run.see(10 + BLOCKED_PAUSE.millis(), bare());
    assert_eq!(run.intents.len(), 2);
}

#[test]
fn another_denial_pauses_the_leg_and_not_the_position() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(0, bare())
        .deny(10, "QUANTITY_EXCEEDS")
        .see(100, bare());
    assert_eq!(run.intents.len(), 1);
    run.see(300, bare());
    assert_eq!(run.intents.len(), 2);
    assert_ne!(run.intents[0].id, run.intents[1].id);
}

#[test]
fn a_stop_that_would_trigger_at_once_becomes_an_exit() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(0, bare())
        .news(10, OrderStatus::Rejected, Some(-2_021))
        .see(100, bare());
    let intent = run.intents.last().unwrap();
    assert_eq!(placed(intent), CloseOrder::Market { qty: qty("1") });
    assert_eq!(intent.kind, OrderKind::EmergencyExit);
}

#[test]
fn a_stale_mark_moves_no_stop() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    let orders = vec![
        own_stop(LONG, 1, "1", "980"),
        own_target(LONG, 1, "0.25", "1010"),
    ];
    run.see(0, with(orders)).mark(0, "1012").beat(6_000, 6_000);
    assert_eq!(run.intents, []);
}

#[test]
fn an_own_order_that_vanished_delays_the_next_target() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    let stop = own_stop(LONG, 1, "1", "980");
    run.see(
        0,
        with(vec![stop.clone(), own_target(LONG, 1, "0.5", "1030")]),
    );
    // The target is gone, the quantity not smaller yet.
    run.see(500, with(vec![stop.clone()])).beat(600, 2_400);
    assert_eq!(run.intents, []);
    run.see(2_500, with(vec![stop])).beat(2_600, 3_600);
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn a_closed_position_is_swept_and_then_forgotten() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    let orders = vec![own_stop(LONG, 1, "1", "980")];
    run.see(0, with(orders.clone()));
    run.intents.clear();
    let mut flat = with(orders);
    flat.position.qty = qty("0");
    flat.flat_proven = true;
    run.see(1_000, flat.clone()).beat(1_000, 1_900);
    assert_eq!(run.intents.len(), 1);
    let Wish::Cancel { conditional, .. } = run.intents[0].wish else {
        panic!("{:?}", run.intents[0]);
    };
    assert!(conditional);
    flat.orders.clear();
    run.see(2_000, flat).beat(3_000, 3_000);
    assert_eq!(run.counter("positions"), 0);
}

#[test]
fn an_older_picture_is_dropped() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.see(1_000, with(vec![own_stop(LONG, 1, "1", "980")]))
        .see(500, bare());
    assert_eq!(run.intents, []);
}

#[test]
fn a_kill_makes_the_monitor_act_whatever_heartbeats_say() {
    let mut run = Run::of(&roles::POSITION_MONITOR);
    run.executor(0, Mode::Live, vec![key(LONG)]);
    let kill = domain::mode::Kill {
        to: Mode::Shadow,
        by: "operator".into(),
        at: at(50),
    };
    run.hear(50, Heard::Kill(kill)).see(100, bare());
    assert_eq!(run.intents.len(), 1);
}

#[test]
fn every_price_and_quantity_that_is_asked_for_is_on_the_grid() {
    for entry in ["0.1", "999.97", "1234.5678", "65000.05"] {
        let mut snapshot = bare();
        snapshot.position.entry_price = price(entry);
        snapshot.position.qty = qty("1.2345");
        let instrument = snapshot.instrument.clone();
        let mut run = Run::of(&roles::POSITION_MONITOR);
        run.see(0, snapshot);
        for intent in &run.intents {
            let order = placed(intent);
            let trigger = order.stop_trigger().unwrap();
            assert!((trigger.get() % instrument.tick_size).is_zero(), "{entry}");
            assert!(
                (order.qty().unwrap().get() % dec("0.001")).is_zero(),
                "{entry}"
            );
        }
    }
}
