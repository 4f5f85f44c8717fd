//! What the venue itself holds, in our words: the truth that every check is made against.

use domain::ids::{ClientOrderId, LegId, OrderCause};
use domain::instrument::{Instrument, LotFilter, PercentPrice};
use domain::order::CloseOrder;
use domain::{Account, Epoch, Money, Position, PositionKey, Price, Qty, Side, Symbol, Timestamp};
use paper_exchange::venue::{
    self, AlgoKind, AlgoOrder, AlgoStatus, Order, OrderKind, PositionSide, Venue,
};
use rust_decimal::Decimal;

use super::cast::symbol;

/// An order that rests on the venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting {
    /// Its name.
    pub id: String,
    /// What its name says, where it is one of ours.
    pub cause: Option<OrderCause>,
    /// What it is.
    pub order: CloseOrder,
    /// When it came, as the venue tells it, in ms.
    pub since_ms: i64,
}

/// The account of every world.
#[must_use]
pub fn account() -> Account {
    Account::new("main").expect("a valid name")
}

/// The key of a position of the one account.
#[must_use]
pub fn key(symbol_name: &str, side: Side) -> PositionKey {
    PositionKey {
        account: account(),
        symbol: symbol(symbol_name),
        side,
    }
}

/// The open position of a symbol; in hedge mode the long one, where both are open.
#[must_use]
pub fn position(venue: &Venue, name: &str) -> Option<Position> {
    positions(venue, name).into_iter().next()
}

/// The open position of a symbol on that side.
#[must_use]
pub fn position_of(venue: &Venue, name: &str, side: Side) -> Option<Position> {
    let mut open = positions(venue, name).into_iter();
    open.find(|held| held.key.side == side)
}

/// Every open position of a symbol: two at most, in hedge mode.
#[must_use]
pub fn positions(venue: &Venue, name: &str) -> Vec<Position> {
    let open = venue.open_legs_of(name).map(|held| Position {
        key: key(name, side_of(held.qty)),
        epoch: Epoch(u64::try_from(held.opened_ms).unwrap_or_default()),
        qty: qty(held.qty.abs()),
        initial_qty: qty(held.qty.abs()),
        entry_price: Price::new(held.entry).expect("an open position has an entry"),
        leverage: Decimal::from(venue.leverage(name).unwrap_or(1)),
        opened_at: Timestamp::from_millis(held.opened_ms),
    });
    open.collect()
}

/// How the venue calls the leg of a position.
#[must_use]
pub fn leg(venue: &Venue, side: Side) -> PositionSide {
    match side {
        _ if !venue.is_hedge() => PositionSide::Both,
        Side::Long => PositionSide::Long,
        Side::Short => PositionSide::Short,
    }
}

/// How much of an open position resting stops cover.
#[must_use]
pub fn covered(venue: &Venue, position: &Position) -> Qty {
    let closing = match position.key.side {
        Side::Long => venue::Side::Sell,
        Side::Short => venue::Side::Buy,
    };
    let leg = leg(venue, position.key.side);
    let stops = venue.resting_algos_of(position.key.symbol.as_str());
    let stops = stops.filter(|algo| {
        algo.kind == AlgoKind::StopMarket && (algo.side, algo.position_side) == (closing, leg)
    });
    let sum = stops
        .map(|algo| {
            if algo.close_position {
                position.qty
            } else {
                qty(algo.qty)
            }
        })
        .fold(Qty::ZERO, Qty::plus);
    sum.min(position.qty)
}

/// Everything that rests for a symbol, in both books.
#[must_use]
pub fn resting(venue: &Venue, name: &str) -> Vec<Resting> {
    let symbol = symbol(name);
    let algos = venue.resting_algos_of(name).map(|algo| {
        let order = algo_order(algo);
        named(&symbol, &algo.client_id, order, algo.created_ms)
    });
    let orders = venue.open_orders_of(name).map(|order| {
        let close = ordinary_order(order);
        named(&symbol, &order.client_id, close, order.created_ms)
    });
    algos.chain(orders).collect()
}

/// The tightest working stop of `cause`'s module and life that rests, of those whose names count.
#[must_use]
pub fn tightest(
    venue: &Venue,
    name: &str,
    cause: &OrderCause,
    counts: impl Fn(&str) -> bool,
) -> Option<Price> {
    let side = cause.side;
    resting(venue, name)
        .iter()
        .filter(|it| counts(&it.id) && is_stop_like(it, cause))
        .filter_map(|it| it.order.stop_trigger())
        .reduce(|a, b| side.tighter(a, b))
}

