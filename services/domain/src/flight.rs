//! What has been asked for and not yet been seen: nothing is asked twice, nothing waits forever.

mod fills;
mod others;

use alloc::collections::{BTreeMap, BTreeSet};

use self::fills::Fills;
use crate::ids::{ClientOrderId, Epoch, LegId, Module};
use crate::num::Qty;
use crate::order::{CloseOrder, OrderEvent, OrderStatus, RestingOrder};
use crate::snapshot::PositionSnapshot;
use crate::time::{Span, Timestamp};

/// After an intent's expiry nobody may act on it any more; messages may still be this late.
const EXPIRY_GRACE: Span = Span::from_millis(300);
/// An unknown stop is not waited for longer than this where the position may be bare without it: a
/// second stop does no harm, none does. Where a working stop rests already, the one that replaces
/// it has as long as a close: one more would only be one order too many.
const UNKNOWN_STOP_PATIENCE: Span = Span::from_millis(300);
/// A market order of unknown fate blocks its leg this long: twice the venue's receive window,
/// after which it can't be executed any more and the position itself tells what happened.
const UNKNOWN_CLOSE_PATIENCE: Span = Span::from_secs(10);

/// A position may still be told without a fill that is known already: the venue words the two
/// apart. Until then a filled market order counts as on its way, or its share would be sold twice.
const FILL_LAG: Span = Span::from_millis(1_500);

/// An order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pending {
    /// Its name.
    pub client_order_id: ClientOrderId,
    /// What was asked for.
    pub order: CloseOrder,
    /// When the intent runs out.
    pub expires_at: Timestamp,
    /// Last news; `Submitting` before there was any.
    pub status: OrderStatus,
    /// The last news, none before there was any.
    pub heard: Option<Heard>,
}

/// When something was heard of an order. Two clocks: patience goes by ours, and what a picture
/// could show by that of whoever told both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Heard {
    /// By the clock of whoever said it.
    pub said_at: Timestamp,
    /// By ours.
    pub at: Timestamp,
}

/// A cancel that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PendingCancel {
    /// First time it was asked for.
    pub first_at: Timestamp,
    /// When the last intent runs out.
    pub expires_at: Timestamp,
}

/// First pause after a refusal; it doubles with each further one.
const PAUSE_MIN: Span = Span::from_millis(250);
/// Longest pause between two tries of one leg.
const PAUSE_MAX: Span = Span::from_secs(4);

/// How long a refused leg waits before it is tried again, so that a standing reason does not
/// become a storm of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Pause {
    until: Timestamp,
    next: Span,
}

/// Everything in flight for one life of one position.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Flight {
    legs: BTreeMap<LegId, Pending>,
    cancels: BTreeMap<ClientOrderId, PendingCancel>,
    /// Orders that were told to have filled, while the picture still shows them.
    filled: BTreeSet<ClientOrderId>,
    generations: BTreeMap<LegId, u32>,
    /// Generations up to this one belong to earlier processes.
    taken: u32,
    pauses: BTreeMap<LegId, Pause>,
    fills: Fills,
}

/// No leg asks more often than once in so many ms, nor does a process start and ask within it. A
/// position can be open for more than two years before its numbers run out.
const TAKEN_MS: u64 = 20;

/// The last generation that an earlier process may have given in the life `epoch` (Unix ms), for a
/// process that started at `boot` (Unix microseconds): the [`TAKEN_MS`] between the two, begun ones
/// too. An order that has ended can't be learned from what rests, nor can one that is on its way,
/// and the venue takes its name again; a question by name would then be answered with the old
/// order.
#[must_use]
pub fn taken_before(epoch: Epoch, boot: u64) -> u32 {
    let taken = (boot / 1_000).saturating_sub(epoch.0).div_ceil(TAKEN_MS);
    u32::try_from(taken).unwrap_or(u32::MAX)
}

impl Flight {
    /// Nothing on its way yet, in a process whose predecessors gave generations up to `taken`.
    #[must_use]
    pub fn after(taken: u32) -> Self {
        Self {
            taken,
            ..Self::default()
        }
    }

    /// Predecessors gave generations up to `taken`, which may be more than was known: another
    /// process has asked until now.
    pub fn reserve(&mut self, taken: u32) {
        self.taken = self.taken.max(taken);
    }

    /// Learns from what rests on the venue which generations are taken, so that a restarted
    /// executor gives no name twice among open orders.
    pub fn learn(&mut self, snapshot: &PositionSnapshot) {
        let position = &snapshot.position;
        for order in &snapshot.orders {
            let Some(cause) = order.client_order_id.cause(&position.key.symbol) else {
                continue;
            };
            if cause.module == Module::ExitExecutor && cause.epoch == position.epoch {
                let taken = self.generations.entry(cause.leg).or_default();
                *taken = (*taken).max(cause.generation);
            }
        }
    }

