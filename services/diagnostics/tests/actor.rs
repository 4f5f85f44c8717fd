//! The one thing that diagnostics says.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::{BadMessage, Heard};
use common::*;
use diagnostics::DiagnosticsActor;
use domain::Timestamp;
use proto::WireError;
use runtime::Actor;

fn beat(actor: &mut DiagnosticsActor, now: Timestamp) -> Vec<String> {
    let mut out = Vec::new();
    actor.beat(now, &mut out);
    out.into_iter().map(|message| message.subject).collect()
}

#[test]
fn its_heartbeat_is_all_that_it_says() {
    let mut actor = actor();
    live_system(&mut actor, NOW);
    let mut said = Vec::new();
    for tenth in 0..100 {
        said.extend(beat(&mut actor, later(tenth * 100)));
    }
    assert_eq!(said, ["health.diagnostics.one"; 10]);
}

#[test]
fn a_refused_message_is_counted_by_its_field() {
    let mut actor = actor();
    for _ in 0..3 {
        let bad = BadMessage {
            subject: "market.mark.BTCUSDT".into(),
            error: WireError {
                message: "MarkTick",
                field: "mark_price".into(),
                reason: "\"abc\": not a decimal".into(),
            },
        };
        actor.refused(NOW, &bad);
    }
    let refused = actor.status(NOW).refused_messages;
    assert_eq!(refused, counts(&[("MarkTick.mark_price", 3)]));
}

#[test]
fn its_own_flags_are_never_taken_for_those_of_the_system() {
    let mut actor = DiagnosticsActor::new("one", live_flags(), 1);
    hear(
        &mut actor,
        NOW,
        Heard::Health(heartbeat("diagnostics", live_flags(), NOW)),
    );
    assert_eq!(actor.status(NOW).operational_state, "UNKNOWN");
}
