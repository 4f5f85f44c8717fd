//! Starts diagnostics.

use std::process::ExitCode;

fn main() -> ExitCode {
    diagnostics::wiring::run()
}
