//! The report of a real SHADOW run: its numbers are those of the counters, and its page is opened
//! in a browser that has no network.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use domain::Timestamp;
use records::read::folder;
use serde_json::Value;
use support::LONGEST;
use tests::scrape::families;
use tests::system::await_it::{until, until_async};
use tests::system::{System, SystemOptions, binary};

/// Any of them can take a picture without a screen.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Where the picture is kept for whoever wants to look at it.
const PICTURE: &str = "SHADOW_REPORT_PICTURE";
/// Positions that were closed before the report is made.
const CLOSED: usize = 3;

fn report(records: &Path, more: &[&str]) -> (i32, String) {
    let output = Command::new(binary("exitctl").unwrap())
        .args(["shadow", "report", "--since", "1h", "--records"])
        .arg(records)
        .args(more)
        .env_remove("EXITCTL_RECORDS")
        .output()
        .unwrap();
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), told)
}

/// Decisions by type as diagnostics counts them.
async fn counted(system: &System) -> Value {
    let url = format!("{}/metrics", system.addresses().http.unwrap());
    let page = reqwest::Client::new().get(&url).send().await.unwrap();
    let page = page.text().await.unwrap();
    families(&page).unwrap();
    let mut counts = serde_json::Map::new();
    for line in page.lines() {
        let Some(labels) = line.strip_prefix("exitbrain_decisions_total{") else {
            continue;
        };
        let (_, kind) = labels.split_once("type=\"").unwrap();
        let (kind, _) = kind.split_once('"').unwrap();
        let (_, count) = labels.rsplit_once(' ').unwrap();
        counts.insert(kind.into(), count.parse::<u64>().unwrap().into());
    }
    Value::Object(counts)
}

/// The first browser that is there; a clear line where there is none.
fn browser() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).flat_map(|dir| BROWSERS.map(|name| dir.join(name)));
    let found = found.into_iter().find(|it| it.is_file());
    if found.is_none() {
        let line = "SKIPPED: no chromium to open the report with (apt-get install chromium)\n";
        io::Write::write_all(&mut io::stderr(), line.as_bytes()).unwrap();
    }
    found
}

fn browse(browser: &Path, folder: &Path, page: &Path, more: &[&OsStr]) -> Vec<u8> {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND")
        .arg("--window-size=1200,4200")
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .args(more)
        .arg(format!("file://{}", page.display()))
        .env("HOME", folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[tokio::test]
async fn the_report_of_a_running_system_agrees_with_its_counters_and_opens_in_a_browser() {
    runtime::install_crypto();
    let mut system = System::start(SystemOptions {
        speed: "600x".into(),
        ..SystemOptions::shadow()
    })
    .await
    .unwrap();
    let records = system.files().records();
    let found = || folder(&records, Timestamp::default()).unwrap_or_default();
    let enough = || (found().closed.len() >= CLOSED).then_some(());
    until("closed positions in the records", 4 * LONGEST, enough)
        .await
        .unwrap();
    // Nobody decides any more, so that counters and records can be compared.
    assert!(system.stop_one("executor").unwrap());
    let same = async || {
        let (_, json) = report(&records, &["-o", "json"]);
        let json: Value = serde_json::from_str(&json).ok()?;
        (json["blocks"]["types"] == counted(&system).await).then_some(json)
    };
    let json = match until_async("counters and report to agree", LONGEST, same).await {
        Ok(json) => json,
        Err(late) => panic!(
            "{late}: {} {}",
            counted(&system).await,
            report(&records, &[]).1
        ),
    };
    assert_eq!(
        (json["apiVersion"].as_str(), json["kind"].as_str()),
        (Some("exitbrain/v1"), Some("ShadowReport"))
    );
    assert_eq!(json["coverage"]["missing"], 0, "{json:#}");
    assert_eq!(json["coverage"]["malformed"], 0, "{json:#}");
    assert!(!json["pairs"].as_array().unwrap().is_empty(), "{json:#}");
    assert!(json["brain_net"].is_string(), "money is text: {json:#}");
    assert!(json["edges"]["orders"].as_u64().unwrap() > 0, "{json:#}");
    let (code, text) = report(&records, &["-o", "text"]);
    assert_eq!(code, 3, "a short run proves nothing:\n{text}");
    assert!(text.contains("Verdict: "), "{text}");

    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let (_, told) = report(&records, &["-o", "html", "--out", page.to_str().unwrap()]);
    assert!(told.contains("written to"), "{told}");
    let dom = browse(&browser, folder.path(), &page, &["--dump-dom".as_ref()]);
    let dom = String::from_utf8(dom).unwrap();
    let word = json["verdict"]["word"].as_str().unwrap();
    assert!(
        dom.contains(word) && dom.matches("<svg").count() >= 4,
        "{dom}"
    );
    let kept = env::var_os(PICTURE).map(PathBuf::from);
    let picture = kept.unwrap_or_else(|| folder.path().join("report.png"));
    let into = format!("--screenshot={}", picture.display());
    browse(&browser, folder.path(), &page, &[into.as_ref()]);
    let picture = fs::read(&picture).unwrap();
    assert!(
        picture.starts_with(b"\x89PNG") && picture.len() > 50_000,
        "{} bytes",
        picture.len()
    );
}
