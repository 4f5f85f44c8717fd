//! One life of one position: what is observed, what is desired, what is on its way.

use domain::decide::{View, decide, level_reached};
use domain::decision::{Action, Decision, StopReason, TARGETS_MAX};
use domain::desired::Desired;
use domain::flight::{Flight, taken_before};
use domain::guard::CLOCK_SKEW_MAX;
use domain::ids::{LegId, Module};
use domain::intent::{Denial, OrderIntent};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::reconcile::{PARTIAL_LEG, Scene, Want, has_stuck_stop, part_due, reconcile};
use domain::snapshot::PositionSnapshot;
use domain::triggers::Slot;
use domain::{Price, Span, Timestamp};

use crate::feeds::Market;
use crate::intents::{Acting, Author, Cause};
use crate::records::ShadowNews;

mod left;
mod rest;

pub(crate) use rest::Looked;

/// A price that jumps may make each of the seven rules on stop and ladder decide once, and each
/// leg close its part; more decisions in one step would mean that two rules undo each other.
const DECISIONS_PER_STEP_MAX: usize = 7 + TARGETS_MAX;
/// The gateway tells every position every second; after three missed ones the venue is unknown.
const VENUE_SILENCE_MAX: Span = Span::from_secs(3);
/// The venue's answer to a stop whose trigger the price has passed already.
const WOULD_TRIGGER: i32 = -2021;
/// The guard's code for an intent that it has reviewed before.
const REPEATED: &str = "INTENT_REPEATED";

#[derive(Debug)]
pub(crate) struct Life {
    slot: Slot,
    snapshot: PositionSnapshot,
    plan: Option<ExitPlan>,
    desired: Desired,
    flight: Flight,
    last: Option<Decision>,
    pub(crate) shadow: ShadowNews,
    acting: Acting,
    stop_reason: Option<StopReason>,
    /// Whether what is decided is asked for: in LIVE, and not standing by.
    acts: bool,
    /// Whether an exit was decided while it acted last, and the position was still open then.
    left_closing: bool,
    /// Under which circumstances it was looked at last.
    looked: Option<Looked>,
}

impl Life {
    /// A life just heard of, in a process that started at `boot` (Unix microseconds).
    pub(crate) fn begin(snapshot: PositionSnapshot, slot: Slot, boot: u64, now: Timestamp) -> Self {
        let mut flight = Flight::after(taken_before(snapshot.position.epoch, boot));
        flight.learn(&snapshot);
        let mut desired = Desired::adopt(&snapshot);
        desired.watch_flat(snapshot.position.is_open(), now);
        Self {
            slot,
            snapshot,
            plan: None,
            desired,
            flight,
            last: None,
            shadow: ShadowNews::default(),
            acting: Acting::new(),
            stop_reason: None,
            acts: false,
            left_closing: false,
            looked: None,
        }
    }

    /// Says whether what is decided from now on is asked for. What was decided before is not: the
    /// price that made it may be long gone.
    pub(crate) fn set_acting(&mut self, acts: bool) {
        if acts && !self.acts {
            self.desired.begin_to_act();
            self.left_closing = false;
        }
        if !acts && self.acts {
            self.left_closing = self.desired.exiting;
        }
        self.acts = acts;
    }

    /// It acts under a new token from `now` on: others may have given names until then. What it
    /// decided while it stood by is recorded by nobody where the former owner was gone already, so
    /// what it makes of the position is said once more.
    pub(crate) fn take_over(&mut self, now: Timestamp) {
        self.last = None;
        let now = u64::try_from(now.micros()).unwrap_or(0);
        let epoch = self.snapshot.position.epoch;
        self.flight.reserve(taken_before(epoch, now));
    }

    /// The operator wants everything closed, and this executor acts.
    pub(crate) fn order_exit(&mut self, by: &str) {
        self.set_acting(true);
        self.desired.ordered_by = Some(by.into());
    }

    /// Whether what is decided is asked for.
    pub(crate) const fn acts(&self) -> bool {
        self.acts
    }

    pub(crate) const fn desired(&self) -> &Desired {
        &self.desired
    }

    pub(crate) const fn snapshot(&self) -> &PositionSnapshot {
        &self.snapshot
    }

    /// The plan that rules may look at now.
    pub(crate) fn plan_in_use(&self, now: Timestamp) -> Option<&ExitPlan> {
        self.plan.as_ref().filter(|plan| !plan.is_expired(now))
    }

    pub(crate) fn is_same(&self, snapshot: &PositionSnapshot) -> bool {
        self.snapshot.position.epoch == snapshot.position.epoch
    }

