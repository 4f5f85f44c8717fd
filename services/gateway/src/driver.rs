//! Carries out what the state machine wants, and hands it what comes; decides nothing.

use std::sync::Arc;
use std::time::Duration;

use bus::Message;
use domain::Timestamp;
use domain::lease::{Answer as LeaseAnswer, Request};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use runtime::actor::others_first;
use runtime::clock::{SteppedBack, Steps};
use runtime::lease::{Answers, LeasePort};
use runtime::{Actor as _, BEAT, Shutdown};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until, timeout};

use crate::admin::Order;
use crate::trace::Traces;
use crate::{CallId, GatewayActor, GatewayEffect, VenueCall, VenueInput};
use binance::stream::{StreamControl, StreamItem};
use binance::transport::VenueApi;
use binance::ws_api::LateAnswer;
use binance::{HttpResult, PositionMode, TransportError};

/// How long calls that are on their way may take once a stop was asked for: the timeout of a call.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// The way to the venue.
#[derive(Debug)]
pub struct Venue {
    /// For calls, over whichever way.
    pub api: Arc<VenueApi>,
    /// Answers that come after the driver gave their call up.
    pub late: mpsc::Receiver<LateAnswer>,
    /// The user stream's items.
    pub stream: mpsc::Receiver<StreamItem>,
    /// To reconnect it.
    pub control: StreamControl,
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to; every call has ended or its time was up.
    Shutdown,
    /// A connection to the bus is gone for good.
    BusGone,
    /// Another gateway acts for the account.
    LeaseLost,
    /// The clock was set back: the process must start anew.
    SteppedBack(SteppedBack),
    /// The account keeps positions in another way than the settings say: nothing may be sent.
    PositionMode {
        /// On the venue.
        found: PositionMode,
        /// In the settings.
        expected: PositionMode,
    },
}

type Answer = (CallId, Result<HttpResult, TransportError>);

/// The state machine with its hands.
#[derive(Debug)]
pub struct Driver {
    actor: GatewayActor,
    venue: Venue,
    expected: PositionMode,
    leases: Leases,
    traces: Traces,
    kills: Option<mpsc::Receiver<Order>>,
    calls: FuturesUnordered<BoxFuture<'static, Answer>>,
    out: Vec<GatewayEffect>,
    stream_ended: bool,
    late_ended: bool,
}

enum Input {
    Stop,
    Overdue,
    Beat,
    Answer(Answer),
    Late(Option<LateAnswer>),
    Stream(Option<StreamItem>),
    Lease(LeaseAnswer),
    Kill(Option<Order>),
    Message(Option<Message>),
}

/// The way to the store of leases: where requests are left, and the answers.
#[derive(Debug)]
pub struct Leases {
    /// `None` where this gateway owns without a lease.
    pub port: Option<LeasePort>,
    /// What comes back.
    pub answers: Answers,
}

impl Leases {
    /// Of a gateway that owns without a lease.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            port: None,
            answers: Answers::none(),
        }
    }
}

async fn next_kill(kills: &mut Option<mpsc::Receiver<Order>>) -> Option<Order> {
    match kills {
        Some(kills) => kills.recv().await,
        None => None,
    }
}

impl Driver {
    /// A driver for `actor`, which must not have been started.
    #[must_use]
    pub fn new(actor: GatewayActor, venue: Venue, expected: PositionMode, leases: Leases) -> Self {
        Self {
            actor,
            venue,
            expected,
            leases,
            traces: Traces::default(),
            kills: None,
            calls: FuturesUnordered::new(),
            out: Vec::new(),
            stream_ended: false,
            late_ended: false,
        }
    }

    /// The same, telling of orders under their traces.
    #[must_use]
    pub fn tracing(mut self, traces: Traces) -> Self {
        self.traces = traces;
        self
    }

