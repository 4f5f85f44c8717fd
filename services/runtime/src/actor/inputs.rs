//! What an actor waits for, one at a time.

use std::time::Duration;

use bus::Message;
use domain::lease::Answer;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::{self, Interval, MissedTickBehavior};

use super::{BEAT, others_first};
use crate::lease::Answers;
use crate::shutdown::Shutdown;

/// How long what nobody waits for is put off where something has left: an order that a mark leads
/// to leaves within 1 to 2 ms (docs/performance.md), and whoever is on its path finds the cores
/// and the bus free.
pub(super) const PAUSE: Duration = Duration::from_millis(2);

pub(super) enum Input {
    Stop,
    Beat,
    Lease(Answer),
    Message(Message),
    Closed,
}

/// All sources of input.
pub(super) struct Inputs<'a, I> {
    shutdown: &'a Shutdown,
    beats: Interval,
    answers: Answers,
    inbox: I,
    /// What came in a pause.
    ahead: Option<Input>,
}

impl<'a, I: Stream<Item = Message> + Unpin> Inputs<'a, I> {
    /// The first beat is due at once.
    pub(super) fn new(shutdown: &'a Shutdown, answers: Answers, inbox: I) -> Self {
        let mut beats = time::interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self {
            shutdown,
            beats,
            answers,
            inbox,
            ahead: None,
        }
    }

    /// The next input, as soon as there is one.
    pub(super) async fn next(&mut self) -> Input {
        match self.ahead.take() {
            Some(input) => input,
            None => self.wait().await,
        }
    }

    /// Passes [`PAUSE`], or less where an input comes in; it is the next one. Where one is there
    /// already, others have at least this core's next slice.
    pub(super) async fn pause(&mut self) {
        if self.ahead.is_none() {
            self.ahead = self.wait().now_or_never();
        }
        if self.ahead.is_some() {
            return others_first();
        }
        self.ahead = time::timeout(PAUSE, self.wait()).await.ok();
    }

    /// No source loses anything where the wait for it is broken off.
    async fn wait(&mut self) -> Input {
        tokio::select! {
            biased;
            () = self.shutdown.requested() => Input::Stop,
            _ = self.beats.tick() => Input::Beat,
            answer = self.answers.next() => Input::Lease(answer),
            message = self.inbox.next() => message.map_or(Input::Closed, Input::Message),
        }
    }
}
