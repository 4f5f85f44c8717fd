//! What happened to a position, out of what was heard.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::asked::{cancel, decided, denial, filled, intent, moved, news, open};
use common::*;
use diagnostics::DiagnosticsActor;
use diagnostics::story::{CHAPTERS_MAX, LIVES_MAX, stories};
use domain::decision::{Action, StopReason};
use domain::ids::{ClientOrderId, LegId};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::{Module, Symbol};
use proto::wire::{Story, StoryChapter, StoryList, StoryRequest};

fn asked(symbol: &str) -> StoryRequest {
    StoryRequest {
        symbol: Some(symbol.into()),
        ..StoryRequest::default()
    }
}

fn told(actor: &DiagnosticsActor, asked: &StoryRequest) -> StoryList {
    stories(&actor.model().stories, asked)
}

fn only(actor: &DiagnosticsActor) -> Story {
    let mut list = told(actor, &asked("BTCUSDT"));
    assert_eq!(list.stories.len(), 1, "{list:?}");
    list.stories.remove(0)
}

fn kinds(story: &Story) -> Vec<(u32, Option<u32>, &str, &str)> {
    let row = |it: &StoryChapter| (it.number, it.because);
    let chapters = story.chapters.iter();
    chapters
        .map(|it| (row(it).0, row(it).1, it.kind.as_str(), it.code.as_str()))
        .collect()
}

/// A stop from its plan to its fill, heard in any order.
fn whole() -> Vec<Heard> {
    vec![
        open(later(0)),
        Heard::Plan(plan(0xabc, 5, later(1))),
        decided(true, moved(later(2))),
        // In one step of the executor, so at one time.
        Heard::Asked(intent(later(2))),
        Heard::Event(news(OrderStatus::Submitting, later(3))),
        Heard::Event(news(OrderStatus::Accepted, later(9))),
        Heard::Event(filled(later(500))),
        targets::flat(later(501)),
    ]
}

fn hear_all(heard: impl IntoIterator<Item = Heard>) -> DiagnosticsActor {
    let mut actor = actor();
    for it in heard {
        hear(&mut actor, later(600), it);
    }
    actor
}

#[test]
fn a_story_goes_from_the_plan_to_the_fill_each_chapter_with_its_cause_and_reason() {
    let story = only(&hear_all(whole()));
    let expected = [
        (1, None, "POSITION", "OPENED"),
        (2, None, "PLAN", "STANDARD_LADDER"),
        (3, Some(2), "DECISION", "plan_working"),
        (4, Some(3), "INTENT", "sl"),
        (5, Some(4), "VERDICT", "APPROVED"),
        (6, Some(5), "ORDER", "submitting"),
        (7, Some(6), "ORDER", "accepted"),
        (8, Some(7), "FILL", "filled"),
        (9, None, "POSITION", "CLOSED"),
    ];
    assert_eq!(kinds(&story), expected);
    assert_eq!((story.state.as_str(), story.epoch), ("CLOSED", 5));
    let what: Vec<&str> = story.chapters.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "1 open at 95000",
            "RL_V3/STANDARD_LADDER TP=3.00%, SL=2.50%, Trail=2.00%",
            "move_sl to 94000 (trail_lockin)",
            "place sl: STOP_MARKET 1 at 94000",
            "approved sl of exit_executor",
            "sl STOP_MARKET submitting",
            "sl STOP_MARKET accepted",
            "sl filled 1 at 93990.5",
            "closed",
        ]
    );
    assert!(story.chapters.iter().all(|it| !it.reason.is_empty()));
    assert_eq!(story.chapters[2].reason, "profit at mark 96000");
    assert_eq!(story.chapters[0].at, "2025-12-10T22:14:55.000Z");
    let ids = |it: &StoryChapter| (it.plan_id.clone(), it.intent_id.clone());
    let of_order = intent(NOW).id.to_string();
    let of_plan = "0000000000000abc".to_owned();
    assert_eq!(
        ids(&story.chapters[3]),
        (Some(of_plan), Some(of_order.clone()))
    );
    assert_eq!(ids(&story.chapters[7]), (None, Some(of_order)));
}

