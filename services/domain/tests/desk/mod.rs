//! One position, its desired protection, and a venue that does at once what it is asked.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "not every test uses all of it"
)]

use domain::decide::{View, decide};
use domain::decision::Action;
use domain::desired::Desired;
use domain::flight::{Flight, Pending};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::market::MarketContext;
use domain::order::{CloseOrder, OrderKind, OrderStatus, RestingOrder};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanInputs, build};
use domain::policy::{Policy, StepClose, TrailActivation};
use domain::reconcile::{Scene, Want, has_stuck_stop, kind_of, reconcile};
use domain::signal::RiskMode;
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, Position, Price, PricePct, Qty, Side, Span, Timestamp};

use super::common::*;

pub struct Desk {
    pub snapshot: PositionSnapshot,
    pub desired: Desired,
    pub flight: Flight,
    pub plan: Option<ExitPlan>,
    pub risk: RiskMode,
    pub policy: Policy,
    pub asked: Vec<Want>,
    ids: Vec<ClientOrderId>,
    mark: Option<Price>,
    now: Timestamp,
}

impl Desk {
    pub fn new(position: Position) -> Self {
        Self::with_policy(position, Policy::default())
    }

    pub fn with_policy(position: Position, policy: Policy) -> Self {
        let plan = plan(&position, &policy);
        let snapshot = PositionSnapshot {
            instrument: instrument(position.key.symbol.as_str(), "0.1", "0.001"),
            position,
            orders: Vec::new(),
            complete: true,
            flat_proven: false,
            sequence: 1,
            at: NOW,
        };
        Self {
            snapshot,
            desired: Desired::default(),
            flight: Flight::default(),
            plan: Some(plan),
            risk: RiskMode::Normal,
            policy,
            asked: Vec::new(),
            ids: Vec::new(),
            mark: None,
            now: NOW,
        }
    }

    /// A long of 0.1 at that entry, with everything in place.
    pub fn settled(entry: &str) -> Self {
        Self::settle(
            Self::new(position("BTCUSDT", Side::Long, "0.1", entry)),
            entry,
        )
    }

    /// The same with a first leg that closes at market, and no other rule near it.
    pub fn with_market_first_leg(entry: &str) -> Self {
        let mut policy = Policy::default();
        policy.ladder[0].close = StepClose::Market;
        policy.trail_activation = TrailActivation::TargetMultiple(ratio("2"));
        policy.breakeven_trigger = PricePct::new(dec("50"));
        let long = position("BTCUSDT", Side::Long, "0.1", entry);
        Self::settle(Self::with_policy(long, policy), entry)
    }

    fn settle(mut self, mark: &str) -> Self {
        for _ in 0..3 {
            self.tick(mark);
            self.obey();
        }
        assert!(
            self.tick(mark).is_empty() && self.asked.is_empty(),
            "{:?}",
            self.asked
        );
        self
    }

    pub fn trail_off(&mut self) {
        self.policy.trail_activation = TrailActivation::TargetMultiple(ratio("2"));
        self.plan = Some(plan(&self.snapshot.position, &self.policy));
    }

    pub fn tick(&mut self, mark: &str) -> Vec<Action> {
        self.mark = Some(price(mark));
        self.desired
            .watch_stop(self.snapshot.position.key.side, price(mark), self.now);
        self.step()
    }

    /// Decides until nothing is left to decide, then compares.
    pub fn step(&mut self) -> Vec<Action> {
        self.now = self.now + Span::from_millis(10);
        self.desired
            .watch_flat(self.snapshot.position.is_open(), self.now);
        let mut actions = Vec::new();
        while let Some(action) = self.decide_once() {
            actions.push(action);
            assert!(actions.len() < 5, "rules undo each other: {actions:?}");
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
            self.ask(&want);
        }
        actions
    }

    fn decide_once(&mut self) -> Option<Action> {
        let position = self.snapshot.position.clone();
        let context = MarketContext::unknown(position.key.symbol.clone(), self.now);
        let decision = decide(&View {
            position: &position,
            instrument: &self.snapshot.instrument,
            plan: self.plan.as_ref(),
            mark_price: self.mark,
            context: &context,
            risk: self.risk,
            stuck_stop: has_stuck_stop(&self.snapshot, self.now),
            desired: &self.desired,
            policy: &self.policy,
            now: self.now,
        });
        if decision.action == Action::NoChange {
            return None;
        }
        self.desired
            .apply(&decision.action, position.key.side, decision.plan_id);
        Some(decision.action)
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
                    heard_at: None,
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

    /// The venue does what was asked last.
    pub fn obey(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        for (want, id) in asked.into_iter().zip(std::mem::take(&mut self.ids)) {
            match want {
                Want::Cancel { .. } => {
                    self.snapshot
                        .orders
                        .retain(|order| order.client_order_id != id);
                }
                Want::Place {
                    order: CloseOrder::Market { qty },
                    ..
                } => self.close(qty),
                Want::Place { order, .. } => self.snapshot.orders.push(RestingOrder {
                    client_order_id: id,
                    order,
                    status: OrderStatus::Accepted,
                    filled_qty: Qty::ZERO,
                    since: self.now,
                }),
            }
        }
        self.now = self.now + Span::from_millis(400);
        self.snapshot.at = self.now;
        self.flight.settle(&self.snapshot, self.now);
    }

    /// The first target fills.
    pub fn close_part(&mut self, part: &str) {
        self.close(qty(part));
        let is_first = |order: &RestingOrder| {
            let cause = order.client_order_id.cause(&symbol("BTCUSDT"));
            cause.is_some_and(|cause| cause.leg == LegId::TakeProfit(1))
        };
        self.snapshot.orders.retain(|order| !is_first(order));
        self.pass(Span::from_millis(1));
    }

    fn close(&mut self, part: Qty) {
        let position = &mut self.snapshot.position;
        assert!(part <= position.qty, "an exit larger than the position");
        position.qty = position.qty.saturating_sub(part);
        self.snapshot.flat_proven = position.qty.is_zero();
    }

    /// A stop of the life `epoch` for all of it fires and hangs.
    pub fn hang_stop(&mut self, epoch: u64, trigger: &str) {
        let key = &self.snapshot.position.key;
        let cause = OrderCause {
            module: Module::ExitExecutor,
            side: key.side,
            epoch: Epoch(epoch),
            leg: LegId::Stop,
            generation: 77,
        };
        let order = CloseOrder::Stop {
            qty: self.snapshot.position.qty,
            trigger: price(trigger),
        };
        self.snapshot.orders.push(RestingOrder {
            client_order_id: ClientOrderId::derive(&key.symbol, &cause),
            order,
            status: OrderStatus::Triggering,
            filled_qty: Qty::ZERO,
            since: self.now,
        });
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
        let symbol = &self.snapshot.position.key.symbol;
        let mut found: Vec<Price> = self
            .snapshot
            .orders
            .iter()
            .filter(|order| {
                let cause = order.client_order_id.cause(symbol).unwrap();
                kind_of(cause.leg).to_string() == kind
            })
            .map(|order| match order.order {
                CloseOrder::Limit { price, .. } => price,
                other => other.stop_trigger().unwrap(),
            })
            .collect();
        found.sort();
        found.iter().map(ToString::to_string).collect()
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

fn plan(position: &Position, policy: &Policy) -> ExitPlan {
    let context = MarketContext::unknown(position.key.symbol.clone(), NOW);
    let inputs = PlanInputs {
        position,
        mark_price: None,
        context: &context,
        hint: None,
        risk: RiskMode::Normal,
    };
    build(&inputs, policy, NOW).unwrap()
}
