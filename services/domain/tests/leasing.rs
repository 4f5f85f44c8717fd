//! One lease: taken, renewed, doubted, lost, and a store that fails.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::lease::{
    Answer, Entry, Holder, LeaseKey, Op, Outcome, Request, Standing, Tenure, token,
};
use domain::{Span, Timestamp};

const LEASE_TIME: Span = Span::from_secs(3);
const CREATED: u64 = 1_000_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(100_000 + millis)
}

fn holder(name: &str) -> Holder {
    Holder {
        instance: name.into(),
        boot: 1,
    }
}

fn tenure(name: &str) -> Tenure {
    Tenure::new(LeaseKey::Guard, holder(name), LEASE_TIME)
}

fn beat(tenure: &mut Tenure, millis: i64) -> Vec<Request> {
    let mut out = Vec::new();
    tenure.beat(at(millis), &mut out);
    out
}

fn answer(tenure: &mut Tenure, millis: i64, request: &Request, outcome: Outcome) -> Vec<Request> {
    let mut out = Vec::new();
    let answer = Answer {
        key: request.key.clone(),
        ticket: request.ticket,
        outcome,
    };
    tenure.answered(at(millis), &answer, &mut out);
    out
}

fn written(revision: u64) -> Outcome {
    Outcome::Written {
        revision,
        created: CREATED,
    }
}

fn held_by(name: &str, revision: u64) -> Outcome {
    Outcome::Found {
        entry: Entry::Held {
            holder: holder(name),
            token: Some(token(CREATED, 1)),
        },
        revision,
        created: 0,
    }
}

fn only(requests: Vec<Request>) -> Request {
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests.into_iter().next().unwrap()
}

fn expects(request: &Request) -> Option<u64> {
    match request.op {
        Op::Write { expected, .. } => Some(expected),
        Op::Read => None,
    }
}

/// A tenure that took the lease with write number `revision` at 0 ms.
fn holding(revision: u64) -> Tenure {
    let mut tenure = tenure("a");
    let read = only(beat(&mut tenure, 0));
    let take = only(answer(&mut tenure, 0, &read, Outcome::Absent));
    assert_eq!(expects(&take), Some(0));
    assert!(answer(&mut tenure, 0, &take, written(revision)).is_empty());
    tenure
}

/// The next request from `from` on, and when it was made.
fn next_request(tenure: &mut Tenure, from: i64) -> (i64, Request) {
    let asked = (from..from + 2_000).step_by(100);
    let mut asked = asked.filter_map(|millis| Some((millis, beat(tenure, millis).pop()?)));
    asked.next().unwrap()
}

/// Beats without an answer, up to and including `until`.
fn silence(tenure: &mut Tenure, from: i64, until: i64) {
    for millis in (from..=until).step_by(100) {
        beat(tenure, millis);
    }
}

#[test]
fn a_lease_that_was_never_written_is_taken_at_once() {
    let mut tenure = holding(5);
    let token = token(CREATED, 5);
    assert_eq!(tenure.standing(at(0)), Standing::Sure { token });
    assert!(beat(&mut tenure, 900).is_empty(), "not due yet");
    let renew = only(beat(&mut tenure, 1_000));
    assert_eq!(expects(&renew), Some(5));
    answer(&mut tenure, 1_000, &renew, written(8));
    assert_eq!(tenure.token(at(1_000)), Some(token), "the same tenure");
}

#[test]
fn a_lease_that_was_given_back_is_taken_at_once() {
    let mut tenure = tenure("b");
    let read = only(beat(&mut tenure, 0));
    let released = Outcome::Found {
        entry: Entry::Released,
        revision: 7,
        created: 0,
    };
    let take = only(answer(&mut tenure, 0, &read, released));
    assert_eq!(expects(&take), Some(7));
}

#[test]
fn a_held_lease_is_taken_only_after_its_revision_stood_still_for_the_lease_time() {
    let mut tenure = tenure("b");
    let mut now = 0;
    let mut read = |tenure: &mut Tenure, revision| {
        now += 500;
        let asked = only(beat(tenure, now));
        if asked.op == Op::Read {
            assert!(answer(tenure, now, &asked, held_by("a", revision)).is_empty());
        }
        asked
    };
    for revision in [1, 1, 1, 2, 2, 2, 2, 2, 2] {
        assert_eq!(read(&mut tenure, revision).op, Op::Read);
    }
    assert_eq!(tenure.rival(), Some(&holder("a")));
    let take = read(&mut tenure, 2);
    assert_eq!(expects(&take), Some(2));
}

#[test]
fn a_silence_of_the_store_does_not_count_as_one_of_the_holder() {
    let mut tenure = tenure("b");
    let read = only(beat(&mut tenure, 0));
    answer(&mut tenure, 0, &read, held_by("a", 1));
    silence(&mut tenure, 100, 3_400);
    assert!(tenure.is_store_lost(at(3_400)));
    let (back, read) = next_request(&mut tenure, 3_500);
    assert_eq!(read.op, Op::Read);
    answer(&mut tenure, back, &read, held_by("a", 1));
    assert!(!tenure.is_store_lost(at(back)));
    // One interval between two reads, with the time that an answer may take, is believed.
    for millis in (back + 100..back + 2_250).step_by(100) {
        for asked in beat(&mut tenure, millis) {
            assert_eq!(asked.op, Op::Read, "too early at {millis}");
            answer(&mut tenure, millis, &asked, held_by("a", 1));
        }
    }
}

