//! Two gateways of one account: who has no lease asks the venue nothing, who is in doubt sends
//! nothing, and who takes over begins as after a start.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use binance::stream::StreamItem;
use domain::lease::{Answer, Entry, Holder, LeaseKey, Outcome, Request};
use domain::mode::Flags;
use domain::{Account, Span, Timestamp};
use gateway::{GatewayActor, GatewayConfig, GatewayEffect, VenueInput};
use runtime::{Actor, Ownership};

const LEASE_TIME: Span = Span::from_secs(10);
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

struct Standby {
    gateway: GatewayActor,
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

fn calls(effects: &[GatewayEffect]) -> usize {
    let is_call = |effect: &&GatewayEffect| matches!(effect, GatewayEffect::Call(_));
    effects.iter().filter(is_call).count()
}

impl Standby {
    fn new() -> Self {
        let key = LeaseKey::Gateway(account());
        let gateway = GatewayActor::new(GatewayConfig {
            account: account(),
            flags: Flags::default(),
            boot: u64::try_from(START.micros()).unwrap(),
            ownership: Ownership::by_lease(key, holder("a"), LEASE_TIME),
            instance: "a".into(),
            guard_key: nkeys::KeyPair::new_user(),
            symbols: None,
            recv_window: Span::from_secs(5),
        });
        let mut standby = Self {
            gateway,
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
