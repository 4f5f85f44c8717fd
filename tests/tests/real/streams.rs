//! What the bus stores is lost: its store is wiped, every stream is deleted, its disk is full.
//! Without leases nobody owns a new position, and it gets its stops and nothing else.

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::real::{Disk, MEANWHILE, Row, Streams, Trial, options};
use tests::system::{NATS, SystemOptions};

/// Some seconds of life with a full disk.
const FULL: Duration = Duration::from_millis(3_500);

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
    let blow = format!("disk of nats-server full for {FULL:?}");
    let disk = match Disk::new() {
        Ok(disk) => disk,
        Err(why) => return Row::skip(&blow, &why),
    };
    let mut trial = Trial::of(disk.carry(options(SystemOptions::live()))).await;
    let streams = Streams::of(&trial.system).await;
    streams.record().await;
    disk.fill(&mut trial.system);
    trial.strike().await;
    trial.open(MEANWHILE).await;
    trial.move_market().await;
    tokio::time::sleep(FULL).await;
    trial.over();
    disk.free(&mut trial.system);
    trial.passes(&blow).await;
}
