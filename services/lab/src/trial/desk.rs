//! Guard and gateway of a trial: intents are reviewed by the guard's own rule, travel, and are
//! carried out on the venue's core; what the venue tells travels back.

use std::collections::BTreeMap;

use domain::decision::{Action, Decision};
use domain::guard::Memory;
use domain::ids::Account;
use domain::instrument::Instrument;
use domain::intent::OrderIntent;
use domain::mode::{Mode, ModeSnapshot};
use domain::order::OrderEvent;
use domain::snapshot::PositionSnapshot;
use domain::{LegId, PositionKey, Side, Timestamp};
use paper_exchange::venue::{NewOrder, Side as VenueSide, SymbolSpec, Venue, VenueConfig};
use rust_decimal::Decimal;

use super::fills::{Exit, Fill, Sums};
use super::{Ground, picture};
use crate::costs::{Costs, Delays};
use crate::tape::{Funding, Tick};

mod carry;
mod hear;

/// Account of every trial.
const ACCOUNT: &str = "lab";
/// The account's wallet. Each position has isolated margin, so only its own part can be lost.
const WALLET: i64 = 1_000_000_000;

/// Something on its way.
#[derive(Debug)]
pub(super) enum Parcel {
    /// An approved intent, to the venue.
    Order(Box<OrderIntent>),
    /// News of an order, back.
    Event(OrderEvent),
    /// A picture of the position, back.
    Picture(PositionSnapshot),
}

/// The fill that opened the position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub at: Timestamp,
    pub side: Side,
    pub price: Decimal,
    pub qty: Decimal,
}

pub(super) struct Desk<'a> {
    costs: &'a Costs,
    funding: std::iter::Peekable<std::slice::Iter<'a, Funding>>,
    venue: Venue,
    tick_size: Decimal,
    key: PositionKey,
    instrument: Instrument,
    leverage: Decimal,
    opening: Opening,
    mode: Mode,
    memory: Memory,
    /// What the guard has heard last.
    known: Option<PositionSnapshot>,
    delays: Delays,
    queue: BTreeMap<(Timestamp, u64), Parcel>,
    parcels: u64,
    /// News keep their order.
    last_back: Timestamp,
    sequence: u64,
    /// Approved wishes by the name of their order, so that news of it can say whose it is.
    asked: BTreeMap<String, OrderIntent>,
    fills: Vec<Fill>,
    sums: Sums,
    incomes: usize,
    exit_rule: Option<String>,
    orders: u32,
    refused: u32,
    at_data_end: bool,
    /// Whether the opening fill has been told.
    has_begun: bool,
}

impl<'a> Desk<'a> {
    /// Opens the position; none where the venue does not take the order.
    pub fn open(ground: &Ground<'a>, mode: Mode, first: &Tick) -> Option<Self> {
        let (entry, costs) = (ground.entry, ground.costs);
        let spec = &ground.tape.spec;
        let name = entry.symbol.as_str();
        let mut venue = venue(spec.clone(), entry.leverage, costs);
        let now_ms = first.at.millis();
        venue.set_isolated(name, true).ok()?;
        let update = first.update(costs.slippage, spec.tick_size);
        venue.on_price(name, update, now_ms).ok()?;
        let side = match entry.side {
            Side::Long => VenueSide::Buy,
            Side::Short => VenueSide::Sell,
        };
        let order = NewOrder::market(name, side, entry.qty.get());
        venue.place_order(order, now_ms).ok()?;
        let held = venue.position(name).filter(|held| !held.is_flat())?;
        let opening = Opening {
            at: first.at,
            side: entry.side,
            price: held.entry,
            qty: held.qty.abs(),
        };
        let mut funding = ground.tape.funding.iter().peekable();
        while funding.next_if(|payment| payment.at <= first.at).is_some() {}
        let mut desk = Self {
            costs,
            funding,
            tick_size: spec.tick_size,
            instrument: picture::instrument(&entry.symbol, spec)?,
            key: PositionKey {
                account: Account::new(ACCOUNT).ok()?,
                symbol: entry.symbol.clone(),
                side: entry.side,
            },
            leverage: Decimal::from(entry.leverage),
            opening,
            mode,
            memory: Memory::default(),
            known: None,
            delays: Delays::new(costs, ground.number as u64),
            queue: BTreeMap::new(),
            parcels: 0,
            last_back: first.at,
            sequence: 0,
            asked: BTreeMap::new(),
            fills: Vec::new(),
            sums: Sums::default(),
            incomes: 0,
            exit_rule: None,
            orders: 0,
            refused: 0,
            at_data_end: false,
            has_begun: false,
            venue,
        };
        desk.listen(first.at);
        desk.has_begun = true;
        Some(desk)
    }

