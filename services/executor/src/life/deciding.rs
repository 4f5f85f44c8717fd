//! What the rules say about a life, and what they look at.

use domain::decide::{View, change, level_reached, no_change};
use domain::decision::{Action, Decision, TARGETS_MAX};
use domain::order::CloseOrder;
use domain::policy::Policy;
use domain::position::Valued;
use domain::reconcile::{PARTIAL_LEG, Scene, has_stuck_stop, part_due};
use domain::{Span, Timestamp};

use super::Life;
use crate::feeds::Market;

/// A price that jumps may make each of the seven rules on stop and ladder decide once, and each
/// leg close its part; more decisions in one step would mean that two rules undo each other.
const DECISIONS_PER_STEP_MAX: usize = 7 + TARGETS_MAX;
/// The gateway tells every position every second; after three missed ones the venue is unknown.
const VENUE_SILENCE_MAX: Span = Span::from_secs(3);

impl Life {
    /// Applies the rules until none has anything to add; returns what is new to record.
    pub(crate) fn decide(&mut self, market: &Market<'_>, now: Timestamp) -> Vec<Decision> {
        if !self.snapshot.position.is_open() {
            return Vec::new();
        }
        let position = &self.snapshot.position;
        let side = position.key.side;
        let mark = self.mark(market, now);
        match mark {
            Some(mark) if self.is_stop_known(now) => {
                self.desired.watch_stop(side, mark.price, now);
            }
            Some(_) => self.desired.stop_reached_since = None,
            None => {}
        }
        if let Some(plan) = self.plan.as_ref().filter(|plan| !plan.is_expired(now)) {
            let instrument = &self.snapshot.instrument;
            let ladder = self.ladder.as_ref();
            self.desired
                .watch_targets(plan, ladder, position, instrument);
        }
        self.give_part_up(market, mark, now);
        let mut news = Vec::new();
        for _ in 0..DECISIONS_PER_STEP_MAX {
            let view = self.view(market, mark, now);
            let Some(decision) = change(&view) else {
                if !self.is_told && news.is_empty() {
                    news.push(no_change(&view));
                    self.is_told = true;
                }
                return news;
            };
            self.desired.apply(&decision.action, side, decision.plan_id);
            if let Action::MoveStop { reason, .. } = decision.action {
                self.stop_reason = Some(reason);
            }
            self.acting
                .insert(decision.action.name(), (&decision).into());
            self.is_told = false;
            news.push(decision);
        }
        news
    }

    /// The fresh mark, with what the position has gained at it. One from before the opening fill
    /// says nothing about this position: it may lie beyond its stop although the price has long
    /// come to the entry. Both times are the venue's.
    pub(super) fn mark(&self, market: &Market<'_>, now: Timestamp) -> Option<Valued> {
        let position = &self.snapshot.position;
        let price = market.mark_price(position.opened_at, now)?;
        Some(position.valued(price))
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
    fn give_part_up(&mut self, market: &Market<'_>, mark: Option<Valued>, now: Timestamp) {
        let Some(keep) = self.desired.keep else {
            return;
        };
        let is_asked = self.flight.pending(PARTIAL_LEG).is_some();
        if !self.acts || mark.is_none() || is_asked {
            return;
        }
        let is_due = !part_due(&self.scene(market.policy, now)).is_zero();
        let reached = level_reached(&self.view(market, mark, now));
        if is_due && reached.is_none_or(|reached| keep < reached) {
            self.desired.keep = reached;
        }
    }

    pub(super) const fn scene<'a>(&'a self, policy: &'a Policy, now: Timestamp) -> Scene<'a> {
        Scene {
            snapshot: &self.snapshot,
            desired: &self.desired,
            flight: &self.flight,
            policy,
            now,
        }
    }

    pub(super) fn view<'a>(
        &'a self,
        market: &'a Market<'a>,
        mark: Option<Valued>,
        now: Timestamp,
    ) -> View<'a> {
        let plan = self.plan_in_use(now);
        View {
            position: &self.snapshot.position,
            instrument: &self.snapshot.instrument,
            plan,
            ladder: plan.and(self.ladder.as_ref()),
            mark,
            context: &market.context,
            risk: market.risk,
            stuck_stop: has_stuck_stop(&self.snapshot, now),
            desired: &self.desired,
            policy: market.policy,
            now,
        }
    }
}
