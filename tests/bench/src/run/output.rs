//! The only place that prints: results to stdout, progress to stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use serde_json::Value;

/// A line of results.
pub fn say(line: &Value) {
    println!("{line}");
}

/// Something worth knowing while it runs.
pub fn note(text: &str) {
    eprintln!("bench: {text}");
}
