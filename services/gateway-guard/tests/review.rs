//! The guard as its neighbours see it: what goes in, what comes out, what is counted.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod desk;

use bus::{Heard, approval, decode};
use desk::*;
use domain::ids::{LegId, Module};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::mode::{Kill, Mode};
use domain::order::{CloseOrder, RestingOrder};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Qty, Span, Symbol};
use nkeys::KeyPair;
use runtime::{Actor, Effect};

#[test]
fn an_approval_is_signed_for_the_position_it_names() {
    let mut desk = Desk::live();
    let out = desk.hear(Heard::Intent(stop_intent(1)));
    let [sealed] = &out[..] else {
        panic!("one approval expected, got {out:?}")
    };
    assert_eq!(sealed.subject, "order.approved.main.BTCUSDT.LONG");
    let public = KeyPair::from_public_key(&desk.key.public_key()).unwrap();
    let opened = approval::open(sealed, &public).unwrap();
    assert_eq!(opened.intent, stop_intent(1));
    let stranger = KeyPair::from_public_key(&KeyPair::new_user().public_key()).unwrap();
    assert!(
        approval::open(sealed, &stranger).is_err(),
        "another key must not open it"
    );
    let mut moved = sealed.clone();
    moved.subject = "order.approved.main.ETHUSDT.LONG".into();
    assert!(
        approval::open(&moved, &public).is_err(),
        "another subject must not carry it"
    );
}

#[test]
fn live_is_said_only_when_executor_and_gateway_agree() {
    let mut desk = Desk::new(live_flags());
    assert_eq!(desk.guard.mode(), Mode::Shadow);
    assert!(Desk::mode_said(&desk.hear(heartbeat("executor", Mode::Live))).is_none());
    let said = Desk::mode_said(&desk.hear(heartbeat("gateway", Mode::Live))).unwrap();
    assert_eq!((said.mode, said.revision), (Mode::Live, BOOT + 1));
    let said = Desk::mode_said(&desk.hear(heartbeat("gateway", Mode::Shadow))).unwrap();
    assert_eq!((said.mode, said.revision), (Mode::Shadow, BOOT + 2));
}

#[test]
fn a_kill_goes_down_and_stays_down() {
    let mut desk = Desk::live();
    let kill = Kill {
        to: Mode::Shadow,
        by: "operator".into(),
        at: NOW,
    };
    let said = Desk::mode_said(&desk.hear(Heard::Kill(kill))).unwrap();
    assert_eq!(said.mode, Mode::Shadow);
    desk.hear(heartbeat("executor", Mode::Live));
    desk.hear(heartbeat("gateway", Mode::Live));
    assert_eq!(desk.guard.mode(), Mode::Shadow);
}

#[test]
fn an_incumbent_is_blocked_once_per_attempt_in_live() {
    let mut desk = Desk::live();
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let attempt = place(Module::PositionMonitor, 1, order);
    let denial = desk.denial(Heard::Blocked(attempt.clone()));
    assert_eq!(denial.code, "LEGACY_BLOCKED");
    let repeated = desk.denial(Heard::Blocked(attempt));
    assert_eq!(repeated.code, "INTENT_REPEATED");
    let metrics = desk.guard.metrics();
    assert_eq!(
        (metrics.blocked_legacy_orders(), metrics.ownership_conflicts),
        (1, 1)
    );
    assert_eq!(metrics.blocked_by_module["position_monitor"], 1);
}

#[test]
fn an_incumbent_acts_beside_shadow_and_is_counted_as_a_conflict() {
    let mut shadow = live_flags();
    shadow.rollout = domain::mode::Rollout::Disabled;
    let mut desk = Desk::new(shadow);
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let out = desk.hear(Heard::Intent(place(Module::PositionMonitor, 1, order)));
    assert!(out[0].subject.starts_with("order.approved."));
    assert_eq!(desk.guard.metrics().ownership_conflicts, 1);
    assert_eq!(desk.guard.metrics().blocked_legacy_orders(), 0);
}

#[test]
fn each_wrong_intent_is_denied_with_its_own_code() {
    let cases: Vec<(&str, OrderIntent)> = vec![
        ("INTENT_EXPIRED", {
            let mut late = stop_intent(1);
            late.expires_at = NOW;
            late
        }),
        ("INTENT_DATE", {
            let mut long = stop_intent(1);
            long.expires_at = NOW + Span::from_secs(60);
            long
        }),
        ("POSITION_EPOCH", {
            let mut closed = stop_intent(1);
            closed.epoch = Epoch(1);
            closed
        }),
        ("POSITION_UNKNOWN", {
            let mut elsewhere = stop_intent(1);
            elsewhere.key.symbol = Symbol::new("ETHUSDT").unwrap();
            elsewhere
        }),
        ("QUANTITY_EXCEEDS", {
            let order = CloseOrder::Market { qty: qty("0.101") };
            place(Module::ExitExecutor, 1, order)
        }),
        (
            "QUANTITY_ZERO",
            place(
                Module::ExitExecutor,
                1,
                CloseOrder::Market { qty: Qty::ZERO },
            ),
        ),
        ("FILTER_VIOLATED", {
            let order = CloseOrder::Stop {
                qty: qty("0.1"),
                trigger: price("49000.05"),
            };
            place(Module::ExitExecutor, 1, order)
        }),
        ("STOP_LOOSENED", {
            let order = CloseOrder::Stop {
                qty: qty("0.1"),
                trigger: price("48000"),
            };
            place(Module::ExitExecutor, 1, order)
        }),
        ("MODULE_UNKNOWN", {
            let order = CloseOrder::Market { qty: qty("0.1") };
            place(Module::from_name("somebody"), 1, order)
        }),
    ];
    for (code, intent) in cases {
        let denial = Desk::live().denial(Heard::Intent(intent));
        assert_eq!(denial.code, code);
        assert!(!denial.detail.is_empty());
    }
}

