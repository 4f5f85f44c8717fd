//! A stop is taken away only after one more look: at what is known, and without a user stream at
//! the venue.

use binance::Method;
use binance::stream::StreamItem;
use domain::intent::OrderIntent;
use domain::mode::Mode;
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Module, Side};
use paper_exchange::faults::{FaultPlan, Often, RequestAction, RequestFault};
use paper_exchange::venue::{self, OrderRef};
use runtime::pulse::EXECUTOR_CANCELED_AT;

use super::world::{World, price, qty};

fn stop(world: &mut World, generation: u32, trigger: &str) -> OrderIntent {
    let (qty, trigger) = (qty("0.5"), price(trigger));
    let order = CloseOrder::Stop { qty, trigger };
    let stop = world.intent(Side::Long, LegId::Stop, generation, order);
    world.approve(&stop);
    world.run(100);
    stop
}

fn disaster(world: &mut World) -> OrderIntent {
    let trigger = price("50000");
    let order = CloseOrder::DisasterStop { trigger };
    let stop = world.intent(Side::Long, LegId::Disaster, 1, order);
    world.approve(&stop);
    world.run(100);
    stop
}

/// Two stops of a long, the tighter one meant to replace the looser.
pub fn replaced() -> (World, OrderIntent, OrderIntent) {
    let mut world = World::with_long();
    let old = stop(&mut world, 1, "58000");
    let new = stop(&mut world, 2, "58500");
    (world, old, new)
}

/// The same, and no stream any more.
fn blind() -> (World, OrderIntent, OrderIntent) {
    let (mut world, old, new) = replaced();
    world.break_stream();
    world.deaf = true;
    world.run(1_200);
    (world, old, new)
}

fn cancels_sent(world: &World) -> usize {
    world.calls_to(Method::Delete, "/fapi/v1/algoOrder")
}

#[test]
fn what_is_covered_by_the_rest_is_taken_away_after_a_read() {
    let (mut world, old, _) = blind();
    let before = world.calls_to(Method::Get, "/fapi/v1/openAlgoOrders");
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    assert_eq!(cancels_sent(&world), 0, "not by what was known before");
    world.run(1_500);
    assert!(world.calls_to(Method::Get, "/fapi/v1/openAlgoOrders") > before);
    assert_eq!(cancels_sent(&world), 1);
    assert_eq!(world.venue.open_algos().count(), 1);
}

#[test]
fn a_stop_stays_whose_replacement_is_gone_unseen() {
    let (mut world, old, new) = blind();
    let gone = OrderRef::Client(new.client_order_id().as_str());
    world.venue.cancel_algo(gone, world.now_ms).unwrap();
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    world.run(3_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.denied()["PROTECTION_LAST"], 1);
    assert_eq!(world.venue.open_algos().count(), 1);
}

#[test]
fn a_stream_that_is_back_does_not_tell_what_was_missed() {
    let (mut world, old, new) = blind();
    let gone = OrderRef::Client(new.client_order_id().as_str());
    world.venue.cancel_algo(gone, world.now_ms).unwrap();
    world.run(100);
    world.deaf = false;
    world.stream(StreamItem::Connected);
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    world.run(3_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.venue.open_algos().count(), 1);
}

#[test]
fn a_stop_stays_where_the_position_has_grown_unseen() {
    let (mut world, old, _) = blind();
    world.trade("bot-2", venue::Side::Buy, "0.2");
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    world.run(3_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.denied()["PROTECTION_LAST"], 1);
}

#[test]
fn the_last_stop_stays_whoever_has_approved_its_cancel() {
    let mut world = World::with_long();
    let only = stop(&mut world, 1, "58000");
    let cancel = world.cancel_of(&only, 1);
    world.approve(&cancel);
    world.run(1_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.denied()["PROTECTION_LAST"], 1);
}

#[test]
fn a_disaster_stop_far_away_does_not_stand_for_the_working_one() {
    let mut world = World::with_long();
    world.disaster(Side::Long, "50000");
    let working = stop(&mut world, 1, "58000");
    let cancel = world.cancel_of(&working, 1);
    world.approve(&cancel);
    world.run(1_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.denied()["PROTECTION_LAST"], 1);
}

#[test]
fn a_stop_stays_whose_replacement_has_fired_since_it_was_approved() {
    let (mut world, old, new) = replaced();
    let id = new.client_order_id().as_str();
    let number = world.venue.open_algos().find(|it| it.client_id == id);
    let number = number.unwrap().id;
    world.venue.mark_stuck(number);
    let cancel = world.cancel_of(&old, 1);
    let approval = world.approval(&cancel);
    world.mark("58400");
    world.run(100);
    let sealed = world.seal(&approval);
    world.hand(&sealed);
    world.run(1_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.denied()["PROTECTION_LAST"], 1);
}

#[test]
fn a_disaster_stop_stays_where_the_working_one_has_fired_unheard() {
    let mut world = World::with_long();
    let disaster = disaster(&mut world);
    let working = stop(&mut world, 1, "58000");
    let id = working.client_order_id().as_str();
    let number = world.venue.open_algos().find(|it| it.client_id == id);
    let number = number.unwrap().id;
    world.venue.mark_stuck(number);
    world.deaf = true; // the stream lives, and this one event of it is lost
    world.mark("57900");
    world.run(100);
    world.deaf = false;
    let cancel = world.cancel_of(&disaster, 1);
    world.approve(&cancel);
    world.run(1_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.denied()["PROTECTION_LAST"], 1);
}

