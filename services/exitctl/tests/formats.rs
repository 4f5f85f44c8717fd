//! Every way to print, byte for byte.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::{assert_golden, exitctl, serve, shadow_system};
use serde_json::Value;

#[test]
fn each_verb_prints_in_each_format() {
    let (addresses, shutdown) = serve(shadow_system());
    for (verb, format) in [
        ("flags", "wide"),
        ("flags", "yaml"),
        ("positions", "yaml"),
        ("plans", "yaml"),
        ("status", "yaml"),
    ] {
        let (code, text, told) = exitctl(addresses.grpc, &[verb, "-o", format]);
        assert_eq!((code, told.as_str()), (0, ""), "{verb} -o {format}");
        assert_golden(&format!("{verb}.{format}"), &text);
    }
    shutdown.request();
}

/// In lines it is the same as in one document.
#[test]
fn a_list_is_a_line_for_each_item() {
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let told = |format| exitctl(nobody, &["config", "explain", "-o", format]);
    let (code, whole, _) = told("json");
    let whole: Value = serde_json::from_str(&whole).unwrap();
    let items = whole["items"].as_array().unwrap();
    assert_eq!(code, 0);
    let (code, text, told) = told("jsonl");
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(text.lines().count(), items.len());
    for (line, item) in text.lines().zip(items) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["kind"], "Setting");
        for (name, value) in item.as_object().unwrap() {
            assert_eq!(&line[name], value, "{name} of {line}");
        }
    }
}

#[test]
fn each_check_prints_in_each_format_with_the_same_exit_code() {
    let (addresses, shutdown) = serve(shadow_system());
    for check in ["naked", "flags", "bus"] {
        for format in ["text", "json", "nagios", "prometheus"] {
            let typed = ["check", check, "--format", format];
            let (code, text, told) = exitctl(addresses.grpc, &typed);
            assert_eq!((code, told.as_str()), (0, ""), "{check} {format}");
            assert_golden(&format!("check-{check}.{format}"), &text);
        }
    }
    shutdown.request();
}
