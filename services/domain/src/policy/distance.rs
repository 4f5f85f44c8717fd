//! Numbers of the steps that lead from base distances to the distances of a plan.

use serde::{Deserialize, Serialize};

use crate::market::Regime;
use crate::num::Ratio;

/// The three distances of a plan, as fractions of the entry price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distances {
    /// Take-profit target: 3 %.
    pub target: Ratio,
    /// Stop distance: 2.5 %.
    pub stop: Ratio,
    /// Trailing distance: 1.5 %.
    pub trail: Ratio,
}

impl Default for Distances {
    /// Behaviour 3.1.
    fn default() -> Self {
        Self {
            target: Ratio::basis_points(300),
            stop: Ratio::basis_points(250),
            trail: Ratio::basis_points(150),
        }
    }
}

/// What outside advice may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    /// Below this confidence a target hint is dropped, and a stop hint may only tighten: 0.5.
    pub confidence_min: Ratio,
    /// Confidence of a plan without a hint: 0.75.
    pub confidence_default: Ratio,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            confidence_min: Ratio::basis_points(5_000),
            confidence_default: Ratio::basis_points(7_500),
        }
    }
}

/// Targets by confidence: a straight line from `low` at 0 to `high` at 1. Off unless asked for
/// (behaviour 10.22): the ladder is not scaled by confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceScaling {
    /// Whether the step is taken.
    pub enabled: bool,
    /// Factor on the target at confidence 0: 0.5.
    pub low: Ratio,
    /// Factor on the target at confidence 1: 1.5.
    pub high: Ratio,
}

impl Default for ConfidenceScaling {
    fn default() -> Self {
        Self {
            enabled: false,
            low: Ratio::basis_points(5_000),
            high: Ratio::basis_points(15_000),
        }
    }
}

/// Factors on target and stop by risk mode (behaviour 3.2); NORMAL is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskFactors {
    /// CONSERVATIVE: 0.7.
    pub conservative: Ratio,
    /// CRITICAL: 0.5.
    pub critical: Ratio,
    /// `ESS_ACTIVE`: 0.3, for the record: the plan is an emergency exit.
    pub ess_active: Ratio,
}

impl Default for RiskFactors {
    fn default() -> Self {
        Self {
            conservative: Ratio::basis_points(7_000),
            critical: Ratio::basis_points(5_000),
            ess_active: Ratio::basis_points(3_000),
        }
    }
}

/// Factors of one regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeFactors {
    /// On the take-profit target.
    pub target: Ratio,
    /// On the stop distance.
    pub stop: Ratio,
    /// Whether the last leg may trail.
    pub trailing: bool,
    /// Whether the factors speak for the volatility already, so that it does not scale again.
    pub prices_volatility: bool,
}

/// Factors by regime (T01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regimes {
    /// NORMAL: 1 / 1.
    pub normal: RegimeFactors,
    /// VOLATILE: 1.2 / 1.2, no trailing.
    pub volatile: RegimeFactors,
    /// TRENDING: 1.5 / 0.8.
    pub trending: RegimeFactors,
    /// `RANGE_BOUND`: 0.8 / 0.8, no trailing.
    pub range_bound: RegimeFactors,
    /// CHOP: 1 / 1.
    pub chop: RegimeFactors,
    /// CRASH: 1 / 1; what matters there are the emergency rules.
    pub crash: RegimeFactors,
}

impl Regimes {
    /// The row of `regime`.
    #[must_use]
    pub const fn of(&self, regime: Regime) -> RegimeFactors {
        match regime {
            Regime::Normal => self.normal,
            Regime::Volatile => self.volatile,
            Regime::Trending => self.trending,
            Regime::RangeBound => self.range_bound,
            Regime::Chop => self.chop,
            Regime::Crash => self.crash,
        }
    }
}

impl Default for Regimes {
    fn default() -> Self {
        let row = |target, stop, trailing, prices_volatility| RegimeFactors {
            target: Ratio::basis_points(target),
            stop: Ratio::basis_points(stop),
            trailing,
            prices_volatility,
        };
        let plain = row(10_000, 10_000, true, false);
        Self {
            normal: plain,
            volatile: row(12_000, 12_000, false, true),
            trending: row(15_000, 8_000, true, false),
            range_bound: row(8_000, 8_000, false, true),
            chop: plain,
            crash: plain,
        }
    }
}

