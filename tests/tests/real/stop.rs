//! An orderly stop (SIGTERM) of each service and of the bus, and its start, as at every deployment.

use tests::real::{MEANWHILE, Trial};
use tests::system::NATS;

async fn survives(service: &str) {
    let mut trial = Trial::live().await;
    if service == "gateway" {
        // What it had sent and not told of is in doubt until its successor has read the venue.
        trial.leave_in_doubt();
    }
    trial.strike().await;
    let heard = trial.system.stop_one(service).unwrap();
    assert!(heard, "{service} stops when asked");
    trial.open(MEANWHILE).await;
    trial.over();
    trial.system.restart(service).await.unwrap();
    trial.passes(&format!("stop and start of {service}")).await;
}

#[tokio::test]
async fn the_bus_is_stopped_and_started() {
    survives(NATS).await;
}

#[tokio::test]
async fn diagnostics_is_stopped_and_started() {
    survives("diagnostics").await;
}

#[tokio::test]
async fn the_guard_is_stopped_and_started() {
    survives("gateway-guard").await;
}

#[tokio::test]
async fn the_gateway_is_stopped_and_started() {
    survives("gateway").await;
}

#[tokio::test]
async fn the_market_service_is_stopped_and_started() {
    survives("market").await;
}

#[tokio::test]
async fn the_planner_is_stopped_and_started() {
    survives("planner").await;
}

#[tokio::test]
async fn the_executor_is_stopped_and_started() {
    survives("executor").await;
}

#[tokio::test]
async fn the_incumbents_are_stopped_and_started() {
    survives("legacy").await;
}
