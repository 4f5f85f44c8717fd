//! Lives worked out by hand.

use domain::policy::Policy;
use domain::{Qty, Side, Symbol};

use super::*;
use crate::contender::Contender;
use crate::tape::Funding;

const START_MS: i64 = 1_746_316_800_000;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + seconds * 1_000)
}

/// A mark each fifteen seconds.
fn tape(prices: &[&str], funding: Vec<Funding>) -> Tape {
    let ticks: Vec<Tick> = prices
        .iter()
        .zip(0..)
        .map(|(price, number)| Tick {
            at: at(15 * number),
            mark: dec(price),
            quote: None,
        })
        .collect();
    let symbol = Symbol::new("BTCUSDT").unwrap();
    Tape::new(symbol, ticks.clone(), ticks, funding)
}

fn entry(side: Side) -> Entry {
    Entry {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        at: at(0),
        side,
        qty: Qty::new(dec("0.1")).unwrap(),
        leverage: 3,
    }
}

fn free() -> Costs {
    Costs {
        maker_fee: Decimal::ZERO,
        taker_fee: Decimal::ZERO,
        slippage: Decimal::ZERO,
        ..Costs::default()
    }
}

fn run(tape: &Tape, side: Side, costs: &Costs, contender: &Contender) -> Outcome {
    let entry = entry(side);
    let ground = Ground {
        tape,
        entry: &entry,
        number: 0,
        costs,
        curve: Curve::over(at(0), at(3_600)),
        records: true,
    };
    play(ground, contender).unwrap()
}

fn brain() -> Contender {
    Contender::brain("shipped", Policy::default())
}

#[test]
fn a_falling_price_ends_at_the_stop_of_two_and_a_half_percent() {
    let fall = [
        "50000", "50000", "50000", "49500", "49000", "48740", "48740",
    ];
    let life = run(&tape(&fall, Vec::new()), Side::Long, &free(), &brain());
    // The stop lies at 50000 x 0.975 = 48750; at 48740 it fires and takes the bid, 48740.
    assert_eq!(life.exit.to_string(), "stop.initial_sl");
    assert_eq!(life.pnl, dec("-126.0"));
    assert_eq!(life.adverse, dec("-126.0"));
    assert_eq!(life.favourable, Decimal::ZERO);
    assert_eq!(life.closed_at, at(75));
    assert_eq!(life.refused, 0);
}

#[test]
fn fees_slippage_and_funding_are_what_they_are_by_hand() {
    let costs = Costs {
        taker_fee: dec("0.0005"),
        slippage: dec("0.0001"),
        ..free()
    };
    let funding = vec![Funding {
        at: at(40),
        rate: dec("0.0002"),
    }];
    let flat = ["50000", "50000", "50000", "50000", "50000"];
    let life = run(&tape(&flat, funding), Side::Long, &costs, &brain());
    // In at 50005, out at 49995 when the data ends: -10 x 0.1 = -1.
    assert_eq!(life.exit, Exit::DataEnd);
    assert_eq!(life.gross, dec("-1.0"));
    // Fees: 0.1 x (50005 + 49995) x 0.0005 = 5.
    assert_eq!(life.fees, dec("-5.0"));
    // A long pays 0.1 x 50000 x 0.0002 = 1.
    assert_eq!(life.funding, dec("-1.0"));
    assert_eq!(life.pnl, dec("-7.0"));
    let steps: Decimal = life.steps.iter().map(|step| step.1).sum();
    assert_eq!(steps, life.pnl);
}

#[test]
fn a_short_is_the_mirror_of_a_long() {
    let rise = [
        "50000", "50000", "50000", "50500", "51000", "51260", "51260",
    ];
    let life = run(&tape(&rise, Vec::new()), Side::Short, &free(), &brain());
    assert_eq!(life.pnl, dec("-126.0"));
    assert_eq!(life.exit.to_string(), "stop.initial_sl");
}

#[test]
fn the_incumbents_protect_the_same_entry() {
    let fall = ["50000"; 8]
        .into_iter()
        .chain(["49000"; 4])
        .chain(["47000"; 4]);
    let prices: Vec<&str> = fall.chain(["45000"; 8]).collect();
    let legacy = Contender::legacy();
    let life = run(&tape(&prices, Vec::new()), Side::Long, &free(), &legacy);
    assert!(life.exit.is_stop(), "{}", life.exit);
    assert!(life.pnl < Decimal::ZERO);
    assert!(life.orders > 0);
}

#[test]
fn what_was_decided_is_kept_with_what_it_looked_at() {
    let fall = ["50000", "50000", "50000", "49500", "48740", "48740"];
    let life = run(&tape(&fall, Vec::new()), Side::Long, &free(), &brain());
    let names: Vec<_> = life
        .decided
        .iter()
        .map(|it| it.decision.action.name())
        .collect();
    assert!(names.contains(&"move_sl"), "{names:?}");
    assert!(names.contains(&"update_tp_limits"), "{names:?}");
}

#[test]
fn the_same_trial_comes_out_the_same() {
    let walk: Vec<String> = (0..400)
        .map(|step: i64| (50_000 + (step * 7_919) % 1_300 - 650).to_string())
        .collect();
    let walk: Vec<&str> = walk.iter().map(String::as_str).collect();
    let costs = Costs {
        jitter: Span::from_millis(400),
        ..Costs::default()
    };
    let tape = tape(&walk, Vec::new());
    for contender in [brain(), Contender::legacy()] {
        let one = run(&tape, Side::Long, &costs, &contender);
        assert_eq!(one, run(&tape, Side::Long, &costs, &contender));
    }
}
