//! Sets up one paper exchange from its settings and serves it until told to stop.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use paper_exchange::clock::now_ms;
use paper_exchange::config::{Config, ConfigError};
use paper_exchange::server::serve;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A venue that speaks Binance USD-M futures' REST and streams on loopback.
#[derive(Debug, Parser)]
struct Args {
    /// Settings (TOML); the options below win over it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long)]
    listen: Option<String>,
    /// `synthetic`, `manual` (never moves by itself), a file or a folder.
    #[arg(long)]
    data: Option<String>,
    /// Seed of market, strategy and faults.
    #[arg(long)]
    seed: Option<u64>,
    /// Original time per wall time, e.g. 60x.
    #[arg(long)]
    speed: Option<String>,
    /// Symbols, comma-separated.
    #[arg(long, value_delimiter = ',')]
    symbols: Option<Vec<String>>,
    /// Whether the stand-in strategy opens positions.
    #[arg(long, value_parser = on_or_off)]
    strategy: Option<bool>,
    /// File with the API key.
    #[arg(long)]
    api_key_file: Option<PathBuf>,
    /// File with the HMAC secret.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// File with the Ed25519 public key.
    #[arg(long)]
    ed25519_public_key_file: Option<PathBuf>,
    /// Start in hedge mode instead of one-way mode.
    #[arg(long)]
    hedge: bool,
    /// Accept unsigned requests.
    #[arg(long)]
    no_verify: bool,
    /// Fault plan, TOML or JSON.
    #[arg(long)]
    faults: Option<PathBuf>,
    /// File that gets the chosen addresses as JSON.
    #[arg(long)]
    ports_file: Option<PathBuf>,
}

/// Why the process ended early.
#[derive(Debug, thiserror::Error)]
enum RunError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address.
    #[error("listen is {listen:?}: {reason}")]
    Listen {
        /// As set.
        listen: String,
        /// What is wrong.
        reason: String,
    },
    /// The operating system.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's word.
        source: io::Error,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the paper exchange cannot run");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), RunError> {
    let config = settings(args)?;
    let world = config.build(now_ms())?;
    let address = address(&config)?;
    let doing = |what: &str| {
        let doing = what.to_owned();
        move |source| RunError::Io { doing, source }
    };
    let listener = TcpListener::bind(address)
        .await
        .map_err(doing("listening"))?;
    let address = listener.local_addr().map_err(doing("listening"))?;
    let (stop, stopping) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).map_err(doing("catching signals"))?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stop.send_replace(true);
    });
    if let Some(path) = &config.ports_file {
        write_ports(path, address).map_err(doing("writing the ports file"))?;
    }
    tracing::info!(%address, data = config.data, seed = config.seed, "the venue is open");
    serve(listener, world, stopping)
        .await
        .map_err(doing("serving"))?;
    tracing::info!("the venue is closed");
    Ok(())
}

fn settings(args: Args) -> Result<Config, ConfigError> {
    let mut config = match &args.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    config.listen = args.listen.unwrap_or(config.listen);
    config.data = args.data.unwrap_or(config.data);
    config.seed = args.seed.unwrap_or(config.seed);
    config.speed = args.speed.unwrap_or(config.speed);
    config.symbols = args.symbols.unwrap_or(config.symbols);
    config.strategy = args.strategy.unwrap_or(config.strategy);
    config.verify &= !args.no_verify;
    config.hedge |= args.hedge;
    config.api_key_file = args.api_key_file.or(config.api_key_file);
    config.secret_file = args.secret_file.or(config.secret_file);
    config.ed25519_public_key_file = args
        .ed25519_public_key_file
        .or(config.ed25519_public_key_file);
    config.faults = args.faults.or(config.faults);
    config.ports_file = args.ports_file.or(config.ports_file);
    Ok(config)
}

fn address(config: &Config) -> Result<SocketAddr, RunError> {
    let refuse = |reason: String| RunError::Listen {
        listen: config.listen.clone(),
        reason,
    };
    let address: SocketAddr = config
        .listen
        .parse()
        .map_err(|_| refuse("write an IP address and a port, e.g. 127.0.0.1:0".to_owned()))?;
    if address.ip().is_loopback() || config.allow_remote {
        return Ok(address);
    }
    let reason = "this venue is for loopback; set allow_remote = true to open it to others";
    Err(refuse(reason.to_owned()))
}

/// Writes beside and renames: whoever waits for the file never sees half of it.
fn write_ports(path: &Path, address: SocketAddr) -> io::Result<()> {
    let text = format!("{{\"rest\":\"http://{address}\",\"ws\":\"ws://{address}\"}}\n");
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{text:?} is neither on nor off")),
    }
}
