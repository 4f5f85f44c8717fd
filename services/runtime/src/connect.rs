//! Connects to the bus, patiently: at a cold start the server may come up after the services.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bus::{BusError, Client, ConnectOptions, Identity};
use thiserror::Error;
use tokio::time;

use crate::node::Node;

/// First pause between two tries; a server on the same machine needs about 60 ms to start.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Longest pause: a server that comes back is found within it.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// About a minute and a half; then the process ends, so that whoever supervises it can see it.
const TRIES_MAX: usize = 50;
/// Messages that a subscription may hold before it drops. Small on purpose: a reader that far
/// behind must hear of it and resynchronise, not work through stale prices.
const CAPACITY: usize = 4_096;

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The bus said no, or nothing.
    #[error(
        "no connection to the bus at {url} as {identity} after {tries} tries: {source}; check \
         bus.url, bus.keys_dir and that the server is 2.12 or newer"
    )]
    Bus {
        /// `bus.url`.
        url: String,
        /// As whom.
        identity: &'static str,
        /// How often it was tried.
        tries: usize,
        /// The last fault.
        source: BusError,
    },
    /// A stop was asked for before there was a connection.
    #[error("stopped before there was a connection to the bus")]
    Stopped,
}

/// Every connection of this process, so that its heartbeat can tell what went wrong on them: a
/// violation or a lost message never comes back as an error of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<Vec<Client>>>);

impl Connections {
    /// The faults of all connections, added up by name.
    pub(crate) fn faults(&self) -> BTreeMap<&'static str, u64> {
        let mut sums = BTreeMap::new();
        let clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, count) in clients.iter().flat_map(|client| client.faults().named()) {
            let sum: &mut u64 = sums.entry(name).or_default();
            *sum = sum.saturating_add(count);
        }
        sums
    }

    fn remember(&self, client: &Client) {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.push(client.clone());
    }
}

/// Connects as `identity`, see [`Node::connect`].
pub(crate) async fn connect(node: &Node, identity: Identity) -> Result<Client, ConnectError> {
    let options = ConnectOptions {
        url: node.config.bus.url.clone(),
        identity,
        seed_file: node.seed_file(identity),
        capacity: CAPACITY,
        tls: node.config.bus.tls.clone(),
    };
    let mut pauses = ExponentialBuilder::default()
        .with_min_delay(PAUSE_MIN)
        .with_max_delay(PAUSE_MAX)
        .with_max_times(TRIES_MAX - 1)
        .build();
    let mut tries = 0;
    loop {
        tries += 1;
        let fault = tokio::select! {
            biased;
            () = node.shutdown.requested() => return Err(ConnectError::Stopped),
            connected = Client::connect(&options) => match connected {
                Ok(client) => {
                    node.connections.remember(&client);
                    node.joined.now();
                    return Ok(client);
                }
                Err(fault) => fault,
            },
        };
        let pause = if is_lasting(&fault) {
            None
        } else {
            pauses.next()
        };
        let Some(pause) = pause else {
            return Err(ConnectError::Bus {
                url: options.url,
                identity: identity.name(),
                tries,
                source: fault,
            });
        };
        tracing::warn!(
            url = options.url,
            identity = identity.name(),
            tries,
            error = %fault,
            "no connection to the bus yet"
        );
        tokio::select! {
            () = node.shutdown.requested() => return Err(ConnectError::Stopped),
            () = time::sleep(pause) => {}
        }
    }
}

/// Whether trying again can't help: it is our own file that is wrong, or the server's version.
const fn is_lasting(fault: &BusError) -> bool {
    matches!(
        fault,
        BusError::SeedFile { .. } | BusError::SeedInvalid { .. } | BusError::OldServer { .. }
    )
}
