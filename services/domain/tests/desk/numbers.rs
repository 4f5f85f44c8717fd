//! What random policies differ in.

use domain::policy::{Distances, Policy, ProfileMode, StepClose};
use domain::{Money, PricePct, Ratio};
use rust_decimal::Decimal;

#[derive(Debug, Clone)]
pub struct Numbers {
    pub mode: ProfileMode,
    pub first_close: StepClose,
    pub ratchet: bool,
    pub exact_entry: bool,
    /// Target, stop and trail, basis points.
    pub distances: [i64; 3],
    /// Basis points.
    pub step_min: i64,
    pub equity: i64,
}

impl Numbers {
    pub fn policy(&self) -> Policy {
        let [target, stop, trail] = self.distances.map(Ratio::basis_points);
        let mut policy = Policy::default();
        policy.profiles.mode = self.mode;
        policy.profiles.challenge.equity_default = Money::new(self.equity.into());
        policy.ladder.steps[0].close = self.first_close;
        policy.base = Distances {
            target,
            stop,
            trail,
        };
        policy.stops.replace_step_min = Ratio::basis_points(self.step_min);
        policy.stops.ratchet = self.ratchet;
        policy.breakeven.exact_entry = self.exact_entry;
        policy.trailing.trigger_pct = PricePct::new(trail.get() * Decimal::TEN);
        policy
    }
}
