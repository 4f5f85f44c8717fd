//! The socket against a venue whose every frame the test sends itself.

use serde_json::{Value, json};

use super::*;
use crate::order_params::{PositionMode, PositionSide, VenueClose, place};
use crate::rest::RestConfig;
use crate::sign::Credentials;

#[path = "tests/server.rs"]
mod server;

use server::{Peer, Server, ed25519_pem};

/// Never reached by a test that works; only ends one that hangs.
const FAR: Duration = Duration::from_secs(3_600);
const SOON: Duration = Duration::from_millis(1);

fn noon() -> i64 {
    1_700_000_000_000
}

fn market() -> ApiRequest {
    let close = VenueClose::Market {
        qty: "0.010".parse().unwrap(),
    };
    let (mode, side) = (PositionMode::OneWay, PositionSide::Long);
    place(mode, side, "BTCUSDT", "gw-1", close).unwrap()
}

/// A handle on the server, its late answers and nothing else: REST is never used here.
fn client(
    server: &Server,
    secret: &str,
    adjust: impl FnOnce(&mut WsApiConfig),
) -> (WsApi, mpsc::Receiver<LateAnswer>) {
    // Another test may have installed it already: both results are fine.
    drop(rustls::crypto::ring::default_provider().install_default());
    let rest = RestConfig {
        base_url: "http://127.0.0.1:1".to_owned(),
        recv_window_ms: 5_000,
        timeout: FAR,
    };
    let key = Credentials::from_file_contents("key1", secret).unwrap();
    let rest = Arc::new(RestClient::new(&rest, key).unwrap());
    rest.set_clock_offset_ms(500);
    let mut config = WsApiConfig::new(&server.url, noon);
    (config.rotate_after, config.ping_after) = (FAR, FAR);
    (config.backoff_min, config.backoff_max) = (SOON, SOON);
    adjust(&mut config);
    open(config, rest)
}

type Call = JoinHandle<Result<HttpResult, Failure>>;

fn call(ws: &WsApi, tag: u64) -> Call {
    let ws = ws.clone();
    tokio::spawn(async move { ws.execute(tag, &market(), noon()).await })
}

async fn start(secret: &str) -> (Server, Peer, WsApi, mpsc::Receiver<LateAnswer>) {
    let server = Server::start().await;
    let (mut ws, late) = client(&server, secret, |_| {});
    let peer = server.accept().await;
    ready(&mut ws).await;
    (server, peer, ws, late)
}

async fn ready(ws: &mut WsApi) {
    let connected = tokio::time::timeout(Duration::from_secs(20), ws.connected());
    connected.await.unwrap();
}

const REFUSED: Result<HttpResult, Failure> = Err(Failure::NotSent(NotSent::NotConnected));
const IN_DOUBT: Result<HttpResult, Failure> = Err(Failure::Transport(TransportError::Other));