    /// The same driver, which also takes kills that come by the gateway's own port.
    #[must_use]
    pub fn taking_kills(mut self, kills: mpsc::Receiver<Order>) -> Self {
        self.kills = Some(kills);
        self
    }

    /// Runs until a stop is asked for and no call is on its way any more, or until the bus is
    /// gone. After each input every effect has left, in order, before the next input.
    pub async fn run(
        mut self,
        mut words: impl Stream<Item = Message> + Unpin,
        mut approvals: impl Stream<Item = Message> + Unpin,
        mut publish: impl AsyncFnMut(Message),
        faults: impl Fn() -> Vec<(String, u64)>,
        clock: impl Fn() -> Timestamp,
        shutdown: Shutdown,
    ) -> Ended {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut deadline = None;
        let mut steps = Steps::default();
        let mut now = clock();
        self.actor.start(now, &mut self.out);
        loop {
            self.carry_out(&mut publish, now).await;
            if let Some(ended) = self.ended(deadline.is_some()) {
                return self.finish(ended, clock()).await;
            }
            let stop = (&shutdown, deadline);
            let bus = (&mut words, &mut approvals);
            let input = self.next(stop, &mut beats, bus).await;
            now = match steps.take(clock()) {
                Ok(now) => now,
                Err(stepped) => return Ended::SteppedBack(stepped),
            };
            match input {
                Input::Stop => {
                    self.actor.wind_down();
                    deadline = Some(Instant::now() + STOP_GRACE);
                }
                Input::Overdue => return self.finish(Ended::Shutdown, now).await,
                Input::Beat => {
                    self.actor.gauge(faults());
                    let ways = self.venue.api.named().into_iter();
                    self.actor
                        .gauge(ways.map(|(name, value)| (name.to_owned(), value)));
                    self.actor.beat(now, &mut self.out);
                }
                Input::Answer((call, result)) => {
                    self.traces.answered(call, &result);
                    let input = VenueInput::Answer { call, result };
                    self.actor.venue(now, input, &mut self.out);
                }
                Input::Late(Some(LateAnswer { tag, result })) => {
                    let (call, result) = (CallId(tag), Ok(result));
                    let input = VenueInput::Answer { call, result };
                    self.actor.venue(now, input, &mut self.out);
                }
                Input::Late(None) => self.late_ended = true,
                Input::Stream(Some(item)) => {
                    let input = VenueInput::Stream(item);
                    self.actor.venue(now, input, &mut self.out);
                }
                Input::Stream(None) => self.stream_ended = true,
                Input::Kill(Some(order)) => self.kill(order, now),
                Input::Kill(None) => self.kills = None,
                Input::Lease(answer) => self.actor.lease(now, &answer, &mut self.out),
                Input::Message(None) => return Ended::BusGone,
                Input::Message(Some(message)) => self.hear(&message, now),
            }
        }
    }

