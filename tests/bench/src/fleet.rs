//! An executor in LIVE with many positions of one contract, each with its plan, and a venue that
//! does at once what it is asked.

use std::mem;

use bus::Heard;
use domain::grid::Grid;
use domain::instrument::{Instrument, LotFilter};
use domain::intent::{OrderIntent, Wish};
use domain::market::{MarkTick, MarketContext};
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, ModeSnapshot, Rollout};
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::plan::build::{PlanInputs, build};
use domain::policy::Policy;
use domain::signal::RiskMode;
use domain::snapshot::PositionSnapshot;
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp,
};
use executor::{Executor, ExecutorConfig};
use runtime::{Actor, Effect};
use rust_decimal::Decimal;

/// When it begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_795_178_173_912);
/// The price at the start, and the lowest entry.
pub const PRICE: i64 = 50_100;
const ENTRY: i64 = 50_000;
/// Entries differ by up to so much.
const ENTRIES: usize = 200;
/// More rounds of asking and doing than anything needs.
const ROUNDS_MAX: usize = 20;

/// The executor and what is told to it.
pub struct Fleet {
    executor: Executor,
    pictures: Vec<PositionSnapshot>,
    asked: Vec<OrderIntent>,
    out: Vec<Effect>,
    now: Timestamp,
    sequence: u64,
}

impl Fleet {
    /// `count` longs at rest: everything is placed, nothing is on its way.
    ///
    /// # Panics
    /// Where they don't come to rest: then there is nothing to measure.
    #[must_use]
    pub fn at_rest(count: usize) -> Self {
        let mut fleet = Self::new(count, Executor::with_room_for);
        fleet.settle();
        assert_eq!(fleet.executor.resting(), count, "all are at rest");
        fleet
    }

    /// The same without the trigger book.
    #[must_use]
    pub fn looked_at(count: usize) -> Self {
        let mut fleet = Self::new(count, |executor, _| executor.looking_at_everything());
        fleet.settle();
        fleet
    }

    fn new(count: usize, with: impl FnOnce(Executor, usize) -> Executor) -> Self {
        let executor = Executor::new(ExecutorConfig {
            instance: "bench".into(),
            flags: Flags {
                exit_mode: ExitMode::ExitBrainV3,
                executor_mode: ExecutorMode::Live,
                rollout: Rollout::Enabled,
                ..Flags::default()
            },
            boot: 1,
            holder: None,
            policy: Policy::default(),
        });
        let mut fleet = Self {
            executor: with(executor, count),
            pictures: (0..count).map(picture).collect(),
            asked: Vec::new(),
            out: Vec::new(),
            now: BEGIN,
            sequence: 0,
        };
        fleet.hear(Heard::Mode(ModeSnapshot {
            revision: 1,
            mode: Mode::Live,
            reason: "all agree".into(),
            at: BEGIN,
        }));
        fleet
    }

    /// Tells everything until nothing is asked for any more.
    fn settle(&mut self) {
        let context = MarketContext::unknown(symbol(), self.now);
        for at in 0..self.pictures.len() {
            let inputs = PlanInputs {
                position: &self.pictures[at].position,
                mark_price: None,
                context: &context,
                hint: None,
                risk: RiskMode::Normal,
                heat: None,
                equity: None,
                is_equity_old: false,
            };
            let plan = build(&inputs, &Policy::default(), self.now);
            self.hear(Heard::Position(self.pictures[at].clone()));
            if let Ok(plan) = plan {
                self.hear(Heard::Plan(plan));
            }
        }
        for _ in 0..ROUNDS_MAX {
            self.pass(Span::from_millis(200));
            let mark = self.tick(Decimal::from(PRICE));
            self.hear(Heard::Mark(mark));
            if !self.obey() && self.executor.resting() == self.pictures.len() {
                return;
            }
        }
    }

    /// Time passes.
    pub fn pass(&mut self, span: Span) {
        self.now = self.now + span;
    }

    /// The next tick.
    pub fn tick(&mut self, price: Decimal) -> MarkTick {
        self.sequence += 1;
        MarkTick {
            symbol: symbol(),
            mark_price: Price::new(price).unwrap_or_default(),
            index_price: None,
            event_at: self.now,
            received_at: self.now,
            sequence: self.sequence,
        }
    }

    /// The executor hears it; returns how many things it says.
    pub fn hear(&mut self, heard: Heard) -> usize {
        self.executor.hear(self.now, heard, &mut self.out);
        self.collect()
    }

