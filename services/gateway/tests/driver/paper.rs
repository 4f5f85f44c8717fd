//! The venue of these tests: the paper exchange's own server, which checks every signature.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine as _;
use binance::ApiRequest;
use binance::rest::{RestClient, RestConfig};
use binance::sign::Credentials;
use binance::stream::{StreamConfig, StreamControl, run};
use binance::transport::VenueApi;
use binance::ws_api::{self, WsApiConfig};
use gateway::driver::Venue;
use paper_exchange::config::Config;
use paper_exchange::faults::{FaultPlan, Often, RequestAction, RequestFault};
use paper_exchange::server::serve;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use runtime::clock;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

pub const API_KEY: &str = "paperkey";
pub const SECRET: &str = "paper-secret";

/// How orders travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Rest,
    Socket,
}

/// What signs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hmac,
    Ed25519,
}

pub struct Paper {
    host: String,
    secret: String,
    stop: watch::Sender<bool>,
}

impl Paper {
    pub async fn start() -> Self {
        Self::with(Kind::Hmac, false).await
    }

    pub async fn with(kind: Kind, hedge: bool) -> Self {
        runtime::install_crypto();
        let mut config = Config {
            data: "manual".into(),
            strategy: false,
            verify: true,
            hedge,
            api_key_file: file("api-key", API_KEY),
            ..Config::default()
        };
        let secret = match kind {
            Kind::Hmac => {
                config.secret_file = file("secret", SECRET);
                SECRET.to_owned()
            }
            Kind::Ed25519 => {
                let (private, public) = ed25519_pems();
                config.ed25519_public_key_file = file("public-key", &public);
                private
            }
        };
        let world = config.build(clock::now().millis()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(serve(listener, world, stopping));
        Self { host, secret, stop }
    }

    pub async fn post(&self, path: &str, body: &str) {
        let url = format!("http://{}{path}", self.host);
        let call = reqwest::Client::new().post(url).body(body.to_owned());
        let answer = call.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub async fn price(&self, price: &str) {
        let body = format!(r#"{{"symbol":"BTCUSDT","price":{price}}}"#);
        self.post("/paper/price", &body).await;
    }

    /// Opens a position by somebody else's hand; `leg` is LONG or SHORT in hedge mode.
    pub async fn open(&self, side: &str, qty: &str, leg: Option<&str>) {
        let leg = leg.map(|leg| format!(r#","positionSide":"{leg}""#));
        let leg = leg.unwrap_or_default();
        let body = format!(r#"{{"symbol":"BTCUSDT","side":"{side}","qty":"{qty}"{leg}}}"#);
        self.post("/paper/open", &body).await;
    }

    /// The next call of `method` to `path` goes wrong so.
    pub async fn fault(&self, method: &str, path: &str, action: RequestAction) {
        let plan = FaultPlan {
            requests: vec![RequestFault {
                method: Some(method.into()),
                path: Some(path.into()),
                contains: None,
                often: Often::once(),
                action,
            }],
            ..FaultPlan::default()
        };
        self.follow(&plan).await;
    }

    pub async fn follow(&self, plan: &FaultPlan) {
        self.post("/paper/faults", &serde_json::to_string(plan).unwrap())
            .await;
    }

    pub fn rest(&self) -> Arc<RestClient> {
        let config = RestConfig {
            base_url: format!("http://{}", self.host),
            recv_window_ms: 5_000,
            timeout: Duration::from_secs(5),
        };
        let credentials = Credentials::from_file_contents(API_KEY, &self.secret).unwrap();
        Arc::new(RestClient::new(&config, credentials).unwrap())
    }

    /// The gateway's way here; returns once orders would go the way asked for.
    pub async fn connect(&self, way: Way) -> Venue {
        let rest = self.rest();
        let (frames, stream) = mpsc::channel(64);
        let control = StreamControl::default();
        let config = StreamConfig::new(&format!("ws://{}", self.host));
        tokio::spawn(run(config, Arc::clone(&rest), frames, control.clone()));
        let (ws, late) = match way {
            Way::Rest => (None, mpsc::channel(1).1),
            Way::Socket => {
                let url = format!("ws://{}/ws-fapi/v1", self.host);
                let config = WsApiConfig::new(&url, || clock::now().millis());
                let (mut ws, late) = ws_api::open(config, Arc::clone(&rest));
                ws.connected().await;
                (Some(ws), late)
            }
        };
        Venue {
            api: Arc::new(VenueApi::new(rest, ws)),
            late,
            stream,
            control,
        }
    }

    /// The answer to a read, by the owner's own hand.
    pub async fn read(&self, request: &ApiRequest) -> serde_json::Value {
        let rest = self.rest();
        // The venue's clock may have been skewed.
        let time = ApiRequest::server_time();
        let time = rest.execute(&time, 0).await.unwrap().body;
        let now_ms = binance::response::server_time(&time).unwrap();
        let answer = rest.execute(request, now_ms).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub fn end(&self) {
        self.stop.send_replace(true);
    }
}

fn file(name: &str, text: &str) -> Option<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("driver-{}-{number}-{name}", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    Some(path)
}

/// A fresh pair, made here so that no private key is kept in the tree.
fn ed25519_pems() -> (String, String) {
    let document = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
    let pem = |label: &str, der: &[u8]| {
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    // SubjectPublicKeyInfo of an Ed25519 key: a fixed head, then its 32 bytes.
    let mut public = hex_head();
    public.extend_from_slice(pair.public_key().as_ref());
    let private = pem("PRIVATE KEY", document.as_ref());
    (private, pem("PUBLIC KEY", &public))
}

fn hex_head() -> Vec<u8> {
    vec![
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]
}
