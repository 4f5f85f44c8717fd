//! Which approvals are acted on, and which are refused and how that shows.

use domain::ids::ClientOrderId;
use domain::intent::{Approval, IntentId};
use domain::mode::{Flags, Mode};
use domain::order::{CloseOrder, OrderStatus};
use domain::{LegId, Side, Span};
use paper_exchange::venue::{self, NewOrder};

use crate::world::{BTC, World, dec, key, live_flags, price, qty};

fn disaster(world: &World, generation: u32) -> domain::intent::OrderIntent {
    let trigger = price("58000");
    let order = CloseOrder::DisasterStop { trigger };
    world.intent(Side::Long, LegId::Disaster, generation, order)
}

#[test]
fn an_approved_stop_is_sent_once_and_told_step_by_step() {
    let mut world = World::with_long();
    let stop = world.disaster(Side::Long, "58000");
    let events = world.events(&stop);
    let first = events[0];
    assert_eq!(first.status, OrderStatus::Submitting);
    assert_eq!(first.tick_to_order, Some(Span::from_micros(400)));
    assert_eq!(events[1].status, OrderStatus::Accepted);
    assert!(events[1].venue_order_id.is_some());
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.gateway.metrics().sent_by_module["exit_executor"], 1);
    assert_eq!(world.gateway.metrics().sent_by_kind["hard_sl"], 1);
    assert_eq!(world.snapshot(Side::Long).protected_qty(), qty("0.5"));
}

#[test]
fn a_forged_approval_is_refused() {
    let mut world = World::with_long();
    let intent = disaster(&world, 1);
    let approval = world.approval(&intent);
    let forged = bus::approval::seal(&approval, &nkeys::KeyPair::new_user()).unwrap();
    world.hand(&forged);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["APPROVAL_SIGNATURE"], 1);
}

#[test]
fn an_approval_on_a_foreign_subject_is_refused() {
    let mut world = World::with_long();
    let intent = disaster(&world, 1);
    let approval = world.approval(&intent);
    let mut message = world.seal(&approval);
    message.subject = format!("order.approved.{}", key(Side::Short));
    world.hand(&message);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["APPROVAL_SUBJECT"], 1);
}

#[test]
fn a_repeated_approval_is_acted_on_once() {
    let mut world = World::with_long();
    let intent = disaster(&world, 1);
    let approval = world.approval(&intent);
    let message = world.seal(&approval);
    world.hand(&message);
    world.hand(&message);
    // The guard says it again under a new number: still the same wish.
    world.approve(&intent);
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.denied()["INTENT_REPEATED"], 2);
    // Nobody is told that the stop was rejected: it rests.
    let statuses = world.statuses(intent.client_order_id());
    assert!(!statuses.contains(&OrderStatus::Rejected), "{statuses:?}");
}

#[test]
fn a_late_approval_is_refused() {
    let mut world = World::with_long();
    let intent = disaster(&world, 1);
    let approval = world.approval(&intent);
    let message = world.seal(&approval);
    world.run(2_500);
    world.hand(&message);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["APPROVAL_EXPIRED"], 1);
    let told = world.statuses(intent.client_order_id());
    assert_eq!(told, [OrderStatus::Rejected]);
}

#[test]
fn an_older_guard_is_refused_once_a_newer_one_was_heard() {
    let mut world = World::with_long();
    let intent = disaster(&world, 1);
    let mut newer = world.approval(&intent);
    newer.guard_boot += 1;
    let message = world.seal(&newer);
    world.hand(&message);
    assert_eq!(world.orders_sent(), 1);
    let other = disaster(&world, 2);
    world.approve(&other);
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.denied()["GUARD_FENCED"], 1);
}

#[test]
fn an_approval_from_before_the_start_is_left_to_the_predecessor() {
    let mut world = World::with_long();
    let intent = disaster(&world, 1);
    let approval = world.approval(&intent);
    let message = world.seal(&approval);
    world.run(100);
    world.restart(live_flags());
    world.hand(&message);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["APPROVAL_STALE"], 1);
}

#[test]
fn another_life_of_the_position_is_refused() {
    let mut world = World::with_long();
    let mut intent = disaster(&world, 1);
    intent.epoch.0 -= 1;
    world.approve(&intent);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["POSITION_EPOCH"], 1);
}

#[test]
fn a_name_that_tells_another_cause_is_refused() {
    let mut world = World::with_long();
    let mut intent = disaster(&world, 1);
    intent.module = domain::Module::Other("somebody".into());
    world.mode = None;
    world.say_mode(2, Mode::Shadow);
    world.approve(&intent);
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["ORDER_FOREIGN"], 1);
}

#[test]
fn no_executor_order_leaves_unless_the_guard_agrees_on_live() {
    let mut world = World::with_long();
    world.mode = None;
    world.say_mode(2, Mode::Shadow);
    let stop = world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
    assert_eq!(world.statuses(&stop), [OrderStatus::Rejected]);
    // LIVE again, but then silence: LIVE is unproven after five seconds.
    world.say_mode(3, Mode::Live);
    world.run(5_100);
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 2);
}

