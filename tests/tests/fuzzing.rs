//! Every parser against mutants of our own samples: a set number of them, or for `FUZZ_SECONDS`.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use tests::fuzz::{TARGETS, inputs, target};

/// How long each parser is driven, in seconds; a set number of inputs where it isn't said.
const SECONDS_VARIABLE: &str = "FUZZ_SECONDS";
/// Another seed than the one that CI runs.
const SEED_VARIABLE: &str = "FUZZ_SEED";
/// Inputs of each parser where no time is said.
const INPUTS: usize = 1_500;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

fn drive(name: &str) {
    let target = target(name).unwrap();
    let seed = setting(SEED_VARIABLE).unwrap_or(1);
    let until = setting(SECONDS_VARIABLE).map(|s| Instant::now() + Duration::from_secs(s));
    for (count, input) in inputs(target, seed).enumerate() {
        let is_over = match until {
            Some(until) => Instant::now() >= until,
            None => count >= INPUTS,
        };
        if is_over {
            return;
        }
        let run = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let shown = input.escape_ascii();
        assert!(run.is_ok(), "{name}, seed {seed}, input {count}:\n{shown}");
    }
}

macro_rules! each {
    ($($test:ident $name:literal;)*) => {
        $(#[test] fn $test() { drive($name); })*
        const DRIVEN: &[&str] = &[$($name),*];
    };
}

each! {
    user_events_of_any_form_are_read_or_refused "user_event";
    market_frames_of_any_form_are_read_or_refused "market_frame";
    answers_of_any_form_are_read_or_refused "answer";
    exchange_rules_of_any_form_are_read_or_refused "exchange_info";
    no_answer_is_called_a_refusal_that_does_not_prove_it "outcome";
    no_frame_is_called_a_refusal_that_does_not_prove_it "socket_answer";
    bus_messages_of_any_form_are_read_or_refused "bus_message";
    only_what_the_guard_signed_opens "approval";
    only_what_the_operator_signed_is_a_kill "direct_kill";
    a_refused_request_changes_nothing_on_the_venue "venue_request";
    a_refused_frame_changes_nothing_on_the_venue "venue_ws_api";
    control_frames_of_any_form_are_answered "venue_control";
    price_files_of_any_form_are_read_or_refused "feed_file";
    fault_plans_of_any_form_are_followed_or_refused "fault_plan";
    policies_of_any_form_are_sound_or_refused "policy";
}

/// The samples as files, where the coverage-guided fuzzer begins.
#[test]
#[ignore = "make fuzz calls it"]
fn write_the_samples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/target/corpus");
    for target in &TARGETS {
        let folder = root.join(target.name);
        fs::create_dir_all(&folder).unwrap();
        for (number, sample) in (target.corpus)().iter().enumerate() {
            fs::write(folder.join(format!("sample-{number}")), sample).unwrap();
        }
    }
}

#[test]
fn every_target_is_driven() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, DRIVEN);
    for name in names {
        let own = format!("fuzz/fuzz_targets/{name}.rs");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(own);
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("run(\"{name}\"")), "{name}");
    }
}
