//! Each rule has an input that really arrives; late, repeated and misdated ones change nothing.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::*;
use domain::decide::PLAN_PATIENCE;
use domain::ids::Module;
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::market::{MarketContext, Regime};
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus, RestingOrder};
use domain::signal::RiskMode;
use domain::{Qty, Span, Timestamp};

fn context(regime: Regime, at: Timestamp) -> Heard {
    Heard::Context(MarketContext {
        regime,
        ..MarketContext::unknown(symbol(), at)
    })
}

/// An open position 6 % under its entry of 1000, settled.
fn losing() -> Bench {
    let mut bench = Bench::shadow();
    bench.open(1000);
    // Its stop lies at 975: it hangs in the grace of a stop that was reached.
    bench.mark(940);
    bench.decisions();
    bench
}

#[test]
fn a_decision_names_module_rule_plan_and_confidence() {
    for (mut bench, is_live) in [(Bench::live(), true), (Bench::shadow(), false)] {
        bench.open(1000);
        let decisions = bench.decisions();
        let stop = decisions.iter().find(|it| it.1.action.name() == "move_sl");
        let (live, stop) = stop.unwrap();
        let plan = plan(&snapshot(1000, NOW), NOW);
        assert_eq!(*live, is_live);
        assert_eq!(stop.module, Module::ExitExecutor);
        assert_eq!(stop.rule.to_string(), "initial_stop");
        assert_eq!(stop.confidence, stop.rule.confidence());
        assert_eq!(stop.plan_id, Some(plan.id));
    }
}

fn placed(intents: &[OrderIntent], kind: OrderKind) -> Option<&OrderIntent> {
    let places = |it: &&OrderIntent| matches!(it.wish, Wish::Place { .. });
    intents.iter().filter(places).find(|it| it.kind == kind)
}

#[test]
fn the_disaster_stop_waits_for_nothing_and_the_first_stop_for_the_plan() {
    let mut bench = Bench::live();
    let snapshot = snapshot(1000, NOW);
    bench.hear(Heard::Position(snapshot.clone()));
    let intents = bench.intents();
    assert_eq!(intents.len(), 1);
    let disaster = placed(&intents, OrderKind::HardSl).unwrap();
    assert!(disaster.confidence > domain::Ratio::ZERO);
    let plan = plan(&snapshot, NOW);
    bench.hear(Heard::Plan(plan.clone()));
    let intents = bench.intents();
    let stop = placed(&intents, OrderKind::Sl).unwrap();
    assert_eq!(stop.plan_id, Some(plan.id));
}

#[test]
fn an_intent_leaves_before_the_decision_that_made_it_is_recorded() {
    let mut bench = Bench::live();
    let snapshot = snapshot(1000, NOW);
    bench.hear(Heard::Position(snapshot.clone()));
    bench.take_said();
    bench.hear(Heard::Plan(plan(&snapshot, NOW)));
    let said = bench.take_said();
    let first = |prefix: &str| said.iter().position(|it| it.subject.starts_with(prefix));
    let (asked, recorded) = (first("order.intent."), first("exit.decision.live."));
    assert_eq!(asked, Some(0), "{said:?}");
    assert!(recorded > asked, "{said:?}");
}

#[test]
fn without_a_plan_the_first_stop_comes_after_a_moment() {
    let mut bench = Bench::live();
    bench.hear(Heard::Position(snapshot(1000, NOW)));
    bench.pass(Span::from_micros(PLAN_PATIENCE.micros() - 1));
    assert!(placed(&bench.intents(), OrderKind::Sl).is_none());
    bench.pass(Span::from_micros(1));
    assert!(placed(&bench.intents(), OrderKind::Sl).is_some());
}

#[test]
fn a_crash_is_believed_for_as_long_as_the_market_says_so() {
    let mut fresh = losing();
    fresh.hear(context(Regime::Crash, fresh.now));
    fresh.pass(Span::from_millis(100));
    assert_eq!(fresh.rules(), ["crash"]);

    let mut stale = losing();
    stale.hear(context(Regime::Crash, stale.now - Span::from_secs(61)));
    stale.pass(Span::from_millis(100));
    assert_eq!(stale.rules(), [] as [&str; 0]);
}

#[test]
fn a_context_that_is_older_or_dated_ahead_is_refused() {
    let mut bench = losing();
    let now = bench.now;
    bench.hear(context(Regime::Normal, now));
    bench.hear(context(Regime::Crash, now - Span::from_secs(1)));
    bench.hear(context(Regime::Crash, now + Span::from_secs(2)));
    bench.pass(Span::from_millis(100));
    assert_eq!(bench.rules(), [] as [&str; 0]);
    assert_eq!(bench.counter("refused.context.older"), 1);
    assert_eq!(bench.counter("refused.context.future"), 1);
}

#[test]
fn an_alarm_is_heard_whatever_its_clock_and_a_late_all_clear_is_not() {
    for ahead in [Span::ZERO, Span::from_secs(3_600)] {
        let mut bench = Bench::shadow();
        bench.open(1000);
        bench.decisions();
        bench.risk(RiskMode::EssActive, NOW + ahead);
        bench.risk(RiskMode::Normal, NOW - Span::from_secs(1));
        assert_eq!(bench.rules(), ["emergency_stop_system"], "ahead {ahead}");
        assert_eq!(bench.counter("refused.risk.older"), 1);
        bench.risk(RiskMode::Normal, bench.now);
        assert_eq!(bench.counter("refused.risk.older"), 1, "later it counts");
    }
}

