//! The loop that does an actor's waiting: shutdown, beat and inbox in, effects out.

mod inputs;

use std::time::Duration;

use bus::{BadMessage, Heard, Message};
use domain::Timestamp;
use domain::lease::{Answer, Request};
use futures_util::Stream;
use tracing::Span;

use self::inputs::{Input, Inputs};
use crate::clock::{SteppedBack, Steps};
use crate::lease::Answers;
use crate::shutdown::Shutdown;
use crate::trace::{self, Says, Tracer, Under};

/// How often an actor is told the time without any message, so that it notices silence too.
pub const BEAT: Duration = Duration::from_millis(100);

/// So many inputs without an effect may follow each other before the connection's own task and
/// the timers get their turn; small against a beat, large against the cost of a turn (1 us).
const INPUTS_PER_TURN_MAX: u32 = 64;

/// A synchronous state machine: it is handed the time and one input, and pushes what it wants
/// done. It never waits, never does I/O and never reads a clock.
pub trait Actor {
    /// What it may want done; `bus::Message` for a service that only speaks on the bus.
    type Effect: Says;

    /// One valid message.
    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<Self::Effect>);

    /// Called every [`BEAT`]; a beat that was missed is not made up for.
    fn beat(&mut self, now: Timestamp, out: &mut Vec<Self::Effect>);

    /// A message that was refused at the border; to be counted and told in the heartbeat.
    fn refused(&mut self, now: Timestamp, bad: &BadMessage);

    /// The server has refused intents of this actor since it was last told so.
    fn forbidden(&mut self, _now: Timestamp, _out: &mut Vec<Self::Effect>) {}

    /// An answer of the store of leases; only an actor that asks it gets any.
    fn lease(&mut self, _now: Timestamp, _answer: &Answer, _out: &mut Vec<Self::Effect>) {}

    /// Whether it has put something off until [`Self::afterwards`].
    fn owes(&self) -> bool {
        false
    }

    /// Everything that the last input called for is on its way: what nobody waits for is said and
    /// logged now, always before the next input is taken up.
    fn afterwards(&mut self, _now: Timestamp, _out: &mut Vec<Self::Effect>) {}

    /// A stop was asked for: the last call, to give back what is held.
    fn stop(&mut self, _now: Timestamp, _out: &mut Vec<Self::Effect>) {}
}

/// What an actor that holds leases may want done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Say this on the bus.
    Say(Message),
    /// Ask the store of leases.
    Lease(Request),
}

impl From<Message> for Effect {
    fn from(message: Message) -> Self {
        Self::Say(message)
    }
}

impl Says for Effect {
    fn said(&mut self) -> Option<&mut Message> {
        match self {
            Self::Say(message) => Some(message),
            Self::Lease(_) => None,
        }
    }
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to; everything decided before has left.
    Shutdown,
    /// It was asked to, but effects would not leave within the grace period.
    Overdue,
    /// The inbox is closed: the connection is gone for good, and so must be the process.
    InboxClosed,
    /// The clock was set back: the process must start anew.
    SteppedBack(SteppedBack),
}

/// What reaches an actor from outside its own process, and where its spans go.
pub struct Outside<I> {
    /// Messages.
    pub inbox: I,
    /// Answers of the store of leases.
    pub answers: Answers,
    /// Where the spans go.
    pub tracer: Tracer,
    /// How many intents the server has refused so far; looked at with each beat.
    pub intents_refused: Box<dyn Fn() -> u64 + Send>,
}

/// Runs `actor` until a stop is asked for or the inbox ends. After each input every effect has
/// left through `send`, in order, before the next input is taken up. A stop interrupts waiting
/// only, never the effects of an input.
pub async fn run<A: Actor>(
    actor: &mut A,
    inbox: impl Stream<Item = Message> + Unpin,
    send: impl AsyncFnMut(A::Effect),
    clock: impl Fn() -> Timestamp,
    shutdown: Shutdown,
) -> Ended {
    let outside = Outside {
        inbox,
        answers: Answers::none(),
        tracer: Tracer::off(),
        intents_refused: Box::new(|| 0),
    };
    run_leased(actor, outside, send, clock, shutdown).await
}

