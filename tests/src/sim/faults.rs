//! The venue's faults of a script, drawn: any of the kinds that a fault plan knows, some at a time.

use binance::reaction::{Reaction, reaction};
use paper_exchange::faults::{
    EventAction, EventFault, EventOrder, FaultPlan, Often, RequestAction, RequestFault, Spares,
    TimedAction, TimedFault,
};
use paper_exchange::rng::SplitMix64;
use paper_exchange::world::SocketKind;

/// Rules of one plan at most.
const RULES_MAX: u64 = 5;
/// A rule that acts by chance does so at most this often.
const CHANCE_MAX_PPM: u64 = 200_000;
/// An answer or an event is late by at most this, ms.
const LATE_MAX_MS: i64 = 2_500;
/// The venue bans or limits for at most this long, ms.
const SHUT_MAX_MS: i64 = 4_000;
/// The venue's clock is wrong by at most this, ms.
const CLOCK_OFF_MAX_MS: i64 = 10_000;
/// Rules about closes of one plan at most.
const CLOSE_RULES_MAX: u64 = 3;
/// What an order at market has in its request; a conditional one has it behind another word.
const AT_MARKET: &str = "type=MARKET";
/// A reduce-only order is refused.
const REDUCE_ONLY_REFUSED: i32 = -2_022;
/// Codes of the venue lie between these.
const CODES: std::ops::RangeInclusive<i32> = -5_999..=-1_000;

/// Everything that the venue may answer instead of doing as told.
#[must_use]
pub fn codes() -> Vec<i32> {
    CODES
        .filter(|code| reaction(*code) != Reaction::Reconcile)
        .collect()
}

/// Draws a plan.
#[must_use]
pub fn plan(rng: &mut SplitMix64) -> FaultPlan {
    let requests = (0..=rng.below(RULES_MAX)).map(|_| request(rng)).collect();
    let events = (0..rng.below(RULES_MAX)).map(|_| event(rng)).collect();
    let rare = |rng: &mut SplitMix64, value: i64| if rng.below(6) == 0 { value } else { 0 };
    let late = rng.between(100, LATE_MAX_MS);
    FaultPlan {
        seed: rng.next_u64(),
        requests,
        events,
        gte_blind_ms: rare(rng, late),
        visible_after_ms: rare(rng, late / 4),
        stuck_triggering_ppm: if rng.below(4) == 0 { 100_000 } else { 0 },
        event_order: match rng.below(3) {
            0 => EventOrder::Shuffled,
            _ => EventOrder::Measured,
        },
        overload_spares: match rng.below(3) {
            0 => Spares::Nobody,
            1 => Spares::Documented,
            _ => Spares::Protective,
        },
        timed: timed(rng),
        ..FaultPlan::default()
    }
}

/// Draws a plan that is only about closes at market: unknown answers, and refusals that say nothing
/// about the position.
#[must_use]
pub fn closes(rng: &mut SplitMix64) -> FaultPlan {
    let requests = (0..=rng.below(CLOSE_RULES_MAX)).map(|_| RequestFault {
        method: Some("POST".into()),
        path: None,
        contains: Some(AT_MARKET.into()),
        often: match rng.below(3) {
            0 => Often::ppm(600_000),
            _ => Often::once(),
        },
        action: close_action(rng),
    });
    let requests = requests.collect();
    let events = (0..rng.below(3)).map(|_| event(rng)).collect();
    FaultPlan {
        seed: rng.next_u64(),
        requests,
        events,
        ..FaultPlan::default()
    }
}

/// Draws a plan of which every stop that fires hangs, and little else goes wrong.
#[must_use]
pub fn stuck(rng: &mut SplitMix64) -> FaultPlan {
    FaultPlan {
        seed: rng.next_u64(),
        events: (0..rng.below(2)).map(|_| event(rng)).collect(),
        stuck_triggering_ppm: 1_000_000,
        ..FaultPlan::default()
    }
}

/// Draws a plan of which every rule acts for a while only; beside it the venue's clock is wrong
/// from some moment on, or the listen key dies.
#[must_use]
pub fn for_a_while(rng: &mut SplitMix64) -> FaultPlan {
    let mut plan = plan(rng);
    let requests = plan.requests.iter_mut().map(|it| &mut it.often);
    let events = plan.events.iter_mut().map(|it| &mut it.often);
    for often in requests.chain(events) {
        often.from_ms = rng.between(0, LATE_MAX_MS);
        often.until_ms = often.from_ms + rng.between(100, SHUT_MAX_MS);
    }
    let offset_ms = rng.between(-CLOCK_OFF_MAX_MS, CLOCK_OFF_MAX_MS);
    plan.timed.push(TimedFault {
        at_ms: rng.between(0, LATE_MAX_MS),
        action: match rng.below(2) {
            0 => TimedAction::KillListenKey,
            _ => TimedAction::Clock { offset_ms },
        },
    });
    plan
}

