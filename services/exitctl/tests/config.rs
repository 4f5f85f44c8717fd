//! `exitctl config explain` as a process in an environment of its own.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::process::Command;

/// Exit code and both outputs, with nothing in the environment but `variables`.
fn explain(variables: &[(&str, &str)], more: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_exitctl"))
        .env_clear()
        .envs(variables.iter().copied())
        .args(["config", "explain"])
        .args(more)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

fn line<'a>(text: &'a str, setting: &str) -> Vec<&'a str> {
    let found = text.lines().find(|line| line.starts_with(setting));
    let found = found.unwrap_or_else(|| panic!("{setting} in {text}"));
    found
        .split("  ")
        .filter(|cell| !cell.is_empty())
        .map(str::trim)
        .collect()
}

#[test]
fn each_value_is_told_with_who_set_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "[venue]\nrecv_window_ms = 700\nkey_kind = \"ed25519\"\n",
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    let variables = [
        ("EXITBRAIN_CONFIG", "/nowhere"),
        ("EXITBRAIN__VENUE__RECV_WINDOW_MS", "900"),
        ("EXIT_MODE", "EXIT_BRAIN_V3"),
    ];
    let (code, text, told) = explain(&variables, &["--config", path]);
    assert_eq!((code, told.as_str()), (0, ""));
    let window = line(&text, "venue.recv_window_ms");
    assert_eq!(window[1..3], ["900", "EXITBRAIN__VENUE__RECV_WINDOW_MS"]);
    assert!(window[3].starts_with("milliseconds"), "{window:?}");
    assert_eq!(
        line(&text, "venue.key_kind")[1..3],
        ["ed25519", &format!("file {path}")]
    );
    assert_eq!(line(&text, "bus.leases")[1..3], ["kv", "default"]);
    assert_eq!(
        line(&text, "EXIT_MODE")[1..3],
        ["EXIT_BRAIN_V3", "EXIT_MODE"]
    );
    assert_eq!(line(&text, "EXITBRAIN_CONFIG")[1], path);
}

#[test]
fn one_service_reads_its_own_settings_and_json_and_yaml_say_the_same() {
    let (code, text, _) = explain(&[], &["--service", "market", "-o", "json"]);
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["kind"], "SettingList");
    let items = json["items"].as_array().unwrap();
    let named = |name: &str| items.iter().find(|it| it["setting"] == name);
    assert!(named("venue.secret_file").is_none());
    let url = named("market.ws_url").unwrap();
    assert_eq!(url["origin"], "default");
    assert_eq!(url["source"], serde_json::Value::Null);
    assert_eq!(url["services"], serde_json::json!(["market"]));
    let (code, yaml, _) = explain(&[], &["--service", "market", "-o", "yaml"]);
    assert_eq!(code, 0);
    assert!(yaml.contains("- setting: 'market.ws_url'"), "{yaml}");
    let (code, _, told) = explain(&[], &["--service", "marked"]);
    assert_eq!(code, 2, "{told}");
}

#[test]
fn what_no_service_would_start_with_is_a_failure_that_names_it_and_a_secret_is_never_told() {
    let bad = ("EXITBRAIN__VENUE__RECV_WINDOW_MS", "0");
    let (code, text, told) = explain(&[bad], &[]);
    assert_eq!((code, text.as_str()), (1, ""));
    assert!(
        told.contains("venue.recv_window_ms") && told.contains(bad.0),
        "{told}"
    );
    let variables = [
        ("EXITBRAIN__BUS__URL", "nats://ada:s3cret@bus:4222"),
        ("EXIT_EXECUTOR_MODE", "MAYBE"),
    ];
    for format in ["table", "wide", "json", "yaml"] {
        let (code, text, told) = explain(&variables, &["-o", format]);
        assert_eq!(code, 0, "{told}");
        assert!(
            !text.contains("s3cret") && text.contains("nats://***@bus:4222"),
            "{text}"
        );
        assert!(
            text.contains("MAYBE"),
            "the flag that was not usable: {text}"
        );
    }
}
