//! When it asks, whose numbers it follows, and when it gives an answer up.

use domain::mode::Mode;
use domain::plan::convert;
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Module, Side};

use super::*;
use crate::advice::HINT_AGE_MAX;
use crate::fixture::{at, dec, key, open, picture, price, symbol};

mod asking_again;

static MODULE: Module = Module::DynamicTpsl;

/// Everything that the method is shown; LEGACY without advice, in the position's first second.
#[derive(Clone)]
struct Desk {
    snapshot: PositionSnapshot,
    mode: Mode,
    mark: Option<Price>,
    hint: Option<RlHint>,
    risk: Option<RiskState>,
    now: Timestamp,
}

impl Desk {
    fn new(mode: Mode) -> Self {
        Self {
            snapshot: open(Side::Long),
            mode,
            mark: None,
            hint: None,
            risk: None,
            now: at(1_000),
        }
    }

    fn at(&self, millis: i64) -> Self {
        Self {
            now: at(millis),
            ..self.clone()
        }
    }

    fn wish(&self, method: &mut DynamicTpsl) -> Wishes {
        let mut shown = picture(&MODULE, &self.snapshot, self.now);
        shown.mode = self.mode;
        shown.mark = self.mark;
        shown.hint = self.hint.as_ref();
        shown.risk = self.risk.as_ref();
        method.wish(&shown)
    }
}

fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

fn hint(confidence: &str, target: &str, at: Timestamp) -> RlHint {
    RlHint {
        symbol: symbol(),
        take_profit: Some(ratio(target)),
        stop_loss: None,
        trail: None,
        confidence: Some(ratio(confidence)),
        signal_confidence: None,
        strategy: None,
        at,
    }
}

fn critical(heat: &str) -> RiskState {
    RiskState {
        mode: RiskMode::Critical,
        heat: Some(ratio(heat)),
        equity: None,
        at: at(0),
    }
}

/// 4 % and 2 %, everything at one target.
fn answer(id: u64) -> PlanReply {
    PlanReply {
        id,
        module: MODULE.clone(),
        key: key(Side::Long),
        epoch: crate::fixture::EPOCH,
        answer: Ok(convert::DynamicTpsl {
            tp_percent: ratio("0.04"),
            sl_percent: ratio("0.02"),
            trail_percent: ratio("0.015"),
            partial_tp: false,
            rationale: "ladder".into(),
            confidence: ratio("0.75"),
        }),
        at: at(1_100),
    }
}

/// Stop, target and its share.
fn levels(wishes: &Wishes) -> Option<(Price, Price, Ratio)> {
    let target = wishes.targets.as_ref()?.first()?;
    Some((wishes.stop?.price, target.price, target.size))
}

fn expected(stop: &str, target: &str, size: &str) -> Option<(Price, Price, Ratio)> {
    Some((price(stop), price(target), ratio(size)))
}

/// The own maths of a confidence of three quarters.
fn own_levels() -> Option<(Price, Price, Ratio)> {
    expected("978.5", "1068.1", "1")
}

#[test]
fn with_the_brain_off_it_never_asks_and_counts_nothing() {
    let mut method = DynamicTpsl::default();
    for millis in [1_000, 2_000, 900_000] {
        let wishes = Desk::new(Mode::Legacy).at(millis).wish(&mut method);
        assert_eq!(levels(&wishes), own_levels());
        assert_eq!((wishes.ask, wishes.counts), (None, vec![]));
        assert_eq!(method.due_at(), None);
    }
}

#[test]
fn with_the_brain_off_advice_and_risk_change_nothing() {
    let plain = Desk::new(Mode::Legacy);
    let advised = Desk {
        hint: Some(hint("0.95", "0.3", plain.now)),
        risk: Some(critical("0.9")),
        ..plain.clone()
    };
    let of = |desk: &Desk| desk.wish(&mut DynamicTpsl::default());
    assert_eq!(of(&advised), of(&plain));
}

