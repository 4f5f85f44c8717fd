//! Counts what never comes back as an error of a call: violations, losses, disconnects.

use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::{Event, ServerError};

use crate::identity::Identity;

/// What went wrong on one connection since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FaultCounters {
    /// Publishes and subscriptions that the server refused.
    pub permission_violations: u64,
    /// Those of them that were intents: the server's policy lets the incumbents own exits.
    pub intents_refused: u64,
    /// Messages lost because a subscription's buffer was full, or the server called us slow.
    pub slow_consumer: u64,
    /// Lost connections.
    pub disconnects: u64,
    /// Any other error that the server reported.
    pub server_errors: u64,
}

impl FaultCounters {
    /// The counters by name, for a heartbeat.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("bus.permission_violations", self.permission_violations),
            ("bus.intents_refused", self.intents_refused),
            ("bus.slow_consumer", self.slow_consumer),
            ("bus.disconnects", self.disconnects),
            ("bus.server_errors", self.server_errors),
        ]
    }
}

/// The counters as the connection's events drive them.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    permission_violations: AtomicU64,
    intents_refused: AtomicU64,
    slow_consumer: AtomicU64,
    disconnects: AtomicU64,
    server_errors: AtomicU64,
}

/// How the server begins the text of a refused publish or subscription (nats-server 2.15).
const VIOLATION: &str = "permissions violation";
/// What follows where it was an intent.
const OF_INTENT: &str = "for publish to \"order.intent.";

fn says(text: &str, words: &str) -> bool {
    text.to_ascii_lowercase().contains(words)
}

impl Faults {
    pub(crate) fn counters(&self) -> FaultCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FaultCounters {
            permission_violations: read(&self.permission_violations),
            intents_refused: read(&self.intents_refused),
            slow_consumer: read(&self.slow_consumer),
            disconnects: read(&self.disconnects),
            server_errors: read(&self.server_errors),
        }
    }

    /// Counts an event and logs it.
    pub(crate) fn record(&self, identity: Identity, event: &Event) {
        let add = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let identity = identity.name();
        match event {
            Event::ServerError(ServerError::Other(text)) if says(text, VIOLATION) => {
                add(&self.permission_violations);
                if says(text, OF_INTENT) {
                    add(&self.intents_refused);
                }
                tracing::error!(tag = TAG, identity, detail = %text, "the bus refused a subject");
            }
            Event::ServerError(ServerError::SlowConsumer(_)) | Event::SlowConsumer(_) => {
                add(&self.slow_consumer);
                tracing::error!(tag = TAG, identity, "messages were lost: too slow a reader");
            }
            Event::Disconnected => {
                add(&self.disconnects);
                tracing::warn!(tag = TAG, identity, "disconnected from the bus");
            }
            Event::ServerError(_) | Event::ClientError(_) => {
                add(&self.server_errors);
                tracing::error!(tag = TAG, identity, detail = %event, "error of the bus");
            }
            other => tracing::info!(tag = TAG, identity, state = %other, "bus connection"),
        }
    }
}

const TAG: &str = "EXIT_BUS";