#[test]
fn no_executor_order_leaves_a_gateway_without_live_flags() {
    let mut world = World::with_long();
    world.restart(Flags::default());
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
}

#[test]
fn a_kill_is_sticky_until_the_next_start() {
    let mut world = World::with_long();
    world.kill(Mode::Shadow);
    world.run(1_000);
    world.say_mode(9, Mode::Live);
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
    assert_eq!(world.heartbeat().mode, Mode::Shadow);
    world.restart(live_flags());
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 1);
}

#[test]
fn an_incumbent_is_blocked_in_live_and_let_through_in_shadow() {
    let mut world = World::with_long();
    let mut intent = disaster(&world, 1);
    intent.module = domain::Module::PositionMonitor;
    let cause = domain::ids::OrderCause {
        module: domain::Module::PositionMonitor,
        side: Side::Long,
        epoch: intent.epoch,
        leg: LegId::Disaster,
        generation: 1,
    };
    let id = domain::ids::ClientOrderId::derive(&crate::world::btc(), &cause);
    intent.id = IntentId::place(&id);
    let trigger = price("58000");
    intent.wish = domain::intent::Wish::Place {
        client_order_id: id,
        order: CloseOrder::DisasterStop { trigger },
    };
    world.approve(&intent);
    assert_eq!(world.denied()["LEGACY_BLOCKED"], 1);
    world.mode = None;
    world.say_mode(2, Mode::Shadow);
    world.approve(&intent);
    assert_eq!(world.orders_sent(), 1);
    let sent = &world.gateway.metrics().sent_by_module;
    assert_eq!(sent["position_monitor"], 1);
}

#[test]
fn a_stopping_gateway_takes_no_approval_and_cancels_nothing() {
    let mut world = World::with_long();
    let stop = world.disaster(Side::Long, "58000");
    world.gateway.wind_down();
    world.exit(1, "0.5");
    world.run(500);
    assert_eq!(world.orders_sent(), 1);
    assert_eq!(world.denied()["GATEWAY_STOPPING"], 1);
    assert_eq!(world.venue.open_algos().count(), 1);
    assert_eq!(world.statuses(&stop).last(), Some(&OrderStatus::Accepted));
}

/// A stop, approved for the gateway with this token.
fn addressed(world: &mut World, generation: u32, gateway: u64) -> ClientOrderId {
    let order = CloseOrder::DisasterStop {
        trigger: price("58000"),
    };
    let intent = world.intent(Side::Long, LegId::Disaster, generation, order);
    let approval = world.approval(&intent);
    let sealed = world.seal(&Approval {
        gateway: Some(gateway),
        ..approval
    });
    world.hand(&sealed);
    intent.client_order_id().clone()
}

#[test]
fn of_two_gateways_the_one_that_the_approval_names_acts_on_it() {
    let mut world = World::with_long();
    let token = world.snapshot(Side::Long).fence.expect("it names itself");
    let older = addressed(&mut world, 1, token - 1);
    assert_eq!(world.statuses(&older), [OrderStatus::Rejected]);
    assert_eq!(world.denied()["APPROVAL_STALE"], 1);
    let newer = addressed(&mut world, 2, token + 1);
    assert!(
        world.statuses(&newer).is_empty(),
        "the other one tells of it"
    );
    assert_eq!(world.counter("approvals_not_ours"), 1);
    assert_eq!(world.orders_sent(), 0);
    let own = addressed(&mut world, 3, token);
    assert_eq!(world.statuses(&own).last(), Some(&OrderStatus::Accepted));
    assert_eq!(world.orders_sent(), 1);
}

#[test]
fn an_order_of_ours_that_it_has_not_sent_is_a_rivals_unless_it_is_its_predecessors() {
    let mut world = World::with_long();
    world.disaster(Side::Long, "58000");
    world.restart(live_flags());
    let target = |world: &mut World, leg: u8| {
        let order = CloseOrder::Limit {
            qty: qty("0.01"),
            price: price("66000"),
        };
        let intent = world.intent(Side::Long, LegId::TakeProfit(leg), 1, order);
        let name = intent.client_order_id().as_str().to_owned();
        let limit = NewOrder::limit(BTC, venue::Side::Sell, dec("0.01"), dec("66000"));
        let limit = limit.with_client_id(&name).reduce_only();
        world.venue.place_order(limit, world.now_ms).unwrap();
        world.run(100);
    };
    target(&mut world, 1);
    assert_eq!(world.counter("lease.rivals_seen"), 0, "one on its way");
    world.run(5_000);
    world.exit(1, "0.1");
    assert_eq!(world.counter("lease.rivals_seen"), 0, "its own");
    target(&mut world, 2);
    assert_eq!(world.counter("lease.rivals_seen"), 1);
}
