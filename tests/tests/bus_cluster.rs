//! The bus as it ships for a cluster, three servers of it on one machine: the settings of
//! `k8s/base/cluster.conf`, with addresses of loopback.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use bus::{Client, ClientTls, ConnectOptions, Identity, LeaseStore};
use domain::lease::{Entry, Holder, LeaseKey, Op, Outcome, Request};
use nix::sys::signal::Signal;
use support::LONGEST;
use tempfile::TempDir;
use tests::nats::{self, NatsServer};
use tests::system::await_it::until_async;
use tests::system::binary;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../k8s/base/cluster.conf");
const SERVERS: usize = 3;
/// A server answers in milliseconds, a set of three that has lost one after an election.
const ANSWER_MAX: Duration = Duration::from_secs(2);

struct Bus {
    folder: TempDir,
    servers: Vec<NatsServer>,
}

impl Bus {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bus = Self {
            folder,
            servers: Vec::new(),
        };
        let made = bus.exitctl(0, &["bus", "keys"]);
        assert!(made.status.success(), "{made:?}");
        let routes: Vec<u16> = (0..SERVERS).map(|_| free_port()).collect();
        for at in 0..SERVERS {
            let home = bus.home(at);
            fs::create_dir_all(home.join("nats")).unwrap();
            fs::create_dir_all(home.join("cluster")).unwrap();
            let store = home.join("data").display().to_string();
            let rights = ["bus", "config", "--policy", "shadow", "--store-dir", &store];
            let rights = bus.exitctl(0, &rights);
            assert!(rights.status.success(), "{rights:?}");
            fs::write(bus.file(at), rights.stdout).unwrap();
            let place = home.join("cluster");
            let server = NatsServer::start(&place, &shipped(at, &routes), 0).await;
            bus.servers.push(server.unwrap());
        }
        bus
    }

    fn home(&self, at: usize) -> PathBuf {
        self.folder.path().join(at.to_string())
    }

    /// The file that the operator's policy goes into.
    fn file(&self, at: usize) -> PathBuf {
        self.home(at).join("nats/nats.conf")
    }

    /// `exitctl` with the operator's keys, at one of the servers where there is one.
    fn exitctl(&self, at: usize, words: &[&str]) -> Output {
        let mut command = Command::new(binary("exitctl").unwrap());
        command.args(words).arg("--keys-dir");
        command.arg(self.folder.path().join("keys"));
        command.env("NATS_SERVER", nats::binary().unwrap());
        if let Some(server) = self.servers.get(at) {
            command.env("EXITCTL_NATS_URL", server.url());
        }
        command.output().unwrap()
    }

    async fn client(&self, at: usize, identity: Identity) -> Client {
        let keys = self.folder.path().join("keys");
        let options = ConnectOptions {
            url: self.servers[at].url(),
            identity,
            seed_file: keys.join(format!("{identity}.nk")),
            capacity: 64,
            tls: ClientTls::default(),
        };
        Client::connect(&options).await.unwrap()
    }

    fn in_force(&self, at: usize, policy: &str) -> bool {
        let asked = ["bus", "verify", "--policy", policy, "--timeout", "500ms"];
        match self.exitctl(at, &asked).status.code() {
            Some(0) => true,
            Some(3) => false,
            other => panic!("server {at}: {other:?}"),
        }
    }
}

/// What ships, for one of three servers on one machine.
fn shipped(at: usize, routes: &[u16]) -> String {
    let mut text = fs::read_to_string(SHIPPED).unwrap();
    let mut put = |place: &str, there: &str| {
        assert!(text.contains(place), "{SHIPPED} says no {place}");
        text = text.replace(place, there);
    };
    put("$POD_NAME", &format!("nats-{at}"));
    put("http_port: 8222\n", "");
    put("0.0.0.0:6222", &format!("127.0.0.1:{}", routes[at]));
    for (other, port) in routes.iter().enumerate() {
        put(
            &format!("nats-{other}.nats:6222"),
            &format!("127.0.0.1:{port}"),
        );
    }
    text
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

async fn asked(store: &LeaseStore, op: Op) -> Outcome {
    let request = Request {
        key: LeaseKey::Guard,
        ticket: 1,
        op,
    };
    store.carry_out(request, ANSWER_MAX).await.outcome
}

/// The lease's revision, once the store tells of it.
async fn found(store: &LeaseStore, from_whom: &str) -> u64 {
    let what = format!("the lease, {from_whom}");
    let told = until_async(&what, LONGEST, async || {
        match asked(store, Op::Read).await {
            Outcome::Found { revision, .. } => Some(revision),
            _ => None,
        }
    });
    told.await.unwrap()
}

#[tokio::test]
async fn leases_outlive_one_server_of_three_and_clients_find_another() {
    let mut bus = Bus::start().await;
    let provisioned = until_async("the bucket on three servers", LONGEST, async || {
        let made = bus.exitctl(0, &["provision", "--replicas", "3", "--timeout", "5s"]);
        made.status.success().then_some(())
    });
    provisioned.await.unwrap();
    let store = LeaseStore::new(bus.client(1, Identity::GuardTrade).await);
    let entry = Entry::Held {
        holder: Holder {
            instance: "one".into(),
            boot: 7,
        },
        token: None,
    };
    let expected = 0;
    let taken = asked(&store, Op::Write { expected, entry }).await;
    let Outcome::Written { revision, .. } = taken else {
        panic!("{taken:?}");
    };
    let lost = bus.servers[0].process();
    lost.signal(Signal::SIGKILL).unwrap();
    lost.wait(LONGEST).unwrap();
    assert_eq!(found(&store, "from the two that are left").await, revision);
    // It comes back with what was written without it.
    bus.servers[0].restart().await.unwrap();
    let late = LeaseStore::new(bus.client(0, Identity::GuardTrade).await);
    assert_eq!(found(&late, "from the one that was lost").await, revision);
}

#[tokio::test]
async fn the_policy_is_each_servers_own_until_all_have_it() {
    let bus = Bus::start().await;
    for at in 0..SERVERS {
        assert!(bus.in_force(at, "shadow"), "server {at}");
    }
    for at in (0..SERVERS).rev() {
        let file = bus.file(at).display().to_string();
        let apply = ["bus", "apply", "--policy", "live", "--yes", "--confirm"];
        let applied = bus.exitctl(at, &[&apply[..], &["LIVE", "--config", &file]].concat());
        assert!(applied.status.success(), "{applied:?}");
        for other in 0..SERVERS {
            assert_eq!(bus.in_force(other, "live"), other >= at, "{other} at {at}");
        }
    }
}
