//! Which decisions are said in SHADOW (behaviour 4.8), each case by itself.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::decision::{Action, Decision, Rule, StopReason, Target};
use domain::market::Regime;
use domain::shadow::is_news;
use domain::signal::RiskMode;
use domain::{
    Account, Epoch, MarginPct, Module, PositionKey, Price, PricePct, Qty, Ratio, Side, Symbol,
    Timestamp,
};
use rust_decimal::Decimal;

fn price(text: &str) -> Price {
    Price::new(text.parse().unwrap()).unwrap()
}

fn decision(action: Action) -> Decision {
    Decision {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: Side::Long,
        },
        epoch: Epoch(7),
        module: Module::ExitExecutor,
        rule: Rule::Trailing,
        action,
        reason: "test".into(),
        confidence: Ratio::basis_points(9_000),
        plan_id: None,
        mark_price: price("100"),
        entry_price: price("90"),
        qty: Qty::new(Decimal::ONE).unwrap(),
        pnl_pct_price: PricePct::new(Decimal::ZERO),
        pnl_pct_margin: MarginPct::new(Decimal::ZERO),
        stop: None,
        regime: Regime::Normal,
        risk_mode: RiskMode::Normal,
        at: Timestamp::from_millis(1),
        serial: None,
    }
}

fn stop(at: &str) -> Action {
    Action::MoveStop {
        price: price(at),
        reason: StopReason::Trailing,
    }
}

fn part(leg: u8, percent: i64) -> Action {
    Action::PartialClose {
        leg,
        fraction: Ratio::basis_points(percent * 100),
        keep: Qty::new(Decimal::ONE).unwrap(),
    }
}

fn ladder(at: &str) -> Action {
    Action::UpdateTargets {
        targets: vec![Target {
            leg: 1,
            price: price(at),
            from: Ratio::ZERO,
            size: Ratio::basis_points(2_500),
        }],
    }
}

#[test]
fn the_first_decision_of_a_life_is_news() {
    assert!(is_news(None, &decision(Action::NoChange)));
    let another_life = Decision {
        epoch: Epoch(8),
        ..decision(Action::NoChange)
    };
    let last = decision(Action::NoChange);
    assert!(is_news(Some(&last), &another_life));
}

#[test]
fn nothing_to_do_is_never_said_twice() {
    let last = decision(Action::NoChange);
    assert!(!is_news(Some(&last), &decision(Action::NoChange)));
}

#[test]
fn another_type_is_news() {
    for (last, new) in [
        (stop("95"), Action::NoChange),
        (Action::NoChange, stop("95")),
        (stop("95"), part(1, 25)),
        (ladder("110"), Action::FullExit),
    ] {
        assert!(
            is_news(Some(&decision(last.clone())), &decision(new.clone())),
            "{last:?} then {new:?}"
        );
    }
}

#[test]
fn a_stop_is_news_beyond_half_a_percent_either_way() {
    for (old, new, expected) in [
        ("100", "100.5", false),
        ("100", "100.51", true),
        ("100", "99.5", false),
        ("100", "99.49", true),
        ("100", "100", false),
    ] {
        let last = decision(stop(old));
        let is = is_news(Some(&last), &decision(stop(new)));
        assert_eq!(is, expected, "{old} to {new}");
    }
}

#[test]
fn another_part_is_news_the_same_one_is_not() {
    let last = decision(part(1, 25));
    assert!(!is_news(Some(&last), &decision(part(1, 25))));
    assert!(is_news(Some(&last), &decision(part(1, 30))));
    assert!(is_news(Some(&last), &decision(part(2, 25))));
}

#[test]
fn every_ladder_and_every_full_exit_is_news() {
    let last = decision(ladder("110"));
    assert!(is_news(Some(&last), &decision(ladder("110"))));
    let last = decision(Action::FullExit);
    assert!(is_news(Some(&last), &decision(Action::FullExit)));
}
