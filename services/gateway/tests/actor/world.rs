//! A gateway and a paper venue in one thread: calls are answered at once, time moves in beats.

use std::collections::BTreeMap;

use binance::sign::query;
use binance::stream::{StreamEnd, StreamItem};
use binance::{HttpResult, Method, TransportError};
use bus::{Heard, Message};
use domain::ids::ClientOrderId;
use domain::mode::{ExecutorMode, ExitMode, Flags, Kill, Mode, ModeSnapshot, Rollout};
use domain::order::{OrderEvent, OrderStatus};
use domain::snapshot::{Heartbeat, PositionSnapshot};
use domain::{Account, PositionKey, Price, Qty, Side, Span, Symbol, Timestamp};
use gateway::{GatewayActor, GatewayConfig, GatewayEffect, VenueCall, VenueInput};
use paper_exchange::faults::{FaultPlan, Faults};
use paper_exchange::venue::{self, NewOrder, PriceUpdate, SymbolSpec, Venue, VenueConfig};
use paper_exchange::wire::{Fate, WireRequest, user_event_json};
use runtime::Actor;
use rust_decimal::Decimal;

use crate::way::Way;

pub const START_MS: i64 = 1_795_000_000_000;
pub const BTC: &str = "BTCUSDT";
const BEAT_MS: i64 = 100;

/// May change what the venue answered: the call, and its answer.
pub type Tamper = Box<
    dyn FnMut(&VenueCall, Result<HttpResult, TransportError>) -> Result<HttpResult, TransportError>,
>;

pub struct World {
    pub gateway: GatewayActor,
    pub venue: Venue,
    pub faults: Faults,
    pub now_ms: i64,
    pub calls: Vec<(i64, VenueCall)>,
    pub said: Vec<(i64, Heard)>,
    pub tamper: Option<Tamper>,
    pub way: Option<Box<dyn Way>>,
    /// Events don't reach the gateway.
    pub deaf: bool,
    /// So many writes don't even reach the venue.
    pub unplugged: u32,
    pub renewals: u32,
    pub quiet_since: i64,
    pub mode: Option<Mode>,
    pub guard: nkeys::KeyPair,
    pub guard_boot: u64,
    pub sequence: u64,
    pub recv_window: Span,
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub fn btc() -> Symbol {
    Symbol::new(BTC).unwrap()
}

pub fn key(side: Side) -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: btc(),
        side,
    }
}

pub fn live_flags() -> Flags {
    Flags {
        exit_mode: ExitMode::ExitBrainV3,
        executor_mode: ExecutorMode::Live,
        rollout: Rollout::Enabled,
        ..Flags::default()
    }
}

fn actor(flags: Flags, now_ms: i64, guard: &nkeys::KeyPair, recv_window: Span) -> GatewayActor {
    GatewayActor::new(GatewayConfig {
        account: Account::new("main").unwrap(),
        flags,
        boot: u64::try_from(now_ms * 1_000).unwrap(),
        ownership: runtime::Ownership::from_boot(1),
        instance: "one".into(),
        guard_key: nkeys::KeyPair::from_public_key(&guard.public_key()).unwrap(),
        symbols: None,
        recv_window,
    })
}

impl World {
    /// A venue with prices and a gateway that has not been started.
    pub fn cold() -> Self {
        Self::with(VenueConfig {
            symbols: vec![
                SymbolSpec::named(BTC).unwrap(),
                SymbolSpec::named("ETHUSDT").unwrap(),
            ],
            ..VenueConfig::default()
        })
    }

    pub fn with(config: VenueConfig) -> Self {
        let symbols: Vec<String> = config.symbols.iter().map(|s| s.symbol.clone()).collect();
        let mut venue = Venue::new(config);
        let now_ms = START_MS;
        for symbol in symbols {
            let at = PriceUpdate::at(dec("60000"));
            venue.on_price(&symbol, at, now_ms).unwrap();
        }
        venue.take_events();
        let guard = nkeys::KeyPair::new_user();
        Self {
            gateway: actor(live_flags(), now_ms, &guard, Span::from_secs(5)),
            recv_window: Span::from_secs(5),
            venue,
            faults: Faults::none(),
            now_ms,
            calls: Vec::new(),
            said: Vec::new(),
            tamper: None,
            way: None,
            deaf: false,
            unplugged: 0,
            renewals: 0,
            quiet_since: 0,
            mode: Some(Mode::Live),
            guard,
            guard_boot: 7,
            sequence: 0,
        }
    }

