//! Two gateways of one account: who has no lease asks the venue nothing, who is in doubt sends
//! nothing, and who takes over begins as after a start.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use binance::stream::StreamItem;
use domain::ids::{ClientOrderId, OrderCause};
use domain::intent::{Approval, IntentId, OrderIntent, Wish};
use domain::lease::{Answer, Entry, Holder, LeaseKey, Outcome, Request};
use domain::mode::Flags;
use domain::order::{CloseOrder, OrderKind};
use domain::snapshot::LEASE_HELD;
use domain::{
    Account, Epoch, LegId, Module, PositionKey, Qty, Ratio, Side, Span, Symbol, Timestamp,
};
use gateway::{GatewayActor, GatewayConfig, GatewayEffect, VenueInput};
use runtime::{Actor, Ownership};

const LEASE_TIME: Span = Span::from_secs(10);
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

struct Standby {
    gateway: GatewayActor,
    guard: nkeys::KeyPair,
    asked: Option<Request>,
    now: Timestamp,
}

fn account() -> Account {
    Account::new("main").unwrap()
}

fn holder(instance: &str) -> Holder {
    Holder {
        instance: instance.into(),
        boot: 1,
    }
}

fn exit(now: Timestamp) -> OrderIntent {
    let key = PositionKey {
        account: account(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    };
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: key.side,
        epoch: Epoch(1),
        leg: LegId::Exit,
        generation: 1,
    };
    let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key,
        epoch: cause.epoch,
        module: cause.module,
        kind: OrderKind::EmergencyExit,
        wish: Wish::Place {
            client_order_id,
            order: CloseOrder::Market { qty: Qty::ZERO },
        },
        decision: "close".into(),
        stop_reason: None,
        reason: "a test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 1,
        fence: 1,
        created_at: now,
        expires_at: now + Span::from_secs(2),
        tick_received_at: None,
    }
}

fn calls(effects: &[GatewayEffect]) -> usize {
    let is_call = |effect: &&GatewayEffect| matches!(effect, GatewayEffect::Call(_));
    effects.iter().filter(is_call).count()
}

impl Standby {
    fn new() -> Self {
        let key = LeaseKey::Gateway(account());
        let guard = nkeys::KeyPair::new_user();
        let gateway = GatewayActor::new(GatewayConfig {
            account: account(),
            flags: Flags::default(),
            boot: u64::try_from(START.micros()).unwrap(),
            ownership: Ownership::by_lease(key, holder("a"), LEASE_TIME),
            instance: "a".into(),
            guard_key: nkeys::KeyPair::from_public_key(&guard.public_key()).unwrap(),
            symbols: None,
            recv_window: Span::from_secs(5),
        });
        let mut standby = Self {
            gateway,
            guard,
            asked: None,
            now: START,
        };
        let mut out = Vec::new();
        standby.gateway.start(START, &mut out);
        assert!(out.is_empty(), "{out:?}");
        standby
    }

    fn keep(&mut self, out: Vec<GatewayEffect>) -> Vec<GatewayEffect> {
        for effect in &out {
            if let GatewayEffect::Lease(request) = effect {
                self.asked = Some(request.clone());
            }
        }
        out
    }

    fn beat(&mut self, after: Span) -> Vec<GatewayEffect> {
        self.now = self.now + after;
        let mut out = Vec::new();
        self.gateway.beat(self.now, &mut out);
        self.keep(out)
    }

    fn answer(&mut self, outcome: Outcome) -> Vec<GatewayEffect> {
        let request = self.asked.take().unwrap();
        let answer = Answer {
            key: request.key,
            ticket: request.ticket,
            outcome,
        };
        let mut out = Vec::new();
        self.gateway.lease(self.now, &answer, &mut out);
        self.keep(out)
    }

    /// The guard approves a wish for the gateway with this token.
    fn approve(&mut self, sequence: u64, gateway: u64) -> Vec<GatewayEffect> {
        let approval = Approval {
            intent: exit(self.now),
            guard_boot: 1,
            sequence,
            approved_at: self.now,
            expires_at: self.now + Span::from_secs(2),
            gateway: Some(gateway),
        };
        let sealed = bus::approval::seal(&approval, &self.guard).unwrap();
        let heard = bus::decode(&sealed).unwrap();
        let mut out = Vec::new();
        self.gateway.hear(self.now, heard, &mut out);
        self.keep(out)
    }

