//! Take-profit, stop and trail from confidence, volatility and risk: the module's own maths.
//!
//! Source: behaviour 6.1, step by step in the order in which it lists them.

use domain::signal::RiskMode;
use domain::{PricePct, Ratio, Span};
use rust_decimal::Decimal;

use crate::levels::basis_points;

/// Target before any scaling: 6 % of entry.
pub const BASE_TARGET: Ratio = basis_points(600);
/// Stop distance before any scaling: 2.5 % of entry.
pub const BASE_STOP: Ratio = basis_points(250);
/// No target is nearer: 5 % of entry.
pub const TARGET_MIN: Ratio = basis_points(500);
/// No stop is nearer: 1.5 % of entry. Only age may tighten further.
pub const STOP_MIN: Ratio = basis_points(150);
/// The target is at least this many stop distances away.
pub const REWARD_MIN: Ratio = basis_points(15_000);
/// The target is at most this many stop distances away.
pub const REWARD_MAX: Ratio = basis_points(40_000);
/// From this confidence on only a part is closed at the target.
pub const PARTIAL_CONFIDENCE_MIN: Ratio = basis_points(8_000);
/// Confidence of a signal that says none (behaviour 3.6).
pub const CONFIDENCE_UNKNOWN: Ratio = basis_points(7_500);
/// Distances are kept to this many decimals: the tail of a division would cost a tick.
pub const DISTANCE_DP: u32 = 8;

/// Confidence at which scaling begins, and the width of its range: 0.40 to 0.95.
const CONFIDENCE_FLOOR: Ratio = basis_points(4_000);
const CONFIDENCE_RANGE: Ratio = basis_points(5_500);
/// Scale at the lower end of that range.
const SCALE_MIN: Ratio = basis_points(5_000);
/// The stop's scale at the lower end; it falls as the target's rises.
const STOP_SCALE_MAX: Ratio = basis_points(15_000);
/// Volatility scale: 0.8, and 0.4 more for each 3 % of volatility, up to 1.5.
const VOLATILITY_SCALE_MIN: Ratio = basis_points(8_000);
const VOLATILITY_SCALE_MAX: Ratio = basis_points(15_000);
const VOLATILITY_SLOPE: Ratio = basis_points(4_000);
const VOLATILITY_UNIT: Ratio = basis_points(300);
/// Shares of the own and of the learned target.
const OWN_SHARE: Ratio = basis_points(6_000);
const HINT_SHARE: Ratio = basis_points(4_000);
/// Above this factor of the emergency stop system targets come nearer, to 0.85.
const ESS_FACTOR_MAX: Ratio = basis_points(15_000);
const ESS_TARGET: Ratio = basis_points(8_500);
/// Above this systemic risk targets come nearer, to 0.75, and stops give room, to 1.2.
const SYSTEMIC_RISK_MAX: Ratio = basis_points(7_000);
const SYSTEMIC_TARGET: Ratio = basis_points(7_500);
const SYSTEMIC_STOP: Ratio = basis_points(12_000);
/// The trail is this share of the target.
const TRAIL_SHARE: Ratio = basis_points(4_000);
/// A profit above 2 % held for more than half an hour keeps 30 % of itself as stop distance.
const PROFIT_MIN: PricePct = PricePct::new(Decimal::TWO);
const PROFIT_AGE: Span = Span::from_secs(30 * 60);
const PROFIT_STOP_SHARE: Ratio = basis_points(3_000);
/// A price that moved by less than 0.5 % in more than an hour has everything come nearer, to 0.8.
const FLAT_MAX: PricePct = PricePct::new(Decimal::from_parts(5, 0, 0, false, 1));
const FLAT_AGE: Span = Span::from_secs(60 * 60);
const FLAT_FACTOR: Ratio = basis_points(8_000);

/// How much risk the portfolio takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RiskFactor {
    /// Distances as they are.
    #[default]
    Normal,
    /// 1.15 / 0.9 (target / stop).
    Optimistic,
    /// 1.30 / 0.85.
    Aggressive,
    /// 0.70 / 1.30.
    Critical,
}

impl RiskFactor {
    /// Factor on the target.
    #[must_use]
    pub const fn target(self) -> Ratio {
        match self {
            Self::Normal => Ratio::ONE,
            Self::Optimistic => basis_points(11_500),
            Self::Aggressive => basis_points(13_000),
            Self::Critical => basis_points(7_000),
        }
    }

    /// Factor on the stop distance.
    #[must_use]
    pub const fn stop(self) -> Ratio {
        match self {
            Self::Normal => Ratio::ONE,
            Self::Optimistic => basis_points(9_000),
            Self::Aggressive => basis_points(8_500),
            Self::Critical => basis_points(13_000),
        }
    }
}

impl From<RiskMode> for RiskFactor {
    /// A mode that the table doesn't know counts as normal.
    fn from(mode: RiskMode) -> Self {
        match mode {
            RiskMode::Critical => Self::Critical,
            RiskMode::Normal | RiskMode::Conservative | RiskMode::EssActive => Self::Normal,
        }
    }
}

/// What the distances are made from. `Default` is a position of which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inputs {
    /// Confidence of the entry signal, clamped to 0..1. None: [`CONFIDENCE_UNKNOWN`].
    pub confidence: Option<Ratio>,
    /// ATR over price; less than nothing counts as nothing. None: a scale of 1.
    pub volatility: Option<Ratio>,
    /// How much risk the portfolio takes.
    pub risk: RiskFactor,
    /// Target that a learned policy suggests, above 0 and below 1; any other is no hint. None:
    /// the own target counts alone.
    pub target_hint: Option<Ratio>,
    /// Strain that the emergency stop system sees, 1 is none. None: no strain.
    pub ess_factor: Option<Ratio>,
    /// Share of the target that live conditions leave under strain, clamped to 0..1. None: 1.
    pub live_factor: Option<Ratio>,
    /// Systemic risk, 0 to 1. None: 0.
    pub systemic_risk: Option<Ratio>,
}

