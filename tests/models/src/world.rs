//! The closed loop as a state machine that may do anything that bus, venue and time may do.
//!
//! Messages of one publisher arrive in their order, as on the bus; requests to the venue arrive in
//! any order. Time stands still while messages arrive and then passes to the next moment. What has
//! not arrived by then is late, and that is a fault. So what needs no fault needs no patience.

mod does;
mod may;

use domain::handover::Handover;
use domain::market::MarketContext;
use domain::order::RestingOrder;
use domain::plan::ExitPlan;
use domain::policy::Policy;
use domain::{Price, Side, Span, Timestamp};
use stateright::{Model, Property};

use crate::desk::{Bug, Desk, Pulse};
use crate::heir::Heir;
use crate::house::House;
use crate::parts::{self, START, price};
use crate::truths::Record;
use crate::venue::Venue;
use crate::walk::Walked;

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Time passes before all has arrived.
    Late,
    /// An intent, an approval, news or a picture is lost.
    Loss,
    /// An intent arrives twice.
    Repeat,
    /// The venue refuses an order for a reason of its own.
    Refusal,
    /// The answer of the venue does not come: the order may have been executed, or may be yet.
    Timeout,
    /// The executor dies and starts anew.
    Crash,
    /// The executor hears nothing and does nothing for a while.
    Pause,
    /// A stop fires and does not fill before time passes.
    Hang,
}

/// What stands at the beginning, what the world may do, and how much of it.
pub struct World {
    pub name: &'static str,
    pub side: Side,
    pub orders: Vec<RestingOrder>,
    /// Plans in force, one after the other; each change comes at any moment.
    pub plans: Vec<ExitPlan>,
    /// Marks, the same way.
    pub marks: Vec<i64>,
    /// Whether the portfolio's emergency stop may be pulled, at any moment.
    pub alarm: bool,
    /// Whether a second executor may start while the first one runs.
    pub rival: bool,
    /// Whether the brain may be demoted, and where the successor would have the stop.
    pub heir: Option<i64>,
    /// Milliseconds since the beginning, in their order.
    pub moments: Vec<i64>,
    /// How many of the moments see faults and changes; the rest are there to settle.
    pub restless: usize,
    pub may: Vec<Fault>,
    /// How many faults in one history.
    pub faults: u8,
    pub bug: Option<Bug>,
    /// Whether the guard keeps its fencing tokens.
    pub has_fences: bool,
    /// Whether the guard looks at cancels, or lets each one pass.
    pub guards_cancels: bool,
    /// Whether the gateway knows the names that it has seen: of two owners it takes each once.
    pub has_ledger: bool,
    /// Whether the gateway holds a close back while one of its leg is in doubt.
    pub checks_doubt: bool,
    /// Whether the guard sees each picture together with the executor.
    pub one_picture: bool,
    pub truths: Vec<Property<Self>>,
    pub policy: Policy,
    pub context: MarketContext,
}

impl World {
    /// A quiet world: nothing changes, nothing goes wrong.
    pub fn quiet(name: &'static str, orders: Vec<RestingOrder>, plans: Vec<ExitPlan>) -> Self {
        Self {
            name,
            side: Side::Long,
            orders,
            plans,
            marks: vec![parts::ENTRY],
            alarm: false,
            rival: false,
            heir: None,
            moments: vec![0],
            restless: 1,
            may: Vec::new(),
            faults: 0,
            bug: None,
            has_fences: true,
            guards_cancels: true,
            has_ledger: false,
            checks_doubt: true,
            one_picture: false,
            truths: Vec::new(),
            policy: Policy::default(),
            context: parts::context(),
        }
    }

