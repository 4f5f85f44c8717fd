//! The same plan for as long as it is valid, and a new one for each change that calls for it.

use super::*;

use domain::market::{ContextSource, MarketContext, Regime};
use domain::num::{Money, Ratio};
use domain::plan::{LegKind, Strategy};
use domain::policy::ProfileMode;
use domain::signal::{RiskMode, RlHint};
use domain::{Account, Epoch, Position, Qty, Side, Span, Symbol, Timestamp};
use rust_decimal::Decimal;

mod causes;
mod lock;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

/// Everything that a request is made from, to be changed one thing at a time.
#[derive(Debug, Clone)]
struct Case {
    position: Position,
    mark: Option<Price>,
    context: MarketContext,
    hint: Option<RlHint>,
    risk: RiskMode,
    heat: Option<Ratio>,
    equity: Option<Money>,
    policy: Policy,
    now: Timestamp,
}

impl Case {
    /// A long of 1 at 100, ten times leveraged, in a measured market.
    fn new() -> Self {
        let qty = Qty::new(Decimal::ONE).unwrap();
        let now = Timestamp::from_millis(1_795_178_173_912);
        let symbol = Symbol::new("BTCUSDT").unwrap();
        let mut context = MarketContext::unknown(symbol.clone(), now);
        context.source = ContextSource::Bars;
        context.trend = dec("0.1");
        context.atr = Some(ratio("0.01"));
        let key = PositionKey {
            account: Account::new("main").unwrap(),
            symbol,
            side: Side::Long,
        };
        Self {
            position: Position {
                key,
                epoch: Epoch(7),
                qty,
                initial_qty: qty,
                entry_price: price("100"),
                leverage: Decimal::TEN,
                opened_at: now,
            },
            mark: Some(price("100")),
            context,
            hint: Some(hint(now)),
            risk: RiskMode::Normal,
            heat: Some(ratio("0.5")),
            equity: Some(Money::new(dec("1000"))),
            policy: Policy::default(),
            now,
        }
    }

    fn in_mode(mode: ProfileMode) -> Self {
        let mut case = Self::new();
        case.policy.profiles.mode = mode;
        case
    }

    fn ask(&self, router: &mut ExitRouter) -> Result<Routed, PlanError> {
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
        let grid = Grid {
            tick_size: dec("0.1"),
            policy: &self.policy,
            now: self.now,
        };
        router.get_plan(&inputs, grid)
    }

    fn plan<'a>(&self, router: &'a ExitRouter) -> &'a ExitPlan {
        router.get_active_plan(&self.position.key).unwrap()
    }

    fn wait(&mut self, millis: i64) {
        self.now = self.now + Span::from_millis(millis);
    }

    /// A market that nothing is known of.
    fn blind(&mut self) {
        let symbol = self.position.key.symbol.clone();
        self.context = MarketContext::unknown(symbol, self.now);
    }
}

fn hint(at: Timestamp) -> RlHint {
    RlHint {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        take_profit: Some(ratio("0.03")),
        stop_loss: Some(ratio("0.025")),
        trail: Some(ratio("0.015")),
        confidence: Some(ratio("0.9")),
        signal_confidence: Some(ratio("0.8")),
        strategy: Some("RL_V3".into()),
        at,
    }
}

#[test]
fn m094_the_second_request_has_the_same_plan_without_computation() {
    let (case, mut router) = (Case::new(), ExitRouter::default());
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::First)));
    let first = case.plan(&router).clone();
    let mut later = case;
    later.wait(60_000);
    // A closed part, a moving mark and an entry on the same tick are no other position.
    later.mark = Some(price("101"));
    later.position.qty = Qty::new(dec("0.5")).unwrap();
    later.position.entry_price = price("100.1");
    assert_eq!(later.ask(&mut router), Ok(Routed::Kept));
    assert_eq!(*later.plan(&router), first);
}

#[test]
fn m094_both_sides_of_a_contract_have_plans_of_their_own() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    let long = case.plan(&router).id;
    case.position.key.side = Side::Short;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::First)));
    assert_ne!(case.plan(&router).id, long);
    assert_eq!(router.len(), 2);
    case.position.key.side = Side::Long;
    assert_eq!(case.plan(&router).id, long);
}

#[test]
fn a_market_that_comes_and_goes_makes_one_plan() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.context.regime = Regime::Volatile;
    let measured = case.context.clone();
    case.ask(&mut router).unwrap();
    let first = case.plan(&router).id;
    for _ in 0..100 {
        case.blind();
        assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
        case.context = measured.clone();
        assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
        case.wait(100);
    }
    assert_eq!(case.plan(&router).id, first);
}

#[test]
fn a_plan_made_blind_is_made_again_once_the_market_is_measured() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    let measured = case.context.clone();
    case.blind();
    case.ask(&mut router).unwrap();
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    case.context = measured;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Measured)));
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
}

#[test]
fn noise_makes_no_more_than_the_bound_and_the_newest_wins() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    let (mut built, mut deferred) = (0, 0);
    for step in 0..1_000_u32 {
        let regimes = [Regime::Trending, Regime::Normal];
        case.context.regime = regimes[step as usize % 2];
        match case.ask(&mut router).unwrap() {
            Routed::Built(_) => built += 1,
            Routed::Deferred(cause) => {
                assert_eq!(cause, Cause::Regime);
                deferred += 1;
            }
            Routed::Kept => {}
        }
        case.wait(1);
    }
    assert_eq!(built, pace::REBUILDS_MAX);
    assert!(deferred > 400, "{deferred}");
    // What had to wait is not lost, and only its last state counts.
    case.context.regime = Regime::Volatile;
    case.wait(1_000);
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Regime)));
    assert_eq!(case.plan(&router).regime, Regime::Volatile);
}

#[test]
fn risk_mode_and_life_never_wait_for_the_noise() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    for step in 0..20_u32 {
        let regimes = [Regime::Trending, Regime::Normal];
        case.context.regime = regimes[step as usize % 2];
        case.ask(&mut router).unwrap();
    }
    case.context.regime = Regime::Volatile;
    let deferred = Ok(Routed::Deferred(Cause::Regime));
    assert_eq!(case.ask(&mut router), deferred);
    case.risk = RiskMode::EssActive;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Risk)));
    assert!(case.plan(&router).is_emergency());
    case.risk = RiskMode::Normal;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Risk)));
    // An urgent plan is made of everything that had to wait.
    assert_eq!(case.plan(&router).regime, Regime::Volatile);
    case.position.epoch = Epoch(8);
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Epoch)));
}

#[test]
fn a_plan_that_cant_be_made_leaves_the_old_one_of_the_same_life() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    case.position.qty = Qty::ZERO;
    case.risk = RiskMode::Critical;
    assert!(case.ask(&mut router).is_err());
    assert_eq!(case.plan(&router).epoch, Epoch(7));
    case.position.epoch = Epoch(8);
    assert!(case.ask(&mut router).is_err());
    assert_eq!(router.get_active_plan(&case.position.key), None);
}

#[test]
fn an_invalidated_plan_is_gone() {
    let (case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    router.invalidate(&case.position.key);
    assert!(router.is_empty());
}
