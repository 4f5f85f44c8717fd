//! What calls for a new plan, and what a plan was made from, as far as that can.

use std::fmt;

use domain::market::{ContextSource, MarketContext};
use domain::num::{Money, Price, Qty, Ratio};
use domain::plan::ExitPlan;
use domain::plan::build::PlanInputs;
use domain::policy::{Policy, ProfileMode};
use domain::signal::{RiskMode, RlHint};
use domain::{Epoch, Timestamp};
use rust_decimal::Decimal;

/// Equity that moved by this share of the one planned with makes a new `CHALLENGE_100` plan: its
/// distances are shares of the equity, and less than 1 % of them is below any tick.
pub const EQUITY_STEP: Ratio = Ratio::new(Decimal::from_parts(1, 0, 0, false, 2));

/// Why a plan was made anew. The first of those that hold is named; the urgent ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// There was none.
    First,
    /// Another life of the position.
    Epoch,
    /// Another risk mode.
    Risk,
    /// The profit-lock trigger was crossed for the first time.
    ProfitLock,
    /// The entry price moved by more than one tick.
    Entry,
    /// Another quantity was opened: the sizes of the legs are shares of it.
    Size,
    /// Another leverage.
    Leverage,
    /// Another regime.
    Regime,
    /// The market is measured, and the plan was made from defaults.
    Measured,
    /// Another volatility: of the day, in `CHALLENGE_100` also the average true range.
    Volatility,
    /// The trend moved.
    Trend,
    /// The share of the risk budget in use moved.
    Heat,
    /// The equity moved; only in `CHALLENGE_100`.
    Equity,
    /// Other advice; advice that ran out is none.
    Hint,
    /// Its time has run out.
    Expired,
}

impl Cause {
    /// Whether it never waits, however often there was a new plan already. The plan of another
    /// entry or another quantity would sell what was just bought.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::First | Self::Epoch | Self::Risk | Self::ProfitLock | Self::Entry | Self::Size
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Epoch => "epoch",
            Self::Risk => "risk",
            Self::ProfitLock => "profit_lock",
            Self::Entry => "entry",
            Self::Size => "size",
            Self::Leverage => "leverage",
            Self::Regime => "regime",
            Self::Measured => "measured",
            Self::Volatility => "volatility",
            Self::Trend => "trend",
            Self::Heat => "heat",
            Self::Equity => "equity",
            Self::Hint => "hint",
            Self::Expired => "expired",
        })
    }
}

/// What a plan was made from, as far as a change of it calls for a new one. Spread and funding are
/// no part of it: they move all the time, and only ever raise the floor under the targets.
#[derive(Debug, Clone)]
pub struct Basis {
    epoch: Epoch,
    entry_price: Price,
    leverage: Decimal,
    opened_qty: Qty,
    risk: RiskMode,
    context: MarketContext,
    heat: Option<Ratio>,
    equity: Option<Money>,
    hint: Option<RlHint>,
}

impl Basis {
    /// The basis of a plan made from `inputs`.
    #[must_use]
    pub fn of(inputs: &PlanInputs<'_>) -> Self {
        Self {
            epoch: inputs.position.epoch,
            entry_price: inputs.position.entry_price,
            leverage: inputs.position.leverage,
            opened_qty: inputs.position.opened_qty(),
            risk: inputs.risk,
            context: inputs.context.clone(),
            heat: inputs.heat,
            equity: told_equity(inputs),
            hint: inputs.hint.cloned(),
        }
    }

    /// Whether the profit is measured from the same place, by up to one tick.
    #[must_use]
    pub fn is_same_entry(&self, inputs: &PlanInputs<'_>, tick_size: Decimal) -> bool {
        self.epoch == inputs.position.epoch
            && self.leverage == inputs.position.leverage
            && !self.entry_moved(inputs, tick_size)
    }

    /// What calls for a new plan instead of `plan`, where anything does. `is_crossing` says that
    /// the profit lock is crossed now and was not before.
    #[must_use]
    pub fn cause(
        &self,
        inputs: &PlanInputs<'_>,
        plan: &ExitPlan,
        is_crossing: bool,
        grid: &Grid<'_>,
    ) -> Option<Cause> {
        let position = inputs.position;
        let of_position = [
            (self.epoch != position.epoch, Cause::Epoch),
            (self.risk != inputs.risk, Cause::Risk),
            (is_crossing, Cause::ProfitLock),
            (self.entry_moved(inputs, grid.tick_size), Cause::Entry),
            (self.opened_qty != position.opened_qty(), Cause::Size),
            (self.leverage != position.leverage, Cause::Leverage),
        ];
        let of_portfolio = [
            (self.heat_moved(inputs, grid.policy), Cause::Heat),
            (self.equity_moved(inputs, grid.policy), Cause::Equity),
            (self.advice_changed(inputs), Cause::Hint),
            (plan.is_expired(grid.now), Cause::Expired),
        ];
        first(&of_position)
            .or_else(|| self.market_cause(inputs.context, grid.policy))
            .or_else(|| first(&of_portfolio))
    }

