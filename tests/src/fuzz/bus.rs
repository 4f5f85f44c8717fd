//! What the services say to each other, what the guard signs, and the file of numbers.

use std::sync::OnceLock;

use bus::{Heard, Message, decode};
use nkeys::KeyPair;
use proto::wire::SignedKill;
use proto::{SignedApproval, Wire};

/// Between subject and payload of an input.
pub const SPLIT: u8 = b'\n';

/// A message that is taken in says the same again once it is written down; its payload speaks of
/// what its subject names.
pub fn message(input: &[u8]) {
    let Some(message) = split(input) else { return };
    match decode(&message) {
        Ok(heard) => {
            let again = Message {
                payload: encoded(&heard),
                ..message
            };
            assert_eq!(decode(&again).as_ref(), Ok(&heard));
        }
        Err(bad) => assert!(!bad.field().is_empty() && bad.subject == message.subject),
    }
}

fn split(input: &[u8]) -> Option<Message> {
    let end = input.iter().position(|byte| *byte == SPLIT)?;
    let subject = String::from_utf8_lossy(&input[..end]).into_owned();
    Some(Message::new(subject, input[end + 1..].to_vec()))
}

/// A message as an input.
#[must_use]
pub fn joined(message: &Message) -> Vec<u8> {
    [message.subject.as_bytes(), &[SPLIT], &message.payload].concat()
}

fn encoded(heard: &Heard) -> Vec<u8> {
    match heard {
        Heard::Mark(it) => it.encode(),
        Heard::Context(it) => it.encode(),
        Heard::Rl(it) => it.encode(),
        Heard::Risk(it) => it.encode(),
        Heard::Position(it) => it.encode(),
        Heard::Plan(it) => it.encode(),
        Heard::PlanRequest(it) => it.encode(),
        Heard::PlanReply(it) => it.encode(),
        Heard::TpPerformance(it) => it.encode(),
        Heard::Decision { decision, .. } => decision.encode(),
        Heard::Intent(it) | Heard::Asked(it) | Heard::Blocked(it) => it.encode(),
        Heard::Approved(it) => it.bytes.clone(),
        Heard::Denied(it) => it.encode(),
        Heard::Event(it) => it.encode(),
        Heard::Mode(it) => it.encode(),
        Heard::Kill(it) => it.encode(),
        Heard::Flatten(it) => it.encode(),
        Heard::Handover(it) => it.encode(),
        Heard::Health(it) => it.encode(),
        Heard::Canary(it) => it.encode(),
    }
}

/// The pair that signed the corpus.
pub fn guard() -> &'static KeyPair {
    static GUARD: OnceLock<KeyPair> = OnceLock::new();
    GUARD.get_or_init(|| {
        let seed = nkeys::KeyPair::new_from_raw(nkeys::KeyPairType::User, [7; 32]);
        seed.expect("32 bytes are a seed")
    })
}

/// Only what the guard has signed opens, and it is then exactly what was signed.
pub fn approval(input: &[u8]) {
    let Some(message) = split(input) else { return };
    if let Ok(approval) = bus::approval::open(&message, guard()) {
        let known = super::corpus::approvals();
        let mut signed = known.iter().filter_map(|one| split(one));
        let opens = |one: Message| bus::approval::open(&one, guard()).ok();
        let ours = signed.any(|one| opens(one).as_ref() == Some(&approval));
        assert!(ours, "forged: {approval:?}");
    }
}

/// Only what the operator has signed is a kill, and it is then exactly what was signed. The same
/// pair plays the operator.
pub fn direct_kill(input: &[u8]) {
    // The two are written alike.
    let Ok(SignedApproval { body, signature }) = SignedApproval::decode(input) else {
        return;
    };
    let sealed = SignedKill { body, signature };
    if let Ok(order) = bus::kill::open(&sealed, guard()) {
        let known = super::corpus::direct_kill();
        assert_eq!(order, known, "forged");
    }
}

/// A policy that is taken is sound, and reads the same twice; one that is not names its faults.
pub fn policy(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match runtime::policy::parse(text) {
        Ok(policy) => {
            assert!(policy.faults().is_empty());
            assert_eq!(runtime::policy::parse(text).as_ref(), Ok(&policy));
        }
        Err(faults) => assert!(!faults.is_empty()),
    }
}
