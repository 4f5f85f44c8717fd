//! Outages so long that others take notice: what was known gets old, what was asked for runs out,
//! and for an executor that stays away the incumbents protect what is new.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial};
use tests::system::NATS;

/// Longer than any heartbeat is waited for, and than a call waits for its answer.
const LONG: Duration = Duration::from_secs(12);
const EXECUTOR: &str = "executor";

async fn stays_away(service: &str) {
    let mut trial = begin(service).await;
    trial.system.kill(service, Signal::SIGKILL).unwrap();
    trial.open(MEANWHILE).await;
    tokio::time::sleep(LONG).await;
    trial.over();
    trial.system.restart(service).await.unwrap();
    trial
        .passes(&format!("kill -9 of {service} for {LONG:?}"))
        .await;
}

async fn is_paused(service: &str) {
    let mut trial = begin(service).await;
    trial.system.kill(service, Signal::SIGSTOP).unwrap();
    trial.open(MEANWHILE).await;
    tokio::time::sleep(LONG).await;
    trial.over();
    trial.system.kill(service, Signal::SIGCONT).unwrap();
    trial
        .passes(&format!("SIGSTOP of {service} for {LONG:?}"))
        .await;
}

async fn begin(service: &str) -> Trial {
    let mut trial = Trial::live().await;
    // Behind a silent bus the executor is as silent.
    if [EXECUTOR, NATS].contains(&service) {
        trial.let_incumbents_act();
    }
    if service == "gateway" {
        trial.leave_in_doubt();
    }
    trial.strike().await;
    trial
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_guard_stays_away() {
    stays_away("gateway-guard").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_gateway_stays_away() {
    stays_away("gateway").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_planner_stays_away() {
    stays_away("planner").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_market_service_stays_away() {
    stays_away("market").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_executor_stays_away() {
    stays_away(EXECUTOR).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_incumbents_stay_away() {
    stays_away("legacy").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn diagnostics_stays_away() {
    stays_away("diagnostics").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_bus_stays_away() {
    stays_away(NATS).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_guard_is_paused_for_long() {
    is_paused("gateway-guard").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_gateway_is_paused_for_long() {
    is_paused("gateway").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_planner_is_paused_for_long() {
    is_paused("planner").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_market_service_is_paused_for_long() {
    is_paused("market").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_executor_is_paused_for_long() {
    is_paused(EXECUTOR).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_incumbents_are_paused_for_long() {
    is_paused("legacy").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn diagnostics_is_paused_for_long() {
    is_paused("diagnostics").await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_bus_is_paused_for_long() {
    is_paused(NATS).await;
}
