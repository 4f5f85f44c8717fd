//! Every incumbent through the same hours, with the flags at LEGACY: its intents are, byte for
//! byte, those of the golden file (M016), also where advice, risk states, plans and answers are on
//! the bus (M108).
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use bus::{Heard, Message};
use domain::ids::ClientOrderId;
use domain::intent::{OrderIntent, Wish};
use domain::market::{MarkTick, MarketContext};
use domain::mode::Flags;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::plan::build::{PlanInputs, build};
use domain::plan::convert::to_dynamic_tpsl;
use domain::plan::request::PlanReply;
use domain::policy::Policy;
use domain::signal::{RiskMode, RiskState, RlHint};
use domain::snapshot::PositionSnapshot;
use domain::{Account, Epoch, Position, PositionKey, Price, Qty};
use domain::{Ratio, Side, Symbol, Timestamp};
use legacy::{Incumbent, Role, roles};
use runtime::Actor;
use rust_decimal::Decimal;
use support::venue::Venue;
use support::*;

const START: i64 = 1_795_178_160_000;
const ENTRY: &str = "1000";

/// Seconds from one look to the next: a mark must not grow old in between.
const STEP: usize = 2;
/// A path of the mark: seconds after the opening, and the change since entry in basis points, in
/// the position's favour; straight lines in between.
type Path = &'static [(i64, i64)];
const TREND: Path = &[
    (0, 0),
    (60, 30),
    (240, 90),
    (246, 60),
    (600, 60),
    (606, 160),
    (900, 160),
    (906, 330),
    (1_200, 280),
    (1_206, 560),
    (1_500, 480),
    (1_506, 780),
    (1_900, 780),
    (1_906, 1_060),
    (2_100, 900),
    (2_300, 0),
];
/// Nothing happens for longer than an hour, then it ends badly.
const STANDSTILL: Path = &[(0, 0), (30, 20), (3_610, 20), (3_640, -20), (3_700, -600)];
/// The price has jumped beyond every stop in the moment of the opening.
const GAP: Path = &[(0, -300), (60, -310)];
/// Name, the second from which on the mark is told as it is (before that: entry), the mark.
const SCRIPTS: [(&str, i64, Path); 4] = [
    ("trend", 0, TREND),
    ("standstill", 0, STANDSTILL),
    ("gap", 0, GAP),
    ("gap that is told late", 1, GAP),
];

fn change(script: Path, second: i64) -> Decimal {
    let ends = script.windows(2).find(|ends| second <= ends[1].0);
    let Some([(from, low), (to, high)]) = ends else {
        return Decimal::new(script.last().unwrap().1, 4);
    };
    let part = Decimal::from((high - low) * (second - from)) / Decimal::from(to - from);
    ((Decimal::from(*low) + part) / dec("10000")).round_dp(6)
}

fn opened(side: Side) -> PositionSnapshot {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let quantity = |text: &str| Qty::new(dec(text)).unwrap();
    PositionSnapshot {
        position: Position {
            key: PositionKey {
                account: Account::new("main").unwrap(),
                symbol,
                side,
            },
            epoch: Epoch(1_795_178_160_000),
            qty: quantity("3.217"),
            initial_qty: quantity("3.217"),
            entry_price: price(ENTRY),
            leverage: Decimal::TEN,
            opened_at: Timestamp::from_millis(START),
        },
        instrument: instrument("0.1"),
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: Timestamp::from_millis(START),
        fence: None,
    }
}

struct Replay {
    incumbent: Incumbent,
    venue: Venue,
    noisy: bool,
    second: i64,
    lines: Vec<String>,
}

fn replay(role: &'static Role, noisy: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for side in [Side::Long, Side::Short] {
        for (name, told_from, script) in SCRIPTS {
            lines.push(format!("# {side} {name}"));
            let mark = moved(ENTRY, side, change(script, 0));
            let mut replay = Replay {
                incumbent: Incumbent::new(role, Flags::default(), 1, Policy::default()),
                venue: Venue::new(opened(side), mark),
                noisy,
                second: 0,
                lines: Vec::new(),
            };
            let last = script.last().unwrap().0;
            for second in (0..=last).step_by(STEP) {
                let mark = moved(ENTRY, side, change(script, second));
                let told = if second < told_from {
                    price(ENTRY)
                } else {
                    mark
                };
                replay.step(second, mark, told);
            }
            lines.append(&mut replay.lines);
        }
    }
    lines
}

