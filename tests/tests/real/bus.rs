//! Blows against the bus: killed, paused, robbed of its store.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial};
use tests::system::NATS;

/// Longer than an intent lives and than a client takes to notice.
const PAUSE: Duration = Duration::from_millis(3_500);

#[tokio::test]
async fn the_bus_is_killed() {
    let mut trial = Trial::live().await;
    trial.strike().await;
    trial.system.kill(NATS, Signal::SIGKILL).unwrap();
    trial.open(MEANWHILE).await;
    trial.over();
    trial.system.restart(NATS).await.unwrap();
    trial.passes("kill -9 of nats-server").await;
}

#[tokio::test]
async fn the_bus_is_paused() {
    let mut trial = Trial::live().await;
    // On a slow machine the guard may have waited for the executor long enough.
    trial.let_incumbents_act();
    trial.strike().await;
    trial.system.kill(NATS, Signal::SIGSTOP).unwrap();
    trial.open(MEANWHILE).await;
    tokio::time::sleep(PAUSE).await;
    trial.over();
    trial.system.kill(NATS, Signal::SIGCONT).unwrap();
    trial
        .passes(&format!("SIGSTOP of nats-server for {PAUSE:?}"))
        .await;
}
