//! Completions and manual page, without anybody to ask.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::net::SocketAddr;

use common::{assert_golden, exitctl};

const VERBS: [&str; 12] = [
    "status",
    "positions",
    "plans",
    "story",
    "check",
    "kill",
    "venue",
    "config",
    "doctor",
    "decisions",
    "flatten",
    "shadow",
];

#[test]
fn each_shell_gets_its_completions_of_every_verb() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    for (shell, first) in [
        ("bash", "_exitctl() {"),
        ("zsh", "#compdef exitctl"),
        ("fish", "# Print an optspec"),
    ] {
        let (code, text, told) = exitctl(nobody, &["completions", shell]);
        assert_eq!((code, told.as_str()), (0, ""), "{shell}");
        assert!(text.starts_with(first), "{shell}: {text}");
        for verb in VERBS {
            assert!(text.contains(verb), "{verb} in {shell}");
        }
    }
    let (code, _, _) = exitctl(nobody, &["completions", "cmd"]);
    assert_eq!(code, 2);
}

#[test]
fn the_manual_page_is_as_it_is_written_down() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let (code, text, told) = exitctl(nobody, &["man"]);
    assert_eq!((code, told.as_str()), (0, ""));
    assert_golden("man.roff", &text);
}
