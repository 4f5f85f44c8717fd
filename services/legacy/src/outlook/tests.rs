//! What is shown to a method, and what is not.

use super::*;
use crate::fixture::{at, key, open, price, symbol};

use domain::signal::RiskMode;
use domain::{Ratio, Side};

fn outlook() -> Outlook {
    Outlook::new(
        &Module::TrailingStopManager,
        Policy::default(),
        Mode::Shadow,
    )
}

fn tick(event_at: i64, received_at: i64) -> MarkTick {
    MarkTick {
        symbol: symbol(),
        mark_price: price("1000"),
        index_price: None,
        event_at: at(event_at),
        received_at: at(received_at),
        sequence: 1,
    }
}

fn hint(millis: i64) -> RlHint {
    RlHint {
        symbol: symbol(),
        take_profit: None,
        stop_loss: None,
        trail: None,
        confidence: Some(Ratio::ONE),
        signal_confidence: None,
        strategy: None,
        at: at(millis),
    }
}

#[test]
fn a_mark_decides_only_while_it_is_young_and_of_this_life() {
    let snapshot = open(Side::Long);
    for (event_at, received_at, now, usable) in [
        (0, 0, 5_000, true),
        (0, 0, 5_001, false),
        (-1, 10, 100, false),
    ] {
        let mut outlook = outlook();
        assert!(outlook.on_mark(&tick(event_at, received_at), at(now)));
        let mark = outlook.mark(&snapshot.position, at(now));
        assert_eq!(mark.is_some(), usable, "{event_at} {received_at} {now}");
    }
}

#[test]
fn older_news_and_news_from_the_future_change_nothing() {
    let mut outlook = outlook();
    assert!(outlook.on_mark(&tick(100, 100), at(100)));
    assert!(!outlook.on_mark(&tick(99, 99), at(100)));
    assert!(!outlook.on_mark(&tick(20_000, 200), at(200)));
    assert!(outlook.on_hint(&hint(100), at(100)));
    assert!(!outlook.on_hint(&hint(99), at(100)));
    assert!(!outlook.on_hint(&hint(1_201), at(200)));
    assert!(outlook.on_hint(&hint(1_200), at(200)));
}

#[test]
fn advice_is_shown_for_its_own_contract_and_risk_for_all() {
    let mut outlook = outlook();
    let snapshot = open(Side::Long);
    let context = MarketContext::unknown(symbol(), at(0));
    let elsewhere = MarketContext::unknown(Symbol::new("ETHUSDT").unwrap(), at(0));
    let risk = RiskState {
        mode: RiskMode::Critical,
        heat: None,
        equity: None,
        at: at(0),
    };
    outlook.on_context(&elsewhere, at(0));
    assert_eq!(outlook.picture(&snapshot, at(0)).context, None);
    outlook.on_context(&context, at(0));
    outlook.on_hint(&hint(0), at(0));
    outlook.on_risk(risk.clone(), at(0));
    let picture = outlook.picture(&snapshot, at(0));
    assert_eq!(picture.context, Some(&context));
    assert_eq!(picture.hint, Some(&hint(0)));
    assert_eq!(picture.risk, Some(&risk));
    assert_eq!(picture.mode, Mode::Shadow);
}

#[test]
fn a_kill_only_takes_the_mode_down() {
    let mut outlook = outlook();
    outlook.demote(Mode::Live);
    assert_eq!(outlook.mode(), Mode::Shadow);
    outlook.demote(Mode::Legacy);
    assert_eq!(outlook.mode(), Mode::Legacy);
}

#[test]
fn beyond_the_bound_the_oldest_makes_room() {
    let mut items = BTreeMap::new();
    for (name, age) in [("a", 3), ("b", 1), ("c", 2)] {
        newest(&mut items, &name, &age, 2, |age| at(*age));
    }
    assert_eq!(items.keys().copied().collect::<Vec<_>>(), ["a", "c"]);
    assert!(!newest(&mut items, &"a", &2, 2, |age| at(*age)), "older");
}

#[test]
fn a_plan_counts_for_its_life_until_it_expires_or_the_position_is_over() {
    let mut outlook = outlook();
    let snapshot = open(Side::Long);
    let plan = crate::fixture::plan(&snapshot);
    outlook.on_plan(&plan, at(0));
    let shown = |outlook: &Outlook, snapshot: &PositionSnapshot, now| {
        outlook.picture(snapshot, now).plan.is_some()
    };
    assert!(shown(&outlook, &snapshot, at(1_000)));
    assert!(!shown(&outlook, &snapshot, plan.expires_at));
    let mut next = snapshot.clone();
    next.position.epoch.0 += 1;
    assert!(!shown(&outlook, &next, at(1_000)), "another life");
    outlook.forget(&key(Side::Long));
    assert!(!shown(&outlook, &snapshot, at(1_000)));
}
