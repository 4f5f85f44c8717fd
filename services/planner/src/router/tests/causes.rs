//! Each cause just below and just at its border.

use super::*;

use domain::policy::ProfileMode::{Challenge100, Dynamic, Ladder, Static};

type Change = fn(&mut Case);

/// Asks, changes, asks again: what came of it, the second time for good.
fn after(mode: ProfileMode, change: Change) -> Routed {
    let (mut case, mut router) = (Case::in_mode(mode), ExitRouter::default());
    case.ask(&mut router).unwrap();
    let first = case.plan(&router).id;
    change(&mut case);
    let routed = case.ask(&mut router).unwrap();
    let is_new = case.plan(&router).id != first;
    assert_eq!(is_new, routed != Routed::Kept, "{routed:?}");
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept), "after {routed:?}");
    routed
}

fn advise(case: &mut Case, change: impl FnOnce(&mut RlHint)) {
    change(case.hint.as_mut().unwrap());
}

fn entry(case: &mut Case, value: &str) {
    case.position.entry_price = price(value);
}

fn volatility(case: &mut Case, value: &str) {
    case.context.volatility = ratio(value);
}

fn range(case: &mut Case, value: &str) {
    case.context.atr = Some(ratio(value));
}

fn trend(case: &mut Case, value: &str) {
    case.context.trend = dec(value);
}

fn heat(case: &mut Case, value: &str) {
    case.heat = Some(ratio(value));
}

fn equity(case: &mut Case, value: &str) {
    case.equity = Some(Money::new(dec(value)));
}

fn opened(case: &mut Case, value: &str) {
    case.position.initial_qty = Qty::new(dec(value)).unwrap();
}

#[test]
fn at_its_border_each_change_makes_a_new_plan_once() {
    let changes: &[(ProfileMode, Cause, Change)] = &[
        (Ladder, Cause::Epoch, |it| it.position.epoch = Epoch(8)),
        (Ladder, Cause::Entry, |it| entry(it, "100.1001")),
        (Ladder, Cause::Entry, |it| entry(it, "99.8999")),
        (Ladder, Cause::Leverage, |it| {
            it.position.leverage = dec("10.1");
        }),
        (Ladder, Cause::Risk, |it| it.risk = RiskMode::Conservative),
        (Ladder, Cause::Risk, |it| it.risk = RiskMode::Critical),
        (Ladder, Cause::Risk, |it| it.risk = RiskMode::EssActive),
        (Ladder, Cause::Regime, |it| {
            it.context.regime = Regime::Trending;
        }),
        (Ladder, Cause::Volatility, |it| volatility(it, "0.03")),
        (Ladder, Cause::Volatility, |it| volatility(it, "0.01")),
        (Ladder, Cause::Trend, |it| trend(it, "0.35")),
        (Ladder, Cause::Trend, |it| trend(it, "-0.15")),
        (Ladder, Cause::Heat, |it| heat(it, "0.55")),
        (Ladder, Cause::Heat, |it| heat(it, "0.45")),
        (Ladder, Cause::Hint, |it| {
            advise(it, |hint| hint.take_profit = Some(ratio("0.0301")));
        }),
        (Ladder, Cause::Hint, |it| {
            advise(it, |hint| hint.stop_loss = None);
        }),
        (Ladder, Cause::Hint, |it| {
            advise(it, |hint| hint.trail = Some(ratio("0.0151")));
        }),
        (Ladder, Cause::Hint, |it| {
            advise(it, |hint| hint.confidence = Some(ratio("0.91")));
        }),
        (Ladder, Cause::Hint, |it| {
            advise(it, |hint| hint.signal_confidence = None);
        }),
        (Ladder, Cause::Hint, |it| {
            advise(it, |hint| hint.strategy = Some("SCALP".into()));
        }),
        (Ladder, Cause::Expired, |it| it.wait(24 * 3_600_000)),
        (Challenge100, Cause::Equity, |it| equity(it, "1010")),
        (Challenge100, Cause::Equity, |it| equity(it, "990")),
        (Challenge100, Cause::Volatility, |it| range(it, "0.015")),
        (Ladder, Cause::Size, |it| opened(it, "1.001")),
        (Static, Cause::Size, |it| opened(it, "1.001")),
        (Challenge100, Cause::Size, |it| opened(it, "1.001")),
        (Dynamic, Cause::Size, |it| opened(it, "1.001")),
    ];
    for (number, (mode, cause, change)) in changes.iter().enumerate() {
        assert_eq!(after(*mode, *change), Routed::Built(*cause), "row {number}");
    }
}

