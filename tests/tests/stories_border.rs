//! Stories of bad input and of silence: refused, counted, and nothing changes.
#![allow(clippy::unwrap_used, reason = "a test may")]

use bus::{Identity, Message, subjects};
use domain::ids::{ClientOrderId, Module, OrderCause};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::mode::Mode;
use domain::order::{CloseOrder, OrderKind};
use domain::{Epoch, LegId, PositionKey, Price, Qty, Ratio, Side, Span};
use rust_decimal::Decimal;
use tests::world::truth::key;
use tests::world::{Service, World};

const BTC: &str = "BTCUSDT";

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn with_long(seed: u64) -> World {
    let mut world = World::live(seed);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("the ladder", secs(6), |it| it.ladder(BTC).len() == 2);
    world.run_for(secs(1));
    world
}

/// A wish to sell 0.4 at market, as `module` would write it.
fn wish(world: &World, module: Module, key: PositionKey, epoch: Epoch) -> OrderIntent {
    let cause = OrderCause {
        module: module.clone(),
        side: key.side,
        epoch,
        leg: LegId::Exit,
        generation: 77,
    };
    let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
    let qty = Qty::new(Decimal::new(4, 1)).unwrap();
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key,
        epoch,
        module,
        kind: OrderKind::OtherExit,
        wish: Wish::Place {
            client_order_id,
            order: CloseOrder::Market { qty },
        },
        decision: "full_exit_now".into(),
        stop_reason: None,
        reason: "a test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 1_000,
        fence: u64::try_from(world.now().micros()).unwrap(),
        created_at: world.now(),
        expires_at: world.now() + secs(2),
        tick_received_at: None,
    }
}

#[test]
fn a_malformed_message_is_refused_counted_and_changes_nothing() {
    let mut world = with_long(1);
    let before = (
        world.resting(BTC),
        world.venue_orders(&Module::ExitExecutor),
    );
    let long = key(BTC, Side::Long);
    let subjects = [
        subjects::plan(&long).to_string(),
        subjects::position(&long).to_string(),
        subjects::intent(&Module::ExitExecutor, &long).to_string(),
        subjects::approved(&long).to_string(),
        subjects::risk().to_string(),
        subjects::kill().to_string(),
        subjects::mode().to_string(),
    ];
    for subject in subjects {
        let payload = b"\xff\xff\xff\xff not a message".to_vec();
        world.say(Message::new(subject, payload));
    }
    world.run_for(secs(5));
    for service in [
        Service::Executor,
        Service::Guard,
        Service::Gateway,
        Service::Planner,
    ] {
        assert!(world.refused(service) > 0, "{service}");
    }
    let after = (
        world.resting(BTC),
        world.venue_orders(&Module::ExitExecutor),
    );
    assert_eq!(before, after);
    assert!(!world.status().refused_messages.is_empty());
}

#[test]
fn a_payload_that_speaks_for_another_module_is_refused() {
    let mut world = with_long(2);
    let long = key(BTC, Side::Long);
    let epoch = world.position(BTC).unwrap().epoch;
    let intent = wish(&world, Module::ExitExecutor, long.clone(), epoch);
    let honest = subjects::intent(&Module::ExitExecutor, &long).message(&intent);
    // The incumbent's own subject, the executor's name inside.
    let subject = subjects::intent(&Module::PositionMonitor, &long).to_string();
    let forged = Message {
        subject,
        ..honest.clone()
    };
    world.say_as(Identity::PositionMonitor, forged);
    world.run_for(secs(2));
    assert_eq!(world.refused(Service::Guard), 1);
    // The executor's subject: the server does not even let it through.
    world.say_as(Identity::PositionMonitor, honest);
    assert_eq!(world.violations(), 1);
    world.run_for(secs(2));
    assert_eq!(world.position(BTC).unwrap().qty.to_string(), "0.4");
}

#[test]
fn nobody_but_the_guard_can_approve() {
    let mut world = with_long(3);
    let long = key(BTC, Side::Long);
    let epoch = world.position(BTC).unwrap().epoch;
    let approval = domain::intent::Approval {
        intent: wish(&world, Module::ExitExecutor, long, epoch),
        guard_boot: u64::MAX,
        sequence: 1,
        approved_at: world.now(),
        expires_at: world.now() + secs(2),
        gateway: None,
    };
    let thief = nkeys::KeyPair::new_user();
    let forged = bus::approval::seal(&approval, &thief).unwrap();
    world.say_as(Identity::Executor, forged.clone());
    assert_eq!(world.violations(), 1);
    world.say(forged);
    world.run_for(secs(2));
    assert_eq!(world.position(BTC).unwrap().qty.to_string(), "0.4");
    let denied = world.metrics(Service::Gateway).denied_by_code;
    assert_eq!(denied["APPROVAL_SIGNATURE"], 1);
}

