//! The operator's order to close: the owner in LIVE follows it, at once and once; nobody else does.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::{Bench, NOW, Store, snapshot, symbol};
use domain::decision::Action;
use domain::flatten::{FLATTEN_AGE_MAX, Flatten};
use domain::intent::{OrderIntent, Wish};
use domain::order::{CloseOrder, OrderKind};
use domain::{Account, Span, Symbol, Timestamp};

const ENTRY: i64 = 1_000;

fn order(symbol: Option<Symbol>, at: Timestamp) -> Heard {
    Heard::Flatten(Flatten {
        account: Account::new("main").unwrap(),
        symbol,
        by: "ada".into(),
        at,
    })
}

/// The orders that were asked for to close at market.
fn exits(bench: &Bench) -> Vec<OrderIntent> {
    let mut intents = bench.intents();
    intents.retain(|it| {
        let Wish::Place { order, .. } = &it.wish else {
            return false;
        };
        matches!(order, CloseOrder::Market { .. })
    });
    intents
}

/// Its decisions so far are read, its position is open.
fn opened(mut bench: Bench) -> Bench {
    bench.open(ENTRY);
    bench.mark(ENTRY);
    bench.decisions();
    assert_eq!(exits(&bench), []);
    bench
}

#[test]
fn the_owner_in_live_closes_everything_at_market_and_says_who_wanted_it() {
    for wanted in [None, Some(symbol())] {
        let mut bench = opened(Bench::live());
        bench.hear(order(wanted, bench.now));
        let exits = exits(&bench);
        assert_eq!(exits.len(), 1, "{exits:?}");
        assert_eq!(exits[0].kind, OrderKind::EmergencyExit);
        assert_eq!(exits[0].decision, Action::FullExit.name());
        let decisions = bench.decisions();
        let (live, decision) = decisions.first().unwrap();
        assert!(live);
        assert_eq!(decision.rule.to_string(), "operator");
        assert_eq!(decision.reason, "operator: ada closes everything");
    }
}

#[test]
fn an_order_that_comes_twice_closes_once() {
    let mut bench = opened(Bench::live());
    let (first, now) = (order(None, bench.now), bench.now);
    bench.hear(first);
    bench.hear(order(None, now));
    assert_eq!(exits(&bench).len(), 1);
    let operator = |rules: &[String]| rules.iter().filter(|it| *it == "operator").count();
    assert_eq!(operator(&bench.rules()), 1);
}

#[test]
fn an_order_outlives_neither_the_position_nor_the_executors_acting() {
    let mut bench = opened(Bench::live());
    bench.hear(order(None, bench.now));
    let mut closed = snapshot(ENTRY, NOW);
    closed.position.qty = domain::Qty::ZERO;
    closed.flat_proven = true;
    closed.at = bench.now;
    bench.hear(Heard::Position(closed));
    bench.rules();
    let mut next = snapshot(ENTRY, bench.now);
    next.position.epoch = domain::Epoch(2);
    bench.hear(Heard::Position(next));
    bench.mark(ENTRY);
    assert!(
        !bench.rules().contains(&"operator".to_owned()),
        "another life"
    );
    assert_eq!(exits(&bench).len(), 1);
}

#[test]
fn where_live_is_not_in_force_nothing_is_closed() {
    let mut bench = opened(Bench::shadow());
    bench.hear(order(None, bench.now));
    assert_eq!(bench.intents(), []);
    assert_eq!(bench.rules(), [] as [&str; 0]);
    assert_eq!(bench.counter("refused.flatten.not_live"), 1);
}

#[test]
fn of_two_executors_only_the_owner_closes() {
    let store = Store::default();
    let (mut a, mut b) = (Bench::leased("a", &store), Bench::leased("b", &store));
    for bench in [&mut a, &mut b] {
        bench.open(ENTRY);
        bench.mark(ENTRY);
        bench.decisions();
        bench.hear(order(None, bench.now));
    }
    assert_eq!(exits(&a).len(), 1);
    assert_eq!(a.rules(), ["operator"]);
    assert_eq!(b.intents(), []);
    assert_eq!(b.rules(), [] as [&str; 0]);
    assert_eq!(b.counter("refused.flatten.not_owner"), 1);
}

#[test]
fn an_order_about_something_else_or_of_long_ago_closes_nothing() {
    let mut bench = opened(Bench::live());
    let ether = Symbol::new("ETHUSDT").unwrap();
    bench.hear(order(Some(ether), bench.now));
    let old = bench.now - FLATTEN_AGE_MAX - Span::from_micros(1);
    bench.hear(order(None, old));
    bench.hear(order(None, bench.now + Span::from_secs(2)));
    assert_eq!(exits(&bench), []);
    assert_eq!(bench.rules(), [] as [&str; 0]);
    assert_eq!(bench.counter("refused.flatten.old"), 1);
    assert_eq!(bench.counter("refused.flatten.future"), 1);
}
