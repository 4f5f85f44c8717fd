//! The client against a loopback server: the literal query, and that nothing is sent twice.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Json, Router};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::order_params::{PositionMode, PositionSide, VenueClose, place};
use super::*;

/// Secret of the venue's documentation.
const SECRET: &str = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
/// Long enough for a loopback answer on a busy machine.
const PATIENT: Duration = Duration::from_secs(20);

fn key() -> Credentials {
    Credentials::from_file_contents("key1", SECRET).unwrap()
}

fn client(base_url: &str, timeout: Duration) -> RestClient {
    // Another test may have installed it already: both results are fine.
    drop(rustls::crypto::ring::default_provider().install_default());
    let config = RestConfig {
        base_url: base_url.to_owned(),
        recv_window_ms: 5000,
        timeout,
    };
    RestClient::new(&config, key()).unwrap()
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    (listener, base)
}

fn market_close() -> ApiRequest {
    let close = VenueClose::Market {
        qty: "0.010".parse().unwrap(),
    };
    place(
        PositionMode::OneWay,
        PositionSide::Long,
        "BTCUSDT",
        "gw:1",
        close,
    )
    .unwrap()
}

/// Answers with what it was asked: verb, path and query, key header, body length.
async fn echo(request: Request) -> impl IntoResponse {
    let key = request
        .headers()
        .get("x-mbx-apikey")
        .map(|v| v.to_str().unwrap().to_owned());
    let asked = serde_json::json!({
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "key": key,
        "length": request.headers().get(header::CONTENT_LENGTH).map(|v| v.to_str().unwrap()),
    });
    let headers = [
        ("x-mbx-used-weight-1m", "17"),
        ("x-mbx-order-count-10s", "2"),
        ("x-mbx-order-count-1m", "3"),
        ("retry-after", "9"),
    ];
    (StatusCode::IM_A_TEAPOT, headers, Json(asked))
}

async fn asked(client: &RestClient, request: &ApiRequest) -> serde_json::Value {
    let result = client.execute(request, 1_591_702_613_900).await.unwrap();
    serde_json::from_str(&result.body).unwrap()
}

#[tokio::test]
async fn a_signed_call_sends_its_literal_query_with_the_signature_last() {
    let (listener, base) = listen().await;
    let server = tokio::spawn(async { axum::serve(listener, Router::new().fallback(echo)).await });
    let client = client(&format!("{base}/"), PATIENT);
    client.set_clock_offset_ms(43);
    let sent = asked(&client, &market_close()).await;
    let payload = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&newOrderRespType=RESULT\
                   &reduceOnly=true&newClientOrderId=gw%3A1&recvWindow=5000\
                   &timestamp=1591702613943";
    let expected = format!("/fapi/v1/order?{payload}&signature={}", key().sign(payload));
    assert_eq!(sent["uri"], expected);
    assert_eq!(
        (sent["method"].as_str(), sent["key"].as_str()),
        (Some("POST"), Some("key1"))
    );
    let cancel = asked(&client, &ApiRequest::cancel_algo("a1")).await;
    assert_eq!(cancel["method"], "DELETE");
    server.abort();
}

#[tokio::test]
async fn a_public_call_carries_no_key_and_a_listen_key_call_no_signature() {
    let (listener, base) = listen().await;
    let server = tokio::spawn(async { axum::serve(listener, Router::new().fallback(echo)).await });
    let client = client(&base, PATIENT);
    let time = asked(&client, &ApiRequest::server_time()).await;
    assert_eq!(
        (&time["uri"], &time["key"]),
        (&"/fapi/v1/time".into(), &serde_json::Value::Null)
    );
    let keepalive = asked(&client, &ApiRequest::keepalive_listen_key()).await;
    assert_eq!(
        (keepalive["uri"].as_str(), keepalive["method"].as_str()),
        (Some("/fapi/v1/listenKey"), Some("PUT"))
    );
    assert_eq!(keepalive["key"], "key1");
    server.abort();
}

