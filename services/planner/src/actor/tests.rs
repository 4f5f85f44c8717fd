//! What the planner says for what it hears.

use super::*;

use bus::decode;
use domain::instrument::{Instrument, LotFilter};
use domain::market::{ContextSource, MarkTick, MarketContext, Regime};
use domain::num::{Money, Ratio};
use domain::plan::Strategy;
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::snapshot::Heartbeat;
use domain::{Account, Epoch, Position, Price, Qty, Side};
use rust_decimal::Decimal;

mod equity;
mod inputs;
mod questions;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_178_160_000 + millis)
}

fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn snapshot(millis: i64, epoch: u64, qty: &str) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.001"),
        min: Qty::new(dec("0.001")).unwrap(),
        max: Qty::new(dec("1000")).unwrap(),
    };
    let qty = Qty::new(dec(qty)).unwrap();
    PositionSnapshot {
        position: Position {
            key: PositionKey {
                account: Account::new("main").unwrap(),
                symbol: symbol(),
                side: Side::Long,
            },
            epoch: Epoch(epoch),
            qty,
            initial_qty: Qty::new(Decimal::ONE).unwrap(),
            entry_price: price("100"),
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
        flat_proven: qty.is_zero(),
        sequence: 1,
        at: at(millis),
        fence: None,
    }
}

fn open(millis: i64) -> Heard {
    Heard::Position(snapshot(millis, 7, "1"))
}

fn mark(millis: i64, value: &str) -> Heard {
    Heard::Mark(MarkTick {
        symbol: symbol(),
        mark_price: price(value),
        index_price: None,
        event_at: at(millis),
        received_at: at(millis),
        sequence: 1,
    })
}

fn context(millis: i64, regime: Regime) -> Heard {
    let mut context = MarketContext::unknown(symbol(), at(millis));
    context.regime = regime;
    context.source = ContextSource::Bars;
    Heard::Context(context)
}

fn hint(millis: i64, stop: &str) -> Heard {
    Heard::Rl(RlHint {
        symbol: symbol(),
        take_profit: None,
        stop_loss: Some(Ratio::new(dec(stop))),
        trail: None,
        confidence: None,
        signal_confidence: None,
        strategy: None,
        at: at(millis),
    })
}

fn risk(millis: i64, mode: RiskMode) -> Heard {
    Heard::Risk(RiskState {
        mode,
        heat: None,
        equity: None,
        at: at(millis),
    })
}

/// A planner with its clock and everything that it said.
struct Run {
    planner: Planner,
    plans: Vec<(i64, ExitPlan)>,
    replies: Vec<PlanReply>,
    beats: Vec<Heartbeat>,
}

impl Run {
    fn new() -> Self {
        Self::with(Policy::default())
    }

    fn with(policy: Policy) -> Self {
        Self {
            planner: Planner::new("one", Flags::default(), 1, policy),
            plans: Vec::new(),
            replies: Vec::new(),
            beats: Vec::new(),
        }
    }

    fn hear(&mut self, millis: i64, heard: Heard) -> &mut Self {
        let mut out = Vec::new();
        self.planner.hear(at(millis), heard, &mut out);
        self.note(millis, &out);
        self
    }

    /// Beats every 100 ms from `from` up to and including `to`.
    fn beat(&mut self, from: i64, to: i64) -> &mut Self {
        for millis in (from..=to).step_by(100) {
            let mut out = Vec::new();
            self.planner.beat(at(millis), &mut out);
            self.note(millis, &out);
        }
        self
    }

    fn note(&mut self, millis: i64, out: &[Message]) {
        for message in out {
            match decode(message).unwrap() {
                Heard::Plan(plan) => self.plans.push((millis, plan)),
                Heard::PlanReply(reply) => self.replies.push(reply),
                Heard::Health(beat) => self.beats.push(beat),
                other => panic!("{other:?}"),
            }
        }
    }

    fn last(&self) -> &ExitPlan {
        &self.plans.last().unwrap().1
    }

    fn counter(&self, name: &str) -> u64 {
        let beat = self.beats.last().unwrap();
        beat.counters.get(name).copied().unwrap_or_default()
    }
}

#[test]
fn an_open_position_has_its_plan_at_once_without_any_other_input() {
    let mut run = Run::new();
    run.hear(0, open(0));
    let plan = run.last();
    assert_eq!(plan.epoch, Epoch(7));
    assert_eq!(plan.regime, Regime::Normal);
    assert_eq!(plan.stop, Ratio::basis_points(250));
    assert_eq!(
        headline(plan),
        "[EXIT BRAIN] BTCUSDT: TP=3.00%, SL=2.50%, Trail=1.50%"
    );
}

