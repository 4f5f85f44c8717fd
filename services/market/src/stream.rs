//! A WebSocket to the venue's market streams: connects, subscribes, reconnects, hands frames on.

use std::collections::BTreeSet;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use domain::Symbol;
use futures_util::{SinkExt, StreamExt};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{self, Instant};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::actor::MarketInput;
use crate::parse::FRAME_LEN_MAX;
use crate::route::Route;
use crate::sieve::Sieve;

/// First pause before a reconnect; it doubles, with jitter, so that a fleet doesn't return at once.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// Longest pause: a venue that is back is found within it. There is no bound on the tries, since
/// nothing else could be done instead; each is visible as `stream_disconnected`.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// A connection that lived for this long was a good one: the next pause is short again.
const GOOD_LIFE: Duration = Duration::from_secs(60);
/// A handshake takes a few round trips; more is a fault.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The venue ends a connection after 24 h; ours ends before that, at a moment of our own.
const LIFE_MAX: Duration = Duration::from_secs(23 * 3_600);
/// Frames of both routes that wait for the actor; at 1,000 a second it is a tenth of a second of
/// them. A full queue makes the sockets wait, and the venue ends connections that read too slowly.
pub const QUEUE_MAX: usize = 128;

/// Why a connection ended.
#[derive(Debug, Error)]
enum StreamError {
    #[error("no connection to {url}: {source}; check market.ws_url")]
    Connect {
        url: String,
        source: Box<tungstenite::Error>,
    },
    #[error("no connection to {url} within {CONNECT_MAX:?}; check market.ws_url")]
    ConnectSlow { url: String },
    #[error("connection failed: {0}")]
    Failed(#[from] Box<tungstenite::Error>),
    #[error("the venue closed the connection")]
    Closed,
    #[error("nothing heard for {0:?}")]
    Silent(Duration),
}

/// Why a session ended without a fault.
enum Ended {
    /// It has reached its age.
    Old,
    /// Nobody listens any more.
    Unheard,
}

/// The address of the route's streams of every symbol, combined.
#[must_use]
pub fn address(ws_url: &str, route: Route, symbols: &BTreeSet<Symbol>) -> String {
    let base = ws_url.trim_end_matches('/');
    let (path, streams) = (route.path(), streams(route, symbols).join("/"));
    format!("{base}/{path}/stream?streams={streams}")
}

/// The control frame that adds the route's streams of every symbol.
#[must_use]
pub fn subscription(id: u64, route: Route, symbols: &BTreeSet<Symbol>) -> String {
    let params = streams(route, symbols);
    serde_json::json!({ "method": "SUBSCRIBE", "params": params, "id": id }).to_string()
}

fn streams(route: Route, symbols: &BTreeSet<Symbol>) -> Vec<String> {
    let each = symbols.iter().flat_map(|symbol| route.streams(symbol));
    each.collect()
}

/// Follows `symbols` on one route until nobody listens any more. It never gives up.
pub async fn follow(
    ws_url: String,
    route: Route,
    mut symbols: watch::Receiver<BTreeSet<Symbol>>,
    frames: mpsc::Sender<MarketInput>,
) {
    let backoff = ExponentialBuilder::default()
        .with_min_delay(PAUSE_MIN)
        .with_max_delay(PAUSE_MAX)
        .with_jitter()
        .without_max_times();
    let mut pauses = backoff.build();
    let path = route.path();
    while symbols.wait_for(|known| !known.is_empty()).await.is_ok() {
        let begun = Instant::now();
        match session(&ws_url, route, &mut symbols, &frames).await {
            Ok(Ended::Unheard) => return,
            Ok(Ended::Old) => tracing::info!(path, "renewing the stream before the venue ends it"),
            Err(error) => tracing::warn!(path, error = %error, "market stream lost"),
        }
        let down = MarketInput::Disconnected(route);
        if frames.send(down).await.is_err() {
            return;
        }
        if begun.elapsed() >= GOOD_LIFE {
            pauses = backoff.build();
        }
        time::sleep(pauses.next().unwrap_or(PAUSE_MAX)).await;
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn session(
    ws_url: &str,
    route: Route,
    symbols: &mut watch::Receiver<BTreeSet<Symbol>>,
    frames: &mpsc::Sender<MarketInput>,
) -> Result<Ended, StreamError> {
    let mut subscribed = symbols.borrow_and_update().clone();
    let mut socket = connect(&address(ws_url, route, &subscribed)).await?;
    let (path, symbols_asked) = (route.path(), subscribed.len());
    tracing::info!(path, symbols = symbols_asked, "market stream connected");
    if frames.send(MarketInput::Connected(route)).await.is_err() {
        return Ok(Ended::Unheard);
    }
    let mut sieve = Sieve::default();
    let silence_max = route.silence_max();
    let end = Instant::now() + LIFE_MAX;
    let mut request = 0;
    loop {
        tokio::select! {
            () = time::sleep_until(end) => return Ok(Ended::Old),
            changed = symbols.changed() => {
                if changed.is_err() {
                    return Ok(Ended::Unheard);
                }
                let wanted = symbols.borrow_and_update().clone();
                let added: BTreeSet<Symbol> = wanted.difference(&subscribed).cloned().collect();
                request += 1;
                let frame = subscription(request, route, &added);
                socket.send(Message::text(frame)).await.map_err(Box::new)?;
                subscribed = wanted;
            }
            message = time::timeout(silence_max, socket.next()) => {
                let message = message.map_err(|_| StreamError::Silent(silence_max))?;
                let message = message.ok_or(StreamError::Closed)?.map_err(Box::new)?;
                if is_too_many(&message, route, &mut sieve) {
                    continue;
                }
                if !pass_on(message, frames).await? {
                    return Ok(Ended::Unheard);
                }
            }
        }
    }
}

async fn connect(url: &str) -> Result<Socket, StreamError> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_LEN_MAX))
        .max_frame_size(Some(FRAME_LEN_MAX));
    // Without Nagle's delay: the small frames that we send are subscriptions and pongs.
    let connecting = connect_async_with_config(url, Some(config), true);
    let connected = time::timeout(CONNECT_MAX, connecting).await;
    let url = || url.to_owned();
    let answered = connected.map_err(|_| StreamError::ConnectSlow { url: url() })?;
    let (socket, _) = answered.map_err(|error| StreamError::Connect {
        url: url(),
        source: Box::new(error),
    })?;
    Ok(socket)
}

