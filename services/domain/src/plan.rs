//! The exit plan: which legs a position should have, for how long, and from what it was made.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use rust_decimal::Decimal;

use crate::ids::{Epoch, PositionKey};
use crate::market::Regime;
use crate::num::{Price, Qty, Ratio};
use crate::policy::Tightening;
use crate::time::{Span, Timestamp};

pub mod build;
pub mod convert;
pub mod legs;
pub mod request;
pub mod steps;

mod costs;
mod digest;
mod words;

/// A plan's id: a hash of the position's life and of everything that it was computed from, so
/// the same inputs always make the same plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PlanId(pub u64);

impl core::fmt::Display for PlanId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What a leg does when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegKind {
    /// A resting reduce-only limit.
    TakeProfit,
    /// The stop that covers all of it.
    Stop,
    /// The part that runs, protected by a stop that follows the best price.
    Trail,
    /// A market close of a part, when the mark crosses the trigger.
    Partial,
    /// A market close of everything, now.
    Emergency,
}

/// How the plan came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strategy {
    /// Ladder, stop and trail.
    #[default]
    StandardLadder,
    /// The ladder, and a stop locked beyond entry.
    ProfitLock,
    /// Close now.
    EmergencyExit,
}

/// One leg of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitLeg {
    /// What it does.
    pub kind: LegKind,
    /// Share of the position's *initial* quantity, 0 to 1.
    pub size: Ratio,
    /// Distance from entry, `+` on the profit side, `-` on the loss side; none where it acts at
    /// once. For a [`LegKind::Trail`] this is its activation.
    pub offset: Option<Ratio>,
    /// `offset` as a price, before rounding to the grid.
    pub trigger_price: Option<Price>,
    /// Trailing distance from the best price; only for [`LegKind::Trail`].
    pub callback: Option<Ratio>,
    /// Tighter callbacks for larger profits, ascending; only for [`LegKind::Trail`].
    pub tightening: Vec<Tightening>,
    /// Multiple of the take-profit target that the leg stands for (the default ladder's unit).
    pub target_multiple: Option<Ratio>,
    /// Distance in multiples of the initial risk (entry to stop).
    pub r_multiple: Option<Decimal>,
    /// Order of execution, 0 first.
    pub priority: u8,
}

/// A step on the way from base distances to those of the plan, in the order of computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The policy's base distances.
    Base,
    /// Outside advice, with its confidence gate.
    Hint,
    /// Targets by confidence.
    Confidence,
    /// The portfolio's risk mode.
    Risk,
    /// The market's temper.
    Regime,
    /// Measured volatility.
    Volatility,
    /// With or against the trend.
    Trend,
    /// The share of the risk budget in use.
    Heat,
    /// Smallest and largest distances.
    Bounds,
    /// No target nearer than what a round trip costs.
    Costs,
    /// The legs: ladder or profile.
    Legs,
}

impl StepName {
    /// All of them, in the order of computation.
    pub const ALL: [Self; 11] = [
        Self::Base,
        Self::Hint,
        Self::Confidence,
        Self::Risk,
        Self::Regime,
        Self::Volatility,
        Self::Trend,
        Self::Heat,
        Self::Bounds,
        Self::Costs,
        Self::Legs,
    ];

    /// Its name for people and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Hint => "hint",
            Self::Confidence => "confidence",
            Self::Risk => "risk",
            Self::Regime => "regime",
            Self::Volatility => "volatility",
            Self::Trend => "trend",
            Self::Heat => "heat",
            Self::Bounds => "bounds",
            Self::Costs => "costs",
            Self::Legs => "legs",
        }
    }
}

/// What one step did; the distances are those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// Which step.
    pub name: StepName,
    /// Take-profit target.
    pub target: Ratio,
    /// Stop distance.
    pub stop: Ratio,
    /// Trailing distance.
    pub trail: Ratio,
    /// What it looked at and did, for people.
    pub note: String,
}

/// Stop, ladder and trail for one life of one position. Never edited: a newer plan replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitPlan {
    /// Derived from everything below.
    pub id: PlanId,
    /// Whose plan.
    pub key: PositionKey,
    /// Which life; a plan for another life is refused.
    pub epoch: Epoch,
    /// The entry that the offsets are measured from; none in plans of builds that did not tell.
    pub entry_price: Option<Price>,
    /// All that had been opened when it was made: the sizes are shares of it; none in plans of
    /// builds that did not tell.
    pub opened_qty: Option<Qty>,
    /// The legs, stop first, then by priority.
    pub legs: Vec<ExitLeg>,
    /// How it came about.
    pub strategy: Strategy,
    /// 0 to 1.
    pub confidence: Ratio,
    /// Regime that it was made for.
    pub regime: Regime,
    /// The trading strategy whose position it is: `RL_V3`.
    pub strategy_id: String,
    /// The profile of its legs; none for the default ladder and an emergency.
    pub profile: Option<String>,
    /// Take-profit target after all steps.
    pub target: Ratio,
    /// Stop distance after all steps.
    pub stop: Ratio,
    /// Trailing distance.
    pub trail: Ratio,
    /// Out at market where no target was reached this long after the opening.
    pub time_stop: Option<Span>,
    /// How the distances came about, step by step.
    pub steps: Vec<PlanStep>,
    /// The reason, for people.
    pub reason: String,
    /// Hash of the policy in force.
    pub policy_hash: u64,
    /// Digest of the inputs.
    pub inputs_digest: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being valid.
    pub expires_at: Timestamp,
}

impl ExitPlan {
    /// Legs of one kind, in the order of the plan.
    pub fn legs_of(&self, kind: LegKind) -> impl Iterator<Item = &ExitLeg> {
        self.legs.iter().filter(move |leg| leg.kind == kind)
    }

    /// The take-profits, resting or at market, in the order of the plan.
    pub fn target_legs(&self) -> impl Iterator<Item = &ExitLeg> {
        let closes = |leg: &&ExitLeg| matches!(leg.kind, LegKind::TakeProfit | LegKind::Partial);
        self.legs.iter().filter(closes)
    }

    /// The stop leg, absent only in an emergency plan.
    #[must_use]
    pub fn stop_leg(&self) -> Option<&ExitLeg> {
        self.legs_of(LegKind::Stop).min_by_key(|leg| leg.priority)
    }

    /// The trailing leg, where the regime allows one.
    #[must_use]
    pub fn trail_leg(&self) -> Option<&ExitLeg> {
        self.legs_of(LegKind::Trail).next()
    }

    /// Whether the plan says: close now.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.legs_of(LegKind::Emergency).next().is_some()
    }

    /// Whether its time has run out.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

/// The line that operators look for: `[EXIT BRAIN] BTCUSDT: TP=3.00%, SL=2.50%, Trail=2.00%`.
#[must_use]
pub fn headline(plan: &ExitPlan) -> String {
    format!(
        "[EXIT BRAIN] {}: TP={}%, SL={}%, Trail={}%",
        plan.key.symbol,
        plan.target.percent(),
        plan.stop.percent(),
        plan.trail.percent(),
    )
}
