//! The table, the constructors, the decoder and the page say the same.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bus::map::{ROWS, Row};
use bus::{Heard, Identity, Message, decode, docs_table, subjects};
use common::values::{approval, denial, intent, key, plan_reply, plan_request};
use domain::Timestamp;
use domain::ids::{Module, PositionKey, Symbol};
use domain::performance::SymbolPerformance;
use proptest::prelude::*;

fn subject(row: &Row) -> String {
    row.pattern
        .replace("*.*.*", "main.BTCUSDT.LONG")
        .replace('*', "one")
}

fn bytes(subject: &str, payload: &[u8]) -> Message {
    Message::new(subject.into(), payload.into())
}

#[test]
fn each_subject_falls_under_exactly_one_row() {
    for row in ROWS {
        let subject = subject(row);
        let covering: Vec<&str> = ROWS
            .iter()
            .filter(|other| other.covers(&subject))
            .map(|other| other.pattern)
            .collect();
        assert_eq!(covering, [row.pattern], "{subject}");
    }
}

#[test]
fn the_decoder_expects_on_each_row_the_message_of_the_table() {
    for row in ROWS {
        let bad = decode(&bytes(&subject(row), &[])).unwrap_err();
        assert_eq!(bad.error.message, row.message, "{bad}");
    }
}

#[test]
fn each_family_can_be_subscribed_to_by_a_constructor() {
    let patterns = [
        subjects::all_first_marks().to_string(),
        subjects::all_marks().to_string(),
        subjects::all_contexts().to_string(),
        subjects::all_rl().to_string(),
        subjects::risk().to_string(),
        subjects::all_positions().to_string(),
        subjects::all_plans().to_string(),
        subjects::all_plan_requests().to_string(),
        subjects::plan_replies_to(&Module::DynamicTpsl).to_string(),
        subjects::all_tp_performance().to_string(),
        subjects::all_decisions().to_string(),
        subjects::all_intents().to_string(),
        subjects::all_asked().to_string(),
        subjects::all_approved().to_string(),
        subjects::all_denied().to_string(),
        subjects::all_blocked().to_string(),
        subjects::all_events().to_string(),
        subjects::mode().to_string(),
        subjects::kill().to_string(),
        subjects::flatten().to_string(),
        subjects::all_handovers().to_string(),
        subjects::all_health().to_string(),
        subjects::canary_executor().to_string(),
        subjects::canary_incumbent().to_string(),
        subjects::canary_blocked().to_string(),
    ];
    let families: BTreeSet<&str> = ROWS.iter().map(|row| row.family).collect();
    assert_eq!(
        patterns.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        families
    );
}

#[test]
fn a_module_publishes_intents_under_its_own_name_only() {
    for row in ROWS
        .iter()
        .filter(|row| row.family == subjects::all_intents().as_str())
    {
        let module = row.pattern.split('.').nth(2).unwrap();
        let writer = match row.writer {
            Identity::Executor => "exit_executor",
            other => other.name(),
        };
        assert_eq!(writer, module);
        assert_ne!(Module::from_name(module), Module::Other(module.into()));
    }
}

#[test]
fn nobody_but_the_gateway_can_hear_an_approval_and_nobody_but_the_guard_can_say_it() {
    let row = ROWS
        .iter()
        .find(|row| row.message == "SignedApproval")
        .unwrap();
    assert_eq!(
        (row.writer, row.readers),
        (Identity::GuardOut, &[Identity::GatewayIn][..])
    );
}

#[test]
fn the_page_shows_the_table() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bus.md");
    let page = fs::read_to_string(page).unwrap();
    let table = docs_table();
    assert!(
        page.contains(&table),
        "docs/bus.md lacks this table:\n{table}"
    );
}

#[test]
fn a_payload_about_something_else_than_its_subject_is_refused_by_name() {
    let wish = intent(&Module::PositionMonitor, 1);
    let elsewhere = PositionKey {
        symbol: Symbol::new("ETHUSDT").unwrap(),
        ..key()
    };
    let foreign = subjects::intent(&wish.module, &elsewhere).message(&wish);
    let other = subjects::intent(&Module::ExitExecutor, &wish.key).message(&wish);
    let no = denial(&Module::DynamicTpsl);
    let misled = subjects::denied(&Module::HybridTpsl, &no.key).message(&no);
    for (message, value) in [
        (foreign, "ETHUSDT"),
        (other, "exit_executor"),
        (misled, "hybrid_tpsl"),
    ] {
        let bad = decode(&message).unwrap_err();
        assert!(bad.field().ends_with(".subject"), "{bad}");
        assert!(bad.to_string().contains(value), "{bad}");
    }
}

