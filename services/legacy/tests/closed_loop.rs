//! The monitor against the guard's own rules and a venue that fits on a page: whatever the mark
//! does, the position keeps its stop, the stop only tightens, and orders don't churn.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use bus::{Heard, Message};
use domain::guard::{GuardView, Memory, review};
use domain::instrument::{Instrument, LotFilter};
use domain::intent::{OrderIntent, Wish};
use domain::market::MarkTick;
use domain::mode::{Flags, Mode};
use domain::num::Money;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::policy::Policy;
use domain::snapshot::PositionSnapshot;
use domain::{Account, Epoch, Position, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp};
use legacy::{Incumbent, roles};
use runtime::Actor;
use rust_decimal::Decimal;

const STEPS: u32 = 4_000;
const SEEDS: u64 = 40;
/// Beats between a request and the order that rests.
const LATENCY: Span = Span::from_millis(200);

/// A fixed sequence from a seed (Knuth's MMIX constants).
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

struct World {
    monitor: Incumbent,
    memory: Memory,
    snapshot: PositionSnapshot,
    mark: Decimal,
    due: Vec<(Timestamp, OrderIntent)>,
    intents: BTreeMap<String, u32>,
    now: Timestamp,
    bare_since: Option<Timestamp>,
    tightest: Option<Price>,
}

fn tenths(value: i64) -> Decimal {
    Decimal::new(value, 1)
}

fn world(side: Side) -> World {
    let now = Timestamp::from_millis(1_795_178_160_000);
    let qty = |text: &str| Qty::new(text.parse().unwrap()).unwrap();
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let lot = LotFilter {
        step: Decimal::new(1, 3),
        min: qty("0.001"),
        max: qty("1000"),
    };
    let position = Position {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: symbol.clone(),
            side,
        },
        epoch: Epoch(1_795_178_160_000),
        qty: qty("3.217"),
        initial_qty: qty("3.217"),
        entry_price: Price::new(tenths(10_000)).unwrap(),
        leverage: Decimal::TEN,
        opened_at: now,
    };
    let snapshot = PositionSnapshot {
        position,
        instrument: Instrument {
            symbol,
            tick_size: tenths(1),
            lot,
            market_lot: lot,
            min_notional: Money::new(Decimal::from(5)),
            percent_price: None,
        },
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: now,
        fence: None,
    };
    World {
        monitor: Incumbent::new(
            &roles::POSITION_MONITOR,
            Flags::default(),
            1,
            Policy::default(),
        ),
        memory: Memory::default(),
        snapshot,
        mark: tenths(10_000),
        due: Vec::new(),
        intents: BTreeMap::new(),
        now,
        bare_since: None,
        tightest: None,
    }
}

impl World {
    fn step(&mut self, number: u32, random: &mut Lcg) {
        self.now = self.now + Span::from_millis(100);
        if number.is_multiple_of(10) {
            let drift = i64::try_from(random.below(41)).unwrap() - 20;
            self.mark = (self.mark + tenths(drift)).max(tenths(1));
            self.hear(Heard::Mark(self.tick()));
        }
        self.execute();
        self.fill();
        self.snapshot.at = self.now;
        self.snapshot.sequence += 1;
        if self.snapshot.position.qty.is_zero() {
            self.snapshot.flat_proven = true;
        }
        self.hear(Heard::Position(self.snapshot.clone()));
        let mut out = Vec::new();
        self.monitor.beat(self.now, &mut out);
        self.take(&out);
        self.judge();
    }

    fn tick(&self) -> MarkTick {
        MarkTick {
            symbol: self.snapshot.position.key.symbol.clone(),
            mark_price: Price::new(self.mark).unwrap(),
            index_price: None,
            event_at: self.now,
            received_at: self.now,
            sequence: 1,
        }
    }

    fn hear(&mut self, heard: Heard) {
        let mut out = Vec::new();
        self.monitor.hear(self.now, heard, &mut out);
        self.take(&out);
    }

