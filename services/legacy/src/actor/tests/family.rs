//! What every incumbent does with its method: when it asks it, and what holds in between.

use super::*;

use bus::Identity;
use domain::decision::StopReason;

use crate::fixture::{id, resting};
use crate::method::{Method, Picture, StopWish, Wishes};

/// A method that does what the tests need: a stop 1 % behind the mark, an exit at 1,200, and a
/// question at the first look with a patience of 350 ms.
#[derive(Debug, Default)]
struct Probe {
    asked: u64,
    answered: bool,
    expires_at: Option<Timestamp>,
}

static PROBE: Role = Role {
    module: Module::DynamicTpsl,
    identity: Identity::DynamicTpsl,
    every: Span::from_secs(10),
    profit_share: domain::Ratio::ZERO,
    more: Vec::new,
    method: || Box::<Probe>::default(),
};

impl Method for Probe {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        let mut wishes = Wishes {
            counts: vec!["probe.wish"],
            ..Wishes::default()
        };
        let late = self.expires_at.is_some_and(|at| at <= picture.now);
        if late {
            self.expires_at = None;
            wishes.counts.push("probe.late");
        }
        if self.asked == 0 {
            self.asked += 1;
            let expires_at = picture.now + Span::from_millis(350);
            self.expires_at = Some(expires_at);
            let id = self.asked;
            wishes.ask = Some(Question { id, expires_at });
        }
        let Some(mark) = picture.mark else {
            return wishes;
        };
        let level = mark.offset(domain::Ratio::basis_points(-100)).unwrap();
        let level = picture.snapshot.instrument.round_stop(LONG, level);
        wishes.stop = level.map(|price| StopWish {
            price,
            reason: StopReason::Trailing,
        });
        wishes.exit = (mark >= price("1200")).then_some("far enough");
        wishes
    }

    fn on_reply(&mut self, _reply: &PlanReply, _now: Timestamp) {
        self.answered = true;
        self.expires_at = None;
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

/// A position that a stop of the monitor covers.
fn covered() -> PositionSnapshot {
    with(vec![own_stop(LONG, 1, "1", "980")])
}

/// The triggers that were asked for.
fn triggers(run: &Run) -> Vec<String> {
    let placed = run.intents.iter().filter_map(|intent| match intent.wish {
        Wish::Place { order, .. } => order.stop_trigger(),
        Wish::Cancel { .. } => None,
    });
    placed.map(|trigger| trigger.to_string()).collect()
}

#[test]
fn the_method_is_asked_in_its_own_rhythm_and_its_last_wishes_hold_in_between() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).mark(0, "1000").beat(0, 0).answer(10);
    assert_eq!(triggers(&run), ["990"]);
    for second in 1..10 {
        let millis = second * 1_000;
        run.see(millis, covered())
            .mark(millis, "1100")
            .beat(millis, millis);
    }
    // Never answered, it was asked for anew, and at the old level.
    assert!(triggers(&run).len() > 1);
    assert!(triggers(&run).iter().all(|trigger| trigger == "990"));
    for second in 10..13 {
        let millis = second * 1_000;
        run.see(millis, covered()).mark(millis, "1100");
        run.beat(millis, millis);
    }
    assert_eq!(triggers(&run).last().unwrap(), "1089");
}

#[test]
fn an_uncovered_position_is_not_left_to_old_wishes() {
    let mut run = Run::of(&PROBE);
    run.mark(0, "1000").see(0, covered()).beat(0, 0);
    let mut grown = covered();
    grown.position.qty = qty("2");
    run.mark(5_000, "1100").see(5_000, grown);
    assert_eq!(triggers(&run), ["990", "1089"]);
}

#[test]
fn a_level_behind_the_mark_is_not_asked_for_while_others_protect() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).mark(0, "1000").beat(0, 0);
    run.news(100, OrderStatus::Rejected, Some(-2_021));
    run.see(5_000, covered())
        .mark(5_000, "989")
        .beat(5_000, 5_000);
    assert_eq!(triggers(&run), ["990"]);
    assert_eq!(run.intents.len(), 1, "and it is no reason to close");
}