#[test]
fn a_read_that_is_lost_delays_a_takeover_by_no_more_than_itself() {
    let mut tenure = tenure("b");
    let read = only(beat(&mut tenure, 0));
    answer(&mut tenure, 0, &read, held_by("a", 1));
    let mut reads = 0;
    let taken = (100..6_000).step_by(100).find(|millis| {
        let mut takes = false;
        for asked in beat(&mut tenure, *millis) {
            takes = asked.op != Op::Read;
            reads += 1;
            if !takes && reads != 3 {
                answer(&mut tenure, *millis, &asked, held_by("a", 1));
            }
        }
        takes
    });
    let taken = taken.expect("taken over");
    assert!((3_000..=4_000).contains(&taken), "{taken}");
}

#[test]
fn a_pause_makes_a_holder_passive_until_it_has_renewed_the_lease() {
    let mut tenure = holding(1);
    assert!(tenure.token(at(1_000)).is_some(), "no gap yet");
    let early = tenure.standing(at(1_001));
    assert_eq!(early, Standing::Unsure, "before any beat");
    let renew = only(beat(&mut tenure, 2_000));
    assert_eq!(expects(&renew), Some(1));
    assert_eq!(tenure.standing(at(2_000)), Standing::Unsure);
    answer(&mut tenure, 2_010, &renew, written(2));
    assert_eq!(tenure.token(at(2_010)), Some(token(CREATED, 1)));
}

#[test]
fn a_paused_holder_that_reads_its_own_name_renews_before_it_acts() {
    let mut tenure = holding(1);
    let renew = only(beat(&mut tenure, 2_000));
    let read = only(answer(&mut tenure, 2_010, &renew, Outcome::Conflict));
    let renew = only(answer(&mut tenure, 2_020, &read, held_by("a", 3)));
    assert_eq!(
        tenure.standing(at(2_020)),
        Standing::Unsure,
        "read, not renewed"
    );
    assert_eq!(expects(&renew), Some(3));
    answer(&mut tenure, 2_030, &renew, written(4));
    assert_eq!(tenure.token(at(2_030)), Some(token(CREATED, 1)));
}

#[test]
fn a_clock_that_was_set_back_is_a_pause_of_unknown_length() {
    let mut tenure = holding(1);
    assert_eq!(tenure.standing(at(-1)), Standing::Unsure);
    assert_eq!(expects(&only(beat(&mut tenure, -1))), Some(1));
    assert_eq!(tenure.standing(at(-1)), Standing::Unsure);
}

#[test]
fn a_paused_holder_that_gets_no_answer_stays_passive() {
    let mut tenure = holding(1);
    silence(&mut tenure, 5_000, 60_000);
    assert_eq!(tenure.standing(at(60_000)), Standing::Unsure);
    assert!(tenure.is_store_lost(at(60_000)));
}

#[test]
fn a_paused_holder_that_lost_the_lease_stands_by() {
    let mut tenure = holding(1);
    let renew = only(beat(&mut tenure, 60_000));
    let read = only(answer(&mut tenure, 60_005, &renew, Outcome::Conflict));
    answer(&mut tenure, 60_010, &read, held_by("b", 9));
    assert_eq!(tenure.standing(at(60_010)), Standing::Passive);
    assert_eq!(tenure.rival(), Some(&holder("b")));
}

#[test]
fn a_holder_goes_on_while_the_store_is_lost_and_an_alarm_stands() {
    let mut tenure = holding(1);
    silence(&mut tenure, 100, 60_000);
    let token = token(CREATED, 1);
    assert_eq!(tenure.standing(at(60_000)), Standing::Sure { token });
    assert!(tenure.is_store_lost(at(60_000)));
}

/// A server whose disk is full answers reads, and nothing at all to writes.
#[test]
fn a_store_that_answers_reads_and_takes_no_writes_is_lost_to_holder_and_candidate() {
    let mut holder = holding(1);
    let mut candidate = tenure("b");
    for millis in (100..=60_000).step_by(100) {
        for (tenure, name) in [(&mut holder, "a"), (&mut candidate, "a")] {
            for asked in beat(tenure, millis) {
                if asked.op == Op::Read {
                    answer(tenure, millis, &asked, held_by(name, 1));
                }
            }
        }
        let is_known = millis >= 3_000;
        assert!(holder.is_store_lost(at(millis)) || !is_known, "{millis}");
    }
    let token = token(CREATED, 1);
    assert_eq!(holder.standing(at(60_000)), Standing::Sure { token });
    assert_eq!(candidate.standing(at(60_000)), Standing::Passive);
    let (then, read) = next_request(&mut holder, 60_100);
    let renewed = answer(&mut holder, then, &read, held_by("a", 1));
    for renew in renewed {
        answer(&mut holder, then, &renew, written(2));
    }
    assert!(!holder.is_store_lost(at(then)), "it takes writes again");
}

