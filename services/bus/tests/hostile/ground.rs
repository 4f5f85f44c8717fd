//! The server, with streams to steal from, and a witness in each account who hears everything.

use std::collections::BTreeSet;
use std::time::Duration;

use async_nats::jetstream::{self, stream};
use async_nats::{Client, Message, Subscriber};
use bus::map::{ROWS, Row};
use bus::policy::{Layout, Policy};
use bus::{AccountName, Identity, LeaseStore, lease};
use domain::lease::{Entry, Holder, LeaseKey, Op, Request};
use futures_util::{FutureExt, StreamExt};
use tokio::task::unconstrained;

use crate::common::{Server, Setup};
use crate::targets::subject;

/// In every payload of the hostile process, so that its messages are known wherever they arrive.
pub const TAG: &str = "hostile";
/// In every payload of the others.
const NEWS: &str = "news";
const PASSWORD: &str = "witness";
/// An API that answers does so in a millisecond or two.
const ANSWER_MAX: Duration = Duration::from_millis(200);
/// Messages that a witness may hold.
const CAPACITY: usize = 16_384;

pub struct Ground {
    pub layout: Layout,
    pub policy: Policy,
    pub server: Server,
    server_id: String,
    witnesses: Vec<Witness>,
}

pub struct Witness {
    account: AccountName,
    pub client: Client,
    all: Subscriber,
}

/// Where messages of the hostile process arrived.
pub struct Seen {
    /// Among our services.
    pub ours: BTreeSet<String>,
    /// Where approvals travel.
    pub approvals: BTreeSet<String>,
    /// In the server's own account.
    pub system: BTreeSet<String>,
}

impl Ground {
    pub async fn new(layout: Layout, policy: Policy) -> Self {
        Self::with_tap(layout, policy, true).await
    }

    /// With a tap over every order that acknowledges to publishers, or, as our own are, does not.
    pub async fn with_tap(layout: Layout, policy: Policy, no_ack: bool) -> Self {
        let setup = Setup {
            layout,
            edit: Some(with_witnesses),
            ..Setup::default()
        };
        let server = Server::start_as(setup, policy);
        fill(&server, no_ack).await;
        let accounts: &[AccountName] = match layout {
            Layout::Accounts => &[
                AccountName::Trade,
                AccountName::Orders,
                AccountName::Legacy,
                AccountName::Sys,
            ],
            Layout::Plain => &[AccountName::Trade, AccountName::Sys],
        };
        let mut witnesses = Vec::new();
        for account in accounts {
            witnesses.push(witness(server.url(), *account).await);
        }
        let server_id = witnesses[0].client.server_info().server_id;
        Self {
            layout,
            policy,
            server,
            server_id,
            witnesses,
        }
    }

    pub fn server_id(&self) -> &str {
        &self.server_id
    }

    /// Whether the server moves what is said on a row before it looks at rights.
    pub fn maps(&self, row: &Row) -> bool {
        let diverts = self.layout == Layout::Plain && self.policy == Policy::Live;
        diverts && row.is_legacy_intent()
    }

    fn witness(&self, account: AccountName) -> &Witness {
        let found = self.witnesses.iter().find(|it| it.account == account);
        found.unwrap_or(&self.witnesses[0])
    }

    /// A connection with every right in an account.
    pub fn client(&self, account: AccountName) -> &Client {
        &self.witness(account).client
    }

    /// Everything that has arrived since the last time, but for what the incumbents say among
    /// themselves.
    pub async fn arrived(&mut self) -> Vec<(AccountName, Message)> {
        let mut arrived = Vec::new();
        for witness in &mut self.witnesses {
            let marker = witness.client.new_inbox();
            let said = witness.client.publish(marker.clone(), "".into());
            said.await.unwrap();
            while let Some(message) = witness.all.next().await {
                if message.subject.as_str() == marker {
                    break;
                }
                if witness.account != AccountName::Legacy {
                    arrived.push((witness.account, message));
                }
            }
        }
        arrived
    }

