//! Which way a call goes: never both.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::rest::RestConfig;
use crate::sign::Credentials;
use crate::ws_api::{self, WsApiConfig};

/// Never reached by a test that works.
const FAR: Duration = Duration::from_secs(3_600);

/// A REST side that counts what it is asked and answers `{"over":"rest"}`.
async fn rest_side() -> (Arc<RestClient>, Arc<AtomicUsize>) {
    // Another test may have installed it already: both results are fine.
    drop(rustls::crypto::ring::default_provider().install_default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let app = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async { r#"{"over":"rest"}"# }
    });
    tokio::spawn(async { axum::serve(listener, app).await });
    let config = RestConfig {
        base_url,
        recv_window_ms: 5_000,
        timeout: Duration::from_secs(20),
    };
    let key = Credentials::from_file_contents("key1", "secret").unwrap();
    (Arc::new(RestClient::new(&config, key).unwrap()), asked)
}

#[derive(Clone, Copy)]
enum Manner {
    Answer,
    HangUp,
}

/// A socket side that answers each request, or hangs up on reading the first.
async fn socket_side(manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws-fapi/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let mut socket = accept_async(socket).await.unwrap();
            while let Some(Ok(Message::Text(text))) = socket.next().await {
                if matches!(manner, Manner::HangUp) {
                    break;
                }
                let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
                let answer = format!(
                    r#"{{"id":{},"status":200,"result":{{"over":"socket"}}}}"#,
                    frame["id"]
                );
                socket.send(Message::text(answer)).await.unwrap();
            }
        }
    });
    url
}

async fn connected(url: &str, rest: &Arc<RestClient>) -> WsApi {
    let config = WsApiConfig {
        rotate_after: FAR,
        ..WsApiConfig::new(url, || 0)
    };
    let (mut ws, late) = ws_api::open(config, Arc::clone(rest));
    tokio::spawn(async move {
        let mut late = late;
        while late.recv().await.is_some() {}
    });
    ws.connected().await;
    ws
}

fn counter(api: &VenueApi, name: &str) -> Option<u64> {
    let found = api.named().into_iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value)
}

#[tokio::test]
async fn orders_go_over_the_socket_and_reads_over_rest() {
    let (rest, asked) = rest_side().await;
    let ws = connected(&socket_side(Manner::Answer).await, &rest).await;
    let api = VenueApi::new(rest, Some(ws));
    let cancel = ApiRequest::cancel_algo("a");
    let over = api.execute(1, &cancel, 0).await.unwrap();
    assert_eq!(over.body, r#"{"over":"socket"}"#);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let read = ApiRequest::open_orders(None);
    assert_eq!(
        api.execute(2, &read, 0).await.unwrap().body,
        r#"{"over":"rest"}"#
    );
    let counts = ["ws_api_sent", "rest_calls", "rest_orders"].map(|name| counter(&api, name));
    assert_eq!(counts, [Some(1), Some(1), Some(0)]);
}

#[tokio::test]
async fn an_order_that_cannot_be_written_goes_over_rest_in_the_same_call() {
    let (rest, asked) = rest_side().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let (ws, _late) = ws_api::open(WsApiConfig::new(&url, || 0), Arc::clone(&rest));
    let api = VenueApi::new(rest, Some(ws));
    let over = api
        .execute(1, &ApiRequest::cancel_algo("a"), 0)
        .await
        .unwrap();
    assert_eq!(over.body, r#"{"over":"rest"}"#);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(counter(&api, "ws_api_fallbacks.not_connected"), Some(1));
    assert_eq!(counter(&api, "rest_orders"), Some(1));
}

#[tokio::test]
async fn an_order_that_was_written_and_not_answered_does_not_go_over_rest() {
    let (rest, asked) = rest_side().await;
    let ws = connected(&socket_side(Manner::HangUp).await, &rest).await;
    let api = VenueApi::new(rest, Some(ws));
    let result = api.execute(1, &ApiRequest::cancel_algo("a"), 0).await;
    assert_eq!(result, Err(TransportError::Other));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