/// Whether it is one of more books than are needed.
fn is_too_many(message: &Message, route: Route, sieve: &mut Sieve) -> bool {
    let Message::Text(text) = message else {
        return false;
    };
    route == Route::Public && !sieve.passes(text.as_str(), runtime::now())
}

/// Whether somebody still listens. Pings are answered by the library.
async fn pass_on(
    message: Message,
    frames: &mpsc::Sender<MarketInput>,
) -> Result<bool, StreamError> {
    match message {
        Message::Text(text) => {
            let input = MarketInput::Frame(text.as_str().to_owned());
            Ok(frames.send(input).await.is_ok())
        }
        Message::Close(_) => Err(StreamError::Closed),
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::SYMBOLS_MAX;

    fn symbols(names: &[&str]) -> BTreeSet<Symbol> {
        names
            .iter()
            .map(|name| Symbol::new(name).unwrap())
            .collect()
    }

    #[test]
    fn each_route_asks_at_its_own_address_in_small_letters() {
        let symbols = symbols(&["ETHUSDT", "BTCUSDT"]);
        assert_eq!(
            address("ws://host:1/", Route::Market, &symbols),
            "ws://host:1/market/stream?streams=btcusdt@markPrice@1s/btcusdt@miniTicker\
             /ethusdt@markPrice@1s/ethusdt@miniTicker"
        );
        assert_eq!(
            address("ws://host:1", Route::Public, &symbols),
            "ws://host:1/public/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker"
        );
    }

    #[test]
    fn an_added_symbol_is_subscribed_to_by_a_control_frame() {
        let frame = subscription(7, Route::Market, &symbols(&["SOLUSDT"]));
        let frame: serde_json::Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(frame["method"], "SUBSCRIBE");
        assert_eq!(frame["id"], 7);
        assert_eq!(frame["params"][0], "solusdt@markPrice@1s");
        assert_eq!(frame["params"][1], "solusdt@miniTicker");
    }

    #[test]
    fn no_connection_has_more_streams_than_the_venue_takes() {
        let symbol = Symbol::new("BTCUSDT").unwrap();
        for route in Route::ALL {
            let streams = SYMBOLS_MAX * route.streams(&symbol).count();
            assert!(streams <= 1_024, "{route:?}: {streams}");
        }
    }
}
