//! Exit plans.

use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanId, Strategy};

use crate::body::Body;
use crate::error::WireError;
use crate::market::{read_regime, write_regime};
use crate::position::{read_key, write_key};
use crate::read;
use crate::wire;

/// Most legs of a plan: a stop, a trail, four targets, and as many parts.
const LEGS_MAX: usize = 16;

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
        }
    }

    fn from_message(message: wire::ExitPlan) -> Result<Self, WireError> {
        Ok(Self {
            id: PlanId(read::required("id", message.id)?),
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
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
        })
    }
}
