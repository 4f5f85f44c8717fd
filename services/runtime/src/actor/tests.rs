//! The loop against a scripted inbox, in paused time.

mod put_off;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use tokio::time::{self, Instant, advance, timeout};

use super::*;
use crate::shutdown::GRACE;

/// Says `effects` numbered things for each message, refused or not, and counts beats.
#[derive(Default)]
struct Talker {
    effects: u32,
    said: u32,
    beats: u32,
    refused: u32,
    /// After how many beats it was told that intents of it were refused.
    forbidden_at: Vec<u32>,
}

impl Says for u32 {
    fn said(&mut self) -> Option<&mut Message> {
        None
    }
}

impl Actor for Talker {
    type Effect = u32;

    fn hear(&mut self, _now: Timestamp, _heard: Heard, _out: &mut Vec<u32>) {}

    fn beat(&mut self, _now: Timestamp, out: &mut Vec<u32>) {
        self.beats += 1;
        for _ in 0..self.effects {
            self.said += 1;
            out.push(self.said);
        }
    }

    fn refused(&mut self, _now: Timestamp, _bad: &BadMessage) {
        self.refused += 1;
    }

    fn forbidden(&mut self, _now: Timestamp, _out: &mut Vec<u32>) {
        self.forbidden_at.push(self.beats);
    }
}

fn talker(effects: u32) -> Talker {
    Talker {
        effects,
        ..Talker::default()
    }
}

fn epoch() -> Timestamp {
    Timestamp::default()
}

/// On no subject of ours: the loop must count it and go on.
fn noise() -> Message {
    Message::new("nobody.says.this".into(), Vec::new())
}

/// An inbox that has a message every millisecond and is never empty.
fn busy(messages: u32) -> impl Stream<Item = Message> {
    stream::unfold(0, move |sent| async move {
        if sent == messages {
            return None;
        }
        advance(Duration::from_millis(1)).await;
        Some((noise(), sent + 1))
    })
}

#[tokio::test(start_paused = true)]
async fn a_busy_inbox_starves_no_beat() {
    let mut actor = talker(0);
    let inbox = Box::pin(busy(1_000));
    let ended = run(&mut actor, inbox, async |_| {}, epoch, Shutdown::new()).await;
    assert_eq!(ended, Ended::InboxClosed);
    assert_eq!(actor.refused, 1_000);
    assert!((10..=11).contains(&actor.beats), "{}", actor.beats);
}

