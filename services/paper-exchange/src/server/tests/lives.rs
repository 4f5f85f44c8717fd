//! How long sockets live, and what a client may not do.

use super::*;
use crate::server::SocketConfig;

async fn ends(socket: &mut Socket) {
    loop {
        match tokio::time::timeout(PATIENCE, socket.next()).await.unwrap() {
            Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            Some(Ok(_)) => {}
        }
    }
}

#[tokio::test]
async fn more_than_ten_messages_in_a_second_end_the_connection() {
    let venue = Running::start("manual").await;
    let mut socket = venue.connect("/market/ws").await;
    for id in 0..40 {
        let list = json!({"method": "LIST_SUBSCRIPTIONS", "id": id}).to_string();
        if socket.send(Message::from(list)).await.is_err() {
            break;
        }
    }
    ends(&mut socket).await;
    venue.end().await;
}

#[tokio::test]
async fn a_connection_ends_after_its_life_and_pings_before() {
    let sockets = SocketConfig {
        ping_ms: 10,
        life_ms: 200,
        ..SocketConfig::default()
    };
    let venue = Running::start_with("manual", sockets).await;
    for path in ["/market/ws", "/ws-fapi/v1"] {
        let mut socket = venue.connect(path).await;
        let first = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
        assert!(
            matches!(first, Some(Ok(Message::Ping(_)))),
            "{path}: {first:?}"
        );
        ends(&mut socket).await;
    }
    venue.end().await;
}

#[tokio::test]
async fn a_client_that_never_answers_pings_is_hung_up_on() {
    let sockets = SocketConfig {
        ping_ms: 5,
        pong_within_ms: 20,
        ..SocketConfig::default()
    };
    let venue = Running::start_with("manual", sockets).await;
    let socket = venue.connect("/market/ws").await;
    // Underneath the WebSocket nobody answers any more; the end of the bytes is the hang-up.
    let MaybeTlsStream::Plain(mut tcp) = socket.into_inner() else {
        panic!("a plain socket");
    };
    let mut bytes = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut tcp, &mut bytes);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    venue.end().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_off_its_connection_is_hung_up_on() {
    let sockets = SocketConfig {
        write_within_ms: 50,
        ..SocketConfig::default()
    };
    let venue = Running::start_with("manual", sockets).await;
    let mut socket = venue.connect("/ws-fapi/v1").await;
    // Each answer carries the id back; nobody reads them, until no more can be sent either.
    let frame = json!({"method": "ping", "id": "x".repeat(60_000)}).to_string();
    let write = async { while socket.send(Message::from(frame.clone())).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, write).await.unwrap();
    venue.end().await;
}

#[tokio::test]
async fn a_request_that_is_never_finished_does_not_keep_the_venue_from_ending() {
    let venue = Running::start("manual").await;
    let mut caller = TcpStream::connect(&venue.host).await.unwrap();
    let half = b"POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsymbol";
    tokio::io::AsyncWriteExt::write_all(&mut caller, half)
        .await
        .unwrap();
    // Answered behind it: the venue has taken the half request in.
    assert!(venue.get("/fapi/v1/time").await["serverTime"].is_i64());
    venue.end().await;
}