    fn take(&mut self, out: &[Message]) {
        for message in out {
            if let Heard::Intent(intent) = bus::decode(message).unwrap() {
                let asked = self.intents.entry(intent.id.to_string()).or_default();
                *asked += 1;
                assert_eq!(*asked, 1, "{} was asked for twice", intent.id);
                self.due.push((self.now + LATENCY, intent));
            }
        }
    }

    /// The guard's rules, then the venue.
    fn execute(&mut self) {
        let now = self.now;
        let (due, later) = self.due.drain(..).partition(|(at, _)| *at <= now);
        self.due = later;
        let due: Vec<(Timestamp, OrderIntent)> = due;
        for (_, intent) in due {
            let view = GuardView {
                mode: Mode::Shadow,
                snapshot: Some(&self.snapshot),
                now,
            };
            let is_close = matches!(intent.wish, Wish::Place { .. });
            match review(intent, &view, &mut self.memory) {
                Ok(approved) => self.apply(approved.into_intent().wish),
                // A fill in between can make an order too large or moot; a cancel never fails.
                Err(reason) => assert!(
                    is_close && matches!(reason.code(), "QUANTITY_EXCEEDS" | "POSITION_FLAT"),
                    "{reason}"
                ),
            }
        }
    }

    fn apply(&mut self, wish: Wish) {
        match wish {
            Wish::Cancel { target, .. } => {
                self.snapshot
                    .orders
                    .retain(|order| order.client_order_id != target);
            }
            Wish::Place {
                order: CloseOrder::Market { qty },
                ..
            } => self.close(qty),
            Wish::Place {
                client_order_id,
                order,
            } => self.snapshot.orders.push(RestingOrder {
                client_order_id,
                order,
                status: OrderStatus::Accepted,
                filled_qty: Qty::ZERO,
                since: self.now,
            }),
        }
    }

    fn fill(&mut self) {
        let side = self.snapshot.position.key.side;
        let mark = Price::new(self.mark).unwrap();
        let reached = |order: &RestingOrder| match order.order {
            CloseOrder::Stop { trigger, .. } => side.stop_reached(trigger, mark),
            CloseOrder::Limit { price, .. } => side.target_reached(price, mark),
            _ => false,
        };
        let orders = std::mem::take(&mut self.snapshot.orders);
        let (filled, resting) = orders.into_iter().partition(reached);
        self.snapshot.orders = resting;
        let filled: Vec<RestingOrder> = filled;
        for order in filled {
            self.close(order.order.qty().unwrap());
        }
    }

    fn close(&mut self, qty: Qty) {
        let position = &mut self.snapshot.position;
        position.qty = position.qty.saturating_sub(qty);
    }

    fn judge(&mut self) {
        let open = self.snapshot.position.is_open();
        if open && self.snapshot.protected_qty() < self.snapshot.position.qty {
            let since = *self.bare_since.get_or_insert(self.now);
            assert!(
                self.now.since(since) <= Span::from_secs(1),
                "bare for too long"
            );
        } else {
            self.bare_since = None;
        }
        let side = self.snapshot.position.key.side;
        let stops = self
            .snapshot
            .orders
            .iter()
            .filter_map(|order| order.order.stop_trigger());
        let Some(best) = stops.reduce(|a, b| side.tighter(a, b)) else {
            return;
        };
        let looser = self
            .tightest
            .is_some_and(|known| side.is_tighter(known, best));
        assert!(!looser, "{best} is looser than {:?}", self.tightest);
        self.tightest = Some(best);
    }
}

#[test]
fn whatever_the_mark_does_the_position_keeps_its_stop() {
    let mut closed = 0;
    for seed in 0..SEEDS {
        for side in [Side::Long, Side::Short] {
            let mut world = world(side);
            let mut random = Lcg(seed);
            for number in 0..STEPS {
                world.step(number, &mut random);
            }
            // A stop moves by 0.1 % at least, and a life has a handful of targets.
            let asked = world.intents.len();
            assert!(asked < 150, "seed {seed} {side}: {asked} intents");
            if !world.snapshot.position.is_open() {
                closed += 1;
                assert_eq!(world.snapshot.orders, [], "seed {seed} {side}: not swept");
            }
        }
    }
    assert!(closed > 0, "some lives end");
}
