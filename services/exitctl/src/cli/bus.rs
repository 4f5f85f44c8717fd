//! `exitctl bus`, and where the bus is.

use std::net::SocketAddr;
use std::path::PathBuf;

use ::bus::policy::{Layout, Policy};
use ::bus::{CertFiles, ClientTls, Identity};
use clap::{Args, Subcommand, ValueEnum};

use super::Confirm;

/// Where the bus is, and the keys to it.
#[derive(Debug, Clone, Args)]
pub struct BusTarget {
    /// The bus.
    #[arg(
        long,
        env = "EXITCTL_NATS_URL",
        default_value = "nats://127.0.0.1:4222"
    )]
    pub nats_url: String,
    /// Folder with `<identity>.nk`.
    #[arg(long, env = "EXITCTL_KEYS_DIR", default_value = "keys")]
    pub keys_dir: PathBuf,
    /// PEM with the authority of the server's certificate; with it plain text is refused.
    #[arg(long, env = "EXITCTL_NATS_CA")]
    pub nats_ca: Option<PathBuf>,
    /// PEM with our own certificate, where the server asks for one.
    #[arg(long, env = "EXITCTL_NATS_CERT", requires = "nats_key")]
    pub nats_cert: Option<PathBuf>,
    /// PEM with its private key.
    #[arg(long, env = "EXITCTL_NATS_KEY", requires = "nats_cert")]
    pub nats_key: Option<PathBuf>,
}

impl BusTarget {
    /// How the connection is encrypted.
    pub fn tls(&self) -> ClientTls {
        let files = self.nats_cert.clone().zip(self.nats_key.clone());
        ClientTls {
            ca_file: self.nats_ca.clone(),
            identity: files.map(|(cert_file, key_file)| CertFiles {
                cert_file,
                key_file,
            }),
        }
    }

    /// The seed of `identity`.
    pub fn seed_file(&self, identity: Identity) -> PathBuf {
        self.keys_dir.join(format!("{}.nk", identity.name()))
    }
}

/// `provision`
#[derive(Debug, Args)]
pub struct Provision {
    /// Where the bus is; the key is `provisioner.nk`.
    #[command(flatten)]
    pub bus: BusTarget,
    /// Servers that keep a copy; 1 for a single server, 3 for a cluster.
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub replicas: u8,
}

/// `bus`
#[derive(Debug, Subcommand)]
pub enum Bus {
    /// Prints nats.conf for a policy.
    Config(BusConfig),
    /// Puts a policy in force: replaces the rights in the server's file, reloads, proves it.
    Apply(BusApply),
    /// Proves which policy is in force, by publishing and hearing with the canaries' keys.
    Verify(BusVerify),
    /// Makes the key pairs that are missing.
    Keys {
        /// Folder with `<identity>.nk` and `<identity>.pub`.
        #[arg(long, default_value = "keys")]
        keys_dir: PathBuf,
    },
    /// Prints who may say what and who hears it.
    Map,
}

/// `bus config`
#[derive(Debug, Args)]
pub struct BusConfig {
    /// Which policy.
    #[arg(long, value_enum)]
    pub policy: BusPolicy,
    /// How the server keeps the identities apart.
    #[arg(long, value_enum, default_value = "accounts")]
    pub layout: BusLayout,
    /// Folder with `<identity>.pub`.
    #[arg(long, default_value = "keys")]
    pub keys_dir: PathBuf,
    /// Where the server listens.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// Where the server keeps its streams; without it there are none.
    #[arg(long)]
    pub store_dir: Option<PathBuf>,
    /// PEM with the server's certificate; with it nobody connects in plain text.
    #[arg(long, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM with its private key.
    #[arg(long, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// PEM with the authority of the clients' certificates; without it clients need none.
    #[arg(long, requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,
}

/// `bus apply`
#[derive(Debug, Args)]
pub struct BusApply {
    /// Which policy.
    #[arg(long, value_enum)]
    pub policy: BusPolicy,
    /// The server's configuration file, as `exitctl bus config` made it. Its own part stays.
    #[arg(long, default_value = "nats.conf")]
    pub config: PathBuf,
    /// Only checks and replaces the file; says what to do then, as in a cluster.
    #[arg(long)]
    pub no_reload: bool,
    /// Who looks at the file before the server does.
    #[command(flatten)]
    pub program: ServerProgram,
    /// `--yes` and the policy.
    #[command(flatten)]
    pub confirm: Confirm,
    /// Where the bus is; the keys are `system.nk` and the canaries'.
    #[command(flatten)]
    pub bus: BusTarget,
}

/// The server's own program.
#[derive(Debug, Clone, Args)]
pub struct ServerProgram {
    /// The server's program, to check its file with; not checked where there is none.
    #[arg(long, env = "NATS_SERVER", default_value = "nats-server")]
    pub nats_server: PathBuf,
}

/// `bus verify`
#[derive(Debug, Args)]
pub struct BusVerify {
    /// Which policy is expected.
    #[arg(long, value_enum)]
    pub policy: BusPolicy,
    /// Has the server read its file again until the policy is in force, or the time is up: where
    /// the file travels, as in a cluster.
    #[arg(long)]
    pub reload: bool,
    /// Where the bus is; the keys are the canaries', for a reload also `system.nk`.
    #[command(flatten)]
    pub bus: BusTarget,
}

/// A policy of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BusPolicy {
    /// The incumbents trade, the executor can't.
    Shadow,
    /// The executor trades, the incumbents' intents are diverted.
    Live,
    /// As shadow.
    Legacy,
    /// LIVE for a share of the symbols: the guard blocks the incumbents there.
    Staged,
}

impl From<BusPolicy> for Policy {
    fn from(policy: BusPolicy) -> Self {
        match policy {
            BusPolicy::Shadow => Self::Shadow,
            BusPolicy::Live => Self::Live,
            BusPolicy::Legacy => Self::Legacy,
            BusPolicy::Staged => Self::Staged,
        }
    }
}

/// How the server keeps the identities apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BusLayout {
    /// Accounts with imports and exports: approvals travel where nobody else can reach.
    Accounts,
    /// Permissions alone, for a server without accounts of ours.
    Plain,
}

impl From<BusLayout> for Layout {
    fn from(layout: BusLayout) -> Self {
        match layout {
            BusLayout::Accounts => Self::Accounts,
            BusLayout::Plain => Self::Plain,
        }
    }
}
