//! The decision rules, in their order; the first that holds decides.

mod stop;

use alloc::format;
use alloc::string::String;

use crate::decision::{Action, Decision, StopReason};
use crate::desired::{Desired, floor_price};
use crate::instrument::Instrument;
use crate::ladder;
use crate::market::{MarketContext, Regime};
use crate::num::{MarginPct, Price, Ratio};
use crate::plan::{ExitPlan, LegKind};
use crate::policy::Policy;
use crate::position::Position;
use crate::signal::RiskMode;
use crate::time::Timestamp;

/// Everything that a decision may look at.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The position as last observed.
    pub position: &'a Position,
    /// Its contract's filters.
    pub instrument: &'a Instrument,
    /// A plan of this life that has not expired, where there is one.
    pub plan: Option<&'a ExitPlan>,
    /// The mark, where a fresh one is known. Without one, only what needs no price is decided.
    pub mark_price: Option<Price>,
    /// Volatility, trend, regime.
    pub context: &'a MarketContext,
    /// The portfolio's risk mode.
    pub risk: RiskMode,
    /// Whether a stop has fired and hangs (see [`crate::reconcile::has_stuck_stop`]).
    pub stuck_stop: bool,
    /// What has been decided so far.
    pub desired: &'a Desired,
    /// The numbers.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

/// What a rule found: the action, the words for it, how sure it is.
struct Finding {
    action: Action,
    reason: String,
    confidence: Ratio,
}

fn finding(action: Action, reason: String, confidence_percent: i64) -> Finding {
    Finding {
        action,
        reason,
        confidence: Ratio::basis_points(confidence_percent * 100),
    }
}

const NO_CHANGE_CONFIDENCE: i64 = 70;
const EXIT_CONFIDENCE: i64 = 95;
const PARTIAL_CONFIDENCE: i64 = 85;
const STOP_CONFIDENCE: i64 = 90;

/// Decides about one position. Emergency first, then the first stop, then a part, then targets,
/// then a tighter stop; stop before targets, so that nothing ever waits unprotected.
#[must_use]
pub fn decide(view: &View<'_>) -> Decision {
    let found = emergency(view)
        .or_else(|| initial_stop(view))
        .or_else(|| partial(view))
        .or_else(|| targets(view))
        .or_else(|| stop::tighten(view))
        .unwrap_or_else(|| {
            finding(
                Action::NoChange,
                "the plan is working".into(),
                NO_CHANGE_CONFIDENCE,
            )
        });
    record(view, found)
}

fn record(view: &View<'_>, found: Finding) -> Decision {
    let position = view.position;
    let mark = view.mark_price.unwrap_or(position.entry_price);
    Decision {
        key: position.key.clone(),
        epoch: position.epoch,
        action: found.action,
        reason: found.reason,
        confidence: found.confidence,
        plan_id: view.plan.map(|plan| plan.id),
        mark_price: mark,
        entry_price: position.entry_price,
        qty: position.qty,
        pnl_pct_price: position.pnl_pct_price(mark),
        pnl_pct_margin: position.pnl_pct_margin(mark),
        regime: view.context.regime,
        risk_mode: view.risk,
        at: view.now,
    }
}

fn emergency(view: &View<'_>) -> Option<Finding> {
    if !view.position.is_open() || view.desired.exiting {
        return None;
    }
    let reason = emergency_reason(view)?;
    Some(finding(Action::FullExit, reason, EXIT_CONFIDENCE))
}

fn emergency_reason(view: &View<'_>) -> Option<String> {
    let Policy {
        stop_distance_min,
        stop_grace,
        ..
    } = view.policy;
    if view.risk == RiskMode::EssActive || view.plan.is_some_and(ExitPlan::is_emergency) {
        return Some("emergency: the emergency stop system is active".into());
    }
    if view.stuck_stop {
        return Some("emergency: a stop has fired and hangs".into());
    }
    let floor = view.policy.floor_distance(view.position.leverage);
    if floor < *stop_distance_min {
        return Some(format!(
            "emergency: over-leveraged, a loss floor of {}% can't be held",
            floor.percent()
        ));
    }
    let waited = view
        .desired
        .stop_reached_since
        .map(|since| view.now.since(since));
    if waited.is_some_and(|waited| waited >= *stop_grace) {
        return Some("emergency: the stop was reached and has not closed the position".into());
    }
    loss_reason(view, view.position.pnl_pct_margin(view.mark_price?))
}

