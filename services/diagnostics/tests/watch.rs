//! Watching, over real sockets and without: what is sent when, to whom, and that it ends.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::served::{Served, calls, clock, live, serve};
use common::*;
use diagnostics::shared::Shared;
use diagnostics::view::View;
use diagnostics::watch::{self, Gallery, Picture, TooMany, WATCHERS_MAX};
use futures_util::StreamExt;
use proto::wire::status_client::StatusClient;
use proto::wire::{PositionsRequest, StoryRequest, WatchRequest};
use runtime::{Actor, Shutdown};

fn opened(symbol: &str) -> Heard {
    Heard::Position(snapshot(position(symbol, "1", NOW), Vec::new(), NOW))
}

fn say(shared: &Shared, heard: Heard) {
    let mut out = Vec::new();
    shared.clone().hear(clock(), heard, &mut out);
    assert!(out.is_empty(), "{out:?}");
}

fn count(picture: &Picture) -> usize {
    picture.as_ref().unwrap().positions.len()
}

/// A gallery of a live system, its loop running beside.
fn gallery() -> (Shared, Gallery, Shutdown) {
    let shared = Shared::new(live());
    let view = View::new(shared.clone(), clock, || true);
    let stop = Shutdown::new();
    let (gallery, look) = watch::open(view, stop.clone());
    drop(tokio::spawn(look));
    (shared, gallery, stop)
}

#[test]
fn whoever_watches_sees_the_picture_and_then_each_change() {
    let served = serve(live());
    calls(&served, async |channel| {
        let mut client = StatusClient::new(channel);
        let pictures = client.watch(WatchRequest {}).await.unwrap();
        let mut pictures = pictures.into_inner();
        let first = pictures.message().await.unwrap().unwrap();
        assert_eq!(first.operational_state, "EXIT_BRAIN_V3_LIVE");
        assert!(first.positions.is_empty(), "{first:?}");
        say(&served.shared, opened("BTCUSDT"));
        let second = pictures.message().await.unwrap().unwrap();
        assert_eq!(second.positions[0].symbol, "BTCUSDT");
        assert_eq!(second.positions.len(), 1);
    });
}

#[test]
fn who_watches_is_let_go_when_the_service_stops() {
    let served = serve(live());
    calls(&served, async |channel| {
        let mut client = StatusClient::new(channel);
        let pictures = client.watch(WatchRequest {}).await.unwrap();
        let mut pictures = pictures.into_inner();
        assert!(pictures.message().await.unwrap().is_some());
        served.shutdown.request();
        assert_eq!(pictures.message().await.unwrap(), None);
    });
    // The servers' thread ends too, though somebody was watching: this waits for it.
    drop(served);
}

#[tokio::test]
async fn a_slow_reader_gets_the_newest_and_holds_nobody_up() {
    let (shared, gallery, _stop) = gallery();
    let mut slow = gallery.watch().unwrap();
    let mut quick = gallery.watch().unwrap();
    assert_eq!(count(&slow.next().await.unwrap()), 0);
    assert_eq!(count(&quick.next().await.unwrap()), 0);
    for (number, symbol) in (1..).zip(["BTCUSDT", "ETHUSDT", "SOLUSDT"]) {
        say(&shared, opened(symbol));
        assert_eq!(count(&quick.next().await.unwrap()), number);
    }
    assert_eq!(count(&slow.next().await.unwrap()), 3);
}

#[tokio::test]
async fn no_more_may_watch_than_there_are_places() {
    let (_shared, gallery, _stop) = gallery();
    let mut watching: Vec<_> = (0..WATCHERS_MAX)
        .map(|_| gallery.watch().unwrap())
        .collect();
    assert_eq!(gallery.watch().err(), Some(TooMany));
    watching.pop();
    assert!(gallery.watch().is_ok(), "who has gone makes room");
}

#[test]
fn grpc_tells_the_story_of_a_position() {
    let mut actor = live();
    hear(&mut actor, NOW, opened("BTCUSDT"));
    hear(&mut actor, NOW, Heard::Plan(plan(0xabc, 5, later(1))));
    let served: Served = serve(actor);
    calls(&served, async |channel| {
        let mut client = StatusClient::new(channel);
        let mut asked = StoryRequest {
            symbol: Some("BTCUSDT".into()),
            ..StoryRequest::default()
        };
        let told = client.story(asked.clone()).await.unwrap().into_inner();
        let kinds = told.stories[0].chapters.iter().map(|it| it.kind.as_str());
        assert_eq!(kinds.collect::<Vec<_>>(), ["POSITION", "PLAN"]);
        asked.account = Some("another".into());
        let told = client.story(asked).await.unwrap().into_inner();
        assert!(told.stories.is_empty(), "{told:?}");
        let refused = client.story(StoryRequest::default()).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
        assert!(refused.message().contains("symbol"), "{refused}");
    });
}

#[test]
fn grpc_tells_the_positions_that_are_asked_for() {
    let mut actor = live();
    for symbol in ["BTCUSDT", "ETHUSDT"] {
        hear(&mut actor, NOW, opened(symbol));
    }
    let expected = actor.status(clock()).positions;
    let served = serve(actor);
    calls(&served, async |channel| {
        let mut client = StatusClient::new(channel);
        let all = PositionsRequest::default();
        let told = client.positions(all.clone()).await.unwrap().into_inner();
        assert_eq!(told.positions, expected);
        let one = PositionsRequest {
            symbol: Some("ETHUSDT".into()),
            ..all.clone()
        };
        let told = client.positions(one).await.unwrap().into_inner();
        assert_eq!(told.positions, expected[1..]);
        let shorts = PositionsRequest {
            side: Some("SHORT".into()),
            ..all
        };
        let told = client.positions(shorts).await.unwrap().into_inner();
        assert!(told.positions.is_empty(), "{told:?}");
    });
}

#[test]
fn reflection_knows_every_call() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let served = serve(live());
    let names = ["Get", "Watch", "Positions", "Story", "NoSuchCall"];
    let known = calls(&served, async |channel| {
        let requests = names.map(|name| ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::FileContainingSymbol(format!(
                "exitbrain.v1.Status.{name}"
            ))),
        });
        let mut client = ServerReflectionClient::new(channel);
        let answers = client.server_reflection_info(futures_util::stream::iter(requests));
        let mut answers = answers.await.unwrap().into_inner();
        let mut known = Vec::new();
        for name in names {
            let answer = answers.message().await.ok().flatten();
            let told = answer.and_then(|it| it.message_response);
            let is_known = matches!(told, Some(MessageResponse::FileDescriptorResponse(_)));
            known.push((name, is_known));
        }
        known
    });
    let expected = names.map(|name| (name, name != "NoSuchCall"));
    assert_eq!(known, expected);
}
