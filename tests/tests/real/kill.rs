//! `kill -9` of each service, with orders in flight and a position opened before its return.

use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial};

async fn survives(service: &str) {
    let mut trial = Trial::live().await;
    if service == "gateway" {
        // What it had sent and not told of is in doubt until its successor has read the venue.
        trial.leave_in_doubt();
    }
    trial.strike().await;
    trial.system.kill(service, Signal::SIGKILL).unwrap();
    trial.open(MEANWHILE).await;
    trial.over();
    trial.system.restart(service).await.unwrap();
    trial.passes(&format!("kill -9 of {service}")).await;
}

#[tokio::test]
async fn diagnostics_is_killed() {
    survives("diagnostics").await;
}

#[tokio::test]
async fn the_guard_is_killed() {
    survives("gateway-guard").await;
}

#[tokio::test]
async fn the_gateway_is_killed() {
    survives("gateway").await;
}

#[tokio::test]
async fn the_market_service_is_killed() {
    survives("market").await;
}

#[tokio::test]
async fn the_planner_is_killed() {
    survives("planner").await;
}

#[tokio::test]
async fn the_executor_is_killed() {
    survives("executor").await;
}

#[tokio::test]
async fn the_incumbents_are_killed() {
    survives("legacy").await;
}
