//! Market streams: derived from what REST shows, at the venue's pace.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

/// What each listened-to stream is told while the price moves by hand, one step each 100 ms.
fn told(names: &[&str], prices: &[i64]) -> BTreeMap<String, Vec<Value>> {
    let mut world = world("manual", 1);
    for name in names {
        world.interest().listen(name);
    }
    let mut out: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (step, price) in prices.iter().enumerate() {
        let now = T0 + 100 * i64::try_from(step).unwrap();
        world.set_price("BTCUSDT", (*price).into(), now).unwrap();
        world.tick(now).unwrap();
        collect(&mut out, world.drain(now));
    }
    out
}

fn collect(out: &mut BTreeMap<String, Vec<Value>>, texts: Vec<Outgoing>) {
    for outgoing in texts {
        if let Outgoing::Market { stream, text } = outgoing {
            let value = serde_json::from_str(&text).unwrap();
            out.entry(stream).or_default().push(value);
        }
    }
}

/// A client's book: a snapshot and differences on top of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct ClientBook {
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
}

impl ClientBook {
    fn apply(&mut self, bids: &Value, asks: &Value) {
        for (side, rows) in [(&mut self.bids, bids), (&mut self.asks, asks)] {
            for row in rows.as_array().unwrap() {
                let number = |n: usize| row[n].as_str().unwrap().parse::<Decimal>().unwrap();
                if number(1).is_zero() {
                    side.remove(&number(0));
                } else {
                    side.insert(number(0), number(1));
                }
            }
        }
    }
}

fn snapshot(world: &mut World, now: i64) -> (u64, ClientBook) {
    let request = WireRequest::new("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000");
    let answer: Value = serde_json::from_str(&world.request(&request, now).body).unwrap();
    let mut book = ClientBook::default();
    book.apply(&answer["bids"], &answer["asks"]);
    (answer["lastUpdateId"].as_u64().unwrap(), book)
}

#[test]
fn a_snapshot_and_the_differences_after_it_lead_to_the_next_snapshot() {
    let mut world = world("manual", 1);
    world.interest().listen("btcusdt@depth@100ms");
    let prices = [60_000, 60_001, 59_990, 60_050, 60_050, 59_000, 59_001];
    let mut events: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut first = None;
    for (step, price) in prices.into_iter().enumerate() {
        let now = T0 + 100 * i64::try_from(step).unwrap();
        world.set_price("BTCUSDT", price.into(), now).unwrap();
        world.set_price("ETHUSDT", 3_000.into(), now).unwrap();
        collect(&mut events, world.drain(now));
        if step == 2 {
            first = Some(snapshot(&mut world, now));
        }
    }
    let events = &events["btcusdt@depth@100ms"];
    let id = |event: &Value, name: &str| event[name].as_u64().unwrap();
    for pair in events.windows(2) {
        assert_eq!(id(&pair[1], "pu"), id(&pair[0], "u"));
    }
    let (last_id, mut book) = first.unwrap();
    let mut fresh = events
        .iter()
        .filter(|event| last_id <= id(event, "u"))
        .peekable();
    assert!(id(fresh.peek().unwrap(), "U") <= last_id);
    for event in fresh {
        book.apply(&event["b"], &event["a"]);
    }
    let (_, wanted) = snapshot(&mut world, T0 + 700);
    assert!(book == wanted, "the client's book differs from the venue's");
}

