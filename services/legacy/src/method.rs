//! What makes one incumbent differ from another: how it would have a position protected.
//!
//! A method is pure: it is handed a picture and says what it wishes. Everything that is the same
//! for all of them (what rests, what is under way, what may be canceled, who owns the position) is
//! done by [`crate::check`] and [`crate::actor`]. Each life of a position has a method of its own,
//! so what it remembers (the best price, a question that is open) can't leak into the next life.

use std::fmt;

use domain::decision::{StopReason, Target};
use domain::market::MarketContext;
use domain::mode::Mode;
use domain::plan::ExitPlan;
use domain::plan::request::PlanReply;
use domain::policy::Policy;
use domain::signal::{RiskState, RlHint};
use domain::snapshot::PositionSnapshot;
use domain::{Module, Position, Price, Timestamp};

use crate::books::Books;

/// How one incumbent would have one life of one position protected.
pub trait Method: Send + fmt::Debug {
    /// What it wishes now. It is asked for open positions of which the picture is complete: in its
    /// role's rhythm, at once where the position is not covered by stops, after an answer of the
    /// planner, and when [`Method::due_at`] has come. In between the last wishes hold.
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes;

    /// A mark of this life, young enough to decide by; also while it stands aside.
    fn on_mark(&mut self, _position: &Position, _mark: Price) {}

    /// The planner's answer to a question of this life; it may be late, or to an older one.
    fn on_reply(&mut self, _reply: &PlanReply, _now: Timestamp) {}

    /// The venue refused the stop: the mark is beyond its level already (-2021). Whether the method
    /// knows another level, and is to be asked for it; else an uncovered position is closed.
    fn on_breach(&mut self) -> bool {
        false
    }

    /// When it must be asked again at the latest, for the end of its patience with an answer.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }

    /// A counter for something worth noticing, looked for every second, also while it stands aside.
    fn notice(&self, _picture: &Picture<'_>) -> Option<&'static str> {
        None
    }
}

/// Everything that a method may look at.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// Whose orders are its own.
    pub module: &'a Module,
    /// The position, its contract, and all that rests for it.
    pub snapshot: &'a PositionSnapshot,
    /// The mark, where there is one young enough to decide by.
    pub mark: Option<Price>,
    /// The mode of this process's flags, a kill included.
    pub mode: Mode,
    /// The newest plan of this life that has not expired.
    pub plan: Option<&'a ExitPlan>,
    /// The newest context of the contract.
    pub context: Option<&'a MarketContext>,
    /// The newest hint for the contract, of whatever age.
    pub hint: Option<&'a RlHint>,
    /// The newest risk state, of whatever age.
    pub risk: Option<&'a RiskState>,
    /// The rules' numbers, for conversions of a plan.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Picture<'a> {
    /// The position.
    #[must_use]
    pub const fn position(&self) -> &'a Position {
        &self.snapshot.position
    }

    /// What rests, as its module sees it: cover, tightest stop, own targets.
    #[must_use]
    pub const fn books(&self) -> Books<'a> {
        Books {
            module: self.module,
            snapshot: self.snapshot,
        }
    }

    /// Whether the brain is on: it may own exits, and its plans count.
    #[must_use]
    pub fn is_brain_on(&self) -> bool {
        self.mode != Mode::Legacy
    }
}

/// A level for the stop, on the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopWish {
    /// The trigger.
    pub price: Price,
    /// Why.
    pub reason: StopReason,
}

/// A question to the planner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Tells the answers apart; the method's own counter.
    pub id: u64,
    /// When the method goes on without an answer; see [`Method::due_at`].
    pub expires_at: Timestamp,
}

/// What a method wishes. The default is: everything stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// The stop. It is placed only where it is enough tighter than every stop that rests, or where
    /// the position is not covered. None: the own stop stays where it is.
    pub stop: Option<StopWish>,
    /// The take-profits, nearest first; an empty list takes the own ones away. None: they stay.
    pub targets: Option<Vec<Target>>,
    /// Close everything at market, and why.
    pub exit: Option<&'static str>,
    /// Ask the planner; said once for each time that it is wished.
    pub ask: Option<Question>,
    /// Counters of the heartbeat that go up by one.
    pub counts: Vec<&'static str>,
}
