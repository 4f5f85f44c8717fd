//! Starts the gateway.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::wiring::run()
}