#[test]
fn with_the_brain_on_it_asks_once_and_moves_nothing_meanwhile() {
    for mode in [Mode::Shadow, Mode::Live] {
        let (mut method, desk) = (DynamicTpsl::default(), Desk::new(mode));
        let first = desk.wish(&mut method);
        let expires_at = desk.now + inquiry::ANSWER_DEADLINE;
        let question = first.ask.unwrap();
        assert_eq!((question.id, question.expires_at), (1, expires_at));
        assert_eq!((first.stop, first.targets), (None, None));
        assert_eq!(method.due_at(), Some(expires_at));
        assert_eq!(desk.at(1_249).wish(&mut method), Wishes::default());
    }
}

#[test]
fn an_answer_in_time_is_followed_for_the_whole_life() {
    let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    method.on_reply(&answer(1), at(1_249));
    let wishes = desk.at(1_249).wish(&mut method);
    assert_eq!(levels(&wishes), expected("980", "1040", "1"));
    assert_eq!(wishes.counts, [FROM_PLAN]);
    assert_eq!(method.due_at(), None);
    let later = Desk {
        hint: Some(hint("0.95", "0.3", at(5_000))),
        risk: Some(critical("0.9")),
        ..desk.at(5_000)
    };
    let wishes = later.wish(&mut method);
    assert_eq!(levels(&wishes), expected("980", "1040", "1"));
    assert_eq!((wishes.ask, wishes.counts), (None, vec![]));
}

#[test]
fn a_planned_ladder_closes_half_at_the_first_target() {
    let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    let mut reply = answer(1);
    if let Ok(plan) = &mut reply.answer {
        plan.partial_tp = true;
    }
    method.on_reply(&reply, at(1_010));
    let wishes = desk.at(1_010).wish(&mut method);
    assert_eq!(levels(&wishes), expected("980", "1040", "0.5"));
}

#[test]
fn without_an_answer_its_own_maths_count_at_the_deadline() {
    let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    let wishes = desk.at(1_250).wish(&mut method);
    assert_eq!(levels(&wishes), own_levels());
    assert_eq!(wishes.counts, ["fallback_total.deadline"]);
    let wishes = desk.at(1_350).wish(&mut method);
    assert_eq!((wishes.ask, wishes.counts), (None, vec![]));
}

#[test]
fn a_late_answer_is_ignored_and_counted() {
    let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    // Too late, although nobody has looked at the clock yet.
    method.on_reply(&answer(1), at(1_250));
    let wishes = desk.at(1_300).wish(&mut method);
    assert_eq!(levels(&wishes), own_levels());
    assert_eq!(wishes.counts, [LATE, "fallback_total.deadline"]);
    for _ in 0..100 {
        method.on_reply(&answer(1), at(1_400));
    }
    let wishes = desk.at(1_400).wish(&mut method);
    assert_eq!(levels(&wishes), own_levels());
    assert_eq!(wishes.counts, [LATE; LATE_MAX]);
}

#[test]
fn an_answer_that_is_none_gives_way_to_its_own_maths() {
    let refused = PlanReply {
        answer: Err("no plan".into()),
        ..answer(1)
    };
    let with = |target: &str, stop: &str| {
        let mut reply = answer(1);
        if let Ok(plan) = &mut reply.answer {
            plan.tp_percent = ratio(target);
            plan.sl_percent = ratio(stop);
        }
        reply
    };
    let strange = |change: fn(&mut PlanReply)| {
        let mut reply = answer(1);
        change(&mut reply);
        reply
    };
    let mismatch = "fallback_total.mismatch";
    for (reply, counter) in [
        (refused, "fallback_total.refused"),
        (strange(|reply| reply.id = 2), mismatch),
        (strange(|reply| reply.epoch = Epoch(7)), mismatch),
        (strange(|reply| reply.module = Module::HybridTpsl), mismatch),
        (strange(|reply| reply.key = key(Side::Short)), mismatch),
        (with("0", "0.02"), mismatch),
        (with("1", "0.02"), mismatch),
        (with("0.04", "0"), mismatch),
        (with("0.04", "-0.02"), mismatch),
        (with("0.04", "1"), mismatch),
    ] {
        let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
        desk.wish(&mut method);
        method.on_reply(&reply, at(1_100));
        let wishes = desk.at(1_100).wish(&mut method);
        assert_eq!(levels(&wishes), own_levels(), "{reply:?}");
        assert_eq!(wishes.counts, [counter], "{reply:?}");
    }
}

