//! The service as a process: its health answers even where there is no bus at all.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Far more than a start takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn start(ports: &Path, keys: &Path, bus: &str) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_diagnostics"))
        .env("EXITBRAIN__BUS__URL", bus)
        .env("EXITBRAIN__BUS__KEYS_DIR", keys)
        .env("EXITBRAIN__DIAGNOSTICS__HTTP_LISTEN", "127.0.0.1:0")
        .env("EXITBRAIN__DIAGNOSTICS__GRPC_LISTEN", "127.0.0.1:0")
        .env("EXITBRAIN__DIAGNOSTICS__PORTS_FILE", ports)
        .stderr(Stdio::null())
        .spawn();
    Running(child.unwrap())
}

fn http_address(ports: &Path) -> String {
    let begun = Instant::now();
    let text = loop {
        if let Ok(text) = fs::read_to_string(ports) {
            break text;
        }
        assert!(begun.elapsed() < PATIENCE, "no ports file");
        thread::sleep(Duration::from_millis(5));
    };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["http"].as_str().unwrap().to_owned()
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn health_answers_while_the_bus_takes_connections_and_says_nothing() {
    // A port that accepts and never speaks is worse than none.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("nats://{}", silent.local_addr().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let ports = dir.path().join("ports.json");
    let keys = dir.path().join("keys");
    bus::keys::generate(&keys).unwrap();
    let _running = start(&ports, &keys, &url);
    let address = http_address(&ports);
    assert!(get(&address, "/livez").starts_with("HTTP/1.1 200"));
    let ready = get(&address, "/readyz?verbose");
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(ready.contains("[-]bus failed: no connection"), "{ready}");
    let status = get(&address, "/health/exit_brain_status");
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    assert!(
        status.contains("\"operational_state\": \"UNKNOWN\""),
        "{status}"
    );
}
