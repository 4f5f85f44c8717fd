//! What the executor of the models knows of the position, and the rules that it calls.

use std::sync::Arc;

use domain::decide::{View, decide, level_reached};
use domain::decision::Action;
use domain::desired::Desired;
use domain::flight::{Flight, Pending, taken_before};
use domain::handover::{Closing, Handover};
use domain::ids::{ClientOrderId, LegId, Module};
use domain::intent::{IntentId, Wish};
use domain::ladder::Ladder;
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::reconcile::{PARTIAL_LEG, Scene, Want, has_stuck_stop, kind_of, part_due, reconcile};
use domain::snapshot::PositionSnapshot;
use domain::{Side, Span, Timestamp};

use crate::desk::{Bug, Known, VALID};
use crate::parts;
use crate::venue::Word;

/// A venue that was not heard for longer is unknown.
const VENUE_SILENCE_MAX: Span = Span::from_secs(3);
/// The venue's answer to a stop whose trigger the price has passed already.
const WOULD_TRIGGER: i32 = -2021;
/// More decisions in one step would mean that two rules undo each other.
const DECISIONS_MAX: usize = 20;

/// What it knows of the position.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Life {
    pub desired: Desired,
    pub flight: Flight,
    /// Whether an exit was decided when it stepped down.
    pub left_closing: bool,
    seen: Arc<PositionSnapshot>,
}

impl Life {
    pub fn begin(seen: Arc<PositionSnapshot>, boot: u64, now: Timestamp) -> Self {
        let mut flight = Flight::after(taken_before(seen.position.epoch, boot));
        flight.learn(&seen);
        let mut desired = Desired::adopt(&seen);
        desired.watch_flat(seen.position.is_open(), now);
        desired.begin_to_act();
        Self {
            desired,
            flight,
            left_closing: false,
            seen,
        }
    }

    /// What it says of the position once it acts on it no more. What rests for it is told by the
    /// picture as well.
    pub fn handover(&self, fence: u64, now: Timestamp) -> Handover {
        let position = &self.seen.position;
        let settled_at = self.flight.settled_at(LegId::Exit, now);
        Handover {
            key: position.key.clone(),
            epoch: position.epoch,
            qty: position.qty,
            orders: Vec::new(),
            closing: self.left_closing.then_some(Closing { settled_at }),
            instance: String::new(),
            fence,
            revision: 0,
            reason: String::new(),
            at: now,
        }
    }

    pub fn observe(&mut self, seen: Arc<PositionSnapshot>, now: Timestamp) {
        self.flight.learn(&seen);
        self.flight.settle(&seen, now);
        self.desired.watch_flat(seen.position.is_open(), now);
        self.desired.learn_stop(&seen);
        self.seen = seen;
    }

    pub fn hear(&mut self, word: &Word, bug: Option<Bug>, now: Timestamp) {
        let leg = parts::cause(&word.id).leg;
        self.flight.on_event(&event(word, now), now);
        let is_stop = matches!(leg, LegId::Stop | LegId::Disaster);
        let is_breached = word.status == OrderStatus::Rejected && word.code == Some(WOULD_TRIGGER);
        self.desired.stop_refused |= is_stop && is_breached;
        if bug == Some(Bug::ResendUnknown) && word.status == OrderStatus::Unknown {
            self.flight.on_denied(&word.id, now);
        }
    }

    pub fn decide(&mut self, known: &Known<'_>) {
        let seen = Arc::clone(&self.seen);
        let side = self.side();
        if !seen.position.is_open() {
            return;
        }
        if self.is_stop_known(known.now) {
            self.desired.watch_stop(side, known.mark, known.now);
        } else {
            self.desired.stop_reached_since = None;
        }
        let (position, instrument) = (&seen.position, &seen.instrument);
        let ladder = Ladder::of(known.plan, position, instrument);
        self.desired
            .watch_targets(known.plan, ladder.as_ref(), position, instrument);
        self.give_part_up(known, ladder.as_ref());
        for _ in 0..DECISIONS_MAX {
            let decision = decide(&self.view(known, ladder.as_ref()));
            if decision.action == Action::NoChange {
                return;
            }
            self.desired.apply(&decision.action, side, decision.plan_id);
        }
    }

    fn side(&self) -> Side {
        self.seen.position.key.side
    }

    fn is_stop_known(&self, now: Timestamp) -> bool {
        let mut orders = self.seen.orders.iter();
        now.since(self.seen.at) <= VENUE_SILENCE_MAX
            || orders.any(|it| {
                matches!(it.order, CloseOrder::Stop { trigger, .. }
                    if Some(trigger) == self.desired.stop)
            })
    }