#[test]
fn the_order_of_time_does_not_depend_on_the_order_of_hearing() {
    let said = kinds(&only(&hear_all(whole()))).len();
    let mut backwards = whole();
    backwards[1..7].reverse();
    let story = only(&hear_all(backwards));
    let times: Vec<&str> = story.chapters.iter().map(|it| it.at.as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(story.chapters.len(), said);
    assert_eq!(story.chapters[3].because, Some(3), "{story:#?}");
}

#[test]
fn denials_that_are_heard_before_their_intents_are_told_one_by_one() {
    let other = |id: &str, at| OrderIntent {
        id: IntentId::place(&ClientOrderId::new(id).unwrap()),
        ..intent(at)
    };
    let mut heard = vec![open(NOW)];
    for intent in [other("one", later(1)), other("two", later(2))] {
        heard.push(denial(&intent, "STOP_LOOSER", later(3)));
        heard.push(Heard::Asked(intent));
    }
    let story = only(&hear_all(heard));
    let denied = story
        .chapters
        .iter()
        .filter(|it| it.what.starts_with("denied"));
    let because: Vec<Option<u32>> = denied.map(|it| it.because).collect();
    assert_eq!(because, [Some(2), Some(3)], "{story:#?}");
}

#[test]
fn a_denied_intent_says_by_which_rule_of_the_guard() {
    let mut actor = hear_all([
        open(NOW),
        Heard::Asked(intent(later(1))),
        denial(&intent(later(1)), "STOP_LOOSER", later(2)),
    ]);
    let story = only(&actor);
    let last = story.chapters.last().unwrap();
    assert_eq!((last.because, last.code.as_str()), (Some(2), "STOP_LOOSER"));
    assert_eq!(last.what, "denied sl of exit_executor");
    assert_eq!(last.reason, "the facts");
    hear(&mut actor, later(600), decided(false, moved(later(3))));
    let story = only(&actor);
    let last = story.chapters.last().unwrap();
    assert_eq!(
        last.what,
        "move_sl to 94000 (trail_lockin), only recorded (SHADOW)"
    );
}

#[test]
fn a_shadow_decision_is_no_cause_of_an_incumbents_intent() {
    let mut of_incumbent = intent(later(2));
    of_incumbent.module = Module::PositionMonitor;
    of_incumbent.plan_id = None;
    let heard = [
        open(NOW),
        decided(false, moved(later(1))),
        Heard::Asked(of_incumbent),
    ];
    let story = only(&hear_all(heard));
    assert_eq!(story.chapters[2].because, None);
    assert_eq!(story.chapters[2].module, "position_monitor");
}

#[test]
fn a_canceled_order_follows_from_the_wish_to_cancel_it() {
    let mut heard = whole();
    heard.truncate(6);
    heard.push(Heard::Asked(cancel(later(20))));
    heard.push(Heard::Event(news(OrderStatus::Canceled, later(30))));
    let story = only(&hear_all(heard));
    let last = story.chapters.last().unwrap();
    let cause = &story.chapters[last.because.unwrap() as usize - 1];
    assert_eq!(
        (last.code.as_str(), cause.kind.as_str()),
        ("canceled", "INTENT")
    );
    assert!(cause.what.starts_with("cancel sl: xe-"), "{}", cause.what);
}

#[test]
fn what_the_venue_says_to_a_rejected_order_is_its_reason() {
    let rejected = OrderEvent {
        code: Some(-2021),
        detail: "Order would immediately trigger.".into(),
        ..news(OrderStatus::Rejected, later(4))
    };
    let story = only(&hear_all([
        Heard::Event(news(OrderStatus::Submitting, later(3))),
        Heard::Event(rejected),
    ]));
    let codes: Vec<&str> = story.chapters.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["APPROVED", "submitting", "rejected"]);
    let reason = &story.chapters[2].reason;
    assert_eq!(reason, "-2021: Order would immediately trigger.");
    assert_eq!(story.state, "UNKNOWN", "no picture was heard");
}

#[test]
fn the_same_said_again_only_counts() {
    let mut heard = Vec::new();
    for second in 0..60 {
        let at = later(second * 1_000);
        heard.push(open(at));
        heard.push(Heard::Plan(plan(0xabc, 5, NOW)));
        heard.push(decided(true, decision(Action::NoChange, at)));
        heard.push(Heard::Event(news(OrderStatus::Accepted, at)));
    }
    let story = only(&hear_all(heard));
    assert_eq!(story.chapters.len(), 4, "{story:#?}");
    let no_change = story.chapters.iter().find(|it| it.kind == "DECISION");
    let no_change = no_change.unwrap();
    assert_eq!(no_change.times, 60);
    assert_eq!(no_change.last_at, "2025-12-10T22:15:54.000Z");
}

#[test]
fn an_incumbent_that_is_blocked_again_and_again_is_one_chapter() {
    let mut heard = vec![open(NOW)];
    for attempt in 0..300 {
        let mut unheard = intent(NOW);
        unheard.module = Module::PositionMonitor;
        unheard.id = IntentId::from_wire(&format!("pm-{attempt}"));
        heard.push(denial(&unheard, "LEGACY_BLOCKED", later(attempt)));
    }
    let story = only(&hear_all(heard));
    assert_eq!(story.chapters.len(), 2, "{story:#?}");
    assert_eq!(story.chapters[1].times, 300);
    assert_eq!(story.chapters[1].module, "gateway-guard");
}

