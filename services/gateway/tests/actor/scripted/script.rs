//! One episode: positions held by a bot, wishes of the four close kinds and cancels, a fault for
//! each, then quiet, then the judge.

use std::collections::{BTreeMap, BTreeSet};

use binance::stream::StreamItem;
use domain::intent::{OrderIntent, Wish};
use domain::order::CloseOrder;
use domain::{Epoch, LegId, Price, Qty, Side};
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{SymbolSpec, VenueConfig};
use paper_exchange::wire::{WireRequest, handle};
use rust_decimal::Decimal;

use super::judge::{Claim, Report};
use super::menu::{CANCELING, Does, EVENTS, PLACING};
use super::mischief::{Double, Shared};
use crate::world::{BTC, World};

/// Wishes per episode: enough that faults meet each other, few enough that all is settled soon.
const WISHES: usize = 60;
/// After the last fault everything must be known this much later: a whole round of reads, the
/// settling time of an unknown order, and a pause or two between questions.
const SETTLE_MS: i64 = 30_000;
/// What the bot holds of each side.
const HELD: &str = "8";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    OneWay,
    Hedge,
}

pub struct Episode {
    world: World,
    way: Shared,
    rng: SplitMix64,
    mode: Mode,
    seed: u64,
    sides: Vec<Side>,
    generations: BTreeMap<(Side, Epoch, LegId), u32>,
    placed: Vec<OrderIntent>,
    canceled: BTreeSet<String>,
    bot: u32,
    mark: i64,
}

