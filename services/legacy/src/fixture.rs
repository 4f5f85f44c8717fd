//! A position of one contract and what rests for it, to be put together by the tests.

use std::sync::LazyLock;

use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::instrument::{Instrument, LotFilter};
use domain::market::Regime;
use domain::mode::Mode;
use domain::num::Money;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanId, Strategy};
use domain::policy::Policy;
use domain::snapshot::PositionSnapshot;
use domain::{
    Account, Epoch, Module, Position, PositionKey, Price, Qty, Ratio, Side, Span, Symbol, Timestamp,
};
use rust_decimal::Decimal;

use crate::method::Picture;

pub(crate) const EPOCH: Epoch = Epoch(1_795_178_160_000);

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub(crate) fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_178_160_000 + millis)
}

pub(crate) fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

pub(crate) fn key(side: Side) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: symbol(),
        side,
    }
}

/// One coin from 1,000 at 10x: 1 % of price is 10 % of margin.
pub(crate) fn open(side: Side) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.001"),
        min: qty("0.001"),
        max: qty("1000"),
    };
    PositionSnapshot {
        position: Position {
            key: key(side),
            epoch: EPOCH,
            qty: qty("1"),
            initial_qty: qty("1"),
            entry_price: price("1000"),
            leverage: Decimal::TEN,
            opened_at: at(0),
        },
        instrument: Instrument {
            symbol: symbol(),
            tick_size: dec("0.1"),
            lot,
            market_lot: lot,
            min_notional: Money::new(dec("5")),
            percent_price: None,
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: at(0),
        fence: None,
    }
}

pub(crate) fn id(module: Module, side: Side, leg: LegId, generation: u32) -> ClientOrderId {
    let cause = OrderCause {
        module,
        side,
        epoch: EPOCH,
        leg,
        generation,
    };
    ClientOrderId::derive(&symbol(), &cause)
}

pub(crate) fn resting(client_order_id: ClientOrderId, order: CloseOrder) -> RestingOrder {
    RestingOrder {
        client_order_id,
        order,
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: at(0),
    }
}

pub(crate) fn own_stop(side: Side, generation: u32, of: &str, trigger: &str) -> RestingOrder {
    let id = id(Module::PositionMonitor, side, LegId::Stop, generation);
    let order = CloseOrder::Stop {
        qty: qty(of),
        trigger: price(trigger),
    };
    resting(id, order)
}

pub(crate) fn own_target(side: Side, leg: u8, of: &str, at: &str) -> RestingOrder {
    let id = id(Module::PositionMonitor, side, LegId::TakeProfit(leg), 1);
    let order = CloseOrder::Limit {
        qty: qty(of),
        price: price(at),
    };
    resting(id, order)
}

/// A picture without mark, plan or advice, in LEGACY.
pub(crate) fn picture<'a>(
    module: &'a Module,
    snapshot: &'a PositionSnapshot,
    now: Timestamp,
) -> Picture<'a> {
    static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);
    Picture {
        module,
        snapshot,
        mark: None,
        mode: Mode::Legacy,
        plan: None,
        context: None,
        hint: None,
        risk: None,
        policy: &POLICY,
        now,
    }
}

/// A plan that only trails: from 2 % on, 1.5 % behind the best price.
pub(crate) fn plan(snapshot: &PositionSnapshot) -> ExitPlan {
    let leg = ExitLeg {
        kind: LegKind::Trail,
        size: Ratio::ONE,
        offset: Some(Ratio::basis_points(200)),
        trigger_price: None,
        callback: Some(Ratio::basis_points(150)),
        tightening: Vec::new(),
        target_multiple: None,
        r_multiple: None,
        priority: 1,
    };
    ExitPlan {
        id: PlanId(1),
        key: snapshot.position.key.clone(),
        epoch: snapshot.position.epoch,
        entry_price: Some(snapshot.position.entry_price),
        opened_qty: Some(snapshot.position.opened_qty()),
        legs: vec![leg],
        strategy: Strategy::StandardLadder,
        confidence: Ratio::ONE,
        regime: Regime::Normal,
        strategy_id: "RL_V3".into(),
        profile: None,
        target: Ratio::basis_points(300),
        stop: Ratio::basis_points(250),
        trail: Ratio::basis_points(150),
        time_stop: None,
        steps: Vec::new(),
        reason: "test".into(),
        policy_hash: 0,
        inputs_digest: 0,
        created_at: at(0),
        expires_at: at(0) + Span::from_hours(24),
    }
}
