//! The same blows in SHADOW: the incumbents protect, and the brain sends nothing.

use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial};
use tests::system::NATS;

async fn survives(service: &str) {
    let mut trial = Trial::shadow().await;
    trial.strike().await;
    trial.system.kill(service, Signal::SIGKILL).unwrap();
    trial.open(MEANWHILE).await;
    trial.over();
    trial.system.restart(service).await.unwrap();
    trial.passes(&format!("SHADOW: kill -9 of {service}")).await;
}

#[tokio::test]
async fn the_incumbents_are_killed_in_shadow() {
    survives("legacy").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_gateway_is_killed_in_shadow() {
    survives("gateway").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_guard_is_killed_in_shadow() {
    survives("gateway-guard").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_executor_is_killed_in_shadow() {
    survives("executor").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_planner_is_killed_in_shadow() {
    survives("planner").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_bus_is_killed_in_shadow() {
    survives(NATS).await;
}
