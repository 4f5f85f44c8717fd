//! Strategies for every value that travels: anything that the schemas allow.

pub mod control;
pub mod orders;
pub mod raw;
pub mod schema;

use domain::decision::{Action, Decision, StopReason, Target};
use domain::ids::{Account, Epoch, Module, PositionKey, Symbol};
use domain::market::{ContextSource, MarkTick, MarketContext, Regime};
use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanId, Strategy as PlanStrategy};
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::{MarginPct, Price, PricePct, Qty, Ratio, Side, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

pub fn price() -> impl Strategy<Value = Price> {
    (1_i64..10_000_000_000, 0_u32..9)
        .prop_map(|(n, scale)| Price::new(Decimal::new(n, scale)).unwrap())
}

pub fn qty() -> impl Strategy<Value = Qty> {
    (0_i64..10_000_000_000, 0_u32..9)
        .prop_map(|(n, scale)| Qty::new(Decimal::new(n, scale)).unwrap())
}

pub fn ratio() -> impl Strategy<Value = Ratio> {
    (-1_000_000_i64..1_000_000).prop_map(|n| Ratio::new(Decimal::new(n, 6)))
}

pub fn share() -> impl Strategy<Value = Ratio> {
    (0_i64..=10_000).prop_map(|n| Ratio::new(Decimal::new(n, 4)))
}

pub fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000_000).prop_map(Timestamp::from_micros)
}

pub fn words() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 é%.,:-]{0,80}"
}

pub fn token() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_-]{1,40}"
}

pub fn symbol() -> impl Strategy<Value = Symbol> {
    token().prop_map(|text| Symbol::new(&text).unwrap())
}

pub fn key() -> impl Strategy<Value = PositionKey> {
    (token(), symbol(), select(vec![Side::Long, Side::Short])).prop_map(
        |(account, symbol, side)| PositionKey {
            account: Account::new(&account).unwrap(),
            symbol,
            side,
        },
    )
}

pub fn module() -> impl Strategy<Value = Module> {
    let names = [
        "exit_executor",
        "position_monitor",
        "dynamic_tpsl",
        "stranger",
    ];
    select(names.to_vec()).prop_map(Module::from_name)
}

pub fn regime() -> impl Strategy<Value = Regime> {
    use Regime::{Chop, Crash, Normal, RangeBound, Trending, Volatile};
    select(vec![Normal, Volatile, Trending, RangeBound, Chop, Crash])
}

fn risk_mode() -> impl Strategy<Value = RiskMode> {
    use RiskMode::{Conservative, Critical, EssActive, Normal};
    select(vec![Normal, Conservative, Critical, EssActive])
}

pub fn stop_reason() -> impl Strategy<Value = StopReason> {
    use StopReason::{Breakeven, Initial, ProfitLock, Ratchet, Tighter, Trailing};
    select(vec![
        Initial, Breakeven, Trailing, Ratchet, ProfitLock, Tighter,
    ])
}

pub fn mark_tick() -> impl Strategy<Value = MarkTick> {
    (
        symbol(),
        price(),
        option::of(price()),
        time(),
        time(),
        any::<u64>(),
    )
        .prop_map(
            |(symbol, mark_price, index_price, event_at, received_at, sequence)| MarkTick {
                symbol,
                mark_price,
                index_price,
                event_at,
                received_at,
                sequence,
            },
        )
}

pub fn market_context() -> impl Strategy<Value = MarketContext> {
    let source = select(vec![ContextSource::Default, ContextSource::Bars]);
    (symbol(), share(), -100_i64..=100, regime(), source, time()).prop_map(
        |(symbol, volatility, trend, regime, source, at)| MarketContext {
            symbol,
            volatility,
            trend: Decimal::new(trend, 2),
            regime,
            source,
            at,
        },
    )
}

pub fn rl_hint() -> impl Strategy<Value = RlHint> {
    let distance = || option::of(ratio());
    (
        symbol(),
        distance(),
        distance(),
        distance(),
        option::of(share()),
        time(),
    )
        .prop_map(
            |(symbol, take_profit, stop_loss, trail, confidence, at)| RlHint {
                symbol,
                take_profit,
                stop_loss,
                trail,
                confidence,
                at,
            },
        )
}

