//! One connection of the WebSocket API: writes what it is told, gives every answer to its asker.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::frame::{self, Answer, LOGON_ID, Signer};
use super::{Failure, IN_FLIGHT_MAX, LateAnswer, NotSent, Shared, WsApiConfig};
use crate::outcome::{HttpResult, Limit, TransportError};
use crate::request::ApiRequest;
use crate::stream::{CLOSE_LIMIT, FRAME_MAX_BYTES, pause_of};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One call that somebody waits for.
#[derive(Debug)]
pub(super) struct Command {
    /// The asker's own number.
    pub tag: u64,
    pub request: ApiRequest,
    /// Local clock, Unix ms.
    pub at_ms: i64,
    pub reply: oneshot::Sender<Result<HttpResult, Failure>>,
}

impl Command {
    fn refuse(self, why: NotSent) {
        // The asker may have gone: then nobody waits for the word.
        drop(self.reply.send(Err(Failure::NotSent(why))));
    }
}

/// Why a connection ended, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// Another one took its place, and its last answer has come.
    Replaced,
    /// The venue no longer lets it speak for the key.
    SessionLost,
    /// Not even an answer to our ping.
    Silent,
    /// No connection could be made.
    NotConnected(String),
    /// The venue is limiting us: nothing is sent before this is over.
    Limited(Limit),
    /// The venue closed it, or it broke.
    Broken(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced => f.write_str("replaced"),
            Self::SessionLost => f.write_str("the venue logged the session out"),
            Self::Silent => f.write_str("silent for too long"),
            Self::NotConnected(why) => write!(f, "not connected: {why}"),
            Self::Limited(limit) => write!(f, "limited ({limit:?})"),
            Self::Broken(why) => write!(f, "broken: {why}"),
        }
    }
}

impl End {
    /// Nothing is sent for so long.
    pub(super) fn pause(&self) -> std::time::Duration {
        match self {
            Self::Limited(limit) => pause_of(*limit),
            _ => std::time::Duration::ZERO,
        }
    }
}

#[derive(Debug)]
struct InFlight {
    tag: u64,
    reply: oneshot::Sender<Result<HttpResult, Failure>>,
}

/// A connection that is ready for calls.
pub(super) struct Session {
    socket: Socket,
    config: Arc<WsApiConfig>,
    shared: Arc<Shared>,
    is_logged_on: bool,
    next_id: u64,
    in_flight: BTreeMap<u64, InFlight>,
    quiet: Interval,
    is_pinged: bool,
    /// No call is taken any more; set with the reason.
    draining: Option<End>,
}

impl Session {
    /// Connects, and logs on where the key can.
    ///
    /// # Errors
    /// [`End`] with the reason.
    pub(super) async fn open(config: &Arc<WsApiConfig>, shared: &Arc<Shared>) -> Result<Self, End> {
        let attempt = Self::connect(config, shared);
        match timeout(config.connect_limit, attempt).await {
            Ok(done) => done,
            Err(_) => Err(End::NotConnected("took too long".to_owned())),
        }
    }

