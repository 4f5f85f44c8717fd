//! One set of inputs, changed in words, and its plan in words.

use domain::market::{ContextSource, MarketContext, Regime};
use domain::plan::build::{PlanInputs, build};
use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanStep, StepName};
use domain::policy::Policy;
use domain::signal::{RiskMode, RlHint};
use domain::{Money, Position, Price, Ratio, Side};

use crate::common::*;

/// Everything that a plan is made from; nothing is known but the position.
#[derive(Debug, Clone)]
pub struct Case {
    pub position: Position,
    pub context: MarketContext,
    pub hint: Option<RlHint>,
    pub risk: RiskMode,
    pub heat: Option<Ratio>,
    pub equity: Option<Money>,
    pub mark: Option<Price>,
    pub policy: Policy,
}

impl Case {
    pub fn new(name: &str, side: Side, size: &str, entry: &str) -> Self {
        Self::of(position(name, side, size, entry))
    }

    pub fn of(position: Position) -> Self {
        Self {
            context: MarketContext::unknown(position.key.symbol.clone(), NOW),
            position,
            hint: None,
            risk: RiskMode::Normal,
            heat: None,
            equity: None,
            mark: None,
            policy: Policy::default(),
        }
    }

    /// A long of 0.1 BTC at 50,000 with leverage 5.
    pub fn long() -> Self {
        Self::new("BTCUSDT", Side::Long, "0.1", "50000")
    }

    /// A short of 1 ETH at 3,000 with leverage 5.
    pub fn short() -> Self {
        Self::new("ETHUSDT", Side::Short, "1", "3000")
    }

    /// The same with something changed.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn leverage(self, leverage: &str) -> Self {
        self.with(|case| case.position.leverage = dec(leverage))
    }

    pub fn regime(self, regime: Regime) -> Self {
        self.with(|case| case.context.regime = regime)
    }

    pub fn risk(self, risk: RiskMode) -> Self {
        self.with(|case| case.risk = risk)
    }

    pub fn mark(self, mark: &str) -> Self {
        self.with(|case| case.mark = Some(price(mark)))
    }

    pub fn heat(self, heat: &str) -> Self {
        self.with(|case| case.heat = Some(ratio(heat)))
    }

    pub fn equity(self, equity: &str) -> Self {
        self.with(|case| case.equity = Some(Money::new(dec(equity))))
    }

    /// Measured volatility; the regime stays as it was told.
    pub fn volatility(self, volatility: &str) -> Self {
        self.with(|case| {
            case.context.source = ContextSource::Bars;
            case.context.volatility = ratio(volatility);
        })
    }

    pub fn trend(self, trend: &str) -> Self {
        self.with(|case| {
            case.context.source = ContextSource::Bars;
            case.context.trend = dec(trend);
        })
    }

    /// Advice for target and stop with that confidence.
    pub fn advice(self, target: &str, stop: &str, confidence: &str) -> Self {
        self.hinted(|hint| {
            hint.take_profit = Some(ratio(target));
            hint.stop_loss = Some(ratio(stop));
            hint.confidence = Some(ratio(confidence));
        })
    }

    /// Advice with something in it, on top of what was there.
    pub fn hinted(self, change: impl FnOnce(&mut RlHint)) -> Self {
        self.with(|case| {
            let empty = RlHint {
                symbol: case.position.key.symbol.clone(),
                take_profit: None,
                stop_loss: None,
                trail: None,
                confidence: None,
                signal_confidence: None,
                strategy: None,
                at: NOW,
            };
            change(case.hint.get_or_insert(empty));
        })
    }

    pub fn policy(self, change: impl FnOnce(&mut Policy)) -> Self {
        self.with(|case| change(&mut case.policy))
    }

    pub fn plan(&self) -> ExitPlan {
        let inputs = PlanInputs {
            position: &self.position,
            mark_price: self.mark,
            context: &self.context,
            hint: self.hint.as_ref(),
            risk: self.risk,
            heat: self.heat,
            equity: self.equity,
            is_equity_old: false,
        };
        build(&inputs, &self.policy, NOW).unwrap()
    }

    pub fn legs(&self) -> Vec<String> {
        legs(&self.plan())
    }

    pub fn step(&self, name: StepName) -> PlanStep {
        step(&self.plan(), name)
    }
}

/// The legs in words: `TP 0.25 @ 0.015`.
pub fn legs(plan: &ExitPlan) -> Vec<String> {
    plan.legs.iter().map(words).collect()
}

fn words(leg: &ExitLeg) -> String {
    let kind = match leg.kind {
        LegKind::TakeProfit => "TP",
        LegKind::Stop => "SL",
        LegKind::Trail => "TRAIL",
        LegKind::Partial => "PARTIAL",
        LegKind::Emergency => "EMERGENCY",
    };
    let mut words = format!("{kind} {}", leg.size);
    if let Some(offset) = leg.offset {
        words += &format!(" @ {offset}");
    }
    if let Some(callback) = leg.callback {
        words += &format!(" by {callback}");
    }
    words
}

/// Offsets of the targets, nearest first.
pub fn targets(plan: &ExitPlan) -> Vec<String> {
    let offset = |leg: &ExitLeg| leg.offset.unwrap().to_string();
    plan.target_legs().map(offset).collect()
}

/// What that step did.
pub fn step(plan: &ExitPlan, name: StepName) -> PlanStep {
    let found = plan.steps.iter().find(|step| step.name == name);
    found.unwrap().clone()
}
