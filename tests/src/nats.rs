//! A real nats-server on a free port, stopped when it is dropped.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

use nix::sys::signal::Signal;
use thiserror::Error;

use crate::system::await_it::{self, Late};
use crate::system::process::{Process, ProcessError, prefixed};

/// The script that finds or fetches the server.
const FETCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/tools/fetch-nats");
/// A server is ready within 100 ms here; ten seconds for a machine with much else to do.
const START_MAX: Duration = Duration::from_secs(10);

/// Why there is no server.
#[derive(Debug, Error)]
pub enum NatsError {
    /// No binary.
    #[error("no nats-server: {0}; run `make tools`")]
    Binary(String),
    /// Its configuration can't be written.
    #[error("{path:?} can't be written: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It can't be started or signalled.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// It does not come up; its log says why.
    #[error("{late}; its log ends:\n{tail}")]
    Late {
        /// What was waited for.
        late: Late,
        /// The end of the log.
        tail: String,
    },
}

/// Where a server listens and how it is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub address: Ipv4Addr,
    /// Its port; 0 takes a free one.
    pub port: u16,
    /// The program and the arguments that start it; none: it starts by itself.
    pub starter: Vec<String>,
}

/// A running server with one configuration file, `nats.conf` in its folder.
#[derive(Debug)]
pub struct NatsServer {
    binary: PathBuf,
    dir: PathBuf,
    log: PathBuf,
    place: Place,
    process: Process,
}

impl NatsServer {
    /// Starts a server in `dir` with `config`, on `port`, or on a free one for 0. The log goes to
    /// `dir/nats-server.log`.
    ///
    /// # Errors
    /// [`NatsError`], with the end of its log where it refused to start.
    pub async fn start(dir: &Path, config: &str, port: u16) -> Result<Self, NatsError> {
        let place = Place {
            address: Ipv4Addr::LOCALHOST,
            port,
            starter: Vec::new(),
        };
        Self::start_in(dir, config, place).await
    }

    /// The same in another place.
    ///
    /// # Errors
    /// As for [`NatsServer::start`].
    pub async fn start_in(dir: &Path, config: &str, place: Place) -> Result<Self, NatsError> {
        let binary = binary()?;
        write_config(dir, config)?;
        let log = dir.join("nats-server.log");
        let process = Process::spawn("nats-server", command(&binary, dir, &place), &log)?;
        let mut server = Self {
            binary,
            dir: dir.to_path_buf(),
            log,
            place,
            process,
        };
        server.await_port().await?;
        Ok(server)
    }

    /// `nats://<address>:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}:{}", self.place.address, self.place.port)
    }

    /// Where its log is.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The process, to watch it or to signal it.
    pub const fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Replaces the configuration and has the server read it; a broken one is refused by the
    /// server, which then goes on with the old one and says so only in its log.
    ///
    /// # Errors
    /// Where the file can't be written or the server is gone.
    pub fn reload(&mut self, config: &str) -> Result<(), NatsError> {
        write_config(&self.dir, config)?;
        Ok(self.process.signal(Signal::SIGHUP)?)
    }

    /// Starts it again on the same port after it was killed, so that clients find it.
    ///
    /// # Errors
    /// As for [`NatsServer::start`].
    pub async fn restart(&mut self) -> Result<(), NatsError> {
        self.process.end();
        let command = command(&self.binary, &self.dir, &self.place);
        self.process = Process::spawn("nats-server", command, &self.log)?;
        self.await_port().await
    }

    async fn await_port(&mut self) -> Result<(), NatsError> {
        let process = &mut self.process;
        let name = self
            .binary
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let ports = self.dir.join(format!("{name}_{}.ports", process.pid()));
        let what = "nats-server to say its port";
        let found = await_it::until(what, START_MAX, || {
            let port = fs::read_to_string(&ports)
                .ok()
                .and_then(|text| client_port(&text));
            match port {
                Some(port) => Some(Ok(port)),
                None => process.exited().map(Err),
            }
        });
        match found.await {
            Ok(Ok(port)) => {
                self.place.port = port;
                Ok(())
            }
            Ok(Err(status)) => Err(NatsError::Binary(format!(
                "it ended with {status} at its start:\n{}",
                self.process.tail()
            ))),
            Err(late) => {
                let tail = self.process.tail();
                Err(NatsError::Late { late, tail })
            }
        }
    }
}

fn command(binary: &Path, dir: &Path, place: &Place) -> Command {
    let mut command = Command::new(binary);
    // -1 takes a free port.
    let port = match place.port {
        0 => "-1".into(),
        port => port.to_string(),
    };
    command
        .arg("-c")
        .arg(dir.join("nats.conf"))
        .args(["-a", &place.address.to_string(), "-p", &port])
        .arg("--ports_file_dir")
        .arg(dir)
        .current_dir(dir);
    prefixed(command, &place.starter)
}

fn write_config(dir: &Path, config: &str) -> Result<(), NatsError> {
    let path = dir.join("nats.conf");
    fs::write(&path, config).map_err(|source| NatsError::Config { path, source })
}

/// The path of a server that is new enough, fetched where there is none.
///
/// # Errors
/// [`NatsError::Binary`] with what the script said.
pub fn binary() -> Result<PathBuf, NatsError> {
    let output = Command::new(FETCH).output();
    let output = output.map_err(|error| NatsError::Binary(format!("{FETCH}: {error}")))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(NatsError::Binary(told));
    }
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(path.into())
}

/// The port out of the server's own file: `{"nats":["nats://127.0.0.1:34567"], ...}`.
fn client_port(text: &str) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_str(text).ok()?;
    let url = ports.get("nats")?.get(0)?.as_str()?;
    url.rsplit(':').next()?.trim_end_matches('/').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_servers_own_file() {
        let text = "{\"nats\":[\"nats://127.0.0.1:34567\"],\"monitoring\":null}";
        assert_eq!(client_port(text), Some(34_567));
        assert_eq!(client_port("{\"nats\":["), None, "half written");
        assert_eq!(client_port("{}"), None);
    }

    #[tokio::test]
    async fn a_server_comes_up_and_comes_back_on_the_same_port() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = NatsServer::start(dir.path(), "", 0).await.unwrap();
        let url = server.url();
        async_nats::connect(&url).await.unwrap();
        server.restart().await.unwrap();
        assert_eq!(server.url(), url);
        async_nats::connect(&url).await.unwrap();
    }

    #[tokio::test]
    async fn a_reload_takes_effect_and_keeps_port_and_connections() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = NatsServer::start(dir.path(), "max_payload: 4KB", 0)
            .await
            .unwrap();
        let url = server.url();
        let before = async_nats::connect(&url).await.unwrap();
        assert_eq!(before.server_info().max_payload, 4_096);
        server.reload("max_payload: 8KB").unwrap();
        let changed = await_it::until_async("the reload", START_MAX, async || {
            let after = async_nats::connect(&url).await.ok()?;
            (after.server_info().max_payload == 8_192).then_some(())
        });
        changed.await.unwrap();
        before.flush().await.unwrap();
        assert_eq!(
            before.connection_state(),
            async_nats::connection::State::Connected
        );
    }

    #[tokio::test]
    async fn a_broken_configuration_is_told_with_the_servers_own_words() {
        let dir = tempfile::tempdir().unwrap();
        let told = NatsServer::start(dir.path(), "accountz {}", 0).await;
        let told = told.unwrap_err().to_string();
        assert!(told.contains("accountz"), "{told}");
    }
}