    async fn connect(config: &Arc<WsApiConfig>, shared: &Arc<Shared>) -> Result<Self, End> {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(FRAME_MAX_BYTES))
            .max_frame_size(Some(FRAME_MAX_BYTES));
        let attempt = connect_async_with_config(&config.url, Some(limits), true);
        let (socket, _) = attempt.await.map_err(|error| not_connected(&error))?;
        let mut quiet = interval(config.ping_after);
        quiet.set_missed_tick_behavior(MissedTickBehavior::Delay);
        quiet.reset();
        let mut session = Self {
            socket,
            config: Arc::clone(config),
            shared: Arc::clone(shared),
            is_logged_on: false,
            next_id: LOGON_ID,
            in_flight: BTreeMap::new(),
            quiet,
            is_pinged: false,
            draining: None,
        };
        if shared.rest.credentials().can_log_on() {
            session.log_on().await?;
        }
        Ok(session)
    }

    async fn log_on(&mut self) -> Result<(), End> {
        let text = frame::logon(&self.signer((self.config.clock)()));
        self.write(text).await?;
        loop {
            let Some(text) = self.read().await? else {
                continue;
            };
            let Some(answer) = frame::answer(&text).filter(|answer| answer.id == LOGON_ID) else {
                continue;
            };
            self.is_logged_on = answer.result.status == 200;
            return match answer.result.status {
                200 => Ok(()),
                status => Err(refused_with(status, "logon")),
            };
        }
    }

    fn signer(&self, at_ms: i64) -> Signer<'_> {
        let rest = &self.shared.rest;
        Signer {
            credentials: rest.credentials(),
            recv_window_ms: rest.recv_window_ms(),
            venue_ms: rest.venue_ms(at_ms),
        }
    }

    /// Serves until the connection ends or every handle has let go of it and all is answered.
    /// Nobody who asked stays without a word: what was not written is told so, and what was
    /// written but not answered is in doubt.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) -> End {
        let end = self.serve(&mut commands).await;
        commands.close();
        while let Some(command) = commands.recv().await {
            command.refuse(NotSent::NotConnected);
        }
        for (_, call) in std::mem::take(&mut self.in_flight) {
            let in_doubt = Failure::Transport(TransportError::Other);
            if call.reply.send(Err(in_doubt)).is_ok() {
                self.shared.counts.broken.add();
            }
        }
        // A courtesy; the peer may be gone already.
        drop(timeout(CLOSE_LIMIT, self.socket.close(None)).await);
        end
    }

    async fn serve(&mut self, commands: &mut mpsc::Receiver<Command>) -> End {
        loop {
            if let Some(end) = self.draining.take_if(|_| !is_waited_for(&self.in_flight)) {
                return end;
            }
            // What the venue says comes first: a call is not written into a socket of which it
            // could be known that it is closed.
            let step = tokio::select! {
                biased;
                frame = self.socket.next() => self.take_in(frame).await,
                command = commands.recv(), if self.draining.is_none() => match command {
                    Some(command) => self.send(command).await,
                    None => {
                        self.draining = Some(End::Replaced);
                        Ok(())
                    }
                },
                _ = self.quiet.tick() => self.ping().await,
            };
            match step {
                Ok(()) if self.draining.is_some() => refuse_all(commands),
                Ok(()) => {}
                Err(end) => return end,
            }
        }
    }

    /// From the first byte on the call is in doubt until it is answered.
    async fn send(&mut self, command: Command) -> Result<(), End> {
        if command.reply.is_closed() {
            return Ok(()); // nobody waits any more: it would only be late
        }
        let Some(method) = frame::method_of(&command.request) else {
            command.refuse(NotSent::NoMethod);
            return Ok(());
        };
        if !self.has_room() {
            command.refuse(NotSent::Busy);
            return Ok(());
        }
        self.next_id += 1;
        let (id, params) = (self.next_id, &command.request.params);
        let signer = self.signer(command.at_ms);
        let text = frame::call(id, method, params, &signer, self.is_logged_on);
        let call = InFlight {
            tag: command.tag,
            reply: command.reply,
        };
        self.in_flight.insert(id, call);
        self.shared.counts.sent.add();
        self.write(text).await
    }

    /// Room for one more; a call that nobody waits for any more gives way.
    fn has_room(&mut self) -> bool {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            let given_up = self
                .in_flight
                .iter()
                .find(|(_, call)| call.reply.is_closed());
            if let Some(id) = given_up.map(|(id, _)| *id) {
                self.in_flight.remove(&id);
            }
        }
        self.in_flight.len() < IN_FLIGHT_MAX
    }

    async fn write(&mut self, text: String) -> Result<(), End> {
        let written = self.socket.send(Message::Text(text.into()));
        match timeout(self.config.write_limit, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(End::Broken(words(&error))),
            Err(_) => Err(End::Broken("a write took too long".to_owned())),
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.is_pinged {
            return Err(End::Silent);
        }
        self.is_pinged = true;
        let ping = self.socket.send(Message::Ping(Vec::new().into()));
        match timeout(self.config.write_limit, ping).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(End::Broken(words(&error))),
            Err(_) => Err(End::Silent),
        }
    }

    async fn read(&mut self) -> Result<Option<String>, End> {
        let frame = self.socket.next().await;
        self.text_of(frame).await
    }

    /// The text in a frame; pings are answered by the layer below, the flush sends the answer.
    async fn text_of(
        &mut self,
        frame: Option<Result<Message, Error>>,
    ) -> Result<Option<String>, End> {
        self.is_pinged = false;
        self.quiet.reset();
        let broken = |error: Error| End::Broken(words(&error));
        match frame {
            None => Err(End::Broken("end of stream".to_owned())),
            Some(Err(error)) => Err(broken(error)),
            Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Close(_))) => Err(End::Broken("closed by the venue".to_owned())),
            Some(Ok(Message::Ping(_))) => self.socket.flush().await.map(|()| None).map_err(broken),
            Some(Ok(Message::Binary(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
        }
    }

    async fn take_in(&mut self, frame: Option<Result<Message, Error>>) -> Result<(), End> {
        if let Some(text) = self.text_of(frame).await? {
            match frame::answer(&text) {
                Some(answer) => self.answered(answer),
                None => self.shared.counts.strays.add(),
            }
        }
        Ok(())
    }

    fn answered(&mut self, answer: Answer) {
        let Some(call) = self.in_flight.remove(&answer.id) else {
            self.shared.counts.strays.add();
            return;
        };
        // Refused for want of a signature: surely not executed, so it may go another way.
        let is_lost = self.is_logged_on && answer.is_session_lost();
        if is_lost {
            self.draining.get_or_insert(End::SessionLost);
        }
        let result = match is_lost {
            true => Err(Failure::NotSent(NotSent::SessionLost)),
            false => Ok(answer.result),
        };
        if let Err(Ok(result)) = call.reply.send(result) {
            self.shared.counts.late.add();
            let late = LateAnswer {
                tag: call.tag,
                result,
            };
            if self.shared.late.try_send(late).is_err() {
                self.shared.counts.late_dropped.add();
            }
        }
    }
}

fn is_waited_for(in_flight: &BTreeMap<u64, InFlight>) -> bool {
    in_flight.values().any(|call| !call.reply.is_closed())
}

/// What waits behind a connection that takes no more goes another way at once.
fn refuse_all(commands: &mut mpsc::Receiver<Command>) {
    commands.close();
    while let Ok(command) = commands.try_recv() {
        command.refuse(NotSent::SessionLost);
    }
}

fn not_connected(error: &Error) -> End {
    match error {
        Error::Http(answer) => refused_with(answer.status().as_u16(), "handshake"),
        other => End::NotConnected(words(other)),
    }
}

fn refused_with(status: u16, what: &str) -> End {
    match status {
        429 => End::Limited(Limit::Weight),
        418 => End::Limited(Limit::Banned),
        403 => End::Limited(Limit::Firewall),
        status => End::NotConnected(format!("{what} refused with status {status}")),
    }
}

/// The layer's own words.
fn words(error: &Error) -> String {
    match error {
        Error::Url(_) => "ws_api_url is not a usable address".to_owned(),
        Error::Http(answer) => format!("HTTP status {}", answer.status().as_u16()),
        other => other.to_string(),
    }
}
