//! From a tick in to its intents out, in process: a trend that moves one position's stop each time.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::time::Instant;

use bench::fleet::{Fleet, PRICE};
use bench::rounds::{Samples, per};
use bench::xp1::{SIZES, floor, ticks};
use bus::Heard;
use domain::Span;
use rust_decimal::Decimal;
use serde_json::json;

use super::xp1::{Stopwatch, clock};
use super::{rounded, say};

const COUNTS: [usize; 3] = [1, 100, 1_000];
const MOVES: usize = 150;
/// The trend: two thousandths a time, above the smallest improvement that is worth an order.
const STEP: i64 = 2;
/// p50 aimed at, nanoseconds, beside a floor of `FLOOR_THEN`.
const AIM: f64 = 1_000.0;
const FLOOR_THEN: f64 = 20.0;

pub fn run(rounds: usize) {
    let clock = clock();
    let floor = floor_p50(clock);
    for count in COUNTS {
        let mut samples = Samples::default();
        for _ in 0..rounds.min(3) {
            trend(count, clock, &mut samples);
        }
        let p50 = samples.quantile(0.5);
        let aim = AIM / FLOOR_THEN;
        say(&json!({
            "bench": "intent",
            "of": { "tick_to_intent": true, "positions": count },
            "unit": "ns",
            "p50": rounded(p50),
            "p99": rounded(samples.quantile(0.99)),
            "least": rounded(samples.least()),
            "floor": rounded(floor),
            "floor_is": "tick to decision of the straight loop on XP-1 with one position, p50",
            "ratio": rounded(p50 / floor),
            "ratio_aim": aim,
            "met": p50 / floor <= aim,
            "samples": samples.count(),
        }));
    }
}

fn floor_p50(clock: f64) -> f64 {
    let (size, _) = SIZES[0];
    let stream = ticks(size.symbols, size.ticks);
    let mut watch = Stopwatch::new(clock);
    floor::run(size, &stream, |decided| watch.told(decided));
    watch.samples.median()
}

/// One position of a low entry leads: the others' entries are higher, so theirs move later.
fn trend(count: usize, clock: f64, samples: &mut Samples) {
    let mut fleet = Fleet::at_rest(count);
    let mut price = Decimal::from(PRICE);
    for _ in 0..MOVES {
        price *= Decimal::ONE + Decimal::new(STEP, 3);
        price = price.round_dp(2);
        fleet.pass(Span::from_millis(300));
        let tick = fleet.tick(price);
        let begin = Instant::now();
        fleet.mark(tick);
        let took = per(begin.elapsed(), 1) - clock;
        let asked = fleet.collect();
        if asked > 0 {
            samples.push(took / asked as f64);
        }
        // Everything that follows is done before the next tick, and is not timed.
        let again = fleet.tick(price);
        fleet.hear(Heard::Mark(again));
        while fleet.obey() {
            fleet.pass(Span::from_millis(150));
            let again = fleet.tick(price);
            fleet.hear(Heard::Mark(again));
        }
    }
}
