//! `kill -9` of each service in LIVE: every position keeps its stop on the venue, and the service
//! rebuilds from the venue when it returns.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use nix::sys::signal::Signal;
use support::*;
use tests::system::SystemOptions;

async fn survives(service: &str) {
    let mut system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    let before = settled(&system).await;
    system.kill(service, Signal::SIGKILL).unwrap();
    let dead = report(&system).await;
    assert_eq!(
        stops(&dead, "xe-"),
        stops(&before, "xe-"),
        "the stops need nobody alive"
    );
    system.restart(service).await.unwrap();
    // The market moves on: whoever came back must know the position and act on it.
    price(&system, "51050").await;
    let moved = venue_until(
        &system,
        "a tighter working stop after the return",
        |report| working_stops(report).len() == 1 && working_stops(report) > working_stops(&before),
    )
    .await;
    assert_never_naked(&moved);
    let twice = |code: &str| moved["errors"][code].as_u64().unwrap_or(0);
    assert_eq!(
        (twice("-4116"), twice("-4130")),
        (0, 0),
        "nothing was asked for twice"
    );
}

#[tokio::test]
async fn killing_the_executor_leaves_the_stops_and_it_rebuilds() {
    survives("executor").await;
}

#[tokio::test]
async fn killing_the_gateway_leaves_the_stops_and_it_rebuilds() {
    survives("gateway").await;
}

#[tokio::test]
async fn killing_the_guard_leaves_the_stops_and_it_rebuilds() {
    survives("gateway-guard").await;
}

#[tokio::test]
async fn killing_the_planner_leaves_the_stops_and_it_rebuilds() {
    survives("planner").await;
}

#[tokio::test]
async fn killing_the_market_service_leaves_the_stops_and_it_rebuilds() {
    survives("market").await;
}

#[tokio::test]
async fn killing_the_incumbents_leaves_the_stops() {
    survives("legacy").await;
}

#[tokio::test]
async fn killing_diagnostics_leaves_the_stops_and_it_hears_all_again() {
    survives("diagnostics").await;
}

#[tokio::test]
async fn killing_the_bus_leaves_the_stops_and_everybody_returns() {
    survives("nats-server").await;
}
