//! The guard as its neighbours see it: what goes in, what comes out, what is counted.
#![allow(clippy::unwrap_used, reason = "a test may")]

use bus::{Heard, Message, approval, decode};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::instrument::{Instrument, LotFilter};
use domain::intent::{Denial, IntentId, OrderIntent, Wish};
use domain::mode::{Flags, Kill, Mode, ModeSnapshot};
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};
use domain::snapshot::{ExitMetrics, Heartbeat, PositionSnapshot};
use domain::{
    Account, Epoch, Money, Position, PositionKey, Price, Qty, Ratio, Side, Span, Symbol, Timestamp,
};
use gateway_guard::{Guard, GuardConfig};
use nkeys::KeyPair;
use runtime::Actor;
use rust_decimal::Decimal;

const NOW: Timestamp = Timestamp::from_millis(1_795_178_173_912);
const BOOT: u64 = 7_000;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

fn qty(text: &str) -> Qty {
    Qty::new(dec(text)).unwrap()
}

fn key() -> PositionKey {
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

fn live_flags() -> Flags {
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

fn snapshot(orders: Vec<RestingOrder>) -> PositionSnapshot {
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
        },
        orders,
        complete: true,
        flat_proven: false,
        sequence: 1,
        at: NOW,
    }
}

fn name(module: &Module, leg: LegId, generation: u32) -> ClientOrderId {
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

fn stop(generation: u32, trigger: &str, size: &str) -> RestingOrder {
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

fn place(module: Module, sequence: u64, order: CloseOrder) -> OrderIntent {
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

fn stop_intent(sequence: u64) -> OrderIntent {
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    place(Module::ExitExecutor, sequence, order)
}

fn heartbeat(service: &str, mode: Mode) -> Heard {
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
        metrics: ExitMetrics::default(),
        counters: Default::default(),
        at: NOW,
    })
}

struct Desk {
    guard: Guard,
    key: KeyPair,
    out: Vec<Message>,
}

impl Desk {
    fn new(flags: Flags) -> Self {
        let key = KeyPair::new_user();
        let signer = KeyPair::from_seed(&key.seed().unwrap()).unwrap();
        let config = GuardConfig {
            instance: "a".into(),
            flags,
            boot: BOOT,
            key: signer,
        };
        let mut desk = Self {
            guard: Guard::new(config),
            key,
            out: Vec::new(),
        };
        desk.hear(Heard::Position(snapshot(vec![stop(1, "48500", "0.1")])));
        desk
    }

    /// A guard in LIVE, agreed with executor and gateway.
    fn live() -> Self {
        let mut desk = Self::new(live_flags());
        desk.hear(heartbeat("executor", Mode::Live));
        desk.hear(heartbeat("gateway", Mode::Live));
        assert_eq!(desk.guard.mode(), Mode::Live);
        desk
    }

    fn hear(&mut self, heard: Heard) -> Vec<Message> {
        self.out.clear();
        self.guard.hear(NOW, heard, &mut self.out);
        self.out.clone()
    }

    fn denial(&mut self, heard: Heard) -> Denial {
        let out = self.hear(heard);
        let [message] = &out[..] else {
            panic!("one answer expected, got {out:?}")
        };
        match decode(message).unwrap() {
            Heard::Denied(denial) => denial,
            other => panic!("a denial expected, got {other:?}"),
        }
    }

    fn mode_said(out: &[Message]) -> Option<ModeSnapshot> {
        out.iter()
            .find_map(|message| match decode(message).unwrap() {
                Heard::Mode(snapshot) => Some(snapshot),
                _ => None,
            })
    }
}

#[test]
fn an_approval_is_signed_for_the_position_it_names() {
    let mut desk = Desk::live();
    let out = desk.hear(Heard::Intent(stop_intent(1)));
    let [sealed] = &out[..] else {
        panic!("one approval expected, got {out:?}")
    };
    assert_eq!(sealed.subject, "order.approved.main.BTCUSDT.LONG");
    let public = KeyPair::from_public_key(&desk.key.public_key()).unwrap();
    let opened = approval::open(sealed, &public).unwrap();
    assert_eq!(opened.intent, stop_intent(1));
    let stranger = KeyPair::from_public_key(&KeyPair::new_user().public_key()).unwrap();
    assert!(
        approval::open(sealed, &stranger).is_err(),
        "another key must not open it"
    );
    let mut moved = sealed.clone();
    moved.subject = "order.approved.main.ETHUSDT.LONG".into();
    assert!(
        approval::open(&moved, &public).is_err(),
        "another subject must not carry it"
    );
}

#[test]
fn live_is_said_only_when_executor_and_gateway_agree() {
    let mut desk = Desk::new(live_flags());
    assert_eq!(desk.guard.mode(), Mode::Shadow);
    assert!(Desk::mode_said(&desk.hear(heartbeat("executor", Mode::Live))).is_none());
    let said = Desk::mode_said(&desk.hear(heartbeat("gateway", Mode::Live))).unwrap();
    assert_eq!((said.mode, said.revision), (Mode::Live, BOOT + 1));
    let said = Desk::mode_said(&desk.hear(heartbeat("gateway", Mode::Shadow))).unwrap();
    assert_eq!((said.mode, said.revision), (Mode::Shadow, BOOT + 2));
}

#[test]
fn a_kill_goes_down_and_stays_down() {
    let mut desk = Desk::live();
    let kill = Kill {
        to: Mode::Shadow,
        by: "operator".into(),
        at: NOW,
    };
    let said = Desk::mode_said(&desk.hear(Heard::Kill(kill))).unwrap();
    assert_eq!(said.mode, Mode::Shadow);
    desk.hear(heartbeat("executor", Mode::Live));
    desk.hear(heartbeat("gateway", Mode::Live));
    assert_eq!(desk.guard.mode(), Mode::Shadow);
}

#[test]
fn an_incumbent_is_blocked_once_per_attempt_in_live() {
    let mut desk = Desk::live();
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let attempt = place(Module::PositionMonitor, 1, order);
    let denial = desk.denial(Heard::Blocked(attempt.clone()));
    assert_eq!(denial.code, "LEGACY_BLOCKED");
    let repeated = desk.denial(Heard::Blocked(attempt));
    assert_eq!(repeated.code, "INTENT_REPEATED");
    let metrics = desk.guard.metrics();
    assert_eq!(
        (metrics.blocked_legacy_orders(), metrics.ownership_conflicts),
        (1, 1)
    );
    assert_eq!(metrics.blocked_by_module["position_monitor"], 1);
}

#[test]
fn an_incumbent_acts_beside_shadow_and_is_counted_as_a_conflict() {
    let mut shadow = live_flags();
    shadow.rollout = domain::mode::Rollout::Disabled;
    let mut desk = Desk::new(shadow);
    let order = CloseOrder::Stop {
        qty: qty("0.1"),
        trigger: price("49000"),
    };
    let out = desk.hear(Heard::Intent(place(Module::PositionMonitor, 1, order)));
    assert!(out[0].subject.starts_with("order.approved."));
    assert_eq!(desk.guard.metrics().ownership_conflicts, 1);
    assert_eq!(desk.guard.metrics().blocked_legacy_orders(), 0);
}

#[test]
fn each_wrong_intent_is_denied_with_its_own_code() {
    let cases: Vec<(&str, OrderIntent)> = vec![
        ("INTENT_EXPIRED", {
            let mut late = stop_intent(1);
            late.expires_at = NOW;
            late
        }),
        ("INTENT_DATE", {
            let mut long = stop_intent(1);
            long.expires_at = NOW + Span::from_secs(60);
            long
        }),
        ("POSITION_EPOCH", {
            let mut closed = stop_intent(1);
            closed.epoch = Epoch(1);
            closed
        }),
        ("POSITION_UNKNOWN", {
            let mut elsewhere = stop_intent(1);
            elsewhere.key.symbol = Symbol::new("ETHUSDT").unwrap();
            elsewhere
        }),
        ("QUANTITY_EXCEEDS", {
            let order = CloseOrder::Market { qty: qty("0.101") };
            place(Module::ExitExecutor, 1, order)
        }),
        (
            "QUANTITY_ZERO",
            place(
                Module::ExitExecutor,
                1,
                CloseOrder::Market { qty: Qty::ZERO },
            ),
        ),
        ("FILTER_VIOLATED", {
            let order = CloseOrder::Stop {
                qty: qty("0.1"),
                trigger: price("49000.05"),
            };
            place(Module::ExitExecutor, 1, order)
        }),
        ("STOP_LOOSENED", {
            let order = CloseOrder::Stop {
                qty: qty("0.1"),
                trigger: price("48000"),
            };
            place(Module::ExitExecutor, 1, order)
        }),
        ("MODULE_UNKNOWN", {
            let order = CloseOrder::Market { qty: qty("0.1") };
            place(Module::from_name("somebody"), 1, order)
        }),
    ];
    for (code, intent) in cases {
        let denial = Desk::live().denial(Heard::Intent(intent));
        assert_eq!(denial.code, code);
        assert!(!denial.detail.is_empty());
    }
}

#[test]
fn the_repeated_and_the_former_owner_are_refused() {
    let mut desk = Desk::live();
    desk.hear(Heard::Intent(stop_intent(2)));
    assert_eq!(
        desk.denial(Heard::Intent(stop_intent(2))).code,
        "INTENT_REPEATED"
    );
    assert_eq!(
        desk.denial(Heard::Intent(stop_intent(1))).code,
        "INTENT_REPEATED"
    );
    let mut newer = stop_intent(1);
    newer.fence = 6;
    assert!(
        desk.hear(Heard::Intent(newer))[0]
            .subject
            .starts_with("order.approved.")
    );
    assert_eq!(
        desk.denial(Heard::Intent(stop_intent(3))).code,
        "OWNER_FENCED"
    );
}

#[test]
fn the_last_stop_is_never_canceled() {
    let mut desk = Desk::live();
    let cancel = |sequence, generation| {
        let target = name(&Module::ExitExecutor, LegId::Stop, generation);
        let mut intent = stop_intent(sequence);
        intent.id = IntentId::cancel(&target, 1);
        intent.wish = Wish::Cancel {
            target,
            conditional: true,
        };
        Heard::Intent(intent)
    };
    assert_eq!(desk.denial(cancel(1, 1)).code, "PROTECTION_LAST");
    let half = vec![stop(1, "48500", "0.1"), stop(2, "49000", "0.05")];
    desk.hear(Heard::Position(snapshot(half)));
    assert_eq!(desk.denial(cancel(2, 1)).code, "PROTECTION_LAST");
    let both = vec![stop(1, "48500", "0.1"), stop(2, "49000", "0.1")];
    desk.hear(Heard::Position(snapshot(both)));
    assert!(
        desk.hear(cancel(3, 1))[0]
            .subject
            .starts_with("order.approved.")
    );
}
