//! The matching core: pure and synchronous, time is an argument.

mod algo;
mod brackets;
mod cancel;
mod config;
mod day;
mod depth;
mod error;
mod event;
mod fill;
mod fire;
mod funding;
mod income;
mod legs;
mod liquidation;
mod listing;
mod margin;
mod modify;
mod order;
mod place;
mod position;
mod price;
mod query;
mod rules;
mod self_trade;
mod settings;
mod spec;
mod standing;
mod stats;
mod tape;
mod terms;
mod timers;
mod trailing;
mod types;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rust_decimal::Decimal;

pub use brackets::Bracket;
pub use cancel::OrderRef;
pub use config::{ReduceOnlyPolicy, VenueConfig};
pub use day::Day;
pub use error::VenueError;
pub use event::{
    AccountReason, AccountUpdate, EventBody, MarginCall, MarginCallRow, OrderUpdate, VenueEvent,
};
pub use funding::FundingPoint;
pub use income::{Income, IncomeKind};
pub(crate) use legs::Legs;
pub(crate) use liquidation::LIQUIDATION_FEE;
pub use listing::FilterChange;
pub use margin::AccountTotals;
pub use modify::{Amendment, Modified, Modify};
pub use order::{AlgoOrder, NewAlgo, NewOrder, Order, Trade, fires};
pub use position::Position;
pub use price::{Bar, Candle, Market, PriceUpdate};
pub use rules::{AccountState, ChildClientId, Rules, SymbolStatus, Unfillable};
pub use spec::SymbolSpec;
pub use stats::Stats;
pub use tape::MarketTrade;
pub use terms::{PriceMatch, StpMode, Terms};
pub use trailing::{Trail, Trailing};
pub use types::{
    AlgoKind, AlgoStatus, Execution, OrderKind, OrderStatus, PositionSide, Side, TimeInForce,
    WorkingType,
};

use crate::wire::Session;
use liquidation::Liquidation;
use tape::Tape;
use timers::{DueExpiry, Timers};

/// Final orders, final conditional orders and trades kept for queries. Enough for a long run's
/// last hours; the oldest go first.
const MAX_HISTORY: usize = 20_000;
/// First ids: ordinary ids pass 2^53 so that a client that keeps ids in a double fails its tests.
const FIRST_ORDER_ID: u64 = 8_389_765_500_000_000_000;
const FIRST_ALGO_ID: u64 = 4_000_001_900_000_000;
const FIRST_TRADE_ID: u64 = 1_190_000_000;

/// Everything the venue holds for one symbol.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) spec: SymbolSpec,
    pub(crate) market: Market,
    pub(crate) legs: Legs,
    pub(crate) leverage: u32,
    pub(crate) brackets: Vec<Bracket>,
    pub(crate) funding_rate: Decimal,
    pub(crate) funding_interval_ms: i64,
    funding_due_ms: i64,
    pub(crate) spread_ticks: u32,
    pub(crate) level_notional: Decimal,
    pub(crate) book_seed: u64,
    pub(crate) isolated: bool,
    pub(crate) open_orders: BTreeSet<u64>,
    pub(crate) open_algos: BTreeSet<u64>,
    pub(crate) client_ids: BTreeMap<String, u64>,
    pub(crate) bars: VecDeque<Bar>,
    pub(crate) tape: Tape,
}