    /// A started gateway that is ready, in LIVE.
    pub fn ready() -> Self {
        let mut world = Self::cold();
        world.start();
        world.run(500);
        assert!(world.gateway.is_ready(), "{:?}", world.gateway.counters());
        world
    }

    /// A ready gateway with a long position of 0.5 BTC from 60000.
    pub fn with_long() -> Self {
        let mut world = Self::ready();
        world.trade("bot-1", venue::Side::Buy, "0.5");
        world.run(200);
        world
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms)
    }

    pub fn start(&mut self) {
        let mut out = Vec::new();
        self.gateway.start(self.now(), &mut out);
        self.carry_out(out);
        self.stream(StreamItem::Connected);
    }

    /// The process dies and comes back, knowing nothing.
    pub fn restart(&mut self, flags: Flags) {
        self.gateway = actor(flags, self.now_ms, &self.guard, self.recv_window);
        self.venue.take_events();
        self.start();
        self.run(500);
    }

    pub fn follow(&mut self, plan: FaultPlan) {
        self.faults = Faults::new(plan);
    }

    pub fn stream(&mut self, item: StreamItem) {
        let mut out = Vec::new();
        let input = VenueInput::Stream(item);
        self.gateway.venue(self.now(), input, &mut out);
        self.carry_out(out);
    }

    pub fn break_stream(&mut self) {
        let why = StreamEnd::Broken("test".into());
        self.stream(StreamItem::Disconnected { why });
    }

    pub fn run(&mut self, ms: i64) {
        let end = self.now_ms + ms;
        while self.now_ms < end {
            self.now_ms = (self.now_ms + BEAT_MS).min(end);
            self.venue.advance(self.now_ms);
            if let Some(mode) = self.mode {
                self.hear(Heard::Mode(word(1, mode, self.now())));
            }
            self.deliver();
            let mut out = Vec::new();
            self.gateway.beat(self.now(), &mut out);
            self.carry_out(out);
        }
    }

    pub fn hear(&mut self, heard: Heard) {
        let mut out = Vec::new();
        self.gateway.hear(self.now(), heard, &mut out);
        self.carry_out(out);
    }

    pub fn say_mode(&mut self, revision: u64, mode: Mode) {
        self.hear(Heard::Mode(word(revision, mode, self.now())));
    }

    pub fn kill(&mut self, to: Mode) {
        let kill = Kill {
            to,
            by: "operator".into(),
            at: self.now(),
        };
        self.hear(Heard::Kill(kill));
    }

    fn deliver(&mut self) {
        let events = match &mut self.way {
            Some(way) => way.events(&mut self.venue, self.now_ms),
            None => self.faults.deliver(self.venue.take_events(), self.now_ms),
        };
        for event in events {
            if !self.deaf {
                self.stream(StreamItem::Text(user_event_json(&event)));
            }
        }
    }

    /// What nobody waits for comes after what was called for.
    pub fn carry_out(&mut self, mut effects: Vec<GatewayEffect>) {
        for _half in 0..2 {
            for effect in std::mem::take(&mut effects) {
                match effect {
                    GatewayEffect::Publish(message) => self.heard(&message),
                    GatewayEffect::Call(call) => self.call(call),
                    GatewayEffect::SetClockOffset(_) | GatewayEffect::Lease(_) => {}
                    GatewayEffect::RenewStream => self.renewals += 1,
                }
            }
            self.gateway.afterwards(self.now(), &mut effects);
        }
    }

    fn heard(&mut self, message: &Message) {
        let heard = bus::decode(message).expect("the gateway says only what can be decoded");
        self.said.push((self.now_ms, heard));
    }

    fn call(&mut self, call: VenueCall) {
        let method = call.request.method.as_str();
        let result = match self.unplugged > 0 && call.request.method != Method::Get {
            true => {
                self.unplugged -= 1;
                Err(TransportError::Connect)
            }
            false => self.ask_venue(&call, method),
        };
        let id = call.id;
        self.calls.push((self.now_ms, call));
        self.deliver();
        let mut out = Vec::new();
        let input = VenueInput::Answer { call: id, result };
        self.gateway.venue(self.now(), input, &mut out);
        self.carry_out(out);
    }

    fn ask_venue(&mut self, call: &VenueCall, method: &str) -> Result<HttpResult, TransportError> {
        if let Some(way) = &mut self.way {
            return way.answer(&mut self.venue, call, self.now_ms);
        }
        let text = query(&call.request.params);
        let request = WireRequest::new(method, call.request.path, &text);
        let answer = self.faults.handle(&mut self.venue, &request, self.now_ms);
        if answer.fate == Fate::Cut {
            return Err(TransportError::Other);
        }
        let header = |name| {
            let found = answer.headers.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value.parse().ok())
        };
        let mut result = Ok(HttpResult {
            status: answer.status,
            used_weight: header("x-mbx-used-weight-1m"),
            retry_after_s: header("retry-after").map(u64::from),
            body: answer.body,
            ..HttpResult::default()
        });
        if let Some(tamper) = &mut self.tamper {
            result = tamper(call, result);
        }
        result
    }

    // ---- the account's owner

    pub fn trade(&mut self, id: &str, side: venue::Side, amount: &str) {
        let order = NewOrder::market(BTC, side, dec(amount)).with_client_id(id);
        self.venue.place_order(order, self.now_ms).unwrap();
        self.deliver();
    }

    pub fn mark(&mut self, to: &str) {
        let at = PriceUpdate::at(dec(to));
        self.venue.on_price(BTC, at, self.now_ms).unwrap();
        self.deliver();
    }

    // ---- what was said

    pub fn snapshots(&self, side: Side) -> Vec<&PositionSnapshot> {
        self.said
            .iter()
            .filter_map(|(_, heard)| match heard {
                Heard::Position(snapshot) if snapshot.position.key == key(side) => Some(snapshot),
                _ => None,
            })
            .collect()
    }

    pub fn snapshot(&self, side: Side) -> PositionSnapshot {
        (*self.snapshots(side).last().expect("a snapshot")).clone()
    }

    pub fn events(&self, id: &ClientOrderId) -> Vec<&OrderEvent> {
        self.said
            .iter()
            .filter_map(|(_, heard)| match heard {
                Heard::Event(event) if event.client_order_id == *id => Some(event),
                _ => None,
            })
            .collect()
    }

    pub fn statuses(&self, id: &ClientOrderId) -> Vec<OrderStatus> {
        self.events(id).iter().map(|event| event.status).collect()
    }

    pub fn heartbeat(&self) -> Heartbeat {
        self.said
            .iter()
            .rev()
            .find_map(|(_, heard)| match heard {
                Heard::Health(heartbeat) => Some(heartbeat.clone()),
                _ => None,
            })
            .expect("a heartbeat")
    }

    pub fn calls_to(&self, method: Method, path: &str) -> usize {
        self.calls
            .iter()
            .filter(|(_, call)| call.request.method == method && call.request.path == path)
            .count()
    }

    /// Position reads since `quiet_since`.
    pub fn calls_to_position(&self) -> usize {
        self.calls
            .iter()
            .filter(|(at, call)| {
                *at > self.quiet_since && call.request.path == "/fapi/v3/positionRisk"
            })
            .count()
    }

    pub fn orders_sent(&self) -> usize {
        self.calls_to(Method::Post, "/fapi/v1/order")
            + self.calls_to(Method::Post, "/fapi/v1/algoOrder")
    }

    pub fn counter(&self, name: &str) -> u64 {
        self.gateway.counters().get(name).copied().unwrap_or(0)
    }

    pub fn denied(&self) -> BTreeMap<String, u64> {
        self.gateway.metrics().denied_by_code.clone()
    }
}

fn word(revision: u64, mode: Mode, at: Timestamp) -> ModeSnapshot {
    ModeSnapshot {
        revision,
        mode,
        reason: "test".into(),
        at,
    }
}
