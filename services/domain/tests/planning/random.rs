//! Random inputs within what a message can carry, and policies within what makes sense.

use domain::market::{ContextSource, MarketContext, Regime, regime_of};
use domain::policy::{Basis, Ladder, LadderStep, Policy, ProfileMode, StepClose, TrailActivation};
use domain::signal::{RiskMode, RlHint};
use domain::{Money, Position, Price, Qty, Ratio, Side};
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::case::Case;
use crate::common::*;

/// A ratio of `low` to `high` millionths.
pub fn millionths(low: i64, high: i64) -> impl Strategy<Value = Ratio> {
    (low..=high).prop_map(|number| Ratio::new(Decimal::new(number, 6)))
}

pub fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Long), Just(Side::Short)]
}

fn decimal(digits: i64) -> impl Strategy<Value = Decimal> {
    (1..digits, 0_u32..10).prop_map(|(number, scale)| Decimal::new(number, scale))
}

pub fn position() -> impl Strategy<Value = Position> {
    let numbers = (decimal(10_000_000), decimal(10_000_000), 1_i64..=125);
    (side(), numbers, 1_i64..=100).prop_map(|(side, (entry, opened, leverage), left)| {
        let mut position = crate::common::position("BTCUSDT", side, "1", "1");
        position.entry_price = Price::new(entry).unwrap();
        position.initial_qty = Qty::new(opened).unwrap();
        position.qty = position
            .initial_qty
            .share(Ratio::new(Decimal::new(left, 2)));
        position.leverage = Decimal::from(leverage);
        position
    })
}

fn regime() -> impl Strategy<Value = Regime> {
    use Regime::{Chop, Crash, Normal, RangeBound, Trending, Volatile};
    proptest::sample::select(vec![Normal, Volatile, Trending, RangeBound, Chop, Crash])
}

pub fn context() -> impl Strategy<Value = MarketContext> {
    let measured = (
        millionths(0, 100_000),
        millionths(-1_000_000, 1_000_000),
        option::of(regime()),
        any::<bool>(),
    );
    let costs = (
        option::of(prop_oneof![
            millionths(0, 600_000),
            Just(ratio("0.0000000001"))
        ]),
        option::of(millionths(0, 10_000)),
        option::of(millionths(-10_000, 10_000)),
        option::of(0_i64..1_000_000),
    );
    (measured, costs).prop_map(|((volatility, trend, told, bars), costs)| {
        let (atr, spread, funding_rate, volume) = costs;
        let trend = trend.get();
        let mut context = MarketContext::unknown(symbol("BTCUSDT"), NOW);
        context.volatility = volatility;
        context.trend = trend;
        context.regime = told.unwrap_or_else(|| regime_of(volatility, trend));
        context.atr = atr;
        context.spread = spread;
        context.funding_rate = funding_rate;
        context.quote_volume_24h = volume.map(|volume| Money::new(Decimal::from(volume)));
        if bars {
            context.source = ContextSource::Bars;
        }
        context
    })
}

/// Also nonsense: distances below 0 and far above the price.
fn hint() -> impl Strategy<Value = RlHint> {
    let distance = || {
        option::of(prop_oneof![
            8 => millionths(1, 200_000),
            1 => millionths(-10_000, 0),
            1 => Just(ratio("10000")),
        ])
    };
    let trail = option::of(millionths(-10_000, 2_000_000));
    let sure = || option::of(millionths(0, 1_000_000));
    let strategy = option::of(Just(String::from("SWING")));
    (distance(), distance(), trail, sure(), sure(), strategy).prop_map(
        |(take_profit, stop_loss, trail, confidence, signal_confidence, strategy)| RlHint {
            symbol: symbol("BTCUSDT"),
            take_profit,
            stop_loss,
            trail,
            confidence,
            signal_confidence,
            strategy,
            at: NOW,
        },
    )
}

fn risk() -> impl Strategy<Value = RiskMode> {
    use RiskMode::{Conservative, Critical, EssActive, Normal};
    proptest::sample::select(vec![Normal, Conservative, Critical, EssActive])
}

/// A ladder of up to five steps, each farther than the one before; the last one may trail.
fn ladder() -> impl Strategy<Value = Ladder> {
    let close = proptest::sample::select(vec![StepClose::Limit, StepClose::Market]);
    let step = (millionths(100_000, 600_000), 1_i64..=40, close);
    let activation = prop_oneof![
        millionths(0, 1_000_000).prop_map(TrailActivation::OfFirstTarget),
        millionths(0, 3_000_000).prop_map(TrailActivation::TargetMultiple),
    ];
    let basis = prop_oneof![Just(Basis::Target), Just(Basis::Risk)];
    let steps = proptest::collection::vec(step, 0..5);
    (basis, activation, steps, any::<bool>()).prop_map(|(basis, activation, steps, trails)| {
        let mut distance = Decimal::ZERO;
        let mut steps: Vec<LadderStep> = steps
            .into_iter()
            .map(|(farther, percent, close)| {
                distance += farther.get();
                LadderStep {
                    target_multiple: Ratio::new(distance),
                    size: Ratio::new(Decimal::new(percent, 2)),
                    close,
                }
            })
            .collect();
        if let Some(last) = steps.last_mut().filter(|_| trails) {
            last.close = StepClose::Trail;
        }
        Ladder {
            basis,
            activation,
            steps,
        }
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    use ProfileMode::{Challenge100, Dynamic, Ladder, Static};
    let mode = proptest::sample::select(vec![Ladder, Static, Dynamic, Challenge100]);
    (mode, ladder(), any::<[bool; 5]>(), 0_u8..4).prop_map(|(mode, ladder, on, fundings)| {
        let mut policy = Policy::default();
        policy.profiles.mode = mode;
        policy.ladder = ladder;
        policy.confidence.enabled = on[0];
        policy.volatility.enabled = on[1];
        policy.trend.enabled = on[2];
        policy.heat.enabled = on[3];
        policy.costs.enabled = on[4];
        policy.costs.fundings = fundings;
        policy
    })
}

/// Anything that can be asked for.
pub fn case() -> impl Strategy<Value = Case> {
    let inputs = (position(), context(), option::of(hint()), risk());
    let heat = option::of(millionths(0, 1_000_000));
    let equity = option::of(-100_i64..10_000_000);
    let mark = option::of(millionths(500_000, 1_500_000));
    (inputs, heat, equity, mark, policy()).prop_map(|(inputs, heat, equity, mark, policy)| {
        let (position, context, hint, risk) = inputs;
        let share = |share: Ratio| position.entry_price.get() * share.get();
        Case {
            mark: mark.map(|mark| Price::new(share(mark)).unwrap()),
            equity: equity.map(|equity| Money::new(Decimal::from(equity))),
            position,
            context,
            hint,
            risk,
            heat,
            policy,
        }
    })
}
