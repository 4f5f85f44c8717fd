//! Places and cancels over one persistent socket; whatever surely was not written is told apart.

mod frame;
mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::outcome::{HttpResult, TransportError};
use crate::request::ApiRequest;
use crate::rest::RestClient;
use crate::stream::{BACKOFF_MAX, BACKOFF_MIN, CONNECT_LIMIT, ROTATE_AFTER, STABLE_AFTER, backoff};

pub use frame::{Answer, answer};
use session::{Command, End, Session};

/// Quiet for so long and we ping; quiet for as long again and the connection is dead. An order
/// written into a dead socket is an order in doubt, so this is found out early.
pub const PING_AFTER: Duration = Duration::from_secs(15);
/// A frame of some 500 bytes that the kernel does not take in this time has nobody behind it.
pub const WRITE_LIMIT: Duration = Duration::from_secs(2);
/// Calls without an answer at once; far above what the venue's order limits allow in 5 s.
pub const IN_FLIGHT_MAX: usize = 256;
/// Calls that may wait to be written.
const COMMANDS_MAX: usize = 64;
/// Late answers that may wait to be heard.
const LATE_MAX: usize = 64;

/// Where to connect, and the time limits (tests shorten them).
#[derive(Debug, Clone)]
pub struct WsApiConfig {
    /// The whole address, e.g. `wss://ws-fapi.binance.com/ws-fapi/v1`.
    pub url: String,
    /// Local clock, Unix ms: a logon is signed with it.
    pub clock: fn() -> i64,
    /// See [`ROTATE_AFTER`]: the venue cuts a connection at 24 h.
    pub rotate_after: Duration,
    /// See [`PING_AFTER`].
    pub ping_after: Duration,
    /// See [`WRITE_LIMIT`].
    pub write_limit: Duration,
    /// See [`CONNECT_LIMIT`]; the logon included.
    pub connect_limit: Duration,
    /// See [`STABLE_AFTER`].
    pub stable_after: Duration,
    /// See [`BACKOFF_MIN`].
    pub backoff_min: Duration,
    /// See [`BACKOFF_MAX`].
    pub backoff_max: Duration,
}

impl WsApiConfig {
    /// The limits of this module for `url`.
    #[must_use]
    pub fn new(url: &str, clock: fn() -> i64) -> Self {
        Self {
            url: url.to_owned(),
            clock,
            rotate_after: ROTATE_AFTER,
            ping_after: PING_AFTER,
            write_limit: WRITE_LIMIT,
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

/// Why a call surely was not carried out by this socket: it may go another way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotSent {
    /// No connection, or not logged on yet.
    NotConnected,
    /// The venue has logged the session out, and refused the call for that.
    SessionLost,
    /// Too many calls wait or are out.
    Busy,
    /// This interface has no such method.
    NoMethod,
}

/// How a call ended without an answer of the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Surely not carried out.
    NotSent(NotSent),
    /// In doubt: ask by our id, never send again.
    Transport(TransportError),
}

/// An answer that came after its asker had given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateAnswer {
    /// The asker's number of the call.
    pub tag: u64,
    /// What was answered.
    pub result: HttpResult,
}

/// The way to the socket; cheap to clone.
#[derive(Debug, Clone)]
pub struct WsApi {
    current: watch::Receiver<Option<mpsc::Sender<Command>>>,
    shared: Arc<Shared>,
}

/// What the handle, the supervisor and each connection share.
#[derive(Debug)]
struct Shared {
    rest: Arc<RestClient>,
    late: mpsc::Sender<LateAnswer>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    sessions: Count,
    sent: Count,
    broken: Count,
    late: Count,
    late_dropped: Count,
    strays: Count,
}

/// A counter for the heartbeat.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Starts to keep a connection open; it signs with the key and the clock of `rest`. Runs until the
/// receiver is dropped. Must be called within a runtime.
#[must_use]
pub fn open(config: WsApiConfig, rest: Arc<RestClient>) -> (WsApi, mpsc::Receiver<LateAnswer>) {
    let (late, late_answers) = mpsc::channel(LATE_MAX);
    let (sender, current) = watch::channel(None);
    let shared = Arc::new(Shared {
        rest,
        late,
        counts: Counts::default(),
    });
    drop(tokio::spawn(run(config, sender, Arc::clone(&shared))));
    (WsApi { current, shared }, late_answers)
}