#[test]
fn what_changed_at_the_venue_is_told_by_name() {
    let holding =
        |open: &str, at| Heard::Position(snapshot(position("BTCUSDT", open, NOW), Vec::new(), at));
    let story = only(&hear_all([
        holding("1", later(0)),
        holding("1.5", later(1)),
        holding("0.5", later(2)),
        targets::flat(later(3)),
    ]));
    let codes: Vec<&str> = story.chapters.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["OPENED", "ADDED", "REDUCED", "CLOSED"]);
    assert_eq!(story.chapters[2].reason, "it was 1.5");
}

#[test]
fn memory_of_a_life_is_bounded_and_the_story_says_what_is_missing() {
    let max = i64::try_from(CHAPTERS_MAX).unwrap();
    let mut heard = vec![open(NOW)];
    for number in 0..=max {
        let mut decision = moved(later(number));
        decision.action = Action::MoveStop {
            price: price(&format!("9{number:04}")),
            reason: StopReason::Trailing,
        };
        heard.push(decided(true, decision));
    }
    let story = only(&hear_all(heard));
    assert_eq!(story.chapters.len(), CHAPTERS_MAX);
    assert_eq!(story.dropped_chapters, 2);
    assert_eq!(story.chapters[0].at, "2025-12-10T22:14:55.001Z");
    assert_eq!(story.state, "OPEN", "known though its chapter is gone");
}

#[test]
fn lives_that_have_ended_are_dropped_before_those_that_are_open() {
    let mut actor = actor();
    hear(&mut actor, NOW, open(NOW));
    for number in 0..LIVES_MAX {
        let mut plan = plan(1, 7, later(1));
        plan.key.symbol = Symbol::new(&format!("C{number}USDT")).unwrap();
        let at = later(1 + i64::try_from(number).unwrap());
        hear(&mut actor, at, Heard::Plan(plan));
    }
    assert_eq!(told(&actor, &asked("BTCUSDT")).stories.len(), 1);
    let none = told(&actor, &asked("C0USDT"));
    assert_eq!((none.stories.len(), none.dropped_lives), (0, 1));
    assert_eq!(told(&actor, &asked("C1USDT")).stories.len(), 1);
}

#[test]
fn the_newest_life_is_told_unless_another_one_is_asked_for() {
    let mut second = plan(2, 6, later(9));
    second.reason = "the next life".into();
    let actor = hear_all([Heard::Plan(plan(1, 5, NOW)), Heard::Plan(second)]);
    let story = only(&actor);
    assert_eq!(
        (story.epoch, story.other_epochs.as_slice()),
        (6, [5].as_slice())
    );
    let first = StoryRequest {
        epoch: Some(5),
        ..asked("BTCUSDT")
    };
    assert_eq!(told(&actor, &first).stories[0].epoch, 5);
    let other = StoryRequest {
        side: Some("SHORT".into()),
        ..asked("BTCUSDT")
    };
    assert!(told(&actor, &other).stories.is_empty());
}

#[test]
fn a_picture_that_is_not_proven_flat_closes_nothing() {
    let unproven = snapshot(position("BTCUSDT", "0", NOW), Vec::new(), later(1));
    let mut actor = hear_all([open(NOW), Heard::Position(unproven)]);
    assert_eq!(only(&actor).state, "OPEN");
    hear(&mut actor, later(2), targets::flat(later(2)));
    assert_eq!(only(&actor).state, "CLOSED");
    // What was over before anything was heard has no story.
    let late = hear_all([targets::flat(NOW)]);
    assert!(told(&late, &asked("BTCUSDT")).stories.is_empty());
}

#[test]
fn every_order_that_can_be_asked_for_is_told_in_words() {
    let size = || qty("0.5");
    let orders = [
        (CloseOrder::Market { qty: size() }, "MARKET 0.5"),
        (
            CloseOrder::Limit {
                qty: size(),
                price: price("96000"),
            },
            "LIMIT 0.5 at 96000",
        ),
        (
            CloseOrder::DisasterStop {
                trigger: price("90000"),
            },
            "STOP_MARKET of all at 90000",
        ),
    ];
    for (wished, words) in orders {
        let client_order_id = order(LegId::Exit, wished).client_order_id;
        let mut intent = intent(NOW);
        intent.id = IntentId::place(&client_order_id);
        intent.wish = Wish::Place {
            client_order_id,
            order: wished,
        };
        let story = only(&hear_all([Heard::Asked(intent)]));
        assert_eq!(story.chapters[0].what, format!("place sl: {words}"));
    }
}
