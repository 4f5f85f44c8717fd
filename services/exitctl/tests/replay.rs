//! Replays as processes: the same bytes each time, on any number of threads, and a report that a
//! browser can open.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// 2025-05-04.
const START_MS: i64 = 1_746_316_800_000;
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Six hours of minutes of a price that wanders, always the same way.
fn bars(seed: i64) -> String {
    let mut text = "open_time_ms,open,high,low,close,volume\n".to_owned();
    let (mut price, mut state) = (50_000_i64, seed);
    for minute in 0..360 {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        let step = state / 65_536 % 161 - 80;
        let (open, close) = (price, price + step);
        let (high, low) = (open.max(close) + 20, open.min(close) - 20);
        let at = START_MS + minute * 60_000;
        writeln!(text, "{at},{open},{high},{low},{close},5").unwrap();
        price = close;
    }
    text
}

fn data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, seed) in [("BTCUSDT", 7), ("ETHUSDT", 11)] {
        fs::write(folder.path().join(format!("{name}-1m.csv")), bars(seed)).unwrap();
    }
    folder
}

/// Without anybody to ask.
fn exitctl(arguments: &str) -> (i32, String, String) {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let words: Vec<&str> = arguments.split_whitespace().collect();
    common::exitctl(nobody, &words)
}

fn replay(data: &Path, report: &Path, more: &str) -> (i32, String, String) {
    exitctl(&format!(
        "replay --data {} --against legacy --entry-rule every=2h,seed=3 --search grid \
         --vary base.stop=0.015..0.025:0.005 --report {} {more}",
        data.display(),
        report.display()
    ))
}

fn report() -> (tempfile::TempDir, PathBuf) {
    let folder = data();
    let path = folder.path().join("report.html");
    let (code, _, told) = replay(folder.path(), &path, "");
    assert_eq!(code, 0, "{told}");
    (folder, path)
}

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    let folder = data();
    let each = ["--threads 1", "--threads 2", "--threads 2"].map(|threads| {
        let path = folder.path().join("report.html");
        let said = replay(folder.path(), &path, &format!("{threads} -o json"));
        assert_eq!((said.0, said.2.as_str()), (0, ""));
        (said.1, fs::read(&path).unwrap())
    });
    assert_eq!(each[0], each[1]);
    assert_eq!(each[1], each[2]);
    let document: serde_json::Value = serde_json::from_str(&each[0].0).unwrap();
    assert_eq!(document["kind"], "ReplayReport");
    let contenders = document["contenders"].as_array().unwrap();
    assert_eq!(
        contenders.len(),
        5,
        "what ships, three of the grid, the incumbents"
    );
    for contender in contenders {
        assert_eq!(contender["all"]["trades"], 4);
        assert!(contender["all"]["pnl"].is_string(), "money is text");
        assert_eq!(contender["all"]["orders_refused"], 0, "{contender}");
    }
}

#[test]
fn a_table_ranks_the_contenders_and_warns() {
    let folder = data();
    let path = folder.path().join("report.html");
    let (code, text, _) = replay(folder.path(), &path, "");
    assert_eq!(code, 0);
    assert!(text.starts_with("POLICY"), "{text}");
    for word in [
        "shipped base.stop=0.015",
        "legacy",
        "warning:",
        "overfitting:",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn what_can_not_be_replayed_is_said_with_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = format!("replay --data {}", folder.path().display());
    let (code, text, told) = exitctl(&nothing);
    assert_eq!((code, text.as_str()), (1, ""));
    assert!(told.contains("name files or folders"), "{told}");
    for wrong in [
        "--entry-rule every=8",
        "--split 2",
        "--vary base.stop=1..2:1",
        "--search grid --vary base.stop",
        "--latency 5s",
        "--from may",
    ] {
        let (code, _, told) = exitctl(&format!("{nothing} {wrong}"));
        assert_eq!(code, 2, "{wrong}: {told}");
    }
    let filled = data();
    let unknown = format!(
        "replay --data {} --search grid --vary base.halt=1|2",
        filled.path().display()
    );
    let (code, _, told) = exitctl(&unknown);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("base.halt"), "{told}");
}

#[test]
fn a_dataset_is_the_same_file_each_time() {
    let folder = data();
    let export = |name: &str| {
        let out = folder.path().join(name);
        let (code, text, told) = exitctl(&format!(
            "dataset export --data {}/BTCUSDT-1m.csv --entry-rule every=2h --out {}",
            folder.path().display(),
            out.display()
        ));
        assert_eq!(code, 0, "{told}");
        assert!(text.contains("rows"), "{text}");
        let read = |file: &str| fs::read(out.join(file)).unwrap();
        (read("decisions-v1.parquet"), read("manifest.json"))
    };
    let one = export("one");
    assert_eq!(one, export("two"));
    assert!(one.0.starts_with(b"PAR1"));
    let manifest: serde_json::Value = serde_json::from_slice(&one.1).unwrap();
    assert_eq!(manifest["schema_version"], 1);
    assert_eq!(manifest["data_sha256"].as_str().unwrap().len(), 64);
}

/// The browser that is on the PATH, if any.
fn browser() -> Option<&'static str> {
    BROWSERS.into_iter().find(|name| {
        let asked = Command::new(name).arg("--version").output();
        asked.is_ok_and(|output| output.status.success())
    })
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn a_headless_browser_opens_the_report() {
    let Some(browser) = browser() else {
        let names = BROWSERS.join(", ");
        eprintln!("skipped: none of {names} is on the PATH (Debian: apt-get install chromium)");
        return;
    };
    let (folder, path) = report();
    let profile = folder.path().join("profile");
    let picture = folder.path().join("report.png");
    let open = |what: &str| {
        Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(["--window-size=1120,2400", what])
            .arg(format!("file://{}", path.display()))
            .output()
            .unwrap()
    };
    let dom = open("--dump-dom");
    assert!(dom.status.success(), "{dom:?}");
    let dom = String::from_utf8(dom.stdout).unwrap();
    // The browser's own tree, not our text: every drawing has arrived, and every row.
    assert_eq!(dom.matches("<svg").count(), 3, "equity, samples, exits");
    assert!(
        dom.matches("<polyline").count() >= 5,
        "a line for each contender"
    );
    assert!(dom.contains("<tbody>") && dom.contains("legacy (reference)"));
    assert!(dom.contains("class=\"verdict"));
    assert!(
        open(&format!("--screenshot={}", picture.display()))
            .status
            .success()
    );
    let picture = fs::read(&picture).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000);
}