/// One venue with one account.
#[derive(Debug, Clone)]
pub struct Venue {
    pub(crate) config: VenueConfig,
    pub(crate) books: BTreeMap<String, Book>,
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) algos: BTreeMap<u64, AlgoOrder>,
    pub(crate) algo_client_ids: BTreeMap<String, u64>,
    pub(crate) trades: VecDeque<Trade>,
    pub(crate) wallet: Decimal,
    pub(crate) hedge: bool,
    pub(crate) session: Session,
    pub(crate) stats: Stats,
    final_orders: VecDeque<u64>,
    final_algos: VecDeque<u64>,
    due_expiries: VecDeque<DueExpiry>,
    income: VecDeque<Income>,
    funding: VecDeque<FundingPoint>,
    /// No payment is due earlier.
    funding_due_ms: i64,
    liquidation: Liquidation,
    next_income: u64,
    timers: Timers,
    amendments: VecDeque<Amendment>,
    /// Conditional orders by the resting child that they became.
    parents: BTreeMap<u64, u64>,
    events: Vec<VenueEvent>,
    gte_blind_ms: i64,
    next_order: u64,
    next_algo: u64,
    next_trade: u64,
    next_place: u64,
    next_amendment: u64,
    ticks: u64,
}

impl Venue {
    /// A venue with no prices, no positions and no orders.
    #[must_use]
    pub fn new(config: VenueConfig) -> Self {
        let books = config.symbols.iter().map(|spec| {
            let book = Book::new(spec.clone(), &config);
            (spec.symbol.clone(), book)
        });
        Self {
            books: books.collect(),
            wallet: config.wallet,
            hedge: config.hedge,
            gte_blind_ms: config.gte_blind_ms,
            config,
            orders: BTreeMap::new(),
            algos: BTreeMap::new(),
            algo_client_ids: BTreeMap::new(),
            trades: VecDeque::new(),
            session: Session::default(),
            stats: Stats::default(),
            final_orders: VecDeque::new(),
            final_algos: VecDeque::new(),
            due_expiries: VecDeque::new(),
            income: VecDeque::new(),
            funding: VecDeque::new(),
            funding_due_ms: 0,
            liquidation: Liquidation::default(),
            next_income: 0,
            timers: Timers::default(),
            amendments: VecDeque::new(),
            parents: BTreeMap::new(),
            events: Vec::new(),
            next_order: FIRST_ORDER_ID,
            next_algo: FIRST_ALGO_ID,
            next_trade: FIRST_TRADE_ID,
            next_place: 0,
            next_amendment: 0,
            ticks: 0,
        }
    }

    /// Takes the user events since the last call, oldest first.
    pub fn take_events(&mut self) -> Vec<VenueEvent> {
        std::mem::take(&mut self.events)
    }

    /// The settings it was made with.
    #[must_use]
    pub const fn config(&self) -> &VenueConfig {
        &self.config
    }

    /// Weights, order counts and the listen key.
    pub const fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What was accepted and refused so far.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Numbers what comes from now on by the time it began, so that a venue that has forgotten an
    /// earlier run gives none of its ids again.
    pub fn number_from(&mut self, now_ms: i64) {
        let shift = u64::try_from(now_ms).unwrap_or(0);
        self.next_order += shift;
        self.next_algo += shift;
        self.next_trade += shift;
    }

    /// Sets for how long after a position opens closePosition orders meet -4509, ms.
    pub const fn set_gte_blind_ms(&mut self, blind_ms: i64) {
        self.gte_blind_ms = blind_ms;
    }

    /// Fault: this conditional order stays TRIGGERING for good once it fires.
    pub fn mark_stuck(&mut self, algo_id: u64) {
        if let Some(algo) = self.algos.get_mut(&algo_id) {
            algo.stuck = true;
        }
    }

    pub(crate) fn book(&self, symbol: &str) -> Result<&Book, VenueError> {
        self.books
            .get(symbol)
            .ok_or_else(VenueError::invalid_symbol)
    }

    pub(crate) fn book_mut(&mut self, symbol: &str) -> Result<&mut Book, VenueError> {
        self.books
            .get_mut(symbol)
            .ok_or_else(VenueError::invalid_symbol)
    }

    fn emit(&mut self, now_ms: i64, body: EventBody) {
        self.events.push(VenueEvent {
            engine_ms: now_ms,
            event_ms: now_ms,
            body,
        });
    }

    fn emit_algo(&mut self, algo_id: u64, now_ms: i64) {
        if let Some(algo) = self.algos.get(&algo_id) {
            let body = EventBody::Algo(Box::new(algo.clone()));
            self.emit(now_ms, body);
        }
    }

