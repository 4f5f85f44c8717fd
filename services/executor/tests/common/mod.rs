//! An executor on a bench: what is put in, and what comes out.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "not every test uses all of it"
)]

use std::cell::RefCell;
use std::rc::Rc;

use bus::{Heard, Message};
use domain::decision::Decision;
use domain::instrument::{Instrument, LotFilter};
use domain::intent::OrderIntent;
use domain::lease::{Holder, MemoryStore};
use domain::market::{MarkTick, MarketContext};
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, ModeSnapshot, Rollout};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanInputs, build};
use domain::policy::Policy;
use domain::signal::{RiskMode, RiskState};
use domain::snapshot::{Heartbeat, PositionSnapshot};
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp,
};
use executor::{Executor, ExecutorConfig};
use runtime::{Actor, Effect};
use rust_decimal::Decimal;

pub const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);

/// The store of leases that several executors share.
pub type Store = Rc<RefCell<MemoryStore>>;

pub struct Bench {
    pub executor: Executor,
    pub now: Timestamp,
    store: Store,
    sequence: u64,
    out: Vec<Message>,
}

pub fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn price(value: i64) -> Price {
    Price::new(Decimal::from(value)).unwrap()
}

/// A long of 1 from `entry` at 1x.
pub fn snapshot(entry: i64, opened_at: Timestamp) -> PositionSnapshot {
    let qty = Qty::new(Decimal::ONE).unwrap();
    let lot = LotFilter {
        step: Decimal::new(1, 3),
        min: Qty::new(Decimal::new(1, 3)).unwrap(),
        max: Qty::new(Decimal::TEN).unwrap(),
    };
    let position = Position {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: symbol(),
            side: Side::Long,
        },
        epoch: Epoch(1),
        qty,
        initial_qty: qty,
        entry_price: price(entry),
        leverage: Decimal::ONE,
        opened_at,
    };
    let instrument = Instrument {
        symbol: symbol(),
        tick_size: Decimal::new(1, 1),
        lot,
        market_lot: lot,
        min_notional: Money::new(Decimal::ONE),
        percent_price: None,
    };
    PositionSnapshot {
        position,
        instrument,
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: opened_at,
        fence: None,
    }
}

