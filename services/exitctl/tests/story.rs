//! The story of a position as the command tells it, over a real gRPC service.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use bus::Heard;
use common::{NOW, assert_golden, exitctl, serve, shadow_system};
use diagnostics::DiagnosticsActor;
use domain::decision::{Action, Decision, Rule, StopReason};
use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::market::Regime;
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus};
use domain::plan::PlanId;
use domain::signal::RiskMode;
use domain::{
    Account, Epoch, MarginPct, Module, PositionKey, Price, PricePct, Qty, Ratio, Side, Span,
    Symbol, Timestamp,
};
use runtime::Actor;
use rust_decimal::Decimal;

fn later(millis: i64) -> Timestamp {
    NOW + Span::from_millis(millis)
}

fn price(number: i64) -> Price {
    Price::new(Decimal::from(number)).unwrap()
}

fn one() -> Qty {
    Qty::new(Decimal::ONE).unwrap()
}

fn key() -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    }
}

fn decision(action: Action, rule: Rule, at: Timestamp) -> Heard {
    let decision = Decision {
        key: key(),
        epoch: Epoch(7),
        module: Module::ExitExecutor,
        rule,
        action,
        reason: "the words of the rule".into(),
        confidence: Ratio::basis_points(9_000),
        plan_id: Some(PlanId(0xabc)),
        mark_price: price(96_000),
        entry_price: price(95_000),
        qty: one(),
        pnl_pct_price: PricePct::new(Decimal::ONE),
        pnl_pct_margin: MarginPct::new(Decimal::TEN),
        regime: Regime::Normal,
        risk_mode: RiskMode::Normal,
        stop: None,
        serial: None,
        at,
    };
    Heard::Decision {
        live: true,
        decision,
    }
}

fn intent(at: Timestamp) -> OrderIntent {
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: Side::Long,
        epoch: Epoch(7),
        leg: LegId::Stop,
        generation: 1,
    };
    let client_order_id = ClientOrderId::derive(&key().symbol, &cause);
    let order = CloseOrder::Stop {
        qty: one(),
        trigger: price(94_000),
    };
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key: key(),
        epoch: Epoch(7),
        module: Module::ExitExecutor,
        kind: OrderKind::Sl,
        wish: Wish::Place {
            client_order_id,
            order,
        },
        decision: "move_sl".into(),
        stop_reason: Some(StopReason::Trailing),
        reason: "trail_lockin".into(),
        confidence: Ratio::basis_points(9_000),
        plan_id: Some(PlanId(0xabc)),
        sequence: 1,
        fence: 1,
        created_at: at,
        expires_at: at + Span::from_secs(2),
        tick_received_at: None,
    }
}

fn news(status: OrderStatus, at: Timestamp) -> Heard {
    let asked = intent(at);
    let is_filled = status == OrderStatus::Filled;
    Heard::Event(OrderEvent {
        key: key(),
        epoch: Epoch(7),
        module: Module::ExitExecutor,
        kind: OrderKind::Sl,
        intent_id: asked.id.clone(),
        client_order_id: asked.client_order_id().clone(),
        venue_order_id: None,
        order_type: "STOP_MARKET".into(),
        status,
        filled_qty: if is_filled { one() } else { Qty::ZERO },
        average_price: is_filled.then(|| price(93_990)),
        code: None,
        detail: String::new(),
        tick_to_order: None,
        at,
    })
}

/// A stop that moved, rested and was filled.
fn told() -> DiagnosticsActor {
    let moved = Action::MoveStop {
        price: price(94_000),
        reason: StopReason::Trailing,
    };
    let heard = [
        decision(Action::NoChange, Rule::PlanWorking, later(0)),
        decision(Action::NoChange, Rule::PlanWorking, later(900)),
        decision(moved, Rule::Trailing, later(1_000)),
        Heard::Asked(intent(later(1_000))),
        news(OrderStatus::Submitting, later(1_002)),
        news(OrderStatus::Accepted, later(1_010)),
        news(OrderStatus::Filled, later(5_000)),
    ];
    let mut actor = shadow_system();
    for it in heard {
        actor.hear(NOW, it, &mut Vec::new());
    }
    actor
}

#[test]
fn a_story_prints_in_each_format() {
    let (addresses, shutdown) = serve(told());
    for format in ["table", "wide", "json", "yaml"] {
        let typed = ["story", "main.BTCUSDT.LONG", "-o", format];
        let (code, text, said) = exitctl(addresses.grpc, &typed);
        assert_eq!((code, said.as_str()), (0, ""), "{format}");
        assert_golden(&format!("story.{format}"), &text);
    }
    shutdown.request();
}

#[test]
fn a_story_that_is_not_there_is_exit_code_3() {
    let (addresses, shutdown) = serve(told());
    for typed in [
        ["story", "ETHUSDT"].as_slice(),
        &["story", "btcusdt.short"],
        &["story", "BTCUSDT", "--life", "8"],
    ] {
        let (code, text, _) = exitctl(addresses.grpc, typed);
        assert_eq!(code, 3, "{text}");
        assert!(text.starts_with("no story of "), "{text}");
    }
    let (code, _, said) = exitctl(addresses.grpc, &["story", "BTCUSDT.UP"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("use LONG or SHORT"), "{said}");
    shutdown.request();
}
