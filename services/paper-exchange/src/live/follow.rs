//! One connection to the real venue's streams, made again whenever it is lost.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time;
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::{LiveInput, LiveRoute, LiveUpdate, frames};

/// Pauses before connecting again, doubling from one to the other, with jitter.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// A handshake may take this long.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// A connection that is silent for so long is dead: marks come every second, books all the time.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// Renewed before the venue ends it after 24 hours.
const LIFE_MAX: Duration = Duration::from_secs(23 * 3_600);
/// Frames read in one go, so that of many books of a symbol only the last is handed on.
const BATCH_MAX: usize = 256;
/// Largest frame, bytes.
const FRAME_MAX: usize = 1 << 20;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Follows the symbols on one route until nobody listens any more. It never gives up.
pub async fn follow(
    ws: String,
    route: LiveRoute,
    symbols: Vec<String>,
    news: mpsc::Sender<LiveInput>,
) {
    let url = address(&ws, route, &symbols);
    let backoff = ExponentialBuilder::default()
        .with_min_delay(PAUSE_MIN)
        .with_max_delay(PAUSE_MAX)
        .with_jitter()
        .without_max_times();
    let mut pauses = backoff.build();
    loop {
        let mut told = false;
        match session(&url, route, &news, &mut told).await {
            Ok(()) if news.is_closed() => return,
            Ok(()) => tracing::info!(?route, "renewing the live stream"),
            Err(reason) => tracing::warn!(?route, reason, "the live stream is lost"),
        }
        if news.send(LiveInput::Down(route)).await.is_err() {
            return;
        }
        // A connection that has told something was a good one: begin with the short pause again.
        if told {
            pauses = backoff.build();
        }
        time::sleep(pauses.next().unwrap_or(PAUSE_MAX)).await;
    }
}

/// The address of the route's streams of every symbol, combined.
fn address(ws: &str, route: LiveRoute, symbols: &[String]) -> String {
    let names = symbols.iter().flat_map(|symbol| {
        let symbol = symbol.to_lowercase();
        let name = move |stream| format!("{symbol}@{stream}");
        route.streams().into_iter().map(name)
    });
    let names = names.collect::<Vec<String>>().join("/");
    let (base, path) = (ws.trim_end_matches('/'), route.path());
    format!("{base}/{path}/stream?streams={names}")
}

/// Reads one connection to its end; `Ok` when it is old or nobody listens any more.
async fn session(
    url: &str,
    route: LiveRoute,
    news: &mpsc::Sender<LiveInput>,
    told: &mut bool,
) -> Result<(), String> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    let connecting = connect_async_with_config(url, Some(config), true);
    let connected = time::timeout(CONNECT_MAX, connecting).await;
    let connected = connected.map_err(|_| "the handshake takes too long".to_owned())?;
    let (mut socket, _) = connected.map_err(|error| error.to_string())?;
    if news.send(LiveInput::Up(route)).await.is_err() {
        return Ok(());
    }
    tracing::info!(?route, "the live stream stands");
    let end = time::sleep(LIFE_MAX);
    tokio::pin!(end);
    loop {
        let first = tokio::select! {
            () = &mut end => return Ok(()),
            () = news.closed() => return Ok(()),
            frame = time::timeout(SILENCE_MAX, socket.next()) => {
                frame.map_err(|_| "nothing came for too long".to_owned())?
            }
        };
        let (updates, malformed) = batch(&mut socket, first)?;
        *told |= !updates.is_empty();
        if news
            .send(LiveInput::News(updates, malformed))
            .await
            .is_err()
        {
            return Ok(());
        }
    }
}

/// This frame and those that are already there.
fn batch(
    socket: &mut Socket,
    first: Option<Result<Message, tungstenite::Error>>,
) -> Result<(Vec<LiveUpdate>, u64), String> {
    let (mut updates, mut malformed) = (Vec::new(), 0);
    let mut next = Some(first);
    for _ in 0..BATCH_MAX {
        let Some(frame) = next else { break };
        let frame = frame.ok_or("the venue has hung up")?;
        match frame.map_err(|error| error.to_string())? {
            Message::Text(text) => match frames::read(text.as_str()) {
                Ok(Some(update)) => push(&mut updates, update),
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "a live frame cannot be read");
                    malformed += 1;
                }
            },
            Message::Close(_) => return Err("the venue has hung up".to_owned()),
            _ => {}
        }
        next = socket.next().now_or_never();
    }
    Ok((updates, malformed))
}

/// Of one symbol's books right behind one another only the newest counts.
fn push(updates: &mut Vec<LiveUpdate>, update: LiveUpdate) {
    if let (Some(LiveUpdate::Book { symbol: known, .. }), LiveUpdate::Book { symbol, .. }) =
        (updates.last(), &update)
        && known == symbol
    {
        updates.pop();
    }
    updates.push(update);
}
