//! One command from one policy of the bus to another, and the proof of which one is in force, on a
//! real server.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bus::policy::Policy;
use bus::{Client, ClientTls, ConnectOptions, Identity, Message, subjects};
use domain::Module;
use nix::sys::signal::Signal;
use support::*;
use tempfile::TempDir;
use tests::nats::{self, NatsServer};
use tests::system::{SystemOptions, binary};

struct Scene {
    folder: TempDir,
    server: NatsServer,
}

impl Scene {
    async fn new(layout: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let made = run(&["bus", "keys", "--keys-dir"], &keys, &[]);
        assert!(made.status.success(), "{made:?}");
        let more = ["--policy", "shadow", "--layout", layout];
        let config = run(&["bus", "config", "--keys-dir"], &keys, &more);
        let config = String::from_utf8(config.stdout).unwrap();
        let server = NatsServer::start(folder.path(), &config, 0).await.unwrap();
        Self { folder, server }
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("nats.conf")
    }

    /// `exitctl bus <verb> --policy <policy>` against this server.
    fn bus(&self, verb: &str, policy: &str, more: &[&str]) -> Output {
        let url = self.server.url();
        let file = self.file();
        let mut all = vec!["--policy", policy, "--nats-url", &url];
        if verb == "apply" {
            all.extend(["--config", file.to_str().unwrap(), "--yes"]);
            all.extend(["--confirm", policy]);
        }
        all.extend(more);
        run(&["bus", verb, "--keys-dir"], &self.keys(), &all)
    }

    fn proves(&self, policy: &str) {
        let proven = self.bus("verify", policy, &[]);
        assert_eq!(proven.status.code(), Some(0), "{policy}: {proven:?}");
    }

    fn disproves(&self, policy: &str) {
        let proven = self.bus("verify", policy, &["--timeout", "300ms"]);
        assert_eq!(proven.status.code(), Some(3), "{policy}: {proven:?}");
    }

    async fn client(&self, identity: Identity) -> Client {
        let options = ConnectOptions {
            url: self.server.url(),
            identity,
            seed_file: self.keys().join(format!("{identity}.nk")),
            capacity: 64,
            tls: ClientTls::default(),
        };
        Client::connect(&options).await.unwrap()
    }

    /// Where the real incumbent's word arrives at the real guard, and whether the executor's does.
    async fn at_the_guard(&self) -> Vec<String> {
        let guard = self.client(Identity::GuardTrade).await;
        let patterns = [
            subjects::all_intents().to_string(),
            subjects::all_blocked().to_string(),
        ];
        let mut inbox = guard.inbox(&patterns).await.unwrap();
        let key = intents::key(SYMBOL);
        for (identity, module) in [
            (Identity::PositionMonitor, Module::PositionMonitor),
            (Identity::Executor, Module::ExitExecutor),
        ] {
            let client = self.client(identity).await;
            let subject = subjects::intent(&module, &key).to_string();
            client
                .publish(Message::new(subject, Vec::new()))
                .await
                .unwrap();
            client.settle().await.unwrap();
        }
        guard.settle().await.unwrap();
        let mut heard = Vec::new();
        while let Some(Some(message)) = futures_util::FutureExt::now_or_never(inbox.next()) {
            heard.push(message.subject);
        }
        heard.sort();
        heard
    }
}

fn run(verb: &[&str], keys: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(binary("exitctl").unwrap());
    command.args(verb).arg(keys).args(more);
    command.env("NATS_SERVER", nats::binary().unwrap());
    command.output().unwrap()
}

const ARRIVES: &str = "order.intent.position_monitor.main.BTCUSDT.LONG";
const DIVERTED: &str = "order.blocked.position_monitor.main.BTCUSDT.LONG";
const ASKED: &str = "order.intent.exit_executor.main.BTCUSDT.LONG";

