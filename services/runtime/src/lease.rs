//! The way to the store of leases, and what owning by lease means for an actor.

mod ownership;

use std::time::Duration;

use bus::LeaseStore;
use domain::lease::{Answer, Request};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time;

pub use ownership::{Change, Ownership};

/// Requests that may wait. Each lease has one at most, and a position has one lease: more than an
/// executor follows. What finds no room is lost, and its asker takes it for unanswered.
const QUEUE_MAX: usize = 16_384;
/// Requests on their way at once; the store answers one in a quarter of a millisecond.
const FLYING_MAX: usize = 64;
/// Longer than any asker waits; it only keeps the number of those on their way bounded.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Giving leases back at the end of a process takes a round trip, or is not worth waiting for.
const CLOSE_MAX: Duration = Duration::from_millis(500);

/// The way to the store; the answers come through [`Answers`].
#[derive(Debug)]
pub struct LeasePort {
    asker: Asker,
    carrier: JoinHandle<()>,
}

/// Where an actor's loop leaves requests.
#[derive(Debug, Clone)]
pub struct Asker(mpsc::Sender<Request>);

/// The answers, in the order in which they come.
#[derive(Debug)]
pub struct Answers(Option<mpsc::Receiver<Answer>>);

/// Opens the way to the store. Each request is carried out once, and in the order of asking where
/// they concern one lease.
#[must_use]
pub fn open(store: LeaseStore) -> (LeasePort, Answers) {
    let (requests, asked) = mpsc::channel(QUEUE_MAX);
    let (told, answers) = mpsc::channel(QUEUE_MAX);
    let carrier = tokio::spawn(carry(store, asked, told));
    let asker = Asker(requests);
    (LeasePort { asker, carrier }, Answers(Some(answers)))
}

impl Asker {
    /// Leaves a request; whether it is ever answered shows in its answer.
    pub fn ask(&self, request: Request) {
        if let Err(error) = self.0.try_send(request) {
            tracing::warn!(error = %error, "a lease request found no room");
        }
    }
}

impl LeasePort {
    /// Where requests are left.
    #[must_use]
    pub const fn asker(&self) -> &Asker {
        &self.asker
    }

    /// Waits, not for long, until what was asked has been carried out. No asker may be left.
    pub async fn close(self) {
        let Self { asker, carrier } = self;
        drop(asker);
        if time::timeout(CLOSE_MAX, carrier).await.is_err() {
            tracing::warn!("leases not given back: the store does not answer");
        }
    }
}

impl Answers {
    /// Of an actor that holds no lease: none, ever.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Answers that a test gives.
    #[cfg(test)]
    pub(crate) fn scripted() -> (mpsc::Sender<Answer>, Self) {
        let (told, answers) = mpsc::channel(QUEUE_MAX);
        (told, Self(Some(answers)))
    }

    /// The next answer. Never ends; may be dropped and asked again.
    pub async fn next(&mut self) -> Answer {
        if let Some(answers) = &mut self.0
            && let Some(answer) = answers.recv().await
        {
            return answer;
        }
        self.0 = None;
        std::future::pending().await
    }
}

async fn carry(store: LeaseStore, mut asked: mpsc::Receiver<Request>, told: mpsc::Sender<Answer>) {
    let mut flying = FuturesUnordered::new();
    let mut open = true;
    while open || !flying.is_empty() {
        tokio::select! {
            request = asked.recv(), if open && flying.len() < FLYING_MAX => match request {
                Some(request) => flying.push(store.carry_out(request, ANSWER_MAX)),
                None => open = false,
            },
            Some(answer) = flying.next(), if !flying.is_empty() => {
                // Nobody listens any more at the end of a process; the request was done.
                if told.try_send(answer).is_err() && open {
                    tracing::warn!("an answer about a lease found no room");
                }
            }
        }
    }
}
