//! What the read model makes of late, repeated, missing and foreign messages.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::asked::{intent, news};
use common::*;
use diagnostics::model::beats::INSTANCES_MAX;
use domain::Span;
use domain::decision::Action;
use domain::ids::LegId;
use domain::mode::{Flags, Mode};
use domain::order::{CloseOrder, OrderStatus};
use domain::snapshot::Heartbeat;

fn gateway(boot: u64, sequence: u64, sent: u64) -> Heard {
    let mut beat = heartbeat("gateway", live_flags(), NOW);
    (beat.boot, beat.sequence) = (boot, sequence);
    beat.metrics.sent_by_module = counts(&[("exit_executor", sent)]);
    Heard::Health(beat)
}

#[test]
fn a_gateway_that_restarts_loses_no_count() {
    let mut actor = actor();
    for (boot, sequence, sent) in [(10, 1, 5), (10, 2, 30), (20, 1, 0), (20, 2, 4), (10, 3, 99)] {
        hear(&mut actor, NOW, gateway(boot, sequence, sent));
    }
    let metrics = actor.status(NOW).metrics.unwrap();
    assert_eq!(metrics.total_exit_orders, 34);
    assert_eq!(metrics.orders_by_module, counts(&[("exit_executor", 34)]));
}

#[test]
fn each_service_is_believed_only_what_it_alone_knows() {
    let mut actor = actor();
    let mut guard = heartbeat("gateway-guard", live_flags(), NOW);
    guard.metrics.sent_by_module = counts(&[("exit_executor", 1_000)]);
    let mut gateway = heartbeat("gateway", live_flags(), NOW);
    gateway.metrics.blocked_by_module = counts(&[("position_monitor", 1_000)]);
    let mut legacy = heartbeat("legacy", live_flags(), NOW);
    legacy.metrics.sent_by_module = counts(&[("position_monitor", 1_000)]);
    for beat in [guard, gateway, legacy] {
        hear(&mut actor, NOW, Heard::Health(beat));
    }
    assert_eq!(actor.status(NOW).metrics.unwrap().total_exit_orders, 0);
}

#[test]
fn denials_of_guard_and_gateway_are_summed() {
    let mut actor = actor();
    for service in ["gateway-guard", "gateway"] {
        let mut beat = heartbeat(service, live_flags(), NOW);
        beat.metrics.denied_by_code = counts(&[("INTENT_EXPIRED", 2)]);
        hear(&mut actor, NOW, Heard::Health(beat));
    }
    let metrics = actor.status(NOW).metrics.unwrap();
    assert_eq!(metrics.denied_by_code, counts(&[("INTENT_EXPIRED", 4)]));
}

#[test]
fn flags_are_the_guards_while_it_runs_then_the_executors() {
    let mut actor = actor();
    hear(
        &mut actor,
        NOW,
        Heard::Health(heartbeat("gateway-guard", live_flags(), NOW)),
    );
    hear(
        &mut actor,
        NOW,
        Heard::Health(heartbeat("executor", shadow_flags(), NOW)),
    );
    hear(
        &mut actor,
        NOW,
        Heard::Health(heartbeat("legacy", Flags::default(), NOW)),
    );
    let configured = |at| actor.status(at).config.unwrap().exit_executor_mode;
    assert_eq!(configured(NOW), "LIVE");
    let silent = later(3_001);
    let executor = heartbeat("executor", shadow_flags(), silent);
    let mut actor = actor.clone();
    hear(&mut actor, silent, Heard::Health(executor));
    let config = actor.status(silent).config.unwrap();
    assert_eq!(config.exit_executor_mode, "SHADOW");
    // With nobody running, what was heard last still stands.
    let config = actor.status(later(60_000)).config.unwrap();
    assert_eq!(config.exit_executor_mode, "LIVE");
}

#[test]
fn a_heartbeat_that_lay_in_a_queue_is_as_old_as_it_says() {
    let mut actor = actor();
    let beat = heartbeat("executor", live_flags(), NOW);
    hear(&mut actor, later(5_000), Heard::Health(beat));
    assert!(!actor.status(later(5_000)).executor.unwrap().running);
}

