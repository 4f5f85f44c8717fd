//! Plans for the desk, made by the planner's own function.

use domain::Position;
use domain::market::{MarketContext, Regime};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanInputs, build};
use domain::policy::Policy;
use domain::signal::RiskMode;

use super::super::common::*;
use super::Desk;

impl Desk {
    /// The planner plans anew for what is known now.
    pub fn replan(&mut self) {
        let inputs = PlanInputs {
            position: &self.snapshot.position,
            mark_price: self.mark,
            context: &self.context,
            hint: None,
            risk: self.risk,
            heat: None,
            equity: None,
            is_equity_old: false,
        };
        self.plan = build(&inputs, &self.policy, self.now).ok();
    }

    /// In another regime.
    pub fn replan_in(&mut self, regime: Regime) {
        self.context.regime = regime;
        self.replan();
    }
}

/// The plan of a position that has just been opened in a market of that regime.
pub fn plan(position: &Position, policy: &Policy, regime: Regime) -> ExitPlan {
    let context = MarketContext {
        regime,
        ..MarketContext::unknown(position.key.symbol.clone(), NOW)
    };
    let inputs = PlanInputs {
        position,
        mark_price: None,
        context: &context,
        hint: None,
        risk: RiskMode::Normal,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    build(&inputs, policy, NOW).unwrap()
}
