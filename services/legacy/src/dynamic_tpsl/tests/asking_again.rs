//! Which answers are bounded away, and when it asks a second time.

use super::*;
use inquiry::{ASK_AGAIN, DISTANCE_MIN};

/// When it gives the first question up, and when it looks again after the pause.
const GIVEN_UP: i64 = 1_250;

/// The planner's answer to question `id` with these distances.
fn distances(id: u64, target: &str, stop: &str) -> PlanReply {
    let mut reply = answer(id);
    let told = reply.answer.as_mut().unwrap();
    told.tp_percent = ratio(target);
    told.sl_percent = ratio(stop);
    reply
}

/// It has fallen back at the deadline, and the pause is over: the desk, one millisecond on.
fn asked_again(method: &mut DynamicTpsl) -> Desk {
    let desk = Desk::new(Mode::Shadow);
    desk.wish(method);
    let wishes = desk.at(GIVEN_UP).wish(method);
    assert_eq!(wishes.counts, ["fallback_total.deadline"]);
    let again = GIVEN_UP + ASK_AGAIN.millis();
    assert_eq!(desk.at(again - 1).wish(method).ask, None);
    let wishes = desk.at(again).wish(method);
    assert_eq!(wishes.ask.map(|question| question.id), Some(2));
    assert_eq!(
        levels(&wishes),
        own_levels(),
        "what it holds stays meanwhile"
    );
    desk.at(again + 1)
}

#[test]
fn an_answer_out_of_bounds_gives_way_to_its_own_maths() {
    let least = DISTANCE_MIN.get().to_string();
    for (target, stop, followed) in [
        ("0.5", "0.1", true),
        (least.as_str(), least.as_str(), true),
        ("0.5001", "0.1", false),
        ("0.5", "0.1001", false),
        ("0.0049", "0.1", false),
        ("0.5", "0.0049", false),
        ("0.95", "0.95", false),
        ("-0.03", "0.02", false),
    ] {
        let (mut method, desk) = (DynamicTpsl::default(), Desk::new(Mode::Shadow));
        desk.wish(&mut method);
        method.on_reply(&distances(1, target, stop), at(1_100));
        let wishes = desk.at(1_100).wish(&mut method);
        let counter = if followed {
            FROM_PLAN
        } else {
            "fallback_total.mismatch"
        };
        assert_eq!(wishes.counts, [counter], "{target} and {stop}");
        let own = levels(&wishes) == own_levels();
        assert_eq!(own, !followed, "{target} and {stop}");
    }
}

#[test]
fn an_answer_after_the_pause_may_only_tighten_the_stop() {
    for (stop, held) in [("0.02", "980"), ("0.04", "978.5")] {
        let mut method = DynamicTpsl::default();
        let desk = asked_again(&mut method);
        method.on_reply(&distances(2, "0.04", stop), desk.now);
        let wishes = desk.wish(&mut method);
        assert_eq!(wishes.counts, [FROM_PLAN]);
        assert_eq!(levels(&wishes), expected(held, "1040", "1"));
        let later = desk.at(600_000).wish(&mut method);
        assert_eq!(later.ask, None, "one answer is enough");
    }
}

#[test]
fn it_asks_again_until_there_is_an_answer_and_a_refusal_is_one() {
    let mut method = DynamicTpsl::default();
    let desk = asked_again(&mut method);
    let wishes = desk.at(40_000).wish(&mut method);
    assert_eq!(wishes.counts, ["fallback_total.deadline"]);
    assert_eq!(levels(&wishes), own_levels());
    let desk = desk.at(40_000 + ASK_AGAIN.millis());
    assert_eq!(desk.wish(&mut method).ask.map(|it| it.id), Some(3));
    let refusal = PlanReply {
        answer: Err("no plan".into()),
        ..answer(3)
    };
    method.on_reply(&refusal, desk.now);
    assert_eq!(desk.wish(&mut method).counts, ["fallback_total.refused"]);
    assert_eq!(desk.at(600_000).wish(&mut method).ask, None);
}

#[test]
fn with_the_brain_off_it_does_not_ask_again() {
    let mut method = DynamicTpsl::default();
    let desk = Desk::new(Mode::Shadow);
    desk.wish(&mut method);
    desk.at(GIVEN_UP).wish(&mut method);
    let off = Desk {
        mode: Mode::Legacy,
        ..desk.at(600_000)
    };
    let wishes = off.wish(&mut method);
    assert_eq!((wishes.ask, method.due_at()), (None, None));
}
