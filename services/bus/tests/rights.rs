//! Who may say and hear what, asked of a real server.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::time::Instant;

use bus::map::{ROWS, Row};
use bus::policy::{Layout, Policy};
use bus::{AccountName, Client, Heard, Identity, Inbox, Message, approval, decode, keys, subjects};
use common::values::{approval as an_approval, denial, intent, key};
use common::{DEADLINE, LAYOUTS, Server, next, ready, subjects as names, until_marker, violations};
use domain::ids::Module;

/// A subject that falls under the row's pattern.
fn subject(row: &Row) -> String {
    row.pattern
        .replace("*.*.*", "main.BTCUSDT.LONG")
        .replace('*', "one")
}

fn message(subject: &str) -> Message {
    Message::new(subject.into(), Vec::new())
}

/// Whether what `identity` asks for arrives here when it is diverted: in one space it may say it
/// here too, which comes to the same.
fn is_diverted_from(row: &Row, identity: Identity) -> bool {
    let mut own = ROWS.iter().filter(|it| it.writer == identity);
    own.any(|it| {
        it.is_legacy_intent() && it.pattern.replace(".intent.", ".blocked.") == row.pattern
    })
}

/// What the guard listens to: intents, and what the server diverted.
fn wishes() -> Vec<String> {
    vec![
        subjects::all_intents().to_string(),
        subjects::all_blocked().to_string(),
    ]
}

fn members() -> impl Iterator<Item = Identity> {
    let closed = [AccountName::Sys];
    Identity::ALL
        .into_iter()
        .filter(move |identity| !closed.contains(&identity.account()))
}

#[tokio::test]
async fn each_identity_can_publish_on_its_own_rows_and_on_no_other() {
    for (layout, policy) in LAYOUTS
        .map(|it| [(it, Policy::Shadow), (it, Policy::Live)])
        .concat()
    {
        let server = Server::start_as(layout, policy);
        for identity in members() {
            let client = server.client(identity).await;
            let mut expected = 0;
            for row in ROWS {
                let closed = row.is_executor_intent() && policy != Policy::Live;
                let may = row.writer == identity && !closed;
                let mapped = layout == Layout::Plain && policy == Policy::Live;
                let own = mapped && is_diverted_from(row, identity);
                expected += u64::from(!may && !own);
                client.publish(message(&subject(row))).await.unwrap();
                client.settle().await.unwrap();
            }
            violations(&client, expected).await;
        }
    }
}

#[tokio::test]
async fn each_identity_can_subscribe_to_what_it_reads_and_to_nothing_else() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Live);
        for identity in members() {
            let client = server.client(identity).await;
            let mut expected = 0;
            let mut kept = Vec::new();
            for row in ROWS {
                expected += u64::from(!row.readers.contains(&identity));
                kept.push(client.subscribe(row.pattern).await.unwrap());
            }
            violations(&client, expected).await;
        }
    }
}

#[tokio::test]
async fn no_service_can_make_streams_consumers_or_listen_to_others_inboxes() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Live);
        let forbidden = [
            "$JS.API.STREAM.CREATE.X",
            "$JS.API.CONSUMER.CREATE.X",
            "$JS.API.CONSUMER.MSG.NEXT.X.Y",
            "$JS.API.STREAM.MSG.GET.X",
            "$SYS.REQ.SERVER.PING",
        ];
        for identity in members().filter(|identity| *identity != Identity::Provisioner) {
            let client = server.client(identity).await;
            for subject in forbidden {
                client.publish(message(subject)).await.unwrap();
            }
            for pattern in [">", "_INBOX.>", "order.>"] {
                client.subscribe(pattern).await.unwrap();
            }
            violations(&client, 8).await;
        }
    }
}

#[tokio::test]
async fn in_shadow_an_incumbent_reaches_the_guard_and_the_executor_does_not() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Shadow);
        let guard = server.client(Identity::GuardTrade).await;
        let mut inbox = guard.inbox(&wishes()).await.unwrap();

        let executor = server.client(Identity::Executor).await;
        let wish = intent(&Module::ExitExecutor, 1);
        let said = subjects::intent(&wish.module, &wish.key).message(&wish);
        executor.publish(said).await.unwrap();
        violations(&executor, 1).await;

        let monitor = server.client(Identity::PositionMonitor).await;
        let wish = intent(&Module::PositionMonitor, 2);
        let said = subjects::intent(&wish.module, &wish.key).message(&wish);
        monitor.publish(said).await.unwrap();
        let heard = next(&mut inbox).await;
        assert_eq!(
            heard.subject,
            "order.intent.position_monitor.main.BTCUSDT.LONG"
        );
        assert_eq!(decode(&heard).unwrap(), Heard::Intent(wish));
    }
}

/// Sends, and returns everything that reached the reader by then: after both round trips the
/// server has handled the message and the reader has what it was sent.
async fn exchange(sender: &Client, said: &Message, reader: (&Client, &mut Inbox)) -> Vec<Message> {
    sender.publish(said.clone()).await.unwrap();
    sender.settle().await.unwrap();
    reader.0.settle().await.unwrap();
    ready(reader.1)
}

