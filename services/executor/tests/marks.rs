//! Bad marks: neither extreme numbers nor a date in the future may stop or blind the executor.
#![allow(clippy::unwrap_used, reason = "a test may")]

use bus::Heard;
use domain::instrument::{Instrument, LotFilter};
use domain::market::MarkTick;
use domain::mode::{ExitMode, Flags};
use domain::policy::Policy;
use domain::snapshot::PositionSnapshot;
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp,
};
use executor::{Executor, ExecutorConfig};
use runtime::Actor;
use rust_decimal::Decimal;

const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);

fn executor() -> Executor {
    let (flags, policy) = (Flags::default(), Policy::default());
    Executor::new(ExecutorConfig {
        instance: "a".into(),
        flags,
        boot: 1,
        policy,
    })
}

fn tick(sequence: u64, at: Timestamp) -> Heard {
    Heard::Mark(MarkTick {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        mark_price: Price::new(Decimal::ONE_HUNDRED).unwrap(),
        index_price: None,
        event_at: at,
        received_at: at,
        sequence,
    })
}

fn counters(executor: &mut Executor) -> impl Fn(&str) -> u64 {
    let mut out = Vec::new();
    executor.beat(NOW + Span::from_secs(5), &mut out);
    let counters = out.iter().find_map(|message| match bus::decode(message) {
        Ok(Heard::Health(heartbeat)) => Some(heartbeat.counters),
        _ => None,
    });
    let counters = counters.unwrap();
    move |name| counters.get(name).copied().unwrap_or(0)
}

fn snapshot(entry: Decimal, opened_at: Timestamp) -> PositionSnapshot {
    let qty = Qty::new(Decimal::ONE).unwrap();
    let lot = LotFilter {
        step: Decimal::new(1, 3),
        min: qty,
        max: Qty::new(Decimal::TEN).unwrap(),
    };
    let symbol = Symbol::new("BTCUSDT").unwrap();
    PositionSnapshot {
        position: Position {
            key: PositionKey {
                account: Account::new("main").unwrap(),
                symbol: symbol.clone(),
                side: Side::Long,
            },
            epoch: Epoch(1),
            qty,
            initial_qty: qty,
            entry_price: Price::new(entry).unwrap(),
            leverage: Decimal::ONE,
            opened_at,
        },
        instrument: Instrument {
            symbol,
            tick_size: Decimal::new(1, 1),
            lot,
            market_lot: lot,
            min_notional: Money::new(Decimal::ONE),
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: opened_at,
    }
}

/// Types of the decisions that a position of that entry leads to after a mark of 100.
fn decided(entry: i64, opened_at: Timestamp) -> Vec<&'static str> {
    let flags = Flags {
        exit_mode: ExitMode::ExitBrainV3,
        ..Flags::default()
    };
    let config = ExecutorConfig {
        instance: "a".into(),
        flags,
        boot: 1,
        policy: Policy::default(),
    };
    let mut executor = Executor::new(config);
    let mut out = Vec::new();
    executor.hear(NOW, tick(1, NOW), &mut out);
    let position = Heard::Position(snapshot(Decimal::from(entry), opened_at));
    executor.hear(NOW + Span::from_millis(20), position, &mut out);
    let decisions = out.iter().filter_map(|message| match bus::decode(message) {
        Ok(Heard::Decision { decision, .. }) => Some(decision.action.name()),
        _ => None,
    });
    decisions.collect()
}

#[test]
fn a_mark_from_before_the_opening_closes_nothing() {
    assert_eq!(decided(190, NOW + Span::from_millis(10)), ["move_sl"]);
}

#[test]
fn a_position_that_opens_beyond_its_stop_is_closed_at_once() {
    assert_eq!(
        decided(190, NOW - Span::from_millis(10))[0],
        "full_exit_now"
    );
}

#[test]
fn a_mark_with_the_largest_number_is_followed_by_others() {
    let mut executor = executor();
    executor.hear(NOW, tick(u64::MAX, NOW), &mut Vec::new());
    executor.hear(NOW, tick(1, NOW), &mut Vec::new());
    assert_eq!(counters(&mut executor)("refused.mark.older"), 0);
}

#[test]
fn a_mark_from_the_future_blinds_nobody() {
    let mut executor = executor();
    let year_9999 = Timestamp::from_millis(253_370_764_800_000);
    executor.hear(NOW, tick(1, year_9999), &mut Vec::new());
    executor.hear(NOW, tick(2, NOW), &mut Vec::new());
    let counted = counters(&mut executor);
    assert_eq!(
        (
            counted("refused.mark.future"),
            counted("refused.mark.older")
        ),
        (1, 0)
    );
}
