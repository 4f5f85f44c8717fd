//! The first stop, the retry and the close, long and short, and what holds for any input.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::fixture::{dec, open, price};

/// Mark, refusals, expected stop of a long from 1,000; the short is its mirror around 1,000.
const STEPS: [(Option<&str>, u32, Option<&str>); 12] = [
    (None, 0, Some("980")),
    (Some("1000"), 0, Some("980")),
    (Some("980.1"), 0, Some("980")),
    // Reached already: 0.05 % from the mark.
    (Some("980"), 0, Some("979.6")),
    (Some("979.9"), 0, Some("979.5")),
    (Some("970"), 0, Some("969.6")),
    (None, 1, None),
    (Some("985"), 1, Some("984.6")),
    (Some("980"), 1, Some("979.6")),
    (None, 2, None),
    (Some("985"), 2, None),
    (Some("985"), u32::MAX, None),
];

fn inputs(side: Side, mark: Option<Price>, refusals: u32) -> Inputs {
    Inputs {
        side,
        entry: price("1000"),
        distance: None,
        mark,
        refusals,
    }
}

#[test]
fn a_refused_stop_goes_close_to_the_mark_and_then_gives_way_to_the_close() {
    let instrument = open(Side::Long).instrument;
    for (mark, refusals, expected) in STEPS {
        let found = step(&inputs(Side::Long, mark.map(price), refusals), &instrument);
        let expected = expected.map_or(Step::Close, |level| Step::Stop(price(level)));
        assert_eq!(found, expected, "{mark:?} {refusals}");
    }
}

#[test]
fn the_short_is_the_mirror() {
    let instrument = open(Side::Short).instrument;
    let mirror = |text: &str| Price::new(dec("2000") - dec(text)).unwrap();
    for (mark, refusals, expected) in [
        (None, 0, Some("980")),
        (Some("980.1"), 0, Some("980")),
        // 1,020 and 0.05 % is 1,020.51.
        (Some("980"), 0, Some("979.5")),
        (Some("985"), 1, Some("984.5")),
        (Some("985"), 2, None),
        (None, 1, None),
    ] {
        let found = step(
            &inputs(Side::Short, mark.map(mirror), refusals),
            &instrument,
        );
        let expected = expected.map_or(Step::Close, |level| Step::Stop(mirror(level)));
        assert_eq!(found, expected, "{mark:?} {refusals}");
    }
}

#[test]
fn another_distance_may_be_given() {
    let instrument = open(Side::Long).instrument;
    let given = Inputs {
        distance: Some(Ratio::basis_points(250)),
        ..inputs(Side::Long, None, 0)
    };
    assert_eq!(step(&given, &instrument), Step::Stop(price("975")));
}

#[test]
fn a_tick_that_leaves_no_room_below_the_mark_means_the_close() {
    let mut instrument = open(Side::Long).instrument;
    instrument.tick_size = dec("1");
    let found = step(&inputs(Side::Long, Some(price("900")), 1), &instrument);
    assert_eq!(found, Step::Close);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_stop_is_never_asked_for_where_the_mark_has_reached_it(
        long in any::<bool>(),
        entry in 1_i64..,
        mark in proptest::option::of(1_i64..),
        distance in proptest::option::of((any::<i64>(), 0_u32..=28)),
        scale in 0_u32..=18,
        refusals in 0_u32..4,
    ) {
        let side = if long { Side::Long } else { Side::Short };
        let price = |units| Price::new(Decimal::new(units, scale)).unwrap();
        let inputs = Inputs {
            side,
            entry: price(entry),
            distance: distance.map(|(n, scale)| Ratio::new(Decimal::new(n, scale))),
            mark: mark.map(price),
            refusals,
        };
        if let Step::Stop(level) = step(&inputs, &open(side).instrument) {
            let reached = inputs.mark.is_some_and(|mark| side.stop_reached(level, mark));
            prop_assert!(!reached && refusals < 2);
        }
    }

    #[test]
    fn the_largest_numbers_end_in_a_step_too(refusals in 0_u32..4, long in any::<bool>()) {
        let side = if long { Side::Long } else { Side::Short };
        let largest = Price::new(Decimal::MAX).unwrap();
        for distance in [Decimal::MAX, Decimal::MIN] {
            let inputs = Inputs {
                side,
                entry: largest,
                distance: Some(Ratio::new(distance)),
                mark: Some(largest),
                refusals,
            };
            let found = step(&inputs, &open(side).instrument);
            prop_assert!(refusals < 2 || found == Step::Close);
        }
    }
}
