//! Each service in turn is replaced by one of another release, as `rollout undo` and a rollout do
//! it, until all are: everything stays protected, in every mixture on the way.
//!
//! There is one build. What makes a process one of another release is the relay between it and the
//! bus, see `tests::neighbour`.

use std::sync::Arc;

use tests::neighbour::{Additions, Interpreter, Passed, Relay, Release};
use tests::real::{MEANWHILE, Trial};
use tests::system::SERVICES;

/// Without plans for good nobody would be settled: here only what is said anew each time has
/// values that nobody knows.
const ADDITIONS: Additions = Additions {
    values: &["ContextSource"],
    choices: &["Decision"],
    one_in: 2,
};

async fn replaced_by(release: Release, words: &str) -> Passed {
    let mut trial = Trial::live().await;
    // A gateway that stops leaves in doubt what it had not told of yet.
    trial.leave_in_doubt();
    let signer = bus::keys::approval_signer(&trial.system.files().keys()).unwrap();
    let interpreter = Arc::new(Interpreter::new(ADDITIONS, signer));
    let bus = trial.system.addresses().nats;
    let relay = Relay::start(&bus, release, Arc::clone(&interpreter)).unwrap();
    trial.strike().await;
    for service in SERVICES {
        trial.system.bus_through(service, &relay.url());
        assert!(trial.system.stop_one(service).unwrap(), "{service} stops");
        if service == "executor" {
            trial.open(MEANWHILE).await;
        }
        trial.system.restart(service).await.unwrap();
        trial.settled(&format!("{service}: {words}")).await;
    }
    trial.over();
    trial.passes(words).await;
    interpreter.passed()
}

#[tokio::test]
async fn every_service_in_turn_is_taken_back_by_one_release() {
    let passed = replaced_by(Release::Previous, "each service taken back in turn").await;
    assert!(passed.reduced > 100, "{passed:?}");
}

#[tokio::test]
async fn every_service_in_turn_is_replaced_by_the_release_to_come() {
    let passed = replaced_by(Release::Next, "each service replaced in turn").await;
    assert!(passed.extended > 100 && passed.unknown > 0, "{passed:?}");
}