#[test]
fn a_question_goes_to_the_planner_in_the_name_of_position_and_life() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).beat(0, 0);
    let request = &run.requests[0];
    assert_eq!(
        (request.id, request.module.clone()),
        (1, Module::DynamicTpsl)
    );
    assert_eq!(request.key, key(LONG));
    assert_eq!(request.epoch, covered().position.epoch);
    assert_eq!((request.at, request.expires_at), (at(0), at(350)));
    assert_eq!(run.requests.len(), 1);
}

#[test]
fn an_answer_is_followed_by_a_look_at_once() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).beat(0, 0).answer(100);
    run.beat(1_000, 1_000);
    assert_eq!(run.counter("probe.wish"), 2);
    assert_eq!(run.counter("probe.late"), 0);
}

#[test]
fn an_answer_about_another_life_is_counted_and_not_heard() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).beat(0, 0);
    let mut next = covered();
    next.position.epoch.0 += 1;
    run.see(50, next);
    run.requests.truncate(1);
    run.answer(100).beat(1_000, 1_000);
    assert_eq!(run.counter("replies_ignored"), 1);
}

#[test]
fn patience_with_the_planner_ends_between_two_rounds() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).beat(0, 300);
    run.beat(400, 1_000);
    assert_eq!(run.counter("probe.late"), 1);
    assert_eq!(run.counter("probe.wish"), 2);
}

#[test]
fn standing_aside_it_asks_nobody_and_forgets_what_it_wished() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).mark(0, "1000").beat(0, 0);
    for second in 1..=6 {
        let millis = second * 1_000;
        run.executor(millis, Mode::Live, vec![key(LONG)])
            .see(millis, covered())
            .mark(millis, "1100")
            .beat(millis, millis);
    }
    assert_eq!(triggers(&run), ["990"]);
    assert_eq!(run.counter("positions_left_to_others"), 1);
    // The executor falls silent: the first look is a new one.
    run.see(9_000, covered()).mark(9_000, "1100");
    run.beat(9_000, 9_000);
    assert_eq!(triggers(&run), ["990", "1089"]);
}

#[test]
fn a_wish_to_close_becomes_one_market_order() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).mark(0, "1200").beat(0, 900);
    let intent = run.intents.last().unwrap();
    assert_eq!(run.intents.len(), 1);
    assert_eq!(placed(intent), CloseOrder::Market { qty: qty("1") });
    assert_eq!(intent.reason, "far enough");
}

#[test]
fn each_incumbent_acts_and_heartbeats_in_its_own_name() {
    let mut run = Run::of(&PROBE);
    run.see(0, covered()).mark(0, "1000").beat(0, 0);
    let intent = &run.intents[0];
    let cause = intent.client_order_id().cause(&key(LONG).symbol).unwrap();
    assert_eq!(cause.module, Module::DynamicTpsl);
    assert_eq!(intent.module, Module::DynamicTpsl);
    assert_eq!(intent.kind, OrderKind::Trailing);
    assert_eq!(run.beats[0].instance, "dynamic_tpsl");
}

#[test]
fn orders_of_another_incumbent_are_not_touched_when_the_position_is_closed() {
    let mut run = Run::of(&PROBE);
    let own = resting(
        id(Module::DynamicTpsl, LONG, LegId::Stop, 1),
        CloseOrder::Stop {
            qty: qty("1"),
            trigger: price("990"),
        },
    );
    let mut flat = with(vec![own_stop(LONG, 1, "1", "980"), own.clone()]);
    flat.position.qty = qty("0");
    flat.flat_proven = true;
    run.see(0, flat).beat(0, 0);
    let canceled: Vec<_> = run
        .intents
        .iter()
        .map(OrderIntent::client_order_id)
        .collect();
    assert_eq!(canceled, [&own.client_order_id]);
}
