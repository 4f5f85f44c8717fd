//! What befalls a system, and how it is brought about in the world.

use bus::policy::Policy as ServerPolicy;
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, Rollout};
use domain::signal::RiskMode;
use domain::{Side, Span};
use paper_exchange::faults::FaultPlan;
use paper_exchange::venue::{FilterChange, SymbolStatus};
use rust_decimal::Decimal;

use super::faults;
use super::setup::Traded;
use crate::world::{Chaos, Service, World, is_lived_with};

/// One thing that befalls the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A bot opens, or adds where it is open already.
    Open {
        /// Of which symbol.
        symbol: Traded,
        /// On which side, where nothing is open yet.
        side: Side,
    },
    /// The price moves by so many basis points, within one step.
    Move {
        /// Of which symbol.
        symbol: Traded,
        /// How far.
        points: i64,
    },
    /// Somebody closes by hand.
    Close(Traded),
    /// Somebody closes a piece by hand.
    Trim(Traded),
    /// Another bot adds a piece.
    Add(Traded),
    /// Somebody cancels one of the resting stops by hand.
    Uncover(Traded),
    /// Somebody rests a take-profit of their own.
    Rest(Traded),
    /// A service dies now.
    Crash(Service),
    /// A service dies right after so many more of its effects.
    CrashAfter(Service, u32),
    /// It starts again, where it is dead.
    Rise(Service),
    /// A service stands still, and does not know it when it goes on.
    Pause(Service),
    /// It goes on.
    Resume(Service),
    /// The store of leases is lost.
    LoseLeases,
    /// It is back; with what it held, or made anew.
    FindLeases {
        /// Whether what it held is gone.
        anew: bool,
    },
    /// A service's clock jumps, and is put right after a time.
    Clock {
        /// Whose.
        service: Service,
        /// By how much.
        jump: Span,
    },
    /// All clocks are right again.
    ClocksRight,
    /// The user stream breaks for so long.
    CutStream(Span),
    /// The listen key dies: an open socket that says nothing any more.
    ListenKeyDies,
    /// From now on the venue misbehaves like this.
    Venue(Box<FaultPlan>),
    /// From now on it behaves.
    VenueWell,
    /// The bus behaves like this.
    Bus(Chaos),
    /// The venue changes a symbol's filters.
    Filters(Traded, Box<FilterChange>),
    /// Trading of a symbol stops, or goes on.
    Status(Traded, SymbolStatus),
    /// The leverage of a symbol is set by hand.
    Leverage(Traded, u32),
    /// The risk system says its mode.
    Risk(RiskMode),
    /// The learned policy gives a hint, in basis points: target, stop, trail, confidence.
    Hint(Traded, [i64; 4]),
    /// The operator wants it closed: one symbol, or everything.
    Flatten(Option<Traded>),
    /// The operator takes it back.
    Kill(Mode),
    /// The policy of the bus is another, whatever the flags are.
    Policy(ServerPolicy),
    /// Everything is started anew with these flags: promotion, or a slow way back.
    StartOver(Flags),
}