/// While the server changes over, which takes milliseconds, a message may arrive twice or not at
/// all, and the two changes do not come in the same instant; so both are awaited first.
#[tokio::test]
async fn the_flip_to_live_diverts_the_incumbents_and_lets_the_executor_in() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Shadow);
        let guard = server.client(Identity::GuardTrade).await;
        let mut inbox = guard.inbox(&wishes()).await.unwrap();
        let monitor = server.client(Identity::PositionMonitor).await;
        let executor = server.client(Identity::Executor).await;
        let theirs = intent(&Module::PositionMonitor, 1);
        let theirs_said = subjects::intent(&theirs.module, &theirs.key).message(&theirs);
        let own = intent(&Module::ExitExecutor, 1);
        let own_said = subjects::intent(&own.module, &own.key).message(&own);

        server.reload(Policy::Live);
        let begin = Instant::now();
        let (mut diverted, mut let_in) = (false, false);
        while !(diverted && let_in) {
            assert!(begin.elapsed() < DEADLINE, "{diverted} {let_in}");
            let heard = exchange(&monitor, &theirs_said, (&guard, &mut inbox)).await;
            diverted = names(&heard) == ["order.blocked.position_monitor.main.BTCUSDT.LONG"];
            let heard = exchange(&executor, &own_said, (&guard, &mut inbox)).await;
            let_in = heard == [own_said.clone()];
        }
        for _ in 0..10 {
            let heard = exchange(&monitor, &theirs_said, (&guard, &mut inbox)).await;
            let heard: Vec<Heard> = heard.iter().map(|it| decode(it).unwrap()).collect();
            assert_eq!(
                heard,
                [Heard::Blocked(theirs.clone())],
                "and none as an intent"
            );
        }
        assert_eq!(monitor.faults().disconnects, 0, "the connection stayed");
        assert_eq!(executor.faults().disconnects, 0);
    }
}

/// The guard's own approval arrives, and nothing before it.
async fn only_the_guard_was_heard(server: &Server, inbox: &mut Inbox) {
    let folder = tempfile::tempdir().unwrap();
    keys::generate(folder.path()).unwrap();
    let signer = keys::approval_signer(folder.path()).unwrap();
    let sealed = approval::seal(&an_approval(), &signer).unwrap();
    let guard = server.client(Identity::GuardOut).await;
    guard.publish(sealed.clone()).await.unwrap();
    assert_eq!(next(inbox).await, sealed, "nothing came before it");
}

#[tokio::test]
async fn only_guard_out_reaches_the_gateway() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Live);
        let gateway = server.client(Identity::GatewayIn).await;
        let mut inbox = gateway
            .subscribe(subjects::all_approved().as_str())
            .await
            .unwrap();
        let forged = subjects::approved(&key());
        for identity in members().filter(|identity| *identity != Identity::GuardOut) {
            let client = server.client(identity).await;
            client.publish(message(forged.as_str())).await.unwrap();
            violations(&client, 1).await;
        }
        only_the_guard_was_heard(&server, &mut inbox).await;
    }
}

#[tokio::test]
async fn a_stream_can_not_be_made_to_answer_into_the_gateway() {
    let server = Server::start(Policy::Live);
    let provisioner = server.client(Identity::Provisioner).await;
    let streams = async_nats::jetstream::new(provisioner.raw().clone());
    let config = async_nats::jetstream::stream::Config {
        name: "ORDER".into(),
        subjects: vec!["order.>".into()],
        ..Default::default()
    };
    streams.create_stream(config).await.unwrap();
    let gateway = server.client(Identity::GatewayIn).await;
    let mut inbox = gateway
        .subscribe(subjects::all_approved().as_str())
        .await
        .unwrap();

    let executor = server.client(Identity::Executor).await;
    let wish = intent(&Module::ExitExecutor, 1);
    let subject = subjects::intent(&wish.module, &wish.key);
    // The stream does answer: first to the executor's own inbox, so that this test tests something.
    let answer = executor
        .raw()
        .request(subject.to_string(), "{}".into())
        .await
        .unwrap();
    assert!(answer.payload.starts_with(b"{\"stream\""), "{answer:?}");
    let stolen = subjects::approved(&key()).to_string();
    let sent = executor
        .raw()
        .publish_with_reply(subject.to_string(), stolen, "{}".into());
    sent.await.unwrap();
    executor
        .raw()
        .request(subject.to_string(), "{}".into())
        .await
        .unwrap();

    only_the_guard_was_heard(&server, &mut inbox).await;
}

#[tokio::test]
async fn an_incumbent_hears_its_own_denials_only() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Live);
        let monitor = server.client(Identity::PositionMonitor).await;
        let other = subjects::denied_to(&Module::TrailingStopManager);
        let own = subjects::denied_to(&Module::PositionMonitor);
        let patterns = [other.as_str(), own.as_str()];
        let mut inbox = monitor.inbox(&patterns.map(String::from)).await.unwrap();
        let guard = server.client(Identity::GuardTrade).await;
        for module in [Module::TrailingStopManager, Module::PositionMonitor] {
            let no = denial(&module);
            guard
                .publish(subjects::denied(&module, &no.key).message(&no))
                .await
                .unwrap();
        }
        let own = subjects::denied(&Module::PositionMonitor, &key());
        let before = until_marker(&mut inbox, own.as_str()).await;
        assert_eq!(names(&before), Vec::<&str>::new());
        violations(&monitor, 1).await;
    }
}

#[tokio::test]
async fn incumbents_and_services_hear_each_others_heartbeats() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Shadow);
        let executor = server.client(Identity::Executor).await;
        let monitor = server.client(Identity::PositionMonitor).await;
        let pattern = subjects::all_health();
        let mut there = monitor.subscribe(pattern.as_str()).await.unwrap();
        let mut here = executor.subscribe(pattern.as_str()).await.unwrap();
        let own = subjects::health("executor", "one").to_string();
        executor.publish(message(&own)).await.unwrap();
        assert_eq!(next(&mut there).await.subject, own);
        assert_eq!(next(&mut here).await.subject, own);
        let theirs = subjects::health("legacy", "position_monitor").to_string();
        monitor.publish(message(&theirs)).await.unwrap();
        assert_eq!(next(&mut here).await.subject, theirs);
        assert_eq!(next(&mut there).await.subject, theirs);
    }
}
