//! The workload on the trigger book beside the straight loop: cost per tick, ticks per second, and
//! from a tick in to its decisions out.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::hint::black_box;
use std::time::Instant;

use bench::rounds::{Samples, per};
use bench::xp1::{SIZES, Size, driver, floor, ticks};
use serde_json::json;

use super::{Figure, rounded, say};

const FLOOR: &str = "a straight loop over the positions";
/// What other engines cost on this workload in nanoseconds per tick, measured beside floors of
/// `FLOORS_THEN` on one machine: the fastest at one position, a fifth of the fastest at 10,000.
const AIMS: [((u32, u32), f64, f64); 2] = [((1, 1), 39.0, 1.6), ((1, 10_000), 2_000.0, 6_570.0)];

pub fn run(rounds: usize) {
    for (size, hash) in SIZES {
        let stream = ticks(size.symbols, size.ticks);
        let (mut own, mut loops) = (Samples::default(), Samples::default());
        for _ in 0..rounds {
            let outcome = own.time(size.ticks, || driver::run(size, &stream, |_| {}));
            assert_eq!(outcome.hash, hash, "{size:?}");
            let outcome = loops.time(size.ticks, || floor::run(size, &stream, |_| {}));
            assert_eq!(outcome.hash, hash, "{size:?}");
        }
        let aim = AIMS.iter().find(|it| it.0 == (size.symbols, size.slots));
        Figure {
            bench: "xp1",
            of: json!({
                "symbols": size.symbols,
                "positions": size.slots,
                "ticks": size.ticks,
                "hash": format!("{hash:016x}"),
                "ticks_per_second": rounded(1e9 / own.median()),
            }),
            unit: "ns/tick",
            own: &own,
            floor: &loops,
            floor_is: FLOOR,
            aim: aim.map(|(_, peer, floor_then)| peer / floor_then),
        }
        .say();
    }
    for (size, _) in SIZES {
        tick_to_decision(size);
    }
}

/// From a tick to the decisions that it led to, of those ticks that led to any.
fn tick_to_decision(size: Size) {
    let stream = ticks(size.symbols, size.ticks);
    let clock = clock();
    let mut own = Stopwatch::new(clock);
    black_box(driver::run(size, &stream, |decided| own.told(decided)));
    let mut loops = Stopwatch::new(clock);
    black_box(floor::run(size, &stream, |decided| loops.told(decided)));
    let quantiles = |samples: &Samples| {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| rounded(samples.quantile(share)));
        json!({ "p50": p50, "p99": p99, "p99.9": p999 })
    };
    let (own, loops) = (own.samples, loops.samples);
    say(&json!({
        "bench": "xp1",
        "of": { "tick_to_decision": true, "symbols": size.symbols, "positions": size.slots },
        "unit": "ns",
        "own": quantiles(&own),
        "floor": quantiles(&loops),
        "floor_is": FLOOR,
        "samples": own.count(),
        "clock_ns_taken_off": rounded(clock),
    }));
}

/// Times the ticks on which something is decided.
pub struct Stopwatch {
    begin: Instant,
    clock: f64,
    pub samples: Samples,
}

impl Stopwatch {
    /// One that takes `clock` nanoseconds off for asking for the time.
    pub fn new(clock: f64) -> Self {
        Self {
            begin: Instant::now(),
            clock,
            samples: Samples::default(),
        }
    }

    pub fn told(&mut self, decided: bool) {
        if decided {
            let took = per(self.begin.elapsed(), 1) - self.clock;
            self.samples.push(took.max(1.0));
        }
        self.begin = Instant::now();
    }
}

/// What asking for the time costs, in nanoseconds.
pub fn clock() -> f64 {
    const ASKED: usize = 100_000;
    let mut samples = Samples::default();
    for _ in 0..ASKED {
        let begin = Instant::now();
        samples.push(per(begin.elapsed(), 1));
    }
    samples.median()
}
