//! What the gateway is made of: settings, keys, two connections to the bus, the way to the venue.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bus::{Client, Identity, LeaseStore, keys, subjects};
use domain::lease::LeaseKey;
use domain::{Span, Symbol, Timestamp};
use runtime::config::{self, VenueConfig};
use runtime::{Failure, Node, clock, lease};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::admin::{AdminPort, Desk, Order};
use crate::driver::{Driver, Ended, Leases, Venue};
use crate::trace::Traces;
use crate::{GatewayActor, GatewayConfig};
use binance::PositionMode;
use binance::rest::{RestClient, RestConfig, RestError};
use binance::sign::{CredentialError, Credentials};
use binance::stream::{self, StreamConfig, StreamControl};
use binance::transport::VenueApi;
use binance::ws_api::{self, WsApiConfig};

const SERVICE: &str = "gateway";
/// An answer to an order is worth waiting for as long as the order could still be executed.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The lease is not made shorter than for this: it would be lost to every hiccup.
const LEASE_WINDOW_MIN: Span = Span::from_millis(1_500);
/// Frames of the user stream that may wait; beyond it the socket is held back, nothing is lost.
const FRAMES_MAX: usize = 1_024;
/// A key file is a line; a PEM a few hundred bytes.
const KEY_FILE_MAX: u64 = 16 * 1_024;

