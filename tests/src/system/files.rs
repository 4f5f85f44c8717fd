//! The files of one run: keys, secrets, settings, logs.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nkeys::KeyPair;
use tempfile::TempDir;

use super::options::{Ports, SystemOptions, WorkDir};

/// Runs that one folder may hold; then it is time for `make clean-run`.
const RUNS_MAX: u32 = 10_000;

/// As in production: as long as an intent is valid. A gateway's lease is twice as long.
const RECV_WINDOW_MS: i64 = 2_000;

/// The folder of one run.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    /// Removes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

impl Files {
    /// A new folder with everything in it that does not depend on an address.
    ///
    /// # Errors
    /// Where the disk says so.
    pub fn create(work_dir: &WorkDir) -> io::Result<Self> {
        let (root, temporary) = match work_dir {
            WorkDir::Temporary => {
                let dir = tempfile::Builder::new().prefix("exitbrain-").tempdir()?;
                (dir.path().to_path_buf(), Some(dir))
            }
            WorkDir::Under(parent) => (numbered(parent)?, None),
        };
        let files = Self {
            root,
            _temporary: temporary,
        };
        for dir in [files.keys(), files.logs(), files.secrets(), files.nats()] {
            DirBuilder::new().mode(0o700).create(dir)?;
        }
        let venue_key = KeyPair::new_user();
        write_secret(&files.api_key(), &venue_key.public_key())?;
        let secret = KeyPair::new_user().seed().map_err(io::Error::other)?;
        write_secret(&files.api_secret(), &secret)?;
        Ok(files)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Keys of the bus.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// One log a process.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The server's configuration and state.
    #[must_use]
    pub fn nats(&self) -> PathBuf {
        self.root.join("nats")
    }

    /// The venue's API key.
    #[must_use]
    pub fn api_key(&self) -> PathBuf {
        self.secrets().join("api-key")
    }

    /// The venue's secret.
    #[must_use]
    pub fn api_secret(&self) -> PathBuf {
        self.secrets().join("api-secret")
    }

    /// The services' settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The rules' numbers, where the options have some.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.root.join("policy.toml")
    }

    /// What diagnostics records.
    #[must_use]
    pub fn records(&self) -> PathBuf {
        self.root.join("records")
    }

    /// The log of one process.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    /// Where a process writes the addresses that it took.
    #[must_use]
    pub fn ports(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.ports.json"))
    }

    /// Writes the services' settings and the policy file that they name.
    ///
    /// # Errors
    /// Where the disk says so.
    pub fn write_config(
        &self,
        options: &SystemOptions,
        bus_url: &str,
        venue: &str,
    ) -> io::Result<()> {
        let ports = options.ports;
        let mut table = toml::Table::new();
        let mut bus = section([("url", text(bus_url)), ("keys_dir", path(&self.keys()))]);
        if let (Some(tls), Some(bus)) = (&options.bus_tls, bus.as_table_mut()) {
            bus.insert("tls".into(), section([("ca_file", path(&tls.ca_file))]));
        }
        table.insert("bus".into(), bus);
        table.insert(
            "venue".into(),
            section([
                ("rest_url", text(format!("http://{venue}"))),
                ("ws_url", text(format!("ws://{venue}"))),
                ("ws_api_url", text(format!("ws://{venue}/ws-fapi/v1"))),
                ("account", text("main")),
                ("recv_window_ms", toml::Value::from(RECV_WINDOW_MS)),
                ("key_file", path(&self.api_key())),
                ("secret_file", path(&self.api_secret())),
                ("key_kind", text("hmac")),
                ("position_mode", text("one_way")),
            ]),
        );
        table.insert(
            "market".into(),
            section([
                ("symbols", toml::Value::from(options.symbols.clone())),
                ("ws_url", text(format!("ws://{venue}"))),
            ]),
        );
        table.insert(
            "diagnostics".into(),
            section([
                ("http_listen", text(listen(ports, 8_080))),
                ("grpc_listen", text(listen(ports, 8_081))),
                ("ports_file", path(&self.ports("diagnostics"))),
            ]),
        );
        table.insert("records".into(), section([("dir", path(&self.records()))]));
        if let Some(policy) = &options.policy {
            fs::write(self.policy(), policy)?;
            table.insert("policy".into(), section([("file", path(&self.policy()))]));
        }
        fs::write(self.config(), table.to_string())
    }

    fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }
}

/// `127.0.0.1:<port>` with the port of [`usual_port`].
#[must_use]
pub(super) fn listen(ports: Ports, usual: u16) -> String {
    format!("{}:{}", Ipv4Addr::LOCALHOST, usual_port(ports, usual))
}

/// 0, which takes a free port. Where the usual ports are wanted `usual` if it is free, else one
/// that is free now: what people have noted down is still right when a service has been restarted.
#[must_use]
pub(super) fn usual_port(ports: Ports, usual: u16) -> u16 {
    if ports == Ports::Free {
        return 0;
    }
    let free = [usual, 0].into_iter().find_map(|port| {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some(bound.local_addr().ok()?.port())
    });
    free.unwrap_or_default()
}

fn numbered(parent: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(parent)?;
    let parent = fs::canonicalize(parent)?;
    for number in 1..RUNS_MAX {
        let dir = parent.join(number.to_string());
        match fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "{parent:?} is full: make clean-run"
    )))
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

fn section<const N: usize>(keys: [(&str, toml::Value); N]) -> toml::Value {
    let keys = keys.into_iter().map(|(key, value)| (key.to_owned(), value));
    toml::Value::Table(keys.collect())
}

fn text(value: impl Into<String>) -> toml::Value {
    toml::Value::String(value.into())
}

fn path(value: &Path) -> toml::Value {
    text(value.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nobody_else_can_read_a_secret() {
        let files = Files::create(&WorkDir::Temporary).unwrap();
        for file in [files.api_key(), files.api_secret()] {
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{file:?}");
        }
    }

    #[test]
    fn each_run_has_a_folder_of_its_own() {
        let parent = tempfile::tempdir().unwrap();
        let under = WorkDir::Under(parent.path().to_path_buf());
        let first = Files::create(&under).unwrap();
        let second = Files::create(&under).unwrap();
        assert_ne!(first.root(), second.root());
        assert!(first.root().ends_with("1") && second.root().ends_with("2"));
    }

    #[test]
    fn the_services_can_read_what_is_written_for_them() {
        let files = Files::create(&WorkDir::Temporary).unwrap();
        let options = SystemOptions::default();
        files
            .write_config(&options, "nats://127.0.0.1:1", "127.0.0.1:2")
            .unwrap();
        let name = files.config().to_string_lossy().into_owned();
        let config = runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), name)]).unwrap();
        assert_eq!(config.venue.rest_url, "http://127.0.0.1:2");
        assert_eq!(config.market.symbols.len(), options.symbols.len());
        assert_eq!(
            config.diagnostics.ports_file,
            Some(files.ports("diagnostics"))
        );
        assert_eq!(config.policy.file, None, "what ships");
    }

    #[test]
    fn a_policy_of_the_options_is_the_one_that_the_services_read() {
        let files = Files::create(&WorkDir::Temporary).unwrap();
        let options = SystemOptions {
            policy: Some("[base]\nstop = \"0.02\"\n".into()),
            ..SystemOptions::default()
        };
        files
            .write_config(&options, "nats://127.0.0.1:1", "127.0.0.1:2")
            .unwrap();
        let name = files.config().to_string_lossy().into_owned();
        let config = runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), name)]).unwrap();
        let policy = runtime::policy::load(config.policy.file.as_deref()).unwrap();
        assert_eq!(policy.base.stop, domain::Ratio::basis_points(200));
    }
}