    /// Where tagged messages have arrived since the last time.
    pub async fn heard(&mut self) -> Seen {
        let mut seen = Seen {
            ours: BTreeSet::new(),
            approvals: BTreeSet::new(),
            system: BTreeSet::new(),
        };
        for (account, message) in self.arrived().await {
            let subject = message.subject.to_string();
            let is_hers = message.payload.as_ref() == TAG.as_bytes();
            // In one space it also speaks to itself; elsewhere that stays in its account.
            if !is_hers || subject.starts_with("_INBOX.") {
                continue;
            }
            let is_approval = subject.starts_with("order.approved.");
            match account {
                AccountName::Sys => seen.system.insert(subject),
                AccountName::Orders => seen.approvals.insert(subject),
                _ if is_approval => seen.approvals.insert(subject),
                _ => seen.ours.insert(subject),
            };
        }
        seen
    }

    /// Every writer says something on each of its rows, and things are said where nobody of the
    /// incumbents may listen.
    pub async fn everybody_speaks(&self) {
        for row in ROWS {
            let at = self.witness(row.writer.account());
            let at = if row.is_diverted() {
                self.witness(AccountName::Trade)
            } else {
                at
            };
            at.client.publish(subject(row), NEWS.into()).await.unwrap();
        }
        for witness in &self.witnesses {
            for secret in [
                "_INBOX.executor.x",
                "_INBOX.position_monitor_.x",
                "$KV.leases.guard.all",
                "$JS.EVENT.ADVISORY.API",
                "$SYS.ACCOUNT.TRADE.CONNECT",
                "order.anything",
            ] {
                witness.client.publish(secret, NEWS.into()).await.unwrap();
            }
            settle(&witness.client).await;
        }
    }
}

/// What lies ready for any of them.
pub fn subjects(ears: &mut [Subscriber]) -> BTreeSet<String> {
    let mut heard = BTreeSet::new();
    for ear in ears {
        // Without the runtime's budget, which would end the look early.
        while let Some(Some(message)) = unconstrained(ear.next()).now_or_never() {
            if message.payload.as_ref() == NEWS.as_bytes() {
                heard.insert(message.subject.to_string());
            }
        }
    }
    heard
}

/// Adds a user with every right to each account.
pub fn with_witnesses(config: String) -> String {
    let mut config = config;
    for account in ["SYS", "ORDERS", "TRADE", "LEGACY", "authorization"] {
        let Some(begin) = config.find(&format!("{account} {{")) else {
            continue; // the other layout's
        };
        let users = begin + config[begin..].find("users: [").unwrap() + "users: [".len();
        let name = if account == "authorization" {
            "TRADE"
        } else {
            account
        };
        let user = format!(" {{ user: \"witness-{name}\", password: \"{PASSWORD}\" }},\n");
        config.insert_str(users, &user);
    }
    config
}

pub async fn witness(url: &str, account: AccountName) -> Witness {
    let name = format!("witness-{account}");
    let options = async_nats::ConnectOptions::with_user_and_password(name, PASSWORD.into());
    let client = options
        .subscription_capacity(CAPACITY)
        .connect(url)
        .await
        .unwrap();
    let all = client.subscribe(">").await.unwrap();
    settle(&client).await;
    Witness {
        account,
        client,
        all,
    }
}

/// The server has handled all that was sent before, and we have what it sent us.
pub async fn settle(client: &Client) {
    let inbox = client.new_inbox();
    let mut echo = client.subscribe(inbox.clone()).await.unwrap();
    client.publish(inbox, "".into()).await.unwrap();
    echo.next().await.unwrap();
}

/// A bucket with a lease, and a tap over every order, as an operator would make them.
async fn fill(server: &Server, no_ack: bool) {
    let provisioner = server.client(Identity::Provisioner).await;
    lease::provision(&provisioner, 1).await.unwrap();
    let streams = jetstream::new(provisioner.raw().clone());
    let tap = stream::Config {
        name: "ORDER".into(),
        subjects: vec!["order.>".into()],
        no_ack,
        ..Default::default()
    };
    streams.create_stream(tap).await.unwrap();
    let guard = LeaseStore::new(server.client(Identity::GuardTrade).await);
    let holder = Holder {
        instance: "guard-1".into(),
        boot: 1,
    };
    let request = Request {
        key: LeaseKey::Guard,
        ticket: 1,
        op: Op::Write {
            expected: 0,
            entry: Entry::Held {
                holder,
                token: Some(1),
            },
        },
    };
    guard.carry_out(request, ANSWER_MAX).await;
}
