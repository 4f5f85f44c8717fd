//! Nothing is missed while a position rests: at every mark between its two prices, and until its
//! moment, a look would have found nothing.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::case::{Case, SIDES};
use desk::numbers::Numbers;
use domain::decide::{Rest, rest};
use domain::decision::Action;
use domain::grid::Grid;
use domain::instrument::PercentPrice;
use domain::market::Regime;
use domain::policy::{ProfileMode, StepClose};
use domain::{Price, Qty, Ratio, Side, Span, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

const DECISIONS_MAX: usize = 24;
/// Finer than any mark that is looked at.
const FINE: u32 = 9;

#[derive(Debug, Clone)]
struct State {
    side: Side,
    numbers: Numbers,
    tick: &'static str,
    leverage: u32,
    /// The regime of the plan, where there is one.
    planned: Option<Regime>,
    regime: Regime,
    /// Ten-thousandths of a basis point from entry.
    mark: i64,
    stop: Option<i64>,
    first_hit: Option<i64>,
    /// Lots of 100.
    closed: i64,
    keep: Option<i64>,
    age_secs: i64,
    /// Whether the venue tells how far from the mark limits may lie.
    bounded: bool,
}

fn regime() -> impl Strategy<Value = Regime> {
    select(Regime::ALL.map(|it| it.0).to_vec())
}

/// A policy's numbers, a tick and a leverage.
fn numbers() -> impl Strategy<Value = (Numbers, &'static str, u32)> {
    let modes = select(vec![
        ProfileMode::Ladder,
        ProfileMode::Static,
        ProfileMode::Dynamic,
        ProfileMode::Challenge100,
    ]);
    let closes = select(vec![StepClose::Limit, StepClose::Market]);
    let switches = (any::<bool>(), any::<bool>());
    let trail = prop_oneof![3 => 0_i64..300, 1 => 0_i64..8];
    let distances = (1_i64..400, 1_i64..400, trail);
    let grid = select(vec!["0.1", "0.01", "1", "25", "0.00001"]);
    let rest = (0_i64..60, grid, 1_u32..60);
    (modes, closes, switches, distances, rest).prop_map(
        |(mode, first_close, switches, distances, (step_min, tick, leverage))| {
            let numbers = Numbers {
                mode,
                first_close,
                ratchet: switches.0,
                exact_entry: switches.1,
                distances: distances.into(),
                step_min,
                equity: 5_000,
            };
            (numbers, tick, leverage)
        },
    )
}

fn state() -> impl Strategy<Value = State> {
    let from_entry = || prop_oneof![-80_000_i64..80_000, -8_000_000_i64..8_000_000];
    let levels = (
        from_entry(),
        proptest::option::weighted(0.9, from_entry()),
        proptest::option::of(from_entry()),
    );
    let lots = (0_i64..100, proptest::option::of(0_i64..100));
    let age = select(vec![1, 60, 899, 7_199, 7_200, 172_799, 172_800, 200_000]);
    let regimes = (proptest::option::weighted(0.8, regime()), regime());
    let switches = (any::<bool>(), any::<bool>());
    (switches, numbers(), regimes, levels, lots, age).prop_map(
        |(switches, (numbers, tick, leverage), (planned, regime), levels, lots, age_secs)| {
            let ((long, bounded), (closed, keep)) = (switches, lots);
            State {
                side: if long { Side::Long } else { Side::Short },
                numbers,
                tick,
                leverage,
                planned,
                regime,
                mark: levels.0,
                stop: levels.1,
                first_hit: levels.2,
                closed,
                keep,
                age_secs,
                bounded,
            }
        },
    )
}

fn lots(count: i64) -> Qty {
    Qty::new(Decimal::new(count, 3)).unwrap()
}

impl State {
    fn case(&self) -> Case {
        let mut case = Case::open(self.side);
        case.position.entry_price = price("50000.12345678");
        case.position.leverage = Decimal::from(self.leverage);
        case.instrument = instrument("BTCUSDT", self.tick, "0.001");
        if self.bounded {
            case.instrument.percent_price = PercentPrice::told(dec("1.05"), dec("0.95"));
        }
        case.policy = self.numbers.policy();
        case.regime = self.planned.unwrap_or(self.regime);
        if self.planned.is_some() {
            case = case.planned();
        }
        case.regime = self.regime;
        case.position.qty = lots(100 - self.closed);
        case.desired.keep = self.keep.map(lots);
        let level = |points: i64| {
            let offset = Ratio::new(Decimal::new(points, 8));
            case.position.entry_price.offset(offset).unwrap()
        };
        let stop = self.stop.map(level);
        let on_grid = |price| case.instrument.round_stop(self.side, price);
        case.mark = Some(level(self.mark));
        case.desired.first_hit = self.first_hit.map(level).and_then(on_grid);
        case.desired.stop = stop.and_then(on_grid);
        case.desired.open_since = Some(NOW);
        case.age = Span::from_secs(self.age_secs);
        case
    }
}

/// Looks until nothing is decided any more; `false` where everything is to be closed.
fn settled(case: &mut Case) -> bool {
    for _ in 0..DECISIONS_MAX {
        let decision = case.decide();
        if decision.action == Action::NoChange {
            return !case.desired.exiting;
        }
        let side = case.position.key.side;
        case.desired.apply(&decision.action, side, decision.plan_id);
    }
    panic!("rules undo each other");
}

/// Marks right inside both ends of the rest, and some between.
fn marks(mark: Price, rest: &Rest) -> Vec<Price> {
    let fine = Grid::new(Decimal::new(1, FINE)).unwrap();
    let levels = rest.levels(&fine).unwrap();
    let mark = fine.floor(mark.get()).unwrap();
    let far = mark / 2;
    let below = levels.below.unwrap_or(mark - far).max(mark - far);
    let above = levels.above.unwrap_or(mark + far).min(mark + far);
    let between = (1..8).map(|part| below + (above - below) / 8 * part);
    let ends = [
        below + 1,
        below + 2,
        below + 1_000,
        above - 1_000,
        above - 1,
        above,
    ];
    let all = between.chain(ends).filter(|mark| *mark > 0);
    all.map(|mark| Price::new(Decimal::new(mark, FINE)).unwrap())
        .collect()
}

fn finds_nothing(case: &Case, mark: Option<Price>, now: Timestamp) -> Result<(), TestCaseError> {
    let mut later = case.clone();
    later.mark = mark;
    later.age = now.since(case.position.opened_at);
    let decision = later.decide();
    prop_assert_eq!(&decision.action, &Action::NoChange, "{:?}", decision);
    if let Some(mark) = mark {
        later.desired.watch_stop(case.position.key.side, mark, now);
    }
    prop_assert_eq!(&later.desired, &case.desired);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_missed(state in state()) {
        let mut case = state.case();
        if !settled(&mut case) {
            return Ok(());
        }
        let Some(rest) = case.look(rest) else {
            return Ok(());
        };
        let now = case.now();
        let latest = rest.until().unwrap_or(now + Span::from_hours(100));
        prop_assert!(now < latest);
        let moments = [now, latest - Span::from_micros(1)];
        let grid = Grid::new(case.instrument.tick_size).unwrap();
        let levels = rest.levels(&grid).unwrap();
        for mark in marks(case.mark.unwrap(), &rest) {
            let is_covered = rest.covers(mark, now);
            let is_reached = levels.reached(grid.floor(mark.get()).unwrap());
            prop_assert!(is_covered || is_reached, "{mark} is not covered");
            for moment in moments.into_iter().filter(|_| is_covered) {
                finds_nothing(&case, Some(mark), moment)?;
                finds_nothing(&case, None, moment)?;
            }
        }
    }
}

#[test]
fn a_position_with_its_plan_rests_while_the_price_moves_a_little() {
    for side in SIDES {
        let mut case = Case::open(side).planned().at_price_pct("0.3");
        assert!(settled(&mut case));
        let rest = case.look(rest).unwrap();
        assert!(rest.covers(case.level("0.34"), case.now()), "{rest:?}");
        assert!(rest.covers(case.level("0.1"), case.now()), "{rest:?}");
        assert!(!rest.covers(case.level("5"), case.now()), "{rest:?}");
        assert!(!rest.covers(case.level("-5"), case.now()), "{rest:?}");
        let plan = case.plan.as_ref().unwrap();
        assert!(!rest.covers(case.level("0.3"), plan.expires_at));
    }
}

#[test]
fn beyond_its_stop_and_without_a_mark_nobody_rests() {
    let mut case = Case::open(Side::Long).planned();
    assert_eq!(case.look(rest), None);
    case.desired.stop = Some(case.level("1"));
    assert_eq!(case.clone().at_price_pct("0.5").look(rest), None);
}