impl Episode {
    /// The seed says everything, the position mode included.
    pub fn new(seed: u64, double: Option<Double>) -> Self {
        let mode = match seed % 2 {
            0 => Mode::Hedge,
            _ => Mode::OneWay,
        };
        let mut world = World::with(VenueConfig {
            symbols: vec![SymbolSpec::named(BTC).unwrap()],
            ..VenueConfig::default()
        });
        if mode == Mode::Hedge {
            let switch = "dualSidePosition=true";
            let request = WireRequest::new("POST", "/fapi/v1/positionSide/dual", switch);
            let answer = handle(&mut world.venue, &request, world.now_ms);
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        let way = Shared::new(seed, double);
        world.way = Some(Box::new(way.clone()));
        let mut rng = SplitMix64::new(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let sides = match mode {
            Mode::Hedge => vec![Side::Long, Side::Short],
            Mode::OneWay if rng.below(2) == 0 => vec![Side::Long],
            Mode::OneWay => vec![Side::Short],
        };
        world.start();
        world.run(500);
        assert!(world.gateway.is_ready(), "{:?}", world.gateway.counters());
        Self {
            world,
            way,
            rng,
            mode,
            seed,
            sides,
            generations: BTreeMap::new(),
            placed: Vec::new(),
            canceled: BTreeSet::new(),
            bot: 0,
            mark: 60_000,
        }
    }

    pub fn play(mut self) -> Report {
        for _ in 0..WISHES {
            self.hold();
            match self.rng.below(10) {
                0..=1 => self.mark_moves(),
                2..=3 => self.cancels(),
                _ => self.places(),
            }
            let pause = i64::try_from(self.rng.below(300)).unwrap();
            self.world.run(pause + 1);
        }
        self.way.0.borrow_mut().is_over = true;
        self.world.run(SETTLE_MS);
        self.report()
    }

    /// The bot sees to it that each side stays open.
    fn hold(&mut self) {
        for side in self.sides.clone() {
            if self.held(side) >= Decimal::ONE {
                continue;
            }
            self.bot += 1;
            let (direction, leg) = match side {
                Side::Long => ("BUY", "LONG"),
                Side::Short => ("SELL", "SHORT"),
            };
            let leg = match self.mode {
                Mode::OneWay => String::new(),
                Mode::Hedge => format!("&positionSide={leg}"),
            };
            let name = format!("bot-{}", self.bot);
            let order = format!("symbol={BTC}&side={direction}&type=MARKET&quantity={HELD}");
            let text = format!("{order}&newClientOrderId={name}{leg}");
            let request = WireRequest::new("POST", "/fapi/v1/order", &text);
            let answer = handle(&mut self.world.venue, &request, self.world.now_ms);
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.world.run(200);
        }
    }

    /// What the venue holds of a side, as its own list says.
    fn held(&mut self, side: Side) -> Decimal {
        let query = format!("symbol={BTC}&timestamp={}", self.world.now_ms);
        let request = WireRequest::new("GET", "/fapi/v3/positionRisk", &query);
        let answer = handle(&mut self.world.venue, &request, self.world.now_ms);
        let rows = binance::response::position_risk(&answer.body).unwrap();
        let sign = side.sign();
        let amounts = rows.iter().map(|row| row.position_amt * sign);
        amounts.filter(|amount| *amount > Decimal::ZERO).sum()
    }

    fn mark_moves(&mut self) {
        let step = i64::try_from(self.rng.below(1_200)).unwrap() - 600;
        self.mark = (self.mark + step).clamp(57_000, 63_000);
        self.world.mark(&self.mark.to_string());
    }

    /// A price so many dollars on the losing side of the mark.
    fn behind(&self, side: Side, by: i64) -> Price {
        let at = match side {
            Side::Long => self.mark - by,
            Side::Short => self.mark + by,
        };
        Price::new(Decimal::from(at)).unwrap()
    }

    fn wish(&mut self, side: Side) -> (LegId, CloseOrder) {
        let step = i64::try_from(self.rng.below(1_500)).unwrap() + 50;
        let lots = i64::try_from(self.rng.below(90)).unwrap() + 10;
        let qty = Qty::new(Decimal::new(lots, 3)).unwrap();
        let rung = u8::try_from(self.rng.below(40) + 1).unwrap();
        match self.rng.below(8) {
            0 => {
                let trigger = self.behind(side, 9_000 + step);
                (LegId::Disaster, CloseOrder::DisasterStop { trigger })
            }
            1..=2 => {
                let trigger = self.behind(side, step);
                (LegId::Stop, CloseOrder::Stop { qty, trigger })
            }
            3..=4 => {
                let price = self.behind(side, -step);
                (LegId::TakeProfit(rung), CloseOrder::Limit { qty, price })
            }
            _ => (LegId::Partial(rung), CloseOrder::Market { qty }),
        }
    }

    fn places(&mut self) {
        let index = self.rng.below(u64::try_from(self.sides.len()).unwrap());
        let side = self.sides[usize::try_from(index).unwrap()];
        let open = self
            .world
            .snapshots(side)
            .last()
            .map(|s| s.position.clone());
        let Some(position) = open.filter(|position| position.is_open()) else {
            return;
        };
        let (leg, order) = self.wish(side);
        let taken = self.generations.entry((side, position.epoch, leg));
        let generation = taken.or_default();
        *generation += 1;
        let intent = self.world.intent(side, leg, *generation, order);
        let id = intent.client_order_id().as_str().to_owned();
        let pick = self.rng.below(u64::try_from(PLACING.len()).unwrap());
        let fault = PLACING[usize::try_from(pick).unwrap()];
        self.way.0.borrow_mut().placing(&id, fault);
        if self.rng.below(3) == 0 {
            let pick = self.rng.below(u64::try_from(EVENTS.len()).unwrap());
            let fault = EVENTS[usize::try_from(pick).unwrap()];
            self.way.0.borrow_mut().also(&id, fault);
        }
        if matches!(fault.does, Does::Cut) {
            self.way.0.borrow_mut().note(&id, fault.name);
            self.with_the_stream_cut(&intent);
        } else {
            self.world.approve(&intent);
        }
        self.placed.push(intent);
    }

    fn with_the_stream_cut(&mut self, intent: &OrderIntent) {
        self.world.break_stream();
        self.world.deaf = true;
        self.world.approve(intent);
        let pause = i64::try_from(self.rng.below(2_000)).unwrap();
        self.world.run(pause + 1);
        self.world.deaf = false;
        self.world.stream(StreamItem::Connected);
    }

    fn cancels(&mut self) {
        let rests = |intent: &&OrderIntent| {
            let id = intent.client_order_id().as_str();
            let venue = &self.world.venue;
            venue.open_orders().any(|o| o.client_id == id)
                || venue.open_algos().any(|a| a.client_id == id)
        };
        let resting: Vec<OrderIntent> = self.placed.iter().filter(rests).cloned().collect();
        if resting.is_empty() {
            return;
        }
        let index = self.rng.below(u64::try_from(resting.len()).unwrap());
        let target = &resting[usize::try_from(index).unwrap()];
        let id = target.client_order_id().as_str().to_owned();
        if !self.canceled.insert(id.clone()) {
            return;
        }
        let pick = self.rng.below(u64::try_from(CANCELING.len()).unwrap());
        let fault = CANCELING[usize::try_from(pick).unwrap()];
        self.way.0.borrow_mut().canceling(&id, fault);
        let cancel = self.world.cancel_of(target, 1);
        self.world.approve(&cancel);
    }

    fn report(mut self) -> Report {
        let mut report = Report::default();
        let whose = format!("seed {} {:?}", self.seed, self.mode);
        for side in self.sides.clone() {
            let held = self.held(side);
            let told = self.world.snapshot(side).position.qty.get();
            if held != told {
                report
                    .pictures
                    .push(format!("{whose} {side}: told {told}, is {held}"));
            }
        }
        let way = self.way.0.borrow();
        assert!(
            way.record.agrees_with(&self.world.venue),
            "{whose}: events are missing"
        );
        for intent in &self.placed {
            let id = intent.client_order_id();
            let events = self.world.events(id);
            let last = events.last().expect("a word");
            let mut faults = way.acted.get(id.as_str()).cloned().unwrap_or_default();
            report.orders += usize::from(!faults.is_empty());
            let on_cancel = way.acted_on_cancels.get(id.as_str());
            report.cancels += usize::from(on_cancel.is_some());
            faults.extend(on_cancel.into_iter().flatten());
            let claim = Claim {
                id: id.as_str(),
                asked: asked(intent),
                word: last.status,
                filled: last.filled_qty.get(),
                whose: &whose,
            };
            report.judge(&claim, &way.record.truth(id.as_str()), &faults);
        }
        report
    }
}

fn asked(intent: &OrderIntent) -> Option<Decimal> {
    match &intent.wish {
        Wish::Place { order, .. } => order.qty().map(Qty::get),
        Wish::Cancel { .. } => None,
    }
}
