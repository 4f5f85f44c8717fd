//! A diagnostics service to ask, and the command that asks it.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use std::net::SocketAddr;
use std::process::{Command, Output};

use bus::Heard;
use diagnostics::DiagnosticsActor;
use diagnostics::server::{Addresses, Listeners};
use diagnostics::shared::Shared;
use diagnostics::view::View;
use domain::Timestamp;
use domain::mode::{ExitMode, Flags, Mode, ModeSnapshot};
use domain::snapshot::Heartbeat;
use runtime::{Actor, Shutdown};

/// 2025-12-10T22:14:55Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_765_404_895_000);

fn now() -> Timestamp {
    NOW
}

fn heartbeat(service: &str) -> Heard {
    let flags = Flags {
        exit_mode: ExitMode::ExitBrainV3,
        ..Flags::default()
    };
    Heard::Health(Heartbeat {
        service: service.into(),
        instance: "one".into(),
        build: "0.1.0".into(),
        flags,
        mode: Mode::Shadow,
        revision: 1,
        ready: true,
        boot: 1,
        sequence: 1,
        positions: Vec::new(),
        owned: Vec::new(),
        metrics: domain::snapshot::ExitMetrics::default(),
        counters: std::collections::BTreeMap::new(),
        at: NOW,
    })
}

pub fn shadow_system() -> DiagnosticsActor {
    let mut actor = DiagnosticsActor::new("one", Flags::default(), 1);
    let mut out = Vec::new();
    for service in ["gateway-guard", "gateway", "executor"] {
        actor.hear(NOW, heartbeat(service), &mut out);
    }
    let mode = Heard::Mode(ModeSnapshot {
        revision: 1,
        mode: Mode::Shadow,
        reason: "as configured".into(),
        at: NOW,
    });
    actor.hear(NOW, mode, &mut out);
    actor
}

/// Serves `actor` until the returned wish to stop is uttered.
pub fn serve(actor: DiagnosticsActor) -> (Addresses, Shutdown) {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let listeners = Listeners::bind(free, free).unwrap();
    let addresses = listeners.addresses().unwrap();
    let view = View::new(Shared::new(actor), now, || true);
    let shutdown = Shutdown::new();
    drop(listeners.spawn(view, shutdown.clone()).unwrap());
    (addresses, shutdown)
}

pub fn exitctl(grpc: SocketAddr, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitctl"));
    command.env("EXITCTL_GRPC", format!("http://{grpc}"));
    let Output {
        status,
        stdout,
        stderr,
    } = command.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// What the command prints must be, byte for byte, what stands in `tests/golden/<name>`;
/// `EXITCTL_GOLDEN=write` writes it there, for a person to read the difference.
pub fn assert_golden(name: &str, text: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("EXITCTL_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{name} was:\n{text}");
}