impl WsApi {
    /// True for calls that this interface has a method for.
    #[must_use]
    pub fn takes(request: &ApiRequest) -> bool {
        frame::method_of(request).is_some()
    }

    /// Whether a call would be written now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        let current = self.current.borrow();
        current.as_ref().is_some_and(|session| !session.is_closed())
    }

    /// Resolves once a call would be written.
    pub async fn connected(&mut self) {
        let open = |session: &Option<mpsc::Sender<Command>>| {
            session.as_ref().is_some_and(|session| !session.is_closed())
        };
        // An error means that the supervisor has ended: there is nothing to wait for.
        drop(self.current.wait_for(open).await);
    }

    /// Writes the call once and waits for its answer; dropping the future gives the answer up,
    /// not the call. `at_ms` is the local clock, Unix ms.
    ///
    /// # Errors
    /// [`Failure`]: surely not carried out, or in doubt.
    pub async fn execute(
        &self,
        tag: u64,
        request: &ApiRequest,
        at_ms: i64,
    ) -> Result<HttpResult, Failure> {
        let not_connected = Failure::NotSent(NotSent::NotConnected);
        let session = self.current.borrow().clone();
        let (reply, answer) = oneshot::channel();
        let command = Command {
            tag,
            request: request.clone(),
            at_ms,
            reply,
        };
        match session.ok_or(not_connected)?.try_send(command) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(Failure::NotSent(NotSent::Busy)),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(not_connected),
        }
        // A connection that ends without a word may have written it.
        answer
            .await
            .unwrap_or(Err(Failure::Transport(TransportError::Other)))
    }

    /// Counters and levels by name, for the heartbeat.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, u64)> {
        let counts = &self.shared.counts;
        vec![
            ("ws_api_connected", u64::from(self.is_connected())),
            ("ws_api_sessions", counts.sessions.get()),
            ("ws_api_sent", counts.sent.get()),
            ("ws_api_broken_calls", counts.broken.get()),
            ("ws_api_late_answers", counts.late.get()),
            ("ws_api_late_dropped", counts.late_dropped.get()),
            ("ws_api_stray_frames", counts.strays.get()),
        ]
    }
}

async fn run(
    config: WsApiConfig,
    current: watch::Sender<Option<mpsc::Sender<Command>>>,
    shared: Arc<Shared>,
) {
    let (config, closed) = (Arc::new(config), shared.late.clone());
    tokio::select! {
        () = closed.closed() => {}
        () = keep_open(&config, &current, &shared) => {}
    }
}

async fn keep_open(
    config: &Arc<WsApiConfig>,
    current: &watch::Sender<Option<mpsc::Sender<Command>>>,
    shared: &Arc<Shared>,
) {
    let mut backoff = config.backoff();
    loop {
        let ended = match Session::open(config, shared).await {
            Ok(session) => {
                shared.counts.sessions.add();
                let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
                let running = tokio::spawn(session.run(inbox));
                // The one before, if any, takes nothing any more, and ends when all that was
                // asked of it is answered.
                current.send_replace(Some(commands));
                let (ended, was_stable) = watched(config, running).await;
                if was_stable {
                    backoff = config.backoff();
                }
                ended
            }
            Err(end) => Some(end),
        };
        let Some(end) = ended else {
            continue; // its time is up: it serves until another one is there
        };
        tracing::warn!(why = %end, "WebSocket API disconnected: orders go over REST");
        let pause = backoff.next().unwrap_or(config.backoff_max);
        sleep(pause.max(end.pause())).await;
    }
}

/// Waits for the end of a connection, or of its time (then none); and whether it held long enough
/// to count as healthy.
async fn watched(config: &WsApiConfig, mut running: JoinHandle<End>) -> (Option<End>, bool) {
    let ended = |end: Result<End, tokio::task::JoinError>| {
        Some(end.unwrap_or_else(|error| End::Broken(error.to_string())))
    };
    let stable_after = config.stable_after.min(config.rotate_after);
    tokio::select! {
        end = &mut running => return (ended(end), false),
        () = sleep(stable_after) => {}
    }
    tokio::select! {
        end = &mut running => (ended(end), true),
        () = sleep(config.rotate_after.saturating_sub(stable_after)) => (None, true),
    }
}

#[cfg(test)]
#[path = "ws_api/tests.rs"]
mod tests;