#[test]
fn a_question_for_a_plan_and_its_answer_are_heard_as_said() {
    let (asked, said) = (
        plan_request(&Module::DynamicTpsl),
        plan_reply(&Module::DynamicTpsl),
    );
    let request = subjects::plan_request(&asked.module, &asked.key).message(&asked);
    let reply = subjects::plan_reply(&said.module, &said.key).message(&said);
    assert_eq!(
        [request.subject.as_str(), reply.subject.as_str()],
        [
            "exit.plan.request.dynamic_tpsl.main.BTCUSDT.LONG",
            "exit.plan.reply.dynamic_tpsl.main.BTCUSDT.LONG"
        ]
    );
    assert_eq!(decode(&request).unwrap(), Heard::PlanRequest(asked));
    assert_eq!(decode(&reply).unwrap(), Heard::PlanReply(said));
}

#[test]
fn a_question_or_answer_about_something_else_than_its_subject_is_refused() {
    let elsewhere = PositionKey {
        symbol: Symbol::new("ETHUSDT").unwrap(),
        ..key()
    };
    let module = Module::DynamicTpsl;
    let (asked, said) = (plan_request(&module), plan_reply(&module));
    let other = Module::HybridTpsl;
    for (message, value) in [
        (
            subjects::plan_request(&module, &elsewhere).message(&asked),
            "ETHUSDT",
        ),
        (
            subjects::plan_request(&other, &key()).message(&asked),
            "hybrid_tpsl",
        ),
        (
            subjects::plan_reply(&module, &elsewhere).message(&said),
            "ETHUSDT",
        ),
        (
            subjects::plan_reply(&other, &key()).message(&said),
            "hybrid_tpsl",
        ),
    ] {
        let bad = decode(&message).unwrap_err();
        assert!(bad.field().ends_with(".subject"), "{bad}");
        assert!(bad.to_string().contains(value), "{bad}");
    }
}

#[test]
fn performance_is_heard_as_said_and_only_of_its_subjects_symbol() {
    let said = SymbolPerformance {
        symbol: key().symbol,
        targets: Vec::new(),
        since: Timestamp::from_millis(1),
        at: Timestamp::from_millis(2),
    };
    let message = subjects::tp_performance(&said.symbol).message(&said);
    assert_eq!(message.subject, "exit.metrics.tp.BTCUSDT");
    let elsewhere = subjects::tp_performance(&Symbol::new("ETHUSDT").unwrap()).message(&said);
    assert_eq!(decode(&message).unwrap(), Heard::TpPerformance(said));
    let bad = decode(&elsewhere).unwrap_err();
    assert_eq!(bad.field(), "TpPerformance.subject", "{bad}");
}

#[test]
fn an_alias_of_the_executor_is_taken_under_the_canonical_name_only() {
    let wish = intent(&Module::ExitExecutor, 1);
    let canonical = subjects::intent(&wish.module, &wish.key).message(&wish);
    assert_eq!(decode(&canonical).unwrap(), Heard::Intent(wish));
    let alias = canonical.subject.replace("exit_executor", "exit_brain_v3");
    assert!(decode(&bytes(&alias, &canonical.payload)).is_err());
}

#[test]
fn a_subject_of_no_row_is_refused() {
    for subject in [
        "",
        ".",
        "market",
        "market.mark",
        "order.sent.a.b.LONG",
        "exit.decision.x.a.b.c",
        "exit.plan.order.m.a.b.c",
    ] {
        let bad = decode(&bytes(subject, &[])).unwrap_err();
        assert_eq!(bad.field(), "Message.subject", "{bad}");
    }
}

#[test]
fn an_approval_is_handed_on_unopened() {
    let folder = tempfile::tempdir().unwrap();
    bus::keys::generate(folder.path()).unwrap();
    let signer = bus::keys::approval_signer(folder.path()).unwrap();
    let sealed = bus::approval::seal(&approval(), &signer).unwrap();
    let Heard::Approved(heard) = decode(&sealed).unwrap() else {
        panic!("not an approval");
    };
    assert_eq!(heard.message(), sealed);
}

proptest! {
    #[test]
    fn no_bytes_on_any_subject_make_the_decoder_panic(
        row in 0..ROWS.len(),
        payload in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let message = bytes(&subject(&ROWS[row]), &payload);
        if let Err(bad) = decode(&message) {
            prop_assert_eq!(bad.subject, message.subject);
        }
    }
}
