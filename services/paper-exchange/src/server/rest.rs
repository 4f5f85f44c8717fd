//! Every path that is not a stream nor an admin path: handed to the wire layer as it came.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

use super::cut::Cutter;
use super::{Command, Shared};
use crate::venue::VenueError;
use crate::wire::{Fate, WireRequest, WireResponse};

/// Hands a request to the world and its answer back.
pub(super) async fn any(
    State(shared): State<Shared>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = WireRequest {
        method: method.as_str().to_owned(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
        api_key: headers
            .get("x-mbx-apikey")
            .and_then(|key| key.to_str().ok())
            .map(str::to_owned),
        ws: None,
    };
    let (reply, answer) = oneshot::channel();
    if shared
        .commands
        .send(Command::Request(request, reply))
        .await
        .is_err()
    {
        return stopping();
    }
    let Ok(answer) = answer.await else {
        return stopping();
    };
    match answer.fate {
        Fate::Answered => {}
        Fate::Late { ms } => {
            tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0))).await;
        }
        Fate::Cut => cutter.cut(),
    }
    respond(answer)
}

/// 503 while the venue goes down.
pub(super) fn stopping() -> Response {
    let error = VenueError::new(-1000, "Service Unavailable.");
    respond(WireResponse::error(503, &error))
}

/// A wire answer as HTTP.
pub(super) fn respond(answer: WireResponse) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    let mut response = (status, answer.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
