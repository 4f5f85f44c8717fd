//! Starts the planner.

use std::process::ExitCode;

fn main() -> ExitCode {
    planner::wiring::run()
}