#[tokio::test]
async fn an_inbox_that_is_always_ready_leaves_room_for_other_tasks() {
    let done = Rc::new(RefCell::new(false));
    let other = Rc::clone(&done);
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            tokio::task::spawn_local(async move { *other.borrow_mut() = true });
            let shutdown = Shutdown::new();
            let stop = shutdown.clone();
            // It never waits; it ends only once the other task has had its turn.
            let inbox = stream::repeat_with(|| {
                if *done.borrow() {
                    stop.request();
                }
                noise()
            });
            let mut actor = talker(0);
            let ended = run(&mut actor, inbox, async |_| {}, epoch, shutdown).await;
            assert_eq!(ended, Ended::Shutdown);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_inbox_still_hears_the_beat() {
    let mut actor = talker(0);
    let shutdown = Shutdown::new();
    let looping = run(&mut actor, stream::pending(), async |_| {}, epoch, shutdown);
    assert!(
        timeout(Duration::from_millis(1_050), looping)
            .await
            .is_err()
    );
    assert_eq!(actor.beats, 11);
}

#[tokio::test(start_paused = true)]
async fn refused_intents_are_told_once_with_the_next_beat() {
    let mut actor = talker(0);
    let shutdown = Shutdown::new();
    let asked = AtomicU64::new(0);
    let outside = Outside {
        inbox: stream::pending(),
        answers: Answers::none(),
        tracer: Tracer::off(),
        // None at the start, none with the first two beats, then two and no more.
        intents_refused: Box::new(move || match asked.fetch_add(1, Ordering::Relaxed) {
            0..3 => 0,
            _ => 2,
        }),
    };
    let looping = run_leased(&mut actor, outside, async |_| {}, epoch, shutdown);
    assert!(timeout(Duration::from_millis(450), looping).await.is_err());
    assert_eq!((actor.beats, actor.forbidden_at.as_slice()), (5, &[2][..]));
}

#[tokio::test(start_paused = true)]
async fn missed_beats_are_skipped() {
    let mut actor = talker(1);
    let shutdown = Shutdown::new();
    // The first beat's effect takes 950 ms to leave: of the nine beats in between one is late,
    // the others are gone.
    let slow = async |effect| {
        if effect == 1 {
            tokio::time::sleep(Duration::from_millis(950)).await;
        }
    };
    let looping = run(&mut actor, stream::pending(), slow, epoch, shutdown);
    assert!(
        timeout(Duration::from_millis(1_050), looping)
            .await
            .is_err()
    );
    assert_eq!(actor.beats, 3, "at 0, 950 and 1,000 ms");
}

#[tokio::test(start_paused = true)]
async fn effects_leave_in_order_and_before_the_next_input() {
    let mut actor = talker(3);
    let sent = RefCell::new(Vec::new());
    let shutdown = Shutdown::new();
    let send = async |effect| {
        tokio::task::yield_now().await;
        sent.borrow_mut().push(effect);
    };
    let looping = run(&mut actor, stream::pending(), send, epoch, shutdown);
    assert!(timeout(Duration::from_millis(250), looping).await.is_err());
    assert_eq!(*sent.borrow(), (1..=9).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_the_loop_before_anything_else() {
    let mut actor = talker(1);
    let shutdown = Shutdown::new();
    shutdown.request();
    let inbox = Box::pin(busy(1_000));
    let ended = run(&mut actor, inbox, async |_| {}, epoch, shutdown).await;
    assert_eq!(ended, Ended::Shutdown);
    assert_eq!((actor.beats, actor.refused), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn shutdown_in_the_middle_of_effects_lets_all_of_them_leave() {
    let mut actor = talker(5);
    let sent = RefCell::new(0);
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let send = async |_| {
        stop.request();
        tokio::time::sleep(Duration::from_millis(10)).await;
        *sent.borrow_mut() += 1;
    };
    let ended = run(&mut actor, stream::pending(), send, epoch, shutdown).await;
    assert_eq!(ended, Ended::Shutdown);
    assert_eq!(*sent.borrow(), 5);
}

#[tokio::test(start_paused = true)]
async fn effects_that_never_leave_hold_a_shutdown_up_for_the_grace_period_only() {
    let mut actor = talker(1);
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let started = Instant::now();
    let send = async |_| {
        stop.request();
        std::future::pending::<()>().await;
    };
    let ended = run(&mut actor, stream::pending(), send, epoch, shutdown).await;
    assert_eq!(ended, Ended::Overdue);
    assert_eq!(started.elapsed(), GRACE);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_inbox_ends_the_loop() {
    let mut actor = talker(0);
    let inbox = stream::iter([noise(), noise()]);
    let ended = run(&mut actor, inbox, async |_| {}, epoch, Shutdown::new()).await;
    assert_eq!(ended, Ended::InboxClosed);
    assert_eq!(actor.refused, 2);
}

/// Asks for a lease with its first beat, keeps the answers, and gives it back at the end.
#[derive(Default)]
struct Owner {
    asked: bool,
    answers: Vec<Answer>,
}

fn request(ticket: u64) -> Request {
    Request {
        key: domain::lease::LeaseKey::Guard,
        ticket,
        op: domain::lease::Op::Read,
    }
}

impl Actor for Owner {
    type Effect = Effect;

    fn hear(&mut self, _now: Timestamp, _heard: Heard, _out: &mut Vec<Effect>) {}

    fn beat(&mut self, _now: Timestamp, out: &mut Vec<Effect>) {
        if !self.asked {
            self.asked = true;
            out.push(Effect::Lease(request(1)));
        }
    }

    fn refused(&mut self, _now: Timestamp, _bad: &BadMessage) {}

    fn lease(&mut self, _now: Timestamp, answer: &Answer, _out: &mut Vec<Effect>) {
        self.answers.push(answer.clone());
    }

    fn stop(&mut self, _now: Timestamp, out: &mut Vec<Effect>) {
        out.push(Effect::Lease(request(2)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_asked_for_answered_and_given_back_at_the_end() {
    let mut owner = Owner::default();
    let (told, answers) = Answers::scripted();
    let shutdown = Shutdown::new();
    let asked = RefCell::new(Vec::new());
    let send = async |effect: Effect| {
        let Effect::Lease(Request { key, ticket, .. }) = effect else {
            panic!("{effect:?}");
        };
        asked.borrow_mut().push(ticket);
        let outcome = domain::lease::Outcome::Absent;
        let answer = Answer {
            key,
            ticket,
            outcome,
        };
        told.send(answer).await.unwrap();
    };
    let stop = shutdown.clone();
    let looping = run_leased(
        &mut owner,
        Outside {
            inbox: stream::pending(),
            answers,
            tracer: Tracer::off(),
            intents_refused: Box::new(|| 0),
        },
        send,
        epoch,
        stop,
    );
    let ends = async {
        time::sleep(BEAT).await;
        shutdown.request();
    };
    let (ended, ()) = tokio::join!(looping, ends);
    assert_eq!(ended, Ended::Shutdown);
    assert_eq!(*asked.borrow(), [1, 2], "the last one at the stop");
    let tickets: Vec<u64> = owner.answers.iter().map(|answer| answer.ticket).collect();
    assert_eq!(tickets, [1]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_ends_the_loop() {
    let mut actor = talker(0);
    let ms = std::cell::Cell::new(60_000);
    let clock = || {
        ms.set(ms.get() - 700);
        Timestamp::from_millis(ms.get())
    };
    let inbox = stream::pending();
    let ended = run(&mut actor, inbox, async |_| {}, clock, Shutdown::new()).await;
    let by = domain::Span::from_millis(1_400);
    assert_eq!(ended, Ended::SteppedBack(SteppedBack { by }));
}
