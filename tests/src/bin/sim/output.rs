//! The only place that prints: results to stdout, progress to stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use tests::sim::fleet::State;

/// Results.
pub fn say(text: &str) {
    println!("{text}");
}

/// Something worth knowing while it runs.
pub fn note(text: &str) {
    eprintln!("sim: {text}");
}

/// How far it is.
pub fn progress(state: &State) {
    let (done, all) = (state.seeds, state.plan.seeds);
    let (seconds, failures) = (state.wall_ms / 1_000, state.failures);
    let speed = state.events_per_second();
    let named: Vec<String> = state.failed.keys().map(u64::to_string).collect();
    let named = match named.is_empty() {
        true => String::new(),
        false => format!(" ({})", named.join(" ")),
    };
    note(&format!(
        "{done} of {all} seeds, {failures} broken{named}, {seconds} s, {speed} events/s per core"
    ));
}
