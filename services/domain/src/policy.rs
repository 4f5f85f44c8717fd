//! Every number that shapes a plan or a decision, in one place, with the ruled defaults.
//!
//! The sections are the tables of the policy file, so the two read alike. Where a default comes
//! from is said at its field; "T.." are the owner's rulings.

use core::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::stable_hash;
use crate::market::Regime;
use crate::num::Ratio;
use crate::signal::RiskMode;
use crate::time::Span;

pub mod check;
pub mod distance;
pub mod profile;
pub mod protect;

pub use check::Fault;
pub use distance::{
    Bounds, ConfidenceScaling, Costs, Distances, Heat, Hints, RegimeFactors, Regimes, RiskFactors,
    TrendAlignment, VolatilityScaling,
};
pub use profile::{
    Basis, Challenge, DynamicTp, Ladder, LadderStep, Mapping, Profile, ProfileLeg, ProfileMode,
    ProfileTrail, Profiles, StepClose, Tightening, TrailActivation,
};
pub use protect::{Breakeven, Emergency, ProfitLock, Stops, Trailing};

/// The rules' numbers. `Default` is what ships.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Distances without any advice.
    pub base: Distances,
    /// What outside advice may do.
    pub hints: Hints,
    /// Targets by the confidence of the advice.
    pub confidence: ConfidenceScaling,
    /// Distances by the portfolio's risk mode.
    pub risk: RiskFactors,
    /// Distances by the market's temper.
    pub regimes: Regimes,
    /// Distances by measured volatility.
    pub volatility: VolatilityScaling,
    /// Wider targets with the trend, tighter stops against it.
    pub trend: TrendAlignment,
    /// Distances by the share of the risk budget in use.
    pub heat: Heat,
    /// Smallest and largest distances.
    pub bounds: Bounds,
    /// What a round trip costs: no target may lie nearer.
    pub costs: Costs,
    /// The default legs.
    pub ladder: Ladder,
    /// Other sets of legs, by name.
    pub profiles: Profiles,
    /// How long plans hold, and what makes them anew.
    pub plans: Plans,
    /// The working stop and the floor under it.
    pub stops: Stops,
    /// The stop at entry.
    pub breakeven: Breakeven,
    /// The stop beyond entry.
    pub profit_lock: ProfitLock,
    /// The stop behind the price.
    pub trailing: Trailing,
    /// The ways out.
    pub emergency: Emergency,
}

/// Life of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plans {
    /// How long one holds: 24 h (behaviour 2.4).
    pub valid: Span,
    /// A volatility that changed by this share of the one planned with makes a new plan: 0.5.
    pub volatility_step: Ratio,
    /// A trend that moved by this much makes a new plan: 0.25 of -1 to 1.
    pub trend_step: Ratio,
    /// A portfolio heat that moved by this much makes a new plan: 0.05.
    pub heat_step: Ratio,
}

impl Default for Plans {
    fn default() -> Self {
        Self {
            valid: Span::from_hours(24),
            volatility_step: Ratio::basis_points(5_000),
            trend_step: Ratio::basis_points(2_500),
            heat_step: Ratio::basis_points(500),
        }
    }
}

impl Policy {
    /// Factors of `regime`.
    #[must_use]
    pub const fn regime(&self, regime: Regime) -> RegimeFactors {
        self.regimes.of(regime)
    }

    /// Factor of `mode` on both distances.
    #[must_use]
    pub const fn risk(&self, mode: RiskMode) -> Ratio {
        match mode {
            RiskMode::Normal => Ratio::ONE,
            RiskMode::Conservative => self.risk.conservative,
            RiskMode::Critical => self.risk.critical,
            // Moot for the emergency, which closes at once; the strictest all the same.
            RiskMode::EssActive => self.risk.ess_active,
        }
    }

    /// Distance from entry at which a close costs nothing: both taker fees and the buffer (T19).
    #[must_use]
    pub fn breakeven_offset(&self) -> Ratio {
        if self.breakeven.exact_entry {
            return Ratio::ZERO;
        }
        let fee = self.costs.taker_fee.get();
        Ratio::new(fee + fee + self.breakeven.buffer.get())
    }

    /// Farthest stop that keeps the loss within the share of margin: `margin_loss_max / leverage`.
    #[must_use]
    pub fn floor_distance(&self, leverage: Decimal) -> Ratio {
        Ratio::new(self.stops.margin_loss_max.get() / leverage.max(Decimal::ONE))
    }

    /// Stable hash over every number, to tell two policies apart.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hasher = Fnv(stable_hash(&[]));
        // The derived text names every field and value; writing into the hash can't fail.
        let written = fmt::Write::write_fmt(&mut hasher, format_args!("{self:?}"));
        debug_assert!(written.is_ok());
        hasher.0
    }
}

/// FNV-1a as a text sink.
pub(crate) struct Fnv(pub(crate) u64);

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_number_changes_the_hash() {
        let policy = Policy::default();
        let mut changed = policy.clone();
        changed.base.stop = Ratio::basis_points(251);
        assert_eq!(policy.hash(), Policy::default().hash());
        assert_ne!(policy.hash(), changed.hash());
    }

    #[test]
    fn equal_policies_have_one_hash_however_their_numbers_are_written() {
        let mut written = Policy::default();
        written.base.stop = Ratio::new(Decimal::new(25, 3));
        assert_eq!(written, Policy::default());
        assert_eq!(written.hash(), Policy::default().hash());
    }

    #[test]
    fn the_floor_keeps_the_loss_within_its_share_of_margin() {
        let policy = Policy::default();
        assert_eq!(
            policy.floor_distance(Decimal::TEN),
            Ratio::basis_points(100)
        );
        assert_eq!(
            policy.floor_distance(Decimal::ZERO),
            Ratio::basis_points(1_000)
        );
    }
}
