//! One position, its desired protection, and a venue that does at once what it is asked. Whatever
//! a test does with it, what must hold of every decision and every wish is checked on the way.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "not every test uses all of it"
)]

pub mod case;
pub mod numbers;
pub mod plans;
mod sound;
mod venue;

use domain::decide::{View, decide};
use domain::decision::{Action, Decision, Rule};
use domain::desired::Desired;
use domain::flight::{Flight, Pending};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::intent::IntentId;
use domain::ladder::Ladder;
use domain::market::MarketContext;
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus, RestingOrder};
use domain::plan::ExitPlan;
use domain::policy::{Policy, StepClose, TrailActivation};
use domain::reconcile::{Scene, Want, has_stuck_stop, kind_of, reconcile};
use domain::signal::RiskMode;
use domain::snapshot::PositionSnapshot;
use domain::{Position, Price, PricePct, Qty, Side, Span, Timestamp};

use super::common::*;

/// Each rule once, and a part for each leg.
const DECISIONS_MAX: usize = 16;
/// After so many rounds of asking and obeying nothing may be left to ask. This venue tells no fill,
/// and a part of which nothing is heard is waited for for thirty rounds.
const ROUNDS_MAX: usize = 240;

pub struct Desk {
    pub snapshot: PositionSnapshot,
    pub desired: Desired,
    pub flight: Flight,
    pub plan: Option<ExitPlan>,
    pub risk: RiskMode,
    pub context: MarketContext,
    pub policy: Policy,
    pub asked: Vec<Want>,
    ids: Vec<ClientOrderId>,
    mark: Option<Price>,
    pub now: Timestamp,
}

pub fn names(decisions: &[Decision]) -> Vec<&'static str> {
    decisions.iter().map(|it| it.action.name()).collect()
}

pub fn rules(decisions: &[Decision]) -> Vec<Rule> {
    decisions.iter().map(|it| it.rule).collect()
}

impl Desk {
    pub fn new(position: Position) -> Self {
        Self::with_policy(position, Policy::default())
    }

    pub fn with_policy(position: Position, policy: Policy) -> Self {
        let symbol = position.key.symbol.clone();
        let snapshot = PositionSnapshot {
            instrument: instrument(symbol.as_str(), "0.1", "0.001"),
            position,
            orders: Vec::new(),
            complete: true,
            flat_proven: false,
            sequence: 1,
            at: NOW,
            fence: None,
        };
        let mut desk = Self {
            snapshot,
            desired: Desired::default(),
            flight: Flight::default(),
            plan: None,
            risk: RiskMode::Normal,
            context: MarketContext::unknown(symbol, NOW),
            policy,
            asked: Vec::new(),
            ids: Vec::new(),
            mark: None,
            now: NOW,
        };
        desk.replan();
        desk
    }

    /// A long of 0.1 at that entry, with everything in place.
    pub fn settled(entry: &str) -> Self {
        let long = position("BTCUSDT", Side::Long, "0.1", entry);
        Self::settle(Self::new(long), entry)
    }

    /// The same with a first leg that closes at market, and no other rule near it.
    pub fn with_market_first_leg(entry: &str) -> Self {
        let mut policy = Policy::default();
        policy.ladder.steps[0].close = StepClose::Market;
        policy.ladder.activation = TrailActivation::TargetMultiple(ratio("2"));
        policy.breakeven.trigger_pct = PricePct::new(dec("50"));
        let long = position("BTCUSDT", Side::Long, "0.1", entry);
        Self::settle(Self::with_policy(long, policy), entry)
    }

    pub fn settle(mut self, mark: &str) -> Self {
        self.drive(price(mark));
        self
    }

    pub fn trail_off(&mut self) {
        self.policy.ladder.activation = TrailActivation::TargetMultiple(ratio("2"));
        self.replan();
    }

    pub const fn side(&self) -> Side {
        self.snapshot.position.key.side
    }

    pub const fn mark(&self) -> Option<Price> {
        self.mark
    }

    pub fn tick(&mut self, mark: &str) -> Vec<Decision> {
        self.tick_at(price(mark))
    }

    pub fn tick_at(&mut self, mark: Price) -> Vec<Decision> {
        self.mark = Some(mark);
        let side = self.side();
        self.desired.watch_stop(side, mark, self.now);
        self.step()
    }

