//! Random trading, random faults, restarts: whatever happened, when the faults end the picture is
//! the venue's, and no order was ever sent twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use binance::outcome::classify;
use binance::stream::StreamItem;
use binance::{Method, Outcome};
use domain::ids::ClientOrderId;
use domain::order::{CloseOrder, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, LegId, Side};
use paper_exchange::faults::{
    EventAction, EventFault, FaultPlan, Often, RequestAction, RequestFault,
};
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{NewOrder, Side as Dir};
use rust_decimal::Decimal;

use crate::world::{BTC, World, dec, live_flags, price, qty};

/// Seeds that are run each time.
const SEEDS: u64 = 8;
/// Names other seeds to run, `from..to`: one that failed, or many in a long night.
const SEEDS_VARIABLE: &str = "GATEWAY_CHAOS_SEEDS";
const STEPS: u64 = 120;

struct Chaos {
    world: World,
    rng: SplitMix64,
    generations: BTreeMap<(Epoch, LegId), u32>,
    placed: Vec<domain::intent::OrderIntent>,
    bot: u32,
}

fn plan(seed: u64) -> FaultPlan {
    let request = |ppm, action| RequestFault {
        method: None,
        path: None,
        contains: None,
        often: Often::ppm(ppm),
        action,
    };
    let event = |ppm, action| EventFault {
        name: None,
        often: Often::ppm(ppm),
        action,
    };
    FaultPlan {
        seed,
        requests: vec![
            request(60_000, RequestAction::ExecuteThenUnknown),
            request(40_000, RequestAction::ExecuteThenTimeout),
            request(40_000, RequestAction::LoseThenUnknown),
            request(20_000, RequestAction::RefuseOverload),
            request(20_000, RequestAction::RefuseInternal),
        ],
        events: vec![
            event(80_000, EventAction::Lose),
            event(80_000, EventAction::Duplicate),
            event(80_000, EventAction::Delay { ms: 700 }),
        ],
        ..FaultPlan::default()
    }
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let mut world = World::ready();
        world.follow(plan(seed));
        Self {
            world,
            rng: SplitMix64::new(seed),
            generations: BTreeMap::new(),
            placed: Vec::new(),
            bot: 0,
        }
    }

    fn step(&mut self) {
        match self.rng.below(20) {
            0..=3 => self.bot_trades(),
            4..=5 => self.mark_moves(),
            6..=12 => self.executor_places(),
            13..=14 => self.executor_cancels(),
            15 => self.stream_breaks(),
            16 if self.rng.below(4) == 0 => self.world.restart(live_flags()),
            _ => {}
        }
        let pause = i64::try_from(self.rng.below(900)).unwrap();
        self.world.run(pause + 1);
    }

    fn bot_trades(&mut self) {
        self.bot += 1;
        let side = if self.rng.below(2) == 0 {
            Dir::Buy
        } else {
            Dir::Sell
        };
        let amount = Decimal::new(i64::try_from(self.rng.below(9) + 1).unwrap(), 1);
        let order = NewOrder::market(BTC, side, amount);
        let order = order.with_client_id(&format!("bot-{}", self.bot));
        let now_ms = self.world.now_ms;
        self.world.venue.place_order(order, now_ms).unwrap();
    }

    fn mark_moves(&mut self) {
        let to = 57_000 + self.rng.below(6_000);
        self.world.mark(&to.to_string());
    }

    fn stream_breaks(&mut self) {
        self.world.break_stream();
        self.world.deaf = true;
        let pause = i64::try_from(self.rng.below(3_000)).unwrap();
        self.world.run(pause + 1);
        self.world.deaf = false;
        self.world.venue.take_events();
        self.world.stream(StreamItem::Connected);
    }

    fn open_side(&self) -> Option<Side> {
        [Side::Long, Side::Short].into_iter().find(|side| {
            let snapshots = self.world.snapshots(*side);
            snapshots.last().is_some_and(|s| s.position.is_open())
        })
    }

    fn executor_places(&mut self) {
        let Some(side) = self.open_side() else { return };
        let position = self.world.snapshot(side).position;
        let (below, above) = match side {
            Side::Long => ("56000", "64000"),
            Side::Short => ("64000", "56000"),
        };
        let (leg, order) = match self.rng.below(4) {
            0 => {
                let trigger = price(below);
                (LegId::Disaster, CloseOrder::DisasterStop { trigger })
            }
            1 => {
                let (qty, trigger) = (position.qty, price(below));
                (LegId::Stop, CloseOrder::Stop { qty, trigger })
            }
            2 => {
                let (qty, price) = (qty("0.1"), price(above));
                (LegId::TakeProfit(1), CloseOrder::Limit { qty, price })
            }
            _ => (LegId::Exit, CloseOrder::Market { qty: qty("0.1") }),
        };
        let generation = self.generations.entry((position.epoch, leg)).or_default();
        *generation += 1;
        let intent = self.world.intent(side, leg, *generation, order);
        self.world.approve(&intent);
        self.placed.push(intent);
    }

    fn executor_cancels(&mut self) {
        if self.placed.is_empty() {
            return;
        }
        let last = u64::try_from(self.placed.len()).unwrap();
        let index = usize::try_from(self.rng.below(last)).unwrap();
        let attempt = u32::try_from(self.world.now_ms % 1_000_000).unwrap();
        let intent = self.placed[index].clone();
        let cancel = self.world.cancel_of(&intent, attempt.into());
        self.world.approve(&cancel);
    }

    /// The faults end, and everything has time to settle.
    fn heal(&mut self) {
        self.world.follow(FaultPlan::default());
        self.world.break_stream();
        self.world.venue.take_events();
        self.world.stream(StreamItem::Connected);
        self.world.run(40_000);
    }

    fn check(&self) {
        self.positions_are_the_venues();
        self.orders_are_the_venues();
        self.no_order_is_in_doubt();
    }

    /// The snapshots of the last second: whatever is open must be among them.
    fn shown(&self) -> BTreeMap<Side, PositionSnapshot> {
        let now = self.world.now_ms;
        let recent = self.world.said.iter().filter(|(at, _)| now - at < 1_100);
        recent
            .filter_map(|(_, heard)| match heard {
                bus::Heard::Position(snapshot) => {
                    Some((snapshot.position.key.side, snapshot.clone()))
                }
                _ => None,
            })
            .collect()
    }

    fn positions_are_the_venues(&self) {
        let held = self.world.venue.position(BTC).unwrap();
        let shown = self.shown();
        for side in [Side::Long, Side::Short] {
            let open = (held.qty * side.sign()).max(dec("0"));
            let Some(last) = shown.get(&side) else {
                assert!(open.is_zero(), "{side} {open} is not shown");
                continue;
            };
            assert_eq!(last.position.qty.get(), open, "{side}");
            assert!(last.complete);
            assert_eq!(last.flat_proven, open.is_zero());
            if open.is_zero() {
                continue;
            }
            assert_eq!(
                last.position.epoch.0,
                u64::try_from(held.opened_ms).unwrap()
            );
            let entry = last.position.entry_price.get();
            assert_eq!(entry.round_dp(6), held.entry.round_dp(6));
        }
    }

    fn orders_are_the_venues(&self) {
        let venue = &self.world.venue;
        let ordinary = venue.open_orders().map(|order| order.client_id.clone());
        let algos = venue.open_algos().map(|algo| algo.client_id.clone());
        let held: BTreeSet<String> = ordinary.chain(algos).collect();
        let shown: BTreeSet<String> = self
            .shown()
            .values()
            .flat_map(|snapshot| &snapshot.orders)
            .map(|order| order.client_order_id.as_str().to_owned())
            .collect();
        assert_eq!(shown, held);
    }

    fn no_order_is_in_doubt(&self) {
        let mut last: BTreeMap<&ClientOrderId, OrderStatus> = BTreeMap::new();
        for (_, heard) in &self.world.said {
            if let bus::Heard::Event(event) = heard {
                last.insert(&event.client_order_id, event.status);
            }
        }
        let venue = &self.world.venue;
        for (id, status) in last {
            let open = venue.open_orders().any(|o| o.client_id == id.as_str())
                || venue.open_algos().any(|a| a.client_id == id.as_str());
            assert!(!(open && status.is_final()), "{id} is open, told {status}");
        }
    }
}

