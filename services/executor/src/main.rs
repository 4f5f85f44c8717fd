//! Starts the executor.

use std::process::ExitCode;

fn main() -> ExitCode {
    executor::wiring::run()
}
