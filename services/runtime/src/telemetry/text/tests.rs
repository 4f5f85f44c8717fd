//! Lines as the owner's documents have them, from events as the services say them.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::{info, info_span, warn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The lines that `say` writes, without the time.
fn written(say: impl FnOnce()) -> Vec<String> {
    let page = Page::default();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(page.clone())
        .with_ansi(false)
        .event_format(Text);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, say);
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    let bare = |line: &str| {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.ends_with('Z') && time.len() == 27, "{time}");
        rest.to_owned()
    };
    text.lines().map(bare).collect()
}

#[test]
fn a_decision_and_its_order_read_as_in_the_owners_fourth_test() {
    let told = written(|| {
        let (position, words) = ("main.BTCUSDT.LONG", "Executing decision");
        info!(
            tag = "EXIT_BRAIN_LIVE",
            module = "exit_executor",
            position,
            decision_type = "move_sl",
            reason = "SL adjustment (breakeven): pnl=2.10%",
            confidence = "0.9",
            "{words}"
        );
        info!(
            tag = "EXIT_GUARD",
            module = "exit_executor",
            kind = "sl",
            position,
            mode = "LIVE",
            "placing"
        );
        info!(
            tag = "EXIT_GATEWAY",
            position,
            module = "exit_executor",
            kind = "sl",
            order_type = "STOP_MARKET",
            "submitting"
        );
        info!(
            tag = "EXIT_GATEWAY",
            position,
            module = "exit_executor",
            kind = "sl",
            venue_order_id = 12_345_678,
            "placed"
        );
    });
    let owner = [
        "INFO [EXIT_BRAIN_LIVE] Executing move_sl for BTCUSDT long: \
         SL adjustment (breakeven): pnl=2.10%",
        "INFO [EXIT_GUARD] ✅ Exit Brain module 'exit_executor' placing sl for BTCUSDT (mode=LIVE).",
        "INFO [EXIT_GATEWAY] 📤 Submitting sl order: module=exit_executor, symbol=BTCUSDT, \
         type=STOP_MARKET",
        "INFO [EXIT_GATEWAY] ✅ Order placed successfully: module=exit_executor, \
         symbol=BTCUSDT, order_id=12345678, kind=sl",
    ];
    let before_bar = |line: &String| line.split(" | ").next().unwrap().to_owned();
    assert_eq!(told.iter().map(before_bar).collect::<Vec<_>>(), owner);
    assert!(
        told[0].ends_with(" | module=exit_executor position=main.BTCUSDT.LONG confidence=0.9"),
        "{told:?}"
    );
}

#[test]
fn a_blocked_incumbent_reads_as_in_the_owners_third_test() {
    let deny = |code: &str| {
        warn!(
            tag = "EXIT_GUARD",
            module = "position_monitor",
            kind = "sl",
            position = "main.ETHUSDT.LONG",
            reason = "the facts",
            code,
            "BLOCKED: order NOT sent to exchange"
        );
    };
    let told = written(|| {
        deny("LEGACY_BLOCKED");
        deny("INTENT_EXPIRED");
    });
    let owner = "WARN [EXIT_GUARD] 🛑 BLOCKED: Legacy module 'position_monitor' attempted to \
                 place sl for ETHUSDT in EXIT_BRAIN_V3 LIVE mode. Executor is the single MUSCLE. \
                 Order NOT sent to exchange. | ";
    assert!(told[0].starts_with(owner), "{told:?}");
    let other = "WARN [EXIT_GUARD] 🛑 BLOCKED: Module 'position_monitor' asked for sl of ETHUSDT: \
                 the facts. Order NOT sent to exchange. | ";
    assert!(told[1].starts_with(other), "{told:?}");
}

#[test]
fn the_summary_reads_as_the_owner_wrote_it() {
    let told = written(|| {
        info!(
            tag = "EXIT_METRICS",
            total_orders = 67,
            conflicts = 18,
            blocked = 18,
            mode = "EXIT_BRAIN_V3 (LIVE)",
            "Summary"
        );
    });
    let owner = "INFO [EXIT_METRICS] Summary: total_orders=67, conflicts=18, blocked=18, \
                 mode=EXIT_BRAIN_V3 (LIVE)";
    assert_eq!(told, [owner]);
}

#[test]
fn what_the_owner_has_no_line_for_is_told_with_its_facts() {
    let told = written(|| {
        info!(tag = "EXIT_BUS", identity = "executor", "bus connection");
        info!(service = "market", "stopped");
        // A fact that a line needs is missing: the event is told all the same.
        info!(tag = "EXIT_GATEWAY", client_order_id = "xe-1", "placed");
    });
    assert_eq!(
        told[0],
        "INFO [EXIT_BUS] bus connection | identity=executor"
    );
    assert!(
        told[1].ends_with("tests: stopped | service=market"),
        "{told:?}"
    );
    assert_eq!(told[2], "INFO [EXIT_GATEWAY] placed | client_order_id=xe-1");
}

#[test]
fn a_message_that_bears_its_tag_bears_it_once() {
    let told = written(|| {
        info!(
            tag = "EXIT BRAIN",
            "[EXIT BRAIN] BTCUSDT: TP=3.00%, SL=2.50%, Trail=2.00%"
        );
    });
    let owner = "INFO [EXIT BRAIN] BTCUSDT: TP=3.00%, SL=2.50%, Trail=2.00%";
    assert_eq!(told, [owner]);
}

#[test]
fn text_from_outside_makes_no_line_of_its_own() {
    let told = written(|| {
        let reason = "x\n2026 INFO [EXIT_GUARD] ✅ all is well\u{1b}[2J";
        warn!(tag = "EXIT_GUARD", reason, "denied");
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("x\\n2026") && !told[0].contains('\u{1b}'),
        "{told:?}"
    );
}

#[test]
fn a_line_names_the_trace_in_which_it_was_written() {
    let told = written(|| {
        info_span!("input", trace_id = "4bf9").in_scope(|| info!(tag = "EXIT_GUARD", "placing"));
    });
    assert_eq!(told, ["INFO [EXIT_GUARD] placing trace_id=\"4bf9\""]);
}

#[test]
fn each_line_is_of_an_event_that_some_service_says() {
    let services = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut source = String::new();
    let mut folders = vec![services];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs")
                && !path.to_string_lossy().contains("/telemetry/")
            {
                source += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    for (tag, message) in lines::events() {
        assert!(
            source.contains(&format!("\"{tag}\"")),
            "nobody uses the tag {tag}"
        );
        assert!(
            source.contains(&format!("\"{message}\"")),
            "nobody says {message:?}"
        );
    }
}
