//! What a service is given at its start.

use std::path::PathBuf;

use bus::{Client, Identity};
use domain::Span;
use domain::lease::{Holder, LeaseKey};
use domain::mode::Flags;
use futures_util::future::BoxFuture;

use crate::clock;
use crate::config::{Config, Leases};
use crate::connect::{self, ConnectError, Connections};
use crate::lease::Ownership;
use crate::probe::Joined;
use crate::pulse::Pulse;
use crate::shutdown::Shutdown;
use crate::trace::Tracer;

/// One running service: who it is, how it is set, and its way to the bus.
#[derive(Debug, Clone)]
pub struct Node {
    /// Name of the service, one of `domain::snapshot::SERVICES`.
    pub service: &'static str,
    /// Which instance of it: one token of a bus subject.
    pub instance: String,
    /// The settings.
    pub config: Config,
    /// The flags of this process.
    pub flags: Flags,
    /// When it started, in microseconds since the Unix epoch: its fencing token.
    pub boot: u64,
    /// The wish to stop.
    pub shutdown: Shutdown,
    /// Where its spans go.
    pub tracer: Tracer,
    pub(crate) connections: Connections,
    pub(crate) joined: Joined,
}

impl Node {
    /// A node with these settings, started now; `main` makes one from the environment.
    #[must_use]
    pub fn new(service: &'static str, instance: String, config: Config, flags: Flags) -> Self {
        Self {
            service,
            instance,
            config,
            flags,
            boot: u64::try_from(clock::now().micros()).unwrap_or(0),
            shutdown: Shutdown::new(),
            tracer: Tracer::off(),
            connections: Connections::default(),
            joined: Joined::default(),
        }
    }

    pub(crate) fn tracing(mut self, tracer: Tracer) -> Self {
        self.tracer = tracer;
        self
    }

    /// A connection to the bus as `identity`. A service opens one for each identity it has. It
    /// retries while the server is away, with a bound, and gives up at once on a stop.
    ///
    /// # Errors
    /// [`ConnectError`] with the last fault.
    pub fn connect(&self, identity: Identity) -> BoxFuture<'_, Result<Client, ConnectError>> {
        Box::pin(connect::connect(self, identity))
    }

    /// The file with the seed of `identity`'s key.
    #[must_use]
    pub fn seed_file(&self, identity: Identity) -> PathBuf {
        self.config.seed_file(identity)
    }

    /// The wish to stop, for a loop.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// The same process as another instance, with connections of its own: for one of several actors
    /// that each speak, and answer for their connection, in their own name.
    #[must_use]
    pub fn part(&self, instance: &str) -> Self {
        Self {
            instance: instance.into(),
            connections: Connections::default(),
            ..self.clone()
        }
    }

    /// Whether this process acts for `key`: by a lease of so much time, or, where the deployment
    /// has no leases, from its start on.
    #[must_use]
    pub fn ownership(&self, key: LeaseKey, lease_time: Span) -> Ownership {
        match self.holder() {
            None => Ownership::from_boot(self.boot),
            Some(me) => Ownership::by_lease(key, me, lease_time),
        }
    }

    /// Who this process is to the store of leases; none where the deployment has no leases.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        match self.config.bus.leases {
            Leases::None => None,
            Leases::Kv => Some(Holder {
                instance: self.instance.clone(),
                boot: self.boot,
            }),
        }
    }

    /// A new pulse in this service's name; its heartbeats also tell the faults of this process's
    /// connections, those that are made later included.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        let pulse = Pulse::new(self.service, &self.instance, self.flags, self.boot);
        pulse.watching(self.connections.clone())
    }
}
