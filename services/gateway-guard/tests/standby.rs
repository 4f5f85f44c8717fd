//! Two guards: the one without the lease hears everything and says nothing; when it takes over it
//! knows what was done before.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod desk;

use bus::{Heard, Message, approval};
use desk::*;
use domain::lease::{Answer, Entry, Holder, LeaseKey, Outcome, Request, token};
use domain::mode::{Mode, ModeSnapshot};
use domain::{Span, Timestamp};
use runtime::{Actor, Effect, Ownership};

const LEASE_TIME: Span = Span::from_secs(3);
const CREATED: u64 = 1_000_000;

/// A desk whose guard owns by lease, and what it asked the store last.
struct Leased {
    desk: Desk,
    asked: Option<Request>,
    now: Timestamp,
}

impl Leased {
    fn standby() -> Self {
        let holder = Holder {
            instance: "a".into(),
            boot: BOOT,
        };
        let ownership = Ownership::by_lease(LeaseKey::Guard, holder, LEASE_TIME);
        let mut leased = Self {
            desk: Desk::owning(live_flags(), ownership),
            asked: None,
            now: NOW,
        };
        leased.beat(NOW);
        leased.desk.hear(heartbeat("executor", Mode::Live));
        leased.desk.hear(heartbeat("gateway", Mode::Live));
        leased
    }

    fn take_in(&mut self, effects: Vec<Effect>) -> Vec<Message> {
        let mut messages = Vec::new();
        for effect in effects {
            match effect {
                Effect::Say(message) => messages.push(message),
                Effect::Lease(request) => self.asked = Some(request),
            }
        }
        messages
    }

    fn beat(&mut self, now: Timestamp) -> Vec<Message> {
        self.now = now;
        let mut out = Vec::new();
        self.desk.guard.beat(now, &mut out);
        self.take_in(out)
    }

    fn answer(&mut self, outcome: Outcome) -> Vec<Message> {
        let request = self.asked.take().unwrap();
        let answer = Answer {
            key: request.key,
            ticket: request.ticket,
            outcome,
        };
        let mut out = Vec::new();
        self.desk.guard.lease(self.now, &answer, &mut out);
        self.take_in(out)
    }

    /// The other guard gives the lease back, and this one takes it.
    fn take_over(&mut self, revision: u64) -> Vec<Message> {
        let entry = Entry::Released;
        self.answer(Outcome::Found {
            entry,
            revision,
            created: 0,
        });
        self.answer(Outcome::Written {
            revision: revision + 1,
            created: CREATED,
        })
    }
}

fn said_mode(revision: u64) -> Heard {
    Heard::Mode(ModeSnapshot {
        revision,
        mode: Mode::Live,
        reason: "said by the other guard".into(),
        at: NOW,
    })
}

#[test]
fn a_standby_says_nothing_but_that_it_stands_by() {
    let mut standby = Leased::standby();
    assert!(standby.desk.hear(Heard::Intent(stop_intent(1))).is_empty());
    assert_eq!(standby.desk.told, []);
    let subjects: Vec<String> = standby
        .beat(NOW + Span::from_secs(1))
        .into_iter()
        .map(|message| message.subject)
        .collect();
    assert_eq!(subjects, ["health.gateway-guard.a"]);
    assert_eq!(standby.desk.guard.metrics().denied_by_code.len(), 0);
}

#[test]
fn whoever_takes_over_approves_with_the_leases_token_and_nothing_twice() {
    let mut guard = Leased::standby();
    let heard = stop_intent(1);
    guard.desk.hear(Heard::Intent(heard.clone()));
    guard.take_over(9);
    let again = guard.desk.denial(Heard::Intent(heard));
    assert_eq!(again.code, "INTENT_REPEATED", "the other one approved it");
    let said = guard.desk.hear(Heard::Intent(stop_intent(2)));
    let approval = approval::open(&said[0], &guard.desk.key).unwrap();
    assert_eq!(approval.guard_boot, token(CREATED, 10));
}

#[test]
fn the_modes_revision_goes_on_from_what_the_other_guard_said() {
    let mut guard = Leased::standby();
    let far = BOOT + 1_000_000;
    guard.desk.hear(said_mode(far));
    let said = guard.take_over(9);
    let mode = Desk::mode_said(&said).unwrap();
    assert_eq!((mode.revision, mode.mode), (far + 1, Mode::Live));
}

#[test]
fn a_paused_guard_approves_nothing_and_stands_by_when_another_acts() {
    let mut guard = Leased::standby();
    guard.take_over(1);
    let woken = NOW + Span::from_secs(60);
    let mut out = Vec::new();
    let late = Heard::Intent(stop_intent(1));
    guard.desk.guard.hear(woken, late, &mut out);
    assert!(out.is_empty(), "before the first beat");
    let said = guard.beat(woken);
    assert!(
        said.iter().all(|it| it.subject != "control.mode"),
        "{said:?}"
    );
    guard.answer(Outcome::Conflict);
    let holder = Holder {
        instance: "b".into(),
        boot: 1,
    };
    let entry = Entry::Held {
        holder,
        token: Some(2),
    };
    guard.answer(Outcome::Found {
        entry,
        revision: 5,
        created: 0,
    });
    let late = Heard::Intent(stop_intent(2));
    guard.desk.guard.hear(woken, late, &mut out);
    assert!(out.is_empty());
}

#[test]
fn who_acts_counts_for_the_mode_and_who_stands_by_does_not() {
    let mut desk = Desk::live();
    let Heard::Health(mut standby) = heartbeat("gateway", Mode::Shadow) else {
        panic!("a heartbeat");
    };
    standby.counters.insert("lease.held".into(), 0);
    desk.hear(Heard::Health(standby.clone()));
    assert_eq!(desk.guard.mode(), Mode::Live);
    standby.counters.insert("lease.held".into(), 1);
    desk.hear(Heard::Health(standby));
    assert_eq!(desk.guard.mode(), Mode::Shadow);
}
