//! Numbers of the legs: the default ladder, named profiles, the dynamic one and `CHALLENGE_100`.

use alloc::string::String;
use alloc::vec::Vec;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::market::Regime;
use crate::num::{MarginPct, Money, Ratio};
use crate::time::Span;

mod table;

/// How a leg closes its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepClose {
    /// A resting reduce-only limit; SOFT in a profile.
    Limit,
    /// A market order when the mark crosses; HARD in a profile.
    Market,
    /// It trails; a limit where the regime forbids trailing.
    Trail,
}

/// What a multiple of the ladder is a multiple of (T02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The take-profit target.
    #[default]
    Target,
    /// The stop distance: R as the field means it.
    Risk,
}

/// One step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderStep {
    /// Distance in multiples of the basis.
    pub target_multiple: Ratio,
    /// Share of the initial quantity.
    pub size: Ratio,
    /// How the step closes.
    pub close: StepClose,
}

/// When the trailing leg begins to trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailActivation {
    /// At this share of the first target's distance.
    OfFirstTarget(Ratio),
    /// At this multiple of the basis.
    TargetMultiple(Ratio),
}

/// The default legs: 25 % at 0.5, 25 % at 1, 50 % trailing with a nominal target of 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// What the multiples are of: the take-profit target.
    pub basis: Basis,
    /// When the trailing step begins to trail: at half of the first target (behaviour 10.6).
    pub activation: TrailActivation,
    /// The steps, nearest first.
    pub steps: Vec<LadderStep>,
}

impl Default for Ladder {
    fn default() -> Self {
        let step = |multiple, size, close| LadderStep {
            target_multiple: Ratio::basis_points(multiple),
            size: Ratio::basis_points(size),
            close,
        };
        Self {
            basis: Basis::Target,
            activation: TrailActivation::OfFirstTarget(Ratio::basis_points(5_000)),
            steps: alloc::vec![
                step(5_000, 2_500, StepClose::Limit),
                step(10_000, 2_500, StepClose::Limit),
                step(20_000, 5_000, StepClose::Trail),
            ],
        }
    }
}

/// Which legs a plan gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileMode {
    /// The default ladder.
    #[default]
    Ladder,
    /// The table of profiles, by symbol, strategy and regime.
    Static,
    /// The dynamic calculation; the table where it can't be made.
    Dynamic,
    /// `CHALLENGE_100`: everything in units of one trade's risk budget.
    #[serde(rename = "challenge_100")]
    Challenge100,
}

/// Sets of legs beside the default ladder; opt-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// Which legs a plan gets: the ladder.
    pub mode: ProfileMode,
    /// The strategy of a position whose signals name none: `RL_V3`.
    pub strategy: String,
    /// The profiles, by name (behaviour 3.4).
    pub table: Vec<Profile>,
    /// Which profile for whom; the most specific wins, the first of equals.
    pub mapping: Vec<Mapping>,
    /// Numbers of the dynamic calculation.
    pub dynamic: DynamicTp,
    /// Numbers of `CHALLENGE_100`.
    pub challenge: Challenge,
}

impl Default for Profiles {
    fn default() -> Self {
        Self {
            mode: ProfileMode::Ladder,
            strategy: "RL_V3".into(),
            table: table::profiles(),
            mapping: table::mapping(),
            dynamic: DynamicTp::default(),
            challenge: Challenge::default(),
        }
    }
}

/// A named set of legs; distances in multiples of the stop distance (R).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name in mappings and plans.
    pub name: String,
    /// Take-profits, nearest first; their sizes add up to 1 at most.
    pub legs: Vec<ProfileLeg>,
    /// What is left trails, where more than 1 % is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailing: Option<ProfileTrail>,
}

/// One take-profit of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileLeg {
    /// Distance in multiples of the stop distance, above 0.
    pub r_multiple: Ratio,
    /// Share of the initial quantity.
    pub size: Ratio,
    /// SOFT is a limit, HARD a market order.
    pub close: StepClose,
}

/// How the rest of a profile trails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileTrail {
    /// Distance from the best price.
    pub callback: Ratio,
    /// Profit from which on it trails, in R.
    pub activation_r: Ratio,
    /// Tighter callbacks for larger profits, ascending.
    #[serde(default)]
    pub tightening: Vec<Tightening>,
}

/// From so much profit on, this callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tightening {
    /// Profit in R.
    pub from_r: Ratio,
    /// Distance from the best price.
    pub callback: Ratio,
}

