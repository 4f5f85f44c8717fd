//! Messages as the other services would send them, and an actor that hears them.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

pub mod asked;
pub mod served;
pub mod targets;

use std::collections::BTreeMap;

use bus::Heard;
use diagnostics::DiagnosticsActor;
use domain::decision::{Action, Decision, Rule};
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::instrument::{Instrument, LotFilter};
use domain::intent::IntentId;
use domain::market::Regime;
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, ModeSnapshot, Rollout};
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus, RestingOrder};
use domain::plan::{ExitPlan, PlanId, Strategy};
use domain::signal::RiskMode;
use domain::snapshot::{ExitMetrics, Heartbeat, PositionSnapshot};
use domain::{
    Account, Epoch, MarginPct, Module, Money, Position, PositionKey, Price, PricePct, Qty, Ratio,
    Side, Span, Symbol, Timestamp,
};
use rust_decimal::Decimal;

/// 2025-12-10T22:14:55Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_765_404_895_000);

pub fn later(millis: i64) -> Timestamp {
    NOW + Span::from_millis(millis)
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub fn live_flags() -> Flags {
    Flags {
        exit_mode: ExitMode::ExitBrainV3,
        executor_mode: ExecutorMode::Live,
        rollout: Rollout::Enabled,
        ..Flags::default()
    }
}

pub fn shadow_flags() -> Flags {
    Flags {
        exit_mode: ExitMode::ExitBrainV3,
        ..Flags::default()
    }
}

pub fn actor() -> DiagnosticsActor {
    DiagnosticsActor::new("one", Flags::default(), 1)
}

pub fn hear(actor: &mut DiagnosticsActor, now: Timestamp, heard: Heard) {
    let mut out = Vec::new();
    runtime::Actor::hear(actor, now, heard, &mut out);
    assert!(out.is_empty(), "diagnostics says nothing to what it hears");
}

pub fn mode(mode: Mode, at: Timestamp) -> Heard {
    Heard::Mode(ModeSnapshot {
        revision: 7,
        mode,
        reason: "all agree".into(),
        at,
    })
}

pub fn heartbeat(service: &str, flags: Flags, at: Timestamp) -> Heartbeat {
    Heartbeat {
        service: service.into(),
        instance: "one".into(),
        build: "0.1.0".into(),
        flags,
        mode: flags.resolve(),
        revision: 7,
        ready: true,
        boot: 1,
        sequence: u64::try_from(at.millis()).unwrap(),
        positions: Vec::new(),
        owned: Vec::new(),
        metrics: ExitMetrics::default(),
        counters: BTreeMap::new(),
        at,
    }
}

pub fn counts(rows: &[(&str, u64)]) -> BTreeMap<String, u64> {
    rows.iter().map(|(name, n)| ((*name).into(), *n)).collect()
}

/// All of LIVE, alive and agreed, at `at`.
pub fn live_system(actor: &mut DiagnosticsActor, at: Timestamp) {
    for service in ["gateway-guard", "gateway", "executor"] {
        let beat = heartbeat(service, live_flags(), at);
        hear(actor, at, Heard::Health(beat));
    }
    hear(actor, at, mode(Mode::Live, at));
}

pub fn key(symbol: &str) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
        side: Side::Long,
    }
}

pub fn position(symbol: &str, open: &str, opened_at: Timestamp) -> Position {
    Position {
        key: key(symbol),
        epoch: Epoch(5),
        qty: qty(open),
        initial_qty: qty("1"),
        entry_price: price("95000"),
        leverage: dec("5"),
        opened_at,
    }
}

pub fn order(leg: LegId, order: CloseOrder) -> RestingOrder {
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: Side::Long,
        epoch: Epoch(5),
        leg,
        generation: 1,
    };
    RestingOrder {
        client_order_id: ClientOrderId::derive(&Symbol::new("BTCUSDT").unwrap(), &cause),
        order,
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: NOW,
    }
}

pub fn stop(size: &str, trigger: &str) -> RestingOrder {
    let stop = CloseOrder::Stop {
        qty: qty(size),
        trigger: price(trigger),
    };
    order(LegId::Stop, stop)
}

pub fn snapshot(position: Position, orders: Vec<RestingOrder>, at: Timestamp) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.001"),
        min: qty("0.001"),
        max: qty("1000"),
    };
    let instrument = Instrument {
        symbol: position.key.symbol.clone(),
        tick_size: dec("0.1"),
        lot,
        market_lot: lot,
        min_notional: Money::new(dec("5")),
        percent_price: None,
    };
    PositionSnapshot {
        position,
        instrument,
        orders,
        complete: true,
        flat_proven: false,
        sequence: 1,
        at,
        fence: None,
    }
}

pub fn decision(action: Action, at: Timestamp) -> Decision {
    Decision {
        key: key("BTCUSDT"),
        epoch: Epoch(5),
        module: Module::ExitExecutor,
        rule: Rule::PlanWorking,
        action,
        reason: "profit".into(),
        confidence: Ratio::basis_points(9_000),
        plan_id: None,
        mark_price: price("96000"),
        entry_price: price("95000"),
        qty: qty("1"),
        pnl_pct_price: PricePct::new(dec("1")),
        pnl_pct_margin: MarginPct::new(dec("5")),
        stop: None,
        regime: Regime::Normal,
        risk_mode: RiskMode::Normal,
        at,
        serial: None,
    }
}

pub fn plan(id: u64, epoch: u64, created_at: Timestamp) -> ExitPlan {
    ExitPlan {
        id: PlanId(id),
        key: key("BTCUSDT"),
        epoch: Epoch(epoch),
        entry_price: None,
        opened_qty: None,
        legs: Vec::new(),
        strategy: Strategy::StandardLadder,
        confidence: Ratio::basis_points(9_000),
        regime: Regime::Normal,
        strategy_id: "RL_V3".into(),
        profile: None,
        time_stop: None,
        steps: Vec::new(),
        target: Ratio::basis_points(300),
        stop: Ratio::basis_points(250),
        trail: Ratio::basis_points(200),
        reason: "ladder".into(),
        policy_hash: 1,
        inputs_digest: 1,
        created_at,
        expires_at: created_at + Span::from_secs(60),
    }
}

pub fn event(status: OrderStatus, tick_to_order: Option<Span>, at: Timestamp) -> OrderEvent {
    let resting = stop("1", "94000");
    OrderEvent {
        key: key("BTCUSDT"),
        epoch: Epoch(5),
        module: Module::ExitExecutor,
        kind: OrderKind::Sl,
        intent_id: IntentId::place(&resting.client_order_id),
        client_order_id: resting.client_order_id,
        venue_order_id: None,
        order_type: "STOP_MARKET".into(),
        status,
        filled_qty: Qty::ZERO,
        average_price: None,
        code: None,
        detail: String::new(),
        tick_to_order,
        at,
    }
}