    fn acts(&mut self) -> bool {
        let effects = self.beat(Span::from_millis(1_100));
        let mut published = effects.iter().filter_map(|effect| match effect {
            GatewayEffect::Publish(message) => bus::decode(message).ok(),
            _ => None,
        });
        let beat = published.find_map(|heard| match heard {
            bus::Heard::Health(beat) => Some(beat),
            _ => None,
        });
        beat.unwrap().counters[LEASE_HELD] == 1
    }

    fn acting() -> Self {
        let mut gateway = Self::new();
        gateway.beat(Span::from_millis(100));
        gateway.answer(Outcome::Absent);
        let out = gateway.answer(Outcome::Written {
            revision: 1,
            created: 1,
        });
        assert!(calls(&out) > 0, "it reads the venue first");
        gateway
    }
}

#[test]
fn a_standby_asks_the_venue_nothing_and_tells_nothing_of_it() {
    let mut standby = Standby::new();
    standby.beat(Span::from_millis(100));
    let entry = Entry::Held {
        holder: holder("b"),
        token: Some(5),
    };
    standby.answer(Outcome::Found {
        entry,
        revision: 5,
        created: 0,
    });
    let mut out = Vec::new();
    let connected = VenueInput::Stream(StreamItem::Connected);
    standby.gateway.venue(standby.now, connected, &mut out);
    let filled = VenueInput::Stream(StreamItem::Text("{\"e\":\"ORDER_TRADE_UPDATE\"}".into()));
    standby.gateway.venue(standby.now, filled, &mut out);
    assert!(out.is_empty(), "{out:?}");
    for _ in 0..20 {
        for effect in standby.beat(Span::from_millis(100)) {
            let is_health = matches!(&effect, GatewayEffect::Publish(message)
                if message.subject == "health.gateway.a");
            let is_lease = matches!(effect, GatewayEffect::Lease(_));
            assert!(is_health || is_lease, "{effect:?}");
        }
    }
    assert!(!standby.gateway.has_lost_its_lease(), "it had none");
}

#[test]
fn a_paused_gateway_sends_nothing_more_and_ends_when_another_acts() {
    let mut gateway = Standby::acting();
    let out = gateway.beat(Span::from_secs(60));
    assert_eq!(calls(&out), 0, "in doubt");
    gateway.answer(Outcome::Conflict);
    let entry = Entry::Held {
        holder: holder("b"),
        token: Some(5),
    };
    let out = gateway.answer(Outcome::Found {
        entry,
        revision: 5,
        created: 0,
    });
    assert_eq!(calls(&out), 0);
    assert!(gateway.gateway.has_lost_its_lease());
}

#[test]
fn one_that_alone_does_not_reach_the_store_rests_as_soon_as_a_newer_one_is_named() {
    let mut gateway = Standby::acting();
    let own = domain::lease::token(1, 1);
    gateway.approve(1, own);
    assert!(gateway.acts(), "named itself, and the store silent since");
    let out = gateway.approve(2, own + 1);
    let is_said = |effect: &GatewayEffect| matches!(effect, GatewayEffect::Publish(_));
    assert!(!out.iter().any(is_said), "the other one answers: {out:?}");
    for _ in 0..20 {
        assert!(!gateway.acts(), "no answer is no right to go on");
    }
    assert_eq!(calls(&gateway.beat(Span::from_millis(100))), 0);
}

#[test]
fn at_its_end_a_gateway_gives_the_account_back() {
    let mut gateway = Standby::acting();
    let mut out = Vec::new();
    gateway.gateway.stop(gateway.now, &mut out);
    gateway.keep(out);
    let op = gateway.asked.unwrap().op;
    let expected = domain::lease::Op::Write {
        expected: 1,
        entry: Entry::Released,
    };
    assert_eq!(op, expected);
}
