//! What the service says on the bus for what the venue says to it.

use super::*;

use domain::market::{ContextSource, MarkTick, MarketContext, Regime};
use domain::snapshot::Heartbeat;
use rust_decimal::Decimal;

const START: i64 = 1_795_178_160_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

fn market(names: &[&str]) -> Market {
    let symbols: Vec<Symbol> = names
        .iter()
        .map(|name| Symbol::new(name).unwrap())
        .collect();
    Market::new("one", Flags::default(), 1, &symbols)
}

fn frame(symbol: &str, millis: i64, price: &str) -> String {
    let event_at = START + millis;
    format!(r#"{{"e":"markPriceUpdate","E":{event_at},"s":"{symbol}","p":"{price}"}}"#)
}

#[derive(Default)]
struct Said {
    /// To whoever acts on them.
    first: Vec<MarkTick>,
    marks: Vec<MarkTick>,
    contexts: Vec<MarketContext>,
    beats: Vec<Heartbeat>,
}

fn said(out: &[Message]) -> Said {
    let mut said = Said::default();
    for message in out {
        match bus::decode(message).unwrap() {
            Heard::Mark(tick) if message.subject.starts_with("market.first.") => {
                said.first.push(tick);
            }
            Heard::Mark(tick) => said.marks.push(tick),
            Heard::Context(context) => said.contexts.push(context),
            Heard::Health(beat) => said.beats.push(beat),
            other => panic!("{other:?}"),
        }
    }
    said
}

/// Feeds the frames, each at its own time, and collects what was said.
fn fed(market: &mut Market, frames: &[(i64, String)]) -> Said {
    let mut out = Vec::new();
    for (millis, frame) in frames {
        market.frame(at(*millis), frame, &mut out);
        market.afterwards(at(*millis), &mut out);
    }
    said(&out)
}

fn counters(market: &mut Market, millis: i64) -> BTreeMap<String, u64> {
    let mut out = Vec::new();
    market.beat(at(millis), &mut out);
    said(&out).beats.remove(0).counters
}

#[test]
fn a_mark_becomes_a_numbered_tick_of_its_symbol() {
    let mut market = market(&["BTCUSDT", "ETHUSDT"]);
    let frames = [
        (10, frame("BTCUSDT", 0, "60000.1")),
        (20, frame("ETHUSDT", 0, "3000")),
        (1_010, frame("BTCUSDT", 1_000, "60000.2")),
    ];
    let said = fed(&mut market, &frames);
    let told: Vec<_> = said
        .marks
        .iter()
        .map(|tick| {
            (
                tick.symbol.as_str(),
                tick.sequence,
                tick.mark_price.to_string(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("BTCUSDT", 1, "60000.1".to_owned()),
            ("ETHUSDT", 1, "3000".to_owned()),
            ("BTCUSDT", 2, "60000.2".to_owned()),
        ]
    );
    assert_eq!(said.marks[2].event_at, at(1_000));
    assert_eq!(said.marks[2].received_at, at(1_010));
}

#[test]
fn an_older_mark_is_dropped_and_counted() {
    let mut market = market(&["BTCUSDT"]);
    let frames = [
        (10, frame("BTCUSDT", 1_000, "60000")),
        (20, frame("BTCUSDT", 999, "1")),
        (30, frame("BTCUSDT", 1_000, "60001")),
    ];
    let said = fed(&mut market, &frames);
    assert_eq!(said.marks.len(), 2);
    assert_eq!(said.marks[1].sequence, 2);
    assert_eq!(counters(&mut market, 40)["marks_out_of_order"], 1);
}

#[test]
fn a_mark_from_the_far_future_does_not_silence_the_later_ones() {
    let mut market = market(&["BTCUSDT"]);
    let frames = [
        (10, frame("BTCUSDT", 3_600_000, "60000")),
        (20, frame("BTCUSDT", 20, "60001")),
    ];
    assert_eq!(fed(&mut market, &frames).marks.len(), 1);
    assert_eq!(counters(&mut market, 40)["marks_ahead"], 1);
}

#[test]
fn a_bad_frame_is_counted_by_its_field_and_harms_nothing() {
    let mut market = market(&["BTCUSDT"]);
    let frames = [
        (10, frame("BTCUSDT", 0, "-1")),
        (20, "{".to_owned()),
        (30, frame("BTCUSDT", 20, "60000")),
    ];
    assert_eq!(fed(&mut market, &frames).marks.len(), 1);
    let counters = counters(&mut market, 40);
    assert_eq!(counters["frames_refused"], 2);
    assert_eq!(counters["refused.markPriceUpdate.p"], 1);
    assert_eq!(counters["refused.frame_not_json"], 1);
}

#[test]
fn a_context_is_said_at_once_and_then_every_five_seconds() {
    let mut market = market(&["BTCUSDT"]);
    let mut said_at = Vec::new();
    for millis in (0..=12_000).step_by(100) {
        let mut out = Vec::new();
        market.beat(at(millis), &mut out);
        let contexts = said(&out).contexts;
        said_at.extend(contexts.iter().map(|_| millis));
        assert!(
            contexts
                .iter()
                .all(|context| context.source == ContextSource::Default)
        );
    }
    assert_eq!(said_at, [0, 5_000, 10_000]);
}

#[test]
fn a_new_regime_is_said_with_the_mark_that_made_it() {
    let mut market = market(&["BTCUSDT"]);
    let minute = 60_000;
    for number in 0..20 {
        let frame = frame("BTCUSDT", number * minute, "60000");
        fed(&mut market, &[(number * minute, frame)]);
    }
    let now = 19 * minute + 1_000;
    let crash = fed(&mut market, &[(now, frame("BTCUSDT", now, "56000"))]);
    assert_eq!(crash.contexts.len(), 1);
    assert_eq!(crash.contexts[0].regime, Regime::Crash);
    assert_eq!(crash.contexts[0].source, ContextSource::Bars);
}

#[test]
fn a_mark_of_a_contract_that_is_not_followed_goes_nowhere() {
    let mut market = market(&["BTCUSDT"]);
    let said = fed(&mut market, &[(10, frame("ETHUSDT", 0, "3000"))]);
    assert!(said.marks.is_empty() && said.contexts.is_empty());
    assert_eq!(counters(&mut market, 40)["marks_not_followed"], 1);
}

#[test]
fn the_contract_of_an_open_position_is_followed_too() {
    let mut market = market(&["BTCUSDT"]);
    market.hear(
        at(0),
        Heard::Position(position("SOLUSDT", "3")),
        &mut Vec::new(),
    );
    market.hear(
        at(0),
        Heard::Position(position("XRPUSDT", "0")),
        &mut Vec::new(),
    );
    let followed: Vec<String> = market.symbols().iter().map(ToString::to_string).collect();
    assert_eq!(followed, ["BTCUSDT", "SOLUSDT"]);
    let said = fed(&mut market, &[(10, frame("SOLUSDT", 0, "150"))]);
    assert_eq!(said.marks.len(), 1);
}

#[test]
fn it_is_ready_only_while_marks_come_in() {
    let mut market = market(&["BTCUSDT"]);
    let mut ready = |millis: i64, input: Option<MarketInput>| {
        let mut out = Vec::new();
        if let Some(input) = input {
            market.input(at(millis), &input, &mut out);
        }
        out.clear();
        market.beat(at(millis), &mut out);
        said(&out).beats[0].ready
    };
    assert!(!ready(0, Some(MarketInput::Connected(Route::Market))));
    let mark = MarketInput::Frame(frame("BTCUSDT", 1_000, "60000"));
    assert!(ready(1_000, Some(mark)));
    assert!(ready(6_000, None));
    assert!(!ready(7_000, None), "the mark is 6 s old");
    let mark = MarketInput::Frame(frame("BTCUSDT", 8_000, "60000"));
    assert!(ready(8_000, Some(mark)));
    assert!(!ready(
        9_000,
        Some(MarketInput::Disconnected(Route::Market))
    ));
}

#[test]
fn without_the_books_it_is_as_ready_as_with_them() {
    let mut market = market(&["BTCUSDT"]);
    let mut out = Vec::new();
    for input in [
        MarketInput::Connected(Route::Market),
        MarketInput::Connected(Route::Public),
        MarketInput::Frame(frame("BTCUSDT", 0, "60000")),
        MarketInput::Disconnected(Route::Public),
    ] {
        market.input(at(0), &input, &mut out);
    }
    out.clear();
    market.beat(at(0), &mut out);
    let beat = said(&out).beats.remove(0);
    assert!(beat.ready);
    assert_eq!(beat.counters["books_disconnected"], 1);
    assert!(!beat.counters.contains_key("stream_disconnected"));
}

fn book(symbol: &str, bid: &str, ask: &str) -> String {
    format!(r#"{{"e":"bookTicker","s":"{symbol}","b":"{bid}","a":"{ask}"}}"#)
}

#[test]
fn a_thousand_books_say_nothing_by_themselves_and_the_next_context_has_their_spread() {
    let mut market = market(&["BTCUSDT"]);
    let mut out = Vec::new();
    market.beat(at(0), &mut out);
    out.clear();
    for millis in (10..=10_010).step_by(10) {
        market.frame(at(millis), &book("BTCUSDT", "9999", "10001"), &mut out);
    }
    assert!(out.is_empty(), "{out:?}");
    market.beat(at(10_011), &mut out);
    let told = said(&out);
    assert_eq!(told.contexts[0].spread.unwrap().to_string(), "0.0002");
    assert_eq!(told.beats[0].counters["books"], 1_001);
}

#[test]
fn whoever_acts_on_a_mark_hears_it_before_all_others_and_before_its_context() {
    let mut market = market(&["BTCUSDT"]);
    let (mut out, mut then) = (Vec::new(), Vec::new());
    market.frame(at(0), &frame("BTCUSDT", 0, "60000"), &mut out);
    market.afterwards(at(0), &mut then);
    let (out, then) = (said(&out), said(&then));
    assert_eq!(
        (out.first.len(), out.marks.len(), out.contexts.len()),
        (1, 0, 0)
    );
    assert_eq!((then.first.len(), then.contexts.len()), (0, 1));
    assert_eq!(then.marks, out.first, "the same mark, told once more");
}

#[test]
fn funding_and_volume_are_in_the_context() {
    let mut market = market(&["BTCUSDT"]);
    let mark = frame("BTCUSDT", 0, "60000").replace('}', r#","r":"-0.00012"}"#);
    let ticker = r#"{"e":"24hrMiniTicker","s":"BTCUSDT","q":"1234.5"}"#;
    let mut told = fed(&mut market, &[(0, ticker.into()), (0, mark)]);
    let context = told.contexts.remove(0);
    assert_eq!(context.funding_rate.unwrap().to_string(), "-0.00012");
    assert_eq!(context.quote_volume_24h.unwrap().to_string(), "1234.5");
}

#[test]
fn each_refused_input_is_counted_by_its_field_and_the_marks_go_on() {
    let mut market = market(&["BTCUSDT"]);
    let bad_rate = frame("BTCUSDT", 0, "60000").replace('}', r#","r":"9"}"#);
    let frames = [
        (0, bad_rate),
        (1, book("BTCUSDT", "10001", "9999")),
        (2, book("BTCUSDT", "0", "9999")),
        (
            3,
            r#"{"e":"24hrMiniTicker","s":"BTCUSDT","q":"-1"}"#.to_owned(),
        ),
        (4, book("ETHUSDT", "1", "2")),
        (
            5,
            r#"{"e":"24hrMiniTicker","s":"ETHUSDT","q":"1"}"#.to_owned(),
        ),
    ];
    assert_eq!(fed(&mut market, &frames).marks.len(), 1);
    let counters = counters(&mut market, 40);
    for (name, count) in [
        ("marks", 1),
        ("frames_refused", 3),
        ("refused.markPriceUpdate.r", 1),
        ("refused.bookTicker.a", 1),
        ("refused.bookTicker.b", 1),
        ("refused.24hrMiniTicker.q", 1),
        ("books_not_followed", 1),
        ("volumes_not_followed", 1),
    ] {
        assert_eq!(counters[name], count, "{name}");
    }
}

#[test]
fn contracts_that_lack_an_input_are_counted() {
    let mut market = market(&["BTCUSDT", "ETHUSDT"]);
    let mark = frame("BTCUSDT", 0, "60000").replace('}', r#","r":"0.0001"}"#);
    fed(&mut market, &[(0, mark)]);
    let counters = counters(&mut market, 0);
    for (name, count) in [
        ("symbols_without_bars", 2),
        ("symbols_without_atr", 2),
        ("symbols_without_spread", 2),
        ("symbols_without_funding_rate", 1),
        ("symbols_without_volume", 2),
    ] {
        assert_eq!(counters[name], count, "{name}");
    }
}

fn position(name: &str, qty: &str) -> domain::snapshot::PositionSnapshot {
    use domain::instrument::{Instrument, LotFilter};
    use domain::{Account, Epoch, Money, Position, PositionKey, Price, Qty, Side};

    let symbol = Symbol::new(name).unwrap();
    let one = Decimal::ONE;
    let lot = LotFilter {
        step: one,
        min: Qty::new(one).unwrap(),
        max: Qty::new(Decimal::ONE_THOUSAND).unwrap(),
    };
    domain::snapshot::PositionSnapshot {
        position: Position {
            key: PositionKey {
                account: Account::new("main").unwrap(),
                symbol: symbol.clone(),
                side: Side::Long,
            },
            epoch: Epoch(1),
            qty: Qty::new(qty.parse().unwrap()).unwrap(),
            initial_qty: Qty::new(one).unwrap(),
            entry_price: Price::new(one).unwrap(),
            leverage: one,
            opened_at: at(0),
        },
        instrument: Instrument {
            symbol,
            tick_size: one,
            lot,
            market_lot: lot,
            min_notional: Money::new(one),
            percent_price: None,
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: at(0),
        fence: None,
    }
}
