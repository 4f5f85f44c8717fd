//! `exitctl decisions tail` on a real server: what is decided comes line by line, filtered, and it
//! ends by count, by a signal, and when nobody reads any more.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use bus::policy::{Policy, ServerOptions, render};
use bus::{Client, ClientTls, ConnectOptions, Identity, keys, subjects};
use domain::decision::{Action, Decision, Rule};
use domain::market::Regime;
use domain::mode::Mode;
use domain::signal::RiskMode;
use domain::{
    Account, Epoch, MarginPct, Module, PositionKey, Price, PricePct, Qty, Ratio, Side, Symbol,
    Timestamp,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rust_decimal::Decimal;
use serde_json::Value;
use support::LONGEST;
use tempfile::TempDir;
use tests::nats::NatsServer;
use tests::system::await_it::until_async;
use tests::system::binary;

struct Scene {
    folder: TempDir,
    server: NatsServer,
    executor: Client,
}

/// A running `decisions tail`, and what it prints for as long as somebody reads.
struct Tail {
    child: Child,
    lines: BufReader<ChildStdout>,
}

fn decision(symbol: &str, reason: &str) -> Decision {
    let price = Price::new(Decimal::from(50_000)).unwrap();
    Decision {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new(symbol).unwrap(),
            side: Side::Long,
        },
        epoch: Epoch(7),
        module: Module::ExitExecutor,
        rule: Rule::LossGuard,
        action: Action::FullExit,
        reason: reason.into(),
        confidence: Ratio::basis_points(9_500),
        plan_id: None,
        mark_price: price,
        entry_price: price,
        qty: Qty::new(Decimal::ONE).unwrap(),
        pnl_pct_price: PricePct::new(Decimal::ZERO),
        pnl_pct_margin: MarginPct::new(Decimal::ZERO),
        stop: None,
        regime: Regime::Normal,
        risk_mode: RiskMode::Normal,
        at: Timestamp::from_millis(1_765_404_895_123),
        serial: None,
    }
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys_dir = folder.path().join("keys");
        let public = keys::generate(&keys_dir).unwrap();
        let options = ServerOptions {
            listen: "127.0.0.1:0".into(),
            ..ServerOptions::default()
        };
        let config = render(&public, Policy::Shadow, &options);
        let server = NatsServer::start(folder.path(), &config, 0).await.unwrap();
        let options = ConnectOptions {
            url: server.url(),
            identity: Identity::Executor,
            seed_file: keys_dir.join("executor.nk"),
            capacity: 64,
            tls: ClientTls::default(),
        };
        let executor = Client::connect(&options).await.unwrap();
        Self {
            folder,
            server,
            executor,
        }
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(binary("exitctl").unwrap());
        command
            .args([
                "decisions",
                "tail",
                "--nats-url",
                &self.server.url(),
                "--keys-dir",
            ])
            .arg(self.keys())
            .args(more)
            .stdout(Stdio::piped());
        command
    }

    /// Starts a tail; what is said before it listens is not heard.
    fn tail(&self, more: &[&str]) -> Tail {
        let mut child = self.command(more).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Tail { child, lines }
    }

    async fn say(&self, mode: Mode, decision: &Decision) {
        let subject = subjects::decision(mode, &decision.key);
        self.executor
            .publish(subject.message(decision))
            .await
            .unwrap();
        self.executor.settle().await.unwrap();
    }

    /// Says `decision` again and again until the tail has ended.
    async fn say_until_end(&self, child: &mut Child, decision: &Decision) -> i32 {
        until_async("the end of the tail", LONGEST, async || {
            self.say(Mode::Live, decision).await;
            child
                .try_wait()
                .unwrap()
                .map(|status| status.code().unwrap_or(-1))
        })
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn filtered_decisions_come_as_json_lines_until_the_count_is_reached() {
    let scene = Scene::new().await;
    for filter in [["--symbol", "btcusdt"], ["--position", "main.BTCUSDT.LONG"]] {
        let more = [&filter[..], &["--count", "3", "-o", "json"]].concat();
        let mut tail = scene.tail(&more);
        let code = until_async("three decisions", LONGEST, async || {
            scene
                .say(Mode::Live, &decision("ETHUSDT", "not asked for"))
                .await;
            scene
                .say(Mode::Shadow, &decision("BTCUSDT", "loss\nguard"))
                .await;
            tail.child.try_wait().unwrap().map(|status| status.code())
        });
        assert_eq!(code.await.unwrap(), Some(0), "{filter:?}");
        let mut text = String::new();
        tail.lines.read_to_string(&mut text).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        for line in text.lines() {
            let said: Value = serde_json::from_str(line).unwrap();
            assert_eq!(said["kind"], "Decision");
            assert_eq!(said["position"], "main.BTCUSDT.LONG");
            assert_eq!(
                (&said["lane"], &said["rule"]),
                (&"shadow".into(), &"loss_guard".into())
            );
            assert_eq!(said["decision"], "full_exit_now");
            assert_eq!(said["reason"], "loss\nguard");
            assert_eq!(said["at"], "2025-12-10T22:14:55.123Z");
            assert_eq!(said["mark_price"], "50000", "money is text");
        }
    }
}

#[tokio::test]
async fn a_signal_ends_it_well() {
    let scene = Scene::new().await;
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut tail = scene.tail(&[]);
        let mut head = String::new();
        tail.lines.read_line(&mut head).unwrap();
        assert!(head.starts_with("TIME"), "{head}");
        let pid = Pid::from_raw(i32::try_from(tail.child.id()).unwrap());
        kill(pid, signal).unwrap();
        let ended = until_async("its end", LONGEST, async || tail.child.try_wait().unwrap());
        assert_eq!(ended.await.unwrap().code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn when_the_time_is_up_it_says_so_unless_the_count_came_first() {
    let scene = Scene::new().await;
    let idle = scene.command(&["--for", "100ms"]).output().unwrap();
    assert_eq!(idle.status.code(), Some(124), "{idle:?}");
    let mut tail = scene.tail(&["--count", "1", "--for", "60s", "-o", "jsonl"]);
    let said = decision("BTCUSDT", "in time");
    let code = scene.say_until_end(&mut tail.child, &said).await;
    assert_eq!(code, 0);
    let mut text = String::new();
    tail.lines.read_to_string(&mut text).unwrap();
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["reason"], "in time");
}

#[tokio::test]
async fn where_nobody_reads_any_more_it_ends_well() {
    let scene = Scene::new().await;
    let mut tail = scene.tail(&[]);
    let mut line = String::new();
    tail.lines.read_line(&mut line).unwrap();
    let Tail { mut child, lines } = tail;
    drop(lines);
    let code = scene
        .say_until_end(&mut child, &decision("BTCUSDT", "into the void"))
        .await;
    assert_eq!(code, 0);
}

#[tokio::test]
async fn people_get_columns_and_one_line_each() {
    let scene = Scene::new().await;
    let mut tail = scene.tail(&["--count", "1"]);
    let code = scene
        .say_until_end(&mut tail.child, &decision("BTCUSDT", "loss\nguard"))
        .await;
    assert_eq!(code, 0);
    let mut text = String::new();
    tail.lines.read_to_string(&mut text).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(
        lines[0].find("REASON"),
        lines[1].find("loss guard"),
        "{text}"
    );
    assert!(lines[1].contains("main.BTCUSDT.LONG"), "{text}");
}

#[tokio::test]
async fn without_the_bus_or_the_key_it_does_not_begin() {
    let mut scene = Scene::new().await;
    let no_key = Command::new(binary("exitctl").unwrap())
        .args([
            "decisions",
            "tail",
            "--nats-url",
            &scene.server.url(),
            "--keys-dir",
            "/nowhere",
        ])
        .output()
        .unwrap();
    assert_eq!(no_key.status.code(), Some(1), "{no_key:?}");
    scene.server.process().signal(Signal::SIGKILL).unwrap();
    scene.server.process().wait(LONGEST).unwrap();
    let away = scene.command(&[]).output().unwrap();
    assert_eq!(away.status.code(), Some(4), "{away:?}");
}