    fn give_part_up(&mut self, known: &Known<'_>, ladder: Option<&Ladder>) {
        let Some(keep) = self.desired.keep else {
            return;
        };
        if self.flight.pending(PARTIAL_LEG).is_some() {
            return;
        }
        let is_due = !part_due(&self.scene(known)).is_zero();
        let reached = level_reached(&self.view(known, ladder));
        if is_due && reached.is_none_or(|reached| keep < reached) {
            self.desired.keep = reached;
        }
    }

    fn scene<'a>(&'a self, known: &Known<'a>) -> Scene<'a> {
        Scene {
            snapshot: &self.seen,
            desired: &self.desired,
            flight: &self.flight,
            policy: known.policy,
            now: known.now,
        }
    }

    fn view<'a>(&'a self, known: &'a Known<'a>, ladder: Option<&'a Ladder>) -> View<'a> {
        View {
            position: &self.seen.position,
            instrument: &self.seen.instrument,
            plan: Some(known.plan),
            ladder,
            mark: Some(self.seen.position.valued(known.mark)),
            context: known.context,
            risk: known.risk,
            stuck_stop: has_stuck_stop(&self.seen, known.now),
            desired: &self.desired,
            policy: known.policy,
            now: known.now,
        }
    }

    pub fn wants(&mut self, known: &Known<'_>, bug: Option<Bug>) -> Vec<Want> {
        self.flight.settle(&self.seen, known.now);
        let mut wants = reconcile(&self.scene(known));
        let is_stop = |want: &Want| {
            matches!(
                want,
                Want::Place {
                    leg: LegId::Stop,
                    ..
                }
            )
        };
        if bug == Some(Bug::CancelFirst) && wants.iter().any(is_stop) {
            let stops = self.seen.orders.iter();
            let stops = stops.filter(|it| matches!(it.order, CloseOrder::Stop { .. }));
            let cancels = stops.map(|it| Want::Cancel {
                target: it.client_order_id.clone(),
                kind: kind_of(LegId::Stop),
                conditional: true,
                reason: "a bug",
            });
            let cancels: Vec<Want> = cancels.collect();
            wants.splice(0..0, cancels);
        }
        wants
    }

    pub fn ask(&mut self, want: Want, now: Timestamp) -> (IntentId, Wish) {
        match want {
            Want::Place { leg, order, .. } => {
                let generation = self.flight.next_generation(leg);
                let name = parts::name(&Module::ExitExecutor, self.side(), leg, generation);
                place(&mut self.flight, leg, name, order, now)
            }
            Want::Cancel {
                target,
                conditional,
                ..
            } => cancel(&mut self.flight, target, conditional, now),
        }
    }
}

/// The wish to place an order, which is on its way from now on.
pub fn place(
    flight: &mut Flight,
    leg: LegId,
    client_order_id: ClientOrderId,
    order: CloseOrder,
    now: Timestamp,
) -> (IntentId, Wish) {
    let pending = Pending {
        client_order_id: client_order_id.clone(),
        order,
        expires_at: now + VALID,
        status: OrderStatus::Submitting,
        heard: None,
    };
    flight.asked(leg, pending);
    let id = IntentId::place(&client_order_id);
    let wish = Wish::Place {
        client_order_id,
        order,
    };
    (id, wish)
}

/// The wish to cancel an order.
pub fn cancel(
    flight: &mut Flight,
    target: ClientOrderId,
    conditional: bool,
    now: Timestamp,
) -> (IntentId, Wish) {
    flight.cancel_asked(&target, now, now + VALID);
    let id = IntentId::cancel(&target, now);
    let wish = Wish::Cancel {
        target,
        conditional,
    };
    (id, wish)
}

/// A word as the gateway tells it.
pub fn event(word: &Word, now: Timestamp) -> OrderEvent {
    let cause = parts::cause(&word.id);
    OrderEvent {
        key: parts::key(cause.side),
        epoch: cause.epoch,
        module: cause.module,
        kind: kind_of(cause.leg),
        intent_id: IntentId::place(&word.id),
        client_order_id: word.id.clone(),
        venue_order_id: None,
        order_type: String::new(),
        status: word.status,
        filled_qty: word.filled,
        average_price: None,
        code: word.code,
        detail: String::new(),
        tick_to_order: None,
        at: now,
    }
}
