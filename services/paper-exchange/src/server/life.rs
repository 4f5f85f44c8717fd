//! How long a socket lives: pings, the pongs they want, and the end after a day.

use std::pin::Pin;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use serde::Deserialize;
use tokio::time::{Interval, MissedTickBehavior, Sleep};

/// Clocks and bounds of every socket; the defaults are the venue's (section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SocketConfig {
    /// The venue pings this often, ms.
    pub ping_ms: u64,
    /// A client without any pong for this long is hung up on, ms.
    pub pong_within_ms: u64,
    /// A connection lives this long, ms.
    pub life_ms: u64,
    /// A client that takes nothing off its connection for this long is hung up on, ms.
    pub write_within_ms: u64,
    /// Messages a client may send in a second; one more and it is hung up on.
    pub messages_per_s: u32,
    /// Streams of one connection.
    pub max_streams: usize,
    /// What an address without `/public`, `/market` or `/private` hears: everything, as on the
    /// demo venue, or only what belongs on /public, as in production since April 2026.
    pub unrouted: Unrouted,
}

/// See [`SocketConfig::unrouted`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unrouted {
    /// Everything.
    #[default]
    All,
    /// Books only.
    Public,
}

impl Default for SocketConfig {
    fn default() -> Self {
        Self {
            ping_ms: 180_000,
            pong_within_ms: 600_000,
            life_ms: 86_400_000,
            write_within_ms: 10_000,
            messages_per_s: 10,
            max_streams: 1_024,
            unrouted: Unrouted::All,
        }
    }
}

/// What the clock of a socket asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    /// Send a ping.
    Ping,
    /// Hang up.
    Over,
}

/// The clock of one socket.
#[derive(Debug)]
pub(super) struct Life {
    pings: Interval,
    end: Pin<Box<Sleep>>,
    unanswered: u64,
    max_unanswered: u64,
    seconds: Interval,
    said: u32,
    messages_per_s: u32,
    write_within: Duration,
}

impl Life {
    pub(super) fn new(config: &SocketConfig) -> Self {
        let ping_ms = config.ping_ms.max(1);
        let mut pings = tokio::time::interval(Duration::from_millis(ping_ms));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        Self {
            pings,
            end: Box::pin(tokio::time::sleep(Duration::from_millis(config.life_ms))),
            unanswered: 0,
            max_unanswered: (config.pong_within_ms / ping_ms).max(1),
            seconds: tokio::time::interval(Duration::from_secs(1)),
            said: 0,
            messages_per_s: config.messages_per_s,
            write_within: Duration::from_millis(config.write_within_ms),
        }
    }

    /// The client has answered.
    pub(super) const fn pong(&mut self) {
        self.unanswered = 0;
    }

    /// Counts a message of the client; false when it is one too many for this second.
    pub(super) const fn may_speak(&mut self) -> bool {
        self.said += 1;
        self.said <= self.messages_per_s
    }

    /// Sends; false when the connection is over, or its client takes nothing any more: neither
    /// pings nor hang-ups would get through to it, and it would keep its place for good.
    pub(super) async fn send(&self, socket: &mut WebSocket, message: Message) -> bool {
        let sent = tokio::time::timeout(self.write_within, socket.send(message)).await;
        matches!(sent, Ok(Ok(())))
    }

    /// Waits for the next beat. Cancel-safe.
    pub(super) async fn beat(&mut self) -> Beat {
        loop {
            tokio::select! {
                () = &mut self.end => return Beat::Over,
                _ = self.seconds.tick(), if 0 < self.said => self.said = 0,
                _ = self.pings.tick() => {
                    if self.max_unanswered <= self.unanswered {
                        return Beat::Over;
                    }
                    self.unanswered += 1;
                    return Beat::Ping;
                }
            }
        }
    }
}
