//! The counterfactual by numbers computed by hand.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::*;
use domain::Span;
use lab::shadow::costs::Costs;
use lab::shadow::pairs::{Pair, cases, compare};
use records::read::Found;
use records::{DecisionType, MarkBar, Moment, RecordedSide, ShadowRecord};
use rust_decimal::Decimal;

fn pair(found: &Found, costs: &Costs) -> Pair {
    let (cases, left_out) = cases(found, &[]);
    assert!(left_out.is_empty(), "{left_out:?}");
    compare(&cases[0], costs, |_| true).unwrap()
}

/// The brain's profit where nothing costs anything; the incumbents close at 100 at the last bar.
fn brain(decisions: Vec<ShadowRecord>, bars: Vec<MarkBar>) -> Decimal {
    let last = 5 * (i64::try_from(bars.len()).unwrap() - 1);
    pair(
        &found(decisions, closed(fill(last, "1", "100")), bars),
        &FREE,
    )
    .brain
    .net
}

#[test]
fn a_target_fills_at_its_limit_and_a_stop_at_its_price() {
    let decisions = vec![stop(1, "100", "95", 1), ladder(2, "100", ["110", "120"], 2)];
    let path = flat(&["100", "100", "111", "95", "99"]);
    // 0.25 x (110 - 100) + 0.75 x (95 - 100) = 2.5 - 3.75
    assert_eq!(brain(decisions, path), dec("-1.25"));
}

#[test]
fn fees_slippage_and_the_incumbents_own_fees_are_in() {
    let decisions = vec![stop(1, "100", "95", 1), ladder(2, "100", ["110", "120"], 2)];
    let path = flat(&["100", "100", "111", "95", "99"]);
    let costs = Costs {
        taker_fee: dec("0.0005"),
        maker_fee: dec("0.0002"),
        slippage: dec("0.001"),
    };
    let it = pair(&found(decisions, closed(fill(20, "1", "98")), path), &costs);
    // 0.25 x 10 + 0.75 x (95 x 0.999 - 100) = 2.5 - 3.82125
    assert_eq!(it.brain.gross, dec("-1.32125"));
    // 0.25 x 110 x 0.0002 + 0.75 x 94.905 x 0.0005 = 0.0055 + 0.035589375
    assert_eq!(it.brain.fees, dec("0.041089375"));
    // 98 - 100 - 98 x 0.0005
    assert_eq!(it.legacy.net, dec("-2.049"));
    assert_eq!(it.difference, it.brain.net - it.legacy.net);
    // Of a notional of 100, a difference of d is d x 100 basis points.
    assert_eq!(it.difference_bps, it.difference * dec("100"));
}

#[test]
fn a_stop_that_is_jumped_over_fills_where_the_marks_come_back() {
    let path = bars(&[["100"; 4], ["90", "92", "89", "91"], ["91"; 4]]);
    assert_eq!(brain(vec![stop(1, "100", "95", 1)], path), dec("-10"));
}

#[test]
fn in_one_bar_the_stop_is_first() {
    let decisions = vec![stop(1, "100", "95", 1), ladder(2, "100", ["110", "120"], 2)];
    let path = bars(&[["100"; 4], ["100", "111", "94", "100"], ["100"; 4]]);
    assert_eq!(brain(decisions, path), dec("-5"));
}

#[test]
fn a_target_closes_down_to_its_level_and_a_new_ladder_does_not_close_it_again() {
    let decisions = vec![
        ladder(1, "100", ["110", "120"], 1),
        ladder(11, "110", ["105", "120"], 2),
    ];
    // The second ladder has its first target where the first one is done: nothing more closes.
    let path = flat(&["100", "110", "110", "110", "100"]);
    assert_eq!(brain(decisions, path), dec("2.5"));
}

#[test]
fn a_part_goes_at_the_mark_of_its_decision_down_to_what_it_keeps() {
    let mut part = decided(DecisionType::PartialClose, 6, "104", 1);
    part.decision.fraction_to_close = Some(number("0.5"));
    part.decision.meta.keep = Some(number("0.4"));
    let again = ShadowRecord {
        timestamp: Moment(at(7)),
        ..part.clone()
    };
    // 0.6 x 4, once; the rest ends at 100 with the position.
    let path = flat(&["100", "104", "102"]);
    assert_eq!(brain(vec![part, again], path), dec("2.4"));
}

