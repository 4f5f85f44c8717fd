//! A plan as people and programs are told of it.

use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanStep, Strategy};
use domain::policy::Tightening;
use domain::{Ratio, Span};

use crate::moment::rfc3339;
use crate::wire;

/// What a plan says of itself. Whether it is in force, its age and its position's entry price are
/// the teller's to add.
#[must_use]
pub fn plan_status(plan: &ExitPlan) -> wire::PlanStatus {
    wire::PlanStatus {
        account: plan.key.account.to_string(),
        symbol: plan.key.symbol.to_string(),
        side: plan.key.side.to_string(),
        epoch: plan.epoch.0,
        id: plan.id.to_string(),
        strategy: strategy_name(plan.strategy).into(),
        strategy_id: plan.strategy_id.clone(),
        profile: plan.profile.clone(),
        regime: plan.regime.to_string(),
        confidence: plan.confidence.to_string(),
        target: plan.target.to_string(),
        stop: plan.stop.to_string(),
        trail: plan.trail.to_string(),
        reason: plan.reason.clone(),
        policy_hash: hex(plan.policy_hash),
        inputs_digest: hex(plan.inputs_digest),
        created_at: rfc3339(plan.created_at),
        expires_at: rfc3339(plan.expires_at),
        time_stop_ms: plan.time_stop.map(Span::millis),
        legs: plan.legs.iter().map(leg).collect(),
        steps: plan.steps.iter().map(step).collect(),
        ..wire::PlanStatus::default()
    }
}

fn leg(leg: &ExitLeg) -> wire::PlanLegStatus {
    wire::PlanLegStatus {
        kind: kind(leg.kind).into(),
        size: leg.size.to_string(),
        offset: text(leg.offset),
        trigger_price: leg.trigger_price.map(|price| price.to_string()),
        callback: text(leg.callback),
        target_multiple: text(leg.target_multiple),
        r_multiple: leg
            .r_multiple
            .map(|multiple| multiple.normalize().to_string()),
        priority: leg.priority.into(),
        tightening: leg.tightening.iter().map(tightening).collect(),
    }
}

fn tightening(row: &Tightening) -> wire::PlanTighteningStatus {
    wire::PlanTighteningStatus {
        from_r: row.from_r.to_string(),
        callback: row.callback.to_string(),
    }
}

fn step(step: &PlanStep) -> wire::PlanStepStatus {
    wire::PlanStepStatus {
        name: step.name.name().into(),
        target: step.target.to_string(),
        stop: step.stop.to_string(),
        trail: step.trail.to_string(),
        note: step.note.clone(),
    }
}

const fn kind(kind: LegKind) -> &'static str {
    match kind {
        LegKind::TakeProfit => "TAKE_PROFIT",
        LegKind::Stop => "STOP",
        LegKind::Trail => "TRAIL",
        LegKind::Partial => "PARTIAL",
        LegKind::Emergency => "EMERGENCY",
    }
}

/// The strategy as people and programs are told of it.
#[must_use]
pub const fn strategy_name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::StandardLadder => "STANDARD_LADDER",
        Strategy::ProfitLock => "PROFIT_LOCK",
        Strategy::EmergencyExit => "EMERGENCY_EXIT",
    }
}

fn text(ratio: Option<Ratio>) -> Option<String> {
    ratio.map(|ratio| ratio.to_string())
}

fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}
