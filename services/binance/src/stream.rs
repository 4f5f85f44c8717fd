//! Keeps the user-data stream connected and hands its text frames on, with every gap marked.

mod keys;

use std::fmt;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::sign::query;

pub(crate) use keys::pause_of;
pub use keys::{KeyError, ListenKeys};

/// The venue cuts a connection at 24 h; we go one hour earlier, at a moment of our own.
pub const ROTATE_AFTER: Duration = Duration::from_secs(23 * 3600);
/// A listen key lives 60 min; extended at half of that.
pub const KEEPALIVE_EVERY: Duration = Duration::from_secs(30 * 60);
/// After a failed extension; leaves some 25 tries before the key dies.
pub const KEEPALIVE_RETRY: Duration = Duration::from_secs(60);
/// The venue pings every 3 min: two missed pings and the connection is dead.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(7 * 60);
/// TCP, TLS and handshake together.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// A connection that held this long ends the series of failed ones.
pub const STABLE_AFTER: Duration = Duration::from_secs(60);
/// First pause before reconnecting, doubled with each failure, plus up to as much again by chance.
pub const BACKOFF_MIN: Duration = Duration::from_millis(250);
/// Longest pause before the jitter: events are missing meanwhile, so not long.
pub const BACKOFF_MAX: Duration = Duration::from_secs(15);
/// For the farewell to the old connection; the new one waits for it.
pub const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// Largest frame taken; events are below 10 kB.
pub const FRAME_MAX_BYTES: usize = 1024 * 1024;

/// Where to connect, and the time limits (tests shorten them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamConfig {
    /// Scheme and host, e.g. `wss://fstream.binance.com`.
    pub ws_base: String,
    /// See [`ROTATE_AFTER`].
    pub rotate_after: Duration,
    /// See [`KEEPALIVE_EVERY`].
    pub keepalive_every: Duration,
    /// See [`KEEPALIVE_RETRY`].
    pub keepalive_retry: Duration,
    /// See [`SILENCE_LIMIT`].
    pub silence_limit: Duration,
    /// See [`CONNECT_LIMIT`].
    pub connect_limit: Duration,
    /// See [`STABLE_AFTER`].
    pub stable_after: Duration,
    /// See [`BACKOFF_MIN`].
    pub backoff_min: Duration,
    /// See [`BACKOFF_MAX`].
    pub backoff_max: Duration,
}

impl StreamConfig {
    /// The limits of this module for `ws_base`.
    #[must_use]
    pub fn new(ws_base: &str) -> Self {
        Self {
            ws_base: ws_base.trim_end_matches('/').to_owned(),
            rotate_after: ROTATE_AFTER,
            keepalive_every: KEEPALIVE_EVERY,
            keepalive_retry: KEEPALIVE_RETRY,
            silence_limit: SILENCE_LIMIT,
            connect_limit: CONNECT_LIMIT,
            stable_after: STABLE_AFTER,
            backoff_min: BACKOFF_MIN,
            backoff_max: BACKOFF_MAX,
        }
    }

    fn backoff(&self) -> ExponentialBackoff {
        backoff(self.backoff_min, self.backoff_max)
    }
}

/// Pauses before reconnecting: doubled from `min` to `max`, with jitter, for as long as it takes.
pub(crate) fn backoff(min: Duration, max: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(min)
        .with_max_delay(max)
        .with_jitter()
        .without_max_times()
        .build()
}

/// What the stream hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// Events flow from here on. What happened before is not told: read the state over REST.
    Connected,
    /// One text frame, unread.
    Text(String),
    /// No events until the next [`StreamItem::Connected`]. Also sent for each failed attempt.
    Disconnected {
        /// Why.
        why: StreamEnd,
    },
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// Its time was up; a new one follows at once.
    Rotated,
    /// [`StreamControl::reconnect`].
    Asked,
    /// Not even a ping within the limit.
    Silent,
    /// The venue no longer knows the listen key.
    KeyGone,
    /// No listen key could be had.
    NoKey(String),
    /// The venue is limiting us: nothing is sent before `pause` is over.
    Limited {
        /// From now on.
        pause: Duration,
    },
    /// No connection could be made.
    NotConnected(String),
    /// The venue closed it, or it broke.
    Broken(String),
}

impl fmt::Display for StreamEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotated => f.write_str("rotated"),
            Self::Asked => f.write_str("reconnect was asked for"),
            Self::Silent => f.write_str("silent for too long"),
            Self::KeyGone => f.write_str("listen key is gone"),
            Self::NoKey(why) => write!(f, "no listen key: {why}"),
            Self::Limited { pause } => write!(f, "limited for {} s", pause.as_secs()),
            Self::NotConnected(why) => write!(f, "not connected: {why}"),
            Self::Broken(why) => write!(f, "broken: {why}"),
        }
    }
}

/// Lets another task end the current connection, e.g. when events are missing that must be there.
#[derive(Debug, Clone, Default)]
pub struct StreamControl(Arc<Notify>);

impl StreamControl {
    /// Ends the current connection; without one, does nothing (one is being made anyway).
    pub fn reconnect(&self) {
        self.0.notify_waiters();
    }
}

