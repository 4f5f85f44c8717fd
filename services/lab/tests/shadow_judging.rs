//! Calibration, edge cases, coverage: each rule by hand.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::*;
use lab::shadow::coverage::coverage;
use lab::shadow::edges::{Refusal, edges};
use lab::shadow::judged::judge;
use lab::shadow::pairs::cases;
use records::closed::ClosedPosition;
use records::read::Found;
use records::{DecisionType, ShadowRecord};

/// Whether the first decision was right; none where it can't be judged.
fn right(decision: ShadowRecord, prices: &[&str]) -> Option<bool> {
    let last = 5 * (i64::try_from(prices.len()).unwrap() - 1);
    let found = found(vec![decision], closed(fill(last, "1", "100")), flat(prices));
    let (cases, _) = cases(&found, &[]);
    judge(&cases[0]).first().map(|it| it.was_right)
}

#[test]
fn each_type_is_right_by_what_the_marks_did() {
    let exit = || decided(DecisionType::FullExitNow, 1, "100", 1);
    let hold = || decided(DecisionType::NoChange, 1, "100", 1);
    let moved = || stop(1, "100", "98", 1);
    let targets = || ladder(1, "100", ["102", "104"], 1);
    for (decision, prices, expected) in [
        (exit(), ["100", "103", "99"], true),
        (exit(), ["100", "97", "100"], false),
        (hold(), ["100", "90", "100"], true),
        (hold(), ["100", "110", "99.9"], false),
        // Not touched; touched and worse by then; touched in vain.
        (moved(), ["100", "99", "101"], true),
        (moved(), ["100", "98", "97"], true),
        (moved(), ["100", "97", "99"], false),
        (targets(), ["100", "102", "100"], true),
        (targets(), ["100", "101.9", "100"], false),
    ] {
        let name = decision.decision.decision_type.name();
        assert_eq!(
            right(decision, &prices),
            Some(expected),
            "{name} {prices:?}"
        );
    }
}

#[test]
fn a_target_behind_the_stop_is_not_right_and_what_has_no_marks_is_not_judged() {
    let mut targets = ladder(1, "100", ["102", "104"], 1);
    targets.decision.meta.stop = Some(number("98"));
    assert_eq!(right(targets.clone(), &["100", "97", "103"]), Some(false));
    assert_eq!(right(targets, &["100", "103", "97"]), Some(true));
    let at_the_end = decided(DecisionType::NoChange, 10, "100", 1);
    assert_eq!(right(at_the_end, &["100", "100", "100"]), None);
}

#[test]
fn a_decision_is_judged_at_the_horizon_and_not_later() {
    // 15 minutes are 180 bars: what comes after them says nothing.
    let mut prices = vec!["101"; 181];
    prices.extend(["90"; 5]);
    let hold = decided(DecisionType::NoChange, 1, "100", 1);
    assert_eq!(right(hold, &prices), Some(true));
}

fn refusals(decision: ShadowRecord, change: impl Fn(&mut ClosedPosition)) -> Vec<Refusal> {
    let mut position = closed(fill(10, "1", "100"));
    change(&mut position);
    let edges = edges(&found(vec![decision], position, Vec::new()));
    assert_eq!(edges.refused, edges.examples.len() as u64);
    edges.examples.into_iter().map(|it| it.refusal).collect()
}

#[test]
fn each_filter_refuses_what_it_must() {
    let as_is = |_: &mut ClosedPosition| {};
    assert_eq!(refusals(stop(1, "100", "95.1", 1), as_is), []);
    assert_eq!(
        refusals(stop(1, "100", "95.15", 1), as_is),
        [Refusal::PriceOffGrid]
    );
    assert_eq!(
        refusals(stop(1, "100", "100", 1), as_is),
        [Refusal::WouldTrigger]
    );
    let mut tiny = stop(1, "100", "95", 1);
    tiny.size = number("0.0009");
    assert_eq!(refusals(tiny, as_is), [Refusal::TooSmall]);
    // A quarter of 1 is less than the smallest order of 0.3: both targets.
    let coarse = |it: &mut ClosedPosition| it.filters.lot[1] = number("0.3");
    let two = [Refusal::TooSmall; 2];
    assert_eq!(refusals(ladder(1, "100", ["110", "120"], 1), coarse), two);
    let exit = || decided(DecisionType::FullExitNow, 1, "100", 1);
    let small = |it: &mut ClosedPosition| it.filters.market_lot[2] = number("0.5");
    assert_eq!(refusals(exit(), small), [Refusal::TooLarge]);
    assert_eq!(refusals(exit(), as_is), []);
    let mut part = decided(DecisionType::PartialClose, 1, "100", 1);
    part.decision.fraction_to_close = Some(number("0.25"));
    part.decision.meta.keep = Some(number("0.9995"));
    assert_eq!(refusals(part, as_is), [Refusal::TooSmall]);
    assert_eq!(
        refusals(decided(DecisionType::NoChange, 1, "100", 1), as_is),
        []
    );
}

#[test]
fn contracts_without_known_filters_are_told() {
    let mut other = stop(1, "100", "95.15", 1);
    other.symbol = "ETHUSDT".into();
    let edges = edges(&found(
        vec![other],
        closed(fill(10, "1", "100")),
        Vec::new(),
    ));
    assert_eq!((edges.orders, edges.unjudged), (0, 1));
}

#[test]
fn gaps_in_the_numbers_are_missing_decisions_with_their_time() {
    let with = |boot, number, second| {
        let mut record = decided(DecisionType::NoChange, second, "100", number);
        record.decision.meta.boot = Some(boot);
        record
    };
    let mut unnumbered = with(1, 1, 0);
    unnumbered.decision.meta.number = None;
    let found = Found {
        // The first process is heard of from its third on: what was before is not known.
        decisions: vec![
            with(1, 3, 10),
            with(1, 4, 20),
            with(1, 7, 30),
            with(1, 7, 30),
            with(2, 1, 40),
            unnumbered,
        ],
        ..Found::default()
    };
    let (coverage, gaps) = coverage(&found);
    assert_eq!((coverage.recorded, coverage.missing), (6, 2));
    assert_eq!(
        (coverage.repeated, coverage.unnumbered, coverage.processes),
        (1, 1, 2)
    );
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        (gaps[0].from, gaps[0].until, gaps[0].missing),
        (at(20), at(30), 2)
    );
    // A position that was open meanwhile is not compared.
    let open = common::found(
        vec![stop(1, "100", "95", 1)],
        closed(fill(25, "1", "100")),
        flat(&["100"; 6]),
    );
    let (cases, left_out) = cases(&open, &gaps);
    assert!(cases.is_empty());
    assert_eq!(left_out["decisions are missing"], 1);
}
