//! Liveness: once nothing goes wrong any more, everything is protected again, and stays so.

use std::cell::Cell;

use domain::ids::{LegId, Module};
use domain::mode::Mode;
use domain::{Position, Span};
use paper_exchange::faults::FaultPlan;
use paper_exchange::venue::SymbolStatus;

use super::setup::{INCUMBENTS, Setup};
use crate::world::truth::Resting;
use crate::world::{Chaos, World};

/// After the last fault everything must be protected and quiet within this time.
pub const RECOVERY: Span = Span::from_secs(15);
/// So long it must be so, after each step of it: a few beats of everybody.
const QUIET: Span = Span::from_secs(2);
/// Stops that one owner keeps for one position once all is quiet: an incumbent one that covers the
/// whole, and one for a part that is tighter; the executor of dust what rested before.
const STOPS_LEFT_MAX: usize = 2;

/// Ends every fault, and demands what must be so afterwards.
pub fn recover(world: &mut World, setup: &Setup) {
    world.chaos(Chaos::default());
    world.venue_faults(FaultPlan::default());
    world.clocks_right();
    for symbol in setup.traded() {
        world.status_changes(symbol.name, SymbolStatus::Trading);
        // A close can't end while a stranger's order takes what it would close.
        world.hands_off(symbol.name);
    }
    world.resume_all();
    world.find_leases(false);
    for service in world.services() {
        world.disarm(service);
        if !world.is_alive(service) {
            world.restart(service);
        }
    }
    let names: Vec<&str> = setup.traded().iter().map(|it| it.name).collect();
    let settled = |it: &World| it.all_covered() && names.iter().all(|name| is_settled(it, name));
    // A moment is not enough: what is still on its way may change it again.
    let since = Cell::new(None);
    let stays_so = |it: &World| {
        let began = settled(it).then(|| since.get().unwrap_or(it.now()));
        since.set(began);
        let lasts = began.is_some_and(|began| it.now().since(began) >= QUIET);
        lasts && it.is_quiet()
    };
    world.run_until("everything protected and quiet", bound(world), stays_so);
}

/// What the venue does not take now is done when it does.
fn bound(world: &World) -> Span {
    let parts = [world.shut_for(), RECOVERY, QUIET];
    Span::from_micros(parts.into_iter().map(Span::micros).sum())
}

/// Whether a symbol has the stops that it shall have, and none where nothing is open.
fn is_settled(world: &World, name: &str) -> bool {
    let open = world.open(name);
    if open.is_empty() {
        return world.resting(name).iter().all(|it| it.cause.is_none());
    }
    // A close that was begun has an end, whoever has begun it. Less than a lot can't be closed.
    let is_leaving = |held: &Position| match is_live(world, name) {
        true => world.is_leaving(&held.key),
        false => world.is_left(&held.key) && !is_blocked(world, held),
    };
    let mut placeable = open.iter().filter(|it| !world.placeable(it).is_zero());
    if placeable.any(is_leaving) {
        return false;
    }
    if !is_live(world, name) {
        return has_few(world, name);
    }
    open.iter().all(|held| match stops(world, held) {
        // Less than a lot can have no working stop, nor can it be closed: what rested stays.
        (working, 1) if world.placeable(held).is_zero() => working <= STOPS_LEFT_MAX,
        (1, 1) => true,
        _ => false,
    })
}

/// Whether what rests of one incumbent may keep another from closing: in hedge mode the venue takes
/// no close that is larger than what targets leave, and a module moves only its own orders.
fn is_blocked(world: &World, held: &Position) -> bool {
    let resting = world.resting(held.key.symbol.as_str());
    let is_target = |it: &Resting| {
        let cause = it.cause.as_ref();
        cause.is_some_and(|it| it.side == held.key.side && matches!(it.leg, LegId::TakeProfit(_)))
    };
    world.venue().is_hedge() && resting.iter().any(is_target)
}

/// Whether no incumbent keeps more stops than it needs.
fn has_few(world: &World, name: &str) -> bool {
    let open = world.venue().open_legs_of(name).count();
    INCUMBENTS.iter().all(|module| {
        let stops = world.legs(name, module, LegId::Stop);
        stops.len() <= STOPS_LEFT_MAX * open
    })
}

fn is_live(world: &World, name: &str) -> bool {
    world.mode_of(name) == Some(Mode::Live)
}

/// Working stops and disaster stops of the executor for one position.
fn stops(world: &World, held: &Position) -> (usize, usize) {
    let count = |leg| {
        let legs = world.legs(held.key.symbol.as_str(), &Module::ExitExecutor, leg);
        let of_side = |it: &&Resting| it.cause.as_ref().is_some_and(|it| it.side == held.key.side);
        legs.iter().filter(of_side).count()
    };
    (count(LegId::Stop), count(LegId::Disaster))
}