#[test]
fn the_repeated_and_the_former_owner_are_refused() {
    let mut desk = Desk::live();
    desk.hear(Heard::Intent(stop_intent(2)));
    assert_eq!(
        desk.denial(Heard::Intent(stop_intent(2))).code,
        "INTENT_REPEATED"
    );
    assert_eq!(
        desk.denial(Heard::Intent(stop_intent(1))).code,
        "INTENT_REPEATED"
    );
    let mut newer = stop_intent(1);
    newer.fence = 6;
    assert!(
        desk.hear(Heard::Intent(newer))[0]
            .subject
            .starts_with("order.approved.")
    );
    assert_eq!(
        desk.denial(Heard::Intent(stop_intent(3))).code,
        "OWNER_FENCED"
    );
}

/// One bad publisher must neither bring the guard down nor lock anybody else out.
#[test]
fn extreme_numbers_of_one_module_harm_nobody() {
    let mut desk = Desk::live();
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    for fence in [1, 2, u64::MAX] {
        let mut wild = place(Module::PositionMonitor, 1, order);
        wild.fence = fence;
        wild.sequence = u64::MAX;
        desk.denial(Heard::Blocked(wild));
    }
    let mut out = Vec::new();
    desk.guard.beat(NOW, &mut out);
    assert!(!out.is_empty(), "it heartbeats on");
    let again = place(Module::PositionMonitor, 1, order);
    let mut newer = again.clone();
    newer.fence = 3;
    assert_eq!(
        desk.denial(Heard::Blocked(newer)).code,
        "LEGACY_BLOCKED",
        "no lock-out"
    );
    assert!(
        desk.hear(Heard::Intent(stop_intent(1)))[0]
            .subject
            .starts_with("order.approved.")
    );
}

/// The executor asks to take away its working stop of that generation.
fn cancel(sequence: u64, generation: u32) -> Heard {
    let target = name(&Module::ExitExecutor, LegId::Stop, generation);
    let mut intent = stop_intent(sequence);
    intent.id = IntentId::cancel(&target, intent.created_at);
    intent.wish = Wish::Cancel {
        target,
        conditional: true,
    };
    Heard::Intent(intent)
}

#[test]
fn the_last_stop_is_never_canceled() {
    let mut desk = Desk::live();
    assert_eq!(desk.denial(cancel(1, 1)).code, "PROTECTION_LAST");
    let half = vec![stop(1, "48500", "0.1"), stop(2, "49000", "0.05")];
    desk.hear(Heard::Position(snapshot(half)));
    assert_eq!(desk.denial(cancel(2, 1)).code, "PROTECTION_LAST");
    let both = vec![stop(1, "48500", "0.1"), stop(2, "49000", "0.1")];
    desk.hear(Heard::Position(snapshot(both)));
    assert!(
        desk.hear(cancel(3, 1))[0]
            .subject
            .starts_with("order.approved.")
    );
}

#[test]
fn the_disaster_stop_does_not_stand_in_for_a_working_one() {
    let mut desk = Desk::live();
    let disaster = RestingOrder {
        client_order_id: name(&Module::ExitExecutor, LegId::Disaster, 1),
        order: CloseOrder::DisasterStop {
            trigger: price("45000"),
        },
        ..stop(1, "45000", "0.1")
    };
    let one = vec![stop(1, "48500", "0.1"), disaster.clone()];
    desk.hear(Heard::Position(snapshot(one)));
    assert_eq!(desk.denial(cancel(1, 1)).code, "PROTECTION_LAST");
    let two = vec![stop(1, "48500", "0.1"), stop(2, "49000", "0.1"), disaster];
    desk.hear(Heard::Position(snapshot(two)));
    // Asked for twice: the first cancel may have been lost, and takes nothing from itself.
    for sequence in [2, 3] {
        let said = desk.hear(cancel(sequence, 1));
        assert!(said[0].subject.starts_with("order.approved."), "{said:?}");
    }
}

