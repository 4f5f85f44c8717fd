//! The trigger book by itself: ticks that wake nobody, and ticks that wake `k` of `n`.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::collections::BTreeSet;
use std::hint::black_box;

use bench::rounds::Samples;
use domain::triggers::{Levels, Slot, TriggerBook};
use serde_json::json;

use super::{Figure, rounded, say};

const COUNTS: [u32; 6] = [1, 10, 100, 1_000, 10_000, 100_000];
const WOKEN: [u32; 4] = [1, 10, 100, 1_000];
const PRICE: i64 = 500_000;
/// Levels lie at least so far away; quiet ticks stay nearer.
const NEAR: i64 = 50;
const FAR: i64 = 10_000;
const QUIET_TICKS: usize = 200_000;
/// Visits of the straight scan in each round.
const SCANNED: usize = 20_000_000;
/// Flat: from 10 to 100,000 positions.
const FLAT: f64 = 1.5;

pub fn run(rounds: usize) {
    let mut flat: Vec<(u32, Samples)> = Vec::new();
    for count in COUNTS {
        flat.push((count, quiet(count, rounds)));
    }
    let of = |count: u32| flat.iter().find(|it| it.0 == count).map(|it| &it.1);
    if let (Some(few), Some(many)) = (of(10), of(100_000)) {
        Figure {
            bench: "book",
            of: json!({ "quiet": true, "positions": 100_000 }),
            unit: "ns/tick",
            own: many,
            floor: few,
            floor_is: "the same with 10 positions",
            aim: Some(FLAT),
        }
        .say();
    }
    for count in COUNTS {
        for woken in WOKEN.into_iter().filter(|woken| *woken <= count) {
            fires(count, woken, rounds);
        }
    }
}

/// Distances from the price, spread evenly but in no order.
fn distance(slot: Slot) -> i64 {
    NEAR + i64::from(slot.wrapping_mul(2_654_435_761) % 1_000_003) % FAR
}

fn levels(slot: Slot) -> Levels {
    Levels {
        below: Some(PRICE - distance(slot)),
        above: Some(PRICE + distance(slot + 1)),
    }
}

/// A walk that stays away from every level.
fn walk() -> Vec<i64> {
    let step = |at: usize| (at as i64 * 7) % (2 * NEAR - 1) - (NEAR - 1);
    (0..QUIET_TICKS).map(|at| PRICE + step(at)).collect()
}

fn quiet(count: u32, rounds: usize) -> Samples {
    let mut book = TriggerBook::new();
    let all: Vec<Levels> = (0..count).map(levels).collect();
    for (slot, levels) in (0..).zip(&all) {
        book.set(slot, *levels);
    }
    let walk = walk();
    let scanned = &walk[..(SCANNED / count as usize).clamp(10, QUIET_TICKS)];
    let (mut own, mut scan) = (Samples::default(), Samples::default());
    let mut woken = Vec::new();
    for _ in 0..rounds {
        own.time(walk.len(), || {
            for tick in &walk {
                book.cross(black_box(*tick), &mut woken);
            }
        });
        assert!(woken.is_empty(), "nobody is to be woken");
        scan.time(scanned.len(), || {
            for tick in scanned {
                let tick = black_box(*tick);
                black_box(all.iter().filter(|levels| levels.reached(tick)).count());
            }
        });
    }
    Figure {
        bench: "book",
        of: json!({
            "quiet": true,
            "positions": count,
            "per_position": rounded(own.median() / f64::from(count)),
        }),
        unit: "ns/tick",
        own: &own,
        floor: &scan,
        floor_is: "a straight scan over all levels",
        aim: None,
    }
    .say();
    own
}

/// A tick that wakes exactly `woken` of `count`, who then get new levels.
fn fires(count: u32, woken: u32, rounds: usize) {
    let ticks = (200_000 / woken as usize).max(50);
    let mut own = Own::new(count, woken);
    let mut tree = Tree::new(count, woken);
    let (mut by_own, mut by_tree) = (Samples::default(), Samples::default());
    for _ in 0..rounds {
        let fired = ticks * woken as usize;
        by_own.time(fired, || (0..ticks).for_each(|_| own.fire()));
        by_tree.time(fired, || (0..ticks).for_each(|_| tree.fire()));
    }
    assert_eq!(own.fired, tree.fired, "both wake the same");
    say_fires(count, woken, &by_own, &by_tree);
}

