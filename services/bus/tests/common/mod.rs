//! A real server for one test: started on a free port, killed when dropped; and small values.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use bus::keys::PublicKeys;
use bus::policy::{Layout, Policy, ServerOptions, ServerTls, render};
use bus::{Client, ClientTls, ConnectOptions, Identity, Inbox, Message, keys};
use futures_util::FutureExt;
use tempfile::TempDir;
use tokio::task::unconstrained;

pub mod values;

/// Far above what anything here takes; reached only when something is broken.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// Pause between two looks at a condition that can't be awaited.
const LOOK: Duration = Duration::from_millis(2);
/// More than any test sends at once.
pub const CAPACITY: usize = 256;

/// The server picks a free port.
const ANY_PORT: &str = "127.0.0.1:-1";

/// What a server is started with beside the policy.
#[derive(Default, Clone)]
pub struct Setup {
    pub layout: Layout,
    pub tls: Option<ServerTls>,
    /// What a test changes in the file.
    pub edit: Option<fn(String) -> String>,
    /// What it adds; of two values the later one holds.
    pub more: String,
}

impl From<Layout> for Setup {
    fn from(layout: Layout) -> Self {
        Self {
            layout,
            ..Self::default()
        }
    }
}

pub struct Server {
    child: Child,
    folder: TempDir,
    keys: PublicKeys,
    url: String,
    setup: Setup,
}

pub const LAYOUTS: [Layout; 2] = [Layout::Accounts, Layout::Plain];

impl Server {
    pub fn start(policy: Policy) -> Self {
        Self::start_as(Setup::default(), policy)
    }

    pub fn start_as(setup: impl Into<Setup>, policy: Policy) -> Self {
        let setup = setup.into();
        let folder = tempfile::tempdir().unwrap();
        let keys = keys::generate(&folder.path().join("keys")).unwrap();
        write_config(folder.path(), &keys, policy, ANY_PORT, &setup);
        let (child, url) = spawn(folder.path());
        Self {
            child,
            folder,
            keys,
            url,
            setup,
        }
    }

    pub fn keys_dir(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub fn config_file(&self) -> PathBuf {
        self.folder.path().join("nats.conf")
    }

    pub fn public_keys(&self) -> &PublicKeys {
        &self.keys
    }

    /// Kills the server and starts it again on the same port.
    pub fn restart(&mut self, policy: Policy) {
        self.kill();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if is_ports(&path) {
                fs::remove_file(path).unwrap();
            }
        }
        let listen = self.url.trim_start_matches("nats://").to_owned();
        write_config(self.folder.path(), &self.keys, policy, &listen, &self.setup);
        (self.child, self.url) = spawn(self.folder.path());
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn options(&self, identity: Identity) -> ConnectOptions {
        let name = format!("{}.nk", identity.name());
        ConnectOptions {
            url: self.url.clone(),
            identity,
            seed_file: self.folder.path().join("keys").join(name),
            capacity: CAPACITY,
            tls: ClientTls::default(),
        }
    }

    pub async fn client(&self, identity: Identity) -> Client {
        Client::connect(&self.options(identity)).await.unwrap()
    }

    /// Replaces the configuration and has the server read it again.
    pub fn reload(&self, policy: Policy) {
        write_config(
            self.folder.path(),
            &self.keys,
            policy,
            ANY_PORT,
            &self.setup,
        );
        let signal = format!("reload={}", self.child.id());
        let told = Command::new(binary())
            .arg("--signal")
            .arg(signal)
            .output()
            .unwrap();
        assert!(told.status.success(), "{told:?}");
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn spawn(folder: &Path) -> (Child, String) {
    let mut child = Command::new(binary())
        .arg("-c")
        .arg(folder.join("nats.conf"))
        .arg("--ports_file_dir")
        .arg(folder)
        .arg("-l")
        .arg(folder.join("log"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let url = wait_for_url(folder, &mut child);
    (child, url)
}

fn is_ports(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "ports")
}

fn write_config(folder: &Path, keys: &PublicKeys, policy: Policy, listen: &str, setup: &Setup) {
    let options = ServerOptions {
        listen: listen.into(),
        layout: setup.layout,
        tls: setup.tls.clone(),
        jetstream_dir: Some(folder.join("streams")),
        ..ServerOptions::default()
    };
    let text = render(keys, policy, &options);
    let text = setup
        .edit
        .map_or_else(|| text.clone(), |edit| edit(text.clone()));
    let text = format!("{text}{}", setup.more);
    fs::write(folder.join("nats.conf"), text).unwrap();
}

/// `NATS_SERVER`, else the one in `PATH`, else the one that `make tools` fetches.
pub fn binary() -> PathBuf {
    if let Some(path) = env::var_os("NATS_SERVER") {
        return path.into();
    }
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/nats/bin/nats-server");
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths)
        .map(|folder| folder.join("nats-server"))
        .chain([fetched])
        .find(|path| path.is_file())
        .expect("no nats-server found: run `make tools`, or set NATS_SERVER to its path")
}

fn wait_for_url(folder: &Path, child: &mut Child) -> String {
    let begin = Instant::now();
    loop {
        let found = fs::read_dir(folder)
            .unwrap()
            .filter_map(Result::ok)
            .find_map(|entry| {
                let path = entry.path();
                let is_ports = path
                    .extension()
                    .is_some_and(|extension| extension == "ports");
                is_ports.then(|| fs::read_to_string(path).unwrap())
            });
        let url = found.as_deref().and_then(|text| {
            let begin = text.find("nats://")?;
            text[begin..].split('"').next()
        });
        if let Some(url) = url {
            return url.to_owned();
        }
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(
            child.try_wait().unwrap().is_none(),
            "the server ended: {}",
            log()
        );
        assert!(
            begin.elapsed() < DEADLINE,
            "the server does not start: {}",
            log()
        );
        std::thread::sleep(LOOK);
    }
}

/// Waits until `holds`, or fails with `what`.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < DEADLINE, "never came true: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until the server has refused the client so often, and checks that it was not more often.
pub async fn violations(client: &Client, expected: u64) {
    let what = format!("{} violations of {}", expected, client.identity());
    until(&what, || client.faults().permission_violations >= expected).await;
    client.settle().await.unwrap();
    assert_eq!(client.faults().permission_violations, expected, "{what}");
}

/// The next message, or a failure after the deadline.
pub async fn next(inbox: &mut Inbox) -> Message {
    tokio::time::timeout(DEADLINE, inbox.next())
        .await
        .expect("a message was expected and none came")
        .expect("the inbox ended")
}

/// Everything up to the message on `marker`, and what lies ready after it: what had been sent
/// before the marker on the same connection and is not in here will never come.
pub async fn until_marker(inbox: &mut Inbox, marker: &str) -> Vec<Message> {
    let mut heard = Vec::new();
    loop {
        let message = next(inbox).await;
        if message.subject == marker {
            break;
        }
        heard.push(message);
    }
    heard.extend(ready(inbox));
    heard
}

/// What lies ready.
pub fn ready(inbox: &mut Inbox) -> Vec<Message> {
    let mut heard = Vec::new();
    // Without the runtime's budget, which would end the look early.
    while let Some(Some(message)) = unconstrained(inbox.next()).now_or_never() {
        heard.push(message);
    }
    heard
}

/// The subjects of messages.
pub fn subjects(messages: &[Message]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message.subject.as_str())
        .collect()
}
