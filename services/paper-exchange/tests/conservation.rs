//! Nothing is made and nothing is lost: money and amounts over random trading in both modes, with
//! cross and isolated margin, funding, thin books and liquidations.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;

use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{
    AlgoKind, EventBody, Execution, IncomeKind, NewAlgo, NewOrder, OrderUpdate, PositionSide,
    PriceUpdate, Side, Venue, VenueConfig,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const SYMBOL: &str = "BTCUSDT";
const STEPS: usize = 150;
const HOUR_MS: i64 = 3_600_000;

/// How one play is set up.
#[derive(Debug, Clone, Copy)]
struct Setup {
    seed: u64,
    hedge: bool,
    isolated: bool,
    thin: bool,
    wallet: i64,
}

struct Play {
    venue: Venue,
    setup: Setup,
    rng: SplitMix64,
    price: i64,
    now_ms: i64,
    legs: BTreeMap<PositionSide, Decimal>,
    paid: Decimal,
    funding: Decimal,
    liquidated: bool,
}

impl Play {
    fn new(setup: Setup) -> Self {
        let mut venue = Venue::new(VenueConfig {
            hedge: setup.hedge,
            wallet: setup.wallet.into(),
            level_notional: Decimal::from(if setup.thin { 900 } else { 200_000 }),
            funding_rate: Decimal::new(5, 4),
            ..VenueConfig::default()
        });
        if setup.isolated {
            venue.set_isolated(SYMBOL, true).unwrap();
        }
        Self {
            venue,
            setup,
            rng: SplitMix64::new(setup.seed),
            price: 60_000,
            now_ms: 1_795_178_173_912,
            legs: BTreeMap::new(),
            paid: Decimal::ZERO,
            funding: Decimal::ZERO,
            liquidated: false,
        }
    }

    fn run(&mut self) {
        self.move_price();
        for _ in 0..STEPS {
            match self.rng.below(10) {
                0..=3 => self.order(),
                4 => self.stop(),
                5 => self.wait(),
                _ => self.move_price(),
            }
            self.hear();
            self.check();
        }
    }

    fn pick(&mut self) -> (Side, PositionSide, Decimal) {
        let side = if self.rng.chance_ppm(500_000) {
            Side::Buy
        } else {
            Side::Sell
        };
        let leg = match (self.setup.hedge, self.rng.chance_ppm(500_000)) {
            (false, _) => PositionSide::Both,
            (true, true) => PositionSide::Long,
            (true, false) => PositionSide::Short,
        };
        (side, leg, Decimal::new(self.rng.between(1, 400), 3))
    }

    /// What is refused must change nothing: the checks after every step see to it.
    fn order(&mut self) {
        let (side, leg, qty) = self.pick();
        let mut order = if self.rng.chance_ppm(600_000) {
            NewOrder::market(SYMBOL, side, qty)
        } else {
            let price = self.price + self.rng.between(-600, 600);
            NewOrder::limit(SYMBOL, side, qty, price.into())
        };
        order.reduce_only = !self.setup.hedge && self.rng.chance_ppm(300_000);
        self.venue.place_order(order.on_leg(leg), self.now_ms).ok();
    }

    fn stop(&mut self) {
        let (side, leg, _) = self.pick();
        let away = self.rng.between(50, 2_000);
        let trigger = match side {
            Side::Buy => self.price + away,
            Side::Sell => self.price - away,
        };
        let stop = NewAlgo::close_position(SYMBOL, side, AlgoKind::StopMarket, trigger.into());
        self.venue.place_algo(stop.on_leg(leg), self.now_ms).ok();
    }

    fn wait(&mut self) {
        self.now_ms += self.rng.between(0, 10) * HOUR_MS;
        self.venue.advance(self.now_ms);
    }

    fn move_price(&mut self) {
        self.now_ms += 100;
        self.price = (self.price + self.rng.between(-1_500, 1_500)).clamp(30_000, 90_000);
        let update = PriceUpdate::at(self.price.into());
        self.venue.on_price(SYMBOL, update, self.now_ms).unwrap();
    }

    fn hear(&mut self) {
        for event in self.venue.take_events() {
            match &event.body {
                EventBody::Order(update) => self.on_order(update),
                EventBody::Account(account) => self.funding += account.change,
                _ => {}
            }
        }
    }

    fn on_order(&mut self, update: &OrderUpdate) {
        let Some(trade) = &update.trade else { return };
        self.liquidated |= update.execution == Execution::Calculated;
        self.paid += trade.realized - trade.fee;
        let before = *self.legs.entry(trade.position_side).or_default();
        let signed = if trade.side == Side::Buy {
            trade.qty
        } else {
            -trade.qty
        };
        let after = before + signed;
        if update.order.reduce_only {
            let turned = !after.is_zero() && after.is_sign_negative() != before.is_sign_negative();
            assert!(
                after.abs() < before.abs() && !turned,
                "{:?}: {before} {after}",
                self.setup
            );
        }
        self.legs.insert(trade.position_side, after);
    }

    fn check(&self) {
        let sides = [PositionSide::Both, PositionSide::Long, PositionSide::Short];
        for leg in sides {
            let held = self.venue.leg(SYMBOL, leg).unwrap();
            let filled = self.legs.get(&leg).copied().unwrap_or_default();
            assert_eq!(held.qty, filled, "{:?} {leg:?}", self.setup);
            let allowed = match leg {
                PositionSide::Both => !self.setup.hedge || held.is_flat(),
                PositionSide::Long => Decimal::ZERO <= held.qty,
                PositionSide::Short => held.qty <= Decimal::ZERO,
            };
            assert!(allowed, "{:?} {leg:?} {}", self.setup, held.qty);
            let own = self.setup.isolated && !held.is_flat();
            assert!(own || held.isolated_wallet.is_zero(), "{:?}", self.setup);
        }
        let expected = Decimal::from(self.setup.wallet) + self.paid + self.funding;
        assert_eq!(
            self.venue.account_totals().wallet,
            expected,
            "{:?}",
            self.setup
        );
        let fees = self
            .venue
            .income()
            .filter(|it| it.kind == IncomeKind::FundingFee);
        assert_eq!(fees.map(|it| it.amount).sum::<Decimal>(), self.funding);
    }
}

fn setups() -> impl Strategy<Value = Setup> {
    let wallets = prop_oneof![Just(2_000), Just(20_000), Just(1_000_000)];
    let flags = any::<(u64, bool, bool, bool)>();
    (flags, wallets).prop_map(|((seed, hedge, isolated, thin), wallet)| Setup {
        seed,
        hedge,
        isolated,
        thin,
        wallet,
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_wallet_changes_by_profit_fees_and_funding_and_the_legs_by_their_fills(
        setup in setups(),
    ) {
        Play::new(setup).run();
    }
}

#[test]
fn the_plays_reach_funding_and_liquidation_in_every_mode() {
    for (hedge, isolated) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut plays = (0..30).map(|seed| {
            let thin = false;
            let wallet = 2_000;
            let setup = Setup {
                seed,
                hedge,
                isolated,
                thin,
                wallet,
            };
            let mut play = Play::new(setup);
            play.run();
            play
        });
        let reached = plays.any(|play| play.liquidated && !play.funding.is_zero());
        assert!(reached, "hedge {hedge}, isolated {isolated}");
    }
}
