//! Decisions and lines for tests.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use std::path::Path;

use domain::decision::{Action, Decision, Rule, Serial, StopReason, Target};
use domain::market::Regime;
use domain::signal::RiskMode;
use domain::{
    Account, Epoch, MarginPct, Module, PositionKey, Price, PricePct, Qty, Ratio, Side, Span,
    Symbol, Timestamp,
};
use records::{Entry, Kind, Ledger, Limits, Moment};
use rust_decimal::Decimal;

/// 2025-12-10T12:00:00Z.
const NOON: Timestamp = Timestamp::from_millis(1_765_368_000_000);

pub fn at(millis: i64) -> Timestamp {
    NOON + Span::from_millis(millis)
}

pub fn hour(hours: i64) -> Timestamp {
    NOON + Span::from_hours(hours)
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub fn key() -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    }
}

pub fn decision(action: Action, at: Timestamp, number: u64) -> Decision {
    Decision {
        key: key(),
        epoch: Epoch(5),
        module: Module::ExitExecutor,
        rule: Rule::Breakeven,
        action,
        reason: "profit of 1.9% of margin".into(),
        confidence: Ratio::basis_points(9_000),
        plan_id: Some(domain::plan::PlanId(10)),
        mark_price: price("96000"),
        entry_price: price("95000"),
        qty: qty("0.5"),
        pnl_pct_price: PricePct::new(dec("1.0526315789473684210526315789")),
        pnl_pct_margin: MarginPct::new(dec("-2.5")),
        stop: Some(price("94000")),
        regime: Regime::Trending,
        risk_mode: RiskMode::Normal,
        at,
        serial: Some(Serial { boot: 1, number }),
    }
}

pub fn stop(at: &str) -> Action {
    Action::MoveStop {
        price: price(at),
        reason: StopReason::Breakeven,
    }
}

pub fn ladder() -> Action {
    let target = |leg: u8, at, from| Target {
        leg,
        price: price(at),
        from: Ratio::basis_points(from),
        size: Ratio::basis_points(2_500),
    };
    Action::UpdateTargets {
        targets: vec![target(1, "97000", 0), target(2, "98000.5", 2_500)],
    }
}

pub fn shadow(at: Timestamp, number: u64) -> Entry {
    Entry::Shadow(Box::new((&decision(stop("95000"), at, number)).into()))
}

pub fn shadow_line(at: Timestamp, number: u64) -> (Moment, String) {
    (Moment(at), shadow(at, number).line().unwrap())
}

/// A line on each of three days: two files are closed, one grows.
pub fn three_days(dir: &Path, limits: Limits) -> Ledger {
    let mut ledger = Ledger::open(dir, limits).unwrap();
    for day in 0..3 {
        let (moment, line) = shadow_line(hour(24 * day), u64::try_from(day).unwrap() + 1);
        ledger.append(Kind::Shadow, moment, &line).unwrap();
    }
    ledger
}
