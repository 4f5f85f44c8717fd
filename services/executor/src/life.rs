//! One life of one position: what is observed, what is desired, what is on its way.

use domain::Timestamp;
use domain::decision::StopReason;
use domain::desired::Desired;
use domain::flight::{Flight, taken_before};
use domain::guard::CLOCK_SKEW_MAX;
use domain::ids::{LegId, Module};
use domain::intent::{Denial, OrderIntent};
use domain::ladder::Ladder;
use domain::order::{CloseOrder, OrderEvent, OrderStatus};
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::reconcile::{Want, reconcile};
use domain::snapshot::PositionSnapshot;
use domain::triggers::Slot;

use crate::intents::{Acting, Author, Cause};
use crate::records::ShadowNews;

mod deciding;
mod left;
mod rest;

pub(crate) use rest::Looked;

/// The venue's answer to a stop whose trigger the price has passed already.
const WOULD_TRIGGER: i32 = -2021;
/// The guard's code for an intent that it has reviewed before.
const REPEATED: &str = "INTENT_REPEATED";

#[derive(Debug)]
pub(crate) struct Life {
    slot: Slot,
    snapshot: PositionSnapshot,
    plan: Option<ExitPlan>,
    /// The plan's ladder for the position as it is observed.
    ladder: Option<Ladder>,
    desired: Desired,
    flight: Flight,
    /// Whether "nothing to do" was said last: it is recorded once, not every time it is true.
    is_told: bool,
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
        flight.settle(&snapshot, now);
        let mut desired = Desired::adopt(&snapshot);
        desired.watch_flat(snapshot.position.is_open(), now);
        Self {
            slot,
            snapshot,
            plan: None,
            ladder: None,
            desired,
            flight,
            is_told: false,
            shadow: ShadowNews::default(),
            acting: Acting::new(),
            stop_reason: None,
            acts: false,
            left_closing: false,
            looked: None,
        }
    }

    /// It takes the place of `former`, of which shares may be on their way.
    pub(crate) fn comes_after(&mut self, former: &Self, now: Timestamp) {
        self.flight.inherit(&former.flight);
        self.flight.settle(&self.snapshot, now);
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
        self.is_told = false;
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
        let is_as_before = before == after && self.snapshot.instrument == snapshot.instrument;
        self.snapshot = snapshot;
        if !is_as_before {
            self.lay_ladder();
        }
        true
    }

    /// To be called whenever plan, position or contract have changed.
    fn lay_ladder(&mut self) {
        let (position, instrument) = (&self.snapshot.position, &self.snapshot.instrument);
        let plan = self.plan.as_ref();
        self.ladder = plan.and_then(|plan| Ladder::of(plan, position, instrument));
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
        self.lay_ladder();
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
        // What has landed was settled with this picture.
        if !self.flight.is_landed() {
            self.flight.settle(&self.snapshot, now);
        }
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
