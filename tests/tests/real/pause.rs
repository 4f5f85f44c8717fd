//! SIGSTOP of each service for a while, and SIGCONT: whoever wakes up must not act on old things.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial};

/// Longer than an intent and an approval live (2 s), shorter than the guard waits for an executor.
const PAUSE: Duration = Duration::from_millis(3_500);

async fn survives(service: &str) {
    let mut trial = Trial::live().await;
    if service == "gateway" {
        // What it had sent and not told of is in doubt meanwhile.
        trial.leave_in_doubt();
    }
    if service == "executor" {
        // On a slow machine the guard may have waited for it long enough.
        trial.let_incumbents_act();
    }
    trial.strike().await;
    trial.system.kill(service, Signal::SIGSTOP).unwrap();
    trial.open(MEANWHILE).await;
    tokio::time::sleep(PAUSE).await;
    trial.over();
    trial.system.kill(service, Signal::SIGCONT).unwrap();
    let blow = format!("SIGSTOP of {service} for {PAUSE:?}");
    trial.passes(&blow).await;
}

#[tokio::test]
async fn diagnostics_is_paused() {
    survives("diagnostics").await;
}

#[tokio::test]
async fn the_guard_is_paused() {
    survives("gateway-guard").await;
}

#[tokio::test]
async fn the_gateway_is_paused() {
    survives("gateway").await;
}

#[tokio::test]
async fn the_market_service_is_paused() {
    survives("market").await;
}

#[tokio::test]
async fn the_planner_is_paused() {
    survives("planner").await;
}

#[tokio::test]
async fn the_executor_is_paused() {
    survives("executor").await;
}

#[tokio::test]
async fn the_incumbents_are_paused() {
    survives("legacy").await;
}
