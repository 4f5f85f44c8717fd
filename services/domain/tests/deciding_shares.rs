//! Limits and market closes in one ladder: whatever comes first, the mark, the fill, the news of it
//! or a newer plan, no more is closed than the shares of the legs that were reached.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
mod desk;

use common::*;
use desk::Desk;
use domain::policy::{LadderStep, Policy, StepClose, TrailActivation};
use domain::{MarginPct, Price, PricePct, Qty, Ratio, Side};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// In which order the world hears of a price.
#[derive(Debug, Clone, Copy)]
enum News {
    /// Limits fill, then the mark is told.
    Fill,
    /// The mark is told and what follows from it is done, then limits fill.
    Mark,
    /// Orders are gone and the mark is told, then the position tells of the fills.
    Order,
}

#[derive(Debug, Clone)]
enum Event {
    /// The price is so many basis points beyond entry.
    Price(i64, News),
    /// The planner wants another target, in basis points.
    Replan(i64),
}

fn event(replans: bool) -> impl Strategy<Value = Event> {
    let news = prop_oneof![Just(News::Fill), Just(News::Mark), Just(News::Order)];
    let weight = u32::from(replans);
    prop_oneof![
        4 => (-100_i64..600, news).prop_map(|(points, news)| Event::Price(points, news)),
        weight => (50_i64..200).prop_map(Event::Replan),
    ]
}

/// Legs at one, two, three and four times the target, each of so many percent.
fn policy(legs: &[(bool, i64)]) -> Policy {
    let mut policy = Policy::default();
    let never = PricePct::new(Decimal::ONE_HUNDRED);
    policy.base.target = ratio("0.01");
    policy.breakeven.trigger_pct = never;
    policy.trailing.trigger_pct = never;
    policy.profit_lock.trigger_margin_pct = MarginPct::new(Decimal::ONE_THOUSAND);
    policy.stops.ratchet = false;
    policy.ladder.activation = TrailActivation::TargetMultiple(ratio("99"));
    let step = |((at_market, percent), number): (&(bool, i64), i64)| LadderStep {
        target_multiple: Ratio::new(number.into()),
        size: Ratio::basis_points(percent * 100),
        close: if *at_market {
            StepClose::Market
        } else {
            StepClose::Limit
        },
    };
    policy.ladder.steps = legs.iter().zip(1..).map(step).collect();
    policy
}

struct Shares {
    desk: Desk,
    /// The largest share up to a leg that was reached.
    due: Decimal,
    /// How much nearer than planned a target may rest: one that a newer plan hardly moves stays.
    slack: Ratio,
}

impl Shares {
    fn new(side: Side, legs: &[(bool, i64)]) -> Self {
        let mut position = position("BTCUSDT", side, "0.1", "50000");
        position.leverage = Decimal::ONE;
        let desk = Desk::with_policy(position, policy(legs)).settle("50000");
        Self {
            desk,
            due: Decimal::ZERO,
            slack: Ratio::ZERO,
        }
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Price(points, news) => {
                let away = Decimal::new(*points, 4) * self.desk.side().sign();
                let entry = self.desk.snapshot.position.entry_price;
                let price = entry.offset(Ratio::new(away)).unwrap();
                self.reach(price);
                self.tell(price, *news);
            }
            Event::Replan(target) => {
                self.slack = self.desk.policy.stops.replace_step_min;
                self.desk.policy.base.target = Ratio::basis_points(*target);
                self.desk.replan();
                let mark = self.desk.mark().unwrap();
                self.reach(mark);
                self.desk.drive(mark);
            }
        }
    }

    fn tell(&mut self, price: Price, news: News) {
        let desk = &mut self.desk;
        match news {
            News::Fill => {}
            News::Mark => {
                desk.tick_at(price);
                desk.obey();
            }
            News::Order => {
                let filled = desk.take_reached(price);
                for _ in 0..2 {
                    desk.tick_at(price);
                    desk.obey();
                }
                desk.close(filled);
            }
        }
        desk.drive(price);
        // A limit that was placed beyond the price fills at once.
        desk.drive(price);
    }

    /// What the plan closes up to this price.
    fn reach(&mut self, price: Price) {
        let side = self.desk.side();
        let instrument = &self.desk.snapshot.instrument;
        let mut share = Decimal::ZERO;
        for leg in self.desk.plan.as_ref().unwrap().target_legs() {
            share += leg.size.get();
            let trigger = instrument.round_target(side, leg.trigger_price.unwrap());
            let nearer = Ratio::new(-self.slack.get() * side.sign());
            let trigger = trigger.unwrap().offset(nearer).unwrap();
            if side.target_reached(trigger, price) {
                self.due = self.due.max(share);
            }
        }
    }

    fn due(&self) -> Qty {
        let lots = (self.due * Decimal::ONE_HUNDRED).floor();
        Qty::new(lots / Decimal::ONE_THOUSAND).unwrap()
    }
}

fn legs() -> impl Strategy<Value = Vec<(bool, i64)>> {
    proptest::collection::vec((any::<bool>(), 5_i64..25), 1..=4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_shares_of_the_legs_that_were_reached_are_closed(
        long in any::<bool>(),
        legs in legs(),
        events in proptest::collection::vec(event(false), 1..12),
    ) {
        let side = if long { Side::Long } else { Side::Short };
        let mut shares = Shares::new(side, &legs);
        for event in &events {
            shares.happen(event);
            let closed = shares.desk.snapshot.position.closed_qty();
            prop_assert_eq!(closed, shares.due());
        }
    }

    #[test]
    fn a_newer_plan_never_makes_it_more(
        long in any::<bool>(),
        legs in legs(),
        events in proptest::collection::vec(event(true), 1..16),
    ) {
        let side = if long { Side::Long } else { Side::Short };
        let mut shares = Shares::new(side, &legs);
        for event in &events {
            shares.happen(event);
            let closed = shares.desk.snapshot.position.closed_qty();
            prop_assert!(closed <= shares.due(), "{closed} of {}", shares.due());
        }
    }
}
