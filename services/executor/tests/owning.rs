//! Acting by leases, position by position: one of two executors acts, the other follows.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::{Bench, NOW, Store, snapshot};
use domain::intent::{Denial, OrderIntent};
use domain::lease::UNLEASED;
use domain::{Epoch, Qty, Span};

/// The lease time and a sixth more, and a beat.
const TAKEN_OVER: Span = Span::from_millis(3_600);
const ENTRY: i64 = 50_000;

fn two() -> (Store, Bench, Bench) {
    let store = Store::default();
    let (a, b) = (Bench::leased("a", &store), Bench::leased("b", &store));
    (store, a, b)
}

/// The position as it is told again, with nothing resting for it.
fn told(bench: &mut Bench) {
    let mut snapshot = snapshot(ENTRY, bench.now);
    snapshot.position.epoch = Epoch(u64::try_from(NOW.millis()).unwrap());
    bench.hear(Heard::Position(snapshot));
}

/// Time passes, and the position is told every second.
fn live(bench: &mut Bench, span: Span) {
    let end = bench.now + span;
    while bench.now < end {
        bench.live_through(end.since(bench.now).min(Span::from_secs(1)));
        told(bench);
    }
}

fn tokens(bench: &Bench) -> Vec<u64> {
    bench.intents().iter().map(|it| it.fence).collect()
}

#[test]
fn of_two_executors_one_acts_and_records_and_the_other_follows() {
    let (_, mut a, mut b) = two();
    for bench in [&mut a, &mut b] {
        told(bench);
        bench.mark(ENTRY);
    }
    assert!(!a.intents().is_empty(), "the first one took the lease");
    assert!(tokens(&a).iter().all(|it| *it > UNLEASED));
    assert!(!a.decisions().is_empty());
    live(&mut b, Span::from_secs(2));
    assert!(b.intents().is_empty());
    assert!(b.decisions().is_empty(), "a decision is recorded once");
    live(&mut a, Span::from_secs(2));
    let owned = a.last_beat().owned;
    assert_eq!(
        owned,
        [(snapshot(ENTRY, a.now).position.key, tokens(&a)[0])]
    );
    assert!(b.last_beat().owned.is_empty());
}

#[test]
fn a_standby_takes_over_from_a_silent_owner_under_a_newer_token_and_new_names() {
    let (_, mut a, mut b) = two();
    told(&mut a);
    told(&mut b);
    let names = |bench: &Bench| {
        let intents = bench.intents().into_iter();
        intents
            .map(|it| it.client_order_id().clone())
            .collect::<Vec<_>>()
    };
    let (first, given) = (tokens(&a)[0], names(&a));
    live(&mut b, TAKEN_OVER);
    let taken = tokens(&b);
    assert!(
        !taken.is_empty(),
        "its stops are not seen: it asks for them"
    );
    assert!(
        taken.iter().all(|it| *it > first),
        "{taken:?} after {first}"
    );
    assert!(names(&b).iter().all(|it| !given.contains(it)));

    // The owner was paused all the while, and does not know.
    a.now = b.now;
    let before = a.intents().len();
    a.mark(ENTRY);
    told(&mut a);
    live(&mut a, Span::from_secs(2));
    assert_eq!(a.intents().len(), before);
    assert!(a.last_beat().owned.is_empty());
}

#[test]
fn an_owner_that_ends_in_peace_lets_the_next_one_begin_at_once() {
    let (_, mut a, mut b) = two();
    told(&mut a);
    told(&mut b);
    a.stop();
    live(&mut b, Span::from_millis(600));
    assert!(!b.intents().is_empty());
}

