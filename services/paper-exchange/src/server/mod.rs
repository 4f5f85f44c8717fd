//! The sockets around the world: REST, streams, admin; one task owns the world.

mod actor;
mod admin;
mod cut;
mod hub;
mod life;
mod rest;
mod socket;
mod ws_api;

#[cfg(test)]
mod tests;

use std::future::IntoFuture as _;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast, mpsc, watch};

pub use actor::{Channels, Command, run as run_actor};
pub use hub::control_answer;
pub use life::{SocketConfig, Unrouted};

use crate::live::{LiveRoute, follow};
use cut::{CutListener, Cutter};

use crate::world::{Interest, Outgoing, SocketKind, World};

/// Requests waiting for the world: far above what one account's limits allow in a second.
const COMMAND_QUEUE: usize = 1_024;
/// Texts a slow socket may be behind before it is closed: some ten seconds of a busy market.
const STREAM_QUEUE: usize = 16_384;
/// Batches of the real market that wait; beyond that its sockets wait.
const LIVE_QUEUE: usize = 256;
/// Hang-ups a socket may be behind; it is hung up on all the same.
const KICK_QUEUE: usize = 16;
/// Open sockets at the same time.
const MAX_SOCKETS: usize = 512;
/// Largest request body, bytes; the longest legitimate one is a fault plan of a few kB.
const MAX_BODY_BYTES: usize = 64 * 1_024;

/// How long the venue waits at its end for requests that are under way.
const GRACE: Duration = Duration::from_secs(2);

/// What every handler shares.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) streams: broadcast::Sender<Arc<Outgoing>>,
    pub(crate) kicks: broadcast::Sender<SocketKind>,
    pub(crate) config: SocketConfig,
    pub(crate) interest: Interest,
    pub(crate) sockets: Arc<Semaphore>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// Serves the world on this listener until `stop` becomes true.
///
/// # Errors
/// The listener's error, or that the world is gone.
pub async fn serve(
    listener: TcpListener,
    world: World,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let (commands, inbox) = mpsc::channel(COMMAND_QUEUE);
    let (streams, _) = broadcast::channel(STREAM_QUEUE);
    let (kicks, _) = broadcast::channel(KICK_QUEUE);
    let sockets = Arc::new(Semaphore::new(MAX_SOCKETS));
    let shared = Shared {
        commands,
        streams: streams.clone(),
        kicks: kicks.clone(),
        config: world.sockets,
        interest: world.interest(),
        sockets,
        stop: stop.clone(),
    };
    let channels = Channels { streams, kicks };
    let (news, live) = mpsc::channel(LIVE_QUEUE);
    if let Some(state) = &world.live {
        for route in LiveRoute::ALL {
            let (ws, symbols) = (state.ws().to_owned(), state.symbols());
            tokio::spawn(follow(ws, route, symbols, news.clone()));
        }
    }
    drop(news);
    let mut actor = tokio::spawn(run_actor(world, inbox, live, channels, stop.clone()));
    let service = router(shared).into_make_service_with_connect_info::<Cutter>();
    let served = axum::serve(CutListener(listener), service).with_graceful_shutdown(stopped(stop));
    let mut served = pin!(served.into_future());
    tokio::select! {
        served = &mut served => {
            served?;
            return actor.await.map_err(io::Error::other);
        }
        // Either the word to stop, or the world is gone: then nobody could be answered any more.
        ended = &mut actor => ended.map_err(io::Error::other)?,
    }
    if let Ok(served) = tokio::time::timeout(GRACE, served).await {
        return served;
    }
    tracing::warn!("callers that did not finish their requests are left");
    Ok(())
}

/// Resolves when the word to stop comes, or when nobody is left to give it.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("the stop channel is gone: stopping");
    }
}

fn router(shared: Shared) -> Router {
    let mut router = Router::new()
        .route("/paper/report", get(admin::report))
        .route("/paper/open", post(admin::open))
        .route("/paper/price", post(admin::price))
        .route("/paper/funding", post(admin::funding))
        .route("/paper/close", post(admin::close))
        .route("/paper/symbol", post(admin::symbol))
        .route("/paper/adl", post(admin::deleverage))
        .route("/paper/faults", post(admin::faults))
        .route("/ws-fapi/v1", get(ws_api::open));
    for route in ["", "/public", "/market", "/private"] {
        router = router
            .route(&format!("{route}/ws"), get(socket::open))
            .route(&format!("{route}/ws/{{*streams}}"), get(socket::open))
            .route(&format!("{route}/stream"), get(socket::open));
    }
    router
        .fallback(rest::any)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
}
