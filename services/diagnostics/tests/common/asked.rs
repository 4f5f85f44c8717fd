//! A stop that is decided, asked for, judged and filled.

use bus::Heard;
use domain::Timestamp;
use domain::decision::{Action, Decision, StopReason};
use domain::intent::{Denial, IntentId, OrderIntent, Wish};
use domain::order::{OrderEvent, OrderKind, OrderStatus};
use domain::plan::PlanId;
use domain::{Module, Ratio, Span};

use super::*;

pub fn moved(at: Timestamp) -> Decision {
    let action = Action::MoveStop {
        price: price("94000"),
        reason: StopReason::Trailing,
    };
    Decision {
        plan_id: Some(PlanId(0xabc)),
        ..decision(action, at)
    }
}

pub fn decided(live: bool, decision: Decision) -> Heard {
    Heard::Decision { live, decision }
}

/// To place the stop that [`event`] tells of.
pub fn intent(at: Timestamp) -> OrderIntent {
    let resting = stop("1", "94000");
    OrderIntent {
        id: IntentId::place(&resting.client_order_id),
        key: key("BTCUSDT"),
        epoch: Epoch(5),
        module: Module::ExitExecutor,
        kind: OrderKind::Sl,
        wish: Wish::Place {
            client_order_id: resting.client_order_id,
            order: resting.order,
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

pub fn cancel(at: Timestamp) -> OrderIntent {
    let placed = intent(at);
    let target = placed.client_order_id().clone();
    OrderIntent {
        id: IntentId::cancel(&target, at),
        wish: Wish::Cancel {
            target,
            conditional: true,
        },
        reason: "replaced".into(),
        ..placed
    }
}

pub fn denial(intent: &OrderIntent, code: &str, at: Timestamp) -> Heard {
    Heard::Denied(Denial {
        intent_id: intent.id.clone(),
        key: intent.key.clone(),
        module: intent.module.clone(),
        fence: intent.fence,
        kind: intent.kind,
        code: code.into(),
        detail: "the facts".into(),
        at,
    })
}

pub fn news(status: OrderStatus, at: Timestamp) -> OrderEvent {
    event(status, None, at)
}

pub fn filled(at: Timestamp) -> OrderEvent {
    OrderEvent {
        filled_qty: qty("1"),
        average_price: Some(price("93990.5")),
        ..news(OrderStatus::Filled, at)
    }
}

pub fn open(at: Timestamp) -> Heard {
    Heard::Position(snapshot(position("BTCUSDT", "1", NOW), Vec::new(), at))
}