    /// Whether an order for `leg` is on its way.
    #[must_use]
    pub fn pending(&self, leg: LegId) -> Option<&Pending> {
        self.legs.get(&leg)
    }

    /// The limits on their way.
    pub fn pending_limits(&self) -> impl Iterator<Item = (LegId, &CloseOrder)> {
        let pending = self.legs.iter().map(|(leg, it)| (*leg, &it.order));
        pending.filter(|(_, order)| matches!(order, CloseOrder::Limit { .. }))
    }

    /// What limits that are gone may have closed while the position does not tell it yet.
    #[must_use]
    pub const fn unseen_fills(&self) -> Qty {
        self.fills.unseen()
    }

    /// Whether nothing is on its way, neither orders nor cancels nor fills that are not told yet.
    #[must_use]
    pub fn is_landed(&self) -> bool {
        self.legs.is_empty() && self.cancels.is_empty() && self.fills.unseen().is_zero()
    }

    /// When refused legs may be tried again.
    pub fn pauses_end(&self) -> impl Iterator<Item = Timestamp> {
        self.pauses.values().map(|pause| pause.until)
    }

    /// Whether `leg` may be asked for: nothing on its way, and no pause after a refusal.
    #[must_use]
    pub fn is_open(&self, leg: LegId, now: Timestamp) -> bool {
        let paused = self.pauses.get(&leg).is_some_and(|pause| now < pause.until);
        !paused && !self.legs.contains_key(&leg)
    }

    /// Whether the last order of `leg` whose fate is known was refused.
    #[must_use]
    pub fn was_refused(&self, leg: LegId) -> bool {
        self.pauses.contains_key(&leg)
    }

    /// From when on an order of `leg` that was asked for can't reach the venue unseen any more.
    #[must_use]
    pub fn settled_at(&self, leg: LegId, now: Timestamp) -> Timestamp {
        let Some(pending) = self.legs.get(&leg) else {
            return now;
        };
        let Some(heard) = pending.heard else {
            return pending.expires_at + EXPIRY_GRACE;
        };
        match pending.status {
            OrderStatus::Submitting | OrderStatus::Unknown => heard.at + UNKNOWN_CLOSE_PATIENCE,
            _ => heard.at + FILL_LAG,
        }
    }

    /// Whether a cancel of `target` is on its way.
    #[must_use]
    pub fn is_canceling(&self, target: &ClientOrderId, now: Timestamp) -> bool {
        self.cancels
            .get(target)
            .is_some_and(|cancel| now < cancel.expires_at)
    }

    /// Whether `target` was told to have filled: there is nothing left to cancel.
    #[must_use]
    pub fn has_filled(&self, target: &ClientOrderId) -> bool {
        self.filled.contains(target)
    }

    /// Since when `target` is being canceled.
    #[must_use]
    pub fn cancel_since(&self, target: &ClientOrderId) -> Option<Timestamp> {
        self.cancels.get(target).map(|cancel| cancel.first_at)
    }

    /// The next unused generation of `leg`; taking it uses it up.
    pub fn next_generation(&mut self, leg: LegId) -> u32 {
        let generation = self.generations.entry(leg).or_default();
        *generation = (*generation).max(self.taken).saturating_add(1);
        *generation
    }

    /// Notes that an order was asked for.
    pub fn asked(&mut self, leg: LegId, pending: Pending) {
        self.legs.insert(leg, pending);
    }

    /// Notes that a cancel was asked for.
    pub fn cancel_asked(&mut self, target: &ClientOrderId, now: Timestamp, expires_at: Timestamp) {
        let first = PendingCancel {
            first_at: now,
            expires_at,
        };
        let cancel = self.cancels.entry(target.clone()).or_insert(first);
        cancel.expires_at = expires_at;
    }

    /// Takes news of an order in, heard at `now`.
    pub fn on_event(&mut self, event: &OrderEvent, now: Timestamp) {
        if event.status == OrderStatus::Filled {
            // The cancel came too late, and what it closed the position may not tell yet.
            self.cancels.remove(&event.client_order_id);
            self.filled.insert(event.client_order_id.clone());
        }
        let Some((leg, pending)) = self
            .legs
            .iter_mut()
            .find(|(_, known)| known.client_order_id == event.client_order_id)
        else {
            return self.overhear(event, now);
        };
        let leg = *leg;
        let was_unknown = pending.status == OrderStatus::Unknown;
        // A step that the life of an order doesn't have is no reason to forget what is known.
        pending.status = pending.status.after(event.status).unwrap_or(pending.status);
        let (said_at, at) = (event.at, now);
        if pending.heard.is_none_or(|heard| heard.said_at < said_at) {
            pending.heard = Some(Heard { said_at, at });
        }
        match pending.status {
            // It was waited for long enough to be no storm, and a close may depend on it.
            OrderStatus::Rejected if was_unknown => drop(self.legs.remove(&leg)),
            OrderStatus::Rejected => self.refused(leg, now),
            OrderStatus::Accepted | OrderStatus::Filled => {
                self.pauses.remove(&leg);
            }
            _ => {}
        }
    }