#[tokio::test]
async fn a_call_is_signed_with_the_venues_time_and_gets_its_own_answer() {
    let (_server, mut peer, ws, _late) = start("secret").await;
    let (first, second) = (call(&ws, 1), call(&ws, 2));
    let (a, b) = (peer.asked().await, peer.asked().await);
    assert_eq!(a["method"], "order.place");
    assert_eq!(a["params"]["timestamp"], json!(noon() + 500));
    assert!(a["params"]["signature"].is_string());
    // Answered the other way round.
    peer.answer(&b["id"], 400, r#"{"code":-2021,"msg":"x"}"#)
        .await;
    peer.answer(&a["id"], 200, r#"{"orderId":1}"#).await;
    let mut statuses = [first.await, second.await].map(|done| done.unwrap().unwrap().status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn without_a_connection_a_call_is_known_as_not_sent() {
    let server = Server::start().await;
    let (ws, _late) = client(&server, "secret", |_| {});
    assert_eq!(ws.execute(1, &market(), noon()).await, REFUSED);
    assert!(!ws.is_connected());
}

#[tokio::test]
async fn a_socket_that_dies_after_the_write_leaves_the_call_in_doubt() {
    let (server, mut peer, mut ws, _late) = start("secret").await;
    let asked = call(&ws, 1);
    peer.asked().await;
    drop(peer);
    assert_eq!(asked.await.unwrap(), IN_DOUBT);
    // It is not sent again over the next connection.
    let mut next = server.accept().await;
    ready(&mut ws).await;
    let other = call(&ws, 2);
    let asked = next.asked().await;
    next.answer(&asked["id"], 200, "{}").await;
    assert!(other.await.unwrap().is_ok());
    assert_eq!(next.asked_so_far(), 1);
    let named: std::collections::BTreeMap<_, _> = ws.named().into_iter().collect();
    assert_eq!(
        (named["ws_api_broken_calls"], named["ws_api_sessions"]),
        (1, 2)
    );
}

#[tokio::test]
async fn an_answer_after_its_asker_gave_up_is_handed_on_as_late() {
    let (_server, mut peer, ws, mut late) = start("secret").await;
    let asked = call(&ws, 77);
    let frame = peer.asked().await;
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    peer.answer(&frame["id"], 200, r#"{"orderId":1}"#).await;
    let answer = late.recv().await.unwrap();
    assert_eq!((answer.tag, answer.result.status), (77, 200));
}

#[tokio::test]
async fn an_ed25519_session_logs_on_once_and_then_signs_nothing() {
    let server = Server::start().await;
    let (mut ws, _late) = client(&server, &ed25519_pem(), |_| {});
    let mut peer = server.accept().await;
    let logon = peer.asked().await;
    assert_eq!(logon["method"], "session.logon");
    assert!(logon["params"]["signature"].is_string());
    assert_eq!(
        ws.execute(1, &market(), noon()).await,
        REFUSED,
        "before the logon"
    );
    peer.answer(&logon["id"], 200, r#"{"apiKey":"key1"}"#).await;
    ready(&mut ws).await;
    let asked = call(&ws, 2);
    let frame = peer.asked().await;
    assert!(frame["params"].get("signature").is_none(), "{frame}");
    peer.answer(&frame["id"], 200, "{}").await;
    assert!(asked.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_lost_session_hands_its_call_back_finishes_the_others_and_logs_on_again() {
    let server = Server::start().await;
    let (mut ws, _late) = client(&server, &ed25519_pem(), |_| {});
    let mut peer = server.accept_logged_on().await;
    ready(&mut ws).await;
    let (first, second) = (call(&ws, 1), call(&ws, 2));
    let (a, b) = (peer.asked().await, peer.asked().await);
    let unsigned = r#"{"code":-1102,"msg":"Mandatory parameter 'signature' was not sent"}"#;
    peer.answer(&a["id"], 400, unsigned).await;
    peer.answer(&b["id"], 200, "{}").await;
    let lost = Err(Failure::NotSent(NotSent::SessionLost));
    let done = [first.await.unwrap(), second.await.unwrap()];
    assert!(done.contains(&lost), "{done:?}");
    assert!(done.iter().any(Result::is_ok), "{done:?}");
    let _next = server.accept_logged_on().await;
    ready(&mut ws).await;
}

#[tokio::test]
async fn a_rotation_loses_no_call_and_the_old_connection_ends_after_its_last_answer() {
    let server = Server::start().await;
    let first_life = Duration::from_millis(50);
    let (mut ws, _late) = client(&server, "secret", |config| {
        config.rotate_after = first_life;
    });
    let mut old = server.accept().await;
    ready(&mut ws).await;
    let asked = call(&ws, 1);
    let frame = old.asked().await;
    let _new = server.accept().await;
    old.answer(&frame["id"], 200, "{}").await;
    assert!(asked.await.unwrap().is_ok());
    old.ended().await;
}

#[tokio::test]
async fn a_ping_of_the_venue_is_answered() {
    let (_server, mut peer, _ws, _late) = start("secret").await;
    peer.ping(b"p1").await;
    assert_eq!(peer.pong().await, b"p1");
}

#[tokio::test]
async fn a_venue_that_answers_no_ping_is_left_and_its_call_is_in_doubt() {
    let server = Server::start().await;
    let (mut ws, _late) = client(&server, "secret", |config| {
        config.ping_after = Duration::from_millis(50);
    });
    // Reads nothing after the handshake, so no pong ever comes.
    let _deaf = server.accept().await;
    ready(&mut ws).await;
    assert_eq!(call(&ws, 1).await.unwrap(), IN_DOUBT);
    server.accept().await;
}

#[tokio::test]
async fn a_full_connection_says_so_and_sends_nothing() {
    let (_server, mut peer, ws, _late) = start("secret").await;
    let mut calls = Vec::new();
    for tag in 0..IN_FLIGHT_MAX as u64 {
        calls.push(call(&ws, tag));
        peer.asked().await;
    }
    let busy = Err(Failure::NotSent(NotSent::Busy));
    assert_eq!(ws.execute(999, &market(), noon()).await, busy);
    // One whose asker has gone gives way.
    calls[0].abort();
    assert!((&mut calls[0]).await.is_err());
    let fits = call(&ws, 1_000);
    let frame = peer.asked().await;
    peer.answer(&frame["id"], 200, "{}").await;
    assert!(fits.await.unwrap().is_ok());
}

#[tokio::test]
async fn frames_that_answer_nothing_change_nothing() {
    let (_server, mut peer, ws, _late) = start("secret").await;
    for text in [
        "",
        "{",
        r#"{"id":99,"status":200,"result":{}}"#,
        r#"{"event":{}}"#,
    ] {
        peer.say(text).await;
    }
    let asked = call(&ws, 1);
    let frame: Value = peer.asked().await;
    peer.answer(&frame["id"], 200, "{}").await;
    assert!(asked.await.unwrap().is_ok());
    let strays = ws
        .named()
        .into_iter()
        .find(|(name, _)| *name == "ws_api_stray_frames");
    assert_eq!(strays, Some(("ws_api_stray_frames", 4)));
}
