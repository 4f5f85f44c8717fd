//! When a system, or a part of it, is ready.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::await_it::{Late, until, until_async};
use super::files::Files;
use super::http::address_in;
use super::options::{PAPER, SERVICES};
use super::process::Process;
use super::{System, SystemError};

/// A service that has to wait for the bus, the venue and its first snapshot needs a few seconds;
/// a machine with much else to do, more.
const READY_MAX: Duration = Duration::from_secs(60);

/// The venue's address, once it says so.
pub(super) async fn venue(files: &Files, paper: &mut Process) -> Result<String, SystemError> {
    let file = files.ports(PAPER);
    let look = || {
        let address = address_in(&file, "rest").or_else(|| address_in(&file, "http"));
        match address {
            Some(address) => Some(Ok(address)),
            None => paper.dead().map(Err),
        }
    };
    let found = until("the venue to say its address", READY_MAX, look).await;
    found
        .map_err(|late| SystemError::Late(late, files.logs()))?
        .map_err(SystemError::Died)
}

/// Waits until diagnostics has heard from each service since it was last started. Where the system
/// is whole, also until it and each of them says that it is ready, which a part of it never is.
/// Without diagnostics there is nobody to ask, and nothing is waited for.
pub(super) async fn all(system: &mut System) -> Result<(), SystemError> {
    let runs = |name: &&str| {
        system
            .services
            .iter()
            .any(|process| process.name() == *name)
    };
    let heartbeating: Vec<&str> = SERVICES.into_iter().filter(runs).collect();
    if !heartbeating.contains(&"diagnostics") {
        return Ok(());
    }
    let mut missing = String::new();
    let look = async || {
        if let Some(dead) = system.dead().into_iter().next() {
            return Some(Err(SystemError::Died(dead)));
        }
        missing = missing_of(system, &heartbeating).await;
        missing.is_empty().then_some(Ok(()))
    };
    match until_async("readiness", READY_MAX, look).await {
        Ok(outcome) => outcome,
        Err(Late { waited, .. }) => {
            let late = Late {
                what: missing,
                waited,
            };
            Err(SystemError::Late(late, system.files.logs()))
        }
    }
}

/// The status once `holds`.
pub(super) async fn status(
    system: &mut System,
    what: &str,
    longest: Duration,
    holds: impl Fn(&Value) -> bool,
) -> Result<Value, SystemError> {
    let look = async || {
        if let Some(dead) = system.dead().into_iter().next() {
            return Some(Err(SystemError::Died(dead)));
        }
        let status = system.status().await.ok()?;
        holds(&status).then_some(Ok(status))
    };
    match until_async(what, longest, look).await {
        Ok(outcome) => outcome,
        Err(late) => Err(SystemError::Late(late, system.files.logs())),
    }
}

/// What is not ready yet, in words; empty where everything is.
async fn missing_of(system: &System, names: &[&str]) -> String {
    let Some(address) = system.addresses().http else {
        return "diagnostics to say its address".into();
    };
    // It is ready only where the whole system is: nothing to ask for where parts are left out.
    let is_whole = names.len() == SERVICES.len();
    if is_whole
        && let Err(told) = system
            .http
            .check(&format!("{address}/readyz?verbose"))
            .await
    {
        return format!("diagnostics to be ready: {told}");
    }
    let status = match system.status().await {
        Ok(status) => status,
        Err(error) => return format!("the status ({error})"),
    };
    let missing = names.iter().filter(|name| {
        let running = system.started.get(**name).map(Instant::elapsed);
        let newest = heard(&status, name, running.unwrap_or_default());
        newest.is_none_or(|is_ready| is_whole && !is_ready)
    });
    let missing: Vec<&str> = missing.copied().collect();
    if missing.is_empty() {
        return String::new();
    }
    format!(
        "a heartbeat, ready where the system is whole, from {}",
        missing.join(", ")
    )
}

/// What the newest heartbeat of `name` says of its readiness; nothing where it is older than this
/// life of the service.
fn heard(status: &Value, name: &str, running: Duration) -> Option<bool> {
    let services = status["services"].as_array()?;
    let mut newest = services.iter().filter(|service| {
        let age = service["age_ms"].as_u64().map(Duration::from_millis);
        service["service"] == name && age.is_some_and(|age| age < running)
    });
    newest.next()?["ready"].as_bool()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_heartbeat_of_the_life_before_is_no_readiness() {
        let status = json!({"services": [
            {"service": "executor", "ready": true, "age_ms": 800},
            {"service": "planner", "ready": false, "age_ms": 1},
        ]});
        let secs = Duration::from_secs;
        assert_eq!(heard(&status, "executor", secs(1)), Some(true));
        assert_eq!(heard(&status, "executor", Duration::from_millis(300)), None);
        assert_eq!(heard(&status, "planner", secs(9)), Some(false));
        assert_eq!(heard(&status, "market", secs(9)), None);
        assert_eq!(heard(&json!({}), "executor", secs(9)), None);
    }
}
