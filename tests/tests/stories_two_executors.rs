//! Stories of two executors, of which one acts on a position at a time, and of the store of leases.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::ids::Module;
use domain::mode::Mode;
use domain::{Side, Span};
use tests::world::{Executors, Service, World, WorldOptions, flags};

const BTC: &str = "BTCUSDT";
const ETH: &str = "ETHUSDT";
/// The lease time, a sixth more, and what it takes to act then.
const TAKEN_OVER: Span = Span::from_millis(3_900);

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn world(seed: u64, executors: Executors) -> World {
    World::new(WorldOptions {
        seed,
        executors,
        ..WorldOptions::default()
    })
}

/// Two executors and a long of which one of them is the owner.
fn owned_long(seed: u64) -> (World, Service, Service) {
    let mut world = world(seed, Executors::Two);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
    assert!(world.all_covered(), "{}", world.tail());
    assert_eq!(world.naked_ms(), 0);
    let owners: Vec<Service> = owners(&world);
    let [owner] = owners[..] else {
        panic!("one owner: {owners:?}");
    };
    let other = match owner {
        Service::Executor => Service::SecondExecutor,
        _ => Service::Executor,
    };
    (world, owner, other)
}

/// Who lives and says that it owns a position.
fn owners(world: &World) -> Vec<Service> {
    let executors = [Service::Executor, Service::SecondExecutor].into_iter();
    let says = |it: Service| world.heartbeat(it).is_some_and(|it| !it.owned.is_empty());
    let owns = |it: &Service| world.is_alive(*it) && says(*it);
    executors.filter(owns).collect()
}

/// Decisions that were said, of every type.
fn said(world: &World) -> u64 {
    let types = [
        "no_change",
        "partial_close",
        "move_sl",
        "update_tp_limits",
        "full_exit_now",
    ];
    types.into_iter().map(|it| world.decisions(it)).sum()
}

/// The price rises so far that the stop has to follow, and it does.
fn stop_follows(world: &mut World) {
    let before = world.working_stops(BTC);
    world.price(BTC, "51000");
    world.run_until("the stop to follow", secs(3), |it| {
        it.working_stops(BTC).len() == 1 && it.working_stops(BTC) != before
    });
}

#[test]
fn of_two_executors_one_asks_and_the_other_takes_over_when_it_dies() {
    let (mut world, owner, other) = owned_long(1);
    assert_eq!(world.working_stops(BTC).len(), 1);
    assert_eq!(world.disaster_stops(BTC).len(), 1);
    world.crash(owner);
    world.run_for(TAKEN_OVER);
    stop_follows(&mut world);
    world.run_for(secs(1));
    assert_eq!(owners(&world), [other]);
    assert_eq!(world.naked_ms(), 0);

    world.restart(owner);
    world.run_for(secs(5));
    world.price(BTC, "52000");
    world.run_for(secs(5));
    assert!(world.all_covered());
    assert!(
        world.heartbeat(owner).unwrap().owned.is_empty(),
        "it stands by"
    );
}

#[test]
fn an_owner_that_was_paused_asks_for_nothing_more() {
    let (mut world, owner, other) = owned_long(2);
    world.pause(owner);
    world.run_for(TAKEN_OVER);
    stop_follows(&mut world);
    let asked = world.counter(owner, "intents");
    world.resume(owner);
    world.price(BTC, "52500");
    world.run_for(secs(4));
    assert_eq!(world.counter(owner, "intents"), asked);
    assert!(world.heartbeat(owner).unwrap().owned.is_empty());
    assert_eq!(world.heartbeat(other).unwrap().owned.len(), 1);
    assert_eq!(world.working_stops(BTC).len(), 1);
    assert!(
        !world.denials().contains_key("OWNER_FENCED"),
        "it knew by itself"
    );
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_position_that_opens_while_one_is_paused_gets_its_stops_from_the_other_at_once() {
    for paused in [Service::Executor, Service::SecondExecutor] {
        let mut world = world(3, Executors::Two);
        world.pause(paused);
        world.human_open(BTC, Side::Short, "0.4");
        world.run_until("its stops", secs(1), World::all_covered);
        world.resume(paused);
        world.run_for(secs(3));
        assert_eq!(world.working_stops(BTC).len(), 1);
        assert_eq!(world.naked_ms(), 0);
    }
}

#[test]
fn one_executor_that_starts_again_goes_on_when_its_old_lease_has_run_out() {
    let mut world = world(4, Executors::Leased);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(secs(3));
    world.restart(Service::Executor);
    world.human_open(ETH, Side::Long, "2");
    world.run_until("a new position's stops", secs(1), World::all_covered);
    world.run_for(TAKEN_OVER);
    stop_follows(&mut world);
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn while_the_store_of_leases_is_lost_protection_stays_and_new_positions_get_their_stops() {
    let (mut world, owner, other) = owned_long(5);
    world.lose_leases();
    world.run_for(secs(3));
    assert_eq!(world.counter(owner, "lease.store_lost"), 1, "an alarm");
    stop_follows(&mut world);
    world.human_open(ETH, Side::Long, "2");
    world.run_until("a new position's stops", secs(2), World::all_covered);
    world.run_for(secs(5));
    assert_eq!(world.working_stops(ETH).len(), 1);
    assert_eq!(world.disaster_stops(ETH).len(), 1);
    assert!(world.ladder(ETH).is_empty(), "nobody owns it");
    let owned = |world: &World, who| world.heartbeat(who).unwrap().owned.len();
    assert_eq!((owned(&world, owner), owned(&world, other)), (1, 0));

    for anew in [false, true] {
        world.find_leases(anew);
        world.run_for(secs(8));
        assert_eq!(world.counter(owner, "lease.store_lost"), 0);
        assert_eq!(owned(&world, owner) + owned(&world, other), 2);
        assert!(!world.ladder(ETH).is_empty(), "its owner has its plan");
        assert!(world.all_covered());
        assert_eq!(world.working_stops(ETH).len(), 1);
        world.lose_leases();
        world.run_for(secs(1));
    }
    assert!(!world.venue_orders(&Module::ExitExecutor).is_empty());
}

#[test]
fn both_executors_die_and_one_comes_back_and_everything_is_protected_again() {
    let (mut world, owner, other) = owned_long(6);
    world.crash(owner);
    world.crash(other);
    world.human_open(ETH, Side::Short, "2");
    world.run_for(secs(10));
    world.restart(other);
    world.run_until("the new position's stops", secs(5), World::all_covered);
    world.run_for(TAKEN_OVER);
    stop_follows(&mut world);
    assert_eq!(owners(&world), [other]);
}

#[test]
fn what_began_while_nobody_owned_it_is_said_by_who_takes_over() {
    let mut world = World::new(WorldOptions {
        flags: flags(Mode::Shadow),
        executors: Executors::Leased,
        ..WorldOptions::default()
    });
    world.human_open(BTC, Side::Long, "0.4");
    world.run_until("a decision", secs(5), |it| said(it) > 0);
    // Its successor has to wait for the lease; meanwhile one life ends and another begins.
    world.restart(Service::Executor);
    world.run_for(Span::from_millis(500));
    world.human_close(BTC);
    world.run_for(Span::from_millis(500));
    let before = said(&world);
    world.human_open(BTC, Side::Long, "0.4");
    world.run_for(Span::from_millis(500));
    assert_eq!(said(&world), before, "it stands by");
    world.run_until("a decision about the new life", secs(6), |it| {
        said(it) > before
    });
}
