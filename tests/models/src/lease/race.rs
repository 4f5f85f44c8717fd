//! The race for a lease as a state machine: candidates, store, what is on its way, and the guard.

use domain::guard::Memory;
use domain::lease::{Answer, Holder, LeaseKey, MemoryStore, Op, Outcome, Request, Tenure};
use domain::{Side, Span, Timestamp};
use stateright::{Model, Property};

use super::steps::Step;
use crate::desk::Pulse;
use crate::parts::{START, key};
use crate::walk::Walked;

/// The lease time of executors and guards.
const LEASE_TIME: Span = Span::from_secs(3);
/// A candidate reads so often: the sixth part of the lease time.
const BEAT: Span = Span::from_millis(500);

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A request or an answer arrives after its moment, or never.
    Late,
    /// One arrives, and later once more.
    Repeat,
    /// A process gets neither beats nor answers for a while.
    Pause,
    /// A process dies, and starts anew at the next moment.
    Death,
    /// A process gives the lease back, ends, and starts anew at the next moment.
    Stop,
    /// Nothing passes between a process and the store for a while.
    Cut,
}

/// What the race may do, and how much of it.
pub struct Race {
    pub name: &'static str,
    /// How many moments see faults, and how many follow without.
    pub restless: i64,
    pub calm: i64,
    pub may: Vec<Fault>,
    /// How many faults in one history.
    pub faults: u8,
    /// Whether owners ask the guard for something.
    pub speaks: bool,
    /// Whether the guard remembers tokens.
    pub has_fences: bool,
    /// The bug: a process's clock stands still while it is paused.
    pub is_clock_deaf: bool,
    pub truths: Vec<Property<Self>>,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    pub tenure: Tenure,
    pub pulse: Pulse,
    /// Which of its lives it is.
    pub boot: u64,
    pub is_cut: bool,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// By how much its clock is behind.
    pub behind: Span,
    /// The token under which it has asked the guard for something last; once will do.
    pub spoke_under: Option<u64>,
}

/// Something between a process and the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sent<T> {
    pub who: usize,
    pub boot: u64,
    /// The moment in which it left.
    pub tick: i64,
    pub is_late: bool,
    pub what: T,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub tick: i64,
    pub candidates: [Candidate; 2],
    pub store: MemoryStore,
    /// Tokens of all takings, in the order in which the store accepted them.
    pub taken: Vec<u64>,
    pub requests: Vec<Sent<Request>>,
    pub answers: Vec<Sent<Answer>>,
    pub faults: u8,
    pub guard: Memory,
    /// The newest token that has passed the guard.
    pub newest: u64,
    pub has_older_passed: bool,
    pub was_refused: bool,
}

impl Candidate {
    pub fn new(who: usize, boot: u64) -> Self {
        let me = Holder {
            instance: ["a", "b"][who].into(),
            boot,
        };
        Self {
            tenure: Tenure::new(LeaseKey::Position(key(Side::Long)), me, LEASE_TIME),
            pulse: Pulse::Runs,
            boot,
            is_cut: false,
            paused_at: None,
            behind: Span::ZERO,
            spoke_under: None,
        }
    }

    /// What its clock says.
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        now + Span::from_micros(-self.behind.micros())
    }

    /// The token under which it may act, were it to ask now.
    pub fn token(&self, now: Timestamp) -> Option<u64> {
        self.tenure.token(self.clock(now))
    }
}

impl<T> Sent<T> {
    /// Whether it is to arrive before time passes.
    pub fn is_due(&self, tick: i64) -> bool {
        !self.is_late || self.tick < tick
    }
}

impl Sent<Request> {
    pub fn takes(&self) -> bool {
        matches!(&self.what.op, Op::Write { entry, .. } if entry.lacks_token())
    }
}

impl Sent<Answer> {
    pub fn is_written(&self) -> bool {
        matches!(self.what.outcome, Outcome::Written { .. })
    }

    pub fn is_conflict(&self) -> bool {
        self.what.outcome == Outcome::Conflict
    }
}

impl State {
    pub fn now(&self) -> Timestamp {
        START + Span::from_micros(BEAT.micros() * self.tick)
    }

    /// Tokens of those that are sure, were they to ask now.
    pub fn tokens(&self) -> impl Iterator<Item = u64> {
        let now = self.now();
        let alive = self.candidates.iter().filter(|it| it.pulse != Pulse::Dead);
        alive.filter_map(move |it| it.token(now))
    }

    /// Whether all that is not late has arrived, but for answers to a paused process.
    pub fn is_settled(&self) -> bool {
        let waits = |it: &Sent<Answer>| !it.is_late && self.candidates[it.who].pulse == Pulse::Runs;
        self.requests.iter().all(|it| it.is_late) && !self.answers.iter().any(waits)
    }
}

impl Race {
    pub const fn last_tick(&self) -> i64 {
        self.restless + self.calm
    }
}

impl Walked for Race {
    fn size(&self) -> (&'static str, u8, usize) {
        let moments = usize::try_from(self.last_tick() + 1).unwrap();
        (self.name, self.faults, moments)
    }
}

impl Model for Race {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let mut state = State {
            tick: 0,
            candidates: [0, 1].map(|who| Candidate::new(who, 1)),
            store: MemoryStore::new(u64::try_from(START.micros()).unwrap()),
            taken: Vec::new(),
            requests: Vec::new(),
            answers: Vec::new(),
            faults: self.faults,
            guard: Memory::default(),
            newest: 0,
            has_older_passed: false,
            was_refused: false,
        };
        state.beat_all();
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Step>) {
        self.may(state, actions);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = last.clone();
        self.take(&mut state, step);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.truths.clone()
    }
}
