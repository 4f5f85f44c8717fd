//! The paper exchange is paused, and killed: it keeps nothing, so a new one is a venue on which
//! nobody has a position.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial};
use tests::system::PAPER;

const SHORT: Duration = Duration::from_millis(3_500);
/// Longer than a call waits for its answer.
const LONG: Duration = Duration::from_secs(12);

async fn survives(outage: Duration) {
    let mut trial = Trial::live().await;
    trial.strike().await;
    trial.leave_in_doubt();
    trial.system.kill(PAPER, Signal::SIGSTOP).unwrap();
    tokio::time::sleep(outage).await;
    trial.over();
    trial.system.kill(PAPER, Signal::SIGCONT).unwrap();
    trial.open(MEANWHILE).await;
    trial
        .passes(&format!("SIGSTOP of paper-exchange for {outage:?}"))
        .await;
}

#[tokio::test]
async fn the_venue_is_paused() {
    survives(SHORT).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_venue_is_paused_for_long() {
    survives(LONG).await;
}

#[tokio::test]
async fn the_venue_is_killed_and_has_forgotten_everything() {
    let mut trial = Trial::live().await;
    trial.strike().await;
    trial.system.kill(PAPER, Signal::SIGKILL).unwrap();
    trial.over();
    trial.system.restart(PAPER).await.unwrap();
    trial
        .settled("after the venue has forgotten everything")
        .await;
    // Until two clean reads have told that it is flat, a stop may still be placed for what is no
    // longer there; it can open nothing, and is swept.
    let report = trial.report().await;
    assert_eq!(report["positions_opened"], 0, "{report:#}");
    trial.open(MEANWHILE).await;
    trial
        .passes("kill -9 of paper-exchange (it forgets everything)")
        .await;
}
