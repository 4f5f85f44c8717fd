//! Whatever a message can tell the planner, the plan of it can be told too.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::ids::{Account, Epoch, PositionKey, Symbol};
use domain::market::{ContextSource, MarketContext, Regime};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanInputs, build};
use domain::policy::{Basis, Policy, ProfileMode};
use domain::position::Position;
use domain::signal::{RiskMode, RlHint};
use domain::{Money, Price, Qty, Ratio, Side, Timestamp};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proto::Wire;
use rust_decimal::Decimal;

const NOW: Timestamp = Timestamp::from_millis(1_765_404_895_000);

/// 0 or less, a distance, nonsense, and the largest that a message carries.
fn ratio() -> impl Strategy<Value = Ratio> {
    prop_oneof![
        (-1_000_i64..1_000_000).prop_map(|number| Decimal::new(number, 6)),
        (-10_000_000_000_i64..=10_000_000_000).prop_map(|number| Decimal::new(number, 6)),
        select(vec![
            "8000",
            "10000",
            "-10000",
            "0.0000000000000000000000000001"
        ])
        .prop_map(|text| text.parse().unwrap()),
    ]
    .prop_map(Ratio::new)
}

fn distance() -> impl Strategy<Value = Ratio> {
    ratio().prop_map(|ratio| ratio.max(Ratio::ZERO))
}

fn share() -> impl Strategy<Value = Ratio> {
    (0_i64..=100).prop_map(|percent| Ratio::new(Decimal::new(percent, 2)))
}

fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn money() -> impl Strategy<Value = Money> {
    let number = (1_i64..=1_000_000_000_000_000, 0_u32..=12);
    number.prop_map(|(number, scale)| Money::new(Decimal::new(number, scale)))
}

fn hint() -> impl Strategy<Value = RlHint> {
    let told = || option::of(ratio());
    let sure = || option::of(share());
    (told(), told(), told(), sure(), sure()).prop_map(
        |(take_profit, stop_loss, trail, confidence, signal_confidence)| RlHint {
            symbol: symbol(),
            take_profit,
            stop_loss,
            trail,
            confidence,
            signal_confidence,
            strategy: None,
            at: NOW,
        },
    )
}

fn context() -> impl Strategy<Value = MarketContext> {
    use Regime::{Chop, Crash, Normal, RangeBound, Trending, Volatile};
    let regime = select(vec![Normal, Volatile, Trending, RangeBound, Chop, Crash]);
    let costs = (
        option::of(distance()),
        option::of(ratio()),
        option::of(distance()),
    );
    let trend = -100_i64..=100;
    (distance(), trend, regime, costs, option::of(money())).prop_map(
        |(volatility, trend, regime, (spread, funding_rate, atr), quote_volume_24h)| {
            MarketContext {
                volatility,
                trend: Decimal::new(trend, 2),
                regime,
                source: ContextSource::Bars,
                atr,
                spread,
                funding_rate,
                quote_volume_24h,
                ..MarketContext::unknown(symbol(), NOW)
            }
        },
    )
}

fn position() -> impl Strategy<Value = Position> {
    let entry = (1_i64..10_000_000, 0_u32..=7);
    let qty = (1_i64..=1_000_000_000_000_000, 0_u32..=12);
    let side = select(vec![Side::Long, Side::Short]);
    (entry, qty, 1_i64..=125, side).prop_map(|(entry, qty, leverage, side)| {
        let qty = Qty::new(Decimal::new(qty.0, qty.1)).unwrap();
        Position {
            key: PositionKey {
                account: Account::new("main").unwrap(),
                symbol: symbol(),
                side,
            },
            epoch: Epoch(7),
            qty,
            initial_qty: qty,
            entry_price: Price::new(Decimal::new(entry.0, entry.1)).unwrap(),
            leverage: Decimal::from(leverage),
            opened_at: NOW,
        }
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    use ProfileMode::{Challenge100, Dynamic, Ladder, Static};
    let mode = select(vec![Ladder, Static, Dynamic, Challenge100]);
    let basis = select(vec![Basis::Target, Basis::Risk]);
    (mode, basis, any::<bool>()).prop_map(|(mode, basis, by_confidence)| {
        let mut policy = Policy::default();
        policy.profiles.mode = mode;
        policy.ladder.basis = basis;
        policy.confidence.enabled = by_confidence;
        policy
    })
}

proptest! {
    #[test]
    fn a_plan_of_anything_that_can_be_told_can_be_told(
        position in position(),
        context in context(),
        hint in option::of(hint()),
        heat in option::of(share()),
        equity in option::of(money()),
        mark in option::of(1_i64..1_000_000_000),
        policy in policy(),
    ) {
        use RiskMode::{Conservative, Critical, EssActive, Normal};
        for risk in [Normal, Conservative, Critical, EssActive] {
            let inputs = PlanInputs {
                position: &position,
                mark_price: mark.map(|mark| Price::new(Decimal::new(mark, 3)).unwrap()),
                context: &context,
                hint: hint.as_ref(),
                risk,
                heat,
                equity,
                is_equity_old: false,
            };
            let plan = build(&inputs, &policy, NOW).unwrap();
            prop_assert_eq!(ExitPlan::decode(&plan.encode()), Ok(plan));
        }
    }
}