/// Why the gateway can't run.
#[derive(Debug, Error)]
pub enum WiringError {
    /// A key file can't be read.
    #[error("{key} {path}: {source}; create the file or correct the setting")]
    KeyFile {
        /// The setting that names it.
        key: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A key file holds no key.
    #[error("venue.key_file or venue.secret_file: {0}")]
    Credentials(#[from] CredentialError),
    /// The HTTP client can't be built.
    #[error("venue.rest_url: {0}")]
    Rest(#[from] RestError),
    /// The account keeps positions in another way than the deployment says.
    #[error("the account is in {found:?} position mode, venue.position_mode says {expected:?}")]
    PositionMode {
        /// On the venue.
        found: PositionMode,
        /// In the settings.
        expected: PositionMode,
    },
    /// A connection to the bus has ended for good.
    #[error("the connection to the bus is gone for good")]
    BusGone,
    /// Another gateway has taken over.
    #[error("another gateway acts for the account: this one ends, started anew it stands by")]
    LeaseLost,
}

/// What is heard among the other services: the mode and the operator's kill.
#[must_use]
pub fn patterns() -> Vec<String> {
    [subjects::mode().as_str(), subjects::kill().as_str()]
        .map(String::from)
        .to_vec()
}

/// What is heard where only approvals travel.
#[must_use]
pub fn approval_patterns() -> Vec<String> {
    vec![subjects::all_approved().as_str().to_owned()]
}

/// Runs the service until a stop is asked for.
#[must_use]
pub fn run() -> ExitCode {
    runtime::main(SERVICE, serve)
}

async fn serve(node: Node) -> Result<(), Failure> {
    let settings = &node.config.venue;
    let recv_window = Span::from_millis(settings.recv_window_ms.into());
    let actor = GatewayActor::new(GatewayConfig {
        account: settings.account.clone(),
        flags: node.flags,
        boot: node.boot,
        ownership: node.ownership(
            LeaseKey::Gateway(settings.account.clone()),
            lease_time(recv_window),
        ),
        instance: node.instance.clone(),
        guard_key: keys::approval_verifier(&node.config.bus.keys_dir)?,
        symbols: symbols(&node),
        recv_window,
    })
    .measuring();
    let rest = Arc::new(rest_client(settings)?);
    // Before there is a bus: a kill waits here for a gateway that is about to be ready.
    let kills = serve_admin(&node)?;
    let trade = Arc::new(node.connect(Identity::GatewayTrade).await?);
    let orders = node.connect(Identity::GatewayIn).await?;
    let words = trade.inbox(&patterns()).await?;
    let approvals = orders.inbox(&approval_patterns()).await?;
    let venue = open_venue(&rest, settings);
    let (port, answers) = lease::open(LeaseStore::new(Client::clone(&trade)));
    let leases = Leases {
        port: Some(port),
        answers,
    };
    let driver = Driver::new(actor, venue, expected(settings.position_mode), leases)
        .tracing(Traces::new(node.tracer.clone()))
        .taking_kills(kills);
    let (lane, watched) = (Arc::clone(&trade), Arc::clone(&trade));
    let publish = move |message| runtime::start::say(&lane, message);
    let faults = move || named_faults(&watched, &orders);
    let ended = driver
        .run(
            words,
            approvals,
            publish,
            faults,
            clock::now,
            node.shutdown(),
        )
        .await;
    trade.flush().await?;
    match ended {
        Ended::Shutdown => Ok(()),
        Ended::BusGone => Err(WiringError::BusGone.into()),
        Ended::LeaseLost => Err(WiringError::LeaseLost.into()),
        Ended::SteppedBack(stepped) => Err(stepped.into()),
        Ended::PositionMode { found, expected } => {
            Err(WiringError::PositionMode { found, expected }.into())
        }
    }
}

/// Opens the gateway's own port, for kills signed by the operator.
fn serve_admin(node: &Node) -> Result<mpsc::Receiver<Order>, Failure> {
    let settings = &node.config.gateway;
    let operator = keys::operator_verifier(&node.config.bus.keys_dir)?;
    let account = node.config.venue.account.clone();
    let started_at = Timestamp::from_micros(i64::try_from(node.boot).unwrap_or(i64::MAX));
    let desk = Desk::new(operator, account, started_at);
    let port = AdminPort::bind(settings.admin_listen)?;
    let address = port.address()?;
    let kills = port.spawn(desk, &node.instance, node.shutdown())?;
    tracing::info!(admin = %address, "listening");
    if let Some(path) = &settings.ports_file {
        runtime::ports::write(path, &[("admin", address)])
            .map_err(|error| format!("gateway.ports_file = {path:?}: {error}"))?;
    }
    Ok(kills)
}

/// A paused gateway notices after a third of it; what it signed just before, the venue takes for
/// the receive window; so twice the window is over before a standby acts.
#[must_use]
pub fn lease_time(recv_window: Span) -> Span {
    Span::from_micros(2 * recv_window.max(LEASE_WINDOW_MIN).micros())
}

/// None in the settings means every symbol that the venue lists.
fn symbols(node: &Node) -> Option<BTreeSet<Symbol>> {
    let named: BTreeSet<Symbol> = node.config.market.symbols.iter().cloned().collect();
    (!named.is_empty()).then_some(named)
}

const fn expected(mode: config::PositionMode) -> PositionMode {
    match mode {
        config::PositionMode::OneWay => PositionMode::OneWay,
        config::PositionMode::Hedge => PositionMode::Hedge,
    }
}

fn rest_client(settings: &VenueConfig) -> Result<RestClient, WiringError> {
    let api_key = read_key("venue.key_file", &settings.key_file)?;
    let secret = read_key("venue.secret_file", &settings.secret_file)?;
    let credentials = Credentials::from_file_contents(&api_key, &secret)?;
    let config = RestConfig {
        base_url: settings.rest_url.clone(),
        recv_window_ms: settings.recv_window_ms,
        timeout: CALL_TIMEOUT,
    };
    Ok(RestClient::new(&config, credentials)?)
}

fn read_key(key: &'static str, path: &Path) -> Result<zeroize::Zeroizing<String>, WiringError> {
    let fault = |source| WiringError::KeyFile {
        key,
        path: path.to_path_buf(),
        source,
    };
    if fs::metadata(path).map_err(fault)?.len() > KEY_FILE_MAX {
        return Err(fault(std::io::Error::other("too long for a key file")));
    }
    fs::read_to_string(path)
        .map(zeroize::Zeroizing::new)
        .map_err(fault)
}

/// Starts the user stream and, where one is set, the socket for orders; each ends with its
/// receiver.
fn open_venue(rest: &Arc<RestClient>, settings: &VenueConfig) -> Venue {
    let (frames, stream) = mpsc::channel(FRAMES_MAX);
    let control = StreamControl::default();
    let config = StreamConfig::new(&settings.ws_url);
    let keys = Arc::clone(rest);
    drop(tokio::spawn(stream::run(
        config,
        keys,
        frames,
        control.clone(),
    )));
    let (ws, late) = match settings.ws_api_url.as_str() {
        "" => (None, mpsc::channel(1).1),
        url => {
            let config = WsApiConfig::new(url, || clock::now().millis());
            let (ws, late) = ws_api::open(config, Arc::clone(rest));
            (Some(ws), late)
        }
    };
    Venue {
        api: Arc::new(VenueApi::new(Arc::clone(rest), ws)),
        late,
        stream,
        control,
    }
}

/// What the bus tells only on the side, of both connections, for the heartbeat.
fn named_faults(trade: &Client, orders: &Client) -> Vec<(String, u64)> {
    let of_orders = orders.faults().named();
    let of_trade = trade.faults().named();
    of_trade
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(
            of_orders
                .into_iter()
                .map(|(name, value)| (format!("approvals.{name}"), value)),
        )
        .collect()
}