    pub const fn opening(&self) -> Opening {
        self.opening
    }

    /// The mode that the guard says is in force.
    pub fn mode_in_force(&self, now: Timestamp) -> ModeSnapshot {
        ModeSnapshot {
            revision: 1,
            mode: self.mode,
            reason: "replay".into(),
            at: now,
        }
    }

    pub fn is_flat(&self) -> bool {
        let held = self.venue.position(self.key.symbol.as_str());
        held.is_none_or(|held| held.is_flat())
    }

    /// What the position has gained: what was booked, and what is open at the mark.
    pub fn equity(&self) -> Decimal {
        let name = self.key.symbol.as_str();
        let mark = self.venue.market(name).map(|market| market.mark);
        let held = self.venue.position(name);
        let open = held.zip(mark).map(|(held, mark)| held.unrealized(mark));
        self.sums.total() + open.unwrap_or_default()
    }

    pub const fn sums(&self) -> Sums {
        self.sums
    }

    pub const fn counts(&self) -> (u32, u32) {
        (self.orders, self.refused)
    }

    /// When the last of it was closed.
    pub fn closed_at(&self) -> Option<Timestamp> {
        self.fills.last().map(|fill| fill.at)
    }

    /// How the last of it was closed.
    pub fn exit(&self) -> Exit {
        if self.at_data_end {
            return Exit::DataEnd;
        }
        let last = self.fills.last();
        match last.and_then(|fill| fill.leg) {
            Some(LegId::Stop) => Exit::Stop(last.and_then(|fill| fill.stop_reason)),
            Some(LegId::Disaster) => Exit::DisasterStop,
            Some(LegId::TakeProfit(leg)) => Exit::Target(leg),
            Some(LegId::Partial(_)) => Exit::Partial,
            Some(LegId::Exit) => {
                Exit::AtMarket(self.exit_rule.clone().unwrap_or_else(|| "exit".into()))
            }
            None => Exit::Liquidation,
        }
    }

    /// Why it is being closed: the rule is in the decision, the order only says "exit".
    pub fn note_decision(&mut self, decision: &Decision) {
        if decision.action == Action::FullExit {
            self.exit_rule = Some(decision.rule.to_string());
        }
    }

    /// A new price: funding that was due, stops that fire, limits that fill.
    pub fn price(&mut self, tick: &Tick) {
        let name = self.key.symbol.as_str();
        while let Some(payment) = self.funding.next_if(|payment| payment.at <= tick.at) {
            let charged = self
                .venue
                .charge_funding_at(name, payment.rate, tick.at.millis());
            debug_assert!(charged.is_ok(), "{charged:?}");
        }
        let update = tick.update(self.costs.slippage, self.tick_size);
        // A price that the venue does not take is none: the one before stays.
        let taken = self.venue.on_price(name, update, tick.at.millis());
        debug_assert!(taken.is_ok(), "{taken:?}");
        self.listen(tick.at);
    }

    /// The data ends: what is open is closed at market.
    pub fn close_at_end(&mut self, now: Timestamp) {
        if self.is_flat() {
            return;
        }
        self.at_data_end = true;
        let name = self.key.symbol.as_str().to_owned();
        let open = self.venue.position(&name).map(|held| held.qty.abs());
        let order = NewOrder::market(&name, self.closing(), open.unwrap_or_default());
        let closed = self.venue.place_order(order.reduce_only(), now.millis());
        debug_assert!(closed.is_ok(), "{closed:?}");
        self.listen(now);
    }

    /// The direction that closes the position.
    const fn closing(&self) -> VenueSide {
        match self.key.side {
            Side::Long => VenueSide::Sell,
            Side::Short => VenueSide::Buy,
        }
    }
}

/// A venue for one contract, where everything fills whole at the touch: what taking costs is the
/// slippage, stated once.
fn venue(spec: SymbolSpec, leverage: u32, costs: &Costs) -> Venue {
    Venue::new(VenueConfig {
        symbols: vec![spec],
        wallet: Decimal::from(WALLET),
        maker_fee: costs.maker_fee,
        taker_fee: costs.taker_fee,
        leverage,
        funding_rate: Decimal::ZERO,
        // What was charged is charged when it was, see `Desk::price`.
        funding_interval_ms: i64::MAX,
        level_notional: Decimal::ZERO,
        ..VenueConfig::default()
    })
}