#[test]
fn while_the_store_is_lost_an_owner_goes_on_and_new_positions_get_their_stops_only() {
    let store = Store::default();
    store.borrow_mut().set_lost(true);
    let mut a = Bench::leased("a", &store);
    told(&mut a);
    a.pass(Span::from_millis(100));
    assert!(
        !a.intents().is_empty(),
        "a stop does not wait for certainty"
    );
    live(&mut a, Span::from_millis(1_300));
    let asked = a.intents();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked.iter().all(OrderIntent::places_stop));
    assert_eq!(tokens(&a), [UNLEASED, UNLEASED]);
    live(&mut a, Span::from_secs(1));
    assert_eq!(a.last_beat().counters["lease.store_lost"], 1);
    assert!(a.last_beat().owned.is_empty());

    store.borrow_mut().set_lost(false);
    live(&mut a, Span::from_secs(4));
    assert!(tokens(&a).last().unwrap() > &UNLEASED);
    assert!(!a.last_beat().owned.is_empty());
    let before = a.intents().len();
    store.borrow_mut().set_lost(true);
    live(&mut a, Span::from_secs(20));
    assert!(a.intents().len() > before, "what is held stays held");
    assert!(!a.last_beat().owned.is_empty());
}

#[test]
fn numbers_go_on_where_a_lease_could_not_be_given_back() {
    let store = Store::default();
    let mut a = Bench::leased("a", &store);
    told(&mut a);
    let last = a.intents().last().unwrap().clone();
    store.borrow_mut().set_lost(true);
    let mut over = snapshot(ENTRY, a.now);
    over.position.epoch = last.epoch;
    over.position.qty = Qty::ZERO;
    over.flat_proven = true;
    a.hear(Heard::Position(over));
    store.borrow_mut().set_lost(false);
    a.live_through(Span::from_secs(1));
    let mut next = snapshot(ENTRY, a.now);
    next.position.epoch = Epoch(last.epoch.0 + 1_000);
    a.hear(Heard::Position(next));
    let first = a.intents().into_iter().find(|it| it.epoch > last.epoch);
    let first = first.unwrap();
    assert_eq!(first.fence, last.fence, "it is still its own");
    assert_eq!(first.sequence, last.sequence + 1);
}

#[test]
fn an_owner_that_is_told_of_a_newer_token_rests_until_it_has_renewed_its_lease() {
    let (store, mut a, _) = two();
    told(&mut a);
    let intent = a.intents()[0].clone();
    let denial = |fence| Denial {
        intent_id: intent.id.clone(),
        key: intent.key.clone(),
        module: intent.module.clone(),
        fence,
        kind: intent.kind,
        code: "OWNER_FENCED".into(),
        detail: "a newer one".into(),
        at: a.now,
    };
    let (of_another, of_mine) = (denial(intent.fence - 1), denial(intent.fence));
    store.borrow_mut().set_lost(true);
    a.hear(Heard::Denied(of_another));
    live(&mut a, Span::from_secs(2));
    assert!(!a.last_beat().owned.is_empty(), "another one's answer");
    a.hear(Heard::Denied(of_mine));
    live(&mut a, Span::from_secs(2));
    assert!(a.last_beat().owned.is_empty(), "it rests");
    store.borrow_mut().set_lost(false);
    live(&mut a, Span::from_secs(2));
    assert!(!a.last_beat().owned.is_empty(), "nobody else has it");
}

#[test]
fn without_leases_who_takes_over_gives_no_name_that_the_other_may_have_given() {
    let mut alone = Bench::live();
    told(&mut alone);
    let first = alone.intents();
    alone.hear(Heard::Denied(Denial {
        intent_id: first[0].id.clone(),
        key: first[0].key.clone(),
        module: first[0].module.clone(),
        fence: first[0].fence,
        kind: first[0].kind,
        code: "OWNER_FENCED".into(),
        detail: "a newer one".into(),
        at: alone.now,
    }));
    // The other one acts, under names that are derived alike, falls silent, and left nothing.
    live(&mut alone, Span::from_secs(5));
    let cause = |intent: &OrderIntent| {
        let id = intent.client_order_id();
        id.cause(&intent.key.symbol).unwrap()
    };
    let later = alone.intents().split_off(first.len());
    assert!(!later.is_empty(), "it acts again");
    for intent in &later {
        let (leg, generation) = (cause(intent).leg, cause(intent).generation);
        let given = first.iter().map(cause).filter(|it| it.leg == leg);
        let next = given.map(|it| it.generation + 1).max().unwrap_or(1);
        // The other one asked at most as often as there were intents to expire.
        assert!(generation > next + 2, "{leg:?} {generation} after {next}");
    }
}
