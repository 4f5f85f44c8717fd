//! A reader that stops reading while much is said, until the server cuts it off.

use std::fs;
use std::time::Duration;

use bus::{Identity, Message};
use nix::sys::signal::Signal;
use tests::real::{MEANWHILE, Trial, connect};
use tests::system::await_it::until;

/// Half of what the server takes as one message.
const PAYLOAD: usize = 128 * 1_024;
/// Four times what the server holds for one reader, and more than all buffers on the way.
const MESSAGES_MAX: usize = 512;
/// Readers that are not stopped keep up with so much.
const PACE: Duration = Duration::from_millis(5);
/// It may be on nobody's way, and go on later than the others.
const LONGEST: Duration = Duration::from_secs(10);

async fn recovers(service: &str, writer: Identity, subject: &str) {
    let mut trial = Trial::live().await;
    let talker = connect(&trial.system, writer).await;
    if service == "executor" {
        // On a slow machine the guard may have waited for it long enough.
        trial.let_incumbents_act();
    }
    trial.strike().await;
    trial.system.kill(service, Signal::SIGSTOP).unwrap();
    trial.open(MEANWHILE).await;
    let log = trial.system.files().nats().join("nats-server.log");
    let client = format!("rust:{service}\"");
    let is_cut_off = || {
        let log = fs::read_to_string(&log).unwrap();
        log.lines()
            .any(|line| line.contains("Slow Consumer") && line.contains(&client))
    };
    for _ in 0..MESSAGES_MAX {
        if is_cut_off() {
            break;
        }
        let subject = subject.into();
        let payload = vec![b'x'; PAYLOAD];
        talker
            .publish(Message::new(subject, payload))
            .await
            .unwrap();
        tokio::time::sleep(PACE).await;
    }
    assert!(is_cut_off(), "the server cuts {service} off");
    trial.over();
    trial.system.kill(service, Signal::SIGCONT).unwrap();
    trial
        .passes(&format!("{service} reads too slowly and is cut off"))
        .await;
    let log = trial.system.files().log(service);
    let says_it = || {
        let said = fs::read_to_string(&log).unwrap();
        said.contains("disconnected from the bus").then_some(())
    };
    until(&format!("{service} to say it"), LONGEST, says_it)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_executor_is_cut_off() {
    recovers("executor", Identity::RiskSignal, "signal.risk").await;
}

#[tokio::test]
async fn the_planner_is_cut_off() {
    recovers("planner", Identity::RlSignal, "signal.rl.NOISE").await;
}

#[tokio::test]
async fn diagnostics_is_cut_off() {
    recovers(
        "diagnostics",
        Identity::Executor,
        "exit.decision.live.main.NOISE.LONG",
    )
    .await;
}