#[test]
fn a_disaster_stop_goes_after_a_read_that_shows_the_rest() {
    let mut world = World::with_long();
    let disaster = disaster(&mut world);
    stop(&mut world, 1, "58000");
    let before = world.calls_to(Method::Get, "/fapi/v1/openAlgoOrders");
    let cancel = world.cancel_of(&disaster, 1);
    world.approve(&cancel);
    world.run(1_000);
    assert!(world.calls_to(Method::Get, "/fapi/v1/openAlgoOrders") > before);
    assert_eq!(cancels_sent(&world), 1);
}

/// The venue refuses to tell the positions.
fn refuse_positions(world: &mut World) {
    let refused = RequestFault {
        method: Some("GET".into()),
        path: Some("/fapi/v3/positionRisk".into()),
        contains: None,
        often: Often::default(),
        action: RequestAction::RefuseWith {
            code: -1000,
            message: "unknown".into(),
        },
    };
    world.follow(FaultPlan {
        requests: vec![refused],
        ..FaultPlan::default()
    });
}

#[test]
fn a_stop_stays_that_is_the_tightest_when_its_cancel_leaves() {
    let mut world = World::with_long();
    stop(&mut world, 1, "57000");
    let old = stop(&mut world, 2, "58000");
    let new = stop(&mut world, 3, "58500");
    let cancel = world.cancel_of(&old, 1);
    let approval = world.approval(&cancel);
    // What replaced it goes while the approval is on its way; the rest covers all.
    let gone = OrderRef::Client(new.client_order_id().as_str());
    world.venue.cancel_algo(gone, world.now_ms).unwrap();
    world.run(100);
    let sealed = world.seal(&approval);
    world.hand(&sealed);
    world.run(3_000);
    assert_eq!(cancels_sent(&world), 0, "57000 would be left");
    let denied = world.denied();
    assert_eq!(denied.get("STOP_LOOSENED"), Some(&1), "{denied:?}");
    assert_eq!(world.venue.open_algos().count(), 2);
}

#[test]
fn a_stop_stays_while_the_positions_cannot_be_read() {
    let (mut world, old, _) = replaced();
    refuse_positions(&mut world);
    world.deaf = true;
    world.trade("bot-2", venue::Side::Buy, "0.2");
    world.run(2_000);
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    world.run(500);
    assert_eq!(cancels_sent(&world), 0, "by positions of two seconds ago");
    world.follow(FaultPlan::default());
    world.run(4_000);
    assert_eq!(cancels_sent(&world), 0);
}

/// The cancel of the first of two stops waits for a read that the venue refuses for now.
pub fn waits() -> (World, OrderIntent) {
    let (mut world, old, _) = blind();
    refuse_positions(&mut world);
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    world.run(200);
    assert_eq!(cancels_sent(&world), 0, "it waits for a read");
    (world, old)
}

/// When the executor's last cancel left, as the heartbeat tells it.
fn canceled_at(world: &World) -> Option<u64> {
    let beat = world.heartbeat();
    beat.counters.get(EXECUTOR_CANCELED_AT).copied()
}

/// The venue can be read again; what it would have allowed to take away rests still.
pub fn stays(mut world: World, old: &OrderIntent) {
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1, "answered at once");
    let news = world.events(old.client_order_id());
    let last = news.last().expect("news of the stop");
    assert_eq!(last.status, OrderStatus::Accepted);
    assert!(last.detail.starts_with("MODE_NOT_LIVE"), "{}", last.detail);
    world.follow(FaultPlan::default());
    world.run(3_000);
    assert_eq!(cancels_sent(&world), 0);
    assert_eq!(world.venue.open_algos().count(), 2);
    assert_eq!(canceled_at(&world), None);
}

#[test]
fn a_cancel_that_waits_when_the_kill_comes_is_refused_and_the_stop_stays() {
    let (mut world, old) = waits();
    world.kill(Mode::Shadow);
    stays(world, &old);
}

#[test]
fn a_cancel_that_waits_when_the_guard_takes_live_away_is_refused() {
    let (mut world, old) = waits();
    world.mode = Some(Mode::Shadow);
    world.say_mode(2, Mode::Shadow);
    stays(world, &old);
}

#[test]
fn a_cancel_that_waits_when_the_guard_falls_silent_is_refused_at_its_turn() {
    let (mut world, old, _) = replaced();
    world.mode = None;
    world.run(4_800);
    world.unplugged = u32::MAX;
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    assert_eq!(cancels_sent(&world), 1, "the guard's word is still fresh");
    world.run(400);
    let tries = cancels_sent(&world);
    world.unplugged = 0;
    world.run(3_000);
    assert_eq!(cancels_sent(&world), tries);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
    assert_eq!(world.venue.open_algos().count(), 2);
}

#[test]
fn an_incumbent_cancels_what_the_executor_left_behind() {
    let (mut world, old) = waits();
    world.kill(Mode::Shadow);
    world.follow(FaultPlan::default());
    let cancel = OrderIntent {
        module: Module::PositionMonitor,
        ..world.cancel_of(&old, 2)
    };
    world.approve(&cancel);
    world.run(1_500);
    assert_eq!(cancels_sent(&world), 1);
    let sent = world.calls.iter().map(|(_, call)| &call.canceled_by);
    let by: Vec<_> = sent.flatten().collect();
    assert_eq!(by, [&Module::PositionMonitor]);
    assert_eq!(canceled_at(&world), None);
}

#[test]
fn when_the_executors_last_cancel_left_is_told() {
    let (mut world, old, _) = replaced();
    let cancel = world.cancel_of(&old, 1);
    world.approve(&cancel);
    let left = world.now().micros();
    world.run(1_500);
    assert_eq!(cancels_sent(&world), 1);
    assert_eq!(canceled_at(&world), u64::try_from(left).ok());
}
