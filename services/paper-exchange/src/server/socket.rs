//! One stream connection.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::Uri;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast};

use super::hub::Hub;
use super::rest::stopping;
use super::{Shared, stopped};
use crate::world::Outgoing;

/// The venue pings every three minutes ...
const PING_EVERY: Duration = Duration::from_secs(180);
/// ... and hangs up on a client that has answered none of these many.
const MAX_UNANSWERED: u32 = 3;
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
    let hub = Hub::new(&path, uri.query().unwrap_or_default());
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
    let stop = stopped(shared.stop);
    tokio::pin!(stop);
    let mut pings = tokio::time::interval(PING_EVERY);
    pings.reset();
    let mut unanswered = 0;
    loop {
        let out = tokio::select! {
            () = &mut stop => Some(Message::Close(None)),
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => Some(Message::from(hub.control(text.as_str()))),
                Some(Ok(Message::Pong(_))) => {
                    unanswered = 0;
                    None
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
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
            _ = pings.tick() => {
                unanswered += 1;
                if unanswered > MAX_UNANSWERED {
                    return;
                }
                Some(Message::Ping("".into()))
            }
        };
        let Some(message) = out else { continue };
        let last = matches!(message, Message::Close(_));
        if socket.send(message).await.is_err() || last {
            return;
        }
    }
}
