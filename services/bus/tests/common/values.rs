//! Small valid values to send.

use domain::ids::{Account, ClientOrderId, Epoch, LegId, Module, OrderCause, PositionKey, Symbol};
use domain::intent::{Approval, Denial, IntentId, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderKind};
use domain::plan::request::{PlanReply, PlanRequest};
use domain::{Price, Ratio, Side, Timestamp};
use rust_decimal::Decimal;

pub fn key() -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    }
}

pub fn intent(module: &Module, sequence: u64) -> OrderIntent {
    let key = key();
    let cause = OrderCause {
        module: module.clone(),
        side: key.side,
        epoch: Epoch(1),
        leg: LegId::Disaster,
        generation: 1,
    };
    let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
    let trigger = Price::new(Decimal::new(91_000, 0)).unwrap();
    OrderIntent {
        id: IntentId::place(&client_order_id),
        epoch: cause.epoch,
        module: module.clone(),
        kind: OrderKind::HardSl,
        wish: Wish::Place {
            client_order_id,
            order: CloseOrder::DisasterStop { trigger },
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "the stop that needs nobody alive".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence,
        fence: 1,
        created_at: Timestamp::from_millis(1_000),
        expires_at: Timestamp::from_millis(2_000),
        tick_received_at: None,
        key,
    }
}

pub fn approval() -> Approval {
    Approval {
        intent: intent(&Module::ExitExecutor, 7),
        guard_boot: 5,
        sequence: 1,
        approved_at: Timestamp::from_millis(1_001),
        expires_at: Timestamp::from_millis(2_000),
        gateway: None,
    }
}

pub fn denial(module: &Module) -> Denial {
    let intent = intent(module, 1);
    Denial {
        intent_id: intent.id,
        key: intent.key,
        module: intent.module,
        fence: intent.fence,
        kind: intent.kind,
        code: "POSITION_FLAT".into(),
        detail: "nothing to close".into(),
        at: Timestamp::from_millis(1_002),
    }
}

pub fn plan_request(module: &Module) -> PlanRequest {
    PlanRequest {
        id: 9,
        module: module.clone(),
        key: key(),
        epoch: Epoch(1),
        at: Timestamp::from_millis(1_000),
        expires_at: Timestamp::from_millis(2_000),
    }
}

/// The answer to [`plan_request`].
pub fn plan_reply(module: &Module) -> PlanReply {
    PlanReply {
        id: 9,
        module: module.clone(),
        key: key(),
        epoch: Epoch(1),
        answer: Err("no plan for this life".into()),
        at: Timestamp::from_millis(1_001),
    }
}
