//! Builds an exit plan: base targets, hint, risk mode, regime, clamp, then the legs.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use thiserror::Error;

use super::{ExitLeg, ExitPlan, LegKind, PlanId, Strategy};
use crate::ids::stable_hash;
use crate::market::MarketContext;
use crate::num::{Price, Ratio};
use crate::policy::{Fnv, LadderStep, Policy, StepClose, TrailActivation};
use crate::position::Position;
use crate::signal::{RiskMode, RlHint};
use crate::time::Timestamp;

/// Everything a plan is made from.
#[derive(Debug, Clone)]
pub struct PlanInputs<'a> {
    /// The position.
    pub position: &'a Position,
    /// The latest mark, where one is known.
    pub mark_price: Option<Price>,
    /// Volatility, trend and regime.
    pub context: &'a MarketContext,
    /// Advice, where there is any.
    pub hint: Option<&'a RlHint>,
    /// The portfolio's risk mode.
    pub risk: RiskMode,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Nothing is open.
    #[error("position {key} is flat: nothing to plan")]
    Flat {
        /// Whose plan.
        key: String,
    },
    /// A leg would lie at no price.
    #[error("leg {leg:?} of {key} at offset {offset} from entry {entry} has no price above 0")]
    NoPrice {
        /// Whose plan.
        key: String,
        /// Which leg.
        leg: LegKind,
        /// Distance asked for.
        offset: Ratio,
        /// From where.
        entry: Price,
    },
}

/// The three distances of a plan, after all steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distances {
    /// Take-profit target.
    pub target: Ratio,
    /// Stop distance.
    pub stop: Ratio,
    /// Trailing distance.
    pub trail: Ratio,
}

/// Base targets, hint with its confidence gate, risk mode, regime, clamp: in this order.
#[must_use]
pub fn distances(inputs: &PlanInputs<'_>, policy: &Policy) -> Distances {
    let hinted = hinted(inputs.hint, policy);
    let factors = policy.regime(inputs.context.regime);
    let risk = policy.risk(inputs.risk);
    Distances {
        target: clamp(
            hinted.target.times(risk).times(factors.target),
            policy.target_bounds,
        ),
        stop: clamp(
            hinted.stop.times(risk).times(factors.stop),
            policy.stop_bounds,
        ),
        trail: hinted.trail,
    }
}

fn hinted(hint: Option<&RlHint>, policy: &Policy) -> Distances {
    let base = Distances {
        target: policy.base_target,
        stop: policy.base_stop,
        trail: policy.base_trail,
    };
    let Some(hint) = hint else { return base };
    let usable = |value: Option<Ratio>| value.filter(|value| *value > Ratio::ZERO);
    let stop = usable(hint.stop_loss).unwrap_or(base.stop);
    let trusted = hint
        .confidence
        .is_none_or(|given| given >= policy.hint_confidence_min);
    if !trusted {
        // Weak advice may tighten the stop, never widen anything.
        return Distances {
            stop: stop.min(base.stop),
            ..base
        };
    }
    Distances {
        target: usable(hint.take_profit).unwrap_or(base.target),
        stop,
        trail: usable(hint.trail).unwrap_or(base.trail),
    }
}

fn clamp(value: Ratio, (low, high): (Ratio, Ratio)) -> Ratio {
    value.max(low).min(high)
}

