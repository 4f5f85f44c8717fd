//! The profit lock: crossed whenever it happens, once, and not lost again (behaviour 10.12).

use super::*;

#[test]
fn m090_ten_percent_of_margin_locks_the_profit_once() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    // 10x leverage: 1 % of price is 10 % of margin, and the trigger is above it.
    case.mark = Some(price("101"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    case.mark = Some(price("101.0001"));
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
fn a_crossing_is_not_lost_in_the_noise() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    for leverage in 10..30 {
        case.position.leverage = leverage.into();
        case.ask(&mut router).unwrap();
    }
    case.mark = Some(price("102"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::ProfitLock)));
    case.mark = Some(price("100"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    assert_eq!(case.plan(&router).strategy, Strategy::ProfitLock);
}

#[test]
fn a_locked_profit_stays_locked_through_another_regime() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.mark = Some(price("102"));
    case.ask(&mut router).unwrap();
    case.mark = Some(price("100.5"));
    case.context.regime = Regime::Volatile;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Regime)));
    assert_eq!(case.plan(&router).strategy, Strategy::ProfitLock);
}

#[test]
fn a_locked_profit_stays_locked_where_no_mark_is_known() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.mark = Some(price("102"));
    case.ask(&mut router).unwrap();
    case.mark = None;
    case.risk = RiskMode::Critical;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Risk)));
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
    case.mark = Some(price("103"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::ProfitLock)));
}

#[test]
fn a_short_locks_its_profit_below_entry() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.position.key.side = Side::Short;
    case.ask(&mut router).unwrap();
    case.mark = Some(price("102"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    case.mark = Some(price("98.9"));
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::ProfitLock)));
}

#[test]
fn the_emergency_stop_system_comes_before_a_locked_profit_and_leaves_it_locked() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.mark = Some(price("102"));
    case.ask(&mut router).unwrap();
    case.mark = Some(price("100"));
    case.risk = RiskMode::EssActive;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Risk)));
    assert!(case.plan(&router).is_emergency());
    assert_eq!(case.plan(&router).legs_of(LegKind::Stop).count(), 0);
    case.risk = RiskMode::Normal;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Risk)));
    assert_eq!(case.plan(&router).strategy, Strategy::ProfitLock);
}
