//! How a connection fails, and that it can be seen.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use async_nats::HeaderMap;
use bus::policy::Policy;
use bus::{
    BusError, Client, ClientTls, ConnectOptions, Identity, Message, TRACEPARENT, keys, subjects,
};
use common::values::{intent, key};
use common::{CAPACITY, Server, next, until};
use domain::ids::Module;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn stranger() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    keys::generate(folder.path()).unwrap();
    let seed = folder.path().join("guard-out.nk");
    (folder, seed)
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let server = Server::start(Policy::Shadow);
    let (_folder, seed_file) = stranger();
    let options = ConnectOptions {
        seed_file,
        ..server.options(Identity::GuardOut)
    };
    let error = Client::connect(&options).await.unwrap_err();
    assert!(matches!(error, BusError::Connect { .. }), "{error}");
    assert!(error.to_string().contains("guard-out"), "{error}");
}

#[tokio::test]
async fn a_key_file_that_is_missing_or_broken_is_named() {
    let server = Server::start(Policy::Shadow);
    let (folder, _) = stranger();
    let missing = folder.path().join("nobody.nk");
    let public = folder.path().join("executor.pub");
    for seed_file in [missing, public] {
        let options = ConnectOptions {
            seed_file: seed_file.clone(),
            ..server.options(Identity::Executor)
        };
        let error = Client::connect(&options).await.unwrap_err().to_string();
        assert!(error.contains(seed_file.to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn the_trace_of_a_message_travels_beside_it() {
    let server = Server::start(Policy::Live);
    let executor = server.client(Identity::Executor).await;
    let guard = server.client(Identity::GuardTrade).await;
    let wish = intent(&Module::ExitExecutor, 1);
    let plain = subjects::intent(&wish.module, &key()).message(&wish);
    let mut inbox = guard.subscribe(&plain.subject).await.unwrap();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let traced = Message {
        trace: Some(trace.parse().unwrap()),
        ..plain.clone()
    };
    executor.publish(traced.clone()).await.unwrap();
    executor.publish(plain.clone()).await.unwrap();
    assert_eq!(next(&mut inbox).await, traced);
    assert_eq!(next(&mut inbox).await, plain);
    // Whoever writes the header by himself writes the standard's; anything else is no trace.
    for (header, heard) in [(trace, traced), ("no trace", plain.clone())] {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, header);
        let (subject, payload) = (plain.subject.clone(), plain.payload.clone().into());
        let raw = executor.raw();
        raw.publish_with_headers(subject, headers, payload)
            .await
            .unwrap();
        assert_eq!(next(&mut inbox).await, heard);
    }
}

#[tokio::test]
async fn nothing_is_published_late_once_the_server_is_gone() {
    let mut server = Server::start(Policy::Live);
    let executor = server.client(Identity::Executor).await;
    let wish = intent(&Module::ExitExecutor, 1);
    let said = subjects::intent(&wish.module, &key()).message(&wish);
    executor.publish(said.clone()).await.unwrap();
    executor.flush().await.unwrap();
    server.kill();
    until("the loss is noticed", || !executor.is_connected()).await;
    let error = executor.publish(said).await.unwrap_err();
    assert!(matches!(error, BusError::NotConnected { .. }), "{error}");
    until("the loss is counted", || executor.faults().disconnects == 1).await;
}

#[tokio::test]
async fn subscriptions_work_again_after_a_restart_of_the_server() {
    let mut server = Server::start(Policy::Live);
    let guard = server.client(Identity::GuardTrade).await;
    let executor = server.client(Identity::Executor).await;
    let mut inbox = guard
        .subscribe(subjects::all_intents().as_str())
        .await
        .unwrap();
    server.restart(Policy::Live);
    let lost = || guard.faults().disconnects == 1 && executor.faults().disconnects == 1;
    until("the loss is noticed", lost).await;
    let back = || guard.is_connected() && executor.is_connected();
    until("both are connected again", back).await;
    guard.settle().await.unwrap();
    let wish = intent(&Module::ExitExecutor, 1);
    let said = subjects::intent(&wish.module, &key()).message(&wish);
    executor.publish(said.clone()).await.unwrap();
    assert_eq!(next(&mut inbox).await, said);
}

#[tokio::test]
async fn messages_lost_to_a_slow_reader_are_counted() {
    let server = Server::start(Policy::Live);
    let options = ConnectOptions {
        capacity: 4,
        ..server.options(Identity::GuardTrade)
    };
    let guard = Client::connect(&options).await.unwrap();
    let mut inbox = guard
        .subscribe(subjects::all_intents().as_str())
        .await
        .unwrap();
    let executor = server.client(Identity::Executor).await;
    for sequence in 0..20 {
        let wish = intent(&Module::ExitExecutor, sequence);
        let said = subjects::intent(&wish.module, &key()).message(&wish);
        executor.publish(said).await.unwrap();
    }
    until("sixteen losses are counted", || {
        guard.faults().slow_consumer == 16
    })
    .await;
    for _ in 0..4 {
        next(&mut inbox).await;
    }
    assert!(guard.faults().named().contains(&("bus.slow_consumer", 16)));
}

/// A server that only greets: enough to tell its version.
async fn greet(listener: TcpListener, version: &'static str) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let hello = format!(
        "INFO {{\"server_id\":\"x\",\"version\":\"{version}\",\"max_payload\":1024,\
         \"proto\":1,\"headers\":true}}\r\n"
    );
    socket.write_all(hello.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let mut part = [0; 1_024];
    while !heard.ends_with(b"PING\r\n") {
        let len = socket.read(&mut part).await.unwrap();
        assert!(len > 0, "the client hung up before its PING");
        heard.extend_from_slice(&part[..len]);
    }
    socket.write_all(b"PONG\r\n").await.unwrap();
    // Until the client hangs up.
    while socket.read(&mut part).await.is_ok_and(|len| len > 0) {}
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_by_its_version() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let greeting = tokio::spawn(greet(listener, "2.9.10"));
    let (_folder, seed_file) = stranger();
    let options = ConnectOptions {
        url,
        identity: Identity::Executor,
        seed_file,
        capacity: CAPACITY,
        tls: ClientTls::default(),
    };
    let error = Client::connect(&options).await.unwrap_err();
    assert!(matches!(error, BusError::OldServer { .. }), "{error}");
    assert!(error.to_string().contains("2.9.10"), "{error}");
    greeting.abort();
}