#[test]
fn a_plan_for_a_life_that_is_over_is_refused() {
    let mut world = with_long(4);
    let long = key(BTC, Side::Long);
    let mut plan = world.plan(&long).unwrap().clone();
    let before = world.resting(BTC);
    plan.epoch = Epoch(plan.epoch.0 - 1);
    for leg in &mut plan.legs {
        leg.trigger_price = Some(Price::new(Decimal::from(49_900)).unwrap());
    }
    world.say_as(Identity::Planner, subjects::plan(&long).message(&plan));
    world.run_for(secs(3));
    assert_eq!(world.resting(BTC), before);
    assert_eq!(world.counter(Service::Executor, "refused.plan.epoch"), 1);
}

#[test]
fn a_wish_about_an_unknown_position_is_denied() {
    let mut world = with_long(5);
    let nowhere = key("DOGEUSDT", Side::Long);
    let intent = wish(&world, Module::ExitExecutor, nowhere.clone(), Epoch(7));
    let orders = world.stats().total_orders;
    let message = subjects::intent(&Module::ExitExecutor, &nowhere).message(&intent);
    world.say_as(Identity::Executor, message);
    world.run_for(secs(2));
    assert_eq!(world.denials()["POSITION_UNKNOWN"], 1);
    assert_eq!(world.stats().total_orders, orders);
}

#[test]
fn a_former_executor_is_fenced_off() {
    let mut world = with_long(6);
    let long = key(BTC, Side::Long);
    let epoch = world.position(BTC).unwrap().epoch;
    let mut intent = wish(&world, Module::ExitExecutor, long.clone(), epoch);
    intent.fence = 5;
    let message = subjects::intent(&Module::ExitExecutor, &long).message(&intent);
    world.say_as(Identity::Executor, message);
    world.run_for(secs(1));
    assert_eq!(world.denials()["OWNER_FENCED"], 1);
    assert_eq!(world.position(BTC).unwrap().qty.to_string(), "0.4");
}

#[test]
fn in_shadow_the_server_drops_what_the_executor_would_send() {
    let mut world = World::shadow(7);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
    let long = key(BTC, Side::Long);
    let epoch = world.position(BTC).unwrap().epoch;
    let intent = wish(&world, Module::ExitExecutor, long.clone(), epoch);
    let message = subjects::intent(&Module::ExitExecutor, &long).message(&intent);
    world.say_as(Identity::Executor, message.clone());
    assert_eq!(world.violations(), 1);
    // A second wall, should the first one fall.
    world.say(message);
    world.run_for(secs(2));
    assert_eq!(world.position(BTC).unwrap().qty.to_string(), "0.4");
    assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
}

#[test]
fn nobody_can_promote_to_live_over_the_bus() {
    let mut world = World::shadow(8);
    let mode = domain::mode::ModeSnapshot {
        revision: u64::MAX,
        mode: Mode::Live,
        reason: "a test".into(),
        at: world.now(),
    };
    world.say(subjects::mode().message(&mode));
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(5));
    assert!(world.venue_orders(&Module::ExitExecutor).is_empty());
    assert!(world.all_covered());
}

#[test]
fn without_a_planner_from_the_start_a_position_is_protected() {
    let mut world = World::live(9);
    world.crash(Service::Planner);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("both stops", secs(1), |it| {
        it.working_stops(BTC).len() == 1 && it.disaster_stops(BTC).len() == 1
    });
    world.run_for(secs(5));
    assert!(world.ladder(BTC).is_empty());
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn without_a_market_stops_rest_and_no_stale_price_decides() {
    let mut world = with_long(10);
    world.crash(Service::Market);
    world.run_for(secs(7));
    let before = world.resting(BTC);
    let decided = world.decisions("move_sl") + world.decisions("full_exit_now");
    for price in ["50300", "50600", "50700"] {
        world.price(BTC, price);
        world.run_for(secs(3));
        assert_eq!(world.resting(BTC), before);
    }
    assert_eq!(
        world.decisions("move_sl") + world.decisions("full_exit_now"),
        decided
    );
    world.price(BTC, "48700");
    world.run_until("the venue needs nobody alive", secs(3), |it| {
        it.position(BTC).is_none() && it.resting(BTC).is_empty()
    });
    world.restart(Service::Market);
    world.run_for(secs(2));
}

#[test]
fn without_a_market_from_the_start_a_position_is_protected() {
    let mut world = World::live(11);
    world.crash(Service::Market);
    world.run_for(secs(8));
    world.human_open(BTC, Side::Short, "0.4");
    world.run_until("both stops", secs(1), |it| {
        it.working_stops(BTC).len() == 1 && it.disaster_stops(BTC).len() == 1
    });
}

#[test]
fn a_hint_shapes_the_plan_and_its_absence_costs_no_protection() {
    let mut world = World::live(12);
    world.hint(BTC, 600, 200, 100, 9_000);
    world.run_for(secs(1));
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("the hinted ladder", secs(6), |it| it.ladder(BTC).len() == 2);
    world.run_for(secs(1));
    assert_eq!(world.ladder(BTC)[0].1, "51500.1");
    assert_eq!(world.working_stops(BTC)[0].0, "49000.1");
    assert_eq!(world.naked_ms(), 0);
}
