//! `--watch` as a process: one answer after the other, until nobody reads any more.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::process::{Command, Stdio};

use common::{serve, shadow_system};
use serde_json::{Deserializer, Value};

#[test]
fn each_verb_is_asked_again_and_ends_well_when_nobody_reads() {
    let (addresses, shutdown) = serve(shadow_system());
    for (verb, field) in [
        ("status", "operational_state"),
        ("positions", "items"),
        ("plans", "items"),
        ("flags", "services"),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_exitctl"))
            .args(["--grpc", &format!("http://{}", addresses.grpc)])
            .args([verb, "--watch", "10ms", "-o", "json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let documents = Deserializer::from_reader(stdout).into_iter::<Value>();
        for document in documents.take(3) {
            assert!(!document.unwrap()[field].is_null(), "{verb}");
        }
        // The reader is gone by now, as at the end of a pipe into `head`.
        assert_eq!(child.wait().unwrap().code(), Some(0), "{verb}");
    }
    shutdown.request();
}

#[test]
fn it_ends_when_its_time_is_up_and_says_so() {
    let (addresses, shutdown) = serve(shadow_system());
    let watch = ["status", "--watch", "10ms", "--for", "100ms"];
    let (code, _, told) = common::exitctl(addresses.grpc, &watch);
    assert_eq!((code, told.as_str()), (124, ""));
    let (code, _, told) = common::exitctl(addresses.grpc, &["status", "--for", "100ms"]);
    assert_eq!(code, 2, "one answer takes no time: {told}");
    shutdown.request();
}

#[test]
fn the_pause_may_be_left_out_and_is_never_zero() {
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let (code, _, told) = common::exitctl(nobody, &["status", "--watch"]);
    assert_eq!(code, 4, "the first question is a question: {told}");
    for wrong in ["0", "soon"] {
        let (code, _, told) = common::exitctl(nobody, &["status", "--watch", wrong]);
        assert_eq!(code, 2, "{told}");
    }
    let (code, _, told) = common::exitctl(nobody, &["tp", "--watch"]);
    assert_eq!(code, 2, "not every verb has it: {told}");
}
