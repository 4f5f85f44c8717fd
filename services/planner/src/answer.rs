//! What the planner answers to an incumbent's question for a plan.

use domain::plan::ExitPlan;
use domain::plan::convert::{self, DynamicTpsl, NoDistances};
use domain::plan::request::PlanRequest;
use domain::policy::Policy;
use domain::{Epoch, PositionKey, Timestamp};
use thiserror::Error;

/// Why there is no plan for an answer. The asker goes on with its own maths.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Nothing is open there, or it was not heard of yet.
    #[error("position {0} is not known to the planner: it is flat, or not heard of yet")]
    UnknownPosition(PositionKey),
    /// The question is about another life.
    #[error("position {key} is in life {known}, and the question is about life {asked}")]
    OtherEpoch {
        /// Whose.
        key: PositionKey,
        /// The life that is open.
        known: Epoch,
        /// The life asked for.
        asked: Epoch,
    },
    /// No plan could be made for the present life.
    #[error("no plan could be made for position {0}; the planner's log says why")]
    NoPlan(PositionKey),
    /// The last plan has run out, and no new one could be made.
    #[error("the plan of position {0} has expired, and no new one could be made")]
    Expired(PositionKey),
    /// The plan says what distances can't: close at once, or a stop beyond entry.
    #[error(transparent)]
    NoDistances(#[from] NoDistances),
}

impl Refusal {
    /// The name that it is counted under.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownPosition(_) => "unknown_position",
            Self::OtherEpoch { .. } => "other_epoch",
            Self::NoPlan(_) => "no_plan",
            Self::Expired(_) => "expired_plan",
            Self::NoDistances(NoDistances::Emergency { .. }) => "emergency",
            Self::NoDistances(NoDistances::Locked { .. }) => "locked",
        }
    }
}

/// What is known of the position that is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The life that is open, none where the position is not known.
    pub epoch: Option<Epoch>,
    /// The plan in force.
    pub plan: Option<&'a ExitPlan>,
}

/// The answer to `request`.
///
/// # Errors
/// [`Refusal`] where there is no plan for it.
pub fn answer(
    request: &PlanRequest,
    subject: Subject<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<DynamicTpsl, Refusal> {
    let key = || request.key.clone();
    let known = subject
        .epoch
        .ok_or_else(|| Refusal::UnknownPosition(key()))?;
    if known != request.epoch {
        return Err(Refusal::OtherEpoch {
            key: key(),
            known,
            asked: request.epoch,
        });
    }
    let plan = subject.plan.filter(|plan| plan.epoch == known);
    let plan = plan.ok_or_else(|| Refusal::NoPlan(key()))?;
    if plan.is_expired(now) {
        return Err(Refusal::Expired(key()));
    }
    Ok(convert::to_dynamic_tpsl(plan, policy)?)
}