#[test]
fn a_position_is_unprotected_until_stops_cover_all_of_it() {
    let opened = NOW - Span::from_millis(1_001);
    let disaster = CloseOrder::DisasterStop {
        trigger: price("90000"),
    };
    let mut triggered = stop("1", "94000");
    triggered.status = OrderStatus::Triggering;
    for (orders, expected) in [
        (vec![], 1),
        (vec![stop("0.999", "94000")], 1),
        (vec![triggered], 1),
        (vec![stop("1", "94000")], 0),
        (vec![order(LegId::Disaster, disaster)], 0),
    ] {
        let mut actor = actor();
        let picture = snapshot(position("BTCUSDT", "1", opened), orders, NOW);
        hear(&mut actor, NOW, Heard::Position(picture));
        assert_eq!(actor.status(NOW).unprotected_positions, expected);
        assert_eq!(actor.status(NOW).positions[0].unprotected, expected == 1);
    }
}

#[test]
fn a_position_just_opened_has_a_second_to_be_protected() {
    let mut actor = actor();
    let picture = snapshot(position("BTCUSDT", "1", NOW), Vec::new(), NOW);
    hear(&mut actor, NOW, Heard::Position(picture));
    assert_eq!(actor.status(later(1_000)).unprotected_positions, 0);
    assert_eq!(actor.status(later(1_001)).unprotected_positions, 1);
}

#[test]
fn a_position_leaves_only_when_it_is_proven_flat() {
    let mut actor = actor();
    let open = snapshot(position("BTCUSDT", "1", NOW), Vec::new(), NOW);
    hear(&mut actor, NOW, Heard::Position(open));
    let mut empty = snapshot(position("BTCUSDT", "0", NOW), Vec::new(), later(1));
    hear(&mut actor, later(1), Heard::Position(empty.clone()));
    assert_eq!(actor.status(NOW).positions.len(), 1, "unknown is not flat");
    empty.flat_proven = true;
    hear(&mut actor, later(2), Heard::Position(empty));
    assert!(actor.status(NOW).positions.is_empty());
}

#[test]
fn an_older_picture_does_not_replace_a_newer_one() {
    let mut actor = actor();
    for (open, at) in [("1", later(10)), ("0.5", NOW)] {
        let picture = snapshot(position("BTCUSDT", open, NOW), Vec::new(), at);
        hear(&mut actor, later(20), Heard::Position(picture));
    }
    assert_eq!(actor.status(NOW).positions[0].qty, "1");
}

#[test]
fn a_plan_is_shown_only_for_the_life_that_it_was_made_for() {
    let mut actor = actor();
    let picture = snapshot(position("BTCUSDT", "1", NOW), Vec::new(), NOW);
    hear(&mut actor, NOW, Heard::Position(picture));
    hear(&mut actor, NOW, Heard::Plan(plan(1, 4, NOW)));
    assert_eq!(actor.status(NOW).positions[0].plan_id, None);
    hear(&mut actor, NOW, Heard::Plan(plan(2, 5, later(1))));
    hear(&mut actor, NOW, Heard::Plan(plan(3, 5, NOW)));
    let shown = actor.status(NOW).positions[0].plan_id.clone();
    assert_eq!(shown.unwrap(), "0000000000000002");
}

#[test]
fn a_decision_to_change_nothing_counts_and_dates() {
    let mut actor = actor();
    for (at, live) in [(later(5_000), false), (NOW, true)] {
        let decision = decision(Action::NoChange, at);
        hear(&mut actor, at, Heard::Decision { live, decision });
    }
    let status = actor.status(later(5_000));
    assert_eq!(status.decisions, counts(&[("no_change", 2)]));
    let last = status.executor.unwrap().last_decision_timestamp;
    assert_eq!(last.unwrap(), "2025-12-10T22:15:00.000Z");
}

