//! The deployment's settings: one typed struct for all services, from defaults, a TOML file and
//! the environment, in this order of precedence; checked as a whole before any port opens.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bus::ClientTls;
use domain::{Account, Module, Symbol};
use serde::Deserialize;
use thiserror::Error;

pub mod explain;
mod field;
mod records;
mod source;

pub use records::RecordsConfig;

/// Names the TOML file; unset means defaults and environment alone.
pub const FILE_VARIABLE: &str = "EXITBRAIN_CONFIG";
/// Begins each variable that sets one key: `EXITBRAIN__BUS__URL` sets `bus.url`.
pub const KEY_PREFIX: &str = "EXITBRAIN__";

/// Everything that can be set. Each section may be missing; an unknown key is an error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the bus is and who we are on it.
    pub bus: BusConfig,
    /// The venue's private side; only the gateway uses it.
    pub venue: VenueConfig,
    /// The gateway's own port.
    pub gateway: GatewayConfig,
    /// The venue's public side.
    pub market: MarketConfig,
    /// Where diagnostics listens.
    pub diagnostics: DiagnosticsConfig,
    /// What diagnostics writes of a SHADOW run.
    pub records: RecordsConfig,
    /// The incumbents.
    pub legacy: LegacyConfig,
    /// Where the rules' numbers are.
    pub policy: PolicyConfig,
    /// Where a supervisor asks whether the process lives.
    pub probe: ProbeConfig,
}

/// `[probe]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProbeConfig {
    /// Address of `/livez` and `/readyz`, `ip:port`; none means no such port.
    pub listen: Option<SocketAddr>,
}

/// `[policy]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// The policy file; without one, what ships.
    pub file: Option<PathBuf>,
}

/// `[bus]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// `nats://host:port` or `tls://host:port`.
    #[serde(deserialize_with = "field::bus_url")]
    pub url: String,
    /// Folder with `<identity>.nk` (seed) and `<identity>.pub` for each identity used here.
    pub keys_dir: PathBuf,
    /// How it is settled who acts where a service runs twice.
    pub leases: Leases,
    /// `[bus.tls]`: `ca_file` of the server's authority, with which plain text is refused;
    /// `cert_file` and `key_file` of our own, where the server asks for one.
    #[serde(deserialize_with = "field::client_tls")]
    pub tls: ClientTls,
}

/// How it is settled which of several processes acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leases {
    /// Whoever holds the lease in the bus's bucket, which `exitctl provision` makes.
    #[default]
    Kv,
    /// Every process, from its start on: for a bus without streams, and one process of each kind.
    None,
}

/// `[venue]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VenueConfig {
    /// `https://host[:port]`, or `http://` for a paper venue.
    #[serde(deserialize_with = "field::rest_url")]
    pub rest_url: String,
    /// `wss://host[:port]`, or `ws://` for a paper venue.
    #[serde(deserialize_with = "field::ws_url")]
    pub ws_url: String,
    /// The whole address of the WebSocket API for orders; empty means REST alone.
    #[serde(deserialize_with = "field::optional_ws_url")]
    pub ws_api_url: String,
    /// Our name for the account: one token of a bus subject.
    #[serde(deserialize_with = "field::account")]
    pub account: Account,
    /// File that holds the API key.
    pub key_file: PathBuf,
    /// File that holds the secret (hmac) or the private key in PEM (ed25519).
    pub secret_file: PathBuf,
    /// How requests are signed.
    pub key_kind: KeyKind,
    /// Milliseconds for which a signed request is valid, 1 to 60,000 (the venue's own bounds).
    #[serde(deserialize_with = "field::recv_window_ms")]
    pub recv_window_ms: u32,
    /// Which position mode the account must be in; the gateway refuses to start on another.
    pub position_mode: PositionMode,
}

/// How requests to the venue are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// HMAC-SHA256 with a shared secret.
    Hmac,
    /// Ed25519 with a private key in PEM.
    Ed25519,
}

/// How the account keeps positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PositionMode {
    /// One position a symbol; its sign is its side.
    OneWay,
    /// A long and a short position a symbol.
    Hedge,
}

/// `[gateway]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// Address of the admin port, `ip:port`; port 0 takes a free one. It is for an operator on the
    /// same machine, or in the same pod: loopback by default.
    #[serde(deserialize_with = "field::address")]
    pub admin_listen: SocketAddr,
    /// Where the address that was really taken is written as JSON, for whoever started us.
    pub ports_file: Option<PathBuf>,
}

/// `[market]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarketConfig {
    /// Contracts to follow, each once; none means that this deployment has no market service.
    #[serde(deserialize_with = "field::symbols")]
    pub symbols: Vec<Symbol>,
    /// `wss://host[:port]` of the market streams, or `ws://` for a paper venue.
    #[serde(deserialize_with = "field::ws_url")]
    pub ws_url: String,
}

/// `[diagnostics]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiagnosticsConfig {
    /// Address of the HTTP endpoints, `ip:port`; port 0 takes a free one.
    #[serde(deserialize_with = "field::address")]
    pub http_listen: SocketAddr,
    /// Address of the gRPC endpoint, `ip:port`; port 0 takes a free one.
    #[serde(deserialize_with = "field::address")]
    pub grpc_listen: SocketAddr,
    /// Where the addresses that were really taken are written as JSON, for whoever started us.
    pub ports_file: Option<PathBuf>,
}

