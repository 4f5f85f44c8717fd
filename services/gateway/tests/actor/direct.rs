//! The kill by the gateway's own port.

use binance::{HttpResult, Method};
use domain::Side;
use domain::mode::{Kill, Mode};
use domain::order::OrderStatus;
use gateway::actor::Lowered;
use gateway::{GatewayEffect, VenueCall, VenueInput};
use runtime::Actor;

use crate::limits::third_target_waits;
use crate::second_look::{replaced, stays, waits};
use crate::world::{World, live_flags};

fn kill(world: &mut World, to: Mode) -> Lowered {
    let kill = Kill {
        to,
        by: "ada".into(),
        at: world.now(),
    };
    let mut out = Vec::new();
    let lowered = world.gateway.kill(world.now(), &kill, &mut out);
    world.carry_out(out);
    lowered
}

#[test]
fn it_goes_down_at_once_tells_so_and_stays_down_until_a_start() {
    let mut world = World::with_long();
    let before = world.snapshot(Side::Long);
    let lowered = kill(&mut world, Mode::Shadow);
    assert_eq!((lowered.before, lowered.after), (Mode::Live, Mode::Shadow));
    assert!(lowered.acts);
    assert_eq!(
        world.heartbeat().mode,
        Mode::Shadow,
        "without waiting for a beat"
    );
    // The guard has not heard of it, and says LIVE on.
    world.run(2_000);
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 0);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
    assert_eq!(
        world.snapshot(Side::Long).orders,
        before.orders,
        "nothing is canceled"
    );
    world.restart(live_flags());
    world.disaster(Side::Long, "58000");
    assert_eq!(world.orders_sent(), 1);
}

#[test]
fn a_second_one_only_goes_further_down() {
    let mut world = World::with_long();
    kill(&mut world, Mode::Legacy);
    let again = kill(&mut world, Mode::Shadow);
    assert_eq!((again.before, again.after), (Mode::Legacy, Mode::Legacy));
    assert_eq!(world.counter("kills_direct"), 2);
}

#[test]
fn an_order_of_the_executor_that_waits_is_given_up_and_what_rests_stays() {
    let (mut world, [first, second, third]) = third_target_waits();
    let lowered = kill(&mut world, Mode::Shadow);
    assert_eq!(lowered.withdrawn, 1);
    assert_eq!(world.statuses(&third), [OrderStatus::Rejected]);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
    world.run(15_000);
    for id in [&first, &second] {
        assert_eq!(world.statuses(id).last(), Some(&OrderStatus::Accepted));
    }
    assert_eq!(world.statuses(&third), [OrderStatus::Rejected], "nor later");
}

#[test]
fn a_cancel_of_the_executor_that_waits_is_given_up_and_what_rests_stays() {
    let (mut world, old) = waits();
    let lowered = kill(&mut world, Mode::Shadow);
    assert_eq!(lowered.withdrawn, 1);
    stays(world, &old);
}

#[test]
fn a_cancel_that_waits_for_the_venues_clock_is_given_up_too() {
    let (mut world, old, _) = replaced();
    let cancel = world.cancel_of(&old, 1);
    let approval = world.approval(&cancel);
    let heard = bus::decode(&world.seal(&approval)).unwrap();
    let (now, mut out) = (world.now(), Vec::new());
    world.gateway.hear(now, heard, &mut out);
    let is_cancel = |call: &VenueCall| call.request.method == Method::Delete;
    let calls = std::mem::take(&mut out).into_iter();
    let sent = calls.filter_map(|effect| match effect {
        GatewayEffect::Call(call) if is_cancel(&call) => Some(call.id),
        _ => None,
    });
    let sent: Vec<_> = sent.collect();
    let refused = VenueInput::Answer {
        call: sent[0],
        result: Ok(HttpResult {
            status: 400,
            body: r#"{"code":-1021,"msg":"outside of the recvWindow"}"#.into(),
            ..HttpResult::default()
        }),
    };
    world.gateway.venue(now, refused, &mut out);
    assert_eq!(kill(&mut world, Mode::Shadow).withdrawn, 1);
    world.carry_out(out);
    world.run(3_000);
    assert_eq!(world.calls_to(Method::Delete, "/fapi/v1/algoOrder"), 0);
    assert_eq!(world.denied()["MODE_NOT_LIVE"], 1);
}
