//! Intents as somebody with the right key could write them.

use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderKind};
use domain::{Account, Epoch, PositionKey, Price, Qty, Ratio, Side, Span, Symbol};
use rust_decimal::Decimal;

pub fn key(symbol: &str) -> PositionKey {
    let account = Account::new("main").unwrap();
    PositionKey {
        account,
        symbol: Symbol::new(symbol).unwrap(),
        side: Side::Long,
    }
}

/// A stop at 100 for one coin of a life that is long over.
pub fn intent(module: Module, symbol: &str, fence: u64) -> OrderIntent {
    let now = runtime::now();
    let key = key(symbol);
    let epoch = Epoch(1);
    let cause = OrderCause {
        module: module.clone(),
        side: key.side,
        epoch,
        leg: LegId::Stop,
        generation: 1,
    };
    let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
    let order = CloseOrder::Stop {
        qty: Qty::new(Decimal::ONE).unwrap(),
        trigger: Price::new(Decimal::ONE_HUNDRED).unwrap(),
    };
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key,
        epoch,
        module,
        kind: OrderKind::Sl,
        wish: Wish::Place {
            client_order_id,
            order,
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "a test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 1,
        fence,
        created_at: now,
        expires_at: now + Span::from_secs(2),
        tick_received_at: None,
    }
}
