//! The way between gateway and venue is cut, with orders on it, in a network of the test's own.

use std::time::Duration;

use tests::real::{Cut, Ground, MEANWHILE, Row, Trial, options};
use tests::system::SystemOptions;

/// Longer than an intent lives, shorter than a call waits for its answer.
const SHORT: Duration = Duration::from_millis(3_500);
/// Longer than a call waits for its answer.
const LONG: Duration = Duration::from_secs(12);

async fn survives(cut: Cut, outage: Duration) {
    let blow = format!("cut between gateway and venue ({cut:?}) for {outage:?}");
    let ground = match Ground::new() {
        Ok(ground) => ground,
        Err(why) => return Row::skip(&blow, &why),
    };
    let mut trial = Trial::of(ground.carry(options(SystemOptions::live()))).await;
    trial.strike().await;
    trial.leave_in_doubt();
    ground.cut(cut);
    trial.open(MEANWHILE).await;
    trial.move_market().await;
    tokio::time::sleep(outage).await;
    trial.over();
    ground.heal(cut);
    trial.passes(&blow).await;
}

#[tokio::test]
async fn the_wire_is_cut() {
    survives(Cut::Both, SHORT).await;
}

#[tokio::test]
async fn requests_are_lost() {
    survives(Cut::Requests, SHORT).await;
}

#[tokio::test]
async fn answers_are_lost() {
    survives(Cut::Answers, SHORT).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn the_wire_is_cut_for_long() {
    survives(Cut::Both, LONG).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn requests_are_lost_for_long() {
    survives(Cut::Requests, LONG).await;
}

#[tokio::test]
#[ignore = "long: make crashes"]
async fn answers_are_lost_for_long() {
    survives(Cut::Answers, LONG).await;
}