#[test]
fn another_entry_price_is_asked_about_again() {
    let (mut method, mut desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    desk.snapshot.position.entry_price = price("1100");
    let wishes = desk.at(1_100).wish(&mut method);
    assert_eq!(wishes.ask.map(|question| question.id), Some(2));
    // The answer to the first question is about another price.
    method.on_reply(&answer(1), at(1_150));
    assert_eq!(desk.at(1_150).wish(&mut method).counts, [LATE]);
    method.on_reply(&answer(2), at(1_200));
    let wishes = desk.at(1_200).wish(&mut method);
    assert_eq!(levels(&wishes), expected("1078", "1144", "1"));
    desk.snapshot.position.entry_price = price("1000");
    let wishes = desk.at(2_000).wish(&mut method);
    assert_eq!(wishes.ask.map(|question| question.id), Some(3));
}

#[test]
fn young_advice_and_risk_shape_the_fallback_while_the_brain_is_on() {
    let young = at(1_250) - HINT_AGE_MAX;
    let old = at(1_249) - HINT_AGE_MAX;
    let critical_only = expected("972", "1050", "1");
    for (hint, risk, levels_expected) in [
        (None, Some(critical("0.7")), critical_only),
        // 2.8068 % x 1.2, and 1.5 of it.
        (
            None,
            Some(critical("0.71")),
            expected("966.4", "1050.5", "1"),
        ),
        (
            Some(hint("0.8", "0.1", young)),
            None,
            expected("979", "1084.1", "0.5"),
        ),
        (Some(hint("0.8", "0.1", old)), None, own_levels()),
        // Sure enough of the signal, not of the target.
        (
            Some(hint("0.49", "0.1", young)),
            None,
            expected("966.6", "1050.1", "1"),
        ),
    ] {
        let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
        let desk = Desk { hint, risk, ..desk };
        desk.wish(&mut method);
        let wishes = desk.at(1_250).wish(&mut method);
        assert_eq!(
            levels(&wishes),
            levels_expected,
            "{:?} {:?}",
            desk.hint,
            desk.risk
        );
    }
}

#[test]
fn what_the_brain_has_said_ends_with_it() {
    let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    method.on_reply(&answer(1), at(1_100));
    desk.at(1_100).wish(&mut method);
    let demoted = Desk {
        mode: Mode::Legacy,
        ..desk.at(2_000)
    };
    let wishes = demoted.wish(&mut method);
    assert_eq!(levels(&wishes), own_levels());
    assert_eq!((wishes.ask, wishes.counts), (None, vec![]));
}

#[test]
fn a_question_that_is_open_when_the_brain_goes_off_is_no_fallback() {
    let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
    desk.wish(&mut method);
    let demoted = Desk {
        mode: Mode::Legacy,
        ..desk.at(1_100)
    };
    let wishes = demoted.wish(&mut method);
    assert_eq!(levels(&wishes), own_levels());
    assert_eq!((wishes.counts, method.due_at()), (vec![], None));
}

#[test]
fn what_age_has_brought_nearer_stays_nearer() {
    let mut method = DynamicTpsl::default();
    let desk = Desk::new(Mode::Legacy);
    let with_mark = |mark: &str, minutes: i64| Desk {
        mark: Some(price(mark)),
        ..desk.at(minutes * 60_000)
    };
    let young = with_mark("1000", 60).wish(&mut method);
    assert_eq!(levels(&young), own_levels());
    let nearer = expected("982.8", "1054.5", "1");
    let old = with_mark("1000", 61).wish(&mut method);
    assert_eq!(levels(&old), nearer);
    let wavering = with_mark("1006", 62).wish(&mut method);
    assert_eq!(levels(&wavering), nearer);
}

#[test]
fn both_sides_are_protected() {
    let mut desk = Desk::new(Mode::Legacy);
    desk.snapshot = open(Side::Short);
    let wishes = desk.wish(&mut DynamicTpsl::default());
    assert_eq!(levels(&wishes), expected("1021.5", "931.9", "1"));
}
