//! The ways out: everything is closed at market, whatever the plan says.

use alloc::format;
use alloc::string::String;

use super::rest::{Rest, at_margin_pct};
use super::{Finding, View};
use crate::decision::Rule;
use crate::ladder;
use crate::market::Regime;
use crate::plan::ExitPlan;
use crate::signal::RiskMode;
use crate::time::Span;

/// The first reason to close everything now.
pub(super) fn decide(view: &View<'_>) -> Option<Finding> {
    let (rule, reason) = by_state(view)
        .or_else(|| by_loss(view))
        .or_else(|| by_time(view))?;
    Some(Finding::full_exit(rule, reason))
}

/// What needs no price.
fn by_state(view: &View<'_>) -> Option<(Rule, String)> {
    if let Some(by) = &view.desired.ordered_by {
        return Some((Rule::Operator, format!("operator: {by} closes everything")));
    }
    if view.risk == RiskMode::EssActive || view.plan.is_some_and(ExitPlan::is_emergency) {
        let reason = "emergency: the emergency stop system is active".into();
        return Some((Rule::EmergencyStopSystem, reason));
    }
    if view.stuck_stop {
        let reason = "emergency: a stop has fired and hangs".into();
        return Some((Rule::StuckStop, reason));
    }
    let stops = &view.policy.stops;
    let floor = view.policy.floor_distance(view.position.leverage);
    if floor < stops.distance_min {
        let floor = floor.percent();
        let reason = format!("emergency: over-leveraged, a loss floor of {floor}% can't be held");
        return Some((Rule::OverLeveraged, reason));
    }
    let reached_since = view.desired.stop_reached_since;
    if reached_since.is_some_and(|since| view.now.since(since) >= stops.grace) {
        let reason = "emergency: the stop was reached and has not closed the position".into();
        return Some((Rule::StopPassed, reason));
    }
    if view.desired.stop_refused {
        let reason = "emergency: the venue says that the stop would trigger at once".into();
        return Some((Rule::StopBreached, reason));
    }
    None
}

/// Percents are of margin (T03).
fn by_loss(view: &View<'_>) -> Option<(Rule, String)> {
    let pnl = view.position.on_margin(view.mark?.profit);
    let policy = &view.policy.emergency;
    let percent = pnl.get().round_dp(2);
    if pnl <= policy.loss_guard_margin_pct {
        let reason = format!("loss guard: {percent}% of margin");
        return Some((Rule::LossGuard, reason));
    }
    if pnl < policy.crash_margin_pct && view.context.regime == Regime::Crash {
        let reason = format!("emergency: {percent}% of margin in a crash");
        return Some((Rule::Crash, reason));
    }
    if pnl < policy.age_margin_pct && view.position.age(view.now) > policy.age_max {
        let reason = format!("emergency: {percent}% of margin and open for too long");
        return Some((Rule::Age, reason));
    }
    None
}

/// The plan's own time is up and no target was reached: none is closed, none is being closed.
fn by_time(view: &View<'_>) -> Option<(Rule, String)> {
    let plan = view.ladder_plan()?;
    let time_stop = plan.time_stop?;
    let was_reached = view.desired.target_reached || view.desired.keep.is_some();
    if view.position.age(view.now) <= time_stop || was_reached {
        return None;
    }
    let steps = view.ladder?.steps();
    // A position too small for any target can't reach one.
    if steps.is_empty() || ladder::hits(steps, view.position, view.instrument) > 0 {
        return None;
    }
    let minutes = time_stop.millis() / 60_000;
    let reason = format!("time stop: no target reached in {minutes} minutes");
    Some((Rule::TimeStop, reason))
}

/// A span of at most this is not "longer than" it yet.
const INSTANT: Span = Span::from_micros(1);

/// Where the answer may change: at each loss, in whatever regime, and at each age.
pub(super) fn rest(view: &View<'_>, rest: &mut Rest) {
    let policy = &view.policy.emergency;
    for loss in [
        policy.loss_guard_margin_pct,
        policy.crash_margin_pct,
        policy.age_margin_pct,
    ] {
        rest.price(at_margin_pct(view, loss.get()));
    }
    let opened_at = view.position.opened_at;
    rest.moment(opened_at + policy.age_max + INSTANT, view.now);
    if let Some(time_stop) = view.plan.and_then(|plan| plan.time_stop) {
        rest.moment(opened_at + time_stop + INSTANT, view.now);
    }
}
