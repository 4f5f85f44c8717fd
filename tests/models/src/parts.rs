//! The one position of the models, its plans and its prices: few of each, to walk through all.

use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::instrument::{Instrument, LotFilter};
use domain::market::{MarketContext, Regime};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::plan::{ExitLeg, ExitPlan, LegKind, PlanId, Strategy};
use domain::policy::Policy;
use domain::snapshot::PositionSnapshot;
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Ratio, Side, Span, Symbol, Timestamp,
};
use rust_decimal::Decimal;

const OPENED_AT_MS: i64 = 1_795_178_173_000;
/// The first moment: the position has just opened.
pub const START: Timestamp = Timestamp::from_millis(OPENED_AT_MS);
const EPOCH: Epoch = Epoch(1_795_178_173_000);
/// Where it was opened.
pub const ENTRY: i64 = 1_000;
/// How much, in lots of one.
pub const OPENED: i64 = 4;

pub fn price(value: i64) -> Price {
    Price::new(value.into()).unwrap()
}

pub fn qty(lots: i64) -> Qty {
    Qty::new(lots.into()).unwrap()
}

pub fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

/// The price as far on the other side of the entry.
pub fn mirrored(at: Price) -> Price {
    Price::new(Decimal::from(2 * ENTRY) - at.get()).unwrap()
}

/// Where a long has `value`; a short as far on the other side of the entry.
pub fn price_of(side: Side, value: i64) -> Price {
    match side {
        Side::Long => price(value),
        Side::Short => mirrored(price(value)),
    }
}

pub fn key(side: Side) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: symbol(),
        side,
    }
}

fn position(side: Side, open: Qty) -> Position {
    Position {
        key: key(side),
        epoch: EPOCH,
        qty: open,
        initial_qty: qty(OPENED),
        entry_price: price(ENTRY),
        // The floor of an unlevered position lies far below its working stop.
        leverage: Decimal::ONE,
        opened_at: START,
    }
}

fn instrument() -> Instrument {
    let lot = LotFilter {
        step: Decimal::ONE,
        min: qty(1),
        max: qty(1_000),
    };
    Instrument {
        symbol: symbol(),
        tick_size: Decimal::ONE,
        lot,
        market_lot: lot,
        min_notional: Money::new(Decimal::from(5)),
        percent_price: None,
    }
}

/// A complete picture of these orders.
pub fn picture(
    side: Side,
    open: Qty,
    orders: Vec<RestingOrder>,
    at: Timestamp,
) -> PositionSnapshot {
    PositionSnapshot {
        position: position(side, open),
        instrument: instrument(),
        orders,
        complete: true,
        flat_proven: open.is_zero(),
        sequence: 0,
        at,
        fence: None,
    }
}

/// Nothing is known of the market but its price.
pub fn context() -> MarketContext {
    MarketContext::unknown(symbol(), START)
}

/// A plan with its stop there, and legs of a share of the whole in percent at a price.
pub fn plan(number: u64, stop: i64, legs: &[(LegKind, i64, i64)]) -> ExitPlan {
    let all = [(LegKind::Stop, 100, stop)];
    let legs = all.iter().chain(legs).zip(0_u8..);
    let percent = |value: i64| Ratio::basis_points(value * 100);
    let leg = |((kind, share, at), priority): (&(LegKind, i64, i64), u8)| ExitLeg {
        kind: *kind,
        size: percent(*share),
        offset: None,
        trigger_price: Some(price(*at)),
        callback: None,
        tightening: Vec::new(),
        target_multiple: None,
        r_multiple: None,
        priority,
    };
    ExitPlan {
        id: PlanId(number),
        key: key(Side::Long),
        epoch: EPOCH,
        entry_price: Some(price(ENTRY)),
        opened_qty: Some(qty(OPENED)),
        legs: legs.map(leg).collect(),
        strategy: Strategy::StandardLadder,
        confidence: Ratio::ONE,
        regime: Regime::Normal,
        strategy_id: String::new(),
        profile: None,
        target: percent(3),
        stop: percent(5),
        trail: percent(2),
        time_stop: None,
        steps: Vec::new(),
        reason: String::new(),
        policy_hash: 0,
        inputs_digest: 0,
        created_at: START,
        expires_at: START + Span::from_hours(24),
    }
}

/// The name of an order of `module`.
pub fn name(module: &Module, side: Side, leg: LegId, generation: u32) -> ClientOrderId {
    let cause = OrderCause {
        module: module.clone(),
        side,
        epoch: EPOCH,
        leg,
        generation,
    };
    ClientOrderId::derive(&symbol(), &cause)
}

pub fn cause(id: &ClientOrderId) -> OrderCause {
    id.cause(&symbol()).unwrap()
}

/// An order of the executor that has rested from the beginning.
pub fn rests(leg: LegId, order: CloseOrder) -> RestingOrder {
    RestingOrder {
        client_order_id: name(&Module::ExitExecutor, Side::Long, leg, 1),
        order,
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: START,
    }
}

/// The working stop for all of it.
pub fn stop_at(trigger: i64) -> RestingOrder {
    let order = CloseOrder::Stop {
        qty: qty(OPENED),
        trigger: price(trigger),
    };
    rests(LegId::Stop, order)
}

/// The close-position stop at the floor.
pub fn disaster() -> RestingOrder {
    let trigger = floor(Side::Long);
    rests(LegId::Disaster, CloseOrder::DisasterStop { trigger })
}

fn floor(side: Side) -> Price {
    let (position, policy) = (position(side, qty(OPENED)), Policy::default());
    domain::desired::floor_price(&position, &instrument(), &policy).unwrap()
}

/// The same order for a short.
pub fn order_of_short(resting: &RestingOrder) -> RestingOrder {
    let order = match resting.order {
        CloseOrder::Stop { qty, trigger } => CloseOrder::Stop {
            qty,
            trigger: mirrored(trigger),
        },
        CloseOrder::Limit { qty, price } => CloseOrder::Limit {
            qty,
            price: mirrored(price),
        },
        CloseOrder::DisasterStop { .. } => CloseOrder::DisasterStop {
            trigger: floor(Side::Short),
        },
        CloseOrder::Market { qty } => CloseOrder::Market { qty },
    };
    let cause = cause(&resting.client_order_id);
    RestingOrder {
        client_order_id: name(&cause.module, Side::Short, cause.leg, cause.generation),
        order,
        ..resting.clone()
    }
}

/// The same plan for a short.
pub fn plan_of_short(plan: &ExitPlan) -> ExitPlan {
    let mut plan = plan.clone();
    plan.key.side = Side::Short;
    for leg in &mut plan.legs {
        leg.trigger_price = leg.trigger_price.map(mirrored);
    }
    plan
}

/// A resting target.
pub fn target(leg: u8, lots: i64, at: i64) -> RestingOrder {
    let order = CloseOrder::Limit {
        qty: qty(lots),
        price: price(at),
    };
    rests(LegId::TakeProfit(leg), order)
}
