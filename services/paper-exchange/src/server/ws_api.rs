//! One connection of the WebSocket API: frames in, answers out, events nowhere.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::Uri;
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::life::{Beat, Life};
use super::rest::{respond, stopping};
use super::socket::{MAX_FRAME_BYTES, kicked};
use super::{Command, Shared, stopped};
use crate::wire::{Fate, WsAnswer, WsSession};
use crate::world::SocketKind;

/// Answers held back at the same time by a fault; beyond that they are not held.
const MAX_LATE: usize = 1_024;

/// `/ws-fapi/v1`.
pub(super) async fn open(
    State(shared): State<Shared>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Ok(permit) = Arc::clone(&shared.sockets).try_acquire_owned() else {
        tracing::warn!("a socket was refused: too many are open");
        return stopping();
    };
    let (reply, answer) = oneshot::channel();
    let query = uri.query().unwrap_or_default().to_owned();
    let asked = shared.commands.send(Command::WsOpen { query, reply });
    if asked.await.is_err() {
        return stopping();
    }
    match answer.await {
        Err(_) => stopping(),
        Ok(Err(refused)) => respond(refused),
        Ok(Ok(session)) => upgrade
            .max_message_size(MAX_FRAME_BYTES)
            .on_upgrade(move |socket| run(socket, session, shared, permit)),
    }
}

async fn run(
    mut socket: WebSocket,
    mut session: WsSession,
    shared: Shared,
    _permit: OwnedSemaphorePermit,
) {
    let mut life = Life::new(&shared.config);
    let mut kicks = shared.kicks.subscribe();
    let mut late: FuturesUnordered<BoxFuture<'static, String>> = FuturesUnordered::new();
    let stop = stopped(shared.stop.clone());
    tokio::pin!(stop);
    loop {
        let out = tokio::select! {
            () = &mut stop => Message::Close(None),
            () = kicked(&mut kicks, |kind| kind == SocketKind::WsApi) => Message::Close(None),
            beat = life.beat() => match beat {
                Beat::Ping => Message::Ping("".into()),
                Beat::Over => Message::Close(None),
            },
            Some(text) = late.next(), if !late.is_empty() => Message::from(text),
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let Some(answer) = ask(&shared, &mut session, text.as_str()).await else {
                        return;
                    };
                    match answer.fate {
                        Fate::Cut => return,
                        Fate::Late { ms } if late.len() < MAX_LATE => {
                            late.push(Box::pin(held_back(answer.text, ms)));
                            continue;
                        }
                        Fate::Late { .. } | Fate::Answered => Message::from(answer.text),
                    }
                }
                Some(Ok(Message::Pong(_))) => {
                    life.pong();
                    continue;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
        };
        let last = matches!(out, Message::Close(_));
        if !life.send(&mut socket, out).await || last {
            return;
        }
    }
}

async fn held_back(text: String, ms: i64) -> String {
    tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0))).await;
    text
}

/// Has a frame answered; `None` while the venue goes down.
async fn ask(shared: &Shared, session: &mut WsSession, text: &str) -> Option<WsAnswer> {
    let (reply, answer) = oneshot::channel();
    let command = Command::WsFrame {
        session: session.clone(),
        text: text.to_owned(),
        reply,
    };
    shared.commands.send(command).await.ok()?;
    let (after, answer) = answer.await.ok()?;
    *session = after;
    Some(answer)
}
