//! Strategies for every value that travels: anything that the schemas allow.
#![allow(dead_code, reason = "each test binary uses its own part")]

#[macro_use]
mod every;
pub mod both_ways;
pub mod changes;
pub mod control;
pub mod orders;
pub mod performance;
pub mod plans;
pub mod raw;
pub mod release;
pub mod schema;

use domain::decision::{Action, Decision, Rule, Serial, StopReason, Target};
use domain::ids::{Account, Epoch, Module, PositionKey, Symbol};
use domain::market::{ContextSource, MarkTick, MarketContext, Regime};
use domain::plan::PlanId;
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::{MarginPct, Money, Price, PricePct, Qty, Ratio, Side, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

/// What takes two releases, by the name that a break gives it: new values, choices and signed
/// fields that this release reads and does not write yet, and old ones that it still reads and the
/// last release has stopped to write. The next freeze empties it.
pub const IN_TWO_STEPS: [&str; 0] = [];

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

/// 0 or more.
pub fn distance() -> impl Strategy<Value = Ratio> {
    (0_i64..1_000_000).prop_map(|n| Ratio::new(Decimal::new(n, 6)))
}

pub fn money() -> impl Strategy<Value = Money> {
    (-1_000_000_000_i64..1_000_000_000, 0_u32..9)
        .prop_map(|(n, scale)| Money::new(Decimal::new(n, scale)))
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
    let measured = (
        option::of(distance()),
        option::of(distance()),
        option::of(ratio()),
        option::of(money()),
    );
    (
        symbol(),
        distance(),
        -100_i64..=100,
        regime(),
        source,
        measured,
        time(),
    )
        .prop_map(
            |(symbol, volatility, trend, regime, source, measured, at)| MarketContext {
                symbol,
                volatility,
                trend: Decimal::new(trend, 2),
                regime,
                atr: measured.0,
                spread: measured.1,
                funding_rate: measured.2,
                quote_volume_24h: measured.3.map(|money| Money::new(money.get().abs())),
                source,
                at,
            },
        )
}

pub fn rl_hint() -> impl Strategy<Value = RlHint> {
    let distance = || option::of(ratio());
    let distances = (distance(), distance(), distance());
    let entry = (option::of(share()), option::of(token()));
    (symbol(), distances, option::of(share()), entry, time()).prop_map(
        |(symbol, (take_profit, stop_loss, trail), confidence, entry, at)| RlHint {
            symbol,
            take_profit,
            stop_loss,
            trail,
            confidence,
            signal_confidence: entry.0,
            strategy: entry.1,
            at,
        },
    )
}

pub fn risk_state() -> impl Strategy<Value = RiskState> {
    let amounts = (option::of(share()), option::of(money()));
    (risk_mode(), amounts, time()).prop_map(|(mode, (heat, equity), at)| RiskState {
        mode,
        heat,
        equity,
        at,
    })
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

fn rule() -> impl Strategy<Value = Rule> {
    select(Rule::ALL.map(|(rule, _)| rule).to_vec())
}

pub fn decision() -> impl Strategy<Value = Decision> {
    let modes = (regime(), risk_mode());
    let prices = (price(), price(), qty(), ratio(), ratio());
    let ids = (any::<u64>(), option::of(any::<u64>()));
    let serial = (any::<u64>(), any::<u64>()).prop_map(|(boot, number)| Serial { boot, number });
    (
        key(),
        (ids, option::of(serial), option::of(price())),
        (module(), rule(), action()),
        words(),
        share(),
        prices,
        modes,
        time(),
    )
        .prop_map(
            |(key, ids, what, reason, confidence, prices, (regime, risk_mode), at)| {
                let ((epoch, plan), serial, stop) = ids;
                let (module, rule, action) = what;
                let (mark_price, entry_price, qty, on_price, on_margin) = prices;
                Decision {
                    key,
                    epoch: Epoch(epoch),
                    module,
                    rule,
                    action,
                    reason,
                    confidence,
                    plan_id: plan.map(PlanId),
                    mark_price,
                    entry_price,
                    qty,
                    pnl_pct_price: PricePct::new(on_price.get()),
                    pnl_pct_margin: MarginPct::new(on_margin.get()),
                    stop,
                    regime,
                    risk_mode,
                    at,
                    serial,
                }
            },
        )
}
