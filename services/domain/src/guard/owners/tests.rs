//! Whose word counts, position by position.

use alloc::format;

use rust_decimal::Decimal;

use super::*;
use crate::ids::{Account, ClientOrderId, LegId, OrderCause, Symbol};
use crate::intent::{IntentId, Wish};
use crate::num::{Price, Qty, Ratio};
use crate::order::CloseOrder;
use crate::position::Side;
use crate::reconcile::kind_of;
use crate::time::{Span, Timestamp};

const LIFE: Epoch = Epoch(1_700_000_000_000);

fn key(symbol: &str) -> PositionKey {
    PositionKey {
        account: Account::new("main").expect("a name"),
        symbol: Symbol::new(symbol).expect("a symbol"),
        side: Side::Long,
    }
}

fn asked(symbol: &str, fence: u64, sequence: u64) -> OrderIntent {
    let key = key(symbol);
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: key.side,
        epoch: LIFE,
        leg: LegId::Stop,
        generation: 1,
    };
    let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
    let order = CloseOrder::Stop {
        qty: Qty::new(Decimal::ONE).expect("a quantity"),
        trigger: Price::new(Decimal::ONE_HUNDRED).expect("a price"),
    };
    let now = Timestamp::from_millis(1);
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key,
        epoch: LIFE,
        module: Module::ExitExecutor,
        kind: kind_of(LegId::Stop),
        wish: Wish::Place {
            client_order_id,
            order,
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "a test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence,
        fence,
        created_at: now,
        expires_at: now + Span::from_secs(2),
        tick_received_at: None,
    }
}

fn code(verdict: Result<(), DenyReason>) -> &'static str {
    verdict.err().map_or("ok", |reason| reason.code())
}

#[test]
fn a_newer_owner_of_one_position_fences_nobody_off_another() {
    let mut owners = Owners::default();
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 5, 1))), "ok");
    assert_eq!(code(owners.admit(&asked("ETHUSDT", 5, 1))), "ok");
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 6, 1))), "ok");
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 5, 2))), "OWNER_FENCED");
    assert_eq!(code(owners.admit(&asked("ETHUSDT", 5, 2))), "ok");
    assert_eq!(owners.gaps(), 0, "each position has numbers of its own");
}

#[test]
fn an_owner_that_has_said_so_needs_to_ask_for_nothing_to_fence_the_older_one_off() {
    let mut owners = Owners::default();
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 5, 1))), "ok");
    owners.learn(&key("BTCUSDT"), 6);
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 5, 2))), "OWNER_FENCED");
    owners.learn(&key("BTCUSDT"), 5);
    let newest = asked("BTCUSDT", 6, 1);
    assert_eq!(code(owners.admit(&newest)), "ok", "an older word is late");
    assert_eq!(code(owners.admit(&newest)), "INTENT_REPEATED");
}

#[test]
fn without_a_lease_a_stop_passes_until_an_owner_has_spoken_for_this_life() {
    let mut owners = Owners::default();
    let stop = asked("BTCUSDT", UNLEASED, 1_000);
    assert_eq!(code(owners.admit(&stop)), "ok");
    assert_eq!(code(owners.admit(&stop)), "INTENT_REPEATED");
    assert_eq!(owners.gaps(), 0, "its numbers are times");
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 6, 1))), "ok");
    let late = asked("BTCUSDT", UNLEASED, 2_000);
    assert_eq!(code(owners.admit(&late)), "OWNER_FENCED");
    let mut next_life = asked("BTCUSDT", UNLEASED, 3_000);
    next_life.epoch = Epoch(LIFE.0 + 1);
    assert_eq!(code(owners.admit(&next_life)), "ok");
    assert_eq!(code(owners.admit(&asked("BTCUSDT", 5, 1))), "OWNER_FENCED");
}

#[test]
fn without_a_lease_nothing_but_a_stop_passes() {
    let mut owners = Owners::default();
    let stop = asked("BTCUSDT", UNLEASED, 1);
    let target = stop.client_order_id().clone();
    let mut cancel = stop.clone();
    cancel.wish = Wish::Cancel {
        target: target.clone(),
        conditional: true,
    };
    let mut close = stop;
    close.wish = Wish::Place {
        client_order_id: target,
        order: CloseOrder::Market {
            qty: Qty::new(Decimal::ONE).expect("a quantity"),
        },
    };
    for wrong in [cancel, close] {
        assert_eq!(code(owners.admit(&wrong)), "OWNER_UNLEASED");
    }
}

#[test]
fn the_owner_with_the_oldest_token_is_forgotten_first() {
    let mut owners = Owners::default();
    for number in 0..OWNERS_MAX as u64 {
        owners.learn(&key(&format!("S{number}USDT")), 100 + number);
    }
    owners.learn(&key("NEWUSDT"), 9_000_000);
    assert_eq!(owners.positions.len(), OWNERS_MAX);
    let forgotten = asked("S0USDT", 1, 1);
    assert_eq!(code(owners.admit(&forgotten)), "ok");
    let known = asked("NEWUSDT", 8_000_000, 1);
    assert_eq!(code(owners.admit(&known)), "OWNER_FENCED");
}