fn say_fires(count: u32, woken: u32, by_own: &Samples, by_tree: &Samples) {
    Figure {
        bench: "book",
        of: json!({ "quiet": false, "positions": count, "woken": woken }),
        unit: "ns/woken",
        own: by_own,
        floor: by_tree,
        floor_is: "the same with a balanced tree for each side",
        aim: None,
    }
    .say();
    say(&json!({
        "bench": "book",
        "of": { "quiet": false, "positions": count, "woken": woken },
        "unit": "ns/tick",
        "median": rounded(by_own.median() * f64::from(woken)),
    }));
}

/// Whoever is next wakes one tick above the price, which rises by one; then the next ones stand
/// there, and those who were woken far away.
fn standing(slot: Slot, price: i64, is_next: bool) -> Levels {
    let away = if is_next { 1 } else { NEAR + distance(slot) };
    Levels {
        below: Some(price - NEAR - distance(slot)),
        above: Some(price + away),
    }
}

struct Own {
    book: TriggerBook,
    count: u32,
    woken: u32,
    first: u32,
    price: i64,
    fired: u64,
    out: Vec<Slot>,
}

impl Own {
    fn new(count: u32, woken: u32) -> Self {
        let mut book = TriggerBook::new();
        for slot in 0..count {
            book.set(slot, standing(slot, PRICE, slot < woken));
        }
        Self {
            book,
            count,
            woken,
            first: 0,
            price: PRICE,
            fired: 0,
            out: Vec::new(),
        }
    }

    fn fire(&mut self) {
        self.price += 1;
        self.book.cross(self.price, &mut self.out);
        self.fired += self.out.len() as u64;
        for slot in self.out.drain(..) {
            self.book.set(slot, standing(slot, self.price, false));
        }
        self.first = (self.first + self.woken) % self.count;
        for at in 0..self.woken {
            let slot = (self.first + at) % self.count;
            self.book.set(slot, standing(slot, self.price, true));
        }
    }
}

/// What a first attempt would be: a tree of levels for each side.
struct Tree {
    above: BTreeSet<(i64, Slot)>,
    below: BTreeSet<(i64, Slot)>,
    levels: Vec<Levels>,
    woken: u32,
    first: u32,
    price: i64,
    fired: u64,
    out: Vec<Slot>,
}

impl Tree {
    fn new(count: u32, woken: u32) -> Self {
        let mut tree = Self {
            above: BTreeSet::new(),
            below: BTreeSet::new(),
            levels: vec![Levels::default(); count as usize],
            woken,
            first: 0,
            price: PRICE,
            fired: 0,
            out: Vec::new(),
        };
        for slot in 0..count {
            tree.set(slot, standing(slot, PRICE, slot < woken));
        }
        tree
    }

    fn set(&mut self, slot: Slot, levels: Levels) {
        let known = std::mem::replace(&mut self.levels[slot as usize], levels);
        known.above.map(|level| self.above.remove(&(level, slot)));
        known.below.map(|level| self.below.remove(&(level, slot)));
        levels.above.map(|level| self.above.insert((level, slot)));
        levels.below.map(|level| self.below.insert((level, slot)));
    }

    fn fire(&mut self) {
        self.price += 1;
        while let Some((_, slot)) = self.above.first().filter(|it| it.0 <= self.price) {
            self.out.push(*slot);
            self.set(*self.out.last().unwrap_or(&0), Levels::default());
        }
        while let Some((_, slot)) = self.below.last().filter(|it| it.0 >= self.price) {
            self.out.push(*slot);
            self.set(*self.out.last().unwrap_or(&0), Levels::default());
        }
        self.out.sort_unstable();
        self.fired += self.out.len() as u64;
        for slot in std::mem::take(&mut self.out) {
            self.set(slot, standing(slot, self.price, false));
        }
        let count = u32::try_from(self.levels.len()).unwrap_or(1);
        self.first = (self.first + self.woken) % count;
        for at in 0..self.woken {
            let slot = (self.first + at) % count;
            self.set(slot, standing(slot, self.price, true));
        }
    }
}