    /// The executor hears it, and nothing else is done: for whatever is timed, and a profiler finds
    /// it by its name.
    #[inline(never)]
    pub fn mark(&mut self, tick: MarkTick) {
        self.executor
            .hear(self.now, Heard::Mark(tick), &mut self.out);
    }

    /// One beat.
    pub fn beat(&mut self) {
        self.executor.beat(self.now, &mut self.out);
    }

    /// Takes up what was said; returns how many intents were among it.
    pub fn collect(&mut self) -> usize {
        self.executor.afterwards(self.now, &mut self.out);
        let said = mem::take(&mut self.out);
        let messages = said.iter().filter_map(|effect| match effect {
            Effect::Say(message) => bus::decode(message).ok(),
            Effect::Lease(_) => None,
        });
        let before = self.asked.len();
        self.asked.extend(messages.filter_map(|heard| match heard {
            Heard::Intent(intent) => Some(intent),
            _ => None,
        }));
        self.asked.len() - before
    }

    /// The venue does what was asked for and all whom it concerns are told; `false` where nothing
    /// was asked for.
    pub fn obey(&mut self) -> bool {
        let asked = mem::take(&mut self.asked);
        let mut changed: Vec<usize> = Vec::new();
        for intent in &asked {
            let Some(at) = number(&intent.key) else {
                continue;
            };
            obey(&mut self.pictures[at], intent, self.now);
            changed.push(at);
        }
        changed.sort_unstable();
        changed.dedup();
        for at in changed {
            let picture = &mut self.pictures[at];
            picture.at = self.now;
            picture.sequence += 1;
            let picture = picture.clone();
            self.hear(Heard::Position(picture));
        }
        !asked.is_empty()
    }

    /// How many rest.
    #[must_use]
    pub fn resting(&self) -> usize {
        self.executor.resting()
    }
}

fn obey(picture: &mut PositionSnapshot, intent: &OrderIntent, now: Timestamp) {
    match &intent.wish {
        Wish::Cancel { target, .. } => {
            picture
                .orders
                .retain(|order| order.client_order_id != *target);
        }
        Wish::Place {
            client_order_id,
            order,
        } if !matches!(order, CloseOrder::Market { .. }) => {
            picture.orders.push(RestingOrder {
                client_order_id: client_order_id.clone(),
                order: *order,
                status: OrderStatus::Accepted,
                filled_qty: Qty::ZERO,
                since: now,
            });
        }
        Wish::Place { .. } => {}
    }
}

/// The contract.
///
/// # Panics
/// Never: the name is one.
#[must_use]
pub fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").expect("a name")
}

/// Ticks of a tenth.
///
/// # Panics
/// Never: a tenth is above zero.
#[must_use]
pub fn grid() -> Grid {
    Grid::new(Decimal::new(1, 1)).expect("above zero")
}

fn number(key: &PositionKey) -> Option<usize> {
    key.account.as_str().get(1..)?.parse().ok()
}

/// The picture of the long number `at`, just opened.
///
/// # Panics
/// Never: the names are such.
#[must_use]
pub fn picture(at: usize) -> PositionSnapshot {
    let qty = Qty::new(Decimal::ONE).unwrap_or_default();
    let lot = LotFilter {
        step: Decimal::new(1, 3),
        min: Qty::new(Decimal::new(1, 3)).unwrap_or_default(),
        max: Qty::new(Decimal::ONE_HUNDRED).unwrap_or_default(),
    };
    let entry = ENTRY + i64::try_from(at % ENTRIES).unwrap_or_default();
    let opened_at = BEGIN - Span::from_secs(1);
    PositionSnapshot {
        position: Position {
            key: PositionKey {
                account: Account::new(&format!("a{at:06}")).expect("a name"),
                symbol: symbol(),
                side: Side::Long,
            },
            epoch: Epoch(u64::try_from(opened_at.millis()).unwrap_or_default()),
            qty,
            initial_qty: qty,
            entry_price: Price::new(Decimal::from(entry)).unwrap_or_default(),
            leverage: Decimal::from(5),
            opened_at,
        },
        instrument: Instrument {
            symbol: symbol(),
            tick_size: Decimal::new(1, 1),
            lot,
            market_lot: lot,
            min_notional: Money::new(Decimal::from(5)),
            percent_price: None,
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: BEGIN,
        fence: None,
    }
}
