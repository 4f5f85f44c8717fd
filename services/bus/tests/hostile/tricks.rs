//! Tricks: to make somebody else say it, to be somebody else, to speak as a server does.

use async_nats::{Auth, HeaderMap};
use bus::map::ROWS;
use bus::policy::{Layout, Policy};
use bus::{AccountName, Identity, Message, approval, decode, keys};
use nkeys::KeyPair;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::LAYOUTS;
use crate::evidence;
use crate::ground::{Ground, TAG, settle};
use crate::targets::subject;

const ME: Identity = Identity::PositionMonitor;

/// What the hostile process may say.
fn own_subjects() -> Vec<String> {
    let own = ROWS.iter().filter(|row| row.writer == ME);
    own.map(subject).collect()
}

/// What it may not.
fn foreign_subjects() -> Vec<String> {
    let foreign = ROWS.iter().filter(|row| row.writer != ME);
    foreign.map(subject).collect()
}

fn seed(ground: &Ground, identity: Identity) -> KeyPair {
    let path = ground.server.keys_dir().join(format!("{identity}.nk"));
    KeyPair::from_seed(std::fs::read_to_string(path).unwrap().trim()).unwrap()
}

/// A stream answers to whatever reply subject a message bears. With accounts the gateway hears none
/// of that; in one space its own look at the signature is what holds. Nothing that arrives anywhere
/// is a message to any of our readers.
#[tokio::test]
async fn a_stream_made_to_answer_in_its_place_says_nothing_that_anybody_takes() {
    for layout in LAYOUTS {
        let mut ground = Ground::with_tap(layout, Policy::Live, false).await;
        ground.arrived().await;
        let client = ground.server.client(ME).await;
        for own in own_subjects() {
            for reply in foreign_subjects() {
                let said = client
                    .raw()
                    .publish_with_reply(own.clone(), reply, TAG.into());
                said.await.unwrap();
            }
        }
        client.settle().await.unwrap();
        ground.answered().await;
        let guard = keys::approval_verifier(&ground.server.keys_dir()).unwrap();
        let (mut answers, mut at_the_gateway) = (0, 0);
        for (account, message) in ground.arrived().await {
            let subject = message.subject.to_string();
            if own_subjects().contains(&subject.replace("blocked", "intent")) {
                continue; // its own, where it belongs
            }
            if subject.starts_with('$') || subject.starts_with('_') {
                continue; // the streams among themselves
            }
            let message = Message::new(subject, message.payload.to_vec());
            answers += 1;
            let where_approvals_travel = layout == Layout::Plain || account == AccountName::Orders;
            if where_approvals_travel && message.subject.starts_with("order.approved.") {
                at_the_gateway += 1;
                assert!(approval::open(&message, &guard).is_err());
            }
            assert!(decode(&message).is_err(), "{}", message.subject);
        }
        assert!(answers > 0, "the stream does answer");
        assert_eq!(at_the_gateway > 0, layout == Layout::Plain);
        evidence::trick(
            layout,
            "its own message with each foreign subject as reply, under a stream that acknowledges",
            &format!(
                "{answers} answers of the stream, {at_the_gateway} at the gateway; none readable"
            ),
        );
    }
}

/// Headers by which a server, or a stream, is told to send something somewhere.
#[tokio::test]
async fn a_header_sends_nothing_elsewhere() {
    for layout in LAYOUTS {
        let mut ground = Ground::new(layout, Policy::Live).await;
        ground.arrived().await;
        let client = ground.server.client(ME).await;
        let mut tried = 0;
        for target in foreign_subjects() {
            for name in [
                "Nats-Trace-Dest",
                "Nats-Schedule-Target",
                "Nats-Rollup",
                "Nats-Incr",
            ] {
                for own in own_subjects() {
                    let mut headers = HeaderMap::new();
                    headers.insert(name, target.as_str());
                    headers.insert("Nats-Schedule", "@at 2020-01-01T00:00:00Z");
                    headers.insert("Nats-Trace-Only", "true");
                    let said = client.raw().publish_with_headers(own, headers, TAG.into());
                    said.await.unwrap();
                    tried += 1;
                }
            }
            client.settle().await.unwrap();
        }
        let foreign = foreign_subjects();
        let own: Vec<String> = own_subjects()
            .iter()
            .map(|it| it.replace("intent", "blocked"))
            .collect();
        for (account, message) in ground.arrived().await {
            let subject = message.subject.to_string();
            let is_hers = own.contains(&subject);
            assert!(
                is_hers || !foreign.contains(&subject),
                "{account}: {subject}"
            );
        }
        let what = "headers that name a destination, a schedule, a rollup";
        evidence::trick(
            layout,
            what,
            &format!("{tried} tried, none arrived elsewhere"),
        );
    }
}

