//! The whole system as processes of its own: bus, paper venue and services, on one machine.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bus::keys::PublicKeys;
use bus::policy::Policy;
use nix::sys::signal::Signal;
use serde_json::Value;
use thiserror::Error;

use crate::nats::{NatsError, NatsServer};

pub mod await_it;
mod files;
mod http;
mod launch;
pub mod options;
pub mod process;
mod ready;
mod services;

pub use files::Files;
pub use http::{HttpError, VenueClient};
pub use options::{BusTls, FLAGS, NATS, PAPER, Places, Ports, SERVICES, SystemOptions, WorkDir};

use await_it::Late;
use http::Http;
pub use launch::binary;
use launch::{nats_config, spawn_paper, start_nats, start_paper};
use process::{Dead, Process, ProcessError};

/// A process that was asked to stop may take so long: more than the services' own grace of 5 s.
const STOP_MAX: Duration = Duration::from_secs(7);
/// The service with a port of its own beside diagnostics.
const GATEWAY: &str = "gateway";
/// The instance name of every service here; there is one of each.
const INSTANCE: &str = "local";

/// Why there is no system.
#[derive(Debug, Error)]
pub enum SystemError {
    /// A file can't be written or read.
    #[error("{what}: {source}")]
    Files {
        /// Which.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The bus does not come up.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// A process can't be started or signalled.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The bucket of leases can't be made.
    #[error("provisioning the bus: {0}")]
    Provision(String),
    /// A process ended while the system came up.
    #[error("{} ended by itself with {}; its log ends:\n{}", .0.name, .0.status, .0.tail)]
    Died(Dead),
    /// Something does not become ready.
    #[error("{0}; the logs are in {1:?}")]
    Late(Late, PathBuf),
    /// A status can't be read.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// No process of that name runs here.
    #[error("no process {0:?} here: use nats-server, paper-exchange or one of {SERVICES:?}")]
    Unknown(String),
}

/// Where everything listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// `http://...` of diagnostics; `None` without it.
    pub http: Option<String>,
    /// `http://...` of diagnostics' gRPC; `None` without it.
    pub grpc: Option<String>,
    /// `http://...` of the gateway's own port; `None` without it.
    pub admin: Option<String>,
    /// `nats://...`
    pub nats: String,
    /// `http://...` of the paper venue.
    pub paper: String,
    /// Folder of the logs.
    pub logs: PathBuf,
    /// Settings of the services, for `EXITBRAIN_CONFIG`.
    pub config: PathBuf,
}

/// A running system. Dropping it kills everything that it started, and nothing else.
#[derive(Debug)]
pub struct System {
    // Dropped in this order: the services first, the bus last, then the files.
    services: Vec<Process>,
    paper: Process,
    nats: NatsServer,
    venue: String,
    /// Where the gateway's own port is, in every life of it.
    admin_listen: String,
    public_keys: PublicKeys,
    started: BTreeMap<String, Instant>,
    http: Http,
    options: SystemOptions,
    files: Files,
}

impl System {
    /// Starts everything and waits until it is ready. Call it from a thread that outlives the
    /// system: the processes are bound to it.
    ///
    /// # Errors
    /// [`SystemError`] with the end of the log of whatever did not come up.
    pub async fn start(options: SystemOptions) -> Result<Self, SystemError> {
        let files =
            Files::create(&options.work_dir).map_err(during("preparing the run's folder"))?;
        let public_keys = bus::keys::generate(&files.keys())
            .map_err(|error| during("making the bus keys")(io::Error::other(error)))?;
        let policy = Policy::of(&options.parsed_flags());
        let nats = start_nats(&files, &options, &public_keys, policy).await?;
        launch::provision(&files, &nats.url(), options.bus_tls.as_ref()).await?;
        let (paper, venue) = start_paper(&files, &options).await?;
        let http = Http::new();
        let mut options = options;
        if options.symbols.is_empty() {
            options.symbols = http.symbols_of(&venue).await?;
        }
        http.open_market(&venue, &options).await?;
        files
            .write_config(&options, &nats.url(), &venue)
            .map_err(during("writing the services' settings"))?;
        let mut system = Self {
            services: Vec::new(),
            paper,
            nats,
            venue,
            admin_listen: files::listen(options.ports, 8_082),
            public_keys,
            started: BTreeMap::new(),
            http,
            options,
            files,
        };
        let wanted = system.options.services.clone();
        for name in SERVICES
            .into_iter()
            .filter(|name| wanted.iter().any(|want| want == name))
        {
            let process = system.spawn_service(name)?;
            system.services.push(process);
        }
        ready::all(&mut system).await?;
        Ok(system)
    }