pub fn risk_state() -> impl Strategy<Value = RiskState> {
    (risk_mode(), option::of(share()), time()).prop_map(|(mode, heat, at)| RiskState {
        mode,
        heat,
        at,
    })
}

fn leg() -> impl Strategy<Value = ExitLeg> {
    use LegKind::{Emergency, Partial, Stop, TakeProfit, Trail};
    let kind = select(vec![TakeProfit, Stop, Trail, Partial, Emergency]);
    let distances = (
        option::of(ratio()),
        option::of(ratio()),
        option::of(ratio()),
    );
    let r_multiple = option::of((0_i64..100_000).prop_map(|n| Decimal::new(n, 4)));
    (
        kind,
        share(),
        option::of(price()),
        distances,
        r_multiple,
        any::<u8>(),
    )
        .prop_map(
            |(kind, size, trigger_price, (offset, callback, multiple), r_multiple, priority)| {
                ExitLeg {
                    kind,
                    size,
                    offset,
                    trigger_price,
                    callback,
                    target_multiple: multiple,
                    r_multiple,
                    priority,
                }
            },
        )
}

pub fn exit_plan() -> impl Strategy<Value = ExitPlan> {
    use PlanStrategy::{EmergencyExit, ProfitLock, StandardLadder};
    let strategy = select(vec![StandardLadder, ProfitLock, EmergencyExit]);
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    let ratios = (share(), ratio(), ratio(), ratio());
    let times = (time(), time());
    (
        numbers,
        key(),
        vec(leg(), 0..6),
        strategy,
        ratios,
        regime(),
        words(),
        times,
    )
        .prop_map(
            |(
                (id, epoch, policy_hash, inputs_digest),
                key,
                legs,
                strategy,
                ratios,
                regime,
                reason,
                t,
            )| {
                let (confidence, target, stop, trail) = ratios;
                ExitPlan {
                    id: PlanId(id),
                    key,
                    epoch: Epoch(epoch),
                    legs,
                    strategy,
                    confidence,
                    regime,
                    target,
                    stop,
                    trail,
                    reason,
                    policy_hash,
                    inputs_digest,
                    created_at: t.0,
                    expires_at: t.1,
                }
            },
        )
}

fn target() -> impl Strategy<Value = Target> {
    (any::<u8>(), price(), share(), share()).prop_map(|(leg, price, from, size)| Target {
        leg,
        price,
        from,
        size,
    })
}

fn action() -> impl Strategy<Value = Action> {
    let part =
        (any::<u8>(), share(), qty()).prop_map(|(leg, fraction, keep)| Action::PartialClose {
            leg,
            fraction,
            keep,
        });
    let stop =
        (price(), stop_reason()).prop_map(|(price, reason)| Action::MoveStop { price, reason });
    prop_oneof![
        Just(Action::NoChange),
        Just(Action::FullExit),
        part,
        stop,
        vec(target(), 0..=4).prop_map(|targets| Action::UpdateTargets { targets }),
    ]
}

pub fn decision() -> impl Strategy<Value = Decision> {
    let modes = (regime(), risk_mode());
    let prices = (price(), price(), qty(), ratio(), ratio());
    let ids = (any::<u64>(), option::of(any::<u64>()));
    (
        key(),
        ids,
        action(),
        words(),
        share(),
        prices,
        modes,
        time(),
    )
        .prop_map(
            |(key, (epoch, plan), action, reason, confidence, prices, (regime, risk_mode), at)| {
                let (mark_price, entry_price, qty, on_price, on_margin) = prices;
                Decision {
                    key,
                    epoch: Epoch(epoch),
                    action,
                    reason,
                    confidence,
                    plan_id: plan.map(PlanId),
                    mark_price,
                    entry_price,
                    qty,
                    pnl_pct_price: PricePct::new(on_price.get()),
                    pnl_pct_margin: MarginPct::new(on_margin.get()),
                    regime,
                    risk_mode,
                    at,
                }
            },
        )
}
