//! What is under way, ordered by arrival; ties go to what was sent first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use binance::stream::StreamItem;
use binance::{HttpResult, TransportError};
use domain::lease::{Answer, Request};
use domain::{Span, Timestamp};
use gateway::{CallId, VenueCall};

use super::cast::Service;
use super::said::Said;
use super::seat::Seat;

/// Under way at once: far above what a healthy world has, so that a storm is noticed.
const UNDER_WAY_MAX: usize = 200_000;

/// Something that arrives. Each input of a service bears the life that it was meant for: what was
/// under way to a service that has died is lost.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// A message on the bus.
    Bus {
        /// To whom.
        to: Seat,
        /// To which life of its service.
        life: u32,
        /// What.
        said: Rc<Said>,
    },
    /// A service's tenth of a second.
    Beat {
        /// Whose.
        to: Service,
        /// Which life.
        life: u32,
    },
    /// A request reaches the store of leases.
    LeaseRequest {
        /// From whom.
        from: Service,
        /// Which life of it.
        life: u32,
        /// What.
        request: Request,
    },
    /// What the store of leases says.
    LeaseAnswer {
        /// To whom.
        to: Service,
        /// Which life of it.
        life: u32,
        /// What.
        answer: Answer,
    },
    /// A frame of the market stream.
    Frame {
        /// Which life of the market service.
        life: u32,
        /// Its text.
        text: String,
    },
    /// A call reaches the venue.
    Call {
        /// Which life of the gateway made it.
        life: u32,
        /// What.
        call: VenueCall,
        /// The moment that it is signed with, ms, by what the gateway takes for the venue's clock.
        signed_ms: i64,
    },
    /// The venue's answer reaches the gateway.
    Answer {
        /// Which life of the gateway.
        life: u32,
        /// To which call.
        call: CallId,
        /// What.
        result: Result<HttpResult, TransportError>,
    },
    /// Something on the user stream reaches the gateway.
    Stream {
        /// Which life of the gateway.
        life: u32,
        /// Which connection of it; nothing comes through one that is gone.
        connection: u32,
        /// What.
        item: StreamItem,
    },
    /// The venue repeats a symbol's mark.
    Mark {
        /// Which.
        symbol: String,
    },
    /// The venue's own timers, and the events that a fault held back.
    Venue,
}

impl Delivery {
    /// The service that gets it from the bus or from the clock.
    #[must_use]
    pub const fn reader(&self) -> Option<Service> {
        match self {
            Self::Bus { to, .. } => Some(to.service),
            Self::Beat { to, .. } | Self::LeaseAnswer { to, .. } => Some(*to),
            _ => None,
        }
    }

    /// The service that gets it, from wherever: while that is paused, it waits.
    #[must_use]
    pub const fn addressee(&self) -> Option<Service> {
        match self {
            Self::Frame { .. } => Some(Service::Market),
            Self::Answer { .. } | Self::Stream { .. } => Some(Service::Gateway),
            other => other.reader(),
        }
    }
}

/// Who sends to whom: within one such lane nothing overtakes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// One connection on the bus to another, and whether in the account of approvals.
    Bus(Seat, Seat, bool),
    /// The market stream.
    Market,
    /// The user stream.
    User,
}

/// When something arrives, how many were put in before it, and its place in the store.
type Due = (Timestamp, u64, usize);

/// The deliveries to come. They are large and stay where they are: only their times are sorted.
#[derive(Debug, Default)]
pub struct Queue {
    due: BinaryHeap<Reverse<Due>>,
    store: Vec<Option<Delivery>>,
    free: Vec<usize>,
    inserted: u64,
    lanes: BTreeMap<Lane, Timestamp>,
}

impl Queue {
    /// Puts a delivery in.
    pub fn push(&mut self, at: Timestamp, delivery: Delivery) {
        self.inserted += 1;
        let place = match self.free.pop() {
            Some(place) => {
                self.store[place] = Some(delivery);
                place
            }
            None => {
                self.store.push(Some(delivery));
                self.store.len() - 1
            }
        };
        self.due.push(Reverse((at, self.inserted, place)));
        let len = self.due.len();
        assert!(len < UNDER_WAY_MAX, "a storm: {len} deliveries under way");
    }

    /// Puts a delivery in behind everything else of its lane.
    pub fn push_behind(&mut self, lane: Lane, at: Timestamp, delivery: Delivery) {
        let last = self.lanes.entry(lane).or_default();
        *last = at.max(*last + Span::from_micros(1));
        let at = *last;
        self.push(at, delivery);
    }

    /// When the next one arrives.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.due.peek().map(|Reverse((at, ..))| *at)
    }

    /// Takes the next one out.
    pub fn pop(&mut self) -> Option<(Timestamp, Delivery)> {
        let Reverse((at, _, place)) = self.due.pop()?;
        self.free.push(place);
        let delivery = self.store[place].take();
        Some((at, delivery.expect("what is due is in the store")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_first_comes_first_and_ties_go_to_what_was_put_in_first() {
        let at = Timestamp::from_millis;
        let mark = |symbol: &str| Delivery::Mark {
            symbol: symbol.to_owned(),
        };
        let mut queue = Queue::default();
        queue.push(at(2), mark("c"));
        queue.push(at(1), mark("a"));
        let mut told = Vec::new();
        let mut tell = |queue: &mut Queue| match queue.pop() {
            Some((_, Delivery::Mark { symbol })) => told.push(symbol),
            other => panic!("a mark was put in, not {other:?}"),
        };
        tell(&mut queue);
        // In the place that has become free, behind the one of the same time.
        queue.push(at(2), mark("d"));
        queue.push(at(1), mark("b"));
        assert_eq!(queue.next_at(), Some(at(1)));
        (0..3).for_each(|_| tell(&mut queue));
        assert_eq!(told, ["a", "b", "c", "d"]);
        assert!(queue.pop().is_none());
    }
}
