//! Whether each API of the lists is one: whoever may ask is answered, by a single server or by two
//! that know each other; a word that a server only says is heard.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use async_nats::{Client, jetstream};
use bus::policy::{Layout, Policy};
use bus::{AccountName, Identity};
use futures_util::StreamExt;
use nkeys::KeyPair;
use tokio::time::timeout;

use crate::common::{DEADLINE, Server, Setup};
use crate::ground::{Ground, settle, with_witnesses, witness};
use crate::targets;

/// An API that answers does so in a millisecond or two.
const ANSWER_MAX: Duration = Duration::from_millis(200);
/// What only servers that know each other answer, and only to their own account.
const OF_CLUSTER: [&str; 3] = ["$JS.API.ACCOUNT.", "$JS.API.META.", "$JS.API.SERVER."];
/// What answers only for a stream and a consumer that are there.
const OF_SOMETHING: [&str; 2] = ["$JS.API.CONSUMER.RESET.", "$JS.API.DIRECT.GET."];
/// What a server asks whoever decides about users; nobody answers it to anybody else.
const ASKED_BY_SERVER: &str = "$SYS.REQ.USER.AUTH";
/// How a server answers on a subject of the streams' API that is none.
const NO_SUCH_API: &str = "system_response";

/// The answer to one question, where there is one.
async fn answer(client: &Client, subject: &str) -> Option<String> {
    let asked = client.request(subject.to_owned(), "{}".into());
    let answer = timeout(ANSWER_MAX, asked).await.ok()?.ok()?;
    Some(String::from_utf8_lossy(&answer.payload).into_owned())
}

/// Whether a single server is to answer there: no wildcard, no word that a server only says,
/// nothing that only a cluster, an operator or this very server's end would answer.
fn is_request(subject: &str) -> bool {
    let quiet = [
        "*",
        ">",
        ".KICK",
        ".LDM",
        "$SYS.REQ.CLAIMS.",
        ".CLAIMS.LOOKUP",
        "$SYS.SERVER.",
        "$SYS.ACCOUNT.",
        "$SYS.LATENCY.",
        "$SYS._INBOX.",
        "USER.INFO",
        "MSG.NEXT",
        "PROFILEZ",
        "SUBSCRIBERS",
        "NSUBS",
    ];
    let is_elsewhere = subject == ASKED_BY_SERVER
        || is_one_of(subject, &OF_CLUSTER)
        || is_one_of(subject, &OF_SOMETHING);
    !is_elsewhere && !quiet.iter().any(|word| subject.contains(word))
}

fn is_one_of(subject: &str, begins: &[&str]) -> bool {
    begins.iter().any(|begin| subject.starts_with(begin))
}

/// The list of attempts is of real things: whoever may, is answered.
#[tokio::test]
async fn every_api_of_the_list_answers_one_who_may_ask() {
    let ground = Ground::new(Layout::Accounts, Policy::Live).await;
    let streams = (AccountName::Trade, targets::stream_api());
    let server = (AccountName::Sys, targets::server_api(ground.server_id()));
    let mut silent = Vec::new();
    for (account, subjects) in [streams, server] {
        let client = ground.client(account);
        for subject in subjects.into_iter().filter(|it| is_request(it)) {
            if answer(client, &subject).await.is_none() {
                silent.push(subject);
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    let nothing = answer(ground.client(AccountName::Trade), "$JS.API.NOTHING").await;
    assert_eq!(nothing, None, "what is no API is not answered");
}

#[tokio::test]
async fn every_api_of_a_stream_answers_where_there_is_one() {
    let ground = Ground::new(Layout::Accounts, Policy::Live).await;
    let client = ground.client(AccountName::Trade);
    let streams = jetstream::new(client.clone());
    // The name that is tried for a stream that does not exist.
    let stream = jetstream::stream::Config {
        name: "NOWHERE".into(),
        subjects: vec!["nowhere".into()],
        allow_direct: true,
        ..Default::default()
    };
    let stream = streams.create_stream(stream).await.unwrap();
    let worker = jetstream::consumer::pull::Config {
        durable_name: Some("worker".into()),
        ..Default::default()
    };
    stream.create_consumer(worker).await.unwrap();
    let all = targets::stream_api();
    let asked = all.iter().filter(|it| is_one_of(it, &OF_SOMETHING));
    let asked: Vec<_> = asked.filter(|it| it.contains(".NOWHERE")).collect();
    for subject in &asked {
        assert!(answer(client, subject).await.is_some(), "{subject}");
    }
    assert_eq!(asked.len(), 3, "{asked:?}");
}

/// Two servers that know each other, each with a witness in every account.
fn two_servers() -> [Server; 2] {
    let routes = [free_port(), free_port()];
    [0, 1].map(|at: usize| {
        let (own, other) = (routes[at], routes[1 - at]);
        let more = format!(
            "server_name: server-{at}\n\
             cluster {{ name: two, listen: \"127.0.0.1:{own}\", \
             routes: [\"nats://127.0.0.1:{other}\"] }}\n"
        );
        let setup = Setup {
            edit: Some(with_witnesses),
            more,
            ..Setup::default()
        };
        Server::start_as(setup, Policy::Live)
    })
}

fn free_port() -> u16 {
    let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    any.local_addr().unwrap().port()
}

#[tokio::test]
async fn every_api_of_a_cluster_answers_the_servers_own_account() {
    let servers = two_servers();
    let system = witness(servers[0].url(), AccountName::Sys).await.client;
    let is_api = |told: &String| !told.contains(NO_SUCH_API);
    let mut silent = Vec::new();
    let all = targets::stream_api();
    for subject in all.iter().filter(|it| is_one_of(it, &OF_CLUSTER)) {
        // Until they have agreed on who leads, which a request of the list has them do anew.
        let begin = Instant::now();
        while answer(&system, subject).await.filter(is_api).is_none() {
            if begin.elapsed() > DEADLINE {
                silent.push(subject);
                break;
            }
        }
    }
    assert_eq!(silent, Vec::<&String>::new());
    let nothing = answer(&system, "$JS.API.META.NOTHING").await;
    assert_eq!(nothing.filter(is_api), None, "what is no API is told apart");
}

#[tokio::test]
async fn what_a_server_asks_about_users_is_said_on_that_subject() {
    let issuer = KeyPair::new_account().public_key();
    let more = format!(
        "authorization {{ auth_callout {{ issuer: {issuer}, account: TRADE, \
         auth_users: [\"witness-TRADE\"] }} }}\n"
    );
    let setup = Setup {
        edit: Some(with_witnesses),
        more,
        ..Setup::default()
    };
    let server = Server::start_as(setup, Policy::Live);
    let decides = witness(server.url(), AccountName::Trade).await.client;
    let mut asked = decides.subscribe(ASKED_BY_SERVER).await.unwrap();
    settle(&decides).await;
    let options = server.options(Identity::Planner);
    // It waits for an answer that nobody gives.
    let waits = tokio::spawn(async move { bus::Client::connect(&options).await.map(drop) });
    let question = timeout(DEADLINE, asked.next()).await;
    waits.abort();
    assert!(question.is_ok_and(|it| it.is_some()), "a server asks there");
    let listed = targets::server_api("one");
    assert!(listed.contains(ASKED_BY_SERVER), "and it is tried");
}
