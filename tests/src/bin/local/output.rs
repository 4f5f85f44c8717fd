//! The only place that prints: the result to stdout, everything else to stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use tests::system::Addresses;
use tests::system::process::Dead;

use crate::summary::Summary;

/// Something worth knowing while it runs.
pub fn note(text: &str) {
    eprintln!("local: {text}");
}

/// Why it can't go on.
pub fn fault(text: &str) -> ExitCode {
    note(text);
    ExitCode::FAILURE
}

/// A process that ended by itself.
pub fn death(dead: &Dead) {
    let Dead { name, status, tail } = dead;
    eprintln!("local: {name} ended by itself with {status}; its log ends:\n{tail}");
}

/// Where everything is.
pub fn addresses(addresses: &Addresses) {
    let none = || "none".to_owned();
    let http = addresses.http.clone().unwrap_or_else(none);
    let grpc = addresses.grpc.clone().unwrap_or_else(none);
    eprintln!("  status  {http}/health/exit_brain_status");
    eprintln!("  gRPC    {grpc}");
    eprintln!("  NATS    {}", addresses.nats);
    eprintln!("  venue   {}/paper/report", addresses.paper);
    eprintln!("  logs    {}", addresses.logs.display());
    eprintln!("  config  {}", addresses.config.display());
}

/// Flags that every service has been started anew with.
pub fn flags(flags: &[(String, String)]) {
    let pairs = flags.iter().map(|(name, value)| format!("{name}={value}"));
    let pairs: Vec<String> = pairs.collect();
    note(&format!("all services run with {}", pairs.join(" ")));
}

/// The result, on one line.
pub fn result(summary: &Summary) {
    println!("{}", summary.to_line());
}
