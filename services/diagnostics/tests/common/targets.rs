//! A life with two targets: the first is filled, the second reached too late.

use bus::Heard;
use diagnostics::DiagnosticsActor;
use domain::ids::LegId;
use domain::market::MarkTick;
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus};
use domain::plan::{ExitLeg, ExitPlan, LegKind};
use domain::{Ratio, Symbol, Timestamp};

use super::*;

pub fn leg(kind: LegKind, size: i64, trigger: &str) -> ExitLeg {
    ExitLeg {
        kind,
        size: Ratio::basis_points(size),
        offset: None,
        trigger_price: Some(price(trigger)),
        callback: None,
        tightening: Vec::new(),
        target_multiple: None,
        r_multiple: None,
        priority: 1,
    }
}

/// A quarter at 96,000, a quarter at 97,000.
pub fn ladder(created_at: Timestamp) -> ExitPlan {
    ExitPlan {
        legs: vec![
            leg(LegKind::TakeProfit, 2_500, "96000"),
            leg(LegKind::TakeProfit, 2_500, "97000"),
        ],
        ..plan(1, 5, created_at)
    }
}

pub fn news(leg: LegId, status: OrderStatus, filled: &str, at: Timestamp) -> Heard {
    let limit = CloseOrder::Limit {
        qty: qty("0.25"),
        price: price("96000"),
    };
    Heard::Event(OrderEvent {
        kind: OrderKind::Tp,
        client_order_id: order(leg, limit).client_order_id,
        order_type: "LIMIT".into(),
        filled_qty: qty(filled),
        average_price: (filled != "0").then(|| price("95904")),
        ..event(status, None, at)
    })
}

pub fn flat(at: Timestamp) -> Heard {
    let mut picture = snapshot(position("BTCUSDT", "0", NOW), Vec::new(), at);
    picture.flat_proven = true;
    Heard::Position(picture)
}

pub fn mark(text: &str, at: Timestamp) -> Heard {
    Heard::Mark(MarkTick {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        mark_price: price(text),
        index_price: None,
        event_at: at,
        received_at: at,
        sequence: 1,
    })
}

/// The first target is filled, then the position is closed, and the mark reaches the second.
pub fn one_hit_one_premature() -> DiagnosticsActor {
    let mut actor = actor();
    let open = snapshot(position("BTCUSDT", "1", NOW), Vec::new(), NOW);
    hear(&mut actor, NOW, Heard::Position(open));
    hear(&mut actor, NOW, Heard::Plan(ladder(NOW)));
    let first = LegId::TakeProfit(1);
    for heard in [
        news(first, OrderStatus::Accepted, "0", later(1)),
        news(first, OrderStatus::PartiallyFilled, "0.1", later(2)),
        news(first, OrderStatus::Filled, "0.25", later(60_000)),
        news(first, OrderStatus::Filled, "0.25", later(60_000)),
        flat(later(70_000)),
        mark("97000.1", later(71_000)),
    ] {
        hear(&mut actor, later(71_000), heard);
    }
    actor
}