    /// The same world for a short: every price as far on the other side of the entry.
    pub fn of_short(self, name: &'static str) -> Self {
        let mirrored = |value: i64| 2 * parts::ENTRY - value;
        Self {
            name,
            side: Side::Short,
            orders: self.orders.iter().map(parts::order_of_short).collect(),
            plans: self.plans.iter().map(parts::plan_of_short).collect(),
            marks: self.marks.into_iter().map(mirrored).collect(),
            heir: self.heir.map(mirrored),
            ..self
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub now: Timestamp,
    pub moment: usize,
    pub plan: usize,
    mark: usize,
    pub is_alarmed: bool,
    /// Of a demotion: whether executor, guard, gateway and successor have heard it.
    pub heard: Option<[bool; 4]>,
    /// What the executor has said of it last, until the successor hears it.
    pub handover: Option<Handover>,
    pub venue: Venue,
    pub house: House,
    /// The executor, and its rival.
    pub desks: [Desk; 2],
    pub faults: u8,
    pub record: Record,
}

/// Something that happens. Numbers are those of a process, of a request, of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Pass,
    PassLate,
    Mark,
    Plan,
    Alarm,
    Look(usize),
    LosePicture(usize),
    GuardLooks,
    Review(usize),
    LoseIntent(usize),
    LoseApproval(usize),
    RepeatIntent(usize),
    Hear(usize),
    LoseNews(usize),
    Land(usize),
    Refuse(usize),
    TimeOut(usize),
    NeverArrived(usize),
    Hang(usize),
    Fill(usize),
    Crash,
    Pause,
    Resume,
    Join,
    Demote,
    HearDemotion(usize),
    HearHandover,
    LoseHandover,
}

impl Walked for World {
    fn size(&self) -> (&'static str, u8, usize) {
        (self.name, self.faults, self.moments.len())
    }
}

impl Model for World {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let venue = Venue::new(self.side, self.orders.clone());
        let picture = venue.picture(START);
        let mut other = Desk::dead();
        if let Some(stop) = self.heir {
            other.start(START + Span::from_secs(-2));
            other.is_stale = false;
            other.heir = Some(Heir::new(stop, picture.clone()));
        }
        let mut desk = Desk::dead();
        desk.start(START + Span::from_secs(-1));
        desk.look(picture.clone(), START);
        let mut state = State {
            now: START,
            moment: 0,
            plan: 0,
            mark: 0,
            is_alarmed: false,
            heard: None,
            handover: None,
            house: House::new(picture),
            desks: [desk, other],
            faults: self.faults,
            record: Record::new(&venue),
            venue,
        };
        self.act(&mut state, 0);
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Step>) {
        self.of_time(state, actions);
        for index in 0..state.desks.len() {
            self.of_desk(state, index, actions);
        }
        if state.house.is_stale && !self.one_picture {
            actions.push(Step::GuardLooks);
        }
        self.of_venue(state, actions);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = last.clone();
        self.take(&mut state, step);
        state
            .record
            .note(last, &state.venue, &state.house, &state.desks);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.truths.clone()
    }
}

impl World {
    fn mark(&self, state: &State) -> Price {
        price(self.marks[state.mark])
    }

    /// Whether all that is on its way has arrived, but for requests whose outcome is unknown.
    pub fn is_settled(&self, state: &State) -> bool {
        let of_desk = |desk: &Desk| {
            let heard = !desk.is_stale && desk.news.is_empty();
            desk.intents.is_empty() && (heard || !desk.runs())
        };
        let mut orders = 0..state.venue.orders.len();
        let mark = self.mark(state);
        let fills = orders.any(|it| state.venue.is_reached(it, mark));
        state.desks.iter().all(of_desk)
            && (0..state.house.flying.len()).all(|it| state.house.is_in_doubt(it, state.now))
            && !fills
            && state.heard.is_none_or(|heard| heard == [true; 4])
            && state.handover.is_none()
    }

    /// Whether nothing can happen any more, and the moments to settle in have passed.
    pub fn is_over(&self, state: &State) -> bool {
        let is_last = state.moment + 1 == self.moments.len();
        let is_awake = state.desks[0].pulse != Pulse::Paused;
        is_last && is_awake && self.is_settled(state) && state.house.flying.is_empty()
    }
}

impl Step {
    const fn is_fault(self) -> bool {
        matches!(
            self,
            Self::PassLate
                | Self::LosePicture(_)
                | Self::LoseIntent(_)
                | Self::LoseApproval(_)
                | Self::RepeatIntent(_)
                | Self::LoseNews(_)
                | Self::LoseHandover
                | Self::Refuse(_)
                | Self::TimeOut(_)
                | Self::Crash
                | Self::Pause
                | Self::Hang(_)
        )
    }
}