    /// Whether `snapshot` tells an earlier begin of this life than we know: late news, or, where
    /// it is newer, the gateway's correction of its own first guess.
    pub(crate) fn begins_after(&self, snapshot: &PositionSnapshot) -> bool {
        self.snapshot.position.epoch > snapshot.position.epoch
    }

    /// Whether `plan` is for a life that comes after this one.
    pub(crate) fn is_before(&self, plan: &ExitPlan) -> bool {
        plan.epoch > self.snapshot.position.epoch
    }

    /// Takes a newer picture of the same life in; `false` for an older one.
    pub(crate) fn observe(&mut self, snapshot: PositionSnapshot, now: Timestamp) -> bool {
        if snapshot.at < self.snapshot.at {
            return false;
        }
        self.flight.learn(&snapshot);
        self.flight.settle(&snapshot, now);
        self.desired.watch_flat(snapshot.position.is_open(), now);
        self.desired.learn_stop(&snapshot);
        let (before, after) = (&self.snapshot.position, &snapshot.position);
        if after.initial_qty > before.initial_qty {
            self.desired.enlarged();
        }
        if after.epoch != before.epoch {
            // The gateway has read the fills anew: the same position under another name. The stop
            // stays where it was wanted; plan and ladder are of the life that never was.
            self.plan = None;
            self.desired.keep = None;
            self.desired.targets_plan = None;
        }
        self.snapshot = snapshot;
        true
    }

    /// Whether this life has ended and nothing of it rests that does not expire by itself.
    pub(crate) fn is_over(&self) -> bool {
        let position = &self.snapshot.position;
        let rests = self.snapshot.orders.iter().any(|order| {
            let expires = matches!(order.order, CloseOrder::DisasterStop { .. });
            !expires && order.client_order_id.cause(&position.key.symbol).is_some()
        });
        !position.is_open() && self.snapshot.flat_proven && !rests
    }

    pub(crate) fn is_protected(&self) -> bool {
        let position = &self.snapshot.position;
        position.is_open() && self.snapshot.protected_qty() >= position.qty
    }

