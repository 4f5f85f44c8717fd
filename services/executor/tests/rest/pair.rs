//! One executor with its book and one without, in the same world.

use bus::{Heard, Message};
use domain::decide::PLAN_PATIENCE;
use domain::intent::Denial;
use domain::market::{MarkTick, MarketContext, Regime};
use domain::mode::{Mode, ModeSnapshot};
use domain::plan::build::{PlanInputs, build};
use domain::policy::Policy;
use domain::signal::{RiskMode, RiskState};
use domain::{Price, Span, Timestamp};
use rust_decimal::Decimal;

use super::draw::Happening;
use super::venue::{Venue, lots};
use crate::common::{Bench, Store, symbol};

pub struct Pair {
    benches: [Bench; 2],
    said: [Vec<Message>; 2],
    venue: Venue,
    policy: Policy,
    price: Decimal,
    sequence: u64,
    revision: u64,
}

impl Pair {
    pub fn new(policy: &Policy, leased: bool) -> Self {
        let bench = || match leased {
            true => Bench::leased_under("a", &Store::default(), policy.clone()),
            false => Bench::live_under(policy.clone()),
        };
        let mut pair = Self {
            benches: [bench(), bench().looking_at_everything()],
            said: [Vec::new(), Vec::new()],
            venue: Venue::new(),
            policy: policy.clone(),
            price: Decimal::from(50_000),
            sequence: 0,
            revision: 1,
        };
        for at in 0..pair.venue.pictures.len() {
            pair.tell(at);
            if at % 3 != 2 {
                pair.plan(at, Regime::Normal, RiskMode::Normal);
            }
        }
        pair.pass(PLAN_PATIENCE);
        pair
    }

    pub fn now(&self) -> Timestamp {
        self.benches[0].now
    }

    /// What each has said since the last time.
    pub fn said(&mut self) -> [Vec<Message>; 2] {
        std::mem::take(&mut self.said)
    }

    pub fn resting(&self) -> [usize; 2] {
        [0, 1].map(|at| self.benches[at].executor.resting())
    }

    pub fn open(&self) -> usize {
        let pictures = self.venue.pictures.iter();
        pictures.filter(|it| it.position.is_open()).count()
    }

    pub fn happen(&mut self, happening: &Happening) {
        let now = self.now();
        match happening {
            Happening::Mark(points, age) => self.mark(*points, *age),
            Happening::Beats(count) => {
                (0..*count).for_each(|_| self.pass(Span::from_millis(100)));
            }
            Happening::Pause(seconds) => self.pass(Span::from_secs(*seconds)),
            Happening::Obey => {
                self.venue.obey(now);
                (0..self.venue.pictures.len()).for_each(|at| self.tell(at));
            }
            Happening::Answer(code) => {
                for event in self.venue.answers(*code, now) {
                    self.hear(&Heard::Event(event));
                }
                if code.is_some() {
                    self.venue.asked.clear();
                }
            }
            Happening::Deny(code) => self.deny(code),
            Happening::Tell(at) => self.tell(*at),
            Happening::Fill(at, count) => self.venue.fill(*at, lots(*count)),
            Happening::Close(at, count) => self.venue.close(*at, lots(*count)),
            Happening::Add(at, count) => {
                let price = Price::new(self.price).unwrap();
                self.venue.add(*at, lots(*count), price, now);
            }
            Happening::Fire(at) => self.venue.fire(*at, now),
            Happening::Leverage(at, times) => {
                self.venue.pictures[*at].position.leverage = Decimal::from(*times);
            }
            Happening::Plan(at, regime, risk) => self.plan(*at, *regime, *risk),
            Happening::Context(regime) => self.hear(&Heard::Context(context(*regime, now))),
            Happening::Risk(mode) => self.hear(&Heard::Risk(RiskState {
                mode: *mode,
                heat: None,
                equity: None,
                at: now,
            })),
            Happening::Mode(mode) => self.mode(*mode),
            Happening::StoreLost(is_lost) => {
                let benches = self.benches.iter_mut();
                benches.for_each(|bench| bench.set_store_lost(*is_lost));
            }
        }
    }

    fn mark(&mut self, points: i64, age: i64) {
        let factor = Decimal::ONE + Decimal::new(points, 5);
        self.price = (self.price * factor)
            .round_dp(4)
            .clamp(Decimal::from(20_000), Decimal::from(90_000));
        self.sequence += 1;
        let at = self.now() - Span::from_millis(age);
        let tick = MarkTick {
            symbol: symbol(),
            mark_price: Price::new(self.price).unwrap(),
            index_price: None,
            event_at: self.now(),
            received_at: at,
            sequence: self.sequence,
        };
        self.hear(&Heard::Mark(tick));
    }

    fn tell(&mut self, at: usize) {
        let now = self.now();
        let picture = &mut self.venue.pictures[at];
        picture.at = now;
        picture.sequence += 1;
        let picture = picture.clone();
        self.hear(&Heard::Position(picture));
    }

    fn plan(&mut self, at: usize, regime: Regime, risk: RiskMode) {
        let now = self.now();
        let context = context(regime, now);
        let inputs = PlanInputs {
            position: &self.venue.pictures[at].position,
            mark_price: None,
            context: &context,
            hint: None,
            risk,
            heat: None,
            equity: None,
            is_equity_old: false,
        };
        if let Ok(plan) = build(&inputs, &self.policy, now) {
            self.hear(&Heard::Plan(plan));
        }
    }

    fn mode(&mut self, mode: Mode) {
        self.revision += 1;
        self.hear(&Heard::Mode(ModeSnapshot {
            revision: self.revision,
            mode,
            reason: "drawn".into(),
            at: self.now(),
        }));
    }

    fn deny(&mut self, code: &str) {
        let at = self.now();
        for intent in std::mem::take(&mut self.venue.asked) {
            self.hear(&Heard::Denied(Denial {
                intent_id: intent.id,
                key: intent.key,
                module: intent.module,
                fence: intent.fence,
                kind: intent.kind,
                code: code.into(),
                detail: String::new(),
                at,
            }));
        }
    }

    fn hear(&mut self, heard: &Heard) {
        for bench in &mut self.benches {
            bench.hear(heard.clone());
        }
        self.collect();
    }

    fn pass(&mut self, span: Span) {
        for bench in &mut self.benches {
            bench.pass(span);
        }
        self.collect();
    }

    /// What is asked for goes to the venue: of the first one only, they should be the same.
    fn collect(&mut self) {
        for (at, bench) in self.benches.iter_mut().enumerate() {
            let said = bench.take_said();
            if at == 0 {
                let heard = said.iter().map(|message| bus::decode(message).unwrap());
                let intents = heard.filter_map(|heard| match heard {
                    Heard::Intent(intent) => Some(intent),
                    _ => None,
                });
                self.venue.asked.extend(intents);
            }
            self.said[at].extend(said);
        }
    }
}

fn context(regime: Regime, at: Timestamp) -> MarketContext {
    MarketContext {
        regime,
        ..MarketContext::unknown(symbol(), at)
    }
}