impl Replay {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(START + self.second * 1_000)
    }

    fn step(&mut self, second: i64, mark: Price, told: Price) {
        self.second = second;
        self.venue.mark = mark;
        if second == 6 {
            self.strangers_orders();
        }
        if self.noisy && second % 10 == 0 {
            self.noise();
        }
        self.hear(Heard::Mark(self.tick(told)));
        let now = self.now();
        for event in self.venue.fill(now) {
            let name = &event.client_order_id;
            let (status, filled) = (event.status, event.filled_qty);
            self.lines
                .push(format!("{second} venue: {name} {status} {filled}"));
            self.hear(Heard::Event(event));
        }
        self.see();
        let mut out = Vec::new();
        self.incumbent.beat(now, &mut out);
        self.take(&out);
    }

    fn see(&mut self) {
        self.venue.snapshot.at = self.now();
        self.venue.snapshot.sequence += 1;
        self.hear(Heard::Position(self.venue.snapshot.clone()));
    }

    /// The account's owner protects the position too, far away.
    fn strangers_orders(&mut self) {
        let side = self.venue.snapshot.position.key.side;
        let stop = CloseOrder::DisasterStop {
            trigger: moved(ENTRY, side, dec("-0.05")),
        };
        let limit = CloseOrder::Limit {
            qty: Qty::new(dec("0.1")).unwrap(),
            price: moved(ENTRY, side, dec("0.12")),
        };
        let since = self.now();
        let orders = [("web_1", stop), ("web_2", limit)].map(|(name, order)| RestingOrder {
            client_order_id: ClientOrderId::new(name).unwrap(),
            order,
            status: OrderStatus::Accepted,
            filled_qty: Qty::ZERO,
            since,
        });
        self.venue.snapshot.orders.extend(orders);
    }

    fn tick(&self, mark_price: Price) -> MarkTick {
        MarkTick {
            symbol: self.venue.snapshot.position.key.symbol.clone(),
            mark_price,
            index_price: None,
            event_at: self.now(),
            received_at: self.now(),
            sequence: 1,
        }
    }

    fn hear(&mut self, heard: Heard) {
        let mut out = Vec::new();
        self.incumbent.hear(self.now(), heard, &mut out);
        self.take(&out);
    }

    fn take(&mut self, out: &[Message]) {
        for message in out {
            match bus::decode(message).unwrap() {
                Heard::Intent(intent) => self.obey(&intent),
                Heard::Health(_) => {}
                _ => self
                    .lines
                    .push(format!("{} {}", self.second, message.subject)),
            }
        }
    }

    fn obey(&mut self, intent: &OrderIntent) {
        self.lines.push(format!("{} {}", self.second, told(intent)));
        let event = self.venue.take(intent, self.now());
        if let Some(code) = event.code {
            let name = &event.client_order_id;
            self.lines
                .push(format!("{} venue: {name} {code}", self.second));
        }
        self.hear(Heard::Event(event));
        self.see();
    }

    /// Everything that the brain and those who advise it say.
    fn noise(&mut self) {
        let (now, position) = (self.now(), self.venue.snapshot.position.clone());
        let wild = |shift: i64| Some(Ratio::basis_points((self.second * 37 + shift) % 1_500 + 1));
        let hint = RlHint {
            symbol: position.key.symbol.clone(),
            take_profit: wild(1),
            stop_loss: wild(2),
            trail: wild(3),
            confidence: Some(Ratio::basis_points(9_500)),
            signal_confidence: Some(Ratio::basis_points(9_900)),
            strategy: None,
            at: now,
        };
        let risk = RiskState {
            mode: RiskMode::Critical,
            heat: Some(Ratio::basis_points(9_000)),
            equity: None,
            at: now,
        };
        self.hear(Heard::Rl(hint.clone()));
        self.hear(Heard::Risk(risk.clone()));
        let context = MarketContext::unknown(position.key.symbol.clone(), now);
        let inputs = PlanInputs {
            position: &position,
            mark_price: Some(self.venue.mark),
            context: &context,
            hint: Some(&hint),
            risk: risk.mode,
            heat: risk.heat,
            equity: risk.equity,
            is_equity_old: false,
        };
        let policy = Policy::default();
        let Ok(plan) = build(&inputs, &policy, now) else {
            return;
        };
        let reply = PlanReply {
            id: 1,
            module: self.incumbent.module().clone(),
            key: position.key.clone(),
            epoch: position.epoch,
            answer: to_dynamic_tpsl(&plan, &policy).map_err(|error| error.to_string()),
            at: now,
        };
        self.hear(Heard::Plan(plan));
        self.hear(Heard::PlanReply(reply));
    }
}

/// Everything of an intent but its dates: they follow from the second that stands before it.
fn told(intent: &OrderIntent) -> String {
    let wish = match &intent.wish {
        Wish::Place { order, .. } => match order {
            CloseOrder::Market { qty } => format!("market {qty}"),
            CloseOrder::Limit { qty, price } => format!("limit {qty} at {price}"),
            CloseOrder::Stop { qty, trigger } => format!("stop {qty} at {trigger}"),
            CloseOrder::DisasterStop { trigger } => format!("close-position stop at {trigger}"),
        },
        Wish::Cancel { conditional, .. } => format!("cancel conditional={conditional}"),
    };
    let valid = intent.expires_at.since(intent.created_at);
    let reason = shown(intent.stop_reason);
    format!(
        "{} #{} {} {} {wish} {} {reason} {:?} confidence={} fence={} valid={}ms plan={}",
        intent.module,
        intent.sequence,
        intent.id,
        intent.kind,
        intent.decision,
        intent.reason,
        intent.confidence,
        intent.fence,
        valid.millis(),
        shown(intent.plan_id),
    )
}

fn check(role: &'static Role, file: &str, golden: &str) {
    compare(file, golden, &replay(role, false));
    compare(&format!("noisy_{file}"), golden, &replay(role, true));
}

macro_rules! replays {
    ($($test:ident $role:ident $file:literal,)*) => {$(
        #[test]
        fn $test() {
            check(&roles::$role, $file, include_str!(concat!("golden/", $file)));
        }
    )*};
}

replays! {
    position_monitor_does_what_it_did POSITION_MONITOR "replay_position_monitor.txt",
    trailing_stop_manager_does_what_it_did TRAILING_STOP_MANAGER
        "replay_trailing_stop_manager.txt",
    dynamic_tpsl_does_what_it_did DYNAMIC_TPSL "replay_dynamic_tpsl.txt",
    hybrid_tpsl_does_what_it_did HYBRID_TPSL "replay_hybrid_tpsl.txt",
    dynamic_trailing_rearm_does_what_it_did DYNAMIC_TRAILING_REARM
        "replay_dynamic_trailing_rearm.txt",
    event_driven_executor_does_what_it_did EVENT_DRIVEN_EXECUTOR
        "replay_event_driven_executor.txt",
}
