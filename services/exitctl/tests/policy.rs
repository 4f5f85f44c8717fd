//! Policy files and trial plans, as processes that no running system is needed for.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::net::SocketAddr;

use bus::Heard;
use common::{NOW, serve, shadow_system};
use domain::market::MarketContext;
use domain::plan::build::{PlanInputs, build};
use domain::policy::Policy;
use domain::signal::RiskMode;
use domain::{Account, Epoch, Position, PositionKey, Price, Qty, Side, Symbol};
use runtime::Actor;
use rust_decimal::Decimal;

/// A short of 0.1 BTC at 50,000, ten times its margin.
const SHORT: &str = "plan try --symbol btcusdt --side short --entry 50000 --qty 0.1 --leverage 10";

/// Without anybody to ask.
fn exitctl(arguments: &str) -> (i32, String, String) {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let words: Vec<&str> = arguments.split_whitespace().collect();
    common::exitctl(nobody, &words)
}

fn json(arguments: &str) -> serde_json::Value {
    let (code, text, told) = exitctl(&format!("{arguments} -o json"));
    assert_eq!(code, 0, "{told}");
    serde_json::from_str(&text).unwrap()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn a_policy_file_is_usable_or_not_and_its_exit_code_says_which() {
    let good = file("[base]\nstop = \"0.02\"\n");
    let bad = file("[base]\nstop = \"2\"\nstpo = \"0.02\"\n[stops]\ngrace = \"1h\"\n");
    let check = |path: &std::path::Path| exitctl(&format!("policy check {}", path.display()));

    let (code, text, told) = check(good.path());
    assert_eq!((code, told.as_str()), (0, ""));
    assert!(text.contains("base.stop  \"0.025\"  \"0.02\""), "{text}");

    let (code, text, told) = check(bad.path());
    assert_eq!((code, told.as_str()), (3, ""));
    for key in ["base.stop ", "base.stpo ", "stops.grace "] {
        assert!(text.lines().any(|line| line.starts_with(key)), "{text}");
    }

    let (code, text, told) = check("/nowhere/policy.toml".as_ref());
    assert_eq!((code, text.as_str()), (1, ""));
    assert!(
        told.contains("/nowhere/policy.toml can't be read"),
        "{told}"
    );

    let shown = exitctl(&format!("policy show {}", bad.path().display()));
    assert_eq!((shown.0, shown.1.as_str()), (1, ""));
    assert!(shown.2.contains("stops.grace = \"1h\""), "{}", shown.2);
}

#[test]
fn what_is_shown_can_be_checked_and_differs_in_nothing() {
    let (code, shipped, _) = exitctl("policy show");
    assert_eq!(code, 0);
    let shown = file(&shipped);
    let document = json(&format!("policy check {}", shown.path().display()));
    assert_eq!(document["usable"], true);
    assert_eq!(document["changes"], serde_json::json!([]));
    let hash = format!("{:016x}", Policy::default().hash());
    assert_eq!(document["policy_hash"], hash.as_str());
}

#[test]
fn a_trial_tells_the_story_that_the_running_plan_would_tell() {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let qty = Qty::new(Decimal::new(1, 1)).unwrap();
    let position = Position {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: symbol.clone(),
            side: Side::Short,
        },
        epoch: Epoch(7),
        qty,
        initial_qty: qty,
        entry_price: Price::new(Decimal::from(50_000)).unwrap(),
        leverage: Decimal::TEN,
        opened_at: NOW,
    };
    let inputs = PlanInputs {
        position: &position,
        mark_price: None,
        context: &MarketContext::unknown(symbol, NOW),
        hint: None,
        risk: RiskMode::Critical,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    let plan = build(&inputs, &Policy::default(), NOW).unwrap();
    let mut actor = shadow_system();
    actor.hear(NOW, Heard::Plan(plan), &mut Vec::new());
    let (addresses, shutdown) = serve(actor);
    let explained = common::exitctl(addresses.grpc, &["plan", "explain", "BTCUSDT"]);
    let tried = exitctl(&format!("{SHORT} --risk critical"));
    let tables = |(code, text, told): &(i32, String, String)| {
        assert_eq!(*code, 0, "{told}");
        text.split_once("STEP ").unwrap().1.to_owned()
    };
    assert_eq!(tables(&tried), tables(&explained));
    assert!(tried.1.contains("TP=1.50%, SL=1.25%"), "{}", tried.1);
    shutdown.request();
}

#[test]
fn a_trial_goes_by_what_is_typed_and_by_the_policy_file() {
    let plain = json(SHORT);
    assert_eq!(plain["plan"]["stop"], "0.025");
    assert_eq!(plain["plan"]["in_force"], false);
    let volatile = json(&format!("{SHORT} --volatility 0.05"));
    assert_eq!(volatile["plan"]["regime"], "VOLATILE");
    let own = file("[base]\nstop = \"0.02\"\n[profiles]\nmode = \"static\"\n");
    let own = json(&format!("{SHORT} --policy {}", own.path().display()));
    assert_eq!(own["plan"]["stop"], "0.02");
    assert_eq!(own["plan"]["profile"], "NORMAL_DEFAULT");
    let locked = json(&format!("{SHORT} --mark 49000"));
    assert_eq!(locked["plan"]["strategy"], "PROFIT_LOCK");
    let hinted = json(&format!(
        "{SHORT} --tp-hint 0.05 --confidence 0.9 --strategy TREND_V1"
    ));
    assert_eq!(hinted["plan"]["target"], "0.05");
    assert_eq!(hinted["plan"]["strategy_id"], "TREND_V1");
}

#[test]
fn a_trial_of_nonsense_is_a_wrong_use() {
    let beyond = "--mark 79228162514264337593543950335";
    for more in [
        "--leverage 0",
        beyond,
        "--heat 7",
        "--regime STORMY",
        "--policy",
    ] {
        let (code, text, told) = exitctl(&format!("{SHORT} {more}"));
        assert_eq!((code, text.as_str()), (2, ""), "{more}: {told}");
    }
    for place in [
        "--entry 1000000000001",
        "--qty 1000000000000001",
        "--leverage 126",
    ] {
        let (name, _) = place.split_once(' ').unwrap();
        let words: Vec<&str> = SHORT.split_whitespace().collect();
        let at = words.iter().position(|word| *word == name).unwrap();
        let others = [&words[..at], &words[at + 2..]].concat().join(" ");
        let (code, text, told) = exitctl(&format!("{others} {place}"));
        assert_eq!((code, text.as_str()), (2, ""), "{place}: {told}");
        assert!(told.contains(name), "{told}");
    }
    let (code, _, told) = exitctl(&format!("{SHORT} --policy /nowhere/policy.toml"));
    assert_eq!(code, 1, "{told}");
}
