//! Exit plans.

use domain::Span;
use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanId, PlanStep, StepName, Strategy};
use domain::policy::Tightening;

use crate::body::Body;
use crate::error::WireError;
use crate::market::{read_regime, write_regime};
use crate::position::{read_key, write_key};
use crate::read;
use crate::wire;

/// Most legs of a plan: a stop, a trail, four targets, and as many parts.
const LEGS_MAX: usize = 16;
/// Most rows of a trailing leg's curve.
const TIGHTENING_MAX: usize = 8;
/// Most steps of a plan; there are eleven names.
const STEPS_MAX: usize = 16;
/// Longest time stop, microseconds: a year.
const TIME_STOP_MAX: i64 = 365 * 24 * 3_600 * 1_000_000;

read::enumeration!(LegKind, wire::LegKind, write_leg_kind, read_leg_kind, {
    TakeProfit => TakeProfit,
    Stop => Stop,
    Trail => Trail,
    Partial => Partial,
    Emergency => Emergency,
});
read::enumeration!(Strategy, wire::Strategy, write_strategy, read_strategy, {
    StandardLadder => StandardLadder,
    ProfitLock => ProfitLock,
    EmergencyExit => EmergencyExit,
});
read::enumeration!(StepName, wire::StepName, write_step_name, read_step_name, {
    Base => Base,
    Hint => Hint,
    Confidence => Confidence,
    Risk => Risk,
    Regime => Regime,
    Volatility => Volatility,
    Trend => Trend,
    Heat => Heat,
    Bounds => Bounds,
    Costs => Costs,
    Legs => Legs,
});

fn write_tightening(row: &Tightening) -> wire::Tightening {
    wire::Tightening {
        from_r: Some(row.from_r.to_string()),
        callback: Some(row.callback.to_string()),
    }
}

fn read_tightening(row: wire::Tightening) -> Result<Tightening, WireError> {
    Ok(Tightening {
        from_r: read::ratio("from_r", row.from_r)?,
        callback: read::ratio("callback", row.callback)?,
    })
}

fn write_step(step: &PlanStep) -> wire::PlanStep {
    wire::PlanStep {
        name: write_step_name(step.name),
        target: Some(step.target.to_string()),
        stop: Some(step.stop.to_string()),
        trail: Some(step.trail.to_string()),
        note: read::clipped(&step.note),
    }
}

fn read_step(step: wire::PlanStep) -> Result<PlanStep, WireError> {
    Ok(PlanStep {
        name: read_step_name("name", step.name)?,
        target: read::ratio("target", step.target)?,
        stop: read::ratio("stop", step.stop)?,
        trail: read::ratio("trail", step.trail)?,
        note: read::text("note", step.note)?,
    })
}

fn read_time_stop(field: &str, micros: i64) -> Result<Span, WireError> {
    if !(1..=TIME_STOP_MAX).contains(&micros) {
        let why = "not 1 microsecond to a year";
        return Err(WireError::value(field, &micros.to_string(), why));
    }
    Ok(Span::from_micros(micros))
}

fn write_leg(leg: &ExitLeg) -> wire::ExitLeg {
    wire::ExitLeg {
        kind: write_leg_kind(leg.kind),
        size: Some(leg.size.to_string()),
        offset: leg.offset.map(|ratio| ratio.to_string()),
        trigger_price: leg.trigger_price.map(|price| price.to_string()),
        callback: leg.callback.map(|ratio| ratio.to_string()),
        target_multiple: leg.target_multiple.map(|ratio| ratio.to_string()),
        r_multiple: leg.r_multiple.and_then(read::written),
        priority: Some(leg.priority.into()),
        tightening: leg.tightening.iter().map(write_tightening).collect(),
    }
}

fn read_leg(leg: wire::ExitLeg) -> Result<ExitLeg, WireError> {
    Ok(ExitLeg {
        kind: read_leg_kind("kind", leg.kind)?,
        size: read::share("size", leg.size)?,
        offset: read::optional(read::ratio, "offset", leg.offset)?,
        trigger_price: read::optional(read::price, "trigger_price", leg.trigger_price)?,
        callback: read::optional(read::ratio, "callback", leg.callback)?,
        target_multiple: read::optional(read::ratio, "target_multiple", leg.target_multiple)?,
        r_multiple: read::optional(read::decimal, "r_multiple", leg.r_multiple)?,
        priority: read::small("priority", leg.priority)?,
        tightening: read::list(
            "tightening",
            leg.tightening,
            TIGHTENING_MAX,
            read_tightening,
        )?,
    })
}

impl Body for ExitPlan {
    const NAME: &'static str = "ExitPlan";
    type Message = wire::ExitPlan;

    fn to_message(&self) -> wire::ExitPlan {
        wire::ExitPlan {
            id: Some(self.id.0),
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            legs: self.legs.iter().map(write_leg).collect(),
            strategy: write_strategy(self.strategy),
            confidence: Some(self.confidence.to_string()),
            regime: write_regime(self.regime),
            target: Some(self.target.to_string()),
            stop: Some(self.stop.to_string()),
            trail: Some(self.trail.to_string()),
            reason: read::clipped(&self.reason),
            policy_hash: Some(self.policy_hash),
            inputs_digest: Some(self.inputs_digest),
            created_at: Some(self.created_at.micros()),
            expires_at: Some(self.expires_at.micros()),
            strategy_id: (!self.strategy_id.is_empty()).then(|| self.strategy_id.clone()),
            profile: self.profile.clone(),
            time_stop: self.time_stop.map(Span::micros),
            steps: self.steps.iter().map(write_step).collect(),
            entry_price: self.entry_price.map(|price| price.to_string()),
            opened_qty: self.opened_qty.map(|qty| qty.to_string()),
        }
    }

    fn from_message(message: wire::ExitPlan) -> Result<Self, WireError> {
        Ok(Self {
            id: PlanId(read::required("id", message.id)?),
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            entry_price: read::optional(read::price, "entry_price", message.entry_price)?,
            opened_qty: read::optional(read::qty, "opened_qty", message.opened_qty)?,
            legs: read::list("legs", message.legs, LEGS_MAX, read_leg)?,
            strategy: read_strategy("strategy", message.strategy)?,
            confidence: read::share("confidence", message.confidence)?,
            regime: read_regime("regime", message.regime)?,
            target: read::ratio("target", message.target)?,
            stop: read::ratio("stop", message.stop)?,
            trail: read::ratio("trail", message.trail)?,
            reason: read::text("reason", message.reason)?,
            policy_hash: read::required("policy_hash", message.policy_hash)?,
            inputs_digest: read::required("inputs_digest", message.inputs_digest)?,
            created_at: read::time("created_at", message.created_at)?,
            expires_at: read::time("expires_at", message.expires_at)?,
            strategy_id: read::optional(read::token, "strategy_id", message.strategy_id)?
                .unwrap_or_default(),
            profile: read::optional(read::word, "profile", message.profile)?,
            time_stop: message
                .time_stop
                .map(|micros| read_time_stop("time_stop", micros))
                .transpose()?,
            steps: read::list("steps", message.steps, STEPS_MAX, read_step)?,
        })
    }
}