#[test]
fn a_full_exit_goes_at_its_mark_and_one_by_the_stop_at_the_stop() {
    let exit = decided(DecisionType::FullExitNow, 6, "97", 1);
    assert_eq!(
        brain(vec![exit.clone()], flat(&["100", "97", "90"])),
        dec("-3")
    );
    let mut passed = exit;
    passed.decision.meta.rule = "stop_passed".into();
    passed.decision.meta.stop = Some(number("98"));
    assert_eq!(brain(vec![passed], flat(&["100", "97", "90"])), dec("-2"));
}

#[test]
fn what_the_brain_still_holds_ends_with_the_position_at_the_same_price() {
    let costs = Costs {
        slippage: dec("0.001"),
        ..FREE
    };
    let run = |fill| {
        let decisions = vec![stop(1, "100", "50", 1)];
        pair(
            &found(decisions, closed(fill), flat(&["100", "101", "107"])),
            &costs,
        )
    };
    assert_eq!(run(fill(10, "1", "107")).difference, Decimal::ZERO);
    // Who rested for its price paid nothing for coming now: 107 x 0.001.
    let mut rested = fill(10, "1", "107");
    rested.maker = true;
    assert_eq!(run(rested).difference, dec("-0.107"));
}

#[test]
fn a_short_is_the_mirror_image() {
    let mut decisions = vec![stop(1, "100", "105", 1), ladder(2, "100", ["90", "80"], 2)];
    decisions
        .iter_mut()
        .for_each(|it| it.side = RecordedSide::Short);
    let mut position = closed(fill(20, "1", "103"));
    position.side = RecordedSide::Short;
    let path = flat(&["100", "100", "89", "105", "103"]);
    let it = pair(&found(decisions, position, path), &FREE);
    assert_eq!((it.brain.net, it.legacy.net), (dec("-1.25"), dec("-3")));
}

/// Funding falls due at 16:00; the position is open from 15:59:50 to 16:00:10.
#[test]
fn whoever_is_open_at_the_time_of_funding_pays_or_gets_it() {
    let late = |moment: Moment| Moment(moment.get() + Span::from_secs(4 * 3_600 - 10));
    for (side, paid) in [(RecordedSide::Long, "0.01"), (RecordedSide::Short, "-0.01")] {
        let mut path = flat(&["100", "100", "100", "100", "100"]);
        for bar in &mut path {
            bar.timestamp = late(bar.timestamp);
            bar.funding_rate = Some(number("0.0001"));
        }
        let mut position = closed(fill(20, "1", "100"));
        position.side = side;
        position.timestamp = late(position.timestamp);
        position.opened_at = late(position.opened_at);
        position.seen_from = position.opened_at;
        position.fills[0].at = late(position.fills[0].at);
        // The brain is out before.
        let mut exit = decided(DecisionType::FullExitNow, 6, "100", 1);
        exit.side = side;
        exit.timestamp = late(exit.timestamp);
        let it = pair(&found(vec![exit], position, path), &FREE);
        assert_eq!(
            (it.legacy.funding, it.brain.funding),
            (dec(paid), Decimal::ZERO)
        );
        assert_eq!(it.difference, dec(paid));
    }
}

#[test]
fn what_can_not_be_compared_is_left_out_by_its_cause() {
    let decisions = || vec![stop(1, "100", "95", 1)];
    let path = || flat(&["100", "100", "100", "100", "100"]);
    let sound = || closed(fill(20, "1", "100"));
    let cause = |found: &Found| {
        let (cases, left_out) = cases(found, &[]);
        assert!(cases.is_empty());
        left_out.into_keys().next().unwrap()
    };
    let late = records::ClosedPosition {
        seen_from: Moment(at(61)),
        ..sound()
    };
    assert_eq!(
        cause(&found(decisions(), late, path())),
        "not seen from its opening on"
    );
    let added = records::ClosedPosition {
        additions: 1,
        ..sound()
    };
    assert_eq!(
        cause(&found(decisions(), added, path())),
        "more was opened later"
    );
    let untold = closed(fill(20, "0.9", "100"));
    assert_eq!(
        cause(&found(decisions(), untold, path())),
        "nobody told what closed it"
    );
    assert_eq!(
        cause(&found(vec![], sound(), path())),
        "no decision was recorded"
    );
    assert_eq!(
        cause(&found(decisions(), sound(), vec![])),
        "marks are missing"
    );
    let silent = closed(fill(200, "1", "100"));
    assert_eq!(
        cause(&found(decisions(), silent, path())),
        "marks are missing"
    );
    let mut other_life = stop(1, "100", "95", 1);
    other_life.decision.meta.epoch = 2;
    let of_another = found(vec![other_life], sound(), path());
    assert_eq!(cause(&of_another), "no decision was recorded");
}
