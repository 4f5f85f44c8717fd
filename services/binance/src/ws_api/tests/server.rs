//! A venue of one socket at a time, driven frame by frame.

use std::time::Duration;

use base64::Engine as _;
use futures_util::{SinkExt as _, StreamExt as _};
use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// Bound of every wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for connections.
pub struct Server {
    listener: TcpListener,
    pub url: String,
}

/// The venue's end of one connection.
pub struct Peer {
    socket: WebSocketStream<TcpStream>,
    asked: usize,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/ws-fapi/v1", listener.local_addr().unwrap());
        Self { listener, url }
    }

    pub async fn accept(&self) -> Peer {
        let accepted = async {
            let (socket, _) = self.listener.accept().await.unwrap();
            accept_async(socket).await.unwrap()
        };
        let socket = timeout(PATIENCE, accepted).await.unwrap();
        Peer { socket, asked: 0 }
    }

    /// Accepts, and lets the logon pass.
    pub async fn accept_logged_on(&self) -> Peer {
        let mut peer = self.accept().await;
        let logon = peer.asked().await;
        assert_eq!(logon["method"], "session.logon");
        peer.answer(&logon["id"], 200, "{}").await;
        peer.asked = 0;
        peer
    }
}

impl Peer {
    async fn next(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.socket.next()).await.unwrap();
        next.and_then(Result::ok)
    }

    /// The next request.
    pub async fn asked(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.next().await.unwrap() {
                self.asked += 1;
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    pub const fn asked_so_far(&self) -> usize {
        self.asked
    }

    pub async fn answer(&mut self, id: &Value, status: u16, body: &str) {
        let part = if status == 200 { "result" } else { "error" };
        let text = format!(r#"{{"id":{id},"status":{status},"{part}":{body}}}"#);
        self.say(&text).await;
    }

    pub async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn ping(&mut self, payload: &'static [u8]) {
        let ping = Message::Ping(payload.into());
        self.socket.send(ping).await.unwrap();
    }

    pub async fn pong(&mut self) -> Vec<u8> {
        loop {
            if let Message::Pong(payload) = self.next().await.unwrap() {
                return payload.to_vec();
            }
        }
    }

    /// Returns once the client has gone.
    pub async fn ended(&mut self) {
        while let Some(message) = self.next().await {
            if message.is_close() {
                return;
            }
        }
    }
}

/// A fresh key as a PEM file, made here so that no private key is kept in the tree.
pub fn ed25519_pem() -> String {
    let document = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let label = "PRIVATE KEY";
    let body = base64::engine::general_purpose::STANDARD.encode(document.as_ref());
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