fn loss_reason(view: &View<'_>, pnl: MarginPct) -> Option<String> {
    let policy = view.policy;
    let percent = pnl.get().round_dp(2);
    if pnl <= policy.loss_guard {
        return Some(format!("loss guard: {percent}% of margin"));
    }
    if pnl < policy.crash_loss && view.context.regime == Regime::Crash {
        return Some(format!("emergency: {percent}% of margin in a crash"));
    }
    if pnl < policy.age_loss && view.position.age(view.now) > policy.age_max {
        return Some(format!(
            "emergency: {percent}% of margin and open for too long"
        ));
    }
    None
}

/// The first stop: the plan's or the base distance, but never beyond the maximum-loss floor.
/// Needs neither plan nor price; a level that the mark has passed already means: out now.
fn initial_stop(view: &View<'_>) -> Option<Finding> {
    if view.desired.stop.is_some() || !view.position.is_open() || view.desired.exiting {
        return None;
    }
    let price = first_stop_price(view)?;
    let side = view.position.key.side;
    if view
        .mark_price
        .is_some_and(|mark| side.stop_reached(price, mark))
    {
        let reason = format!("the first stop {price} is breached already: out now");
        return Some(finding(Action::FullExit, reason, EXIT_CONFIDENCE));
    }
    let reason = format!("first stop at {price}");
    let action = Action::MoveStop {
        price,
        reason: StopReason::Initial,
    };
    Some(finding(action, reason, EXIT_CONFIDENCE))
}

fn first_stop_price(view: &View<'_>) -> Option<Price> {
    let side = view.position.key.side;
    let floor = floor_price(view.position, view.instrument, view.policy);
    let planned = view.plan.and_then(|plan| plan.stop_leg()?.trigger_price);
    // A locked stop lies beyond entry: it is a later move, not the first stop.
    let planned = planned.filter(|price| !side.is_tighter(*price, view.position.entry_price));
    let base = Ratio::new(-view.policy.base_stop.get() * side.sign());
    let wanted = planned.or_else(|| view.position.entry_price.offset(base));
    let rounded = wanted.and_then(|price| view.instrument.round_stop(side, price));
    match (rounded, floor) {
        (Some(rounded), Some(floor)) => Some(side.tighter(rounded, floor)),
        (one, other) => one.or(other),
    }
}

/// A leg that closes its share at market, once the mark has crossed it. Whether it is done is
/// told by the level of what is open, so it can't fire twice.
fn partial(view: &View<'_>) -> Option<Finding> {
    let mark = view.mark_price?;
    let plan = view.plan?;
    if view.desired.exiting {
        return None;
    }
    let side = view.position.key.side;
    let mut share = Ratio::ZERO;
    for (leg, number) in ladder::closing_legs(plan) {
        share = Ratio::new(share.get() + leg.size.get());
        let crossed = leg
            .trigger_price
            .is_some_and(|price| side.target_reached(price, mark));
        if leg.kind != LegKind::Partial || !crossed {
            continue;
        }
        let closed = view.position.initial_qty.share(share);
        let keep = view.position.initial_qty.saturating_sub(closed);
        let keep = view.position.qty.saturating_sub(
            view.instrument
                .floor_market_qty(view.position.qty.saturating_sub(keep)),
        );
        let due = keep < view.position.qty && view.desired.keep.is_none_or(|old| keep < old);
        if due {
            let action = Action::PartialClose {
                leg: number,
                fraction: leg.size,
                keep,
            };
            let reason = format!("leg {number} reached at {mark}");
            return Some(finding(action, reason, PARTIAL_CONFIDENCE));
        }
    }
    None
}

/// The ladder, where there is none or the plan has moved it by more than the smallest step.
fn targets(view: &View<'_>) -> Option<Finding> {
    let plan = view.plan?;
    if view.desired.exiting || view.desired.targets_plan == Some(plan.id) {
        return None;
    }
    let targets = ladder::targets(plan, view.position, view.instrument);
    let same = targets.len() == view.desired.targets.len()
        && targets.iter().zip(&view.desired.targets).all(|(new, old)| {
            new.size == old.size && !moved(old.price, new.price, view.policy.replace_step_min)
        });
    if same || targets.is_empty() {
        return None;
    }
    let reason = format!("{} targets of plan {}", targets.len(), plan.id);
    Some(finding(
        Action::UpdateTargets { targets },
        reason,
        PARTIAL_CONFIDENCE,
    ))
}

/// Whether a level moved by at least `step_min` of the old one.
fn moved(old: Price, new: Price, step_min: Ratio) -> bool {
    (new.get() - old.get()).abs() >= old.get() * step_min.get()
}

/// How much an improvement must be worth to replace an order.
fn improves(view: &View<'_>, candidate: Price, least: Ratio) -> bool {
    let side = view.position.key.side;
    let Some(current) = view.desired.stop else {
        return true;
    };
    side.is_tighter(candidate, current) && moved(current, candidate, least)
}