    /// Takes a plan over, or names the field for which it is refused.
    pub(crate) fn take_plan(&mut self, plan: ExitPlan, now: Timestamp) -> Result<(), &'static str> {
        if plan.epoch != self.snapshot.position.epoch {
            return Err("epoch");
        }
        if plan.is_expired(now) {
            return Err("expires_at");
        }
        if plan.created_at > now + CLOCK_SKEW_MAX {
            return Err("created_at");
        }
        if self
            .plan
            .as_ref()
            .is_some_and(|known| known.created_at > plan.created_at)
        {
            return Err("created_at");
        }
        self.plan = Some(plan);
        Ok(())
    }

    /// Takes news of an order in. A stop whose level is breached already is an exit now.
    pub(crate) fn on_event(&mut self, event: &OrderEvent, now: Timestamp) {
        self.flight.on_event(event, now);
        let Some(cause) = event.client_order_id.cause(&event.key.symbol) else {
            return;
        };
        let is_stop = matches!(cause.leg, LegId::Stop | LegId::Disaster);
        let breached = event.status == OrderStatus::Rejected && event.code == Some(WOULD_TRIGGER);
        let is_current = event.epoch == self.snapshot.position.epoch;
        self.desired.stop_refused |= is_stop && breached && is_current;
    }

    pub(crate) fn on_denied(&mut self, denial: &Denial, now: Timestamp) {
        // The bus may repeat an intent: the no is to the copy, the first one may be on its way.
        if denial.code == REPEATED {
            return;
        }
        if let Ok(id) = domain::ids::ClientOrderId::new(denial.intent_id.as_str()) {
            self.flight.on_denied(&id, now);
        }
    }

    /// Applies the rules until none has anything to add; returns what is new to record.
    pub(crate) fn decide(&mut self, market: &Market<'_>, now: Timestamp) -> Vec<Decision> {
        if !self.snapshot.position.is_open() {
            return Vec::new();
        }
        let position = &self.snapshot.position;
        let side = position.key.side;
        // A mark from before the opening fill says nothing about this position: it may lie beyond
        // its stop although the price has long come to the entry. Both times are the venue's.
        let mark_price = market.mark_price(position.opened_at, now);
        match mark_price {
            Some(mark) if self.is_stop_known(now) => self.desired.watch_stop(side, mark, now),
            Some(_) => self.desired.stop_reached_since = None,
            None => {}
        }
        if let Some(plan) = self.plan.as_ref().filter(|plan| !plan.is_expired(now)) {
            let instrument = &self.snapshot.instrument;
            self.desired.watch_targets(plan, position, instrument);
        }
        self.give_part_up(market, mark_price, now);
        let mut news = Vec::new();
        for _ in 0..DECISIONS_PER_STEP_MAX {
            let decision = decide(&self.view(market, mark_price, now));
            if decision.action == Action::NoChange {
                if self.is_news(&decision) && news.is_empty() {
                    self.last = Some(decision.clone());
                    news.push(decision);
                }
                return news;
            }
            self.desired.apply(&decision.action, side, decision.plan_id);
            if let Action::MoveStop { reason, .. } = decision.action {
                self.stop_reason = Some(reason);
            }
            self.acting.insert(decision.action.name(), decision.clone());
            self.last = Some(decision.clone());
            news.push(decision);
        }
        news
    }

    /// Whether a mark beyond the stop means that the stop has failed: it rests, or it could be
    /// placed. Where the venue is not heard of, it may never have been there.
    fn is_stop_known(&self, now: Timestamp) -> bool {
        let is_venue_heard = now.since(self.snapshot.at) <= VENUE_SILENCE_MAX;
        let rests = || {
            let mut orders = self.snapshot.orders.iter();
            orders.any(|it| {
                matches!(it.order, CloseOrder::Stop { trigger, .. }
                    if Some(trigger) == self.desired.stop)
            })
        };
        !self.acts || is_venue_heard || rests()
    }

    /// A part that is due and not on its way, while the mark is back on the near side of its leg:
    /// it is decided anew when the mark crosses the leg again.
    fn give_part_up(&mut self, market: &Market<'_>, mark_price: Option<Price>, now: Timestamp) {
        let Some(keep) = self.desired.keep else {
            return;
        };
        let is_asked = self.flight.pending(PARTIAL_LEG).is_some();
        if !self.acts || mark_price.is_none() || is_asked {
            return;
        }
        let is_due = !part_due(&self.scene(market.policy, now)).is_zero();
        let reached = level_reached(&self.view(market, mark_price, now));
        if is_due && reached.is_none_or(|reached| keep < reached) {
            self.desired.keep = reached;
        }
    }

    const fn scene<'a>(&'a self, policy: &'a Policy, now: Timestamp) -> Scene<'a> {
        Scene {
            snapshot: &self.snapshot,
            desired: &self.desired,
            flight: &self.flight,
            policy,
            now,
        }
    }

    fn view<'a>(
        &'a self,
        market: &'a Market<'a>,
        mark_price: Option<Price>,
        now: Timestamp,
    ) -> View<'a> {
        View {
            position: &self.snapshot.position,
            instrument: &self.snapshot.instrument,
            plan: self.plan_in_use(now),
            mark_price,
            context: &market.context,
            risk: market.risk,
            stuck_stop: has_stuck_stop(&self.snapshot, now),
            desired: &self.desired,
            policy: market.policy,
            now,
        }
    }

    /// "Nothing to do" is recorded once, not every time it is true.
    fn is_news(&self, decision: &Decision) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| last.action != decision.action)
    }

    /// Compares desired with observed and asks for the difference.
    pub(crate) fn reconcile(
        &mut self,
        policy: &Policy,
        author: &mut Author,
        now: Timestamp,
        caused_at: Option<Timestamp>,
    ) -> Vec<OrderIntent> {
        let wants = self.wants(policy, now);
        self.ask(wants, author, now, caused_at)
    }

    /// Asks for the stops without which the position is not covered, and for nothing else.
    pub(crate) fn protect(
        &mut self,
        policy: &Policy,
        author: &mut Author,
        now: Timestamp,
        caused_at: Option<Timestamp>,
    ) -> Vec<OrderIntent> {
        if self.is_protected() {
            return Vec::new();
        }
        let mut wants = self.wants(policy, now);
        wants.retain(Want::is_stop);
        self.ask(wants, author, now, caused_at)
    }

    fn wants(&mut self, policy: &Policy, now: Timestamp) -> Vec<Want> {
        self.flight.settle(&self.snapshot, now);
        reconcile(&self.scene(policy, now))
    }

    fn ask(
        &mut self,
        wants: Vec<Want>,
        author: &mut Author,
        now: Timestamp,
        caused_at: Option<Timestamp>,
    ) -> Vec<OrderIntent> {
        let cause = Cause {
            key: &self.snapshot.position.key,
            epoch: self.snapshot.position.epoch,
            module: Module::ExitExecutor,
            decisions: &self.acting,
            stop_reason: self.stop_reason,
            caused_at,
            now,
        };
        wants
            .into_iter()
            .map(|want| author.intent(want, &cause, &mut self.flight))
            .collect()
    }
}