#[tokio::test]
async fn status_and_limit_headers_are_handed_back() {
    let (listener, base) = listen().await;
    let server = tokio::spawn(async { axum::serve(listener, Router::new().fallback(echo)).await });
    let result = client(&base, PATIENT)
        .execute(&ApiRequest::server_time(), 0)
        .await
        .unwrap();
    assert_eq!(
        (result.status, result.used_weight, result.retry_after_s),
        (418, Some(17), Some(9))
    );
    assert_eq!(
        (result.order_count_10s, result.order_count_1m),
        (Some(2), Some(3))
    );
    server.abort();
}

#[tokio::test]
async fn a_server_that_stays_silent_is_a_timeout_and_was_asked_once() {
    let (listener, base) = listen().await;
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let silent = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<&'static str>()
    });
    let server = tokio::spawn(async { axum::serve(listener, silent).await });
    let client = client(&base, Duration::from_secs(1));
    assert_eq!(
        client.execute(&market_close(), 0).await,
        Err(TransportError::Timeout)
    );
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    server.abort();
}

#[tokio::test]
async fn a_closed_port_is_a_failed_connect() {
    let (listener, base) = listen().await;
    drop(listener);
    let result = client(&base, PATIENT).execute(&market_close(), 0).await;
    assert_eq!(result, Err(TransportError::Connect));
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_not_followed() {
    let (listener, base) = listen().await;
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let moved = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async {
            (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, "/fapi/v1/order")],
            )
        }
    });
    let server = tokio::spawn(async { axum::serve(listener, moved).await });
    let result = client(&base, PATIENT)
        .execute(&market_close(), 0)
        .await
        .unwrap();
    assert_eq!((result.status, seen.load(Ordering::SeqCst)), (307, 1));
    server.abort();
}

/// Reads one request head; false when the peer has closed.
async fn read_head(socket: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0u8; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}

/// Answers the first call of a connection and hangs up after reading the second.
async fn hang_up_on_the_second(listener: TcpListener, heads: Arc<AtomicUsize>) {
    while let Ok((mut socket, _)) = listener.accept().await {
        if !read_head(&mut socket).await {
            continue;
        }
        heads.fetch_add(1, Ordering::SeqCst);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        socket.write_all(answer).await.unwrap();
        if read_head(&mut socket).await {
            heads.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_an_order_was_read_does_not_send_it_again() {
    let (listener, base) = listen().await;
    let heads = Arc::new(AtomicUsize::new(0));
    let server = tokio::spawn(hang_up_on_the_second(listener, Arc::clone(&heads)));
    let client = client(&base, PATIENT);
    assert_eq!(client.execute(&market_close(), 0).await.unwrap().body, "{}");
    assert_eq!(
        client.execute(&market_close(), 0).await,
        Err(TransportError::Other)
    );
    assert_eq!(heads.load(Ordering::SeqCst), 2);
    server.abort();
}

#[test]
fn a_configuration_that_cannot_work_is_refused_by_name() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let new = |base_url: &str, recv_window_ms| {
        let config = RestConfig {
            base_url: base_url.to_owned(),
            recv_window_ms,
            timeout: PATIENT,
        };
        RestClient::new(&config, key()).err()
    };
    for url in [
        "",
        "fapi",
        "ftp://a",
        "http://a/fapi",
        "http://a?x=1",
        "http://u:p@a",
    ] {
        assert_eq!(
            new(url, 5000),
            Some(RestError::BaseUrl {
                url: url.to_owned()
            })
        );
    }
    for ms in [0, 60_001] {
        assert_eq!(new("http://a", ms), Some(RestError::RecvWindow { ms }));
    }
    assert_eq!(new("http://a", 60_000), None);
}

#[test]
fn debug_of_the_client_shows_no_key() {
    let shown = format!("{:?}", client("http://a", PATIENT));
    assert!(
        !shown.contains("key1") && !shown.contains(SECRET),
        "{shown}"
    );
}
