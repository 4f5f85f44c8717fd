//! What becomes a line, each rule by numbers computed by hand.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::{at, dec, decision, key, price, qty, stop};
use domain::decision::{Action, Decision, Serial};
use domain::ids::ClientOrderId;
use domain::instrument::{Instrument, LotFilter};
use domain::intent::IntentId;
use domain::market::{ContextSource, MarkTick, MarketContext, Regime};
use domain::order::{OrderEvent, OrderKind, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Module, Money, Position, Ratio, Timestamp};
use records::{ClosedPosition, Entry, MarkBar, Number, Recorder};

fn mark(recorder: &mut Recorder, text: &str, time: Timestamp) -> Vec<Entry> {
    let tick = MarkTick {
        symbol: key().symbol,
        mark_price: price(text),
        index_price: None,
        event_at: time,
        received_at: time,
        sequence: 1,
    };
    let mut out = Vec::new();
    recorder.mark(&tick, &mut out);
    out
}

fn snapshot(open: &str, initial: &str, epoch: u64, time: Timestamp) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.001"),
        min: qty("0.001"),
        max: qty("1000"),
    };
    PositionSnapshot {
        position: Position {
            key: key(),
            epoch: Epoch(epoch),
            qty: qty(open),
            initial_qty: qty(initial),
            entry_price: price("100"),
            leverage: dec("5"),
            opened_at: at(0),
        },
        instrument: Instrument {
            symbol: key().symbol,
            tick_size: dec("0.1"),
            lot,
            market_lot: lot,
            min_notional: Money::new(dec("5")),
            percent_price: None,
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: open == "0",
        sequence: 1,
        at: time,
        fence: None,
    }
}

fn fill(
    id: &str,
    filled: &str,
    average: Option<&str>,
    order_type: &str,
    time: Timestamp,
) -> OrderEvent {
    OrderEvent {
        key: key(),
        epoch: Epoch(5),
        module: Module::PositionMonitor,
        kind: OrderKind::Sl,
        intent_id: IntentId::from_wire("intent"),
        client_order_id: ClientOrderId::new(id).unwrap(),
        venue_order_id: None,
        order_type: order_type.into(),
        status: OrderStatus::PartiallyFilled,
        filled_qty: qty(filled),
        average_price: average.map(price),
        code: None,
        detail: String::new(),
        tick_to_order: None,
        at: time,
    }
}

fn bars(entries: Vec<Entry>) -> Vec<MarkBar> {
    let bar = |entry| match entry {
        Entry::Bar(bar) => Some(bar),
        _ => None,
    };
    entries.into_iter().filter_map(bar).collect()
}

fn closed(recorder: &mut Recorder, now: Timestamp) -> Vec<ClosedPosition> {
    let mut out = Vec::new();
    recorder.beat(now, &mut out);
    let closed = |entry| match entry {
        Entry::Closed(closed) => Some(*closed),
        _ => None,
    };
    out.into_iter().filter_map(closed).collect()
}

#[test]
fn only_decisions_of_shadow_become_lines() {
    let mut recorder = Recorder::default();
    let mut out = Vec::new();
    recorder.decision(true, &decision(Action::FullExit, at(0), 1), &mut out);
    assert_eq!(out, []);
    recorder.decision(false, &decision(stop("95"), at(0), 1), &mut out);
    assert_eq!(out, [common_entry()]);
}

fn common_entry() -> Entry {
    Entry::Shadow(Box::new((&decision(stop("95"), at(0), 1)).into()))
}

#[test]
fn numbers_that_never_came_are_counted() {
    let mut recorder = Recorder::default();
    let hear = |recorder: &mut Recorder, boot, number| {
        let decision = Decision {
            serial: Some(Serial { boot, number }),
            ..decision(Action::NoChange, at(0), 0)
        };
        recorder.decision(false, &decision, &mut Vec::new());
        recorder.missed()
    };
    // The first that is heard of says nothing of what was before.
    assert_eq!(hear(&mut recorder, 1, 7), 0);
    assert_eq!(hear(&mut recorder, 1, 8), 0);
    assert_eq!(hear(&mut recorder, 1, 11), 2);
    // Late and repeated ones were counted as missed; they are not taken back.
    assert_eq!(hear(&mut recorder, 1, 10), 2);
    assert_eq!(hear(&mut recorder, 1, 12), 2);
    // Another process begins at 1.
    assert_eq!(hear(&mut recorder, 2, 2), 3);
}

