//! The command as a process, against a diagnostics service that serves what it is given.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::net::SocketAddr;
use std::process::Command;

use common::{NOW, exitctl, serve, shadow_system};
use diagnostics::status;

#[test]
fn m065_m066_the_command_shows_the_running_system() {
    let actor = shadow_system();
    let document = status::document(&actor.status(NOW)).unwrap();
    let (addresses, shutdown) = serve(actor);
    let (code, text, _) = exitctl(addresses.grpc, &["status", "-o", "json"]);
    assert_eq!((code, text), (0, format!("{document}\n")));
    let (code, text, _) = exitctl(addresses.grpc, &["status"]);
    assert_eq!(code, 0);
    assert!(
        text.contains("🟡 Operational State: EXIT_BRAIN_V3_SHADOW"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
    for (verb, expected) in [("flags", "EXIT_MODE"), ("positions", "no open positions")] {
        let (code, text, _) = exitctl(addresses.grpc, &[verb]);
        assert_eq!(code, 0);
        assert!(text.contains(expected), "{text}");
    }
    let (code, text, _) = exitctl(addresses.grpc, &["tp", "--symbol", "btcusdt"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("no targets planned since"), "{text}");
    for check in ["naked", "flags", "bus"] {
        let (code, text, _) = exitctl(addresses.grpc, &["check", check]);
        assert_eq!(code, 0, "{text}");
    }
    shutdown.request();
}

/// A kill must never fail for what stands in the environment for another kind of kill.
#[test]
fn what_is_for_the_direct_kill_does_not_hinder_the_other() {
    let keys = tempfile::tempdir().unwrap();
    bus::keys::generate(keys.path()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_exitctl"))
        .env("EXITCTL_GATEWAY", "http://127.0.0.1:1")
        .env("EXITCTL_NATS_URL", "nats://127.0.0.1:1")
        .args(["kill", "--to", "shadow", "--yes"])
        .args(["--confirm", "SHADOW", "--keys-dir"])
        .arg(keys.path())
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(4),
        "it tried the bus: {output:?}"
    );
}

#[test]
fn the_callers_own_flags_change_nothing() {
    let (addresses, shutdown) = serve(shadow_system());
    let live = [
        ("EXIT_MODE", "LEGACY"),
        ("EXIT_EXECUTOR_MODE", "LIVE"),
        ("EXIT_BRAIN_V3_LIVE_ROLLOUT", "ENABLED"),
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_exitctl"))
        .envs(live)
        .args(["flags", "--grpc", &format!("http://{}", addresses.grpc)])
        .args(["-o", "json"])
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["config"]["exit_mode"], "EXIT_BRAIN_V3");
    assert_eq!(json["config"]["exit_executor_mode"], "SHADOW");
    assert_eq!(json["services"].as_array().unwrap().len(), 3);
    shutdown.request();
}

#[test]
fn nobody_there_is_exit_code_4_and_unknown_to_a_check() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let (code, text, told) = exitctl(nobody, &["status"]);
    assert_eq!((code, text.as_str()), (4, ""));
    assert!(told.contains("nobody answers"), "{told}");
    let (code, text, _) = exitctl(nobody, &["check", "naked"]);
    assert_eq!(code, 3);
    assert!(text.starts_with("UNKNOWN - "), "{text}");
}

#[test]
fn one_who_takes_the_call_and_says_nothing_is_exit_code_4_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let (code, _, told) = exitctl(address, &["status", "--timeout", "200ms"]);
    assert_eq!(code, 4, "{told}");
}

#[test]
fn wrong_use_is_exit_code_2_and_does_nothing() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    for arguments in [
        ["kill", "--to", "shadow"].as_slice(),
        &["kill", "--to", "shadow", "--yes"],
        &["kill", "--to", "shadow", "--confirm", "shadow"],
        &["kill", "--to", "shadow", "--yes", "--confirm", "LEGACY"],
        &["kill", "--to", "live", "--yes", "--confirm", "LIVE"],
        &["bus", "apply", "--policy", "live", "--yes"],
        &["status", "-o", "xml"],
        &["nonsense"],
        &["tp", "--symbol", "BTC.USDT"],
        &["status", "--grpc", "no address"],
    ] {
        let (code, text, told) = exitctl(nobody, arguments);
        assert_eq!(code, 2, "{arguments:?}: {told}");
        assert_eq!(text, "");
    }
}
