//! Luck is called luck, and what is truly better is found.

use domain::policy::Policy;
use domain::{Qty, Side, Symbol};
use paper_exchange::rng::SplitMix64;

use super::*;
use crate::contender::Contender;
use crate::costs::Costs;
use crate::entries::Entry;
use crate::run::Plan;
use crate::search::{Method, search};
use crate::tape::{Tape, Tick};
use crate::trial::{Curve, Exit};

const START_MS: i64 = 1_746_316_800_000;
const DAYS: i64 = 40;

fn day(number: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + number * DAY_MS)
}

fn life(entry: usize, pnl: i64) -> Outcome {
    let opened_at = day(i64::try_from(entry).unwrap());
    Outcome {
        entry,
        opened_at,
        closed_at: opened_at + Span::from_hours(5),
        entry_price: Decimal::ONE_HUNDRED,
        pnl: pnl.into(),
        gross: pnl.into(),
        fees: Decimal::ZERO,
        funding: Decimal::ZERO,
        favourable: Decimal::from(pnl.abs() + 1),
        adverse: Decimal::ZERO,
        exit: Exit::DataEnd,
        regime: Regime::Normal,
        orders: 1,
        refused: 0,
        steps: Vec::new(),
        decided: Vec::new(),
    }
}

/// A life a day; `skill` is what each contender earns on average.
fn run(seed: u64, skill: impl Fn(usize) -> i64) -> Run {
    let mut rng = SplitMix64::new(seed);
    let curve = Curve::over(day(0), day(DAYS));
    let mut draw = || (0..6).map(|_| rng.between(-100, 100)).sum::<i64>();
    let played = (0..20).map(|who| {
        let days = usize::try_from(DAYS).unwrap();
        let lives: Vec<Outcome> = (0..days).map(|at| life(at, draw() + skill(who))).collect();
        let mut equity = vec![Decimal::ZERO; usize::try_from(curve.len).unwrap()];
        for (index, place) in (0..).zip(&mut equity) {
            let over = lives
                .iter()
                .filter(|life| life.closed_at <= curve.at(index));
            *place = over.map(|life| life.pnl).sum();
        }
        Played {
            name: format!("policy {who}"),
            lives,
            equity,
        }
    });
    Run {
        played: played.collect(),
        curve,
        skipped: 0,
    }
}

fn look() -> Look {
    Look {
        split: Decimal::new(5, 1),
        reference: None,
    }
}

fn is_warned(study: &Study) -> bool {
    study.warnings.iter().any(|it| it.starts_with("OVERFIT"))
}

#[test]
fn the_best_of_noise_is_warned_of_and_the_truly_better_is_not() {
    let warned = (1..=10).filter(|seed| is_warned(&Study::of(&run(*seed, |_| 0), &look())));
    assert!(warned.count() >= 8);
    let steady = |who: usize| i64::try_from(who).unwrap() * 60;
    for seed in 1..=5 {
        let study = Study::of(&run(seed, steady), &look());
        assert!(!is_warned(&study), "{:?}", study.warnings);
        assert_eq!(study.rows[0].name, "policy 19");
        assert_eq!(study.best_outside(), Some((1, 20)));
    }
}

#[test]
fn samples_and_sums_add_up() {
    let study = Study::of(&run(3, |_| 10), &look());
    for row in &study.rows {
        let parts = row.inside.trades + row.outside.trades + row.purged;
        assert_eq!(parts, row.all.trades);
        assert_eq!(row.equity.last().unwrap().1, row.all.pnl);
        assert!(row.drawdown <= Decimal::ZERO);
    }
}

/// A market that falls two percent below every entry and comes back above it: a stop that is
/// farther away than the fall survives it, and earns.
fn shaken() -> Tape {
    let prices = [
        "50000", "50000", "49700", "49400", "49050", "49050", "49400", "49900", "50400", "50800",
        "50950", "50500",
    ];
    let ticks = (0..12 * 60).map(|number: usize| Tick {
        at: Timestamp::from_millis(START_MS + i64::try_from(number).unwrap() * 60_000),
        mark: prices[number % prices.len()].parse().unwrap(),
        quote: None,
    });
    let ticks: Vec<Tick> = ticks.collect();
    Tape::new(
        Symbol::new("BTCUSDT").unwrap(),
        ticks.clone(),
        ticks,
        Vec::new(),
    )
}

#[test]
fn a_search_finds_the_stop_that_survives() {
    let tape = shaken();
    let entries = (0..40).map(|number| Entry {
        symbol: tape.symbol.clone(),
        at: Timestamp::from_millis(START_MS + number * 12 * 60_000),
        side: Side::Long,
        qty: Qty::new(Decimal::new(1, 1)).unwrap(),
        leverage: 2,
    });
    let base = Contender::brain("shipped", Policy::default());
    let vary = ["base.stop=0.01|0.03".parse().unwrap()];
    let found = search(&base, &vary, Method::Grid).unwrap();
    let plan = Plan {
        entries: entries.collect(),
        tapes: vec![tape],
        contenders: found.contenders,
        costs: Costs::default(),
        threads: 2,
        records: false,
    };
    let study = Study::of(&plan.run(&|_| {}).unwrap(), &look());
    let best = &study.rows[0];
    assert_eq!(
        best.name, "shipped base.stop=0.03",
        "{:?}",
        study.rows[1].all
    );
    assert!(best.all.pnl > study.rows[1].all.pnl);
    assert!(
        study.rows[1].all.stop_outs > 30,
        "{:?}",
        study.rows[1].all.exits
    );
}
