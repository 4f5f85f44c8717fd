//! Calls to the venue: what waits, what is out, what the limits allow, what goes first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::ids::ClientOrderId;
use domain::intent::IntentId;
use domain::{Epoch, Module, PositionKey, Span, Symbol, Timestamp};

use super::budget::{Budget, Share};
use super::effect::{CallId, VenueCall};
use super::observed::Book;
use super::reads::Read;
use binance::ApiRequest;
use binance::outcome::Limit;

/// Calls that may wait: a protective order for each of a hundred positions and a read or two of
/// each. More would be answered too late to be of use.
pub(super) const CALLS_MAX: usize = 256;
/// Calls on their way at once: one slow answer must not hold the others, and the venue is not
/// flooded.
const IN_FLIGHT_MAX: usize = 16;
/// Of these, how many may be of the two lower lanes together, so that a stop never waits for a
/// read.
const ORDINARY_IN_FLIGHT_MAX: usize = 12;
/// Of these, how many may be reads.
const READS_IN_FLIGHT_MAX: usize = 6;
/// An answer to an order is worth waiting for as long as the order could still be executed.
const TIMEOUT: Span = Span::from_secs(5);
/// A call of which not even a failure comes back is given up this long after its timeout.
const LOST_AFTER: Span = Span::from_secs(5);
/// Pause after a limit of order counts, where the venue does not say one: its shorter window.
const ORDERS_PAUSE: Span = Span::from_secs(10);
/// Pause after a ban, where the venue does not say one: its shortest.
const BAN_PAUSE: Span = Span::from_secs(120);
/// Longest pause that is believed; the venue's longest ban is 3 days, a typo may be any length.
const PAUSE_MAX: Span = Span::from_secs(3 * 24 * 3_600);
/// A stop waits for so long at most for the one before it in its line, whose answer usually comes
/// within some tens of ms: a position must not stay on an old stop because an answer is late.
pub(super) const LINE_WAIT_MAX: Span = Span::from_millis(250);
/// Calls without an answer in time whose late answer is still worth something: as many as can be
/// out, some times over.
const GIVEN_UP_MAX: usize = 64;

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Knowing.
    Read(Read),
    /// Placing this order.
    Place(ClientOrderId),
    /// Canceling this order.
    Cancel(Cancel),
    /// Learning where this order is.
    Ask { id: ClientOrderId, book: Book },
}

/// One attempt to cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cancel {
    pub target: ClientOrderId,
    pub symbol: Symbol,
    /// Who wants it, which need not be the order's owner.
    pub author: Module,
    pub intent_id: IntentId,
    pub approved_at: Timestamp,
    pub expires_at: Timestamp,
    pub tries: u32,
}

/// The working stops of one owner for one life of a position. Two requests on their way at once may
/// arrive in any order, and a looser stop after a tighter one: so they go one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StopLine {
    pub key: PositionKey,
    pub module: Module,
    pub epoch: Epoch,
}

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// A position is less safe until this is through.
    Protective,
    /// Limits, cancels, questions about orders.
    Trade,
    /// Everything else.
    Read,
}

/// A call that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub purpose: Purpose,
    pub request: ApiRequest,
    pub lane: Lane,
    /// Not before this moment.
    pub not_before: Timestamp,
    /// Of a working stop: not while another one of its line is on its way.
    pub line: Option<StopLine>,
}

/// A call that is out.
#[derive(Debug, Clone)]
pub(super) struct Out {
    pub purpose: Purpose,
    pub request: ApiRequest,
    pub sent_at: Timestamp,
    pub line: Option<StopLine>,
    lane: Lane,
}

/// All calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    next_id: u64,
    lanes: [VecDeque<Waiting>; 3],
    out: BTreeMap<CallId, Out>,
    given_up: VecDeque<(CallId, Out)>,
    /// What the venue's limits leave.
    pub budget: Budget,
    /// Waiting orders that the order counts have held back.
    deferred: BTreeSet<ClientOrderId>,
    /// How many so far: protective ones, others.
    pub deferrals: Deferrals,
    holds: Holds,
}

/// Orders that had to wait for the venue's order counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deferrals {
    pub protective: u64,
    pub ordinary: u64,
}

