//! A tracker with one position, told of in a few words.

use std::vec;
use std::vec::Vec;

use crate::Account;
use crate::ids::{ClientOrderId, Epoch, LegId, Module, OrderCause, PositionKey, Symbol};
use crate::instrument::{Instrument, LotFilter};
use crate::intent::IntentId;
use crate::market::{MarkTick, Regime};
use crate::num::{Money, Price, Qty, Ratio};
use crate::order::{OrderEvent, OrderKind, OrderStatus};
use crate::performance::{SETTLE_AFTER, TargetPerformance, Tracker};
use crate::plan::{ExitLeg, ExitPlan, LegKind, PlanId, Strategy};
use crate::position::{Position, Side};
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};
use rust_decimal::Decimal;

pub(super) const START: Timestamp = Timestamp::from_millis(1_795_178_173_000);
pub(super) const EPOCH: u64 = 1_795_178_173_000;

pub(super) fn after(millis: i64) -> Timestamp {
    START + Span::from_millis(millis)
}

pub(super) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub(super) fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub(super) fn key(side: Side) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side,
    }
}

/// A position of 1 at 100.
pub(super) fn position(side: Side, open: &str, epoch: u64, at: Timestamp) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.01"),
        min: qty("0.01"),
        max: qty("1000"),
    };
    let key = key(side);
    PositionSnapshot {
        instrument: Instrument {
            symbol: key.symbol.clone(),
            tick_size: dec("0.1"),
            lot,
            market_lot: lot,
            min_notional: Money::new(dec("5")),
            percent_price: None,
        },
        position: Position {
            key,
            epoch: Epoch(epoch),
            qty: qty(open),
            initial_qty: qty("1"),
            entry_price: price("100"),
            leverage: dec("5"),
            opened_at: START,
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: true,
        sequence: 1,
        at,
        fence: None,
    }
}

pub(super) fn leg(kind: LegKind, size: &str, at: &str) -> ExitLeg {
    ExitLeg {
        kind,
        size: Ratio::new(dec(size)),
        offset: None,
        trigger_price: Some(price(at)),
        callback: None,
        tightening: Vec::new(),
        target_multiple: None,
        r_multiple: None,
        priority: 1,
    }
}

pub(super) fn plan(side: Side, legs: Vec<ExitLeg>, created_at: Timestamp) -> ExitPlan {
    let ratio = Ratio::basis_points(250);
    ExitPlan {
        id: PlanId(1),
        key: key(side),
        epoch: Epoch(EPOCH),
        entry_price: None,
        opened_qty: None,
        legs,
        strategy: Strategy::StandardLadder,
        confidence: ratio,
        regime: Regime::Trending,
        strategy_id: "RL_V3".into(),
        profile: None,
        target: ratio,
        stop: ratio,
        trail: ratio,
        time_stop: None,
        steps: Vec::new(),
        reason: "test".into(),
        policy_hash: 1,
        inputs_digest: 1,
        created_at,
        expires_at: created_at + Span::from_hours(24),
    }
}

/// 25 % at 101.5, 25 % at 103, mirrored for a short, and the rest trails.
pub(super) fn ladder(side: Side, created_at: Timestamp) -> ExitPlan {
    let prices = match side {
        Side::Long => ["101.5", "103"],
        Side::Short => ["98.5", "97"],
    };
    let legs = vec![
        leg(LegKind::TakeProfit, "0.25", prices[0]),
        leg(LegKind::TakeProfit, "0.25", prices[1]),
        leg(LegKind::Trail, "0.5", prices[1]),
    ];
    plan(side, legs, created_at)
}

/// An order of the executor: leg, generation, what is filled of it so far, at which average.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub side: Side,
    pub leg: LegId,
    pub generation: u32,
    pub venue_order_id: Option<i64>,
    pub status: OrderStatus,
    pub filled: Qty,
    pub average: Option<Price>,
    pub at: Timestamp,
}

impl News {
    pub(super) fn filled(leg: LegId, filled: &str, average: &str, at: Timestamp) -> Self {
        Self {
            side: Side::Long,
            leg,
            generation: 1,
            venue_order_id: None,
            status: OrderStatus::Filled,
            filled: qty(filled),
            average: Some(price(average)),
            at,
        }
    }

    pub(super) fn part(leg: LegId, filled: &str, average: &str, at: Timestamp) -> Self {
        let status = OrderStatus::PartiallyFilled;
        Self {
            status,
            ..Self::filled(leg, filled, average, at)
        }
    }

    pub(super) fn event(&self, module: Module) -> OrderEvent {
        let key = key(self.side);
        let cause = OrderCause {
            module: module.clone(),
            side: self.side,
            epoch: Epoch(EPOCH),
            leg: self.leg,
            generation: self.generation,
        };
        let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
        OrderEvent {
            key,
            epoch: cause.epoch,
            module,
            kind: OrderKind::Tp,
            intent_id: IntentId::place(&client_order_id),
            client_order_id,
            venue_order_id: self.venue_order_id,
            order_type: "LIMIT".into(),
            status: self.status,
            filled_qty: self.filled,
            average_price: self.average,
            code: None,
            detail: "".into(),
            tick_to_order: None,
            at: self.at,
        }
    }

    pub(super) fn tell(&self, tracker: &mut Tracker) {
        tracker.order(&self.event(Module::ExitExecutor));
    }
}

/// The executor's stop rests: from then on the life is its own.
pub(super) fn placed(tracker: &mut Tracker, side: Side) {
    let stop = News {
        side,
        leg: LegId::Stop,
        status: OrderStatus::Accepted,
        filled: Qty::ZERO,
        average: None,
        ..News::filled(LegId::Stop, "1", "1", START)
    };
    stop.tell(tracker);
}

/// A life with [`ladder`], owned by the executor.
pub(super) fn laddered(side: Side) -> Tracker {
    with(&ladder(side, START))
}

/// A life with `plan`, owned by the executor.
pub(super) fn with(plan: &ExitPlan) -> Tracker {
    let side = plan.key.side;
    let mut tracker = Tracker::new(START);
    tracker.position(&position(side, "1", EPOCH, START));
    tracker.plan(plan);
    placed(&mut tracker, side);
    tracker
}

/// The position is flat at that time, and the wait for late fills is over.
pub(super) fn over(tracker: &mut Tracker, side: Side, at: Timestamp) {
    flat(tracker, side, at);
    tracker.settle(at + SETTLE_AFTER);
}

pub(super) fn flat(tracker: &mut Tracker, side: Side, at: Timestamp) {
    tracker.position(&position(side, "0", EPOCH, at));
}

pub(super) fn mark(tracker: &mut Tracker, at_price: &str, received_at: Timestamp) {
    tracker.mark(&MarkTick {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        mark_price: price(at_price),
        index_price: None,
        event_at: received_at,
        received_at,
        sequence: 1,
    });
}

pub(super) fn row(tracker: &Tracker, leg: u8) -> TargetPerformance {
    find(tracker, leg).unwrap()
}

pub(super) fn find(tracker: &Tracker, leg: u8) -> Option<TargetPerformance> {
    let report = tracker.report(None, START);
    let rows = report.into_iter().flat_map(|it| it.targets);
    rows.into_iter().find(|row| row.leg == leg)
}

/// Planned, hit, missed, premature.
pub(super) fn counts(tracker: &Tracker, leg: u8) -> (u64, u64, u64, u64) {
    find(tracker, leg).map_or((0, 0, 0, 0), |row| {
        (row.planned, row.hit, row.missed, row.premature)
    })
}