/// Whether some rule of it acts for a while only.
#[must_use]
pub fn is_for_a_while(plan: &FaultPlan) -> bool {
    let requests = plan.requests.iter().map(|it| &it.often);
    let events = plan.events.iter().map(|it| &it.often);
    requests.chain(events).any(|it| it.until_ms > 0)
}

fn close_action(rng: &mut SplitMix64) -> RequestAction {
    match rng.below(12) {
        0 => RequestAction::ExecuteThenUnknown,
        1 => RequestAction::ExecuteThenTimeout,
        2 => RequestAction::LoseThenUnknown,
        3 => RequestAction::LoseThenTimeout,
        4 => executed_then_fails(),
        5 | 6 => RequestAction::ExecuteThenCut,
        7 => RequestAction::LoseThenCut,
        8 => RequestAction::Slow {
            ms: rng.between(50, LATE_MAX_MS),
        },
        _ => RequestAction::RefuseWith {
            code: REDUCE_ONLY_REFUSED,
            message: "ReduceOnly Order is rejected.".into(),
        },
    }
}

fn executed_then_fails() -> RequestAction {
    RequestAction::ExecuteThenFail {
        code: -1_006,
        message: "An unexpected response was received from the message bus.".into(),
    }
}

/// Now and then the venue closes its doors for some seconds.
fn timed(rng: &mut SplitMix64) -> Vec<TimedFault> {
    let ms = rng.between(200, SHUT_MAX_MS);
    let at_ms = rng.between(0, LATE_MAX_MS);
    let action = match rng.below(24) {
        0 => TimedAction::Ban { ms },
        1 | 2 => TimedAction::Limit { ms },
        3 => TimedAction::HangUp(SocketKind::User),
        _ => return Vec::new(),
    };
    vec![TimedFault { at_ms, action }]
}

fn often(rng: &mut SplitMix64) -> Often {
    if rng.below(3) == 0 {
        let skip = u32::try_from(rng.below(4)).unwrap_or_default();
        return Often {
            skip,
            ..Often::once()
        };
    }
    let ppm = 5_000 + rng.below(CHANCE_MAX_PPM);
    Often::ppm(u32::try_from(ppm).unwrap_or_default())
}

fn request(rng: &mut SplitMix64) -> RequestFault {
    let method = match rng.below(8) {
        0 => None,
        1 => Some("GET"),
        2 | 3 => Some("DELETE"),
        _ => Some("POST"),
    };
    let contains = match rng.below(6) {
        0 => Some("STOP_MARKET"),
        1 => Some("LIMIT"),
        _ => None,
    };
    RequestFault {
        method: method.map(Into::into),
        path: None,
        contains: contains.map(Into::into),
        often: often(rng),
        action: request_action(rng),
    }
}

fn request_action(rng: &mut SplitMix64) -> RequestAction {
    match rng.below(14) {
        0 => RequestAction::ExecuteThenUnknown,
        1 => RequestAction::ExecuteThenTimeout,
        2 => RequestAction::LoseThenUnknown,
        3 => RequestAction::LoseThenTimeout,
        4 => executed_then_fails(),
        5 => RequestAction::ExecuteThenCut,
        6 => RequestAction::LoseThenCut,
        7 => RequestAction::Slow {
            ms: rng.between(50, LATE_MAX_MS),
        },
        8 => RequestAction::RefuseOverload,
        9 => RequestAction::RefuseInternal,
        10 => RequestAction::RefuseUnavailable,
        _ => refused(rng),
    }
}

fn refused(rng: &mut SplitMix64) -> RequestAction {
    let codes = codes();
    let count = u64::try_from(codes.len()).unwrap_or(1);
    let pick = usize::try_from(rng.below(count)).unwrap_or_default();
    RequestAction::RefuseWith {
        code: codes[pick],
        message: "Refused by the script.".into(),
    }
}

fn event(rng: &mut SplitMix64) -> EventFault {
    let name = match rng.below(5) {
        0 => Some("ORDER_TRADE_UPDATE"),
        1 => Some("ACCOUNT_UPDATE"),
        2 => Some("ALGO_UPDATE"),
        _ => None,
    };
    let action = match rng.below(4) {
        0 => EventAction::Lose,
        1 => EventAction::Duplicate,
        2 => EventAction::Swap,
        _ => EventAction::Delay {
            ms: rng.between(10, LATE_MAX_MS),
        },
    };
    EventFault {
        name: name.map(Into::into),
        often: often(rng),
        action,
    }
}