/// Until when what is held back. Each by itself: a long mild hold never ends a ban.
#[derive(Debug, Default, Clone, Copy)]
struct Holds {
    /// Everything: banned, or refused by the firewall.
    all: Timestamp,
    /// Everything but protective calls, which may still be tried.
    ordinary: Timestamp,
    /// Ordinary orders alone: what counts no order (cancels, questions, reads) goes on, so that a
    /// close is freed of its blockers meanwhile.
    orders: Timestamp,
}

/// Takes out what is `over` of all that waits: in the lanes of `calls`, and for the venue's clock.
pub(super) fn take_waiting(
    calls: &mut Calls,
    after_clock: &mut Vec<Waiting>,
    over: impl Fn(&Waiting) -> bool,
) -> Vec<Waiting> {
    let mut taken = calls.take_over(&over);
    taken.extend(after_clock.extract_if(.., |waiting| over(waiting)));
    taken
}

impl Calls {
    /// Queues a call. Returns the one that found no room: a less important one gave way to it, or
    /// it is the new one itself.
    #[must_use]
    pub(super) fn push(&mut self, waiting: Waiting) -> Option<Waiting> {
        let mut displaced = None;
        if self.waiting_len() >= CALLS_MAX {
            let lower = (waiting.lane as usize + 1..self.lanes.len()).rev();
            displaced = lower.filter_map(|lane| self.lanes[lane].pop_back()).next();
            if let Some(Purpose::Place(id)) = displaced.as_ref().map(|call| &call.purpose) {
                self.deferred.remove(id);
            }
            if displaced.is_none() {
                return Some(waiting);
            }
        }
        self.lanes[waiting.lane as usize].push_back(waiting);
        displaced
    }

