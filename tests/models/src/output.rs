//! Lines for whoever reads the run.
#![allow(clippy::print_stdout, reason = "each model tells how far it went")]

pub fn say(line: &str) {
    println!("{line}");
}
