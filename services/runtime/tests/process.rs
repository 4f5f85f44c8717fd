//! `runtime::main` in a process of its own: exit codes, what the log says, and how it ends.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy does not take for tests

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, Command, Stdio};

/// Set for the child; without it the child's test does nothing of its own.
const CHILD: &str = "RUNTIME_TEST_CHILD";
/// The child waits for a stop instead of ending at once.
const WAITS: &str = "waits";

/// Not a test: what the tests below run as another process.
#[test]
#[ignore = "run by the other tests, in a process of its own"]
fn child() {
    let Ok(what) = env::var(CHILD) else {
        return;
    };
    let code = runtime::main("planner", async move |node| {
        if what == WAITS {
            node.shutdown().requested().await;
        }
        Ok(())
    });
    writeln!(io::stdout(), "{code:?}").unwrap();
}

fn spawn(what: &str, variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env_clear()
        .env(CHILD, what)
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The exit code as Rust prints it, and the log.
fn run(variables: &[(&str, &str)]) -> (String, String) {
    let output = spawn("ends", variables).wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

const LIVE: [(&str, &str); 3] = [
    ("EXIT_MODE", "EXIT_BRAIN_V3"),
    ("EXIT_EXECUTOR_MODE", "LIVE"),
    ("EXIT_BRAIN_V3_LIVE_ROLLOUT", "ENABLED"),
];
const BANNER: &str = "EXIT BRAIN V3 LIVE MODE ACTIVE";

#[test]
fn settings_that_cant_be_used_end_with_64_and_are_named() {
    let (code, log) = run(&[("EXITBRAIN__BUS__URLL", "nats://a:1")]);
    assert!(code.contains("(64)"), "{code}");
    assert!(log.contains("EXITBRAIN__BUS__URLL"), "{log}");
    let (code, log) = run(&[("EXITBRAIN_CONFIG", "/nowhere/config.toml")]);
    assert!(code.contains("(64)"), "{code}");
    assert!(log.contains("/nowhere/config.toml"), "{log}");
}

#[test]
fn the_start_is_logged_as_json_with_flags_and_mode() {
    let (code, log) = run(&[("EXIT_MODE", "EXIT_BRAIN_V3")]);
    assert!(code.contains("(0)"), "{code}");
    let start = log.lines().find(|line| line.contains("starting")).unwrap();
    for part in [
        "\"tag\":\"EXIT_MODE\"",
        "\"exit_mode\":\"EXIT_BRAIN_V3\"",
        "\"exit_executor_mode\":\"SHADOW\"",
        "\"exit_brain_v3_live_rollout\":\"DISABLED\"",
        "\"effective_mode\":\"SHADOW\"",
        "\"service\":\"planner\"",
    ] {
        assert!(start.contains(part), "{part} in {start}");
    }
}

#[test]
fn live_has_one_banner_and_nothing_else_has_any() {
    let (_, log) = run(&LIVE);
    assert_eq!(log.matches(BANNER).count(), 1, "{log}");
    for missing in 0..LIVE.len() {
        let mut flags = LIVE.to_vec();
        flags.remove(missing);
        let (_, log) = run(&flags);
        assert!(!log.contains(BANNER), "without flag {missing}: {log}");
    }
}

#[test]
fn a_flag_that_cant_be_read_is_warned_of() {
    let (code, log) = run(&[("EXIT_EXECUTOR_MODE", "LIVEE")]);
    assert!(code.contains("(0)"), "{code}");
    let warning = log.lines().find(|line| line.contains("WARN")).unwrap();
    assert!(warning.contains("LIVEE"), "{warning}");
    assert!(warning.contains("EXIT_EXECUTOR_MODE"), "{warning}");
}

#[test]
fn logs_are_text_for_people_who_ask() {
    let (_, log) = run(&[("LOG_FORMAT", "text")]);
    let loaded = log.lines().find(|line| line.contains("[EXIT_MODE]"));
    let loaded = loaded.unwrap();
    assert!(
        loaded.contains(" INFO [EXIT_MODE] Configuration loaded: EXIT_MODE="),
        "{loaded}"
    );
}

#[test]
fn sigterm_and_sigint_end_it_in_order() {
    for signal in ["-TERM", "-INT"] {
        let mut child = spawn(WAITS, &[]);
        let mut log = BufReader::new(child.stderr.take().unwrap());
        await_line(&mut log, "starting");
        let pid = child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        await_line(&mut log, "stopped");
        let output = child.wait_with_output().unwrap();
        let code = String::from_utf8(output.stdout).unwrap();
        assert!(code.contains("(0)"), "{signal}: {code}");
    }
}

fn await_line(log: &mut BufReader<ChildStderr>, part: &str) {
    let line = log
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains(part));
    assert!(line.is_some(), "the log ended without {part:?}");
}
