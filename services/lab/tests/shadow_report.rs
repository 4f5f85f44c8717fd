//! The whole report of made-up runs: its word, its texts, its page.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::*;
use domain::Span;
use lab::shadow::costs::Costs;
use lab::shadow::verdict::Word;
use lab::shadow::{Report, html, report, text};
use records::read::Found;
use records::{Moment, ShadowRecord};

/// Positions one after the other, ten minutes apart. The brain takes a quarter at 104 and moves
/// its stop to 101, where it is out; the incumbents hold until `closed_at` pays.
fn run(positions: u64, closed_at: impl Fn(u64) -> String) -> Found {
    let mut run = Found::default();
    for number in 0..positions {
        let shift = |moment: Moment| {
            let minutes = i64::try_from(number).unwrap() * 10;
            Moment(moment.get() + Span::from_secs(minutes * 60))
        };
        let first = number * 3 + 1;
        let decisions = [
            stop(1, "100", "95", first),
            ladder(2, "100", ["104", "120"], first + 1),
            stop(12, "104", "101", first + 2),
        ];
        for mut record in decisions {
            record.timestamp = shift(record.timestamp);
            record.decision.meta.epoch = number;
            run.decisions.push(record);
        }
        let mut position = closed(fill(25, "1", &closed_at(number)));
        position.epoch = number;
        position.timestamp = shift(position.timestamp);
        position.opened_at = shift(position.opened_at);
        position.seen_from = shift(position.seen_from);
        position.fills[0].at = shift(position.fills[0].at);
        run.closed.push(position);
        for mut bar in flat(&["100", "100", "104", "103", "101", "100"]) {
            bar.timestamp = shift(bar.timestamp);
            run.bars.push(bar);
        }
    }
    run
}

fn made(found: &Found) -> Report {
    report(found, Moment(at(0)), Moment(at(100_000)), Costs::default())
}

/// The incumbents lose between 1 and 3.9.
fn losing(number: u64) -> String {
    let tenths = 990 - number % 30;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[test]
fn a_brain_that_wins_every_time_is_promoted_and_one_that_loses_is_held() {
    let wins = made(&run(40, losing));
    assert_eq!(wins.pairs.len(), 40);
    assert_eq!(
        wins.verdict.word,
        Word::Promote,
        "{:?}",
        wins.verdict.reasons
    );
    // 0.25 x 4 + 0.75 x 1, less slippage and fees: by hand
    // 1 + 0.75 x (101 x 0.9998 - 100) - (0.25 x 104 x 0.0002 + 0.75 x 100.9798 x 0.0005)
    let each = dec("1") + dec("0.73485") - dec("0.0052") - dec("0.037867425");
    assert_eq!(wins.brain_net, each * dec("40"));
    let loses = made(&run(40, |number| format!("{}", 105 + number % 3)));
    assert_eq!(
        loses.verdict.word,
        Word::Hold,
        "{:?}",
        loses.verdict.reasons
    );
}

#[test]
fn few_positions_prove_nothing() {
    let few = made(&run(10, losing));
    assert_eq!(few.verdict.word, Word::Inconclusive);
    assert!(
        few.verdict.reasons[0].contains("10 positions"),
        "{:?}",
        few.verdict.reasons
    );
    let none = made(&Found::default());
    assert_eq!(none.verdict.word, Word::Inconclusive);
    assert!(html::html(&none).unwrap().contains("INCONCLUSIVE"));
}

#[test]
fn the_sweep_drops_decisions_below_its_threshold() {
    let report = made(&run(40, losing));
    let at = |confidence: &str| {
        let mut rows = report.sweep.iter();
        rows.find(|it| it.confidence == dec(confidence)).unwrap()
    };
    assert_eq!((at("0.5").kept, at("0.5").net), (120, report.brain_net));
    // Without the ladder (0.85) all of it goes at 101.
    assert_eq!(at("0.9").kept, 80);
    let each = dec("100.9798") - dec("100") - dec("100.9798") * dec("0.0005");
    assert_eq!(at("0.9").net, each * dec("40"));
    // Without any decision the brain ends as the position did.
    assert_eq!((at("1").kept, at("1").difference), (0, dec("0")));
}

#[test]
fn the_text_has_the_owners_six_blocks_and_the_rest() {
    let text = text::text(&made(&run(40, losing)));
    for wanted in [
        "Verdict: PROMOTE",
        "Coverage: 120 recorded, 0 missing",
        "1. DECISION TYPES",
        "  move_sl                 80    66.7%",
        "2. CONFIDENCE",
        "3. EMERGENCY EXITS\n============================================================\n  none",
        "4. MOST ACTIVE SYMBOLS",
        "  BTCUSDT          120  move_sl 80, update_tp_limits 40",
        "5. BY HOUR (UTC)",
        "  2025-12-10T12     18 ████",
        "6. RECOMMENDATIONS",
        "  READY",
        "40 closed positions, 40 compared",
        "CONFIDENCE CALIBRATION",
        "160 orders, 0 would have been refused",
        "CONFIDENCE THRESHOLDS",
    ] {
        assert!(text.contains(wanted), "{wanted:?} in\n{text}");
    }
}

#[test]
fn the_page_needs_no_network_and_no_script_and_is_the_same_each_time() {
    let report = made(&run(40, losing));
    let page = html::html(&report).unwrap();
    assert_eq!(page, html::html(&report).unwrap());
    for foreign in ["<script", "http://", "https://", "src=", "@import", "url("] {
        // The name of SVG's namespace is an address that nobody visits.
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.matches("<svg").count() >= 5, "five charts");
    assert!(page.contains("PROMOTE"));
}

#[test]
fn a_reason_of_the_records_is_text_on_the_page() {
    let mut run = run(1, losing);
    let mut exit: ShadowRecord = decided(records::DecisionType::FullExitNow, 20, "100", 9);
    exit.decision.reason = "<script>alert(1)</script>".into();
    run.decisions.push(exit);
    let page = html::html(&made(&run)).unwrap();
    assert!(!page.contains("<script"), "escaped");
    assert!(page.contains("&lt;script"));
}
