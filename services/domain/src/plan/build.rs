//! Builds an exit plan: distances step by step, then the legs, then what identifies it.

use alloc::format;
use alloc::string::String;
use thiserror::Error;

use super::legs::{self, Frame};
use super::{ExitPlan, LegKind, PlanId, Strategy, digest, steps};
use crate::ids::stable_hash;
use crate::market::MarketContext;
use crate::num::{Money, Price, Ratio};
use crate::policy::Policy;
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
    /// Share of the risk budget in use, where it is told.
    pub heat: Option<Ratio>,
    /// Equity of the account, where it is told.
    pub equity: Option<Money>,
    /// Whether that equity was told long ago: the plan says so, and is the same.
    pub is_equity_old: bool,
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
    let strategy = strategy(inputs, policy);
    let strategy_id = strategy_id(inputs, policy);
    let (found, mut steps) = steps::distances(inputs, policy);
    let frame = Frame::new(inputs, policy, strategy_id, found);
    let legs = legs::legs(&frame, strategy)?;
    steps.extend(legs.steps);
    let inputs_digest = digest::digest(inputs, policy, strategy);
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
        entry_price: Some(position.entry_price),
        opened_qty: Some(position.opened_qty()),
        strategy,
        confidence: confidence(inputs.hint, policy),
        regime: inputs.context.regime,
        strategy_id: strategy_id.into(),
        reason: reason(inputs, strategy, legs.profile.as_deref()),
        legs: legs.legs,
        profile: legs.profile,
        time_stop: legs.time_stop,
        target: legs.distances.target,
        stop: legs.distances.stop,
        trail: legs.distances.trail,
        steps,
        policy_hash,
        inputs_digest,
        created_at: now,
        expires_at: now + policy.plans.valid,
    })
}

/// ESS before everything; then the profit lock; else the ladder (behaviour 3.1).
fn strategy(inputs: &PlanInputs<'_>, policy: &Policy) -> Strategy {
    if inputs.risk == RiskMode::EssActive {
        return Strategy::EmergencyExit;
    }
    let locked = inputs.mark_price.is_some_and(|mark| {
        inputs.position.pnl_pct_margin(mark) > policy.profit_lock.trigger_margin_pct
    });
    if locked {
        Strategy::ProfitLock
    } else {
        Strategy::StandardLadder
    }
}

/// The strategy that the signals name; whose position it is does not depend on how sure they are.
fn strategy_id<'a>(inputs: &PlanInputs<'a>, policy: &'a Policy) -> &'a str {
    let told = inputs.hint.and_then(|hint| hint.strategy.as_deref());
    told.unwrap_or(&policy.profiles.strategy)
}

/// The hint's, also where that is 0; else the documented default (behaviour 2.4).
fn confidence(hint: Option<&RlHint>, policy: &Policy) -> Ratio {
    hint.and_then(|hint| hint.confidence)
        .unwrap_or(policy.hints.confidence_default)
}

fn reason(inputs: &PlanInputs<'_>, strategy: Strategy, profile: Option<&str>) -> String {
    let what = match (strategy, profile) {
        (Strategy::EmergencyExit, _) => {
            return "the emergency stop system is active: close now".into();
        }
        (Strategy::ProfitLock, None) => "profit lock".into(),
        (Strategy::ProfitLock, Some(name)) => format!("profit lock on {name}"),
        (Strategy::StandardLadder, None) => "ladder".into(),
        (Strategy::StandardLadder, Some(name)) => format!("profile {name}"),
    };
    let (regime, risk) = (inputs.context.regime, inputs.risk);
    format!("{what} in a {regime} market, risk mode {risk}")
}
