//! The same plan for as long as it is valid, and a new one for each change that calls for it.

use super::*;

use domain::market::MarketContext;
use domain::plan::{LegKind, Strategy};
use domain::{Account, Position, Qty, Side, Span, Symbol};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

/// Everything that a request is made from, to be changed one thing at a time.
#[derive(Debug, Clone)]
struct Case {
    position: Position,
    mark: Option<Price>,
    regime: Regime,
    hint: Option<RlHint>,
    risk: RiskMode,
    now: Timestamp,
}

impl Case {
    fn new() -> Self {
        let qty = Qty::new(Decimal::ONE).unwrap();
        let now = Timestamp::from_millis(1_795_178_173_912);
        let key = PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
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
            regime: Regime::Normal,
            hint: None,
            risk: RiskMode::Normal,
            now,
        }
    }

    fn ask(&self, router: &mut ExitRouter) -> Result<Routed, PlanError> {
        let symbol = self.position.key.symbol.clone();
        let mut context = MarketContext::unknown(symbol, self.now);
        context.regime = self.regime;
        let inputs = PlanInputs {
            position: &self.position,
            mark_price: self.mark,
            context: &context,
            hint: self.hint.as_ref(),
            risk: self.risk,
        };
        router.get_plan(&inputs, dec("0.1"), &Policy::default(), self.now)
    }

    fn plan<'a>(&self, router: &'a ExitRouter) -> &'a ExitPlan {
        router.get_active_plan(&self.position.key).unwrap()
    }
}

fn hint(at: Timestamp, stop: &str) -> RlHint {
    RlHint {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        take_profit: None,
        stop_loss: Some(Ratio::new(dec(stop))),
        trail: None,
        confidence: Some(Ratio::new(dec("0.9"))),
        at,
    }
}

#[test]
fn the_same_plan_is_kept_while_nothing_changes() {
    let (case, mut router) = (Case::new(), ExitRouter::default());
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::First)));
    let first = case.plan(&router).clone();
    let mut later = case;
    later.now = later.now + Span::from_secs(60);
    later.mark = Some(price("101"));
    later.position.qty = Qty::new(dec("0.5")).unwrap();
    later.position.entry_price = price("100.1");
    assert_eq!(later.ask(&mut router), Ok(Routed::Kept));
    assert_eq!(*later.plan(&router), first);
}

#[test]
fn each_change_that_matters_makes_a_new_plan_once() {
    type Change = (Cause, fn(&mut Case));
    let changes: [Change; 7] = [
        (Cause::Epoch, |case| case.position.epoch = Epoch(8)),
        (Cause::Entry, |case| {
            case.position.entry_price = price("100.2")
        }),
        (Cause::Leverage, |case| {
            case.position.leverage = Decimal::TWO
        }),
        (Cause::Risk, |case| case.risk = RiskMode::Conservative),
        (Cause::Regime, |case| case.regime = Regime::Trending),
        (Cause::Hint, |case| case.hint = Some(hint(case.now, "0.02"))),
        (Cause::Expired, |case| {
            case.now = case.now + Span::from_secs(24 * 3_600)
        }),
    ];
    for (cause, change) in changes {
        let (mut case, mut router) = (Case::new(), ExitRouter::default());
        case.ask(&mut router).unwrap();
        let first = case.plan(&router).id;
        change(&mut case);
        assert_eq!(case.ask(&mut router), Ok(Routed::Built(cause)));
        assert_ne!(case.plan(&router).id, first, "{cause}");
        assert_eq!(case.ask(&mut router), Ok(Routed::Kept), "{cause}");
    }
}

#[test]
fn repeated_advice_with_a_newer_date_keeps_the_plan() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.hint = Some(hint(case.now, "0.02"));
    case.ask(&mut router).unwrap();
    case.hint = Some(hint(case.now + Span::from_secs(1), "0.02"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
}

#[test]
fn ten_percent_of_margin_locks_the_profit_once() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    // 10x leverage: 1 % of price is 10 % of margin, and the trigger is above it.
    case.mark = Some(price("101"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    case.mark = Some(price("101.1"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::ProfitLock)));
    let locked = case.plan(&router).clone();
    assert_eq!(locked.strategy, Strategy::ProfitLock);
    for mark in ["100.9", "101.5", "100.5"] {
        case.mark = Some(price(mark));
        assert_eq!(case.ask(&mut router), Ok(Routed::Kept), "{mark}");
    }
    assert_eq!(case.plan(&router).id, locked.id);
}

#[test]
fn a_locked_profit_stays_locked_through_another_regime() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.mark = Some(price("102"));
    case.ask(&mut router).unwrap();
    case.mark = Some(price("100.5"));
    case.regime = Regime::Volatile;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Regime)));
    assert_eq!(case.plan(&router).strategy, Strategy::ProfitLock);
}

#[test]
fn a_locked_profit_is_judged_anew_from_another_entry() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.mark = Some(price("102"));
    case.ask(&mut router).unwrap();
    case.position.entry_price = price("101.5");
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Entry)));
    assert_eq!(case.plan(&router).strategy, Strategy::StandardLadder);
}

#[test]
fn the_emergency_stop_system_makes_an_emergency_plan() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    case.risk = RiskMode::EssActive;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Risk)));
    assert!(case.plan(&router).is_emergency());
    assert_eq!(case.plan(&router).legs_of(LegKind::Stop).count(), 0);
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