    /// Shutdown, a direct kill, then time, the venue, the bus: a flood of one never hides silence
    /// of another. A kill that waits beside an approval is heard first.
    async fn next<W, A>(
        &mut self,
        (shutdown, deadline): (&Shutdown, Option<Instant>),
        beats: &mut Interval,
        (words, approvals): (&mut W, &mut A),
    ) -> Input
    where
        W: Stream<Item = Message> + Unpin,
        A: Stream<Item = Message> + Unpin,
    {
        let overdue = deadline.unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            () = shutdown.requested(), if deadline.is_none() => Input::Stop,
            () = sleep_until(overdue), if deadline.is_some() => Input::Overdue,
            order = next_kill(&mut self.kills), if self.kills.is_some() => Input::Kill(order),
            _ = beats.tick() => Input::Beat,
            Some(answer) = self.calls.next() => Input::Answer(answer),
            answer = self.leases.answers.next() => Input::Lease(answer),
            late = self.venue.late.recv(), if !self.late_ended => Input::Late(late),
            item = self.venue.stream.recv(), if !self.stream_ended => Input::Stream(item),
            message = words.next() => Input::Message(message),
            message = approvals.next() => Input::Message(message),
        }
    }

    fn kill(&mut self, order: Order, now: Timestamp) {
        let Order { kill, answer } = order;
        let lowered = self.actor.kill(now, &kill, &mut self.out);
        if answer.send(lowered).is_err() {
            tracing::info!(
                tag = "EXIT_GATEWAY",
                "whoever said the kill is gone; it counts"
            );
        }
    }

    fn hear(&mut self, message: &Message, now: Timestamp) {
        self.traces.heard(message, now);
        match bus::decode(message) {
            Ok(heard) => self.actor.hear(now, heard, &mut self.out),
            Err(bad) => {
                tracing::warn!(tag = "EXIT_GATEWAY", error = %bad, "message refused");
                self.actor.refused(now, &bad);
            }
        }
    }

    /// Carries out what was decided at `now`, and then what nobody waits for.
    async fn carry_out(&mut self, publish: &mut impl AsyncFnMut(Message), now: Timestamp) {
        let acts = !self.out.is_empty();
        self.carry_out_what_waits(publish, now).await;
        if acts {
            others_first();
        }
        self.actor.afterwards(now, &mut self.out);
        self.carry_out_what_waits(publish, now).await;
        self.traces.turn();
    }

    /// A request is signed with `now` and not with the moment at which it leaves: after a pause in
    /// between the venue refuses it as too old.
    async fn carry_out_what_waits(
        &mut self,
        publish: &mut impl AsyncFnMut(Message),
        now: Timestamp,
    ) {
        if self.out.is_empty() {
            return;
        }
        for effect in std::mem::take(&mut self.out) {
            match effect {
                GatewayEffect::Publish(mut message) => {
                    self.traces.told(&mut message, now);
                    publish(message).await;
                }
                GatewayEffect::Call(call) => self.call(call, now),
                GatewayEffect::SetClockOffset(ms) => self.venue.api.set_clock_offset_ms(ms),
                GatewayEffect::RenewStream => self.venue.control.reconnect(),
                GatewayEffect::Lease(request) => self.ask(request),
            }
        }
        // A publish only queues: the connection's own task writes when this one gives way.
        tokio::task::yield_now().await;
    }

    fn call(&mut self, call: VenueCall, now: Timestamp) {
        self.traces.called(&call, now);
        let api = Arc::clone(&self.venue.api);
        let limit = u64::try_from(call.timeout.micros()).unwrap_or(0);
        let answer = async move {
            let executed = api.execute(call.id.0, &call.request, now.millis());
            let result = timeout(Duration::from_micros(limit), executed).await;
            (call.id, result.unwrap_or(Err(TransportError::Timeout)))
        };
        let mut answer = answer.boxed();
        // The request leaves now, not when the loop comes round to it.
        match (&mut answer).now_or_never() {
            Some(done) => self.calls.push(async move { done }.boxed()),
            None => self.calls.push(answer),
        }
    }

    fn ask(&self, request: Request) {
        if let Some(port) = &self.leases.port {
            port.asker().ask(request);
        }
    }

    /// Gives the account back, so that a standby needn't wait.
    async fn finish(mut self, ended: Ended, now: Timestamp) -> Ended {
        let mut out = Vec::new();
        self.actor.stop(now, &mut out);
        for effect in out {
            if let GatewayEffect::Lease(request) = effect {
                self.ask(request);
            }
        }
        if let Some(port) = self.leases.port {
            port.close().await;
        }
        ended
    }

    fn ended(&self, stopping: bool) -> Option<Ended> {
        if self.actor.has_lost_its_lease() {
            return Some(Ended::LeaseLost);
        }
        if stopping && self.calls.is_empty() {
            return Some(Ended::Shutdown);
        }
        let found = self.actor.position_mode()?;
        let expected = self.expected;
        (found != expected).then_some(Ended::PositionMode { found, expected })
    }
}