#[test]
fn trades_of_the_stream_are_those_of_the_tape() {
    let streams = ["btcusdt@aggTrade", "btcusdt@trade"];
    let out = told(&streams, &[60_000, 60_001, 60_000]);
    let trades = &out["btcusdt@aggTrade"];
    let ids: Vec<u64> = trades
        .iter()
        .map(|trade| trade["a"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(
        (&trades[0]["p"], &trades[0]["m"]),
        (&"60001.00".into(), &false.into())
    );
    assert_eq!(out["btcusdt@trade"][1]["t"], 3);
}

#[test]
fn books_best_levels_tickers_and_lists_are_told() {
    let streams = [
        "!bookTicker",
        "btcusdt@bookTicker",
        "btcusdt@depth5@100ms",
        "btcusdt@ticker",
        "!ticker@arr",
        "!miniTicker@arr",
        "!markPrice@arr@1s",
        "btcusdt@markPrice",
        "!contractInfo",
        "!forceOrder@arr",
        "0",
        "nonsense@stream",
    ];
    let out = told(&streams, &[60_000, 60_001]);
    assert_eq!(out["btcusdt@bookTicker"].len(), 2);
    assert_eq!(out["!bookTicker"][1]["b"], "60001.00");
    let best = &out["btcusdt@depth5@100ms"][1];
    assert_eq!(best["b"].as_array().unwrap().len(), 5);
    assert_eq!(best["b"][0][0], "60001.00");
    for list in ["!ticker@arr", "!miniTicker@arr", "!markPrice@arr@1s"] {
        assert_eq!(out[list][0][0]["s"], "BTCUSDT", "{list}");
    }
    assert_eq!(out["btcusdt@ticker"][0]["e"], "24hrTicker");
    for silent in ["!contractInfo", "!forceOrder@arr", "0", "nonsense@stream"] {
        assert!(!out.contains_key(silent), "{silent}");
    }
}

#[test]
fn a_bar_is_told_for_a_last_time_when_the_next_one_has_begun() {
    let mut world = world("manual", 1);
    world.interest().listen("btcusdt@kline_1m");
    world
        .interest()
        .listen("btcusdt_perpetual@continuousKline_5m");
    let mut out = BTreeMap::new();
    let start = T0 - T0.rem_euclid(300_000);
    for (at, price) in [(0, 60_000), (30_000, 60_010), (61_000, 60_020)] {
        world
            .set_price("BTCUSDT", price.into(), start + at)
            .unwrap();
        collect(&mut out, world.drain(start + at));
    }
    let bars = &out["btcusdt@kline_1m"];
    let seen: Vec<_> = bars.iter().map(|e| (&e["k"]["c"], &e["k"]["x"])).collect();
    let wanted = [
        ("60000.00", false),
        ("60010.00", false),
        ("60010.00", true),
        ("60020.00", false),
    ];
    for (seen, wanted) in seen.iter().zip(wanted) {
        assert_eq!(
            (seen.0.as_str(), seen.1.as_bool()),
            (Some(wanted.0), Some(wanted.1))
        );
    }
    assert_eq!(seen.len(), 4);
    let long = &out["btcusdt_perpetual@continuousKline_5m"];
    assert_eq!(long.last().unwrap()["k"]["o"], "60000.00");
    assert_eq!(long.last().unwrap()["ps"], "BTCUSDT");
}

#[test]
fn marks_come_each_three_seconds_or_each_second() {
    let mut world = world("manual", 1);
    for name in ["btcusdt@markPrice", "btcusdt@markPrice@1s"] {
        world.interest().listen(name);
    }
    world.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    let mut out = BTreeMap::new();
    for now in (T0..T0 + 9_000).step_by(50) {
        collect(&mut out, world.drain(now));
    }
    assert_eq!(out["btcusdt@markPrice"].len(), 3);
    assert_eq!(out["btcusdt@markPrice@1s"].len(), 9);
}

#[test]
fn nobody_listening_costs_no_words() {
    let mut world = world("manual", 1);
    world.interest().listen("btcusdt@bookTicker");
    world.interest().leave("btcusdt@bookTicker");
    world.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    assert!(world.drain(T0).is_empty());
}

#[test]
fn a_liquidation_is_told_to_everybody() {
    let mut world = world("manual", 1);
    world.venue = Venue::new(VenueConfig {
        wallet: 1_000.into(),
        ..VenueConfig::default()
    });
    for name in [
        "!forceOrder@arr",
        "btcusdt@forceOrder",
        "ethusdt@forceOrder",
    ] {
        world.interest().listen(name);
    }
    world.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    let wish = OpenWish {
        symbol: "BTCUSDT".to_owned(),
        side: Side::Buy,
        leg: None,
        qty: Decimal::new(1, 1),
        leverage: Some(20),
    };
    world.open(&wish, T0).unwrap();
    let mut out = BTreeMap::new();
    for now in [T0 + 1_000, T0 + 2_000, T0 + 3_000] {
        world.set_price("BTCUSDT", 50_000.into(), now).unwrap();
        world.tick(now).unwrap();
        collect(&mut out, world.drain(now));
    }
    for stream in ["!forceOrder@arr", "btcusdt@forceOrder"] {
        let told = &out[stream][0];
        assert_eq!(
            (&told["e"], &told["o"]["S"]),
            (&"forceOrder".into(), &"SELL".into())
        );
        assert_eq!(
            (&told["o"]["f"], &told["ps"]),
            (&"IOC".into(), &"BTCUSDT".into())
        );
    }
    assert!(!out.contains_key("ethusdt@forceOrder"));
}

#[test]
fn a_trade_right_after_somebody_began_to_listen_is_told() {
    let mut world = world("manual", 1);
    world.set_price("BTCUSDT", 60_000.into(), T0).unwrap();
    world.drain(T0);
    world.interest().listen("btcusdt@aggTrade");
    world.notice_listeners();
    world.set_price("BTCUSDT", 61_000.into(), T0 + 1).unwrap();
    let mut out = BTreeMap::new();
    collect(&mut out, world.drain(T0 + 1));
    let prices: Vec<&Value> = out["btcusdt@aggTrade"].iter().map(|it| &it["p"]).collect();
    assert_eq!(prices, ["61000.00"], "what was traded before is history");
}
