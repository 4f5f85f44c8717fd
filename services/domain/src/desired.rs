//! The protection that a position should have: what decisions add up to.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decision::{Action, Target};
use crate::guard::tightest_stop;
use crate::ids::{LegId, Module};
use crate::instrument::Instrument;
use crate::ladder::{self, Ladder, Step};
use crate::num::{Price, Qty};
use crate::order::CloseOrder;
use crate::plan::{ExitPlan, PlanId};
use crate::position::{Position, Side};
use crate::snapshot::PositionSnapshot;
use crate::time::Timestamp;

/// The desired protection of one life of one position. Decisions change it, the reconciler makes
/// the venue equal to it. In SHADOW it is all there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Desired {
    /// Trigger of the working stop; none until the first one is decided.
    pub stop: Option<Price>,
    /// The ladder of resting take-profits, nearest first.
    pub targets: Vec<Target>,
    /// The plan that the ladder was made from.
    pub targets_plan: Option<PlanId>,
    /// What a partial close leaves open, at most.
    pub keep: Option<Qty>,
    /// Price of the first target that was closed, where one was.
    pub first_hit: Option<Price>,
    /// Whether a target of this life was reached, whatever was opened since.
    pub target_reached: bool,
    /// Everything is to be closed; once set it stays for as long as the executor acts.
    pub exiting: bool,
    /// Since when the mark is beyond the stop.
    pub stop_reached_since: Option<Timestamp>,
    /// Whether the venue has refused the stop because it would trigger at once.
    pub stop_refused: bool,
    /// The operator who has ordered everything closed, while the executor acts.
    pub ordered_by: Option<String>,
    /// Since when something is known to be open.
    pub open_since: Option<Timestamp>,
    /// Since when nothing is open any more.
    pub flat_since: Option<Timestamp>,
}

impl Desired {
    /// What an executor finds resting when it begins with a life, and takes for its own wish: the
    /// tightest stop of this life, its own from before a restart or an incumbent's at a hand-over.
    /// Everything else is decided anew; a stop must never come back looser.
    #[must_use]
    pub fn adopt(snapshot: &PositionSnapshot) -> Self {
        let position = &snapshot.position;
        let side = position.key.side;
        let stop = known_stops(snapshot).reduce(|a, b| side.tighter(a, b));
        let is_beyond = |stop| !side.is_tighter(position.entry_price, stop);
        Self {
            stop,
            // Nobody tells what was reached before a restart: a part that is closed does, and a
            // stop that has come so far.
            target_reached: !position.closed_qty().is_zero() || stop.is_some_and(is_beyond),
            ..Self::default()
        }
    }

    /// A stop of the executor's own that rests tighter than what is wanted was wanted by its
    /// predecessor, and was still on its way when this process began.
    pub fn learn_stop(&mut self, snapshot: &PositionSnapshot) {
        let side = snapshot.position.key.side;
        let whose = (&Module::ExitExecutor, snapshot.position.epoch);
        let resting = tightest_stop(whose, &snapshot.position.key, snapshot.orders.iter());
        if let (Some(wanted), Some(resting)) = (self.stop, resting)
            && side.is_tighter(resting, wanted)
        {
            self.stop = Some(resting);
            self.stop_reached_since = None;
        }
    }

    /// Takes a decision in. The stop only ever tightens here, whatever was decided.
    pub fn apply(&mut self, action: &Action, side: Side, plan: Option<PlanId>) {
        match action {
            Action::NoChange => {}
            Action::PartialClose { keep, .. } => {
                self.keep = Some(self.keep.map_or(*keep, |old| old.min(*keep)));
            }
            Action::MoveStop { price, .. } => {
                let tighter = self.stop.map_or(*price, |old| side.tighter(*price, old));
                if self.stop != Some(tighter) {
                    self.stop_reached_since = None;
                }
                self.stop = Some(tighter);
            }
            Action::UpdateTargets { targets } => {
                self.targets.clone_from(targets);
                self.targets_plan = plan;
            }
            Action::FullExit => self.exiting = true,
        }
    }

    /// The executor acts from now on: what it only would have done is decided anew, by what holds
    /// now. The stop stays.
    pub fn begin_to_act(&mut self) {
        self.ordered_by = None;
        self.keep = None;
        self.exiting = false;
        self.stop_reached_since = None;
        self.stop_refused = false;
    }

    /// Notes whether something is open, and since when that is so.
    pub fn watch_flat(&mut self, is_open: bool, now: Timestamp) {
        (self.open_since, self.flat_since) = if is_open {
            (Some(self.open_since.unwrap_or(now)), None)
        } else {
            (None, Some(self.flat_since.unwrap_or(now)))
        };
    }

    /// Notes at what price the first target was closed: a later plan may have it elsewhere. A plan
    /// that rests no target where none rests is followed without a decision. One that was made for
    /// another entry or size says nothing: what rests may stay.
    pub fn watch_targets(
        &mut self,
        plan: &ExitPlan,
        ladder: Option<&Ladder>,
        position: &Position,
        instrument: &Instrument,
    ) {
        let Some(ladder) = ladder else {
            self.targets_plan = None;
            return;
        };
        let is_settled = self.first_hit.is_some() || position.closed_qty().is_zero();
        if is_settled && self.targets_plan.is_some() {
            return;
        }
        let steps = ladder.steps();
        if self.targets.is_empty() && !steps.iter().any(Step::rests) {
            self.targets_plan = Some(plan.id);
        }
        if self.first_hit.is_none() && ladder::hits(steps, position, instrument) > 0 {
            let first = steps.first().map(|step| step.target);
            let rested = |new: Target| {
                let old = self.targets.iter().find(|old| old.leg == new.leg);
                old.map_or(new.price, |old| old.price)
            };
            self.first_hit = first.map(rested);
            self.target_reached = true;
        }
    }

    /// More was opened: what parts leave open and which targets are done is counted from all of it,
    /// and what rests may stay until a plan is made for it.
    pub const fn enlarged(&mut self) {
        self.keep = None;
        self.first_hit = None;
        self.targets_plan = None;
    }

    /// Notes whether `mark` is beyond the stop, and since when.
    pub fn watch_stop(&mut self, side: Side, mark: Price, now: Timestamp) {
        let reached = self.stop.is_some_and(|stop| side.stop_reached(stop, mark));
        self.stop_reached_since = match (reached, self.stop_reached_since) {
            (true, Some(since)) => Some(since),
            (true, None) => Some(now),
            (false, _) => None,
        };
    }
}

fn known_stops(snapshot: &PositionSnapshot) -> impl Iterator<Item = Price> + '_ {
    let position = &snapshot.position;
    snapshot.orders.iter().filter_map(move |order| {
        let cause = order.client_order_id.cause(&position.key.symbol)?;
        let own = cause.epoch == position.epoch && cause.leg == LegId::Stop;
        match order.order {
            CloseOrder::Stop { trigger, .. } if own => Some(trigger),
            _ => None,
        }
    })
}

/// Farthest trigger that keeps the loss within its share of the margin, on the grid: where the
/// disaster stop rests.
#[must_use]
pub fn floor_price(
    position: &Position,
    instrument: &Instrument,
    policy: &crate::policy::Policy,
) -> Option<Price> {
    let side = position.key.side;
    let distance = policy.floor_distance(position.leverage).get();
    let offset = crate::num::Ratio::new(-distance * side.sign());
    instrument.round_stop(side, position.entry_price.offset(offset)?)
}
