//! Calls to the venue: what waits, what is out, what the limits allow, what goes first.

use std::collections::{BTreeMap, VecDeque};

use domain::ids::ClientOrderId;
use domain::intent::IntentId;
use domain::{Span, Timestamp};

use super::effect::{CallId, VenueCall};
use super::observed::Book;
use super::reads::Read;
use binance::outcome::Limit;
use binance::{ApiRequest, HttpResult};

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
/// The venue's weight limit per minute and IP, from its exchangeInfo.
const WEIGHT_LIMIT: u32 = 2_400;
/// Above this the lists and histories wait for the next minute.
const WEIGHT_FOR_READS: u32 = 1_600;
/// Above this everything but protective calls waits.
const WEIGHT_FOR_TRADE: u32 = 2_200;
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
/// Calls without an answer in time whose late answer is still worth something: as many as can be
/// out, some times over.
const GIVEN_UP_MAX: usize = 64;
const MINUTE: Span = Span::from_secs(60);

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
    pub intent_id: IntentId,
    pub approved_at: Timestamp,
    pub expires_at: Timestamp,
    pub tries: u32,
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
}

/// A call that is out.
#[derive(Debug, Clone)]
pub(super) struct Out {
    pub purpose: Purpose,
    pub request: ApiRequest,
    pub sent_at: Timestamp,
    lane: Lane,
}

/// All calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    next_id: u64,
    lanes: [VecDeque<Waiting>; 3],
    out: BTreeMap<CallId, Out>,
    given_up: VecDeque<(CallId, Out)>,
    weight: Weight,
    hold: Option<Hold>,
}

#[derive(Debug, Default)]
struct Weight {
    minute: i64,
    used: u32,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    until: Timestamp,
    /// Whether protective calls may still be tried.
    lets_protective: bool,
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
            let queue = &mut self.lanes[lane as usize];
            let due = queue.iter().position(|waiting| waiting.not_before <= now);
            if let Some(waiting) = due.and_then(|index| queue.remove(index)) {
                return Some(waiting);
            }
        }
        None
    }

    fn is_open(&mut self, lane: Lane, now: Timestamp) -> bool {
        if self.hold.is_some_and(|hold| now >= hold.until) {
            self.hold = None;
        }
        let held = self
            .hold
            .is_some_and(|hold| lane != Lane::Protective || !hold.lets_protective);
        let ordinary = self.in_flight(|out| out.lane != Lane::Protective);
        let used = self.weight.used(now);
        let room = match lane {
            Lane::Protective => true,
            Lane::Trade => ordinary < ORDINARY_IN_FLIGHT_MAX && used < WEIGHT_FOR_TRADE,
            Lane::Read => {
                ordinary < ORDINARY_IN_FLIGHT_MAX
                    && self.in_flight(|out| out.lane == Lane::Read) < READS_IN_FLIGHT_MAX
                    && used < WEIGHT_FOR_READS
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
        self.weight.add(waiting.request.weight, now);
        let call = VenueCall {
            id,
            request: waiting.request.clone(),
            timeout: TIMEOUT,
        };
        let out = Out {
            purpose: waiting.purpose,
            request: waiting.request,
            sent_at: now,
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

    /// Takes the venue's own count of weight in.
    pub(super) fn learn_weight(&mut self, answer: &HttpResult, now: Timestamp) {
        if let Some(used) = answer.used_weight {
            self.weight.learn(used, now);
        }
    }

    /// Holds calls back after a limit was passed; a longer hold is not shortened.
    pub(super) fn hold(&mut self, limit: Limit, pause: Option<Span>, now: Timestamp) {
        let default = match limit {
            Limit::Weight => rest_of_minute(now),
            Limit::Orders => ORDERS_PAUSE,
            Limit::Banned | Limit::Firewall => BAN_PAUSE,
        };
        let pause = pause
            .unwrap_or(default)
            .clamp(Span::from_millis(100), PAUSE_MAX);
        let hold = Hold {
            until: now + pause,
            lets_protective: matches!(limit, Limit::Weight | Limit::Orders),
        };
        let longer = self.hold.filter(|known| known.until > hold.until);
        self.hold = Some(longer.unwrap_or(hold));
    }

    /// Weight used in this minute.
    pub(super) fn weight_used(&mut self, now: Timestamp) -> u32 {
        self.weight.used(now)
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

/// The venue counts weight by the minute of its clock; a second more for the difference to ours.
fn rest_of_minute(now: Timestamp) -> Span {
    let past = now.micros().rem_euclid(MINUTE.micros());
    Span::from_micros(MINUTE.micros() - past + 1_000_000)
}

impl Weight {
    fn roll(&mut self, now: Timestamp) {
        let minute = now.micros().div_euclid(MINUTE.micros());
        if minute != self.minute {
            *self = Self { minute, used: 0 };
        }
    }

    fn used(&mut self, now: Timestamp) -> u32 {
        self.roll(now);
        self.used
    }

    fn add(&mut self, weight: u32, now: Timestamp) {
        self.roll(now);
        self.used = self.used.saturating_add(weight);
    }

    /// Others may share the IP: the venue's count stands where it is higher than ours.
    fn learn(&mut self, used: u32, now: Timestamp) {
        self.roll(now);
        self.used = self.used.max(used.min(WEIGHT_LIMIT));
    }
}

#[cfg(test)]
#[path = "calls/tests.rs"]
mod tests;