#[tokio::test]
async fn one_command_goes_up_and_one_comes_back_and_each_is_proven() {
    for layout in ["accounts", "plain"] {
        let scene = Scene::new(layout).await;
        scene.proves("shadow");
        scene.proves("legacy");
        scene.disproves("live");
        assert_eq!(scene.at_the_guard().await, [ARRIVES], "{layout}");
        for (policy, others, heard) in [
            ("live", ["shadow", "staged"], vec![DIVERTED, ASKED]),
            ("staged", ["shadow", "live"], vec![ASKED, ARRIVES]),
            ("live", ["shadow", "staged"], vec![DIVERTED, ASKED]),
            ("shadow", ["live", "staged"], vec![ARRIVES]),
        ] {
            let applied = scene.bus("apply", policy, &[]);
            let told = String::from_utf8(applied.stdout.clone()).unwrap();
            assert_eq!(applied.status.code(), Some(0), "{layout} {applied:?}");
            assert!(
                told.contains(" is in force ") && told.contains("checked with"),
                "{told}"
            );
            writeln!(std::io::stderr(), "{layout}: {told}").unwrap();
            scene.proves(policy);
            for other in others {
                scene.disproves(other);
            }
            assert_eq!(scene.at_the_guard().await, heard, "{layout} {policy}");
        }
    }
}

#[tokio::test]
async fn a_file_that_the_server_would_refuse_is_not_put_in_place() {
    let scene = Scene::new("accounts").await;
    let good = fs::read_to_string(scene.file()).unwrap();
    let bad = good.replace("ping_max: 2", "ping_maximum: 2");
    fs::write(scene.file(), &bad).unwrap();
    // Its own program says so before; without it the server says so itself.
    for program in [nats::binary().unwrap(), "/nowhere/nats-server".into()] {
        let program = program.to_str().unwrap().to_owned();
        let refused = scene.bus("apply", "live", &["--nats-server", &program]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(told.contains("ping_maximum"), "{told}");
        assert_eq!(fs::read_to_string(scene.file()).unwrap(), bad, "as it was");
    }
    scene.proves("shadow");
    let left = fs::read_dir(scene.folder.path()).unwrap();
    let left = left.filter(|it| {
        it.as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|it| it == "new")
    });
    assert_eq!(left.count(), 0, "nothing is left beside it");
}

/// Two who change it at once: the second one's file was made of what is no more.
#[tokio::test]
async fn a_file_that_somebody_else_changes_meanwhile_is_left_as_it_is() {
    let scene = Scene::new("accounts").await;
    let other = scene.folder.path().join("other");
    let file = scene.file();
    let script = format!("#!/bin/sh\necho '# mine' >>{}\n", file.display());
    fs::write(&other, script).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    let before = fs::read_to_string(&file).unwrap();
    // The program that looks at the file is run between reading and replacing it.
    let late = scene.bus("apply", "live", &["--nats-server", other.to_str().unwrap()]);
    assert_eq!(late.status.code(), Some(6), "{late:?}");
    let told = String::from_utf8(late.stderr).unwrap();
    assert!(told.contains("changed by somebody else"), "{told}");
    let after = fs::read_to_string(&file).unwrap();
    assert_eq!(
        after,
        format!("{before}# mine\n"),
        "as the other one left it"
    );
    scene.proves("shadow");
}

#[tokio::test]
async fn where_the_file_travels_it_is_reloaded_until_it_is_there() {
    let scene = Scene::new("accounts").await;
    let written = scene.bus("apply", "live", &["--no-reload"]);
    let told = String::from_utf8(written.stdout).unwrap();
    assert_eq!(written.status.code(), Some(0), "{told}");
    assert!(told.contains("nothing is in force yet"), "{told}");
    scene.disproves("live");
    let reloaded = scene.bus("verify", "live", &["--reload"]);
    assert_eq!(reloaded.status.code(), Some(0), "{reloaded:?}");
    let never = scene.bus("verify", "shadow", &["--reload", "--timeout", "1s"]);
    assert_eq!(never.status.code(), Some(3), "{never:?}");
}

