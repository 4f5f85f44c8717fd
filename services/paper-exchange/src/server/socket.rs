//! One stream connection.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::Uri;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast};

use super::hub::Hub;
use super::life::{Beat, Life};
use super::rest::stopping;
use super::{Shared, stopped};
use crate::world::{Outgoing, SocketKind};

/// Largest frame a client may send, bytes.
pub(super) const MAX_FRAME_BYTES: usize = 64 * 1_024;

/// `/ws` and `/stream`: the path tells the class, and whether payloads come wrapped.
pub(super) async fn open(
    State(shared): State<Shared>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Ok(permit) = Arc::clone(&shared.sockets).try_acquire_owned() else {
        tracing::warn!("a socket was refused: too many are open");
        return stopping();
    };
    let path = percent_decode_str(uri.path())
        .decode_utf8_lossy()
        .into_owned();
    let query = uri.query().unwrap_or_default();
    let hub = Hub::new(&path, query, &shared.config, shared.interest.clone());
    // Subscribed before the upgrade is answered: nothing after the handshake can be missed.
    let streams = shared.streams.subscribe();
    upgrade
        .max_message_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| run(socket, hub, streams, shared, permit))
}

async fn run(
    mut socket: WebSocket,
    mut hub: Hub,
    mut streams: broadcast::Receiver<Arc<Outgoing>>,
    shared: Shared,
    _permit: OwnedSemaphorePermit,
) {
    if hub.is_overfull() {
        return;
    }
    let mut life = Life::new(&shared.config);
    let mut kicks = shared.kicks.subscribe();
    let stop = stopped(shared.stop);
    tokio::pin!(stop);
    loop {
        let out = tokio::select! {
            () = &mut stop => Some(Message::Close(None)),
            () = kicked(&mut kicks, |kind| kind == hub.kind()) => Some(Message::Close(None)),
            beat = life.beat() => Some(match beat {
                Beat::Ping => Message::Ping("".into()),
                Beat::Over => Message::Close(None),
            }),
            frame = socket.recv() => match frame {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) if !life.may_speak() => Some(Message::Close(None)),
                Some(Ok(Message::Text(text))) => {
                    let answer = hub.control(text.as_str());
                    let answer = (!hub.is_overfull()).then_some(answer);
                    Some(answer.map_or(Message::Close(None), Message::from))
                }
                Some(Ok(Message::Pong(_))) => {
                    life.pong();
                    None
                }
                Some(Ok(_)) => None,
            },
            outgoing = streams.recv() => match outgoing {
                Ok(outgoing) => hub.text(&outgoing).map(Message::from),
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "a slow socket is closed");
                    Some(Message::Close(None))
                }
                Err(RecvError::Closed) => Some(Message::Close(None)),
            },
        };
        let Some(message) = out else { continue };
        let last = matches!(message, Message::Close(_));
        if !life.send(&mut socket, message).await || last {
            return;
        }
    }
}

/// Resolves when a fault hangs up on all sockets or on this kind.
pub(super) async fn kicked(
    kicks: &mut broadcast::Receiver<SocketKind>,
    is_meant: impl Fn(SocketKind) -> bool,
) {
    loop {
        match kicks.recv().await {
            Ok(kind) if kind == SocketKind::All || is_meant(kind) => return,
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
