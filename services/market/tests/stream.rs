//! The stream against a WebSocket server on the loopback: addresses, frames, reconnects.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use domain::Symbol;
use futures_util::{SinkExt, StreamExt};
use market::MarketInput;
use market::route::Route;
use market::stream::follow;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

fn symbols(names: &[&str]) -> BTreeSet<Symbol> {
    let symbols = names.iter().map(|name| Symbol::new(name).unwrap());
    symbols.collect()
}

/// One connection and the address that it asked for.
async fn accept(listener: &TcpListener) -> (WebSocketStream<TcpStream>, String) {
    let (socket, _) = listener.accept().await.unwrap();
    let mut asked = String::new();
    #[expect(clippy::result_large_err, reason = "the library's signature")]
    let note = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        asked = request.uri().to_string();
        Ok(response)
    };
    let socket = accept_hdr_async(socket, note).await.unwrap();
    (socket, asked)
}

#[tokio::test]
async fn a_lost_connection_is_made_again_with_everything_that_was_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (wanted, known) = watch::channel(BTreeSet::new());
    let (sender, mut frames) = mpsc::channel(8);
    let following = tokio::spawn(follow(url, Route::Market, known, sender));

    // Nothing is connected before there is something to ask for.
    wanted.send_replace(symbols(&["BTCUSDT"]));
    let (mut socket, asked) = accept(&listener).await;
    assert_eq!(
        asked,
        "/market/stream?streams=btcusdt@markPrice@1s/btcusdt@miniTicker"
    );
    assert_eq!(
        frames.recv().await,
        Some(MarketInput::Connected(Route::Market))
    );
    socket.send(Message::text("one")).await.unwrap();
    assert_eq!(frames.recv().await, Some(MarketInput::Frame("one".into())));

    wanted.send_replace(symbols(&["BTCUSDT", "SOLUSDT"]));
    let added = socket.next().await.unwrap().unwrap();
    assert!(added.to_text().unwrap().contains("solusdt@markPrice@1s"));
    assert!(!added.to_text().unwrap().contains("btcusdt"));

    drop(socket);
    assert_eq!(
        frames.recv().await,
        Some(MarketInput::Disconnected(Route::Market))
    );
    let (_socket, asked) = accept(&listener).await;
    assert!(
        asked.contains("btcusdt@miniTicker/solusdt@markPrice@1s"),
        "{asked}"
    );
    assert_eq!(
        frames.recv().await,
        Some(MarketInput::Connected(Route::Market))
    );

    drop(wanted);
    following.await.unwrap();
}

#[tokio::test]
async fn books_have_a_connection_of_their_own_and_are_thinned_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (wanted, known) = watch::channel(symbols(&["BTCUSDT", "ETHUSDT"]));
    let (sender, mut frames) = mpsc::channel(8);
    let following = tokio::spawn(follow(url, Route::Public, known, sender));
    let (mut socket, asked) = accept(&listener).await;
    assert_eq!(
        asked,
        "/public/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker"
    );
    let connected = MarketInput::Connected(Route::Public);
    assert_eq!(frames.recv().await, Some(connected));

    let book = |name: &str| format!(r#"{{"stream":"{name}@bookTicker","data":{{}}}}"#);
    for name in ["btcusdt", "btcusdt", "btcusdt", "ethusdt"] {
        socket.send(Message::text(book(name))).await.unwrap();
    }
    for name in ["btcusdt", "ethusdt"] {
        let passed = MarketInput::Frame(book(name));
        assert_eq!(frames.recv().await, Some(passed));
    }
    drop(wanted);
    following.await.unwrap();
}