/// `[legacy]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LegacyConfig {
    /// The incumbent modules to run, each once; each needs its own key on the bus.
    #[serde(deserialize_with = "field::incumbents")]
    pub modules: Vec<Module>,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            url: "nats://127.0.0.1:4222".into(),
            keys_dir: "keys".into(),
            leases: Leases::Kv,
            tls: ClientTls::default(),
        }
    }
}

impl Default for VenueConfig {
    fn default() -> Self {
        Self {
            rest_url: "http://127.0.0.1:9080".into(),
            ws_url: "ws://127.0.0.1:9080".into(),
            ws_api_url: String::new(),
            account: Account::new("main").expect("\"main\" is a valid account name"),
            key_file: "secrets/api-key".into(),
            secret_file: "secrets/api-secret".into(),
            key_kind: KeyKind::Hmac,
            recv_window_ms: 5_000,
            position_mode: PositionMode::OneWay,
        }
    }
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            admin_listen: SocketAddr::from(([127, 0, 0, 1], 8_082)),
            ports_file: None,
        }
    }
}

impl Default for MarketConfig {
    fn default() -> Self {
        Self {
            symbols: Vec::new(),
            ws_url: "ws://127.0.0.1:9080".into(),
        }
    }
}

impl Default for LegacyConfig {
    fn default() -> Self {
        Self {
            modules: vec![
                Module::PositionMonitor,
                Module::TrailingStopManager,
                Module::DynamicTpsl,
            ],
        }
    }
}

impl Default for DiagnosticsConfig {
    fn default() -> Self {
        Self {
            http_listen: SocketAddr::from(([127, 0, 0, 1], 8_080)),
            grpc_listen: SocketAddr::from(([127, 0, 0, 1], 8_081)),
            ports_file: None,
        }
    }
}

/// A setting that can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file that the environment names can't be read.
    #[error(
        "EXITBRAIN_CONFIG={path:?} can't be read: {source}; create the file or unset the variable"
    )]
    File {
        /// As the variable names it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// One key holds what it can't hold, or is no key at all.
    #[error("{key} in {place}: {reason}; correct or remove it")]
    Key {
        /// `section.key`.
        key: String,
        /// The file or the variable.
        place: String,
        /// What was found and what is expected.
        reason: String,
    },
    /// A service lacks something that only it needs.
    #[error("{key} {reason}; set it in the file or as {KEY_PREFIX}<SECTION>__<KEY>")]
    Needed {
        /// `section.key`.
        key: &'static str,
        /// What for.
        reason: &'static str,
    },
    /// The policy file can't be read.
    #[error("policy.file={path:?} can't be read: {source}; correct or remove the key")]
    PolicyFile {
        /// As the key names it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Numbers of the policy that can't be used.
    #[error("policy file {path}: {faults}; correct or remove it")]
    Policy {
        /// Which file.
        path: PathBuf,
        /// Every one of them.
        faults: String,
    },
}

impl Config {
    /// Reads defaults, file and environment of this process.
    ///
    /// # Errors
    /// [`ConfigError`] with the first key that can't be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::load(variables(None))
    }

    /// Reads defaults, the file that `variables` name, and the keys that they set.
    ///
    /// # Errors
    /// [`ConfigError`] with the first key that can't be used.
    pub fn load(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (file, keys) = source::split(variables);
        let figment = source::merged(file.as_deref(), &keys)?;
        source::read(&figment, &keys)
    }

    /// The contracts to follow.
    ///
    /// # Errors
    /// [`ConfigError::Needed`] where there are none.
    pub fn required_symbols(&self) -> Result<&[Symbol], ConfigError> {
        if self.market.symbols.is_empty() {
            return Err(ConfigError::Needed {
                key: "market.symbols",
                reason: "names no contract to follow",
            });
        }
        Ok(&self.market.symbols)
    }

    /// The file with the seed of `identity`'s key on the bus.
    #[must_use]
    pub fn seed_file(&self, identity: bus::Identity) -> PathBuf {
        key_file(&self.bus.keys_dir, identity, "nk")
    }

    /// The file with the public key of `identity` on the bus.
    #[must_use]
    pub fn public_key_file(&self, identity: bus::Identity) -> PathBuf {
        key_file(&self.bus.keys_dir, identity, "pub")
    }
}

/// This process's variables, with `file` in the place of the settings file that they name.
pub fn variables(file: Option<&Path>) -> impl Iterator<Item = (String, String)> {
    // Variables that are no text can't be ours.
    let text = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let named = file.map(|path| (FILE_VARIABLE.to_owned(), path.display().to_string()));
    let keeps = named.is_none();
    text.filter(move |(name, _)| keeps || name != FILE_VARIABLE)
        .chain(named)
}

fn key_file(dir: &Path, identity: bus::Identity, extension: &str) -> PathBuf {
    dir.join(format!("{}.{extension}", identity.name()))
}

#[cfg(test)]
mod tests;
