//! The whole executor in LIVE: what a mark costs that wakes nobody, by the number of positions.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use bench::fleet::{Fleet, PRICE};
use bench::rounds::Samples;
use domain::Span;
use domain::market::MarkTick;
use rust_decimal::Decimal;
use serde_json::json;

use super::{Figure, rounded};

const COUNTS: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];
const TICKS: usize = 20_000;
/// Looks at a position that are timed without the book.
const LOOKS: usize = 2_000;
const FLAT: f64 = 1.5;

pub fn run(rounds: usize) {
    let mut empty = Fleet::at_rest(0);
    let mut few = Fleet::at_rest(10);
    for count in COUNTS {
        let mut fleet = Fleet::at_rest(count);
        let (mut own, mut none, mut ten) =
            (Samples::default(), Samples::default(), Samples::default());
        let mut beats = Samples::default();
        for _ in 0..rounds {
            quiet(&mut fleet, TICKS, &mut own);
            quiet(&mut empty, TICKS, &mut none);
            quiet(&mut few, TICKS, &mut ten);
            beats.time(1, || fleet.beat());
            fleet.collect();
        }
        assert_eq!(fleet.resting(), count, "nobody was woken");
        say(
            count,
            "the same executor without positions",
            None,
            &own,
            &none,
        );
        say(count, "the same with 10 positions", Some(FLAT), &own, &ten);
        beat(count, &beats);
        if count <= LOOKS {
            without(count, rounds, &mut fleet);
        }
    }
}

fn say(count: usize, floor_is: &str, aim: Option<f64>, own: &Samples, floor: &Samples) {
    Figure {
        bench: "executor",
        of: json!({
            "quiet": true,
            "positions": count,
            "per_position": rounded(own.median() / count as f64),
        }),
        unit: "ns/tick",
        own,
        floor,
        floor_is,
        aim,
    }
    .say();
}

fn beat(count: usize, beats: &Samples) {
    super::say(&json!({
        "bench": "executor",
        "of": { "beat": true, "positions": count },
        "unit": "ns/beat",
        "median": rounded(beats.median()),
    }));
}

/// Marks within a quarter of a thousandth, some of which only the decimals differ in.
fn marks(fleet: &mut Fleet, count: usize) -> Vec<MarkTick> {
    let price = |at: usize| {
        let cents = i64::try_from(at * 7 % 2_400).unwrap_or_default() - 1_200;
        Decimal::new(PRICE * 10_000 + cents * 100 + 37, 4)
    };
    (0..count).map(|at| fleet.tick(price(at))).collect()
}

fn quiet(fleet: &mut Fleet, count: usize, samples: &mut Samples) {
    fleet.pass(Span::from_millis(1));
    let marks = marks(fleet, count);
    samples.time(count, || {
        for mark in marks {
            fleet.mark(mark);
        }
    });
    assert_eq!(fleet.collect(), 0, "nothing is to be asked for");
}

/// The same marks where each position is looked at at each of them.
fn without(count: usize, rounds: usize, with: &mut Fleet) {
    let mut fleet = Fleet::looked_at(count);
    let (mut before, mut after) = (Samples::default(), Samples::default());
    let ticks = LOOKS / count;
    for _ in 0..rounds {
        quiet(&mut fleet, ticks.max(2), &mut before);
        quiet(with, TICKS, &mut after);
    }
    say(
        count,
        "a look at each position at each mark",
        None,
        &after,
        &before,
    );
}
