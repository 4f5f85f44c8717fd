//! What the bus stores is lost: its store is wiped, every stream is deleted, its disk is full.
//! Without leases nobody owns a new position, and it gets its stops and nothing else.

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;
use tests::real::{Disk, MEANWHILE, Row, Streams, Trial, options};
use tests::system::{NATS, SystemOptions};

/// The bucket's file takes writes until the page that it lies in is full: some seconds of renewals.
/// The rest is for a slow machine.
const NOTICED_MAX: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_bus_is_killed_and_its_store_is_wiped() {
    let mut trial = Trial::live().await;
    Streams::of(&trial.system).await.record().await;
    trial.strike().await;
    trial.system.kill(NATS, Signal::SIGKILL).unwrap();
    fs::remove_dir_all(trial.system.files().nats().join("store")).unwrap();
    trial.open(MEANWHILE).await;
    trial.system.restart(NATS).await.unwrap();
    let blow = "kill -9 of nats-server, its store wiped";
    trial.covered(blow).await;
    trial.over();
    trial.system.provision().await.unwrap();
    trial.passes(blow).await;
}

#[tokio::test]
async fn every_stream_is_deleted() {
    let mut trial = Trial::live().await;
    let streams = Streams::of(&trial.system).await;
    streams.record().await;
    trial.strike().await;
    let deleted = streams.delete_all().await;
    trial.open(MEANWHILE).await;
    assert!(deleted >= 4 && streams.names().await.is_empty());
    let blow = "every stream deleted";
    trial.covered(blow).await;
    trial.over();
    trial.system.provision().await.unwrap();
    trial.passes(blow).await;
}

#[tokio::test]
async fn the_disk_of_the_bus_is_full() {
    let blow = "disk of nats-server full until it is noticed, then room and a restart";
    let disk = match Disk::new() {
        Ok(disk) => disk,
        Err(why) => return Row::skip(blow, &why),
    };
    let mut trial = Trial::of(disk.carry(options(SystemOptions::live()))).await;
    let streams = Streams::of(&trial.system).await;
    streams.record().await;
    disk.fill();
    trial.strike().await;
    let takes_no_writes = |status: &Value| {
        let mut services = status["services"].as_array().into_iter().flatten();
        services.any(|it| it["lease_store_lost"] == true)
    };
    let noticed = trial
        .system
        .await_status("the alarm", NOTICED_MAX, takes_no_writes);
    noticed.await.unwrap();
    trial.open(MEANWHILE).await;
    trial.covered(blow).await;
    let log = trial.system.files().nats().join("nats-server.log");
    let told = fs::read_to_string(log).unwrap();
    assert!(
        told.contains("no space left on device"),
        "the server says why: {told}"
    );
    trial.over();
    // A stream that met a full disk takes nothing more until its server is restarted.
    disk.free();
    trial.system.stop_one(NATS).unwrap();
    trial.system.restart(NATS).await.unwrap();
    trial.passes(blow).await;
}