#[test]
fn time_alone_makes_the_age_rule_decide() {
    let mut bench = Bench::shadow();
    let old = NOW - Span::from_hours(48);
    bench.hear(Heard::Position(snapshot(1000, old)));
    bench.hear(Heard::Plan(plan(&snapshot(1000, old), NOW)));
    bench.mark(979);
    assert!(!bench.rules().contains(&"age".to_owned()));
    bench.pass(Span::from_micros(1));
    assert_eq!(bench.rules(), ["age"]);
}

/// The venue's answer to the intent, a rejection with that code.
fn rejected(intent: &OrderIntent, code: i32, at: Timestamp) -> Heard {
    let Wish::Place {
        client_order_id, ..
    } = &intent.wish
    else {
        panic!("a cancel can't trigger: {intent:?}")
    };
    Heard::Event(OrderEvent {
        key: intent.key.clone(),
        epoch: intent.epoch,
        module: Module::ExitExecutor,
        kind: intent.kind,
        intent_id: intent.id.clone(),
        client_order_id: client_order_id.clone(),
        venue_order_id: None,
        order_type: "STOP_MARKET".into(),
        status: OrderStatus::Rejected,
        filled_qty: Qty::ZERO,
        average_price: None,
        code: Some(code),
        detail: String::new(),
        tick_to_order: None,
        at,
    })
}

#[test]
fn a_stop_that_would_trigger_at_once_is_an_exit_now() {
    for (code, exits) in [(-2021, true), (-4045, false)] {
        for kind in [OrderKind::HardSl, OrderKind::Sl] {
            let mut bench = Bench::live();
            bench.open(1000);
            bench.decisions();
            let intents = bench.intents();
            let stop = placed(&intents, kind).unwrap();
            bench.hear(rejected(stop, code, bench.now));
            let rules = bench.rules();
            let is_out = rules.contains(&"stop_breached".to_owned());
            assert_eq!(is_out, exits, "{code} of {kind}: {rules:?}");
            let market = |it: &OrderIntent| {
                matches!(
                    it.wish,
                    Wish::Place {
                        order: CloseOrder::Market { .. },
                        ..
                    }
                )
            };
            assert_eq!(bench.intents().iter().any(market), exits);
        }
    }
}

/// The bus may delay a picture until its life is over.
#[test]
fn a_picture_from_before_the_end_of_a_life_does_not_begin_it_anew() {
    let mut bench = Bench::live();
    bench.open(1000);
    let before = snapshot(1000, NOW);
    bench.pass(Span::from_secs(1));
    let mut over = before.clone();
    over.position.qty = Qty::ZERO;
    over.flat_proven = true;
    over.at = bench.now;
    bench.hear(Heard::Position(over));
    let asked = bench.intents().len();
    bench.hear(Heard::Position(before));
    assert_eq!(bench.intents().len(), asked);
    assert_eq!(bench.counter("refused.position.older"), 1);
    let mut next = snapshot(1000, bench.now);
    next.at = bench.now;
    bench.hear(Heard::Position(next));
    assert_eq!(
        bench.intents().len(),
        asked + 1,
        "another life has a disaster stop of its own"
    );
}

/// An executor that hears of a closed position whose stop still rests, `later` after [`NOW`]: the
/// ids of its wishes to take that stop away.
fn sweeps(later: Span) -> Vec<IntentId> {
    let mut bench = Bench::live();
    bench.open(1000);
    let intents = bench.intents();
    let stop = placed(&intents, OrderKind::Sl).unwrap();
    let Wish::Place {
        client_order_id,
        order,
    } = stop.wish.clone()
    else {
        panic!("not placed: {stop:?}")
    };
    let mut bench = Bench::live();
    bench.now = bench.now + later;
    let mut left = snapshot(1000, NOW);
    left.position.qty = Qty::ZERO;
    left.flat_proven = true;
    left.at = bench.now;
    left.orders = vec![RestingOrder {
        client_order_id,
        order,
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: NOW,
    }];
    bench.hear(Heard::Position(left.clone()));
    for _ in 0..5 {
        bench.pass(Span::from_secs(1));
        left.at = bench.now;
        left.sequence += 1;
        bench.hear(Heard::Position(left.clone()));
    }
    let is_cancel = |it: &&OrderIntent| matches!(it.wish, Wish::Cancel { .. });
    let cancels = bench.intents();
    cancels
        .iter()
        .filter(is_cancel)
        .map(|it| it.id.clone())
        .collect()
}

/// Guard and gateway remember ids for minutes: a count of attempts would begin anew with each
/// process and each life, and its first wishes would be taken for repeated ones.
#[test]
fn no_cancel_bears_the_id_of_one_from_before_a_restart() {
    let (before, after) = (sweeps(Span::from_secs(1)), sweeps(Span::from_secs(20)));
    assert!(before.len() > 1 && after.len() > 1, "{before:?} {after:?}");
    let mut all = [before, after].concat();
    let asked = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), asked, "{all:?}");
}
