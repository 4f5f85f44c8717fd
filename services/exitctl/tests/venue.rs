//! `exitctl venue check` as a process against the paper exchange, with every request recorded.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use binance::ApiRequest;
use binance::order_params::{PositionMode, PositionSide, VenueClose, place};
use binance::rest::{RestClient, RestConfig};
use binance::sign::Credentials;
use paper_exchange::config::Config;
use paper_exchange::server::serve;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::watch;

const API_KEY: &str = "paperkey";
const SECRET: &str = "paper-secret-that-nobody-prints";

struct Paper {
    /// Where the recorder listens.
    host: String,
    files: TempDir,
    asked: Arc<Mutex<Vec<u8>>>,
    _stop: watch::Sender<bool>,
}

impl Paper {
    async fn start(hedge: bool) -> Self {
        runtime::install_crypto();
        let files = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| -> PathBuf {
            let path = files.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let config = Config {
            data: "manual".into(),
            strategy: false,
            verify: true,
            hedge,
            api_key_file: Some(file("key", API_KEY)),
            secret_file: Some(file("secret", SECRET)),
            ..Config::default()
        };
        let world = config.build(runtime::now().millis()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let venue = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(serve(listener, world, stopping));
        let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = front.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(record(front, venue, Arc::clone(&asked)));
        let paper = Self {
            host,
            files,
            asked,
            _stop: stop,
        };
        paper
            .post("/paper/price", r#"{"symbol":"BTCUSDT","price":60000}"#)
            .await;
        paper.asked.lock().unwrap().clear();
        paper
    }

    async fn post(&self, path: &str, body: &str) {
        let mut socket = TcpStream::connect(&self.host).await.unwrap();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n"
        );
        let call = format!("{head}\r\n{body}");
        socket.write_all(call.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Verb and path of every request since the last time.
    fn requests(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.asked.lock().unwrap());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text
            .lines()
            .filter_map(|line| line.strip_suffix(" HTTP/1.1"));
        lines
            .map(|line| line.split('?').next().unwrap().to_owned())
            .collect()
    }

    /// The command against this venue: exit code and both outputs, in which no secret may be.
    async fn check(&self, more: &[&str]) -> (i32, String, String) {
        self.exitctl(["venue", "check"], more).await
    }

    async fn exitctl(&self, verb: [&str; 2], more: &[&str]) -> (i32, String, String) {
        let settings = self.files.path().join("config.toml");
        let (host, files) = (&self.host, self.files.path().display());
        let text = format!(
            "[venue]\nrest_url = \"http://{host}\"\nws_api_url = \"ws://{host}/ws-fapi/v1\"\n\
             key_file = \"{files}/key\"\nsecret_file = \"{files}/secret\"\n\
             [market]\nsymbols = [\"BTCUSDT\"]\n"
        );
        std::fs::write(&settings, text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_exitctl"))
            .args(verb)
            .arg("--config")
            .arg(&settings)
            .args(["--timeout", "20s"])
            .args(more)
            .env_remove("EXITBRAIN_CONFIG")
            .output()
            .await
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        for secret in [API_KEY, SECRET] {
            assert!(!stdout.contains(secret) && !stderr.contains(secret));
        }
        (output.status.code().unwrap(), stdout, stderr)
    }

    async fn stop_for_long(&self) {
        let config = RestConfig {
            base_url: format!("http://{}", self.host),
            recv_window_ms: 5_000,
            timeout: std::time::Duration::from_secs(20),
        };
        let key = Credentials::from_file_contents(API_KEY, SECRET).unwrap();
        let rest = RestClient::new(&config, key).unwrap();
        let trigger = 58_000.into();
        let close = VenueClose::DisasterStop { trigger };
        let (mode, side) = (PositionMode::OneWay, PositionSide::Long);
        let stop: ApiRequest = place(mode, side, "BTCUSDT", "s1", close).unwrap();
        let answer = rest.execute(&stop, runtime::now().millis()).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// Passes every byte on in both directions, and keeps those that go to the venue.
async fn record(front: TcpListener, venue: std::net::SocketAddr, asked: Arc<Mutex<Vec<u8>>>) {
    while let Ok((client, _)) = front.accept().await {
        let asked = Arc::clone(&asked);
        tokio::spawn(async move {
            let server = TcpStream::connect(venue).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let forth = async {
                let mut buffer = [0; 4_096];
                while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
                    asked.lock().unwrap().extend_from_slice(&buffer[..count]);
                    if to_server.write_all(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
            };
            let back = tokio::io::copy(&mut from_server, &mut to_client);
            tokio::select! {
                () = forth => {}
                _ = back => {}
            }
        });
    }
}

fn verdict(report: &str, name: &str) -> String {
    let report: Value = serde_json::from_str(report).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|row| row["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name} in {report}"));
    found["verdict"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_sound_account_passes_and_is_only_read() {
    let paper = Paper::start(false).await;
    let (code, report, _) = paper.check(&["-o", "json"]).await;
    assert_eq!(code, 0, "{report}");
    for name in [
        "clock",
        "limits",
        "symbol BTCUSDT",
        "key",
        "trading",
        "assets mode",
        "position mode",
        "leverage BTCUSDT",
        "positions",
        "ordinary orders",
        "conditional orders",
        "stops",
        "order socket",
    ] {
        assert_eq!(verdict(&report, name), "ok", "{name}");
    }
    for name in ["rights of the key", "user stream"] {
        assert_eq!(verdict(&report, name), "unknown", "{name}");
    }
    let requests = paper.requests();
    assert_eq!(requests.len(), 9, "{requests:?}");
    assert!(
        requests.iter().all(|it| it.starts_with("GET ")),
        "{requests:?}"
    );
    let (code, table, _) = paper.check(&[]).await;
    assert_eq!((code, table.starts_with("CHECK")), (0, true), "{table}");
}

#[tokio::test]
async fn check_venue_asks_the_same_and_answers_as_the_other_checks_do() {
    let format = ["--format", "nagios"];
    let paper = Paper::start(false).await;
    let (code, line, _) = paper.exitctl(["check", "venue"], &format).await;
    assert_eq!(code, 0, "{line}");
    assert!(line.starts_with("EXITBRAIN VENUE OK - "), "{line}");
    assert!(line.contains("| bad=0;;0;0 warn=0;0;;0 passed="), "{line}");
    let hedge = Paper::start(true).await;
    let (code, line, _) = hedge.exitctl(["check", "venue"], &format).await;
    assert_eq!(code, 2, "{line}");
    assert!(line.contains("to be mended: position mode"), "{line}");
}

#[tokio::test]
async fn a_listen_key_is_made_only_where_asked_for() {
    let paper = Paper::start(false).await;
    let (code, report, _) = paper.check(&["-o", "json", "--with-stream"]).await;
    assert_eq!((code, verdict(&report, "user stream").as_str()), (0, "ok"));
    let requests = paper.requests();
    let others: Vec<_> = requests
        .iter()
        .filter(|it| !it.starts_with("GET "))
        .collect();
    assert_eq!(others, ["POST /fapi/v1/listenKey"]);
}

#[tokio::test]
async fn the_position_mode_must_be_the_one_of_the_settings() {
    let paper = Paper::start(true).await;
    let (code, report, _) = paper.check(&["-o", "json"]).await;
    assert_eq!(
        (code, verdict(&report, "position mode").as_str()),
        (3, "bad")
    );
    let hedge = ["-o", "json", "--position-mode", "hedge"];
    let (code, report, _) = paper.check(&hedge).await;
    assert_eq!(
        (code, verdict(&report, "position mode").as_str()),
        (0, "ok")
    );
}

#[tokio::test]
async fn a_position_without_its_stop_is_found() {
    let paper = Paper::start(false).await;
    let open = r#"{"symbol":"BTCUSDT","side":"BUY","qty":"0.010"}"#;
    paper.post("/paper/open", open).await;
    let (code, report, _) = paper.check(&["-o", "json"]).await;
    assert_eq!(
        (code, verdict(&report, "stops BTCUSDT Both").as_str()),
        (3, "bad")
    );
    paper.stop_for_long().await;
    let (code, report, _) = paper.check(&["-o", "json"]).await;
    assert_eq!((code, verdict(&report, "stops").as_str()), (0, "ok"));
}

#[tokio::test]
async fn a_wrong_secret_is_named_without_being_shown_and_ends_the_questions() {
    let paper = Paper::start(false).await;
    let wrong = paper.files.path().join("wrong");
    std::fs::write(&wrong, "another-secret").unwrap();
    let file = ["-o", "json", "--secret-file", wrong.to_str().unwrap()];
    let (code, report, _) = paper.check(&file).await;
    assert_eq!((code, verdict(&report, "key").as_str()), (3, "bad"));
    assert!(
        report.contains("-1022") && !report.contains("another-secret"),
        "{report}"
    );
    let requests = paper.requests();
    let signed = requests.iter().filter(|it| it.contains("account")).count();
    assert_eq!((signed, requests.len()), (1, 3), "{requests:?}");
}

#[tokio::test]
async fn a_symbol_that_the_venue_does_not_list_is_a_condition_not_met() {
    let paper = Paper::start(false).await;
    let (code, report, _) = paper.check(&["-o", "json", "--symbol", "nosuchusdt"]).await;
    assert_eq!(
        (code, verdict(&report, "symbol NOSUCHUSDT").as_str()),
        (3, "bad")
    );
}

#[tokio::test]
async fn nobody_there_is_4_and_no_key_file_is_2() {
    let paper = Paper::start(false).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let (code, _, stderr) = paper.check(&["--rest-url", &url]).await;
    assert_eq!(code, 4, "{stderr}");
    let (code, _, stderr) = paper.check(&["--key-file", "/nowhere"]).await;
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("/nowhere"), "{stderr}");
}