#[test]
fn only_an_order_that_leaves_is_a_sample_of_latency() {
    let mut actor = actor();
    for (status, sample) in [
        (OrderStatus::Submitting, Some(700)),
        (OrderStatus::Submitting, None),
        (OrderStatus::Accepted, Some(9_999)),
    ] {
        let sample = sample.map(Span::from_micros);
        hear(&mut actor, NOW, Heard::Event(event(status, sample, NOW)));
    }
    let latency = actor.status(NOW).tick_to_order_us.unwrap();
    assert_eq!((latency.count, latency.p50, latency.p99), (1, 700, 700));
}

fn broken(instance: &str, boot: u64, times: u64) -> Heartbeat {
    let mut beat = heartbeat("executor", live_flags(), NOW);
    beat.instance = instance.into();
    beat.boot = boot;
    beat.counters = counts(&[("invariant.stop_tightens", times), ("ticks", 5)]);
    beat
}

#[test]
fn a_broken_invariant_is_never_forgotten() {
    let mut actor = actor();
    for beat in [
        broken("one", 1, 2),
        broken("one", 2, 1),
        broken("two", 1, 4),
    ] {
        hear(&mut actor, NOW, Heard::Health(beat));
    }
    for number in 0..3 * INSTANCES_MAX {
        let at = later(i64::try_from(number).unwrap());
        let mut beat = heartbeat("market", live_flags(), at);
        beat.instance = format!("pod-{number}");
        hear(&mut actor, at, Heard::Health(beat));
    }
    let status = actor.status(NOW);
    assert_eq!(status.services.len(), INSTANCES_MAX);
    assert_eq!(status.invariants_broken, counts(&[("stop_tightens", 7)]));
}

#[test]
fn a_guard_that_restarts_is_believed_though_it_counts_anew() {
    let mut actor = actor();
    live_system(&mut actor, NOW);
    let mut anew = mode(Mode::Shadow, later(1));
    if let Heard::Mode(snapshot) = &mut anew {
        snapshot.revision = 1;
    }
    hear(&mut actor, later(1), anew);
    assert_eq!(actor.status(later(1)).mode.unwrap().effective, "SHADOW");
    hear(
        &mut actor,
        later(2),
        mode(Mode::Live, NOW - Span::from_secs(60)),
    );
    assert_eq!(actor.status(later(2)).mode.unwrap().revision, 1);
}

#[test]
fn a_flat_position_that_was_never_open_leaves_no_trace() {
    let mut actor = actor();
    let mut empty = snapshot(position("BTCUSDT", "0", NOW), Vec::new(), NOW);
    empty.flat_proven = true;
    hear(&mut actor, NOW, Heard::Position(empty));
    assert_eq!(actor.model().positions.iter().count(), 0);
}

#[test]
fn one_bad_message_that_several_refuse_is_counted_once() {
    let mut actor = actor();
    for (service, times) in [("executor", 3), ("gateway-guard", 2)] {
        let mut beat = heartbeat(service, live_flags(), NOW);
        beat.counters = counts(&[("refused.MarkTick.mark_price", times)]);
        hear(&mut actor, NOW, Heard::Health(beat));
    }
    let refused = actor.status(NOW).refused_messages;
    assert_eq!(refused, counts(&[("MarkTick.mark_price", 3)]));
}

/// The guard tells of a wish a moment after it has let it pass: a venue may be faster.
#[test]
fn the_way_from_a_wish_to_the_venues_yes_counts_whichever_is_heard_first() {
    let wish = || Heard::Asked(intent(later(0)));
    let yes = || Heard::Event(news(OrderStatus::Accepted, later(7)));
    for order in [
        vec![wish(), yes()],
        vec![yes(), wish()],
        vec![wish(), yes(), wish(), yes()],
        vec![yes(), wish(), yes(), wish()],
    ] {
        let mut actor = actor();
        for heard in order {
            hear(&mut actor, NOW, heard);
        }
        let acks = actor.model().answers.acks();
        assert_eq!((acks.count(), acks.sum()), (1, Span::from_millis(7)));
    }
}