/// As [`run`], for an actor that holds leases: `send` leaves its requests with the
/// [`LeasePort`](crate::lease::LeasePort), and the answers come in here. What follows from a
/// message is said under its trace.
pub async fn run_leased<A: Actor>(
    actor: &mut A,
    outside: Outside<impl Stream<Item = Message> + Unpin>,
    mut send: impl AsyncFnMut(A::Effect),
    clock: impl Fn() -> Timestamp,
    shutdown: Shutdown,
) -> Ended {
    let Outside {
        inbox,
        answers,
        tracer,
        intents_refused,
    } = outside;
    let mut refused = Level(intents_refused());
    let mut inputs = Inputs::new(&shutdown, answers, inbox);
    let mut out = Vec::new();
    let mut refusals = Refusals::default();
    let mut quiet: u32 = 0;
    let mut steps = Steps::default();
    loop {
        let input = inputs.next().await;
        let now = match steps.take(clock()) {
            Ok(now) => now,
            Err(stepped) => return Ended::SteppedBack(stepped),
        };
        let (mut cause, mut scope) = (None, Span::none());
        match input {
            Input::Stop => {
                actor.stop(now, &mut out);
                return match deliver(&mut out, &mut send, &shutdown).await {
                    true => Ended::Shutdown,
                    false => Ended::Overdue,
                };
            }
            Input::Closed => return Ended::InboxClosed,
            Input::Beat => {
                if refused.has_grown(intents_refused()) {
                    actor.forbidden(now, &mut out);
                }
                actor.beat(now, &mut out);
            }
            Input::Lease(answer) => actor.lease(now, &answer, &mut out),
            Input::Message(message) => {
                scope = trace::log_scope(&message);
                scope.in_scope(|| hear(actor, &message, &mut refusals, now, &mut out));
                cause = Some(message);
            }
        }
        let mut under = tracer.under(cause.as_ref(), now);
        quiet += 1;
        let acts = !out.is_empty();
        if acts || quiet >= INPUTS_PER_TURN_MAX {
            quiet = 0;
            if !leave(&mut out, &mut under, &mut send, &shutdown).await {
                return Ended::Overdue;
            }
        }
        if acts && actor.owes() {
            under.end();
            inputs.pause().await;
        }
        scope.in_scope(|| actor.afterwards(now, &mut out));
        if !out.is_empty() && !leave(&mut out, &mut under, &mut send, &shutdown).await {
            return Ended::Overdue;
        }
    }
}

fn hear<A: Actor>(
    actor: &mut A,
    message: &Message,
    refusals: &mut Refusals,
    now: Timestamp,
    out: &mut Vec<A::Effect>,
) {
    match bus::decode(message) {
        Ok(heard) => actor.hear(now, heard, out),
        Err(bad) => {
            refusals.log(&bad);
            actor.refused(now, &bad);
        }
    }
}

/// Lets whoever has just been woken on this core go first: what follows is what nobody waits for.
/// Where there are fewer cores than services, the next one on an order's path would wait for it.
/// Where nobody waits for the core it is one system call, else at most the other's slice: the next
/// input waits as long.
pub fn others_first() {
    std::thread::yield_now();
}

/// Says all of `out` and gives way; `false` only where a stop is overdue. A publish only queues:
/// the connection's task writes when this one gives way. And an inbox that is never empty would
/// otherwise keep the timers from firing.
async fn leave<E: Says>(
    out: &mut Vec<E>,
    under: &mut Under<'_>,
    send: &mut impl AsyncFnMut(E),
    shutdown: &Shutdown,
) -> bool {
    under.say(out);
    if !deliver(out, send, shutdown).await {
        return false;
    }
    tokio::task::yield_now().await;
    true
}

/// Whether all of `out` left; `false` only where a stop is overdue.
async fn deliver<E>(out: &mut Vec<E>, send: &mut impl AsyncFnMut(E), shutdown: &Shutdown) -> bool {
    let all = async {
        for effect in out.drain(..) {
            send(effect).await;
        }
    };
    tokio::select! {
        biased;
        () = all => true,
        () = shutdown.overdue() => false,
    }
}

/// A count of something that is looked at now and then.
struct Level(u64);

impl Level {
    /// Whether it is higher than at any look before.
    fn has_grown(&mut self, count: u64) -> bool {
        let has_grown = count > self.0;
        self.0 = self.0.max(count);
        has_grown
    }
}

/// Refused messages are counted by the actor; the log gets the 1st, 2nd, 4th, 8th ... of them,
/// so that a flood of bad input is no flood of lines.
#[derive(Default)]
struct Refusals(u64);

impl Refusals {
    fn log(&mut self, bad: &BadMessage) {
        self.0 = self.0.saturating_add(1);
        if self.0.is_power_of_two() {
            tracing::warn!(error = %bad, refused = self.0, "message refused");
        }
    }
}

#[cfg(test)]
mod tests;
