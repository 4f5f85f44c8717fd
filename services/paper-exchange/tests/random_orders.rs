//! Random orders and prices: reduce-only never turns a position, the books add up, the same seed
//! tells the same story.

use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{
    AlgoKind, EventBody, Execution, NewAlgo, NewOrder, OrderRef, OrderStatus, PriceUpdate, Side,
    Venue, VenueConfig, VenueEvent,
};
use paper_exchange::wire::user_event_json;
use proptest::prelude::*;
use rust_decimal::Decimal;

const SYMBOL: &str = "BTCUSDT";

/// A venue, and what its events say about the position.
struct Play {
    venue: Venue,
    rng: SplitMix64,
    price: i64,
    now_ms: i64,
    position: Decimal,
    story: String,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut rng = SplitMix64::new(seed);
        let thin = rng.chance_ppm(500_000);
        let config = VenueConfig {
            level_notional: Decimal::from(if thin { 400 } else { 200_000 }),
            gte_expiry_delay_ms: rng.between(0, 1) * 300,
            ..VenueConfig::default()
        };
        Self {
            venue: Venue::new(config),
            rng,
            price: 60_000,
            now_ms: 1_000_000,
            position: Decimal::ZERO,
            story: String::new(),
        }
    }

    fn step(&mut self) {
        self.now_ms += self.rng.between(0, 400);
        match self.rng.below(8) {
            0 | 1 => self.plain(),
            2 | 3 => self.reduce_only(),
            4 => self.stop(),
            5 => self.cancel(),
            _ => self.move_price(),
        }
        self.hear();
        self.check();
    }

    fn side(&mut self) -> Side {
        if self.rng.chance_ppm(500_000) {
            Side::Buy
        } else {
            Side::Sell
        }
    }

    fn qty(&mut self) -> Decimal {
        Decimal::new(self.rng.between(-1, 60), 3)
    }

    fn near(&mut self) -> Decimal {
        Decimal::from(self.price + self.rng.between(-1_500, 1_500))
    }

    /// Refusals are part of the game: only their effects are judged.
    fn plain(&mut self) {
        let order = NewOrder::market(SYMBOL, self.side(), self.qty());
        self.venue.place_order(order, self.now_ms).ok();
    }

    fn reduce_only(&mut self) {
        let (side, qty, price) = (self.side(), self.qty(), self.near());
        let order = if self.rng.chance_ppm(400_000) {
            NewOrder::market(SYMBOL, side, qty)
        } else {
            NewOrder::limit(SYMBOL, side, qty, price)
        };
        self.venue
            .place_order(order.reduce_only(), self.now_ms)
            .ok();
    }

    fn stop(&mut self) {
        let (side, qty, trigger) = (self.side(), self.qty(), self.near());
        let stop = if self.rng.chance_ppm(500_000) {
            NewAlgo::close_position(SYMBOL, side, AlgoKind::StopMarket, trigger)
        } else {
            NewAlgo::reduce_only_stop(SYMBOL, side, qty, trigger)
        };
        self.venue.place_algo(stop, self.now_ms).ok();
    }

    /// A late expiry may come first, so even a cancel of what is open can be refused.
    fn cancel(&mut self) {
        let order = self.venue.open_orders().next().map(|order| order.id);
        let algo = self.venue.open_algos().next().map(|algo| algo.id);
        if let Some(id) = order.filter(|_| self.rng.chance_ppm(500_000)) {
            self.venue
                .cancel_order(SYMBOL, OrderRef::Id(id), self.now_ms)
                .ok();
        } else if let Some(id) = algo {
            self.venue.cancel_algo(OrderRef::Id(id), self.now_ms).ok();
        }
    }

    fn move_price(&mut self) {
        self.price = (self.price + self.rng.between(-900, 900)).clamp(40_000, 80_000);
        let update = PriceUpdate::at(Decimal::from(self.price));
        self.venue
            .on_price(SYMBOL, update, self.now_ms)
            .expect("a plausible price");
    }

    fn hear(&mut self) {
        for event in self.venue.take_events() {
            self.story.push_str(&user_event_json(&event));
            self.follow(&event);
        }
    }

    /// Follows the position by fills alone; a reduce-only fill may only bring it nearer to zero.
    fn follow(&mut self, event: &VenueEvent) {
        let EventBody::Order(update) = &event.body else {
            return;
        };
        let Some(trade) = update.trade.as_ref() else {
            return;
        };
        assert_eq!(update.execution, Execution::Trade);
        assert!(trade.qty > Decimal::ZERO);
        let signed = if trade.side == Side::Buy {
            trade.qty
        } else {
            -trade.qty
        };
        let after = self.position + signed;
        if update.order.reduce_only {
            assert!(
                after.abs() < self.position.abs(),
                "grew by {signed}: {:?}",
                update.order
            );
            let turned =
                !after.is_zero() && after.is_sign_negative() != self.position.is_sign_negative();
            assert!(!turned, "turned round by {signed}: {:?}", update.order);
        }
        self.position = after;
    }

    fn check(&self) {
        let position = self.venue.position(SYMBOL).expect("the symbol is traded");
        assert_eq!(position.qty, self.position, "the fills do not add up");
        for side in [Side::Buy, Side::Sell] {
            let orders = self.venue.open_orders_of(SYMBOL);
            let resting = orders.filter(|order| order.reduce_only && order.side == side);
            let sum: Decimal = resting.map(|order| order.qty - order.filled).sum();
            assert!(sum <= position.closable_by(side), "{side:?} rests {sum}");
        }
        for order in self.venue.all_orders() {
            let filled = order.status == OrderStatus::Filled;
            assert!(order.filled <= order.qty && filled == (order.filled == order.qty));
        }
    }

    /// Wallet = opening balance + realised profit - fees of all trades.
    fn check_money(&self) {
        let trades = self.venue.trades();
        let sum: Decimal = trades.map(|trade| trade.realized - trade.fee).sum();
        let config = VenueConfig::default();
        assert_eq!(self.venue.account_totals().wallet, config.wallet + sum);
    }
}

fn play(seed: u64, steps: usize) -> String {
    let mut play = Play::new(seed);
    play.move_price();
    for _ in 0..steps {
        play.step();
    }
    play.check_money();
    play.story
}

/// A failing seed is printed; it needs no file to be found again.
fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn reduce_only_never_turns_a_position_and_the_books_add_up(seed in any::<u64>()) {
        play(seed, 250);
    }

    #[test]
    fn the_same_seed_tells_the_same_story(seed in any::<u64>()) {
        prop_assert_eq!(play(seed, 60), play(seed, 60));
    }
}

#[test]
fn long_plays_reach_every_ending_of_an_order() {
    let story: String = (0..40).map(|seed| play(seed, 250)).collect();
    let endings = [
        "TRIGGERING",
        "FINISHED",
        "REJECTED",
        "EXPIRED",
        "CANCELED",
        "AMENDMENT",
    ];
    for ending in endings {
        assert!(
            story.contains(&format!("\"{ending}\"")),
            "{ending} was never reached"
        );
    }
}
