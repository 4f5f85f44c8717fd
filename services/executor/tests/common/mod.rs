//! An executor on a bench: what is put in, and what comes out.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "not every test uses all of it"
)]

use bus::{Heard, Message};
use domain::decision::Decision;
use domain::instrument::{Instrument, LotFilter};
use domain::intent::OrderIntent;
use domain::market::{MarkTick, MarketContext};
use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, ModeSnapshot, Rollout};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanInputs, build};
use domain::policy::Policy;
use domain::signal::{RiskMode, RiskState};
use domain::snapshot::PositionSnapshot;
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp,
};
use executor::{Executor, ExecutorConfig};
use runtime::Actor;
use rust_decimal::Decimal;

pub const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);

pub struct Bench {
    pub executor: Executor,
    pub now: Timestamp,
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
    };
    PositionSnapshot {
        position,
        instrument,
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: opened_at,
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

impl Bench {
    /// In LIVE, by its own flags and by the guard's word.
    pub fn live() -> Self {
        let mut bench = Self::with(Flags {
            exit_mode: ExitMode::ExitBrainV3,
            executor_mode: ExecutorMode::Live,
            rollout: Rollout::Enabled,
            ..Flags::default()
        });
        bench.hear(Heard::Mode(ModeSnapshot {
            revision: 1,
            mode: Mode::Live,
            reason: "all agree".into(),
            at: NOW,
        }));
        bench
    }

    pub fn shadow() -> Self {
        Self::with(Flags {
            exit_mode: ExitMode::ExitBrainV3,
            ..Flags::default()
        })
    }

    pub fn with(flags: Flags) -> Self {
        let executor = Executor::new(ExecutorConfig {
            instance: "a".into(),
            flags,
            boot: 1,
            policy: Policy::default(),
        });
        Self {
            executor,
            now: NOW,
            sequence: 0,
            out: Vec::new(),
        }
    }

    pub fn hear(&mut self, heard: Heard) {
        self.executor.hear(self.now, heard, &mut self.out);
    }

    pub fn pass(&mut self, span: Span) {
        self.now = self.now + span;
        self.executor.beat(self.now, &mut self.out);
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
        let beats = self.heard().filter_map(|heard| match heard {
            Heard::Health(beat) => Some(beat.counters.get(name).copied().unwrap_or(0)),
            _ => None,
        });
        beats.last().unwrap_or(0)
    }
}
