//! A real listener, a real HTTP client and a real socket.

mod account;
mod faults;
mod live;
mod lives;
mod symbols;
mod ws_api;

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::serve;
use crate::clock::now_ms;
use crate::config::Config;

/// Bound of every wait in these tests.
const PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Running {
    host: String,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

fn world(data: &str, sockets: super::SocketConfig) -> crate::world::World {
    // A second install in the same process is refused and harmless.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let config = Config {
        data: data.to_owned(),
        verify: false,
        strategy: false,
        sockets,
        ..Config::default()
    };
    config.build(now_ms()).unwrap()
}

impl Running {
    async fn start(data: &str) -> Self {
        Self::start_with(data, super::SocketConfig::default()).await
    }

    async fn start_with(data: &str, sockets: super::SocketConfig) -> Self {
        Self::listen("127.0.0.1:0", world(data, sockets)).await
    }

    /// At an address where a venue was before.
    async fn start_at(host: &str) -> Self {
        Self::listen(host, world("manual", super::SocketConfig::default())).await
    }

    async fn serve(world: crate::world::World) -> Self {
        Self::listen("127.0.0.1:0", world).await
    }

    async fn listen(address: &str, world: crate::world::World) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(serve(listener, world, stopping));
        Self { host, stop, task }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: String) -> (u16, Value) {
        let url = format!("http://{}{path}", self.host);
        let response = reqwest::Client::new()
            .request(method, url)
            .body(body)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str(&response.text().await.unwrap()).unwrap(),
        )
    }

    async fn get(&self, path: &str) -> Value {
        self.send(reqwest::Method::GET, path, String::new()).await.1
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(reqwest::Method::POST, path, body.to_string())
            .await
    }

    async fn connect(&self, path: &str) -> Socket {
        connect_async(format!("ws://{}{path}", self.host))
            .await
            .unwrap()
            .0
    }

    async fn end(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(PATIENCE, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
        if let Message::Text(text) = message.unwrap().unwrap() {
            return serde_json::from_str(text.as_str()).unwrap();
        }
    }
}

#[tokio::test]
async fn a_round_trip_over_rest_and_the_user_stream() {
    let venue = Running::start("manual").await;
    let (_, key) = venue.post("/fapi/v1/listenKey", &Value::Null).await;
    let key = key["listenKey"].as_str().unwrap().to_owned();
    let mut socket = venue.connect(&format!("/private/ws?listenKey={key}")).await;
    let price = json!({"symbol": "BTCUSDT", "price": 60000});
    assert_eq!(venue.post("/paper/price", &price).await.0, 200);
    let open = json!({"symbol": "BTCUSDT", "side": "BUY", "qty": "0.010", "leverage": 5});
    assert_eq!(venue.post("/paper/open", &open).await.1["status"], "FILLED");
    let mut names = Vec::new();
    for _ in 0..5 {
        names.push(next(&mut socket).await["e"].as_str().unwrap().to_owned());
    }
    assert_eq!(names[2..4], ["TRADE_LITE", "ACCOUNT_UPDATE"]);
    let risk = venue.get("/fapi/v3/positionRisk?symbol=BTCUSDT").await;
    assert_eq!(risk[0]["positionAmt"], "0.010");
    let report = venue.get("/paper/report").await;
    assert_eq!(
        (&report["positions_opened"], &report["total_orders"]),
        (&1.into(), &1.into())
    );
    let close = json!({"symbol": "BTCUSDT"});
    assert_eq!(venue.post("/paper/close", &close).await.0, 200);
    assert_eq!(venue.post("/paper/close", &close).await.1["code"], -2022);
    venue.end().await;
}

#[tokio::test]
async fn market_streams_come_wrapped_after_a_subscription() {
    let venue = Running::start("synthetic").await;
    let mut socket = venue.connect("/market/stream?streams=").await;
    let subscribe = json!({"method": "SUBSCRIBE", "params": ["btcusdt@markPrice@1s"], "id": "x"});
    socket
        .send(Message::from(subscribe.to_string()))
        .await
        .unwrap();
    assert_eq!(next(&mut socket).await, json!({"result": null, "id": "x"}));
    let mark = next(&mut socket).await;
    assert_eq!(mark["stream"], "btcusdt@markPrice@1s");
    assert_eq!(mark["data"]["e"], "markPriceUpdate");
    venue.end().await;
}

#[tokio::test]
async fn a_funding_rate_that_is_set_is_told_by_the_marks() {
    let venue = Running::start("manual").await;
    let mut socket = venue.connect("/market/ws/btcusdt@markPrice@1s").await;
    let price = json!({"symbol": "BTCUSDT", "price": 60000});
    assert_eq!(venue.post("/paper/price", &price).await.0, 200);
    assert_eq!(next(&mut socket).await["r"], "0.00010000");
    let funding = json!({"symbol": "BTCUSDT", "rate": "-0.00250"});
    assert_eq!(venue.post("/paper/funding", &funding).await.0, 200);
    while next(&mut socket).await["r"] != "-0.00250000" {}
    let index = venue.get("/fapi/v1/premiumIndex?symbol=BTCUSDT").await;
    assert_eq!(index["lastFundingRate"], "-0.00250000");
    let wild = json!({"symbol": "BTCUSDT", "rate": 1});
    assert_eq!(venue.post("/paper/funding", &wild).await.0, 400);
    venue.end().await;
}

#[tokio::test]
async fn faults_can_be_set_while_it_runs_and_bad_plans_are_refused() {
    let venue = Running::start("manual").await;
    let plan = json!({"requests": [{"path": "/fapi/v1/ping", "action": "refuse_overload"}]});
    assert_eq!(venue.post("/paper/faults", &plan).await.0, 200);
    assert_eq!(venue.get("/fapi/v1/ping").await["code"], -1008);
    assert_eq!(
        venue.post("/paper/faults", &json!({"nonsense": 1})).await.0,
        400
    );
    assert_eq!(venue.post("/paper/faults", &json!({})).await.0, 200);
    assert_eq!(venue.get("/fapi/v1/ping").await, json!({}));
    venue.end().await;
}

#[tokio::test]
async fn an_unknown_path_is_the_venues_own_404() {
    let venue = Running::start("manual").await;
    let (status, body) = venue
        .send(reqwest::Method::PATCH, "/nowhere", String::new())
        .await;
    assert_eq!((status, &body["code"]), (404, &(-5000).into()));
    venue.end().await;
}

#[tokio::test]
async fn a_stop_closes_open_sockets() {
    let venue = Running::start("manual").await;
    let mut socket = venue.connect("/ws/btcusdt@markPrice").await;
    venue.stop.send_replace(true);
    let last = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
    assert!(matches!(last, Some(Ok(Message::Close(_))) | None));
    venue.end().await;
}
