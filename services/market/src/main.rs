//! Starts the market service.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main(market::wiring::SERVICE, market::wiring::start)
}
