//! Each check can fail: what is said wrong, or too late, is a breach.

use bus::Heard;
use domain::decision::Decision;
use domain::mode::{Kill, Mode};
use domain::order::OrderStatus;
use domain::snapshot::{Heartbeat, PositionSnapshot};
use domain::{Epoch, PositionKey, Qty, Side, Span};

use super::gone::{Gone, One};
use super::{Verdict, truth};
use crate::world::{Seat, Service, World};

const BTC: &str = "BTCUSDT";

/// A world in LIVE with a protected long, and what has been said in it.
fn with_long() -> World {
    let mut world = World::live(1);
    world.record();
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(Span::from_secs(3));
    assert!(world.all_covered());
    world
}

fn key() -> PositionKey {
    truth::key(BTC, Side::Long)
}

fn picture(world: &World) -> PositionSnapshot {
    let picture = world.picture(&key()).expect("it is open");
    picture.clone()
}

fn say(world: &mut World, from: Service, said: &Heard) -> Verdict {
    let times = (world.now, world.now);
    let from = Seat::from(from);
    world.watch.on_said(times, from, said, &world.venue)
}

fn says_beat(world: &mut World, from: Service, change: impl Fn(&mut Heartbeat)) -> Verdict {
    let mut beat = world.heartbeat(from).expect("it beats").clone();
    change(&mut beat);
    say(world, from, &Heard::Health(beat))
}

fn name_of(broken: Verdict) -> &'static str {
    broken.expect_err("a breach").name
}

#[test]
fn a_beat_in_more_than_the_own_mode_breaks_i7() {
    let mut world = World::shadow(1);
    world.run_for(Span::from_secs(2));
    for service in [Service::Executor, Service::Guard, Service::Gateway] {
        assert!(says_beat(&mut world, service, |_| {}).is_ok());
        let more = says_beat(&mut world, service, |it| it.mode = Mode::Live);
        assert_eq!(name_of(more), "I7_one_mode", "{service}");
    }
}

#[test]
fn a_beat_in_more_than_it_was_demoted_to_breaks_i7() {
    let mut world = World::live(1);
    world.run_for(Span::from_secs(2));
    assert!(says_beat(&mut world, Service::Executor, |_| {}).is_ok());
    let (at, by) = (world.now, "operator".into());
    let kill = Heard::Kill(Kill {
        to: Mode::Shadow,
        by,
        at,
    });
    world
        .watch
        .on_heard(at, Service::Executor.into(), &Ok(kill));
    let more = says_beat(&mut world, Service::Executor, |_| {});
    assert_eq!(name_of(more), "I7_one_mode");
}

#[test]
fn a_guard_that_said_more_than_it_resolves_breaks_i7() {
    let mut world = World::live(1);
    world.run_for(Span::from_secs(2));
    assert!(says_beat(&mut world, Service::Guard, |_| {}).is_ok());
    let less = says_beat(&mut world, Service::Guard, |it| it.mode = Mode::Shadow);
    assert_eq!(name_of(less), "I7_one_mode");
}

#[test]
fn flat_for_sure_under_another_name_than_the_venues_breaks_i9() {
    let mut world = with_long();
    let mut flat = picture(&world);
    let epoch = flat.position.epoch.0;
    (flat.position.qty, flat.flat_proven) = (Qty::ZERO, true);
    for (told, is_breach) in [(epoch, true), (epoch + 1, true), (epoch - 1, false)] {
        flat.position.epoch = Epoch(told);
        let verdict = say(&mut world, Service::Gateway, &Heard::Position(flat.clone()));
        assert_eq!(verdict.is_err(), is_breach, "{told} for {epoch}");
    }
}

#[test]
fn a_decision_for_a_former_life_breaks_i15() {
    let mut world = with_long();
    let decision = planned(&world);
    let said = Heard::Decision {
        live: true,
        decision,
    };
    assert!(say(&mut world, Service::Executor, &said).is_ok());
    let watch = &mut world.watch;
    for epoch in watch
        .lives
        .values_mut()
        .chain(watch.last_lives.values_mut())
    {
        *epoch = Epoch(epoch.0 + 1);
    }
    let broken = say(&mut world, Service::Executor, &said);
    assert_eq!(name_of(broken), "I15_plan_in_force");
}

/// A decision by a plan, as it was said.
fn planned(world: &World) -> Decision {
    let said = world.recorded().iter().map(bus::decode);
    let mut decisions = said.filter_map(|it| match it {
        Ok(Heard::Decision { decision, .. }) => Some(decision),
        _ => None,
    });
    decisions.find(|it| it.plan_id.is_some()).expect("a plan")
}

#[test]
fn a_gateway_that_counts_what_it_did_not_send_breaks_i16() {
    let mut world = with_long();
    assert!(says_beat(&mut world, Service::Gateway, |_| {}).is_ok());
    let one_more = says_beat(&mut world, Service::Gateway, |it| {
        let metrics = &mut it.metrics;
        let counters = [&mut metrics.sent_by_module, &mut metrics.sent_by_kind];
        for counter in counters {
            *counter.values_mut().next().expect("it has sent") += 1;
        }
    });
    assert_eq!(name_of(one_more), "I16_counters_add_up");
}

#[test]
fn a_stop_that_has_gone_counts_until_the_gateway_has_told() {
    let world = with_long();
    let mut picture = picture(&world);
    let stop = picture
        .orders
        .iter()
        .find(|it| it.order.stop_trigger().is_some() && it.open_qty().is_some());
    let stop = stop.expect("a working stop").clone();
    let (trigger, qty) = (stop.order.stop_trigger(), picture.position.qty);
    for by_hand in [true, false] {
        let mut gone = Gone::default();
        let id = stop.client_order_id.to_string();
        gone.note(key(), One { id, qty, trigger }, by_hand, 1_000);
        gone.told(&picture, 1_100);
        assert_eq!(gone.cover(&key(), 1_900), qty, "still shown");
        assert_eq!(gone.tightest(&key(), Side::Long, 1_900), trigger);
        let mut fired = picture.clone();
        for order in &mut fired.orders {
            order.status = OrderStatus::Triggering;
        }
        gone.told(&fired, 1_900);
        assert_eq!(gone.cover(&key(), 1_915), qty, "a cancel may be on its way");
        assert_eq!(gone.cover(&key(), 1_916), Qty::ZERO);
        assert_eq!(gone.tightest(&key(), Side::Long, 1_916), None);
    }
    picture.orders.clear();
    let mut gone = Gone::default();
    let id = stop.client_order_id.to_string();
    gone.note(key(), One { id, qty, trigger }, true, 1_000);
    assert_eq!(gone.cover(&key(), 12_999), qty, "its event was lost");
    gone.told(&picture, 1_030);
    assert_eq!(gone.cover(&key(), 1_046), Qty::ZERO);
}
