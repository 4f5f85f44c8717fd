//! The floor of the wire: processes that do nothing but hand a message on, and one that asks a
//! server of which nothing is known but that it answers.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::env;
use std::io;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::{Client, Subscriber};
use axum::Router;
use axum::routing::post;
use futures_util::StreamExt;
use tests::nats::NatsServer;
use tokio::net::TcpListener;
use tokio::time;

type Fault = Box<dyn std::error::Error>;

/// What is said at first; the services' own messages are of a few hundred bytes.
const PADDING: usize = 300;
const LONGEST: Duration = Duration::from_secs(5);
/// Subjects of the three hops, and of the answer.
const HOPS: [&str; 3] = ["bench.mark", "bench.intent", "bench.approved"];
const DONE: &str = "bench.done";

/// What a process of the floor does.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Part {
    /// Hands on what is said under one subject under another.
    #[command(hide = true)]
    Relay {
        /// The bus.
        url: String,
        /// Heard here.
        from: String,
        /// Said there.
        to: String,
    },
    /// Makes a request of everything that it hears.
    #[command(hide = true)]
    Ask {
        /// The bus.
        url: String,
        /// Whom to ask.
        server: String,
    },
    /// Answers requests at a free port, which it says on its first line.
    #[command(hide = true)]
    Answer,
}

impl Part {
    /// Does it for ever.
    pub fn run(self) -> Result<(), Fault> {
        // As the services: everything on one thread.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            match self {
                Self::Relay { url, from, to } => relay(&url, from, to).await,
                Self::Ask { url, server } => ask(&url, &server).await,
                Self::Answer => answer().await,
            }
        })
    }
}

async fn heard(url: &str, subject: String) -> Result<(Client, Subscriber), Fault> {
    let client = async_nats::connect(url).await?;
    let subscriber = client.subscribe(subject).await?;
    client.flush().await?;
    Ok((client, subscriber))
}

async fn relay(url: &str, from: String, to: String) -> Result<(), Fault> {
    let (client, mut inbox) = heard(url, from).await?;
    while let Some(message) = inbox.next().await {
        client.publish(to.clone(), message.payload).await?;
    }
    Ok(())
}

async fn ask(url: &str, server: &str) -> Result<(), Fault> {
    runtime::install_crypto();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let (client, mut inbox) = heard(url, HOPS[2].into()).await?;
    while let Some(message) = inbox.next().await {
        let leaves = now();
        let answer = http
            .post(server)
            .body(message.payload.to_vec())
            .send()
            .await?;
        answer.bytes().await?;
        let sent = String::from_utf8_lossy(&message.payload);
        let sent = sent.split_whitespace().next().unwrap_or_default();
        let done = format!("{sent} {leaves} {}", now());
        client.publish(DONE, done.into()).await?;
    }
    Ok(())
}

async fn answer() -> Result<(), Fault> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    crate::run::say(&listener.local_addr()?.to_string().into());
    let app = Router::new().route("/", post(async |_body: String| "{}"));
    Ok(axum::serve(listener, app).await?)
}

/// Nanoseconds since the Unix epoch.
fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_nanos()
}

/// One message through the chain, microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    /// Until the request leaves.
    pub leaves: f64,
    /// From then on until it is answered.
    pub request: f64,
}

/// Four processes and a bus of their own. They end with it.
pub struct Chain {
    client: Client,
    done: Subscriber,
    _parts: Vec<Ended>,
    _nats: NatsServer,
    _dir: tempfile::TempDir,
}

/// A process that is ended with its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // One that has ended by itself can't be.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Chain {
    /// Starts it and waits until a message has come through.
    pub async fn start() -> Result<Self, Fault> {
        let dir = tempfile::tempdir()?;
        let nats = NatsServer::start(dir.path(), "", 0).await?;
        let url = nats.url();
        let (server, address) = answering()?;
        let mut parts = vec![server];
        for pair in HOPS.windows(2) {
            parts.push(part(&["relay", &url, pair[0], pair[1]])?);
        }
        parts.push(part(&["ask", &url, &format!("http://{address}/")])?);
        let (client, done) = heard(&url, DONE.into()).await?;
        let mut chain = Self {
            client,
            done,
            _parts: parts,
            _nats: nats,
            _dir: dir,
        };
        for _ in 0..50 {
            if chain.next().await.is_ok() {
                return Ok(chain);
            }
        }
        Err("no message comes through the bare chain".into())
    }

    /// One message.
    pub async fn next(&mut self) -> Result<Hop, Fault> {
        let text = format!("{} {}", now(), "x".repeat(PADDING));
        self.client.publish(HOPS[0], text.into()).await?;
        let done = time::timeout(LONGEST / 50, self.done.next()).await;
        let done = done.map_err(|_| "a message was lost in the bare chain")?;
        let done = done.ok_or("the bare bus is gone")?;
        let text = String::from_utf8(done.payload.to_vec())?;
        let times: Result<Vec<u128>, _> = text.split_whitespace().map(str::parse).collect();
        let [sent, leaves, answered] = times?[..] else {
            return Err("a time is missing".into());
        };
        let micros = |from: u128, to: u128| to.saturating_sub(from) as f64 / 1e3;
        Ok(Hop {
            leaves: micros(sent, leaves),
            request: micros(leaves, answered),
        })
    }
}

fn part(words: &[&str]) -> io::Result<Ended> {
    let mut command = Command::new(env::current_exe()?);
    command.args(words).stdin(Stdio::null());
    Ok(Ended(command.spawn()?))
}

/// The answering process, and its address.
fn answering() -> Result<(Ended, String), Fault> {
    let mut command = Command::new(env::current_exe()?);
    let mut child = command.arg("answer").stdout(Stdio::piped()).spawn()?;
    let told = child.stdout.take().ok_or("no output of the server")?;
    let mut line = String::new();
    io::BufRead::read_line(&mut io::BufReader::new(told), &mut line)?;
    Ok((Ended(child), serde_json::from_str(line.trim())?))
}
