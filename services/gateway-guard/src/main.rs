//! Starts the guard.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway_guard::wiring::run()
}
