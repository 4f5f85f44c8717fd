//! The ways down: a kill, or a flag and a restart, takes LIVE away, and what protects stays.

use std::env;

use tests::real::{Descent, Rollback};

/// How often each is gone down; `make rollbacks` sets it.
const ROUNDS: &str = "ROLLBACKS_ROUNDS";
/// Enough to see one follow the other.
const ROUNDS_DEFAULT: u32 = 2;

async fn goes_down_and_up(rollback: Rollback) {
    let rounds = env::var(ROUNDS).map_or(ROUNDS_DEFAULT, |text| text.parse().unwrap());
    assert!(rounds > 0, "{ROUNDS}=0 shows nothing");
    let mut descent = Descent::new(rollback).await;
    for _ in 0..rounds {
        descent.round().await;
    }
    descent.verdict();
}

#[tokio::test]
async fn rollback_a_switches_the_rollout_off() {
    goes_down_and_up(Rollback::A).await;
}

#[tokio::test]
async fn rollback_b_puts_the_executor_into_shadow() {
    goes_down_and_up(Rollback::B).await;
}

#[tokio::test]
async fn rollback_c_gives_exits_back_to_the_incumbents() {
    goes_down_and_up(Rollback::C).await;
}

#[tokio::test]
async fn a_kill_takes_live_away_without_a_restart() {
    goes_down_and_up(Rollback::Kill).await;
}
