//! An executor with its trigger book says exactly what one says that looks at every position at
//! every mark and every beat, whatever happens.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod rest;

use common::{Bench, NOW, Store};
use domain::Span;
use domain::policy::Policy;
use proptest::prelude::*;
use rest::draw::{Happening, happenings, policies};
use rest::pair::Pair;

fn play(policy: &Policy, leased: bool, happenings: &[Happening]) -> Result<(), TestCaseError> {
    let mut pair = Pair::new(policy, leased);
    for happening in happenings {
        pair.happen(happening);
        let [with, without] = pair.said();
        prop_assert_eq!(with, without, "after {:?}", happening);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_book_changes_nothing_that_is_said(
        policy in policies(),
        leased in any::<bool>(),
        happenings in proptest::collection::vec(happenings(), 1..150),
    ) {
        play(&policy, leased, &happenings)?;
    }
}

#[test]
fn positions_with_their_stops_and_targets_rest_until_the_price_comes() {
    let mut pair = Pair::new(&Policy::default(), true);
    for _ in 0..8 {
        pair.happen(&Happening::Mark(0, 0));
        pair.happen(&Happening::Obey);
        pair.happen(&Happening::Beats(5));
    }
    pair.happen(&Happening::Mark(1, 0));
    assert_eq!(pair.resting(), [pair.open(), 0]);
    pair.happen(&Happening::Mark(-2_000, 0));
    let [with, without] = pair.said();
    assert_eq!(with, without);
    assert!(pair.resting()[0] < pair.open());
}

#[test]
fn a_position_without_a_mark_does_not_rest() {
    let mut bench = Bench::leased("a", &Store::default());
    bench.open(50_000);
    bench.live_through(Span::from_secs(2));
    assert_eq!(bench.now, NOW + Span::from_secs(2));
    assert_eq!(bench.executor.resting(), 0);
}
