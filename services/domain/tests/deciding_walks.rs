//! Random prices, partial fills, closes by hand, additions, leverage, plans and policies: what must
//! hold of every decision is checked by the desk itself, the rest here.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::Desk;
use desk::numbers::Numbers;
use domain::desired::floor_price;
use domain::market::Regime;
use domain::policy::{ProfileMode, StepClose};
use domain::signal::RiskMode;
use domain::{Price, Qty, Side, Span};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

/// What happens to the position between two looks.
#[derive(Debug, Clone)]
enum Event {
    /// The price moves by so many basis points.
    Move(i64),
    /// So many lots of the nearest target fill.
    FillOfTarget(u32),
    /// So many lots are closed by hand.
    CloseByHand(u32),
    /// The strategy adds so many lots at the price.
    Add(u32),
    /// The venue's leverage changes.
    Leverage(u32),
    /// The planner plans for another regime and risk mode.
    Replan(Regime, RiskMode),
    /// The plan is lost.
    NoPlan,
    /// Time passes.
    Wait(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let regimes = Regime::ALL.map(|it| it.0).to_vec();
    let modes = vec![RiskMode::Normal, RiskMode::Conservative, RiskMode::Critical];
    prop_oneof![
        12 => (-60_i64..60).prop_map(Event::Move),
        1 => (-500_i64..500).prop_map(Event::Move),
        2 => (1_u32..30).prop_map(Event::FillOfTarget),
        1 => (1_u32..40).prop_map(Event::CloseByHand),
        1 => (1_u32..60).prop_map(Event::Add),
        1 => (1_u32..20).prop_map(Event::Leverage),
        3 => (select(regimes), select(modes)).prop_map(|(it, risk)| Event::Replan(it, risk)),
        1 => Just(Event::NoPlan),
        1 => (1_i64..7_200).prop_map(Event::Wait),
    ]
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let modes = vec![
        ProfileMode::Ladder,
        ProfileMode::Static,
        ProfileMode::Dynamic,
        ProfileMode::Challenge100,
    ];
    let closes = vec![StepClose::Limit, StepClose::Market];
    let switches = (any::<bool>(), any::<bool>());
    let distances = [1_i64..400, 1_i64..400, 1_i64..300];
    let amounts = (1_i64..60, 500_i64..20_000);
    (select(modes), select(closes), switches, distances, amounts).prop_map(
        |(mode, first_close, (ratchet, exact_entry), distances, (step_min, equity))| Numbers {
            mode,
            first_close,
            ratchet,
            exact_entry,
            distances,
            step_min,
            equity,
        },
    )
}

struct Walk {
    desk: Desk,
    price: Decimal,
}

impl Walk {
    fn price(&self) -> Price {
        Price::new(self.price.round_dp(1)).unwrap()
    }

    fn happen(&mut self, event: &Event) {
        let price = self.price();
        let desk = &mut self.desk;
        let lots = |count: u32| Qty::new(Decimal::new(i64::from(count), 3)).unwrap();
        match event {
            Event::Move(points) => {
                self.price *= Decimal::ONE + Decimal::new(*points, 4);
            }
            Event::FillOfTarget(count) => desk.fill_of_target(lots(*count)),
            Event::CloseByHand(count) => {
                let open = desk.snapshot.position.qty;
                desk.close(lots(*count).min(open));
            }
            Event::Add(count) => desk.add(lots(*count), price),
            Event::Leverage(times) => {
                desk.snapshot.position.leverage = Decimal::from(*times);
            }
            Event::Replan(regime, risk) => {
                desk.risk = *risk;
                desk.replan_in(*regime);
            }
            Event::NoPlan => desk.plan = None,
            Event::Wait(seconds) => desk.pass(Span::from_secs(*seconds)),
        }
    }

    /// What holds whenever nothing is left to ask: the stop is the one desired, for all of it, and
    /// not beyond the floor; the targets close no more than what is open.
    fn at_rest(&self) -> Result<(), TestCaseError> {
        let desk = &self.desk;
        let position = &desk.snapshot.position;
        prop_assert!(desk.snapshot.protected_qty() >= position.qty);
        prop_assert!(desk.targets_total() <= position.qty);
        if position.is_open() {
            prop_assert!(desk.is_protected_as_desired(), "{:?}", desk.snapshot.orders);
            let stop = desk.desired.stop.unwrap();
            let floor = floor_price(position, &desk.snapshot.instrument, &desk.policy).unwrap();
            let side = desk.side();
            prop_assert!(!side.is_tighter(floor, stop), "{stop} beyond {floor}");
            let disaster = desk
                .orders("hard_sl")
                .find_map(|it| it.order.stop_trigger());
            let behind = (floor.get() - disaster.unwrap().get()) * side.sign();
            let step_min = desk.policy.stops.replace_step_min.get() * disaster.unwrap().get();
            prop_assert!(
                behind < step_min,
                "disaster stop {disaster:?}, floor {floor}"
            );
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever happens: the stop of one life only tightens, it covers all of the position, and
    /// nothing is ever asked for that is more than what is open.
    #[test]
    fn walks_never_loosen_never_expose_never_oversize(
        long in any::<bool>(),
        size in 1_i64..400,
        numbers in numbers(),
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let side = if long { Side::Long } else { Side::Short };
        let size = Decimal::new(size, 3).to_string();
        let desk = Desk::with_policy(position("BTCUSDT", side, &size, "50000"), numbers.policy());
        let mut walk = Walk { desk, price: dec("50000") };
        walk.desk.drive(price("50000"));
        for event in &events {
            let before = walk.desk.desired.stop;
            walk.happen(event);
            let price = walk.price();
            walk.desk.drive(price);
            walk.at_rest()?;
            if let (Some(before), Some(after)) = (before, walk.desk.desired.stop) {
                prop_assert!(!side.is_tighter(before, after), "{before} to {after}");
            }
            if !walk.desk.snapshot.position.is_open() {
                break;
            }
        }
    }
}