#[tokio::test]
async fn nothing_is_touched_where_nobody_could_prove_it() {
    let mut scene = Scene::new("accounts").await;
    let before = fs::read_to_string(scene.file()).unwrap();
    scene.server.process().signal(Signal::SIGKILL).unwrap();
    scene.server.process().wait(LONGEST).unwrap();
    for verb in ["apply", "verify"] {
        let away = scene.bus(verb, "live", &[]);
        assert_eq!(away.status.code(), Some(4), "{away:?}");
    }
    assert_eq!(fs::read_to_string(scene.file()).unwrap(), before);
}

/// On a running system: no service takes a canary for anything, and the flip disturbs nobody.
#[tokio::test]
async fn a_running_system_does_not_notice_the_proof() {
    let system = start(SystemOptions::shadow()).await;
    let config = system.files().nats().join("nats.conf");
    let url = system.addresses().nats;
    let all = ["--nats-url", &url, "--policy"];
    let keys = system.files().keys();
    let file = fs::read(&config).unwrap();
    let named = ["live", "--config", config.to_str().unwrap()];
    let dry = run(
        &["bus", "apply", "--dry-run", "--keys-dir"],
        &keys,
        &[&all[..], &named].concat(),
    );
    assert_eq!(dry.status.code(), Some(0), "{dry:?}");
    let told = String::from_utf8(dry.stdout).unwrap();
    assert!(told.contains("would hold the policy LIVE"), "{told}");
    assert_eq!(fs::read(&config).unwrap(), file, "{told}");
    for policy in ["shadow", "live", "shadow"] {
        let config = config.to_str().unwrap();
        let more = [&all[..], &[policy, "--config", config]].concat();
        let apply = ["bus", "apply", "--yes", "--confirm", policy, "--keys-dir"];
        let applied = run(&apply, &keys, &more);
        assert_eq!(applied.status.code(), Some(0), "{applied:?}");
        let verified = run(&["bus", "verify", "--keys-dir"], &keys, &more[..4]);
        assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    }
    let before = report(&system).await;
    for service in tests::system::SERVICES {
        let log = log(&system, service);
        for word in [
            "message refused",
            "the bus refused",
            "disconnected from the bus",
        ] {
            assert!(!log.contains(word), "{service}: {word}");
        }
    }
    assert_eq!(
        before["orders_by_prefix"],
        serde_json::json!({}),
        "{before:#}"
    );
}

/// The flags say LIVE and the bus does not: the executor, refused, goes down, and the incumbents
/// protect; nobody waits for an operator.
#[tokio::test]
async fn live_flags_under_the_policy_of_shadow_leave_no_position_bare() {
    let mut system = start(SystemOptions::live()).await;
    system.set_policy(Policy::Shadow).unwrap();
    open(&system, "BUY", "0.1", "50000").await;
    // Whichever of the two comes first: the other sees that the position is covered.
    let protected = venue_until(&system, "an incumbent's stop", |report| {
        let incumbents = ["pm-", "dt-"];
        incumbents.iter().any(|it| !stops(report, it).is_empty())
    })
    .await;
    assert_eq!(sent(&protected, "xe"), 0);
    let refused = |status: &serde_json::Value| {
        let services = status["services"].as_array().unwrap();
        let mut executor = services.iter().filter(|it| it["service"] == "executor");
        status["mode"]["effective"] == "SHADOW"
            && executor.any(|it| it["mode"] == "SHADOW" && it["bus_refusals"].as_u64() > Some(0))
    };
    let told = system.await_status("the executor down", LONGEST, refused);
    told.await.unwrap();
    assert!(log(&system, "executor").contains("the bus refuses the intents of a LIVE executor"));
    // Right again: the policy first, then the restart.
    system.set_policy(Policy::Live).unwrap();
    system.restart("executor").await.unwrap();
    let owned = venue_until(&system, "the executor's stop", |report| {
        !stops(report, "xe-").is_empty()
    })
    .await;
    assert_never_naked(&owned);
}
