//! Every way to print, byte for byte.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::{assert_golden, exitctl, serve, shadow_system};

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