/// Another's name with its own signature.
#[tokio::test]
async fn it_can_not_be_somebody_else() {
    for layout in LAYOUTS {
        let ground = Ground::new(layout, Policy::Live).await;
        let mut tried = 0;
        for other in Identity::ALL.into_iter().filter(|other| *other != ME) {
            let public = ground.server.public_keys().get(other).to_owned();
            let own = std::sync::Arc::new(seed(&ground, ME));
            let options = async_nats::ConnectOptions::with_auth_callback(move |nonce| {
                let (public, own) = (public.clone(), own.clone());
                async move {
                    let mut auth = Auth::new();
                    auth.nkey = Some(public);
                    auth.signature = Some(own.sign(&nonce).map_err(async_nats::AuthError::new)?);
                    Ok(auth)
                }
            });
            let refused = options.connect(ground.server.url()).await.unwrap_err();
            assert!(
                refused.to_string().contains("authorization"),
                "{other}: {refused}"
            );
            tried += 1;
        }
        let nobody = async_nats::connect(ground.server.url()).await;
        assert!(nobody.is_err(), "without any key");
        let what = "another identity's name with its own signature; no key at all";
        evidence::trick(layout, what, &format!("{tried} tried, all refused"));
    }
}

/// Verbs by which servers speak to each other.
const SERVER_VERBS: [&str; 8] = [
    "RS+ TRADE order.approved.>\r\n",
    "RMSG TRADE order.approved.main.BTCUSDT.LONG 7\r\nhostile\r\n",
    "LS+ order.approved.>\r\n",
    "LMSG order.approved.main.BTCUSDT.LONG 7\r\nhostile\r\n",
    "A+ TRADE\r\n",
    "A- TRADE\r\n",
    "MSG order.approved.main.BTCUSDT.LONG 1 7\r\nhostile\r\n",
    "HMSG order.approved.main.BTCUSDT.LONG 1 12 19\r\nNATS/1.0\r\n\r\nhostile\r\n",
];

/// A connection by hand, as the hostile process, and what it is told up to the first `PONG`.
async fn by_hand(ground: &Ground, more: &str) -> (TcpStream, String) {
    let address = ground.server.url().trim_start_matches("nats://");
    let mut socket = TcpStream::connect(address).await.unwrap();
    let hello = until(&mut socket, "\r\n").await;
    let nonce = hello
        .split("\"nonce\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let own = seed(ground, ME);
    let signature = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        own.sign(nonce.as_bytes()).unwrap(),
    );
    let connect = format!(
        "CONNECT {{\"nkey\":\"{}\",\"sig\":\"{signature}\",{more}\
         \"verbose\":false,\"headers\":true}}\r\nPING\r\n",
        own.public_key(),
    );
    socket.write_all(connect.as_bytes()).await.unwrap();
    let told = until(&mut socket, "PONG\r\n").await;
    (socket, told)
}

/// What comes up to `end`, or until the server hangs up.
async fn until(socket: &mut TcpStream, end: &str) -> String {
    let mut heard = String::new();
    let mut part = [0; 4_096];
    while !heard.ends_with(end) {
        let len = socket.read(&mut part).await.unwrap_or(0);
        if len == 0 {
            break;
        }
        heard.push_str(&String::from_utf8_lossy(&part[..len]));
    }
    heard
}

#[tokio::test]
async fn it_can_not_speak_as_a_server_does() {
    for layout in LAYOUTS {
        let mut ground = Ground::new(layout, Policy::Live).await;
        for verb in SERVER_VERBS {
            let (mut socket, told) = by_hand(&ground, "").await;
            assert_eq!(told, "PONG\r\n", "its key is good");
            socket.write_all(verb.as_bytes()).await.unwrap();
            // One that the server does not know ends the connection.
            let told = until(&mut socket, "\0").await;
            assert!(told.contains("-ERR"), "{verb:?}: {told:?}");
        }
        for account in ["TRADE", "ORDERS", "SYS", "$G"] {
            let named = format!("\"account\":\"{account}\",");
            let (_, told) = by_hand(&ground, &named).await;
            assert!(told.contains("-ERR"), "{account}: {told:?}");
        }
        let seen = ground.heard().await;
        assert!(seen.approvals.is_empty() && seen.ours.is_empty() && seen.system.is_empty());
        let tried = SERVER_VERBS.len() + 4;
        let what = "verbs of routes and leaf nodes; another account's name at connecting";
        evidence::trick(
            layout,
            what,
            &format!("{tried} tried, each ended the connection"),
        );
    }
}

impl Ground {
    /// The stream has answered all that came before, since it answers in order.
    async fn answered(&self) {
        let client = self.client(AccountName::Trade);
        let asked = client.request("order.barrier", "".into());
        asked.await.unwrap();
        settle(client).await;
    }
}
