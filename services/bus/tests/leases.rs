//! The bucket of leases, asked of a real server: who may write what, and that one of two wins.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use bus::lease::{self, BUCKET, Provisioned, STREAM};
use bus::policy::Policy;
use bus::{Identity, LeaseStore, Message};
use common::{DEADLINE, LAYOUTS, Server, violations};
use domain::lease::{Entry, Holder, LeaseKey, Op, Outcome, Request};
use domain::{Account, PositionKey, Side, Symbol};

fn position() -> LeaseKey {
    LeaseKey::Position(PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    })
}

fn gateway() -> LeaseKey {
    LeaseKey::Gateway(Account::new("main").unwrap())
}

fn held(token: Option<u64>) -> Entry {
    let holder = Holder {
        instance: "one".into(),
        boot: 7,
    };
    Entry::Held { holder, token }
}

fn write(expected: u64, token: Option<u64>) -> Op {
    Op::Write {
        expected,
        entry: held(token),
    }
}

async fn ask(store: &LeaseStore, key: &LeaseKey, op: Op) -> Outcome {
    let request = Request {
        key: key.clone(),
        ticket: 3,
        op,
    };
    let answer = store.carry_out(request, DEADLINE).await;
    assert_eq!((&answer.key, answer.ticket), (key, 3));
    answer.outcome
}

async fn provision(server: &Server) -> Provisioned {
    let job = server.client(Identity::Provisioner).await;
    lease::provision(&job, 1).await.unwrap()
}

async fn store(server: &Server, identity: Identity) -> LeaseStore {
    LeaseStore::new(server.client(identity).await)
}

async fn delete(server: &Server) {
    let job = server.client(Identity::Provisioner).await;
    let context = async_nats::jetstream::new(job.raw().clone());
    context.delete_stream(STREAM).await.unwrap();
}

#[tokio::test]
async fn the_first_write_wins_and_its_token_is_the_buckets_birth_and_its_number() {
    let server = Server::start(Policy::Live);
    let store = store(&server, Identity::GuardTrade).await;
    let guard = LeaseKey::Guard;
    assert_eq!(ask(&store, &guard, Op::Read).await, Outcome::Unavailable);
    assert_eq!(
        ask(&store, &guard, write(0, None)).await,
        Outcome::Unavailable
    );
    assert_eq!(provision(&server).await, Provisioned::Created);
    assert_eq!(provision(&server).await, Provisioned::Unchanged);

    assert_eq!(ask(&store, &guard, Op::Read).await, Outcome::Absent);
    let taken = ask(&store, &guard, write(0, None)).await;
    let Outcome::Written { revision, created } = taken else {
        panic!("{taken:?}");
    };
    assert!(created > 1_600_000_000_000_000, "microseconds: {created}");
    assert_eq!(revision, 1);
    assert_eq!(ask(&store, &guard, write(0, None)).await, Outcome::Conflict);
    let entry = held(None);
    let found = Outcome::Found {
        entry,
        revision,
        created,
    };
    assert_eq!(ask(&store, &guard, Op::Read).await, found);

    let renewed = ask(&store, &guard, write(1, Some(9))).await;
    let expected = Outcome::Written {
        revision: 2,
        created: 0,
    };
    assert_eq!(renewed, expected, "whoever knows the token needs no birth");
    let found = Outcome::Found {
        entry: held(Some(9)),
        revision: 2,
        created: 0,
    };
    assert_eq!(ask(&store, &guard, Op::Read).await, found);
}

#[tokio::test]
async fn a_bucket_outlives_the_server_and_one_made_anew_is_younger() {
    let mut server = Server::start(Policy::Live);
    provision(&server).await;
    let first = store(&server, Identity::GuardTrade).await;
    let Outcome::Written { created: old, .. } = ask(&first, &LeaseKey::Guard, write(0, None)).await
    else {
        panic!("not taken");
    };
    server.restart(Policy::Live);
    let second = store(&server, Identity::GuardTrade).await;
    let found = ask(&second, &LeaseKey::Guard, Op::Read).await;
    assert!(
        matches!(found, Outcome::Found { created, .. } if created == old),
        "{found:?}"
    );

    delete(&server).await;
    assert_eq!(
        ask(&second, &LeaseKey::Guard, Op::Read).await,
        Outcome::Unavailable
    );
    assert_eq!(provision(&server).await, Provisioned::Created);
    let taken = ask(&second, &LeaseKey::Guard, write(0, None)).await;
    assert!(
        matches!(taken, Outcome::Written { created, .. } if created > old),
        "{taken:?}"
    );
}

#[tokio::test]
async fn each_family_of_keys_has_one_writer_and_the_writers_read_all() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Live);
        provision(&server).await;
        let families = [
            (Identity::GuardTrade, LeaseKey::Guard),
            (Identity::GatewayTrade, gateway()),
            (Identity::Executor, position()),
        ];
        for (identity, own) in &families {
            let client = server.client(*identity).await;
            let store = LeaseStore::new(client.clone());
            let taken = ask(&store, own, write(0, None)).await;
            assert!(
                matches!(taken, Outcome::Written { .. }),
                "{identity}: {taken:?}"
            );
            let mut refused = 0;
            for (_, other) in families.iter().filter(|(other, _)| other != identity) {
                let message = Message::new(lease::subject(other), lease::encode(&Entry::Released));
                client.publish(message).await.unwrap();
                refused += 1;
                violations(&client, refused).await;
                let found = ask(&store, other, Op::Read).await;
                assert_ne!(found, Outcome::Unavailable, "{identity} reads {other}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_but_the_job_can_remove_or_change_the_bucket_and_others_cant_read_it() {
    for layout in LAYOUTS {
        let server = Server::start_as(layout, Policy::Live);
        provision(&server).await;
        let closed = Identity::ALL.into_iter().filter(|identity| {
            let has_streams = identity.account() == bus::AccountName::Trade;
            has_streams && *identity != Identity::Provisioner
        });
        for identity in closed {
            let client = server.client(identity).await;
            let mut subjects: Vec<String> = ["DELETE", "UPDATE", "PURGE", "MSG.DELETE", "SNAPSHOT"]
                .map(|verb| format!("$JS.API.STREAM.{verb}.{STREAM}"))
                .into();
            subjects.push(format!("$JS.API.DIRECT.GET.{STREAM}"));
            subjects.push(format!("$JS.API.CONSUMER.CREATE.{STREAM}"));
            subjects.push(format!("$KV.{BUCKET}.stranger"));
            if lease::family(identity).is_none() {
                subjects.push(format!("$JS.API.STREAM.MSG.GET.{STREAM}"));
            }
            let expected = u64::try_from(subjects.len()).unwrap();
            for subject in subjects {
                let payload = Vec::new();
                client
                    .publish(Message::new(subject, payload))
                    .await
                    .unwrap();
            }
            violations(&client, expected).await;
        }
        assert_eq!(provision(&server).await, Provisioned::Unchanged);
    }
}
