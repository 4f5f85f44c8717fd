//! The trigger book against the plainest thing that does the same: a list that is looked through.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;

use domain::triggers::{Levels, Slot, TriggerBook};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Set(Slot, Option<i64>, Option<i64>),
    Remove(Slot),
    /// The price moves by so much.
    Move(i64),
}

/// Every slot's levels, looked through at each price.
#[derive(Default)]
struct Naive(BTreeMap<Slot, Levels>);

impl Naive {
    fn cross(&mut self, tick: i64) -> Vec<Slot> {
        let reached = self.0.iter().filter(|(_, levels)| levels.reached(tick));
        let woken: Vec<Slot> = reached.map(|(slot, _)| *slot).collect();
        self.0.retain(|_, levels| !levels.reached(tick));
        woken
    }
}

/// Near ones, ones that need the rungs moved, and ones at the ends of what fits.
fn distance() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => -40_i64..40,
        3 => -3_000_i64..3_000,
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(1_000_000_000)],
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let level = || proptest::option::weighted(0.8, distance());
    prop_oneof![
        5 => (0_u32..24, level(), level()).prop_map(|(slot, below, above)| {
            Step::Set(slot, below, above)
        }),
        1 => (0_u32..24).prop_map(Step::Remove),
        4 => prop_oneof![8 => -30_i64..30, 1 => -5_000_i64..5_000].prop_map(Step::Move),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn it_wakes_whom_a_look_at_everybody_would_wake(
        start in prop_oneof![Just(0_i64), Just(1_000_000), Just(-700)],
        steps in proptest::collection::vec(step(), 1..200),
    ) {
        let (mut book, mut naive) = (TriggerBook::new(), Naive::default());
        let mut tick = start;
        for step in steps {
            match step {
                Step::Set(slot, below, above) => {
                    let at = |distance: i64| tick.saturating_add(distance);
                    let levels = Levels { below: below.map(at), above: above.map(at) };
                    book.set(slot, levels);
                    naive.0.insert(slot, levels);
                }
                Step::Remove(slot) => {
                    book.remove(slot);
                    naive.0.remove(&slot);
                }
                Step::Move(by) => {
                    tick += by;
                    let expected = naive.cross(tick);
                    prop_assert_eq!(book.is_quiet(tick), expected.is_empty());
                    let mut woken = Vec::new();
                    book.cross(tick, &mut woken);
                    prop_assert_eq!(woken, expected);
                }
            }
        }
    }
}

#[test]
fn whoever_is_woken_is_out_of_the_book_with_both_levels() {
    let mut book = TriggerBook::new();
    let levels = Levels {
        below: Some(90),
        above: Some(110),
    };
    book.set(3, levels);
    assert_eq!(book.levels(3), levels);
    let mut woken = vec![7];
    book.cross(110, &mut woken);
    assert_eq!(woken, [7, 3]);
    assert_eq!(book.levels(3), Levels::default());
    book.cross(90, &mut woken);
    assert_eq!(woken, [7, 3]);
}

#[test]
fn a_level_on_both_sides_of_the_price_at_once_wakes_once() {
    let mut book = TriggerBook::new();
    book.set(
        0,
        Levels {
            below: Some(100),
            above: Some(100),
        },
    );
    let mut woken = Vec::new();
    book.cross(100, &mut woken);
    assert_eq!(woken, [0]);
}