#[test]
fn the_same_plan_is_said_again_every_five_seconds() {
    let mut run = Run::new();
    run.hear(0, open(0)).beat(0, 11_000);
    let said: Vec<i64> = run.plans.iter().map(|(millis, _)| *millis).collect();
    assert_eq!(said, [0, 5_000, 10_000]);
    assert!(
        run.plans
            .iter()
            .all(|(_, plan)| plan.id == run.plans[0].1.id)
    );
    assert_eq!(run.counter("plans_built"), 1);
}

#[test]
fn a_repeated_position_makes_no_second_plan() {
    let mut run = Run::new();
    run.hear(0, open(0))
        .hear(1_000, open(1_000))
        .hear(1_000, open(1_000));
    assert_eq!(run.plans.len(), 1);
}

#[test]
fn regime_risk_and_advice_each_make_a_new_plan() {
    let mut run = Run::new();
    run.hear(0, open(0));
    run.hear(100, context(100, Regime::Volatile));
    assert_eq!(run.last().regime, Regime::Volatile);
    run.hear(200, risk(200, RiskMode::Conservative));
    // 2.5 % x 0.7 x 1.2
    assert_eq!(run.last().stop, Ratio::basis_points(210));
    run.hear(300, hint(300, "0.02"));
    // 2 % x 0.7 x 1.2
    assert_eq!(run.last().stop, Ratio::new(dec("0.0168")));
    assert_eq!(run.plans.len(), 4);
}

#[test]
fn a_fresh_mark_beyond_ten_percent_of_margin_locks_the_profit() {
    let mut run = Run::new();
    run.hear(0, open(0)).hear(100, mark(100, "101.2"));
    assert_eq!(run.last().strategy, Strategy::ProfitLock);
    run.hear(200, mark(200, "100.2"))
        .hear(300, mark(300, "101.3"));
    assert_eq!(run.plans.len(), 2);
}

#[test]
fn a_stale_mark_locks_nothing() {
    let mut run = Run::new();
    run.hear(0, mark(0, "101.2")).hear(6_000, open(6_000));
    assert_eq!(run.last().strategy, Strategy::StandardLadder);
}

#[test]
fn an_older_picture_of_a_position_is_dropped() {
    let mut run = Run::new();
    run.hear(0, Heard::Position(snapshot(1_000, 8, "1")));
    run.hear(0, Heard::Position(snapshot(0, 7, "1")));
    assert_eq!(run.last().epoch, Epoch(8));
    assert_eq!(run.plans.len(), 1);
}

#[test]
fn a_proven_flat_position_loses_its_plan_and_a_doubtful_one_keeps_it() {
    let mut run = Run::new();
    let mut doubtful = snapshot(100, 7, "0");
    doubtful.flat_proven = false;
    run.hear(0, open(0)).hear(100, Heard::Position(doubtful));
    run.beat(5_000, 5_000);
    assert_eq!(run.plans.len(), 2);
    run.hear(6_000, Heard::Position(snapshot(6_000, 7, "0")));
    assert!(run.planner.router().is_empty());
    run.beat(10_000, 16_000);
    assert_eq!(run.plans.len(), 2);
}

#[test]
fn a_new_life_has_a_new_plan() {
    let mut run = Run::new();
    run.hear(0, open(0))
        .hear(100, Heard::Position(snapshot(100, 9, "1")));
    assert_eq!(run.last().epoch, Epoch(9));
    assert_eq!(run.plans.len(), 2);
}

#[test]
fn a_restarted_planner_makes_the_same_plan_from_the_same_inputs() {
    let (mut before, mut after) = (Run::new(), Run::new());
    before
        .hear(0, open(0))
        .hear(100, context(100, Regime::Trending));
    after
        .hear(0, context(100, Regime::Trending))
        .hear(100, open(100));
    let distances = |plan: &ExitPlan| (plan.target, plan.stop, plan.trail, plan.inputs_digest);
    assert_eq!(distances(before.last()), distances(after.last()));
}

#[test]
fn a_heartbeat_is_said_once_a_second() {
    let mut run = Run::new();
    run.beat(0, 3_000);
    assert_eq!(run.beats.len(), 4);
    assert!(
        run.beats
            .iter()
            .all(|beat| beat.service == "planner" && beat.ready)
    );
}
