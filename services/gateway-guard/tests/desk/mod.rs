//! A guard, one position, and intents to hand to it.
#![allow(dead_code, missing_docs, clippy::unwrap_used, reason = "a test may")]

use bus::{Heard, Message, decode};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::instrument::{Instrument, LotFilter};
use domain::intent::{Denial, IntentId, OrderIntent, Wish};
use domain::mode::{Flags, Mode, ModeSnapshot};
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};
use domain::snapshot::{ExitMetrics, Heartbeat, PositionSnapshot};
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Ratio, Side, Span, Symbol, Timestamp,
};
use gateway_guard::{Guard, GuardConfig};
use nkeys::KeyPair;
use runtime::{Actor, Effect, Ownership};
use rust_decimal::Decimal;

pub const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);
pub const BOOT: u64 = 1_795_178_173_000_000;

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

pub fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

pub fn key() -> PositionKey {
    let (account, symbol) = (
        Account::new("main").unwrap(),
        Symbol::new("BTCUSDT").unwrap(),
    );
    PositionKey {
        account,
        symbol,
        side: Side::Long,
    }
}

pub fn live_flags() -> Flags {
    let get = |name: &str| {
        let value = match name {
            domain::mode::EXIT_MODE => "EXIT_BRAIN_V3",
            domain::mode::EXIT_EXECUTOR_MODE => "LIVE",
            domain::mode::EXIT_BRAIN_V3_LIVE_ROLLOUT => "ENABLED",
            _ => return None,
        };
        Some(value.to_string())
    };
    Flags::parse(get).0
}

pub fn snapshot(orders: Vec<RestingOrder>) -> PositionSnapshot {
    let lot = LotFilter {
        step: dec("0.001"),
        min: qty("0.001"),
        max: qty("1000"),
    };
    PositionSnapshot {
        position: Position {
            key: key(),
            epoch: Epoch(1_795_178_170_000),
            qty: qty("0.1"),
            initial_qty: qty("0.1"),
            entry_price: price("50000"),
            leverage: dec("5"),
            opened_at: NOW,
        },
        instrument: Instrument {
            symbol: key().symbol,
            tick_size: dec("0.1"),
            lot,
            market_lot: lot,
            min_notional: Money::new(dec("5")),
            percent_price: None,
        },
        orders,
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: NOW,
        fence: None,
    }
}

pub fn name(module: &Module, leg: LegId, generation: u32) -> ClientOrderId {
    let epoch = Epoch(1_795_178_170_000);
    let cause = OrderCause {
        module: module.clone(),
        side: Side::Long,
        epoch,
        leg,
        generation,
    };
    ClientOrderId::derive(&key().symbol, &cause)
}

pub fn stop(generation: u32, trigger: &str, size: &str) -> RestingOrder {
    RestingOrder {
        client_order_id: name(&Module::ExitExecutor, LegId::Stop, generation),
        order: CloseOrder::Stop {
            qty: qty(size),
            trigger: price(trigger),
        },
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: NOW,
    }
}

pub fn place(module: Module, sequence: u64, order: CloseOrder) -> OrderIntent {
    let client_order_id = name(&module, LegId::Stop, sequence as u32);
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key: key(),
        epoch: Epoch(1_795_178_170_000),
        module,
        kind: OrderKind::Sl,
        wish: Wish::Place {
            client_order_id,
            order,
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "a test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence,
        fence: 5,
        created_at: NOW,
        expires_at: NOW + Span::from_secs(2),
        tick_received_at: None,
    }
}

pub fn stop_intent(sequence: u64) -> OrderIntent {
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    place(Module::ExitExecutor, sequence, order)
}

pub fn heartbeat(service: &str, mode: Mode) -> Heard {
    Heard::Health(Heartbeat {
        service: service.into(),
        instance: "a".into(),
        build: "test".into(),
        flags: live_flags(),
        mode,
        revision: 0,
        ready: true,
        boot: 1,
        sequence: 1,
        positions: Vec::new(),
        owned: Vec::new(),
        metrics: ExitMetrics::default(),
        counters: Default::default(),
        at: NOW,
    })
}

/// The message that an effect says.
pub fn said(effect: Effect) -> Option<Message> {
    match effect {
        Effect::Say(message) => Some(message),
        Effect::Lease(_) => None,
    }
}

pub struct Desk {
    pub guard: Guard,
    pub key: KeyPair,
    out: Vec<Message>,
    /// What it tells of the last input to those who only watch.
    pub told: Vec<Message>,
}

impl Desk {
    pub fn new(flags: Flags) -> Self {
        Self::owning(flags, Ownership::from_boot(BOOT))
    }

    /// A guard that acts by `ownership`.
    pub fn owning(flags: Flags, ownership: Ownership) -> Self {
        let key = KeyPair::new_user();
        let signer = KeyPair::from_seed(&key.seed().unwrap()).unwrap();
        let config = GuardConfig {
            instance: "a".into(),
            flags,
            boot: BOOT,
            ownership,
            key: signer,
        };
        let mut desk = Self {
            guard: Guard::new(config),
            key,
            out: Vec::new(),
            told: Vec::new(),
        };
        desk.hear(Heard::Position(snapshot(vec![stop(1, "48500", "0.1")])));
        desk
    }

    /// A guard in LIVE, agreed with executor and gateway.
    pub fn live() -> Self {
        let mut desk = Self::new(live_flags());
        desk.hear(heartbeat("executor", Mode::Live));
        desk.hear(heartbeat("gateway", Mode::Live));
        assert_eq!(desk.guard.mode(), Mode::Live);
        desk
    }

    pub fn hear(&mut self, heard: Heard) -> Vec<Message> {
        self.out.clear();
        let mut out = Vec::new();
        self.guard.hear(NOW, heard, &mut out);
        self.guard.afterwards(NOW, &mut out);
        let said = out.into_iter().filter_map(said);
        let (told, said) = said.partition(|it| it.subject.starts_with("order.asked."));
        (self.told, self.out) = (told, said);
        self.out.clone()
    }

    pub fn denial(&mut self, heard: Heard) -> Denial {
        let out = self.hear(heard);
        let [message] = &out[..] else {
            panic!("one answer expected, got {out:?}")
        };
        match decode(message).unwrap() {
            Heard::Denied(denial) => denial,
            other => panic!("a denial expected, got {other:?}"),
        }
    }

    pub fn mode_said(out: &[Message]) -> Option<ModeSnapshot> {
        out.iter()
            .find_map(|message| match decode(message).unwrap() {
                Heard::Mode(snapshot) => Some(snapshot),
                _ => None,
            })
    }
}