    /// The venue's price goes there; then all is decided, asked and obeyed until nothing is left.
    pub fn drive(&mut self, mark: Price) -> Vec<Decision> {
        self.trade_at(mark);
        let mut decisions = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let new = self.tick_at(mark);
            let is_quiet = new.is_empty() && self.asked.is_empty();
            if is_quiet && !self.is_waited_for() {
                return decisions;
            }
            decisions.extend(new);
            self.obey();
        }
        panic!("never at rest: {:?} after {decisions:?}", self.asked);
    }

    /// Whether something will happen by time alone: a close that is on its way, orders to be swept.
    fn is_waited_for(&self) -> bool {
        let closes = [LegId::Partial(1), LegId::Exit];
        let is_pending = |leg: LegId| self.flight.pending(leg).is_some();
        let is_swept = self.snapshot.position.is_open() || self.snapshot.orders.is_empty();
        let is_unseen = !self.flight.unseen_fills().is_zero();
        closes.into_iter().any(is_pending) || !is_swept || is_unseen
    }

    /// Decides until nothing is left to decide, then compares.
    pub fn step(&mut self) -> Vec<Decision> {
        self.now = self.now + Span::from_millis(10);
        let position = &self.snapshot.position;
        self.desired.watch_flat(position.is_open(), self.now);
        if let Some(plan) = &self.plan {
            let instrument = &self.snapshot.instrument;
            let ladder = Ladder::of(plan, position, instrument);
            self.desired
                .watch_targets(plan, ladder.as_ref(), position, instrument);
        }
        let mut decisions: Vec<Decision> = Vec::new();
        while let Some(decision) = self.decide_once() {
            decisions.push(decision);
            let few = decisions.len() < DECISIONS_MAX;
            assert!(few, "rules undo each other: {:?}", rules(&decisions));
        }
        self.flight.settle(&self.snapshot, self.now);
        self.asked = reconcile(&Scene {
            snapshot: &self.snapshot,
            desired: &self.desired,
            flight: &self.flight,
            policy: &self.policy,
            now: self.now,
        });
        self.ids.clear();
        for want in self.asked.clone() {
            sound::want(&self.snapshot, &want);
            self.ask(&want);
        }
        decisions
    }

    fn decide_once(&mut self) -> Option<Decision> {
        let plan = self.plan.as_ref();
        let plan = plan.filter(|plan| !plan.is_expired(self.now));
        let (position, instrument) = (&self.snapshot.position, &self.snapshot.instrument);
        let ladder = plan.and_then(|plan| Ladder::of(plan, position, instrument));
        let decision = decide(&View {
            position,
            instrument,
            plan,
            ladder: ladder.as_ref(),
            mark: self.mark.map(|mark| position.valued(mark)),
            context: &self.context,
            risk: self.risk,
            stuck_stop: has_stuck_stop(&self.snapshot, self.now),
            desired: &self.desired,
            policy: &self.policy,
            now: self.now,
        });
        if decision.action == Action::NoChange {
            return None;
        }
        let before = self.desired.stop;
        let (side, plan_id) = (self.side(), decision.plan_id);
        self.desired.apply(&decision.action, side, plan_id);
        let after = self.desired.stop;
        sound::decision(&self.snapshot, &self.policy, self.mark, &decision);
        sound::tightened(side, before, after);
        Some(decision)
    }

    fn ask(&mut self, want: &Want) {
        let expires_at = self.now + Span::from_secs(2);
        match want {
            Want::Place { leg, order, .. } => {
                let id = self.name(*leg);
                self.ids.push(id.clone());
                let pending = Pending {
                    client_order_id: id,
                    order: *order,
                    expires_at,
                    status: OrderStatus::Submitting,
                    heard: None,
                };
                self.flight.asked(*leg, pending);
            }
            Want::Cancel { target, .. } => {
                self.flight.cancel_asked(target, self.now, expires_at);
                self.ids.push(target.clone());
            }
        }
    }

    fn name(&mut self, leg: LegId) -> ClientOrderId {
        let key = &self.snapshot.position.key;
        let cause = OrderCause {
            module: Module::ExitExecutor,
            side: key.side,
            epoch: self.snapshot.position.epoch,
            leg,
            generation: self.flight.next_generation(leg),
        };
        ClientOrderId::derive(&key.symbol, &cause)
    }

    /// Everything that was asked for has left for the venue, and no answer has come.
    pub fn submit(&mut self) {
        self.submit_by(Span::ZERO);
    }

    /// The same, told by a gateway whose clock is wrong by so much.
    pub fn submit_by(&mut self, wrong: Span) {
        for id in self.ids.clone() {
            self.tell_at(&id, OrderStatus::Submitting, self.now + wrong);
        }
    }

    /// The gateway tells where an order is.
    pub fn tell(&mut self, id: &ClientOrderId, status: OrderStatus) {
        self.tell_at(id, status, self.now);
    }

    fn tell_at(&mut self, id: &ClientOrderId, status: OrderStatus, at: Timestamp) {
        let event = OrderEvent {
            key: self.snapshot.position.key.clone(),
            epoch: self.snapshot.position.epoch,
            module: Module::ExitExecutor,
            kind: OrderKind::Sl,
            intent_id: IntentId::place(id),
            client_order_id: id.clone(),
            venue_order_id: None,
            order_type: "STOP_MARKET".into(),
            status,
            filled_qty: Qty::ZERO,
            average_price: None,
            code: None,
            detail: String::new(),
            tick_to_order: None,
            at,
        };
        self.flight.on_event(&event, self.now);
    }

    pub fn pass(&mut self, span: Span) {
        self.now = self.now + span;
        self.snapshot.at = self.now;
    }

    pub fn asked_kinds(&self) -> Vec<OrderKind> {
        let kind = |want: &Want| match want {
            Want::Place { kind, .. } | Want::Cancel { kind, .. } => *kind,
        };
        self.asked.iter().map(kind).collect()
    }

    pub fn asked_ids(&self) -> Vec<ClientOrderId> {
        self.ids.clone()
    }

    /// Prices of what rests, by kind, lowest first.
    pub fn resting(&self, kind: &str) -> Vec<String> {
        let mut found: Vec<Price> = self
            .orders(kind)
            .map(|order| match order.order {
                CloseOrder::Limit { price, .. } => price,
                other => other.stop_trigger().unwrap(),
            })
            .collect();
        found.sort();
        found.iter().map(ToString::to_string).collect()
    }

    /// What rests under names of that kind.
    pub fn orders(&self, kind: &str) -> impl Iterator<Item = &RestingOrder> {
        let symbol = &self.snapshot.position.key.symbol;
        self.snapshot.orders.iter().filter(move |order| {
            let cause = order.client_order_id.cause(symbol).unwrap();
            kind_of(cause.leg).to_string() == kind
        })
    }

    pub fn targets_total(&self) -> Qty {
        let limits = self
            .snapshot
            .orders
            .iter()
            .filter_map(|order| match order.order {
                CloseOrder::Limit { .. } => order.open_qty(),
                _ => None,
            });
        limits.fold(Qty::ZERO, Qty::plus)
    }
}