/// The tightest working stop of that life that rests, whoever's of us, but for the one named `but`.
#[must_use]
pub fn tightest_of_anyone(
    venue: &Venue,
    name: &str,
    cause: &OrderCause,
    but: &str,
) -> Option<Price> {
    let (side, epoch) = (cause.side, cause.epoch);
    let is_like = |it: &Resting| {
        let cause = it.cause.as_ref();
        let of = cause.map(|it| (it.side, it.epoch, it.leg));
        it.id != but && of == Some((side, epoch, LegId::Stop))
    };
    let resting = resting(venue, name);
    let stops = resting.iter().filter(|it| is_like(it));
    let triggers = stops.filter_map(|it| it.order.stop_trigger());
    triggers.reduce(|a, b| side.tighter(a, b))
}

/// How much rests in limits of `cause`'s module and leg, whatever they call its life.
#[must_use]
pub fn resting_of(venue: &Venue, name: &str, cause: &OrderCause) -> Qty {
    let resting = resting(venue, name).into_iter();
    let like = resting.filter(|it| {
        let of = it.cause.as_ref();
        let of = of.map(|it| (&it.module, it.side, it.leg));
        of == Some((&cause.module, cause.side, cause.leg))
    });
    like.filter_map(|it| it.order.qty())
        .fold(Qty::ZERO, Qty::plus)
}

/// The working stops of `cause`'s module and life that rest.
#[must_use]
pub fn stops_like(venue: &Venue, name: &str, cause: &OrderCause) -> Vec<Resting> {
    let mut resting = resting(venue, name);
    resting.retain(|it| is_stop_like(it, cause));
    resting
}

fn is_stop_like(resting: &Resting, cause: &OrderCause) -> bool {
    resting.cause.as_ref().is_some_and(|it| {
        (&it.module, it.side, it.epoch, it.leg)
            == (&cause.module, cause.side, cause.epoch, LegId::Stop)
    })
}

/// The filters of a symbol, as an independent reader of the venue takes them.
#[must_use]
pub fn instrument(venue: &Venue, name: &str) -> Instrument {
    let spec = venue.spec(name).expect("a traded symbol");
    let lot = |max: Decimal| LotFilter {
        step: spec.step_size,
        min: qty(spec.min_qty),
        max: qty(max),
    };
    Instrument {
        symbol: symbol(name),
        tick_size: spec.tick_size,
        lot: lot(spec.max_qty),
        market_lot: lot(spec.max_market_qty),
        min_notional: Money::new(spec.min_notional),
        percent_price: PercentPrice::told(spec.multiplier_up, spec.multiplier_down),
    }
}

/// A conditional order in our words.
#[must_use]
pub fn algo_order(algo: &AlgoOrder) -> CloseOrder {
    let trigger = Price::new(algo.trigger_price).expect("the venue takes only positive triggers");
    if algo.close_position {
        return CloseOrder::DisasterStop { trigger };
    }
    let qty = qty(algo.qty);
    CloseOrder::Stop { qty, trigger }
}

/// An ordinary order in our words, with what is left of it.
#[must_use]
pub fn ordinary_order(order: &Order) -> CloseOrder {
    let left = qty(order.remaining());
    match order.kind {
        OrderKind::Market => CloseOrder::Market {
            qty: qty(order.qty),
        },
        OrderKind::Limit => CloseOrder::Limit {
            qty: left,
            price: Price::new(order.price).expect("the venue takes only positive prices"),
        },
    }
}

/// Whether a stop has fired and its child has not ended.
#[must_use]
pub fn has_fired(venue: &Venue, name: &str) -> bool {
    venue
        .open_algos_of(name)
        .any(|algo| algo.status != AlgoStatus::New)
}

/// Side of a signed amount.
#[must_use]
pub fn side_of(signed: Decimal) -> Side {
    if signed.is_sign_negative() {
        Side::Short
    } else {
        Side::Long
    }
}

/// A quantity that the venue shows.
#[must_use]
pub fn qty(value: Decimal) -> Qty {
    Qty::new(value).expect("the venue shows no negative quantity")
}

fn named(symbol: &Symbol, id: &str, order: CloseOrder, since_ms: i64) -> Resting {
    let cause = ClientOrderId::new(id).ok().and_then(|id| id.cause(symbol));
    Resting {
        id: id.to_owned(),
        cause,
        order,
        since_ms,
    }
}
