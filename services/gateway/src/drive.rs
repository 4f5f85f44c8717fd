//! The gateway's loop: bus and venue in, publishes and calls out. It does all the waiting, so that
//! the actor never has to.

use std::sync::Arc;
use std::time::Duration;

use bus::{Client, Message};
use domain::Timestamp;
use futures_util::{Stream, StreamExt};
use runtime::{Actor, BEAT, Shutdown, start};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::{self, Interval, MissedTickBehavior};

use crate::actor::{GatewayActor, GatewayEffect, VenueCall, VenueInput};
use crate::binance::TransportError;
use crate::binance::rest::RestClient;
use crate::binance::stream::{StreamControl, StreamItem};

/// Answers and frames on their way to the actor. Calls are bounded by the actor itself, and a full
/// queue of frames holds the socket back.
pub const QUEUE_MAX: usize = 1_024;
/// Calls that have left are waited for this long when a stop is asked for.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// Everything that the loop reads from and acts on.
#[derive(Debug)]
pub struct Sides<I> {
    /// Messages of the bus, of both accounts.
    pub inbox: I,
    /// Frames and gaps of the user stream.
    pub stream: mpsc::Receiver<StreamItem>,
    /// Ends the stream's connection, so that a new one is made.
    pub control: StreamControl,
    /// The venue's calls.
    pub rest: Arc<RestClient>,
    /// Where facts are published.
    pub trade: Client,
}

/// Why the loop ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DriveError {
    /// The bus.
    #[error("the connection to the bus is gone for good")]
    InboxClosed,
    /// The user stream's task.
    #[error("the task of the user stream has ended")]
    StreamEnded,
}

enum Input {
    Stop,
    Beat,
    Venue(VenueInput),
    Message(Message),
    Failed(DriveError),
}

/// Runs `actor` until a stop is asked for, then waits for the calls that have left.
///
/// # Errors
/// [`DriveError`] where one side is gone for good.
pub async fn run<I: Stream<Item = Message> + Unpin>(
    actor: &mut GatewayActor,
    mut sides: Sides<I>,
    clock: impl Fn() -> Timestamp,
    shutdown: Shutdown,
) -> Result<(), DriveError> {
    let (answers, mut answered) = mpsc::channel(QUEUE_MAX);
    let mut beats = time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut out = Vec::new();
    actor.start(clock(), &mut out);
    loop {
        act(&mut out, &sides, &answers, &clock).await;
        match next(&mut beats, &mut sides, &mut answered, &shutdown).await {
            Input::Stop => break,
            Input::Failed(error) => return Err(error),
            Input::Beat => actor.beat(clock(), &mut out),
            Input::Venue(input) => actor.venue(clock(), input, &mut out),
            Input::Message(message) => match bus::decode(&message) {
                Ok(heard) => actor.hear(clock(), heard, &mut out),
                Err(bad) => {
                    tracing::warn!(error = %bad, "message refused");
                    actor.refused(clock(), &bad);
                }
            },
        }
    }
    actor.stop();
    let drained = drain(actor, &mut answered, &sides, &answers, &clock);
    if time::timeout(DRAIN_MAX, drained).await.is_err() {
        tracing::warn!(
            tag = "EXIT_GATEWAY",
            "stopped with calls unanswered: ask the venue"
        );
    }
    Ok(())
}

async fn next<I: Stream<Item = Message> + Unpin>(
    beats: &mut Interval,
    sides: &mut Sides<I>,
    answered: &mut mpsc::Receiver<VenueInput>,
    shutdown: &Shutdown,
) -> Input {
    tokio::select! {
        biased;
        () = shutdown.requested() => Input::Stop,
        _ = beats.tick() => Input::Beat,
        Some(answer) = answered.recv() => Input::Venue(answer),
        item = sides.stream.recv() => match item {
            Some(item) => Input::Venue(VenueInput::Stream(item)),
            None => Input::Failed(DriveError::StreamEnded),
        },
        message = sides.inbox.next() => {
            message.map_or(Input::Failed(DriveError::InboxClosed), Input::Message)
        }
    }
}

/// Carries effects out in their order; a call runs beside the loop and comes back as an input.
async fn act<I>(
    out: &mut Vec<GatewayEffect>,
    sides: &Sides<I>,
    answers: &mpsc::Sender<VenueInput>,
    clock: &impl Fn() -> Timestamp,
) {
    if out.is_empty() {
        return;
    }
    for effect in out.drain(..) {
        match effect {
            GatewayEffect::Publish(message) => start::publish(&sides.trade, message).await,
            GatewayEffect::SetClockOffset(millis) => sides.rest.set_clock_offset_ms(millis),
            GatewayEffect::RenewStream => sides.control.reconnect(),
            GatewayEffect::Call(call) => {
                let (rest, answers) = (Arc::clone(&sides.rest), answers.clone());
                tokio::spawn(carry_out(rest, call, clock().millis(), answers));
            }
        }
    }
    // A publish only queues: the connection's task writes when this one gives way.
    tokio::task::yield_now().await;
}

async fn carry_out(
    rest: Arc<RestClient>,
    call: VenueCall,
    local_ms: i64,
    answers: mpsc::Sender<VenueInput>,
) {
    let VenueCall {
        id,
        request,
        timeout,
    } = call;
    let longest = Duration::from_micros(u64::try_from(timeout.micros()).unwrap_or(0));
    let result = time::timeout(longest, rest.execute(&request, local_ms)).await;
    let result = result.unwrap_or(Err(TransportError::Timeout));
    // A closed queue means that the loop has ended: nobody is left to tell.
    drop(answers.send(VenueInput::Answer { call: id, result }).await);
}

async fn drain<I>(
    actor: &mut GatewayActor,
    answered: &mut mpsc::Receiver<VenueInput>,
    sides: &Sides<I>,
    answers: &mpsc::Sender<VenueInput>,
    clock: &impl Fn() -> Timestamp,
) {
    let mut out = Vec::new();
    while actor.calls_in_flight() > 0 {
        let Some(answer) = answered.recv().await else {
            return;
        };
        actor.venue(clock(), answer, &mut out);
        act(&mut out, sides, answers, clock).await;
    }
}