    /// The guard said no, heard at `now`: the order will never exist. A denied cancel runs out by
    /// itself.
    pub fn on_denied(&mut self, client_order_id: &ClientOrderId, now: Timestamp) {
        let denied = self
            .legs
            .iter()
            .find(|(_, known)| known.client_order_id == *client_order_id);
        if let Some(leg) = denied.map(|(leg, _)| *leg) {
            self.refused(leg, now);
        }
    }

    fn refused(&mut self, leg: LegId, at: Timestamp) {
        self.legs.remove(&leg);
        let wait = self.pauses.get(&leg).map_or(PAUSE_MIN, |pause| pause.next);
        let next = Span::from_micros(wait.micros().saturating_mul(2)).min(PAUSE_MAX);
        self.pauses.insert(
            leg,
            Pause {
                until: at + wait,
                next,
            },
        );
    }

    /// Compares with a newer picture: what is seen is no longer in flight, what has ended or can
    /// no longer come is forgotten.
    pub fn settle(&mut self, snapshot: &PositionSnapshot, now: Timestamp) {
        let rests = |id: &ClientOrderId| {
            snapshot
                .orders
                .iter()
                .any(|order| order.client_order_id == *id)
        };
        let fills = &mut self.fills;
        self.legs.retain(|leg, pending| {
            let seen = rests(&pending.client_order_id);
            let over = is_over(*leg, pending, snapshot, now);
            if over && !seen && pending.status == OrderStatus::Filled {
                fills.expect(&pending.order, now);
            }
            !(seen || over)
        });
        let is_canceled = |id: &ClientOrderId| self.cancels.contains_key(id);
        self.fills.watch(snapshot, is_canceled, now);
        self.cancels
            .retain(|target, _| !snapshot.complete || rests(target));
        self.filled.retain(rests);
    }
}

fn is_over(leg: LegId, pending: &Pending, snapshot: &PositionSnapshot, now: Timestamp) -> bool {
    let Some(heard) = pending.heard else {
        // Never heard of: it ran out before anyone acted on it. Or the news of it are lost, and the
        // venue may have it yet: a share that is asked for twice is closed twice.
        let patience = if leg.is_share() {
            UNKNOWN_CLOSE_PATIENCE
        } else {
            EXPIRY_GRACE
        };
        let over = pending.expires_at + patience;
        return now > over && snapshot.at > over && snapshot.complete;
    };
    let seen_since = snapshot.complete && snapshot.at > heard.said_at;
    let quiet = now.since(heard.at);
    match pending.status {
        OrderStatus::Rejected => true,
        OrderStatus::Filled if is_market(leg) => seen_since && quiet > FILL_LAG,
        OrderStatus::Filled | OrderStatus::Canceled | OrderStatus::Expired => seen_since,
        OrderStatus::Submitting | OrderStatus::Unknown if is_urgent(leg, snapshot) => {
            quiet > UNKNOWN_STOP_PATIENCE
        }
        OrderStatus::Submitting | OrderStatus::Unknown => {
            quiet > UNKNOWN_CLOSE_PATIENCE && seen_since
        }
        OrderStatus::Accepted
        | OrderStatus::Triggering
        | OrderStatus::Triggered
        | OrderStatus::PartiallyFilled => seen_since && quiet > EXPIRY_GRACE,
    }
}

const fn is_market(leg: LegId) -> bool {
    matches!(leg, LegId::Partial(_) | LegId::Exit)
}

/// Whether the position may be bare, or rest on its disaster stop alone, without this order.
fn is_urgent(leg: LegId, snapshot: &PositionSnapshot) -> bool {
    let open = snapshot.position.qty;
    let covers = |order: &RestingOrder| {
        order.is_protecting_stop()
            && matches!(order.order, CloseOrder::Stop { qty, .. } if qty >= open)
    };
    match leg {
        LegId::Disaster => true,
        LegId::Stop => !snapshot.orders.iter().any(covers),
        LegId::TakeProfit(_) | LegId::Partial(_) | LegId::Exit => false,
    }
}

#[cfg(test)]
mod tests;
