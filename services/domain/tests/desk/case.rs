//! One look at one position: everything that a decision may look at, free to be set.

use domain::decide::{View, decide};
use domain::decision::{Action, Decision, Rule};
use domain::desired::{Desired, floor_price};
use domain::instrument::Instrument;
use domain::ladder::Ladder;
use domain::market::{MarketContext, Regime};
use domain::plan::ExitPlan;
use domain::policy::{Policy, TrailActivation};
use domain::signal::RiskMode;
use domain::{Position, Price, PricePct, Ratio, Side, Span, Timestamp};
use rust_decimal::Decimal;

use super::super::common::*;

pub const SIDES: [Side; 2] = [Side::Long, Side::Short];

#[derive(Clone)]
pub struct Case {
    pub position: Position,
    pub instrument: Instrument,
    pub plan: Option<ExitPlan>,
    pub mark: Option<Price>,
    pub regime: Regime,
    pub risk: RiskMode,
    pub stuck: bool,
    pub desired: Desired,
    pub policy: Policy,
    pub age: Span,
}

impl Case {
    /// 0.1 BTC from 50000 at 5x, stopped at the maximum-loss floor, without a plan.
    pub fn open(side: Side) -> Self {
        let position = position("BTCUSDT", side, "0.1", "50000");
        let instrument = instrument("BTCUSDT", "0.1", "0.001");
        let policy = Policy::default();
        let desired = Desired {
            stop: floor_price(&position, &instrument, &policy),
            ..Desired::default()
        };
        Self {
            position,
            instrument,
            plan: None,
            mark: None,
            regime: Regime::Normal,
            risk: RiskMode::Normal,
            stuck: false,
            desired,
            policy,
            age: Span::from_secs(60),
        }
    }

    /// At 1x, where no other rule than the one that is asked for has anything to say.
    pub fn still(side: Side) -> Self {
        let never = PricePct::new(Decimal::ONE_HUNDRED);
        let mut case = Self::open(side);
        case.regime = Regime::Volatile;
        case.position.leverage = Decimal::ONE;
        case.policy.trailing.trigger_pct = never;
        case.policy.breakeven.trigger_pct = never;
        case.policy.ladder.activation = TrailActivation::TargetMultiple(ratio("9"));
        case
    }

    /// With the plan of its policy and regime, whose ladder rests.
    pub fn planned(mut self) -> Self {
        let plan = super::plans::plan(&self.position, &self.policy, self.regime);
        let targets = domain::ladder::targets(&plan, &self.position, &self.instrument);
        self.desired.targets = targets;
        self.desired.targets_plan = Some(plan.id);
        self.plan = Some(plan);
        self
    }

    /// `percent` of profit on price.
    pub fn at_price_pct(mut self, percent: &str) -> Self {
        let offset = dec(percent) / Decimal::ONE_HUNDRED * self.position.key.side.sign();
        self.mark = self.position.entry_price.offset(Ratio::new(offset));
        self
    }

    /// `percent` of profit on margin.
    pub fn at_margin_pct(self, percent: &str) -> Self {
        let on_price = dec(percent) / self.position.leverage;
        self.at_price_pct(&on_price.to_string())
    }

    /// So far from entry on the profit side, as a price.
    pub fn level(&self, percent: &str) -> Price {
        self.clone().at_price_pct(percent).mark.unwrap()
    }

    /// The same on the grid, as a stop.
    pub fn beyond(&self, percent: &str) -> Price {
        let side = self.position.key.side;
        let price = self.level(percent);
        self.instrument.round_stop(side, price).unwrap()
    }

    /// Notes what `plan` tells of the targets.
    pub fn watch_targets(&mut self, plan: &ExitPlan) {
        let ladder = Ladder::of(plan, &self.position, &self.instrument);
        self.desired
            .watch_targets(plan, ladder.as_ref(), &self.position, &self.instrument);
    }

    pub fn decide(&self) -> Decision {
        self.look(decide)
    }

    /// What `answer` says to a look at it.
    pub fn look<T>(&self, answer: impl FnOnce(&View<'_>) -> T) -> T {
        let context = MarketContext {
            regime: self.regime,
            ..MarketContext::unknown(self.position.key.symbol.clone(), NOW)
        };
        let plan = self.plan.as_ref();
        let ladder = plan.and_then(|it| Ladder::of(it, &self.position, &self.instrument));
        answer(&View {
            position: &self.position,
            instrument: &self.instrument,
            plan,
            ladder: ladder.as_ref(),
            mark: self.mark.map(|mark| self.position.valued(mark)),
            context: &context,
            risk: self.risk,
            stuck_stop: self.stuck,
            desired: &self.desired,
            policy: &self.policy,
            now: self.now(),
        })
    }

    pub fn now(&self) -> Timestamp {
        self.position.opened_at + self.age
    }

    pub fn rule(&self) -> Rule {
        self.decide().rule
    }

    /// Where the stop goes, and by which rule.
    pub fn stop(&self) -> Option<(Rule, Price)> {
        let decision = self.decide();
        match decision.action {
            Action::MoveStop { price, .. } => Some((decision.rule, price)),
            _ => None,
        }
    }
}