    /// Where everything listens.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let diagnostics = self.files.ports("diagnostics");
        let address =
            |key| http::address_in(&diagnostics, key).map(|found| format!("http://{found}"));
        let gateway = self.files.ports(GATEWAY);
        let admin = http::address_in(&gateway, "admin");
        Addresses {
            admin: admin.map(|found| format!("http://{found}")),
            http: address("http"),
            grpc: address("grpc"),
            nats: self.nats.url(),
            paper: format!("http://{}", self.venue),
            logs: self.files.logs(),
            config: self.files.config(),
        }
    }

    /// The files of this run.
    #[must_use]
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// The flags and settings that it was started with.
    #[must_use]
    pub const fn options(&self) -> &SystemOptions {
        &self.options
    }

    /// `GET /health/exit_brain_status` of diagnostics.
    ///
    /// # Errors
    /// Where it does not answer with JSON.
    pub async fn status(&self) -> Result<Value, SystemError> {
        let address = self
            .addresses()
            .http
            .ok_or(HttpError::Nowhere("diagnostics"))?;
        Ok(self
            .http
            .get_json(&format!("{address}/health/exit_brain_status"))
            .await?)
    }

    /// `GET /paper/report` of the venue: what really happened, by its own books.
    ///
    /// # Errors
    /// Where it does not answer with JSON.
    pub async fn report(&self) -> Result<Value, SystemError> {
        Ok(self.venue_client().report().await?)
    }

    /// What reads the venue's report beside the system, as long as it likes.
    #[must_use]
    pub fn venue_client(&self) -> VenueClient {
        VenueClient::new(self.http.clone(), &self.venue)
    }

    /// `POST /paper/<path>` of the venue with a JSON body.
    ///
    /// # Errors
    /// Where it refuses.
    pub async fn paper(&self, path: &str, body: &Value) -> Result<Value, SystemError> {
        Ok(self.venue_client().post(path, body).await?)
    }

    /// The status once `holds` is true of it.
    ///
    /// # Errors
    /// [`SystemError::Late`] after `longest`, [`SystemError::Died`] where a process ended.
    pub async fn await_status(
        &mut self,
        what: &str,
        longest: Duration,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<Value, SystemError> {
        ready::status(self, what, longest, holds).await
    }

    /// Sends a signal to a process, by its name; SIGKILL, SIGSTOP and SIGCONT are the usual ones.
    ///
    /// # Errors
    /// Where no such process runs.
    pub fn kill(&mut self, name: &str, signal: Signal) -> Result<(), SystemError> {
        let process = self.process(name)?;
        process.signal(signal)?;
        if signal == Signal::SIGKILL {
            process.wait(STOP_MAX);
        }
        Ok(())
    }

    /// Asks a process to stop, and waits until it has. Whether it did so when asked.
    ///
    /// # Errors
    /// Where no such process runs.
    pub fn stop_one(&mut self, name: &str) -> Result<bool, SystemError> {
        Ok(self.process(name)?.stop(STOP_MAX))
    }

    /// The id of a process, by its name.
    ///
    /// # Errors
    /// Where no such process runs.
    pub fn pid(&mut self, name: &str) -> Result<u32, SystemError> {
        Ok(self.process(name)?.pid())
    }

    /// Starts a process again, killing it first where it still runs, and waits until it is ready.
    /// The venue forgets everything when it is restarted.
    ///
    /// # Errors
    /// As for [`System::start`].
    pub async fn restart(&mut self, name: &str) -> Result<(), SystemError> {
        self.process(name)?.end();
        match name {
            NATS => self.nats.restart().await?,
            PAPER => {
                self.paper = spawn_paper(&self.files, &self.options, &self.venue)?;
                ready::venue(&self.files, &mut self.paper).await?;
                self.http.open_market(&self.venue, &self.options).await?;
            }
            _ => {
                let fresh = self.spawn_service(name)?;
                *self.process(name)? = fresh;
            }
        }
        ready::all(self).await
    }

    /// Makes the bucket of leases where it is missing, as the provisioning job does.
    ///
    /// # Errors
    /// Where the bus refuses.
    pub async fn provision(&self) -> Result<(), SystemError> {
        launch::provision(&self.files, &self.nats.url(), self.options.bus_tls.as_ref()).await
    }

    /// Replaces the bus's policy, as an operator does at a promotion or a demotion.
    ///
    /// # Errors
    /// Where the server is gone.
    pub fn set_policy(&mut self, policy: Policy) -> Result<(), SystemError> {
        let tls = self.options.bus_tls.as_ref();
        let config = nats_config(&self.files, &self.public_keys, policy, tls);
        Ok(self.nats.reload(&config)?)
    }

    /// Every process that ended without being asked to.
    pub fn dead(&mut self) -> Vec<Dead> {
        let bus = self.nats.process().dead();
        let others = self.services.iter_mut().chain([&mut self.paper]);
        others.filter_map(Process::dead).chain(bus).collect()
    }

    /// Stops everything in reverse order. Names the processes that had to be killed.
    pub fn stop(&mut self) -> Vec<String> {
        let mut killed = Vec::new();
        let services = self.services.iter_mut().rev();
        for process in services.chain([&mut self.paper, self.nats.process()]) {
            let had_ended = process.exited().is_some();
            if !had_ended && !process.stop(STOP_MAX) {
                killed.push(process.name().to_owned());
            }
        }
        killed
    }

    fn process(&mut self, name: &str) -> Result<&mut Process, SystemError> {
        match name {
            NATS => Ok(self.nats.process()),
            PAPER => Ok(&mut self.paper),
            _ => {
                let found = self
                    .services
                    .iter_mut()
                    .find(|process| process.name() == name);
                found.ok_or_else(|| SystemError::Unknown(name.into()))
            }
        }
    }
}

fn during(what: &'static str) -> impl FnOnce(io::Error) -> SystemError {
    move |source| SystemError::Files { what, source }
}

#[cfg(test)]
mod tests;
