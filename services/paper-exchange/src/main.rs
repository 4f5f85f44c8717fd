//! Sets up one paper exchange from its settings and serves it until told to stop.

mod args;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use args::Args;
use clap::Parser;
use paper_exchange::clock::now_ms;
use paper_exchange::config::{Config, ConfigError};
use paper_exchange::keys;
use paper_exchange::live::{LiveError, fetch_specs};
use paper_exchange::server::serve;
use paper_exchange::world::World;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Why the process ended early.
#[derive(Debug, thiserror::Error)]
enum RunError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The real market.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// Something else in this process has chosen another TLS provider.
    #[error("the TLS provider cannot be installed")]
    Tls,
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
    let keys_dir = args.keys_dir.clone();
    let mut config = args.settings()?;
    if let Some(folder) = keys_dir {
        let files = keys::ensure(&folder).map_err(doing("making keys"))?;
        tracing::info!(
            api_key = %files.api_key.display(),
            secret = %files.secret.display(),
            ed25519 = %files.ed25519_private.display(),
            "the keys are here"
        );
        config.api_key_file = Some(files.api_key);
        config.secret_file = Some(files.secret);
        config.ed25519_public_key_file = Some(files.ed25519_public);
    }
    let world = build(&config).await?;
    let address = address(&config)?;
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
    let data = if config.live_market {
        &config.live_ws
    } else {
        &config.data
    };
    tracing::info!(
        rest = %format_args!("http://{address}"),
        streams = %format_args!("ws://{address}"),
        ws_api = %format_args!("ws://{address}/ws-fapi/v1"),
        report = %format_args!("http://{address}/paper/report"),
        data,
        seed = config.seed,
        "the venue is open"
    );
    serve(listener, world, stopping)
        .await
        .map_err(doing("serving"))?;
    tracing::info!("the venue is closed");
    Ok(())
}

async fn build(config: &Config) -> Result<World, RunError> {
    if !config.live_market {
        return Ok(config.build(now_ms())?);
    }
    // The TLS layer takes its provider from the process, even for plain http.
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().map_err(|_| RunError::Tls)?;
    let specs = fetch_specs(&config.live_rest, &config.live_symbols()).await?;
    Ok(config.build_live(specs, now_ms())?)
}

fn doing(what: &str) -> impl FnOnce(io::Error) -> RunError {
    let doing = what.to_owned();
    move |source| RunError::Io { doing, source }
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
