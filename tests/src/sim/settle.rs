//! Liveness: once nothing goes wrong any more, everything is protected again, and stays so.

use domain::Span;
use domain::ids::LegId;
use domain::mode::Mode;
use paper_exchange::faults::FaultPlan;
use paper_exchange::venue::SymbolStatus;

use super::setup::{INCUMBENTS, Setup};
use crate::world::{Chaos, World};

/// After the last fault everything must be protected and quiet within this time.
pub const RECOVERY: Span = Span::from_secs(15);
/// It is watched for so long after that: a few beats of everybody.
const QUIET: Span = Span::from_secs(2);
/// Stops that one incumbent keeps for one position once all is quiet: one that covers the whole,
/// and one for a part that is tighter.
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
    let settled = |it: &World| {
        it.all_covered() && it.is_quiet() && names.iter().all(|name| is_settled(it, name))
    };
    world.run_until("everything protected and quiet", bound(world), settled);
    world.run_for(QUIET);
    world.run_until("it stays so", bound(world), settled);
}

/// What the venue does not take now is done when it does.
fn bound(world: &World) -> Span {
    Span::from_micros(world.shut_for().micros() + RECOVERY.micros())
}

/// Whether a symbol has the stops that it shall have, and none where nothing is open.
fn is_settled(world: &World, name: &str) -> bool {
    let ours = world
        .resting(name)
        .into_iter()
        .filter(|it| it.cause.is_some());
    if world.position(name).is_none() {
        return ours.count() == 0;
    }
    let live = world.mode_of(name) == Some(Mode::Live);
    if !live {
        return INCUMBENTS.iter().all(|module| {
            let stops = world.legs(name, module, LegId::Stop);
            stops.len() <= STOPS_LEFT_MAX * world.venue().open_legs_of(name).count()
        });
    }
    let open = world.venue().open_legs_of(name).count();
    // A close that was begun has an end.
    !world.is_leaving(name)
        && world.working_stops(name).len() == open
        && world.disaster_stops(name).len() == open
}