/// Every write that was answered without proof that nothing happened, by name.
fn watch_sends(world: &mut World) {
    let mut doubtful: BTreeSet<String> = BTreeSet::new();
    world.tamper = Some(Box::new(move |call, answer| {
        if call.request.method != Method::Post {
            return answer;
        }
        let id = call.request.param("clientAlgoId");
        let id = id
            .or_else(|| call.request.param("newClientOrderId"))
            .unwrap();
        assert!(!doubtful.contains(id), "{id} was sent again");
        let outcome = classify(Method::Post, &answer);
        let again = matches!(outcome, Outcome::Retryable { .. } | Outcome::Limited { .. });
        if !again {
            doubtful.insert(id.to_owned());
        }
        answer
    }));
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var(SEEDS_VARIABLE) else {
        return 0..SEEDS;
    };
    let (from, to) = text.split_once("..").expect("from..to");
    from.parse().unwrap()..to.parse().unwrap()
}

#[test]
fn when_the_faults_end_the_picture_is_the_venues_and_nothing_was_sent_twice() {
    for seed in seeds() {
        let run = std::panic::catch_unwind(|| {
            let mut chaos = Chaos::new(seed);
            watch_sends(&mut chaos.world);
            for _ in 0..STEPS {
                chaos.step();
            }
            chaos.heal();
            chaos.check();
        });
        assert!(run.is_ok(), "seed {seed} failed");
    }
}