#[test]
fn outside_the_rollout_an_incumbent_keeps_its_symbol() {
    let mut staged = live_flags();
    staged.rollout_pct = 0;
    let mut desk = Desk::new(staged);
    desk.hear(heartbeat("executor", Mode::Live));
    desk.hear(heartbeat("gateway", Mode::Live));
    assert_eq!(desk.guard.mode(), Mode::Live);
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let out = desk.hear(Heard::Intent(place(Module::PositionMonitor, 1, order)));
    assert!(out[0].subject.starts_with("order.approved."), "{out:?}");
    assert_eq!(desk.guard.metrics().blocked_legacy_orders(), 0);
}

#[test]
fn after_a_kill_a_diverted_incumbent_protects_again() {
    let mut desk = Desk::live();
    let kill = Kill {
        to: Mode::Shadow,
        by: "operator".into(),
        at: NOW,
    };
    desk.hear(Heard::Kill(kill));
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let out = desk.hear(Heard::Blocked(place(Module::PositionMonitor, 1, order)));
    assert!(out[0].subject.starts_with("order.approved."), "{out:?}");
    assert_eq!(desk.guard.metrics().blocked_legacy_orders(), 0);
}

#[test]
fn a_guard_that_has_just_started_lets_no_diverted_incumbent_pass() {
    let mut desk = Desk::new(live_flags());
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let denial = desk.denial(Heard::Blocked(place(Module::PositionMonitor, 1, order)));
    assert_eq!(denial.code, "LEGACY_BLOCKED");
}

#[test]
fn two_cancels_never_pass_against_one_picture() {
    let mut desk = Desk::live();
    let both = vec![stop(1, "48500", "0.1"), stop(2, "49000", "0.1")];
    desk.hear(Heard::Position(snapshot(both)));
    let mut subject =
        |sequence, generation| desk.hear(cancel(sequence, generation))[0].subject.clone();
    assert!(subject(1, 1).starts_with("order.approved."));
    assert!(
        subject(2, 2).starts_with("order.denied."),
        "the other one is the last now"
    );
}

#[test]
fn a_silent_executor_gives_new_positions_back_to_the_incumbents_until_it_returns() {
    let mut desk = Desk::live();
    let mut out = Vec::new();
    desk.guard.beat(NOW + Span::from_secs(5), &mut out);
    assert_eq!(desk.guard.mode(), Mode::Live, "a restart is no silence");
    desk.guard.beat(NOW + Span::from_millis(5_100), &mut out);
    assert_eq!(desk.guard.mode(), Mode::Shadow);
    let told = out
        .into_iter()
        .filter_map(said)
        .any(|it| it.subject == "control.mode");
    assert!(told, "everybody is told at once");
    desk.hear(heartbeat("executor", Mode::Live));
    assert_eq!(desk.guard.mode(), Mode::Live);
}

#[test]
fn an_approval_names_the_gateway_with_the_newest_pictures_and_an_older_one_is_not_believed() {
    let mut desk = Desk::live();
    let told = |fence, orders| {
        let picture = snapshot(orders);
        Heard::Position(PositionSnapshot { fence, ..picture })
    };
    let rests = || vec![stop(1, "48500", "0.1")];
    desk.hear(told(Some(9), rests()));
    // Of one that does not know yet that it acts no more: it has missed the stop.
    desk.hear(told(Some(7), vec![stop(1, "49500", "0.1")]));
    let out = desk.hear(Heard::Intent(stop_intent(1)));
    let public = KeyPair::from_public_key(&desk.key.public_key()).unwrap();
    let opened = approval::open(&out[0], &public).unwrap();
    assert_eq!(opened.gateway, Some(9));
    desk.hear(told(Some(11), rests()));
    let out = desk.hear(Heard::Intent(stop_intent(2)));
    assert_eq!(approval::open(&out[0], &public).unwrap().gateway, Some(11));
}

#[test]
fn what_was_asked_is_told_to_those_who_only_watch_once_its_approval_is_on_its_way() {
    let mut desk = Desk::live();
    let (heard, intent) = (|| Heard::Intent(stop_intent(1)), stop_intent(1));
    let (mut first, mut then) = (Vec::new(), Vec::new());
    desk.guard.hear(NOW, heard(), &mut first);
    assert!(desk.guard.owes());
    desk.guard.afterwards(NOW, &mut then);
    assert!(!desk.guard.owes());
    let subjects = |out: Vec<Effect>| -> Vec<String> {
        let messages = out.into_iter().filter_map(said);
        messages.map(|message| message.subject).collect()
    };
    let place = "main.BTCUSDT.LONG";
    assert_eq!(subjects(first), [format!("order.approved.{place}")]);
    let asked = format!("order.asked.exit_executor.{place}");
    assert_eq!(subjects(then), [asked]);

    // Of a denial whoever watches must know the intent already.
    let mut out = Vec::new();
    desk.guard.hear(NOW, heard(), &mut out);
    let messages: Vec<Heard> = out
        .into_iter()
        .filter_map(said)
        .map(|message| decode(&message).unwrap())
        .collect();
    let [Heard::Asked(told), Heard::Denied(denial)] = &messages[..] else {
        panic!("{messages:?}")
    };
    assert_eq!((told, &denial.intent_id), (&intent, &intent.id));
    assert!(!desk.guard.owes());
}