pub fn plan(snapshot: &PositionSnapshot, now: Timestamp) -> ExitPlan {
    let context = MarketContext::unknown(symbol(), now);
    let inputs = PlanInputs {
        position: &snapshot.position,
        mark_price: None,
        context: &context,
        hint: None,
        risk: RiskMode::Normal,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    build(&inputs, &Policy::default(), now).unwrap()
}

fn live_flags() -> Flags {
    Flags {
        exit_mode: ExitMode::ExitBrainV3,
        executor_mode: ExecutorMode::Live,
        rollout: Rollout::Enabled,
        ..Flags::default()
    }
}

fn live_in_force() -> Heard {
    Heard::Mode(ModeSnapshot {
        revision: 1,
        mode: Mode::Live,
        reason: "all agree".into(),
        at: NOW,
    })
}

impl Bench {
    /// In LIVE, by its own flags and by the guard's word.
    pub fn live() -> Self {
        let mut bench = Self::with(live_flags());
        bench.hear(live_in_force());
        bench
    }

    pub fn shadow() -> Self {
        Self::with(Flags {
            exit_mode: ExitMode::ExitBrainV3,
            ..Flags::default()
        })
    }

    pub fn with(flags: Flags) -> Self {
        Self::of(ExecutorConfig {
            instance: "a".into(),
            flags,
            boot: 1,
            holder: None,
            policy: Policy::default(),
        })
    }

    /// In LIVE, without leases, under that policy.
    pub fn live_under(policy: Policy) -> Self {
        let mut bench = Self::of(ExecutorConfig {
            instance: "a".into(),
            flags: live_flags(),
            boot: 1,
            holder: None,
            policy,
        });
        bench.hear(live_in_force());
        bench
    }

    /// In LIVE, acting by leases of `store`.
    pub fn leased(name: &str, store: &Store) -> Self {
        Self::leased_under(name, store, Policy::default())
    }

    /// The same under that policy.
    pub fn leased_under(name: &str, store: &Store, policy: Policy) -> Self {
        let mut bench = Self::of(ExecutorConfig {
            instance: name.into(),
            flags: live_flags(),
            boot: 1,
            holder: Some(Holder {
                instance: name.into(),
                boot: 1,
            }),
            policy,
        });
        bench.store = Rc::clone(store);
        bench.hear(live_in_force());
        bench
    }

    fn of(config: ExecutorConfig) -> Self {
        Self {
            executor: Executor::new(config),
            now: NOW,
            store: Store::default(),
            sequence: 0,
            out: Vec::new(),
        }
    }

    /// The same with an executor that looks at every position at every mark and beat.
    pub fn looking_at_everything(self) -> Self {
        let executor = self.executor.looking_at_everything();
        Self { executor, ..self }
    }

    /// The store answers no more, or again.
    pub fn set_store_lost(&mut self, is_lost: bool) {
        self.store.borrow_mut().set_lost(is_lost);
    }

    /// Everything that was said since the last time.
    pub fn take_said(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.out)
    }

    pub fn hear(&mut self, heard: Heard) {
        let mut out = Vec::new();
        self.executor.hear(self.now, heard, &mut out);
        self.executor.afterwards(self.now, &mut out);
        self.carry_out(out);
    }

    pub fn pass(&mut self, span: Span) {
        self.now = self.now + span;
        let mut out = Vec::new();
        self.executor.beat(self.now, &mut out);
        self.executor.afterwards(self.now, &mut out);
        self.carry_out(out);
    }

    /// As the runtime would: a beat each tenth of a second.
    pub fn live_through(&mut self, span: Span) {
        for _ in 0..span.millis() / 100 {
            self.pass(Span::from_millis(100));
        }
    }

    pub fn stop(&mut self) {
        let mut out = Vec::new();
        self.executor.stop(self.now, &mut out);
        self.carry_out(out);
    }

    /// Requests are answered at once.
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Say(message) => self.out.push(message),
                Effect::Lease(request) => {
                    let answer = self.store.borrow_mut().carry_out(&request);
                    let mut out = Vec::new();
                    self.executor.lease(self.now, &answer, &mut out);
                    self.executor.afterwards(self.now, &mut out);
                    self.carry_out(out);
                }
            }
        }
    }

    pub fn mark(&mut self, mark_price: i64) {
        self.sequence += 1;
        let tick = self.tick(mark_price, self.now);
        self.hear(Heard::Mark(tick));
    }

    pub fn tick(&self, mark_price: i64, at: Timestamp) -> MarkTick {
        MarkTick {
            symbol: symbol(),
            mark_price: price(mark_price),
            index_price: None,
            event_at: at,
            received_at: at,
            sequence: self.sequence,
        }
    }

    pub fn risk(&mut self, mode: RiskMode, at: Timestamp) {
        self.hear(Heard::Risk(RiskState {
            mode,
            heat: None,
            equity: None,
            at,
        }));
    }

    /// A position of 1 from `entry`, opened now, with its plan.
    pub fn open(&mut self, entry: i64) {
        let snapshot = snapshot(entry, self.now);
        let plan = plan(&snapshot, self.now);
        self.hear(Heard::Position(snapshot));
        self.hear(Heard::Plan(plan));
    }

    fn heard(&self) -> impl Iterator<Item = Heard> + '_ {
        self.out.iter().map(|message| bus::decode(message).unwrap())
    }

    /// Decisions said since the last look, and whether they were said as live ones.
    pub fn decisions(&mut self) -> Vec<(bool, Decision)> {
        let found = self.heard().filter_map(|heard| match heard {
            Heard::Decision { live, decision } => Some((live, decision)),
            _ => None,
        });
        let found = found.collect();
        self.out
            .retain(|message| !message.subject.starts_with("exit.decision."));
        found
    }

    /// Names of the rules that decided since the last look.
    pub fn rules(&mut self) -> Vec<String> {
        let decisions = self.decisions();
        decisions.iter().map(|it| it.1.rule.to_string()).collect()
    }

    /// Everything that was asked for so far.
    pub fn intents(&self) -> Vec<OrderIntent> {
        let found = self.heard().filter_map(|heard| match heard {
            Heard::Intent(intent) => Some(intent),
            _ => None,
        });
        found.collect()
    }

    /// A counter of the next heartbeat.
    pub fn counter(&mut self, name: &str) -> u64 {
        self.pass(Span::from_secs(5));
        let beat = self.last_beat();
        beat.counters.get(name).copied().unwrap_or(0)
    }

    /// The last heartbeat.
    pub fn last_beat(&self) -> Heartbeat {
        let beats = self.heard().filter_map(|heard| match heard {
            Heard::Health(beat) => Some(beat),
            _ => None,
        });
        beats.last().unwrap()
    }
}