#[test]
fn below_its_border_no_change_makes_a_new_plan() {
    let changes: &[(ProfileMode, Change)] = &[
        (Ladder, |it| entry(it, "100.1")),
        (Ladder, |it| entry(it, "99.9")),
        (Ladder, |it| it.position.leverage = dec("10.0")),
        (Ladder, |it| volatility(it, "0.0299")),
        (Ladder, |it| volatility(it, "0.0101")),
        (Ladder, |it| trend(it, "0.3499")),
        (Ladder, |it| trend(it, "-0.1499")),
        (Ladder, |it| heat(it, "0.5499")),
        (Ladder, |it| heat(it, "0.4501")),
        (Ladder, |it| it.wait(24 * 3_600_000 - 1)),
        (Ladder, |it| {
            advise(it, |hint| hint.at = hint.at + Span::from_secs(1));
        }),
        (Challenge100, |it| equity(it, "1009.99")),
        (Challenge100, |it| range(it, "0.0149")),
        (Challenge100, |it| it.context.atr = None),
        (Challenge100, |it| it.context.atr = Some(Ratio::ZERO)),
        (Challenge100, |it| it.equity = None),
        (Challenge100, |it| equity(it, "0")),
        (Challenge100, |it| equity(it, "-50")),
        (Ladder, |it| {
            it.position.qty = Qty::new(dec("0.3")).unwrap();
        }),
        // Advice that ran out, with and without the strategy that it named.
        (Ladder, |it| it.hint = None),
        (Ladder, |it| {
            advise(it, |hint| {
                hint.take_profit = None;
                hint.stop_loss = None;
                hint.trail = None;
                hint.confidence = None;
                hint.signal_confidence = None;
            });
        }),
        (Challenge100, |it| {
            it.position.qty = Qty::new(dec("0.3")).unwrap();
        }),
    ];
    for (number, (mode, change)) in changes.iter().enumerate() {
        assert_eq!(after(*mode, *change), Routed::Kept, "row {number}");
    }
}

#[test]
fn some_numbers_make_no_plan_by_themselves_however_far_they_move() {
    let changes: &[(ProfileMode, Change)] = &[
        (Ladder, |it| it.context.spread = Some(ratio("0.01"))),
        (Ladder, |it| it.context.funding_rate = Some(ratio("0.01"))),
        (Ladder, |it| range(it, "0.5")),
        (Ladder, |it| equity(it, "5")),
        (Ladder, |it| it.heat = None),
        (Ladder, Case::blind),
        (Ladder, |it| {
            it.blind();
            it.context.regime = Regime::Crash;
            volatility(it, "0.5");
            trend(it, "-1");
        }),
        (Dynamic, |it| equity(it, "5")),
    ];
    for (number, (mode, change)) in changes.iter().enumerate() {
        assert_eq!(after(*mode, *change), Routed::Kept, "row {number}");
    }
}

#[test]
fn a_slow_drift_adds_up_to_a_new_plan() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    case.ask(&mut router).unwrap();
    for volatility in ["0.022", "0.024", "0.026", "0.028"] {
        case.context.volatility = ratio(volatility);
        assert_eq!(case.ask(&mut router), Ok(Routed::Kept), "{volatility}");
    }
    case.context.volatility = ratio("0.031");
    let built = Ok(Routed::Built(Cause::Volatility));
    assert_eq!(case.ask(&mut router), built);
    // From here on it is measured from the new plan.
    case.context.volatility = ratio("0.022");
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
}

#[test]
fn a_step_of_nothing_is_no_storm() {
    let mut case = Case::new();
    case.policy.plans.volatility_step = Ratio::ZERO;
    case.policy.plans.trend_step = Ratio::ZERO;
    case.policy.plans.heat_step = Ratio::ZERO;
    let mut router = ExitRouter::default();
    case.ask(&mut router).unwrap();
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
}

#[test]
fn what_was_added_never_waits_for_the_noise() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    for leverage in 10..20 {
        case.position.leverage = leverage.into();
        case.ask(&mut router).unwrap();
    }
    let deferred = Ok(Routed::Deferred(Cause::Leverage));
    assert_eq!(case.ask(&mut router), deferred);
    opened(&mut case, "2");
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Size)));
    entry(&mut case, "101");
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Entry)));
    let plan = case.plan(&router);
    assert_eq!(plan.entry_price, Some(price("101")));
    assert_eq!(plan.opened_qty, Some(Qty::new(dec("2")).unwrap()));
}

#[test]
fn the_plan_after_advice_that_ran_out_is_made_without_it_and_the_same_advice_is_news_again() {
    let (mut case, mut router) = (Case::new(), ExitRouter::default());
    let told = case.hint.clone();
    case.ask(&mut router).unwrap();
    case.hint = None;
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    case.hint.clone_from(&told);
    assert_eq!(case.ask(&mut router), Ok(Routed::Kept));
    case.hint = None;
    case.context.regime = Regime::Trending;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Regime)));
    assert_eq!(case.plan(&router).confidence, ratio("0.75"));
    case.hint = told;
    assert_eq!(case.ask(&mut router), Ok(Routed::Built(Cause::Hint)));
    assert_eq!(case.plan(&router).confidence, ratio("0.9"));
}