/// Both distances grow with volatility where the regime's row does not speak for it: straight
/// lines through (`low`, `low_factor`), (`reference`, 1), (`high`, `high_factor`), flat beyond. The
/// defaults meet `RANGE_BOUND` and VOLATILE at their borders, so that without a trend the whole
/// is one rising line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolatilityScaling {
    /// Whether the step is taken.
    pub enabled: bool,
    /// Volatility of a day, a fraction: 1.5 %, the border of `RANGE_BOUND`.
    pub low: Ratio,
    /// Volatility of a day at which nothing is scaled: 2 %, also the documented default.
    pub reference: Ratio,
    /// Volatility of a day: 4 %, the border of VOLATILE.
    pub high: Ratio,
    /// Factor at `low` and below: 0.8.
    pub low_factor: Ratio,
    /// Factor at `high` and above: 1.2.
    pub high_factor: Ratio,
}

impl Default for VolatilityScaling {
    fn default() -> Self {
        Self {
            enabled: true,
            low: Ratio::basis_points(150),
            reference: Ratio::basis_points(200),
            high: Ratio::basis_points(400),
            low_factor: Ratio::basis_points(8_000),
            high_factor: Ratio::basis_points(12_000),
        }
    }
}

/// Exits that favour the trend, in proportion to its strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendAlignment {
    /// Whether the step is taken.
    pub enabled: bool,
    /// Added to the factor on the target with a full trend: 0.2.
    pub target_with: Ratio,
    /// Taken from the factor on the stop against a full trend: 0.2.
    pub stop_against: Ratio,
}

impl Default for TrendAlignment {
    fn default() -> Self {
        Self {
            enabled: true,
            target_with: Ratio::basis_points(2_000),
            stop_against: Ratio::basis_points(2_000),
        }
    }
}

/// Both distances tighten with the share of the risk budget in use: 1 up to `from`, then a
/// straight line down to `factor_at_full` at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heat {
    /// Whether the step is taken.
    pub enabled: bool,
    /// Heat up to which nothing happens: 0.7.
    pub from: Ratio,
    /// Factor at a heat of 1: 0.5, as in CRITICAL.
    pub factor_at_full: Ratio,
}

impl Default for Heat {
    fn default() -> Self {
        Self {
            enabled: true,
            from: Ratio::basis_points(7_000),
            factor_at_full: Ratio::basis_points(5_000),
        }
    }
}

/// Smallest and largest distances (behaviour 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Smallest target: 1.5 %.
    pub target_min: Ratio,
    /// Largest target: 15 %.
    pub target_max: Ratio,
    /// Smallest stop distance: 1 %.
    pub stop_min: Ratio,
    /// Largest stop distance: 5 %.
    pub stop_max: Ratio,
    /// Smallest trailing distance: 0.1 % (behaviour 6.2), so that no advice can end the position
    /// with the first tick after the activation.
    pub trail_min: Ratio,
    /// Largest trailing distance: 5 %.
    pub trail_max: Ratio,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            target_min: Ratio::basis_points(150),
            target_max: Ratio::basis_points(1_500),
            stop_min: Ratio::basis_points(100),
            stop_max: Ratio::basis_points(500),
            trail_min: Ratio::basis_points(10),
            trail_max: Ratio::basis_points(500),
        }
    }
}

/// What a round trip costs. No target lies nearer than both fees, the spread and the funding that
/// the position pays meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Whether targets are raised to the floor.
    pub enabled: bool,
    /// The venue's taker fee per side: 0.05 %.
    pub taker_fee: Ratio,
    /// Spread assumed where none is measured: 0.02 %.
    pub spread_default: Ratio,
    /// Funding payments that the position is assumed to live through: 1.
    pub fundings: u8,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            enabled: true,
            taker_fee: Ratio::basis_points(5),
            spread_default: Ratio::basis_points(2),
            fundings: 1,
        }
    }
}
