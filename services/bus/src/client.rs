//! One connection to the bus, as one identity.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::client::FlushError;
use async_nats::connection::State;
use async_nats::{ConnectError, HeaderMap, PublishError, SubscribeError};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use thiserror::Error;
use tokio::time;

use crate::faults::{FaultCounters, Faults};
use crate::identity::Identity;
use crate::inbox::Inbox;
use crate::message::Message;
use crate::tls::ClientTls;
use crate::trace::TRACEPARENT;

/// Oldest server: 2.12 is strict where older ones ignore what they don't know, silently.
const SERVER_MIN: (i64, i64, i64) = (2, 12, 0);
/// Publishes that wait for the connection's task; more would only grow old there.
const PUBLISH_QUEUE_MAX: usize = 256;
/// A server that froze is noticed after two of these and a half.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// A server on the same network answers in milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A round trip takes a tenth of a millisecond; more than this is a fault.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);
/// First and longest pause before a lost connection is tried again.
const RECONNECT_MIN: Duration = Duration::from_millis(20);
const RECONNECT_MAX: Duration = Duration::from_secs(1);
/// Doublings of the pause until the longest is reached for sure.
const DOUBLINGS_MAX: usize = 6;

/// Where to connect, and as whom.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// `nats://host:port`.
    pub url: String,
    /// As whom.
    pub identity: Identity,
    /// File with the seed of that identity's key.
    pub seed_file: PathBuf,
    /// Messages that each subscription may hold before it loses some. Small on purpose: a reader
    /// that far behind must hear of it.
    pub capacity: usize,
    /// How the connection is encrypted.
    pub tls: ClientTls,
}

/// What the bus could not do.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each field is named in the message")]
pub enum BusError {
    #[error("key file {path} can't be read: {source}; create the keys or fix the path")]
    SeedFile { path: PathBuf, source: io::Error },
    #[error("key file {path} holds no nkey seed of a user (SU...); create the keys anew")]
    SeedInvalid { path: PathBuf },
    #[error("no connection to {url} as {identity}: {source}")]
    Connect {
        url: String,
        identity: Identity,
        source: ConnectError,
    },
    #[error("server {url} is {version}: 2.12.0 or newer is needed")]
    OldServer { url: String, version: String },
    #[error("{subject} not published: the connection is down, and a late message is worse")]
    NotConnected { subject: String },
    #[error("{subject} not published: {source}")]
    Publish {
        subject: String,
        source: PublishError,
    },
    #[error("no subscription to {pattern}: {source}")]
    Subscribe {
        pattern: String,
        source: SubscribeError,
    },
    #[error("not flushed: {0}")]
    Flush(#[from] FlushError),
    #[error("the server did not answer {identity} within {SETTLE_TIMEOUT:?}")]
    Unsettled { identity: Identity },
}

/// A connection. Clones share it.
#[derive(Debug, Clone)]
pub struct Client {
    connection: async_nats::Client,
    identity: Identity,
    faults: Arc<Faults>,
}

impl Client {
    /// Connects, once. A lost connection is made again by itself, for ever.
    ///
    /// # Errors
    /// [`BusError`] where the key can't be read, the server says no, or is too old.
    pub fn connect(options: &ConnectOptions) -> BoxFuture<'_, Result<Self, BusError>> {
        Box::pin(connect(options))
    }

    /// Sends a message. While the connection is down it is refused instead of kept, because the
    /// server would be given it later. A violation of rights shows in [`Self::faults`] only.
    ///
    /// # Errors
    /// [`BusError::NotConnected`], or [`BusError::Publish`] for a bad subject or a payload that is
    /// too long.
    pub async fn publish(&self, message: Message) -> Result<(), BusError> {
        let Message {
            subject,
            payload,
            trace,
        } = message;
        if !self.is_connected() {
            return Err(BusError::NotConnected { subject });
        }
        let (to, payload) = (subject.clone(), Bytes::from(payload));
        let sent = match trace {
            None => self.connection.publish(to, payload).await,
            Some(trace) => {
                let mut headers = HeaderMap::new();
                headers.insert(TRACEPARENT, trace.to_string());
                self.connection
                    .publish_with_headers(to, headers, payload)
                    .await
            }
        };
        sent.map_err(|source| BusError::Publish { subject, source })
    }

