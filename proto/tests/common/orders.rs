//! Strategies for positions and orders.

use domain::handover::{Closing, Handover};
use domain::ids::{ClientOrderId, Epoch};
use domain::instrument::{Instrument, LotFilter, PercentPrice};
use domain::intent::{Approval, Denial, IntentId, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus, RestingOrder};
use domain::plan::PlanId;
use domain::snapshot::PositionSnapshot;
use domain::{Money, Position, Span, Symbol};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proto::SignedApproval;
use rust_decimal::Decimal;

use super::{key, module, price, qty, share, stop_reason, time, token, words};

fn client_order_id() -> impl Strategy<Value = ClientOrderId> {
    "[a-zA-Z0-9_./:-]{1,36}".prop_map(|text| ClientOrderId::new(&text).unwrap())
}

fn close_order() -> impl Strategy<Value = CloseOrder> {
    prop_oneof![
        qty().prop_map(|qty| CloseOrder::Market { qty }),
        (qty(), price()).prop_map(|(qty, price)| CloseOrder::Limit { qty, price }),
        (qty(), price()).prop_map(|(qty, trigger)| CloseOrder::Stop { qty, trigger }),
        price().prop_map(|trigger| CloseOrder::DisasterStop { trigger }),
    ]
}

fn status() -> impl Strategy<Value = OrderStatus> {
    select(vec![
        OrderStatus::Submitting,
        OrderStatus::Unknown,
        OrderStatus::Accepted,
        OrderStatus::Triggering,
        OrderStatus::Triggered,
        OrderStatus::PartiallyFilled,
        OrderStatus::Filled,
        OrderStatus::Canceled,
        OrderStatus::Expired,
        OrderStatus::Rejected,
    ])
}

fn kind() -> impl Strategy<Value = OrderKind> {
    select(vec![
        OrderKind::Tp,
        OrderKind::Sl,
        OrderKind::Trailing,
        OrderKind::Breakeven,
        OrderKind::PartialTp,
        OrderKind::EmergencyExit,
        OrderKind::HardSl,
        OrderKind::LossGuard,
        OrderKind::OtherExit,
    ])
}

fn position() -> impl Strategy<Value = Position> {
    (
        key(),
        any::<u64>(),
        qty(),
        qty(),
        price(),
        10_i64..=1_250,
        time(),
    )
        .prop_map(
            |(key, epoch, qty, initial_qty, entry_price, leverage, opened_at)| Position {
                key,
                epoch: Epoch(epoch),
                qty,
                initial_qty,
                entry_price,
                leverage: Decimal::new(leverage, 1),
                opened_at,
            },
        )
}

fn lot() -> impl Strategy<Value = LotFilter> {
    (1_i64..1_000, qty(), qty()).prop_map(|(step, min, max)| LotFilter {
        step: Decimal::new(step, 3),
        min,
        max,
    })
}

fn instrument(symbol: Symbol) -> impl Strategy<Value = Instrument> {
    let percent = option::of((1_001_i64..3_000, 1_i64..1_000));
    let parts = (1_i64..1_000, lot(), lot(), 0_i64..10_000, percent);
    parts.prop_map(move |(tick, lot, market_lot, least, percent)| {
        let factor = |thousandths| Decimal::new(thousandths, 3);
        Instrument {
            symbol: symbol.clone(),
            tick_size: Decimal::new(tick, 4),
            lot,
            market_lot,
            min_notional: Money::new(Decimal::new(least, 2)),
            percent_price: percent
                .and_then(|(up, down)| PercentPrice::told(factor(up), factor(down))),
        }
    })
}

fn resting() -> impl Strategy<Value = RestingOrder> {
    (client_order_id(), close_order(), status(), qty(), time()).prop_map(
        |(client_order_id, order, status, filled_qty, since)| RestingOrder {
            client_order_id,
            order,
            status,
            filled_qty,
            since,
        },
    )
}

pub fn position_snapshot() -> impl Strategy<Value = PositionSnapshot> {
    let picture = position().prop_flat_map(|position| {
        let instrument = instrument(position.key.symbol.clone());
        (Just(position), instrument)
    });
    let fence = option::of(any::<u64>());
    let told = (any::<bool>(), any::<bool>(), any::<u64>(), time(), fence);
    (picture, vec(resting(), 0..4), told).prop_map(|((position, instrument), orders, told)| {
        PositionSnapshot {
            position,
            instrument,
            orders,
            complete: told.0,
            flat_proven: told.1,
            sequence: told.2,
            at: told.3,
            fence: told.4,
        }
    })
}