#[test]
fn marks_are_kept_in_bars_while_a_position_is_open() {
    let mut recorder = Recorder::default();
    assert_eq!(mark(&mut recorder, "100", at(0)), []);
    recorder.position(&snapshot("1", "1", 5, at(500)), at(500));
    recorder.context(&MarketContext {
        funding_rate: Some(Ratio::new(dec("0.0001"))),
        source: ContextSource::Bars,
        regime: Regime::Normal,
        ..MarketContext::unknown(key().symbol, at(500))
    });
    for (text, time) in [
        ("100", 1_000),
        ("103", 2_000),
        ("99", 3_000),
        ("101", 4_999),
    ] {
        assert_eq!(mark(&mut recorder, text, at(time)), []);
    }
    let made = bars(mark(&mut recorder, "102", at(5_000)));
    let [bar] = &made[..] else { panic!("{made:?}") };
    let prices = [bar.open, bar.high, bar.low, bar.close].map(|it| it.get().to_string());
    assert_eq!(prices, ["100", "103", "99", "101"]);
    assert_eq!((bar.timestamp.get(), bar.ticks), (at(0), 4));
    assert_eq!(bar.funding_rate, Some(Number(dec("0.0001"))));
    // A mark of a bar that is written already comes late: it is left out.
    assert_eq!(mark(&mut recorder, "1", at(4_000)), []);
    // Silence ends a bar too.
    let mut out = Vec::new();
    recorder.beat(at(14_999), &mut out);
    assert_eq!(out, []);
    recorder.beat(at(15_000), &mut out);
    assert_eq!(bars(out)[0].open.get(), dec("102"));
}

#[test]
fn a_closed_position_tells_what_each_order_closed_and_the_rest_at_the_mark() {
    let mut recorder = Recorder::default();
    mark(&mut recorder, "100", at(0));
    recorder.position(&snapshot("1", "1", 5, at(100)), at(200));
    // One order in two steps: the average is of all of it.
    recorder.order(&fill("lx-1", "0.1", Some("104"), "LIMIT", at(1_000)));
    recorder.order(&fill("lx-1", "0.25", Some("105"), "LIMIT", at(2_000)));
    recorder.order(&fill("lx-1", "0.1", Some("104"), "LIMIT", at(2_500)));
    recorder.position(&snapshot("0.75", "1", 5, at(2_000)), at(2_000));
    mark(&mut recorder, "98", at(3_000));
    recorder.position(&snapshot("0", "1", 5, at(4_000)), at(4_000));
    // The stop's fill is told after the position is known to be flat.
    recorder.order(&fill("lx-2", "0.5", Some("97.5"), "STOP_MARKET", at(4_000)));
    assert_eq!(closed(&mut recorder, at(8_999)), []);
    let told = closed(&mut recorder, at(9_000));
    let [position] = &told[..] else {
        panic!("{told:?}")
    };
    let fills: Vec<_> = position
        .fills
        .iter()
        .map(|it| {
            (
                it.qty.get().to_string(),
                it.price.get().to_string(),
                it.maker,
                it.by_mark,
            )
        })
        .collect();
    assert_eq!(
        fills,
        [
            ("0.25".into(), "105".into(), true, false),
            ("0.5".into(), "97.5".into(), false, false),
            ("0.25".into(), "98".into(), false, true),
        ]
    );
    assert_eq!(position.fills[2].module, "unknown");
    assert_eq!((position.additions, position.epoch), (0, 5));
    assert_eq!(position.seen_from.get(), at(200));
    assert_eq!(position.timestamp.get(), at(4_000));
    assert_eq!(closed(&mut recorder, at(20_000)), [], "told once");
}

#[test]
fn another_life_ends_the_one_before_and_more_of_the_same_is_an_addition() {
    let mut recorder = Recorder::default();
    mark(&mut recorder, "100", at(0));
    recorder.position(&snapshot("1", "1", 5, at(100)), at(100));
    recorder.position(&snapshot("2", "2", 5, at(200)), at(200));
    recorder.position(&snapshot("1", "1", 6, at(300)), at(300));
    // Late news of the former life change nothing.
    recorder.position(&snapshot("2", "2", 5, at(250)), at(310));
    let told = closed(&mut recorder, at(6_000));
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].epoch, told[0].additions), (5, 1));
    assert_eq!(told[0].qty.get(), dec("2"));
    // Not proven flat is not flat.
    let unproven = PositionSnapshot {
        flat_proven: false,
        ..snapshot("0", "1", 6, at(400))
    };
    recorder.position(&unproven, at(400));
    assert_eq!(closed(&mut recorder, at(60_000)), []);
}