    /// One subscription.
    ///
    /// # Errors
    /// As [`Self::inbox`].
    pub async fn subscribe(&self, pattern: &str) -> Result<Inbox, BusError> {
        self.inbox(&[pattern.to_owned()]).await
    }

    /// Subscribes to all of `patterns`; on return the server knows them all. One that the server
    /// refused stays silent and shows in [`Self::faults`].
    ///
    /// # Errors
    /// [`BusError::Subscribe`] for a bad pattern, [`BusError::Unsettled`] without an answer.
    pub async fn inbox(&self, patterns: &[String]) -> Result<Inbox, BusError> {
        let mut subscribers = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let made = self.connection.subscribe(pattern.clone()).await;
            subscribers.push(made.map_err(|source| BusError::Subscribe {
                pattern: pattern.clone(),
                source,
            })?);
        }
        self.settle().await?;
        Ok(Inbox::new(subscribers))
    }

    /// Waits until the server has handled everything that was sent before: a message to our own
    /// inbox and back.
    ///
    /// # Errors
    /// [`BusError::Unsettled`] where it does not come back in time.
    pub async fn settle(&self) -> Result<(), BusError> {
        let identity = self.identity;
        let subject = self.connection.new_inbox();
        let round_trip = async {
            let mut echo = self.connection.subscribe(subject.clone()).await.ok()?;
            self.connection.publish(subject, Bytes::new()).await.ok()?;
            echo.next().await
        };
        match time::timeout(SETTLE_TIMEOUT, round_trip).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(_) => Err(BusError::Unsettled { identity }),
        }
    }

    /// Waits until everything published is written to the socket, before an exit.
    ///
    /// # Errors
    /// [`BusError::Flush`] where the connection is gone.
    pub async fn flush(&self) -> Result<(), BusError> {
        Ok(self.connection.flush().await?)
    }

    /// What went wrong so far.
    #[must_use]
    pub fn faults(&self) -> FaultCounters {
        self.faults.counters()
    }

    /// Whether the connection is up, as far as is known.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connection.connection_state() == State::Connected
    }

    /// As whom it is connected.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// The connection itself, for what is not a subject of the table: the provisioning of streams.
    #[must_use]
    pub const fn raw(&self) -> &async_nats::Client {
        &self.connection
    }
}

async fn connect(options: &ConnectOptions) -> Result<Client, BusError> {
    let ConnectOptions { url, identity, .. } = options;
    let identity = *identity;
    let seed = crate::keys::read_seed(&options.seed_file)?;
    let faults = Arc::new(Faults::default());
    let recorder = Arc::clone(&faults);
    let with_key = async_nats::ConnectOptions::with_nkey(seed);
    let connection = options
        .tls
        .apply(with_key)
        .name(identity.name())
        .custom_inbox_prefix(identity.inbox_prefix())
        .subscription_capacity(options.capacity)
        .client_capacity(PUBLISH_QUEUE_MAX)
        .ping_interval(PING_INTERVAL)
        .connection_timeout(CONNECT_TIMEOUT)
        // Back by the name that was given: addresses that servers tell of each other stand in no
        // certificate.
        .ignore_discovered_servers()
        .reconnect_delay_callback(reconnect_delay)
        .event_callback(move |event| {
            recorder.record(identity, &event);
            async {}
        })
        .connect(url.as_str())
        .await
        .map_err(|source| BusError::Connect {
            url: url.clone(),
            identity,
            source,
        })?;
    let (major, minor, patch) = SERVER_MIN;
    if !connection.is_server_compatible(major, minor, patch) {
        let version = connection.server_info().version;
        return Err(BusError::OldServer {
            url: url.clone(),
            version,
        });
    }
    Ok(Client {
        connection,
        identity,
        faults,
    })
}

fn reconnect_delay(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.min(DOUBLINGS_MAX)).unwrap_or(0);
    RECONNECT_MIN
        .saturating_mul(1 << doublings)
        .min(RECONNECT_MAX)
}