impl Action {
    /// What kind of action it is, for the report.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "a bot opens",
            Self::Move { points, .. } if points.unsigned_abs() > 300 => "the price gaps",
            Self::Move { .. } => "the price moves",
            Self::Close(_) => "closed by hand",
            Self::Trim(_) => "a piece closed by hand",
            Self::Add(_) => "another bot adds",
            Self::Uncover(_) => "a stop canceled by hand",
            Self::Rest(_) => "a take-profit by hand",
            Self::Crash(_) => "crash",
            Self::CrashAfter(..) => "crash between effects armed",
            Self::Rise(_) => "restart",
            Self::Pause(_) => "pause",
            Self::Resume(_) => "a paused one goes on",
            Self::LoseLeases => "leases lost",
            Self::FindLeases { .. } => "leases back",
            Self::Clock { jump, .. } if is_lived_with(*jump) => "clock skew",
            Self::Clock { .. } => "clock jump",
            Self::ClocksRight => "clocks put right",
            Self::CutStream(_) => "user stream cut",
            Self::ListenKeyDies => "listen key dies",
            Self::Venue(plan) if faults::is_for_a_while(plan) => "venue misbehaves for a while",
            Self::Venue(_) => "venue misbehaves",
            Self::VenueWell => "venue well again",
            Self::Bus(_) => "bus changes",
            Self::Filters(..) => "filters change",
            Self::Status(..) => "trading status changes",
            Self::Leverage(..) => "leverage changes",
            Self::Risk(_) => "risk mode",
            Self::Hint(..) => "hint",
            Self::Flatten(_) => "flatten",
            Self::Kill(_) => "kill",
            Self::Policy(_) => "bus policy changes",
            Self::StartOver(_) => "flags change",
        }
    }

    /// Brings it about.
    pub fn play(&self, world: &mut World) {
        match self {
            Self::Open { symbol, side } => {
                let held = world.position(symbol.name).map(|it| it.key.side);
                let side = held.filter(|_| !world.venue().is_hedge()).unwrap_or(*side);
                world.human_open(symbol.name, side, symbol.qty);
            }
            Self::Move { symbol, points } => moved(world, *symbol, *points),
            Self::Close(symbol) => world.human_close(symbol.name),
            Self::Trim(symbol) => world.human_trims(symbol.name, symbol.piece),
            Self::Add(symbol) => {
                if let Some(held) = world.position(symbol.name) {
                    world.human_open(symbol.name, held.key.side, symbol.piece);
                }
            }
            Self::Uncover(symbol) => uncovered(world, *symbol),
            Self::Rest(symbol) => rested(world, *symbol),
            Self::Crash(service) if world.is_alive(*service) => world.crash(*service),
            Self::CrashAfter(service, effects) => world.crash_after(*service, *effects),
            Self::Rise(service) if !world.is_alive(*service) => world.restart(*service),
            Self::Crash(_) | Self::Rise(_) => {}
            Self::Pause(service) => world.pause(*service),
            Self::Resume(service) => world.resume(*service),
            Self::LoseLeases => world.lose_leases(),
            Self::FindLeases { anew } => world.find_leases(*anew),
            Self::Clock { service, jump } => world.clock_jumps(*service, *jump),
            Self::ClocksRight => world.clocks_right(),
            Self::CutStream(away) => world.cut_stream(*away),
            Self::ListenKeyDies => world.listen_key_dies(),
            Self::Venue(plan) => world.venue_faults(plan.as_ref().clone()),
            Self::VenueWell => world.venue_faults(FaultPlan::default()),
            Self::Bus(chaos) => world.chaos(*chaos),
            Self::Filters(symbol, change) => world.filters_change(symbol.name, change),
            Self::Status(symbol, status) => world.status_changes(symbol.name, *status),
            Self::Leverage(symbol, leverage) => world.leverage(symbol.name, *leverage),
            Self::Risk(mode) => world.risk(*mode),
            Self::Hint(symbol, [target, stop, trail, confidence]) => {
                world.hint(symbol.name, *target, *stop, *trail, *confidence);
            }
            Self::Flatten(symbol) => world.flatten(symbol.map(|it| it.name)),
            Self::Kill(to) => world.kill(*to),
            Self::Policy(policy) => world.serve(*policy),
            Self::StartOver(flags) => world.start_over(*flags),
        }
    }
}

fn moved(world: &mut World, symbol: Traded, points: i64) {
    let (Some(market), Some(spec)) = (
        world.venue().market(symbol.name),
        world.venue().spec(symbol.name),
    ) else {
        return;
    };
    let price = spec.floor_price(market.mark * Decimal::new(10_000 + points, 4));
    if price > Decimal::ZERO {
        world.price_at(symbol.name, price);
    }
}

fn uncovered(world: &mut World, symbol: Traded) {
    let resting = world.resting(symbol.name);
    let stop = resting
        .into_iter()
        .find(|it| it.order.stop_trigger().is_some());
    if let Some(stop) = stop {
        world.human_cancels_stop(symbol.name, &stop.id);
    }
}

/// Half a per cent beyond the mark, in the direction of profit.
fn rested(world: &mut World, symbol: Traded) {
    let (Some(held), Some(market), Some(spec)) = (
        world.position(symbol.name),
        world.venue().market(symbol.name),
        world.venue().spec(symbol.name),
    ) else {
        return;
    };
    let beyond = match held.key.side {
        Side::Long => Decimal::new(1_005, 3),
        Side::Short => Decimal::new(995, 3),
    };
    let price = spec.floor_price(market.mark * beyond);
    world.human_rests(symbol.name, symbol.piece, &price.to_string());
}

/// The way back that an action takes, as the record has it.
#[must_use]
pub fn rollback(action: &Action) -> Option<&'static str> {
    match action {
        Action::Kill(Mode::Legacy) => Some("kill to LEGACY"),
        Action::Kill(_) => Some("kill to SHADOW"),
        Action::StartOver(flags) if flags.exit_mode == ExitMode::Legacy => Some("EXIT_MODE=LEGACY"),
        Action::StartOver(flags) if flags.executor_mode == ExecutorMode::Shadow => {
            Some("EXIT_EXECUTOR_MODE=SHADOW")
        }
        Action::StartOver(flags) if flags.rollout == Rollout::Disabled => {
            Some("EXIT_BRAIN_V3_LIVE_ROLLOUT=DISABLED")
        }
        Action::StartOver(_) => Some("back to LIVE"),
        _ => None,
    }
}
