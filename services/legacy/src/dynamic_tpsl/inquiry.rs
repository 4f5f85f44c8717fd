//! One question to the planner at a time: open, answered, or given up.

use domain::plan::convert;
use domain::plan::request::PlanReply;
use domain::{Epoch, Module, PositionKey, Ratio, Span, Timestamp};

use super::rules::Distances;
use crate::hybrid_tpsl::rules::{STOP_MAX, TARGET_MAX};
use crate::levels::basis_points;
use crate::method::{Picture, Question};

/// The planner has this long to answer; a bare position must not wait longer for its stop.
pub const ANSWER_DEADLINE: Span = Span::from_millis(250);

/// A planner that did not answer in time is asked again after this long: soon enough for a stop of
/// this life, rarely enough for a planner that is down.
pub const ASK_AGAIN: Span = Span::from_secs(30);
/// No answer is followed that puts stop or target nearer to entry: 0.5 %. The planner's own nearest
/// stop is 1 %, and the noise of a minute reaches nearer ones.
pub const DISTANCE_MIN: Ratio = basis_points(50);

/// Why the module's own maths counts although the brain is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// No answer in time.
    Deadline,
    /// The planner has no plan.
    Refused,
    /// The answer is to something else, or can't be right.
    Mismatch,
}

impl Fallback {
    /// Its counter in the heartbeat.
    #[must_use]
    pub const fn counter(self) -> &'static str {
        match self {
            Self::Deadline => "fallback_total.deadline",
            Self::Refused => "fallback_total.refused",
            Self::Mismatch => "fallback_total.mismatch",
        }
    }
}

/// What the planner was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    id: u64,
    module: Module,
    key: PositionKey,
    epoch: Epoch,
    expires_at: Timestamp,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Idle,
    Open(Asked),
    Answered(Result<Distances, Fallback>),
}

/// The questions of one life of one position.
#[derive(Debug, Clone, Default)]
pub struct Inquiry {
    last_id: u64,
    state: State,
}

impl Inquiry {
    /// The next question; an open one is given up for it.
    pub fn ask(&mut self, picture: &Picture<'_>) -> Question {
        self.last_id = self.last_id.saturating_add(1);
        let expires_at = picture.now + ANSWER_DEADLINE;
        let position = picture.position();
        self.state = State::Open(Asked {
            id: self.last_id,
            module: picture.module.clone(),
            key: position.key.clone(),
            epoch: position.epoch,
            expires_at,
        });
        Question {
            id: self.last_id,
            expires_at,
        }
    }

    /// Gives an open question up; its answer will be late.
    pub fn drop_question(&mut self) {
        self.state = State::Idle;
    }

    /// Takes an answer in; `false` for one that comes too late to count.
    #[must_use]
    pub fn on_reply(&mut self, reply: &PlanReply, now: Timestamp) -> bool {
        let State::Open(asked) = &self.state else {
            return false;
        };
        if reply.id < asked.id || asked.expires_at <= now {
            return false;
        }
        self.state = State::Answered(judge(asked, reply));
        true
    }

    /// Whether a question is open or an answer not yet taken.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    /// The outcome, once; none while the answer may still come.
    pub fn take(&mut self, now: Timestamp) -> Option<Result<Distances, Fallback>> {
        let outcome = match &self.state {
            State::Idle => return None,
            State::Open(asked) if now < asked.expires_at => return None,
            State::Open(_) => Err(Fallback::Deadline),
            State::Answered(answer) => *answer,
        };
        self.state = State::Idle;
        Some(outcome)
    }

    /// When an open question is given up.
    #[must_use]
    pub const fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Open(asked) => Some(asked.expires_at),
            State::Idle | State::Answered(_) => None,
        }
    }
}

fn judge(asked: &Asked, reply: &PlanReply) -> Result<Distances, Fallback> {
    let fits = reply.id == asked.id
        && reply.module == asked.module
        && reply.key == asked.key
        && reply.epoch == asked.epoch;
    if !fits {
        return Err(Fallback::Mismatch);
    }
    let answer = reply.answer.as_ref().map_err(|_| Fallback::Refused)?;
    distances(answer).ok_or(Fallback::Mismatch)
}

/// The answer's distances; none where one of them is out of bounds. Whoever plans, a stop is at
/// most 10 % from entry and a target at most 50 % (behaviour 6.2).
fn distances(answer: &convert::DynamicTpsl) -> Option<Distances> {
    let fits = |distance: Ratio, max: Ratio| distance >= DISTANCE_MIN && distance <= max;
    let usable = fits(answer.tp_percent, TARGET_MAX) && fits(answer.sl_percent, STOP_MAX);
    usable.then_some(Distances {
        target: answer.tp_percent,
        stop: answer.sl_percent,
        trail: answer.trail_percent,
        partial: answer.partial_tp,
    })
}