/// Keeps the stream up until the receiving end of `out` is dropped. A full `out` holds the socket
/// back; no frame is dropped while a connection lasts. Frames on their way when it ends are lost,
/// which [`StreamItem::Disconnected`] marks.
pub async fn run<K: ListenKeys>(
    config: StreamConfig,
    keys: K,
    out: mpsc::Sender<StreamItem>,
    control: StreamControl,
) {
    let closed = out.clone();
    tokio::select! {
        () = closed.closed() => {}
        () = keep_connected(&config, &keys, &out, &control) => {}
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn keep_connected<K: ListenKeys>(
    config: &StreamConfig,
    keys: &K,
    out: &mpsc::Sender<StreamItem>,
    control: &StreamControl,
) {
    let mut backoff = config.backoff();
    loop {
        let (why, was_stable) = watched_session(config, keys, out, control).await;
        tracing::warn!(why = %why, "user stream disconnected");
        let at_once = matches!(why, StreamEnd::Rotated);
        let at_least = match why {
            StreamEnd::Limited { pause } => pause,
            _ => Duration::ZERO,
        };
        if out.send(StreamItem::Disconnected { why }).await.is_err() {
            return;
        }
        if was_stable {
            backoff = config.backoff();
        }
        if !at_once {
            sleep(backoff.next().unwrap_or(config.backoff_max).max(at_least)).await;
        }
    }
}

/// One session, and whether it held long enough to count as healthy.
async fn watched_session<K: ListenKeys>(
    config: &StreamConfig,
    keys: &K,
    out: &mpsc::Sender<StreamItem>,
    control: &StreamControl,
) -> (StreamEnd, bool) {
    let mut session = pin!(session(config, keys, out, control));
    tokio::select! {
        why = &mut session => return (why, false),
        () = sleep(config.stable_after) => {}
    }
    (session.await, true)
}

async fn session<K: ListenKeys>(
    config: &StreamConfig,
    keys: &K,
    out: &mpsc::Sender<StreamItem>,
    control: &StreamControl,
) -> StreamEnd {
    let mut socket = match connect(config, keys).await {
        Ok(socket) => socket,
        Err(why) => return why,
    };
    let asked = control.0.notified();
    if out.send(StreamItem::Connected).await.is_err() {
        return pending().await; // the receiver is gone: `run` ends
    }
    let why = tokio::select! {
        why = read(&mut socket, out, config.silence_limit) => why,
        () = key_gone(config, keys) => StreamEnd::KeyGone,
        () = asked => StreamEnd::Asked,
        () = sleep(config.rotate_after) => StreamEnd::Rotated,
    };
    // A courtesy; the peer may be gone already.
    drop(timeout(CLOSE_LIMIT, socket.close(None)).await);
    why
}

async fn connect<K: ListenKeys>(config: &StreamConfig, keys: &K) -> Result<Socket, StreamEnd> {
    let key = keys.create().await.map_err(|e| match e {
        KeyError::Limited { pause } => StreamEnd::Limited { pause },
        other => StreamEnd::NoKey(other.to_string()),
    })?;
    let url = format!(
        "{}/private/ws?{}",
        config.ws_base,
        query(&[("listenKey", key)])
    );
    let limits = WebSocketConfig::default()
        .max_message_size(Some(FRAME_MAX_BYTES))
        .max_frame_size(Some(FRAME_MAX_BYTES));
    let attempt = connect_async_with_config(url, Some(limits), true);
    match timeout(config.connect_limit, attempt).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(StreamEnd::NotConnected(words(&error))),
        Err(_) => Err(StreamEnd::NotConnected("took too long".to_owned())),
    }
}

/// Pings are answered by the WebSocket layer; the flush sends the answer at once.
async fn read(
    socket: &mut Socket,
    out: &mpsc::Sender<StreamItem>,
    silence_limit: Duration,
) -> StreamEnd {
    loop {
        let frame = match timeout(silence_limit, socket.next()).await {
            Err(_) => return StreamEnd::Silent,
            Ok(None) => return StreamEnd::Broken("end of stream".to_owned()),
            Ok(Some(Err(error))) => return StreamEnd::Broken(words(&error)),
            Ok(Some(Ok(frame))) => frame,
        };
        let text = match frame {
            Message::Text(text) => text.as_str().to_owned(),
            // Not a form the venue uses: handed on, so that the reader counts it.
            Message::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Message::Ping(_) => match socket.flush().await {
                Ok(()) => continue,
                Err(error) => return StreamEnd::Broken(words(&error)),
            },
            Message::Pong(_) | Message::Frame(_) => continue,
            Message::Close(_) => return StreamEnd::Broken("closed by the venue".to_owned()),
        };
        if out.send(StreamItem::Text(text)).await.is_err() {
            return pending().await; // the receiver is gone: `run` ends
        }
    }
}

/// Extends the key on its timer; returns when the venue no longer knows it.
async fn key_gone<K: ListenKeys>(config: &StreamConfig, keys: &K) {
    let mut pause = config.keepalive_every;
    loop {
        sleep(pause).await;
        pause = match keys.keepalive().await {
            Ok(()) => config.keepalive_every,
            Err(KeyError::Gone) => return,
            Err(error) => {
                tracing::warn!(%error, "listen key was not extended");
                error.pause().max(config.keepalive_retry)
            }
        };
    }
}

/// The layer's own words; the address, which holds the key, is not among them.
fn words(error: &Error) -> String {
    match error {
        Error::Url(_) => "ws_base is not a usable address".to_owned(),
        Error::Http(answer) => format!("HTTP status {}", answer.status().as_u16()),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "stream/tests.rs"]
mod tests;