    fn emit_order(&mut self, order_id: u64, execution: Execution, now_ms: i64) {
        let Some(update) = self.order_update(order_id, execution, None) else {
            return;
        };
        self.emit(now_ms, EventBody::Order(Box::new(update)));
    }

    fn order_update(
        &self,
        order_id: u64,
        execution: Execution,
        trade: Option<Trade>,
    ) -> Option<OrderUpdate> {
        let order = self.orders.get(&order_id)?.clone();
        let (bid_notional, ask_notional) = self.open_notional(&order.symbol, order.position_side);
        Some(OrderUpdate {
            order,
            execution,
            trade,
            bid_notional,
            ask_notional,
        })
    }

    /// Notional of the open (buy, sell) orders of one leg of a symbol.
    pub(crate) fn open_notional(&self, symbol: &str, leg: PositionSide) -> (Decimal, Decimal) {
        let mut sums = (Decimal::ZERO, Decimal::ZERO);
        let orders = self.open_orders_of(symbol);
        for order in orders.filter(|order| order.position_side == leg) {
            let notional = order.remaining() * order.price;
            match order.side {
                Side::Buy => sums.0 += notional,
                Side::Sell => sums.1 += notional,
            }
        }
        sums
    }

    /// Books an order as final and drops the oldest final one beyond the bound.
    fn retire_order(&mut self, order_id: u64) {
        let Some(order) = self.orders.get(&order_id) else {
            return;
        };
        if let Some(book) = self.books.get_mut(&order.symbol) {
            book.open_orders.remove(&order_id);
        }
        self.final_orders.push_back(order_id);
        if self.final_orders.len() <= MAX_HISTORY {
            return;
        }
        let Some(oldest) = self.final_orders.pop_front() else {
            return;
        };
        let Some(gone) = self.orders.remove(&oldest) else {
            return;
        };
        if let Some(book) = self.books.get_mut(&gone.symbol) {
            forget(&mut book.client_ids, &gone.client_id, oldest);
        }
    }

    fn retire_algo(&mut self, algo_id: u64) {
        let Some(algo) = self.algos.get(&algo_id) else {
            return;
        };
        if let Some(book) = self.books.get_mut(&algo.symbol) {
            book.open_algos.remove(&algo_id);
        }
        self.final_algos.push_back(algo_id);
        if self.final_algos.len() <= MAX_HISTORY {
            return;
        }
        let Some(oldest) = self.final_algos.pop_front() else {
            return;
        };
        let Some(gone) = self.algos.remove(&oldest) else {
            return;
        };
        forget(&mut self.algo_client_ids, &gone.client_id, oldest);
    }

    fn keep_trade(&mut self, trade: Trade) {
        self.trades.push_back(trade);
        if self.trades.len() > MAX_HISTORY {
            self.trades.pop_front();
        }
    }
}

impl Book {
    fn new(spec: SymbolSpec, config: &VenueConfig) -> Self {
        Self {
            brackets: brackets::brackets_of(&spec.symbol),
            book_seed: depth::seed_of(&spec.symbol, config.book_seed),
            level_notional: config.level_notional,
            spec,
            market: Market::default(),
            legs: Legs::default(),
            leverage: config.leverage,
            funding_rate: config.funding_rate,
            funding_interval_ms: config.funding_interval_ms.max(1),
            funding_due_ms: 0,
            spread_ticks: config.spread_ticks.max(1),
            isolated: false,
            open_orders: BTreeSet::new(),
            open_algos: BTreeSet::new(),
            client_ids: BTreeMap::new(),
            bars: VecDeque::new(),
            tape: Tape::default(),
        }
    }
}

/// Forgets a client id unless a newer order carries it.
fn forget(ids: &mut BTreeMap<String, u64>, client_id: &str, id: u64) {
    if ids.get(client_id) == Some(&id) {
        ids.remove(client_id);
    }
}