    /// The next call that may go now: protective ones first, then in order.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<Waiting> {
        for lane in [Lane::Protective, Lane::Trade, Lane::Read] {
            if !self.is_open(lane, now) {
                continue;
            }
            if let Some(index) = self.first_due(lane, now) {
                return self.take(lane, index);
            }
        }
        None
    }

    /// The first call of a lane that is due and for which weight and order counts have room.
    fn first_due(&mut self, lane: Lane, now: Timestamp) -> Option<usize> {
        let share = share(lane);
        let orders_held = lane != Lane::Protective && now < self.holds.orders;
        for (index, waiting) in self.lanes[lane as usize].iter().enumerate() {
            let held = orders_held && waiting.request.orders > 0;
            // A close may wait for a cancel, so that it goes where questions wait already.
            let by_weight = match waiting.purpose {
                Purpose::Cancel(_) => Share::Cancels,
                _ => share,
            };
            if now < waiting.not_before || held || !self.budget.has_weight(by_weight, now) {
                continue;
            }
            let before =
                |out: &Out| out.line == waiting.line && now.since(out.sent_at) < LINE_WAIT_MAX;
            if waiting.line.is_some() && self.out.values().any(before) {
                continue;
            }
            if self.budget.has_orders(waiting.request.orders, share, now) {
                return Some(index);
            }
            if let Purpose::Place(id) = &waiting.purpose
                && self.deferred.insert(id.clone())
            {
                match lane {
                    Lane::Protective => self.deferrals.protective += 1,
                    Lane::Trade | Lane::Read => self.deferrals.ordinary += 1,
                }
            }
        }
        None
    }

    fn take(&mut self, lane: Lane, index: usize) -> Option<Waiting> {
        let waiting = self.lanes[lane as usize].remove(index)?;
        if let Purpose::Place(id) = &waiting.purpose {
            self.deferred.remove(id);
        }
        Some(waiting)
    }

    /// Takes out the waiting orders and cancels that are `over`: not to be sent any more.
    pub(super) fn take_over(&mut self, over: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let mut taken = Vec::new();
        for lane in [Lane::Protective, Lane::Trade] {
            while let Some(index) = self.lanes[lane as usize].iter().position(&over) {
                taken.extend(self.take(lane, index));
            }
        }
        taken
    }

    fn is_open(&self, lane: Lane, now: Timestamp) -> bool {
        let Holds { all, ordinary, .. } = self.holds;
        let held = now < all || lane != Lane::Protective && now < ordinary;
        let ordinary = self.in_flight(|out| out.lane != Lane::Protective);
        let room = match lane {
            Lane::Protective => true,
            Lane::Trade => ordinary < ORDINARY_IN_FLIGHT_MAX,
            Lane::Read => {
                ordinary < ORDINARY_IN_FLIGHT_MAX
                    && self.in_flight(|out| out.lane == Lane::Read) < READS_IN_FLIGHT_MAX
            }
        };
        !held && room && self.out.len() < IN_FLIGHT_MAX
    }

    fn in_flight(&self, which: impl Fn(&Out) -> bool) -> usize {
        self.out.values().filter(|out| which(out)).count()
    }

    /// Notes that a call leaves now.
    pub(super) fn send(&mut self, waiting: Waiting, now: Timestamp) -> VenueCall {
        self.next_id += 1;
        let id = CallId(self.next_id);
        let request = &waiting.request;
        self.budget.spend(request.weight, request.orders, now);
        let call = VenueCall {
            id,
            request: waiting.request.clone(),
            timeout: TIMEOUT,
            canceled_by: match &waiting.purpose {
                Purpose::Cancel(cancel) => Some(cancel.author.clone()),
                Purpose::Read(_) | Purpose::Place(_) | Purpose::Ask { .. } => None,
            },
        };
        let out = Out {
            purpose: waiting.purpose,
            request: waiting.request,
            sent_at: now,
            line: waiting.line,
            lane: waiting.lane,
        };
        self.out.insert(id, out);
        call
    }

    /// The call that `id` answers, once.
    pub(super) fn answered(&mut self, id: CallId) -> Option<Out> {
        self.out.remove(&id)
    }

    /// Remembers an order or a cancel that was not answered in time: its answer may still come.
    pub(super) fn keep(&mut self, id: CallId, out: Out) {
        if matches!(out.purpose, Purpose::Read(_) | Purpose::Ask { .. }) {
            return; // asked again: the late answer says nothing new
        }
        if self.given_up.len() >= GIVEN_UP_MAX {
            self.given_up.pop_front();
        }
        self.given_up.push_back((id, out));
    }

    /// The call that a late answer is about, once.
    pub(super) fn given_up(&mut self, id: CallId) -> Option<Out> {
        let index = self.given_up.iter().position(|(known, _)| *known == id)?;
        self.given_up.remove(index).map(|(_, out)| out)
    }

    /// Calls whose answer is not even late any more.
    pub(super) fn lost(&self, now: Timestamp) -> Vec<CallId> {
        let limit = Span::from_micros(TIMEOUT.micros() + LOST_AFTER.micros());
        self.out
            .iter()
            .filter(|(_, out)| now.since(out.sent_at) > limit)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Holds calls back after a limit was passed; a longer hold of the same kind is not shortened.
    pub(super) fn hold(&mut self, limit: Limit, pause: Option<Span>, now: Timestamp) {
        let default = match limit {
            Limit::Weight => self.budget.rest_of_minute(now),
            Limit::Orders => ORDERS_PAUSE,
            Limit::Banned | Limit::Firewall => BAN_PAUSE,
        };
        let pause = pause
            .unwrap_or(default)
            .clamp(Span::from_millis(100), PAUSE_MAX);
        let until = match limit {
            Limit::Weight => &mut self.holds.ordinary,
            Limit::Orders => &mut self.holds.orders,
            Limit::Banned | Limit::Firewall => &mut self.holds.all,
        };
        *until = (*until).max(now + pause);
    }

    /// Whether a cancel of this order is on its way.
    pub(super) fn is_canceling(&self, id: &ClientOrderId) -> bool {
        let of = |out: &Out| matches!(&out.purpose, Purpose::Cancel(it) if it.target == *id);
        self.out.values().any(of)
    }

    /// Calls that are on their way.
    pub(super) fn out_len(&self) -> usize {
        self.out.len()
    }

    /// Calls that wait.
    pub(super) fn waiting_len(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }
}

const fn share(lane: Lane) -> Share {
    match lane {
        Lane::Protective => Share::Protective,
        // Whether a round may be made has been settled before it began.
        Lane::Trade | Lane::Read => Share::Trade,
    }
}

#[cfg(test)]
#[path = "calls/tests.rs"]
mod tests;
