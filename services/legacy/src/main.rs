//! Starts the incumbent modules.

use std::process::ExitCode;

fn main() -> ExitCode {
    legacy::wiring::run()
}