/// Builds the plan of an open position.
///
/// # Errors
/// [`PlanError`] for a flat position or a leg without a price.
pub fn build(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<ExitPlan, PlanError> {
    let position = inputs.position;
    if !position.is_open() {
        return Err(PlanError::Flat {
            key: format!("{}", position.key),
        });
    }
    let found = distances(inputs, policy);
    let strategy = strategy(inputs, policy);
    let legs = match strategy {
        Strategy::EmergencyExit => alloc::vec![emergency_leg()],
        Strategy::StandardLadder | Strategy::ProfitLock => legs(inputs, policy, found, strategy)?,
    };
    let inputs_digest = digest(inputs);
    let policy_hash = policy.hash();
    let id_source = format!(
        "{} {} {inputs_digest} {policy_hash} {}",
        position.key,
        position.epoch,
        now.micros()
    );
    Ok(ExitPlan {
        id: PlanId(stable_hash(id_source.as_bytes())),
        key: position.key.clone(),
        epoch: position.epoch,
        legs,
        strategy,
        confidence: confidence(inputs.hint, policy),
        regime: inputs.context.regime,
        target: found.target,
        stop: found.stop,
        trail: found.trail,
        reason: reason(inputs, strategy),
        policy_hash,
        inputs_digest,
        created_at: now,
        expires_at: now + policy.plan_valid,
    })
}

fn strategy(inputs: &PlanInputs<'_>, policy: &Policy) -> Strategy {
    if inputs.risk == RiskMode::EssActive {
        return Strategy::EmergencyExit;
    }
    let locked = inputs
        .mark_price
        .is_some_and(|mark| inputs.position.pnl_pct_margin(mark) > policy.profit_lock_trigger);
    if locked {
        Strategy::ProfitLock
    } else {
        Strategy::StandardLadder
    }
}

fn confidence(hint: Option<&RlHint>, policy: &Policy) -> Ratio {
    hint.and_then(|hint| hint.confidence)
        .unwrap_or(policy.default_confidence)
}

const fn emergency_leg() -> ExitLeg {
    ExitLeg {
        kind: LegKind::Emergency,
        size: Ratio::ONE,
        offset: None,
        trigger_price: None,
        callback: None,
        target_multiple: None,
        r_multiple: None,
        priority: 0,
    }
}

fn legs(
    inputs: &PlanInputs<'_>,
    policy: &Policy,
    found: Distances,
    strategy: Strategy,
) -> Result<Vec<ExitLeg>, PlanError> {
    let stop_offset = match strategy {
        Strategy::ProfitLock => policy.profit_lock_offset.max(policy.breakeven_offset()),
        Strategy::StandardLadder | Strategy::EmergencyExit => Ratio::new(-found.stop.get()),
    };
    let maker = LegMaker {
        position: inputs.position,
        stop: found.stop,
    };
    let mut legs = alloc::vec![maker.leg(LegKind::Stop, Ratio::ONE, stop_offset, 0)?];
    let trailing = policy.regime(inputs.context.regime).trailing;
    for (step, priority) in policy.ladder.iter().zip(0_u8..) {
        legs.push(maker.step(step, priority, found, policy, trailing)?);
    }
    Ok(legs)
}

struct LegMaker<'a> {
    position: &'a Position,
    stop: Ratio,
}

impl LegMaker<'_> {
    fn step(
        &self,
        step: &LadderStep,
        priority: u8,
        found: Distances,
        policy: &Policy,
        trailing: bool,
    ) -> Result<ExitLeg, PlanError> {
        let nominal = found.target.times(step.multiple);
        let mut leg = match step.close {
            StepClose::Trail if trailing => {
                let activation = activation(policy, found.target);
                let mut leg = self.leg(LegKind::Trail, step.size, activation, priority)?;
                leg.callback = Some(found.trail);
                leg
            }
            StepClose::Limit | StepClose::Trail => {
                self.leg(LegKind::TakeProfit, step.size, nominal, priority)?
            }
            StepClose::Market => self.leg(LegKind::Partial, step.size, nominal, priority)?,
        };
        leg.target_multiple = Some(step.multiple);
        Ok(leg)
    }

    fn leg(
        &self,
        kind: LegKind,
        size: Ratio,
        offset: Ratio,
        priority: u8,
    ) -> Result<ExitLeg, PlanError> {
        let entry = self.position.entry_price;
        let signed = Ratio::new(offset.get() * self.position.key.side.sign());
        let trigger_price = entry.offset(signed).ok_or_else(|| PlanError::NoPrice {
            key: format!("{}", self.position.key),
            leg: kind,
            offset,
            entry,
        })?;
        Ok(ExitLeg {
            kind,
            size,
            offset: Some(offset),
            trigger_price: Some(trigger_price),
            callback: None,
            target_multiple: None,
            r_multiple: offset.get().checked_div(self.stop.get()),
            priority,
        })
    }
}

fn activation(policy: &Policy, target: Ratio) -> Ratio {
    match policy.trail_activation {
        TrailActivation::TargetMultiple(multiple) => target.times(multiple),
        TrailActivation::OfFirstTarget(share) => {
            let first = policy
                .ladder
                .first()
                .map_or(Ratio::ONE, |step| step.multiple);
            target.times(first).times(share)
        }
    }
}

fn reason(inputs: &PlanInputs<'_>, strategy: Strategy) -> String {
    let regime = inputs.context.regime;
    match strategy {
        Strategy::EmergencyExit => "the emergency stop system is active: close now".into(),
        Strategy::ProfitLock => {
            format!(
                "profit lock in a {regime} market, risk mode {}",
                inputs.risk
            )
        }
        Strategy::StandardLadder => {
            format!("ladder in a {regime} market, risk mode {}", inputs.risk)
        }
    }
}

/// Digest of what the plan depends on. The mark counts only as "profit lock or not", which the
/// strategy carries, so a moving price does not make a new plan.
fn digest(inputs: &PlanInputs<'_>) -> u64 {
    let mut hash = Fnv(stable_hash(&[]));
    let position = inputs.position;
    let written = write!(
        hash,
        "{} {} {} {} {} {:?} {}",
        position.key,
        position.epoch,
        position.entry_price,
        position.leverage.normalize(),
        inputs.context.regime,
        inputs.hint,
        inputs.risk,
    );
    debug_assert!(written.is_ok());
    hash.0
}