/// That another one has written shows that the store does.
#[test]
fn a_write_that_was_lost_alone_is_no_lost_store() {
    let mut tenure = holding(1);
    silence(&mut tenure, 100, 1_400);
    let (then, read) = next_request(&mut tenure, 1_500);
    assert_eq!(read.op, Op::Read);
    answer(&mut tenure, then, &read, held_by("b", 2));
    silence(&mut tenure, then + 100, then + 400);
    assert!(!tenure.is_store_lost(at(then + 400)));
}

#[test]
fn a_candidate_takes_nothing_while_the_store_is_lost() {
    let mut tenure = tenure("b");
    for millis in (0..60_000).step_by(100) {
        for asked in beat(&mut tenure, millis) {
            assert_eq!(asked.op, Op::Read);
            answer(&mut tenure, millis, &asked, Outcome::Unavailable);
        }
    }
    assert_eq!(tenure.standing(at(60_000)), Standing::Passive);
    assert!(tenure.is_store_lost(at(60_000)));
}

#[test]
fn a_renewal_that_meets_a_conflict_makes_passive_at_once() {
    let mut tenure = holding(1);
    silence(&mut tenure, 100, 900);
    let renew = only(beat(&mut tenure, 1_000));
    let read = only(answer(&mut tenure, 1_010, &renew, Outcome::Conflict));
    assert_eq!(tenure.standing(at(1_010)), Standing::Unsure);
    assert_eq!(read.op, Op::Read);
    answer(&mut tenure, 1_020, &read, held_by("b", 2));
    assert_eq!(tenure.standing(at(1_020)), Standing::Passive);
}

#[test]
fn a_write_of_unknown_fate_is_followed_by_a_read() {
    let mut tenure = holding(1);
    silence(&mut tenure, 100, 900);
    let renew = only(beat(&mut tenure, 1_000));
    assert_eq!(expects(&renew), Some(1));
    let (then, read) = next_request(&mut tenure, 1_100);
    assert_eq!(read.op, Op::Read);
    let renew = only(answer(&mut tenure, then, &read, held_by("a", 2)));
    assert!(tenure.token(at(then)).is_some(), "no pause: it acts on");
    assert_eq!(expects(&renew), Some(2), "it had been done");
}

#[test]
fn answers_that_are_late_repeated_or_of_another_lease_change_nothing() {
    let mut tenure = tenure("a");
    let read = only(beat(&mut tenure, 0));
    let mut stranger = read.clone();
    stranger.key = LeaseKey::Gateway(domain::Account::new("main").unwrap());
    assert!(answer(&mut tenure, 0, &stranger, Outcome::Absent).is_empty());
    let take = only(answer(&mut tenure, 0, &read, Outcome::Absent));
    assert!(answer(&mut tenure, 0, &read, Outcome::Absent).is_empty());
    for millis in [100, 200, 300, 400] {
        assert!(beat(&mut tenure, millis).is_empty(), "one at a time");
    }
    assert!(answer(&mut tenure, 500, &take, written(1)).is_empty());
    assert_eq!(tenure.standing(at(500)), Standing::Passive, "late");
}

#[test]
fn a_bucket_made_anew_is_the_old_holders_first() {
    let mut tenure = holding(70);
    let old = tenure.token(at(0)).unwrap();
    silence(&mut tenure, 100, 900);
    let renew = only(beat(&mut tenure, 1_000));
    let read = only(answer(&mut tenure, 1_000, &renew, Outcome::Conflict));
    let take = only(answer(&mut tenure, 1_010, &read, Outcome::Absent));
    let anew = Outcome::Written {
        revision: 1,
        created: CREATED + 90_000_000,
    };
    answer(&mut tenure, 1_020, &take, anew);
    assert!(tenure.token(at(1_020)).unwrap() > old);

    let mut standby = self::tenure("b");
    let read = only(beat(&mut standby, 0));
    answer(&mut standby, 0, &read, held_by("a", 70));
    silence(&mut standby, 100, 400);
    let read = only(beat(&mut standby, 500));
    let asked = answer(&mut standby, 500, &read, Outcome::Absent);
    assert!(asked.is_empty(), "the one that held it comes first");
}

#[test]
fn who_retires_gives_the_lease_back_and_asks_for_nothing_more() {
    let mut tenure = holding(4);
    let mut out = Vec::new();
    tenure.retire(at(10), &mut out);
    let release = only(out);
    let entry = Entry::Released;
    assert_eq!(release.op, Op::Write { expected: 4, entry });
    assert_eq!(tenure.standing(at(10)), Standing::Passive);
    answer(&mut tenure, 20, &release, written(5));
    let released = Outcome::Found {
        entry: Entry::Released,
        revision: 5,
        created: 0,
    };
    for read in beat(&mut tenure, 100) {
        assert!(answer(&mut tenure, 110, &read, released.clone()).is_empty());
    }
}
