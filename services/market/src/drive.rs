//! The loop of the market service: the common one has a single inbox, this service has two sides.

use std::collections::BTreeSet;

use bus::Message;
use domain::{Symbol, Timestamp};
use futures_util::{Stream, StreamExt};
use runtime::actor::others_first;
use runtime::trace::Under;
use runtime::{Actor, BEAT, Shutdown, Tracer};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::time::{self, Interval, MissedTickBehavior};

use crate::actor::{Market, MarketInput};
use crate::aside::Aside;

/// The service's two sides: the bus and the venue's stream.
#[derive(Debug)]
pub struct Sides<I> {
    /// Messages of the bus.
    pub inbox: I,
    /// Frames of the venue.
    pub frames: mpsc::Receiver<MarketInput>,
    /// Tells the stream what to subscribe to.
    pub wanted: watch::Sender<BTreeSet<Symbol>>,
    /// Where spans go: a tick begins a trace.
    pub tracer: Tracer,
}

/// Why the loop ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DriveError {
    /// The bus.
    #[error("the connection to the bus is gone for good")]
    InboxClosed,
    /// The streams' task.
    #[error("the task of the market streams has ended")]
    StreamEnded,
}

enum Input {
    Stop,
    Due,
    Beat,
    Message(Message),
    Market(MarketInput),
    Failed(DriveError),
}

/// Runs `actor` until a stop is asked for. After each input every effect has left, in order,
/// before the next input is looked at; what the actor says afterwards leaves a moment later.
///
/// # Errors
/// [`DriveError`] where one side is gone.
pub async fn run<I: Stream<Item = Message> + Unpin>(
    actor: &mut Market,
    mut sides: Sides<I>,
    mut send: impl AsyncFnMut(Message),
    clock: impl Fn() -> Timestamp,
    shutdown: Shutdown,
) -> Result<(), DriveError> {
    let mut beats = time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut out = Vec::new();
    let mut aside = Aside::default();
    loop {
        let input = next(&mut beats, &mut sides, &mut aside, &shutdown).await;
        if matches!(input, Input::Stop | Input::Due | Input::Failed(_)) {
            deliver(&mut aside.take(), &mut send).await;
        }
        let (now, mut cause) = (clock(), None);
        match input {
            Input::Stop => return Ok(()),
            Input::Due => continue,
            Input::Failed(error) => return Err(error),
            Input::Beat => actor.beat(now, &mut out),
            Input::Market(input) => actor.input(now, &input, &mut out),
            Input::Message(message) => {
                match bus::decode(&message) {
                    Ok(heard) => actor.hear(now, heard, &mut out),
                    Err(bad) => actor.refused(now, &bad),
                }
                cause = Some(message);
            }
        }
        tell_stream(actor, &sides.wanted);
        let mut under = sides.tracer.under(cause.as_ref(), now);
        if leave(&mut out, &mut under, &mut send).await {
            others_first();
        }
        actor.afterwards(now, &mut out);
        under.say(&mut out);
        aside.put(&mut out);
    }
}

/// Says all of `out`; `false` where there was nothing.
async fn leave(
    out: &mut Vec<Message>,
    under: &mut Under<'_>,
    send: &mut impl AsyncFnMut(Message),
) -> bool {
    if out.is_empty() {
        return false;
    }
    under.say(out);
    deliver(out, send).await;
    true
}

/// A publish only queues: the connection's task writes when this one gives way.
async fn deliver(out: &mut Vec<Message>, send: &mut impl AsyncFnMut(Message)) {
    for message in out.drain(..) {
        send(message).await;
    }
    tokio::task::yield_now().await;
}

async fn next<I: Stream<Item = Message> + Unpin>(
    beats: &mut Interval,
    sides: &mut Sides<I>,
    aside: &mut Aside,
    shutdown: &Shutdown,
) -> Input {
    tokio::select! {
        biased;
        () = shutdown.requested() => Input::Stop,
        () = aside.due() => Input::Due,
        _ = beats.tick() => Input::Beat,
        frame = sides.frames.recv() => {
            frame.map_or(Input::Failed(DriveError::StreamEnded), Input::Market)
        }
        message = sides.inbox.next() => {
            message.map_or(Input::Failed(DriveError::InboxClosed), Input::Message)
        }
    }
}

/// The contracts only ever become more, so their number tells whether there are new ones.
fn tell_stream(actor: &Market, wanted: &watch::Sender<BTreeSet<Symbol>>) {
    if wanted.borrow().len() != actor.followed() {
        wanted.send_replace(actor.symbols());
    }
}