/// Who gets which profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Symbol, or `*` for any.
    pub symbol: String,
    /// Strategy, or `*` for any.
    pub strategy: String,
    /// Regime; NORMAL means any.
    pub regime: Regime,
    /// Name in the table.
    pub profile: String,
}

/// A step of the dynamic calculation that holds from or up to a border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// At this and below, `low_factor` applies.
    pub low: Ratio,
    /// Factor.
    pub low_factor: Ratio,
    /// At this and above, `high_factor` applies.
    pub high: Ratio,
    /// Factor.
    pub high_factor: Ratio,
}

/// The dynamic calculation of targets (behaviour 3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicTp {
    /// Baseline distances: 1.5 / 2.5 / 4 %.
    pub distances: [Ratio; 3],
    /// Baseline sizes: 30 / 30 / 40 %.
    pub sizes: [Ratio; 3],
    /// Rule 1, leverage: up to 5 factor 1.3, from 15 factor 0.7.
    pub leverage: Band,
    /// Rule 2: notional from which a position is large, quote currency: 2000.
    pub large_notional: Money,
    /// Factor of a large one: 0.8.
    pub large_factor: Ratio,
    /// Sizes of a large one: 40 / 35 / 25 %.
    pub large_sizes: [Ratio; 3],
    /// Rule 3, volatility of a day: up to 1.5 % factor 0.75, from 3.5 % factor 1.4.
    pub volatility: Band,
    /// Volatility where none is measured: 2.5 %.
    pub volatility_default: Ratio,
    /// Rule 4, TRENDING: factor 1.5.
    pub trending_factor: Ratio,
    /// TRENDING: 20 / 30 / 50 %.
    pub trending_sizes: [Ratio; 3],
    /// VOLATILE and `RANGE_BOUND`: factor 0.7.
    pub rough_factor: Ratio,
    /// Rule 5, signal confidence: up to 0.6 factor 0.75, from 0.85 factor 1.3.
    pub confidence: Band,
    /// Rule 6: 24-hour volume below which a market is thin, quote currency: 100000.
    pub thin_volume: Money,
    /// Factor of a thin one: 0.8.
    pub thin_factor: Ratio,
    /// Sizes of a thin one: 45 / 35 / 20 %.
    pub thin_sizes: [Ratio; 3],
    /// Rule 7: profit from which targets come nearer, percent of margin: 5.
    pub profit_margin_pct: MarginPct,
    /// Factor: 0.8.
    pub profit_factor: Ratio,
    /// Rule 8: smallest distance: 0.5 %.
    pub distance_min: Ratio,
    /// Rule 8: largest distance: 10 %.
    pub distance_max: Ratio,
    /// Distances become multiples of this stop distance: 2.5 %.
    pub max_loss: Ratio,
}

impl Default for DynamicTp {
    fn default() -> Self {
        table::dynamic()
    }
}

/// `CHALLENGE_100` (behaviour 1.2 and 4.7): 1R is a share of the equity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// 1R as a share of equity: 1.5 %.
    pub risk_per_trade: Ratio,
    /// Equity where none is told, quote currency: 100.
    pub equity_default: Money,
    /// Widest first stop, in R: 1.5.
    pub stop_r_max: Ratio,
    /// First stop in average true ranges: 2.
    pub stop_atr: Ratio,
    /// The stop stays this share of entry before liquidation: 1 %.
    pub liquidation_buffer: Ratio,
    /// Profit of the only target, in R: 1.
    pub target_r: Ratio,
    /// Share that it closes: 30 %.
    pub target_size: Ratio,
    /// Trailing distance of the rest in average true ranges: 2.
    pub trail_atr: Ratio,
    /// Average true range where none is measured, a fraction of price: 1 %.
    pub atr_default: Ratio,
    /// Out when the target was not reached in this time: 2 h.
    pub time_stop: Span,
}

impl Default for Challenge {
    fn default() -> Self {
        Self {
            risk_per_trade: Ratio::basis_points(150),
            equity_default: Money::new(Decimal::ONE_HUNDRED),
            stop_r_max: Ratio::basis_points(15_000),
            stop_atr: Ratio::basis_points(20_000),
            liquidation_buffer: Ratio::basis_points(100),
            target_r: Ratio::ONE,
            target_size: Ratio::basis_points(3_000),
            trail_atr: Ratio::basis_points(20_000),
            atr_default: Ratio::basis_points(100),
            time_stop: Span::from_hours(2),
        }
    }
}