/// The result: distances as fractions of the entry price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distances {
    /// Take-profit, on the profit side.
    pub target: Ratio,
    /// Stop, on the loss side.
    pub stop: Ratio,
    /// Trail from the best price.
    pub trail: Ratio,
    /// Whether only a part is closed at the target.
    pub partial: bool,
}

/// The distances of a new position.
#[must_use]
pub fn distances(inputs: &Inputs) -> Distances {
    let confidence = inputs.confidence.unwrap_or(CONFIDENCE_UNKNOWN);
    let (target, stop) = scaled(confidence, inputs);
    let target = blended(target, inputs.target_hint);
    let (target, stop) = strained(target, stop, inputs);
    let target = rounded(target).max(TARGET_MIN);
    let stop = rounded(stop).max(STOP_MIN);
    let (target, stop) = balanced(target, stop);
    Distances {
        target,
        stop,
        trail: target.times(TRAIL_SHARE),
        partial: confidence >= PARTIAL_CONFIDENCE_MIN,
    }
}

/// The distances of a position that has been open for `age` with the profit `pnl`. They only come
/// nearer, below the minimums too.
#[must_use]
pub fn aged(distances: Distances, pnl: PricePct, age: Span) -> Distances {
    let flat = pnl.get().abs() < FLAT_MAX.get();
    if pnl > PROFIT_MIN && age > PROFIT_AGE {
        let profit = Ratio::new(pnl.get() / Decimal::ONE_HUNDRED);
        let kept = rounded(profit.times(PROFIT_STOP_SHARE));
        Distances {
            stop: distances.stop.min(kept),
            ..distances
        }
    } else if flat && age > FLAT_AGE {
        Distances {
            target: distances.target.times(FLAT_FACTOR),
            stop: distances.stop.times(FLAT_FACTOR),
            ..distances
        }
    } else {
        distances
    }
}

fn scaled(confidence: Ratio, inputs: &Inputs) -> (Ratio, Ratio) {
    let scale = confidence_scale(confidence);
    let volatility = inputs.volatility.map_or(Ratio::ONE, volatility_scale);
    let stop_scale = STOP_SCALE_MAX.get() - (scale.get() - SCALE_MIN.get());
    let target = BASE_TARGET.times(scale).times(volatility);
    let stop = BASE_STOP.times(Ratio::new(stop_scale)).times(volatility);
    (
        target.times(inputs.risk.target()),
        stop.times(inputs.risk.stop()),
    )
}

/// 0.5 at a confidence of 0.40 and below, 1.5 at 0.95 and above.
fn confidence_scale(confidence: Ratio) -> Ratio {
    let known = confidence.clamp(Ratio::ZERO, Ratio::ONE).get();
    let above = (known - CONFIDENCE_FLOOR.get()) / CONFIDENCE_RANGE.get();
    Ratio::new(SCALE_MIN.get() + above.clamp(Decimal::ZERO, Decimal::ONE))
}

fn volatility_scale(volatility: Ratio) -> Ratio {
    // The scale is at its end long before a volatility of 1: the bound only keeps it computable.
    let known = volatility.clamp(Ratio::ZERO, Ratio::ONE);
    let rise = known.times(VOLATILITY_SLOPE).get() / VOLATILITY_UNIT.get();
    let scale = Ratio::new(VOLATILITY_SCALE_MIN.get() + rise);
    scale.min(VOLATILITY_SCALE_MAX)
}

fn blended(target: Ratio, hint: Option<Ratio>) -> Ratio {
    let usable = hint.filter(|hint| *hint > Ratio::ZERO && *hint < Ratio::ONE);
    usable.map_or(target, |hint| {
        Ratio::new(target.times(OWN_SHARE).get() + hint.times(HINT_SHARE).get())
    })
}

fn strained(mut target: Ratio, mut stop: Ratio, inputs: &Inputs) -> (Ratio, Ratio) {
    if inputs.ess_factor.is_some_and(|ess| ess > ESS_FACTOR_MAX) {
        let live = inputs.live_factor.unwrap_or(Ratio::ONE);
        let live = live.clamp(Ratio::ZERO, Ratio::ONE);
        target = target.times(ESS_TARGET).times(live);
    }
    let systemic = inputs.systemic_risk.unwrap_or(Ratio::ZERO);
    if systemic > SYSTEMIC_RISK_MAX {
        target = target.times(SYSTEMIC_TARGET);
        stop = stop.times(SYSTEMIC_STOP);
    }
    (target, stop)
}

/// Brings the reward into its bounds: too small a one moves the target, too large a one the stop,
/// so that neither ever falls below its minimum.
fn balanced(target: Ratio, stop: Ratio) -> (Ratio, Ratio) {
    let nearest = stop.times(REWARD_MIN);
    let farthest = stop.times(REWARD_MAX);
    if target < nearest {
        (nearest, stop)
    } else if target > farthest {
        (target, Ratio::new(target.get() / REWARD_MAX.get()))
    } else {
        (target, stop)
    }
}

fn rounded(distance: Ratio) -> Ratio {
    Ratio::new(distance.get().round_dp(DISTANCE_DP))
}

#[cfg(test)]
mod tests;