fn wish() -> impl Strategy<Value = Wish> {
    let place =
        (client_order_id(), close_order()).prop_map(|(client_order_id, order)| Wish::Place {
            client_order_id,
            order,
        });
    let cancel =
        (client_order_id(), any::<bool>()).prop_map(|(target, conditional)| Wish::Cancel {
            target,
            conditional,
        });
    prop_oneof![place, cancel]
}

pub fn order_intent() -> impl Strategy<Value = OrderIntent> {
    let who = (token(), key(), module());
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>());
    let why = (
        token(),
        option::of(stop_reason()),
        words(),
        share(),
        option::of(any::<u64>()),
    );
    let times = (time(), time(), option::of(time()));
    (who, numbers, kind(), wish(), why, times).prop_map(
        |((id, key, module), numbers, kind, wish, why, times)| {
            let (decision, stop_reason, reason, confidence, plan) = why;
            OrderIntent {
                id: IntentId::from_wire(&id),
                key,
                epoch: Epoch(numbers.0),
                module,
                kind,
                wish,
                decision,
                stop_reason,
                reason,
                confidence,
                plan_id: plan.map(PlanId),
                sequence: numbers.1,
                fence: numbers.2,
                created_at: times.0,
                expires_at: times.1,
                tick_received_at: times.2,
            }
        },
    )
}

pub fn approval() -> impl Strategy<Value = Approval> {
    let numbers = (any::<u64>(), any::<u64>(), option::of(any::<u64>()));
    (order_intent(), numbers, time(), time()).prop_map(
        |(intent, (guard_boot, sequence, gateway), approved_at, expires_at)| Approval {
            intent,
            guard_boot,
            sequence,
            approved_at,
            expires_at,
            gateway,
        },
    )
}

pub fn signed_approval() -> impl Strategy<Value = SignedApproval> {
    (vec(any::<u8>(), 1..200), vec(any::<u8>(), 64))
        .prop_map(|(body, signature)| SignedApproval { body, signature })
}

pub fn denial() -> impl Strategy<Value = Denial> {
    (
        token(),
        key(),
        module(),
        kind(),
        "[A-Z]{1,9}_[A-Z]{1,9}",
        words(),
        time(),
    )
        .prop_map(|(id, key, module, kind, code, detail, at)| Denial {
            intent_id: IntentId::from_wire(&id),
            key,
            module,
            fence: 7,
            kind,
            code,
            detail,
            at,
        })
}

pub fn order_event() -> impl Strategy<Value = OrderEvent> {
    let who = (
        key(),
        any::<u64>(),
        module(),
        kind(),
        token(),
        client_order_id(),
    );
    let venue = (
        option::of(any::<i64>()),
        token(),
        option::of(any::<i32>()),
        words(),
    );
    let latency = option::of(any::<i64>().prop_map(Span::from_micros));
    let filled = (qty(), option::of(price()));
    (who, venue, status(), filled, latency, time()).prop_map(
        |(who, venue, status, (filled_qty, average_price), tick_to_order, at)| OrderEvent {
            key: who.0,
            epoch: Epoch(who.1),
            module: who.2,
            kind: who.3,
            intent_id: IntentId::from_wire(&who.4),
            client_order_id: who.5,
            venue_order_id: venue.0,
            order_type: venue.1,
            status,
            filled_qty,
            average_price,
            code: venue.2,
            detail: venue.3,
            tick_to_order,
            at,
        },
    )
}

pub fn handover() -> impl Strategy<Value = Handover> {
    let place = (key(), any::<u64>(), qty(), vec(resting(), 0..4));
    let closing = option::of(time().prop_map(|settled_at| Closing { settled_at }));
    let who = (token(), any::<u64>(), any::<u64>(), words(), time());
    (place, closing, who).prop_map(|((key, epoch, qty, orders), closing, who)| {
        let (instance, fence, revision, reason, at) = who;
        Handover {
            key,
            epoch: Epoch(epoch),
            qty,
            orders,
            closing,
            instance,
            fence,
            revision,
            reason,
            at,
        }
    })
}