    /// A market that is not measured now changes nothing about a plan: a feed that comes and goes
    /// would otherwise make a plan each time.
    fn market_cause(&self, now: &MarketContext, policy: &Policy) -> Option<Cause> {
        if now.source == ContextSource::Default {
            return None;
        }
        let before = &self.context;
        let trend_step = policy.plans.trend_step.get();
        first(&[
            (before.regime != now.regime, Cause::Regime),
            (before.source == ContextSource::Default, Cause::Measured),
            (self.volatility_moved(now, policy), Cause::Volatility),
            (
                moved(before.trend, Some(now.trend), trend_step),
                Cause::Trend,
            ),
        ])
    }

    fn volatility_moved(&self, now: &MarketContext, policy: &Policy) -> bool {
        let step = policy.plans.volatility_step;
        let before = self.context.volatility;
        let by_day = moved_by_share(before.get(), Some(now.volatility.get()), step);
        if !is_challenge(policy) {
            return by_day;
        }
        let default = policy.profiles.challenge.atr_default;
        let range = measured_range(&self.context).unwrap_or(default);
        by_day || moved_by_share(range.get(), measured_range(now).map(Ratio::get), step)
    }

    fn entry_moved(&self, inputs: &PlanInputs<'_>, tick_size: Decimal) -> bool {
        let distance = self.entry_price.get() - inputs.position.entry_price.get();
        distance.abs() > tick_size
    }

    fn heat_moved(&self, inputs: &PlanInputs<'_>, policy: &Policy) -> bool {
        let before = self.heat.unwrap_or(Ratio::ZERO).get();
        let step = policy.plans.heat_step.get();
        moved(before, inputs.heat.map(Ratio::get), step)
    }

    fn equity_moved(&self, inputs: &PlanInputs<'_>, policy: &Policy) -> bool {
        let default = policy.profiles.challenge.equity_default;
        let before = self.equity.unwrap_or(default).get();
        let now = told_equity(inputs).map(Money::get);
        is_challenge(policy) && moved_by_share(before, now, EQUITY_STEP)
    }

    /// Advice that is not told any more changes nothing, as a market that falls silent: the stop
    /// would stay where the advice has tightened it, and only the targets would move. Another
    /// strategy is news by itself.
    fn advice_changed(&self, inputs: &PlanInputs<'_>) -> bool {
        let Some(now) = inputs.hint.map(advice) else {
            return false;
        };
        let before = self.hint.as_ref().map(advice).unwrap_or_default();
        let (numbers, strategy) = now;
        if numbers == <[Option<Ratio>; 5]>::default() {
            return strategy.is_some() && strategy != before.1;
        }
        now != before
    }
}

/// What a change is measured with.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// Of the contract.
    pub tick_size: Decimal,
    /// The policy in force.
    pub policy: &'a Policy,
    /// The moment.
    pub now: Timestamp,
}

/// What advice says; its date alone is no reason for a new plan.
fn advice(hint: &RlHint) -> ([Option<Ratio>; 5], Option<&str>) {
    let numbers = [
        hint.take_profit,
        hint.stop_loss,
        hint.trail,
        hint.confidence,
        hint.signal_confidence,
    ];
    (numbers, hint.strategy.as_deref())
}

fn is_challenge(policy: &Policy) -> bool {
    policy.profiles.mode == ProfileMode::Challenge100
}

/// The average true range; one of nothing was not measured.
fn measured_range(context: &MarketContext) -> Option<Ratio> {
    context.atr.filter(|range| *range > Ratio::ZERO)
}

/// The equity, where one is told; one of nothing or less is none.
fn told_equity(inputs: &PlanInputs<'_>) -> Option<Money> {
    inputs.equity.filter(|equity| *equity > Money::default())
}

fn first(checks: &[(bool, Cause)]) -> Option<Cause> {
    checks
        .iter()
        .find(|(holds, _)| *holds)
        .map(|(_, cause)| *cause)
}

/// Whether a number is at least `step` away from the one planned with. One that is not told any
/// more moves nothing: the plan was made when it was known.
fn moved(before: Decimal, now: Option<Decimal>, step: Decimal) -> bool {
    let distance = now.map_or(Decimal::ZERO, |now| (now - before).abs());
    !distance.is_zero() && distance >= step
}

fn moved_by_share(before: Decimal, now: Option<Decimal>, share: Ratio) -> bool {
    moved(before, now, before.abs() * share.get())
}
