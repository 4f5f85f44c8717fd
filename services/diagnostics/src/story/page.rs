//! What a chapter is about, and when two messages say the same.

use domain::decision::Decision;
use domain::ids::Module;
use domain::intent::{Denial, IntentId, OrderIntent, Wish};
use domain::order::{OrderEvent, OrderKind, OrderStatus};
use domain::plan::{ExitPlan, PlanId, Strategy};
use domain::{Position, Price, Qty, Ratio};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The venue holds another quantity than before.
    Position(Held),
    /// The planner made another plan.
    Plan(PlanNote),
    /// The executor decided.
    Decision {
        /// Whether it may act on it.
        live: bool,
        /// What.
        decision: Box<Decision>,
    },
    /// Somebody asked for an order or a cancel.
    Intent(Box<OrderIntent>),
    /// What the guard said to it.
    Verdict(Box<Verdict>),
    /// News of an order, its fills included.
    Order(Box<OrderEvent>),
}

/// What the venue holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Open, base asset; zero once closed.
    pub qty: Qty,
    /// All that was opened in this life.
    pub initial_qty: Qty,
    /// Average entry.
    pub entry_price: Price,
    /// What was open at the picture before; none at the first.
    pub before: Option<Qty>,
}

/// What a story tells of a plan; `exitctl plan explain` tells all of the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanNote {
    /// Its id.
    pub id: PlanId,
    /// How it came about.
    pub strategy: Strategy,
    /// The trading strategy whose position it is.
    pub strategy_id: String,
    /// Take-profit target, stop and trailing distance.
    pub distances: [Ratio; 3],
    /// For people.
    pub reason: String,
}

/// The guard's word about an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whose intent.
    pub intent_id: IntentId,
    /// Who wanted it.
    pub module: Module,
    /// What for.
    pub kind: OrderKind,
    /// Reason code and detail of a no; none for a yes.
    pub denied: Option<(String, String)>,
    /// Whether the intent is in the story.
    pub is_asked: bool,
}

impl Held {
    /// What `position` is after `known`.
    #[must_use]
    pub fn of(position: &Position, known: Option<&Self>) -> Self {
        Self {
            qty: position.qty,
            initial_qty: position.initial_qty,
            entry_price: position.entry_price,
            before: known.map(|it| it.qty),
        }
    }

    /// Whether anything is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.qty.is_zero()
    }
}

impl PlanNote {
    /// What is told of `plan`.
    #[must_use]
    pub fn of(plan: &ExitPlan) -> Self {
        Self {
            id: plan.id,
            strategy: plan.strategy,
            strategy_id: plan.strategy_id.clone(),
            distances: [plan.target, plan.stop, plan.trail],
            reason: plan.reason.clone(),
        }
    }
}

impl Verdict {
    /// The yes without which the gateway would have nothing to tell.
    #[must_use]
    pub fn approved(event: &OrderEvent) -> Self {
        Self {
            intent_id: event.intent_id.clone(),
            module: event.module.clone(),
            kind: event.kind,
            denied: None,
            is_asked: true,
        }
    }

    /// A no, and whether its intent was heard.
    #[must_use]
    pub fn denied(denial: &Denial, is_asked: bool) -> Self {
        Self {
            intent_id: denial.intent_id.clone(),
            module: denial.module.clone(),
            kind: denial.kind,
            denied: Some((denial.code.clone(), denial.detail.clone())),
            is_asked,
        }
    }

    fn code(&self) -> Option<&str> {
        self.denied.as_ref().map(|(code, _)| code.as_str())
    }
}

impl Page {
    /// The intent of that id is in the story.
    pub(super) fn note_asked(&mut self, intent: &IntentId) {
        if let Self::Verdict(verdict) = self {
            verdict.is_asked |= verdict.intent_id == *intent;
        }
    }

    /// Whether it is the intent of that id.
    #[must_use]
    pub fn is_intent(&self, id: &IntentId) -> bool {
        matches!(self, Self::Intent(intent) if intent.id == *id)
    }

    /// Whether it is what the guard said to the intent of that id.
    #[must_use]
    pub fn is_verdict_on(&self, id: &IntentId) -> bool {
        matches!(self, Self::Verdict(verdict) if verdict.intent_id == *id)
    }

    /// Whether it asks to cancel the order that `event` is about.
    pub(super) fn is_cancel_of(&self, event: &OrderEvent) -> bool {
        let Self::Intent(intent) = self else {
            return false;
        };
        matches!(&intent.wish, Wish::Cancel { target, .. } if *target == event.client_order_id)
    }

    /// Whether it tells of a fill.
    pub(super) fn is_fill(&self) -> bool {
        let is_fill = |status| matches!(status, OrderStatus::PartiallyFilled | OrderStatus::Filled);
        matches!(self, Self::Order(event) if is_fill(event.status))
    }

    /// Whether both tell of one thing: `next` may then say the same again, or that it has changed.
    pub(super) fn is_of_thread(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Position(_), Self::Position(_)) | (Self::Plan(_), Self::Plan(_)) => true,
            (
                Self::Decision { live, decision },
                Self::Decision {
                    live: next_live,
                    decision: next,
                },
            ) => (live, &decision.module) == (next_live, &next.module),
            (Self::Intent(intent), Self::Intent(next)) => intent.id == next.id,
            (Self::Verdict(verdict), Self::Verdict(next)) => is_one_matter(verdict, next),
            (Self::Order(event), Self::Order(next)) => {
                event.client_order_id == next.client_order_id
            }
            _ => false,
        }
    }

    /// Whether `next`, of the same thread, says nothing new.
    pub(super) fn is_repeated_by(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Plan(plan), Self::Plan(next)) => plan.id == next.id,
            (Self::Decision { decision, .. }, Self::Decision { decision: next, .. }) => {
                (decision.rule, &decision.action) == (next.rule, &next.action)
            }
            (Self::Intent(_), Self::Intent(_)) => true,
            (Self::Verdict(verdict), Self::Verdict(next)) => verdict.code() == next.code(),
            (Self::Order(event), Self::Order(next)) => {
                (event.status, event.filled_qty) == (next.status, next.filled_qty)
            }
            _ => false,
        }
    }
}

/// The verdicts on one intent; and all that one module is told in one word about intents that
/// nobody but the guard hears: an incumbent that is blocked asks again and again under new names.
fn is_one_matter(verdict: &Verdict, next: &Verdict) -> bool {
    let same = |it: &Verdict| (it.module.clone(), it.kind);
    let unheard = !verdict.is_asked && !next.is_asked;
    let is_same_word = same(verdict) == same(next) && verdict.code() == next.code();
    verdict.intent_id == next.intent_id || unheard && is_same_word
}
