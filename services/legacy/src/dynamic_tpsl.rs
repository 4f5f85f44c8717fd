//! Dynamic take-profit and stop: as the planner says while the brain is on, by its own maths in
//! every other case (behaviour 6.1; M100, M101).
//!
//! While the brain is off it never asks, and advice and risk states count for nothing (M108).

use domain::decision::{StopReason, Target};
use domain::market::ContextSource;
use domain::plan::request::PlanReply;
use domain::{Price, Ratio, Span, Timestamp};

use crate::advice::advice;
use crate::levels::{basis_points, stop_at, target_at};
use crate::method::{Method, Picture, StopWish, Wishes};

pub mod inquiry;
pub mod rules;

use inquiry::{ASK_AGAIN, Fallback, Inquiry};
use rules::{Distances, Inputs, RiskFactor};

/// Counts an answer of the planner that is followed.
pub const FROM_PLAN: &str = "dynamic_tpsl.from_plan";
/// Counts an answer that came too late to count.
pub const LATE: &str = "dynamic_tpsl.late_replies";
/// A context older than this is none: then volatility scales nothing.
pub const CONTEXT_AGE_MAX: Span = Span::from_secs(60);
/// Late answers that are counted between two looks; more only come from a planner gone wild.
const LATE_MAX: usize = 16;
/// Share that a partial take-profit closes.
const PARTIAL: Ratio = basis_points(5_000);

/// The module's mind about one life of a position.
#[derive(Debug, Clone, Default)]
pub struct DynamicTpsl {
    /// What follows is about a position entered at this price.
    entry: Option<Price>,
    inquiry: Inquiry,
    held: Option<Held>,
    /// When the planner, which has not answered in time, is asked again.
    ask_at: Option<Timestamp>,
    late: usize,
}

/// Distances in force.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// Whether the brain had a say in them: then they end with it.
    advised: bool,
    /// As they were found.
    found: Distances,
    /// The nearest that age has made of them: a profit that wavers around a threshold moves no
    /// order to and fro.
    nearest: Distances,
}

impl DynamicTpsl {
    /// Finds distances where none are in force, and asks for them first while the brain is on.
    fn decide(&mut self, picture: &Picture<'_>, wishes: &mut Wishes) {
        let entry = picture.position().entry_price;
        let is_new = self.entry.replace(entry) != Some(entry);
        let brain_on = picture.is_brain_on();
        if is_new || !brain_on {
            self.inquiry.drop_question();
            self.ask_at = None;
        }
        self.held
            .take_if(|held| is_new || (held.advised && !brain_on));
        if !brain_on {
            if self.held.is_none() {
                self.hold(false, rules::distances(&own(picture)));
            }
        } else if self.inquiry.is_busy() {
            if let Some(outcome) = self.inquiry.take(picture.now) {
                self.conclude(outcome, picture, wishes);
            }
        } else if self.held.is_none() || self.ask_at.is_some_and(|at| at <= picture.now) {
            wishes.ask = Some(self.inquiry.ask(picture));
        }
    }

    /// An answer, or why there is none. Only where the planner was too late it is asked again.
    fn conclude(
        &mut self,
        outcome: Result<Distances, Fallback>,
        picture: &Picture<'_>,
        wishes: &mut Wishes,
    ) {
        let counter = outcome.map_or_else(Fallback::counter, |_| FROM_PLAN);
        wishes.counts.push(counter);
        let late = outcome == Err(Fallback::Deadline);
        self.ask_at = late.then_some(picture.now + ASK_AGAIN);
        match (outcome, self.held) {
            (Ok(found), Some(held)) => {
                // A stop rests already: an answer that comes after it may only tighten it.
                let stop = found.stop.min(held.nearest.stop);
                self.hold(true, Distances { stop, ..found });
            }
            (Ok(found), None) => self.hold(true, found),
            (Err(_), None) => self.hold(true, rules::distances(&advised(picture))),
            (Err(_), Some(_)) => {}
        }
    }

    fn hold(&mut self, advised: bool, found: Distances) {
        self.held = Some(Held {
            advised,
            found,
            nearest: found,
        });
    }
}

impl Method for DynamicTpsl {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        let mut wishes = Wishes {
            counts: vec![LATE; std::mem::take(&mut self.late)],
            ..Wishes::default()
        };
        self.decide(picture, &mut wishes);
        if let Some(held) = &mut self.held {
            held.grow_old(picture);
            wishes.stop = stop(picture, held.nearest);
            wishes.targets = target(picture, held.nearest).map(|target| vec![target]);
        }
        wishes
    }

    fn on_reply(&mut self, reply: &PlanReply, now: Timestamp) {
        if !self.inquiry.on_reply(reply, now) {
            self.late = LATE_MAX.min(self.late + 1);
        }
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.inquiry.due_at()
    }
}

impl Held {
    fn grow_old(&mut self, picture: &Picture<'_>) {
        let Some(mark) = picture.mark else {
            return;
        };
        let position = picture.position();
        let (pnl, age) = (position.pnl_pct_price(mark), position.age(picture.now));
        let aged = rules::aged(self.found, pnl, age);
        self.nearest.target = self.nearest.target.min(aged.target);
        self.nearest.stop = self.nearest.stop.min(aged.stop);
    }
}

/// Inputs of the own maths without the brain: the market's volatility, and nothing that is said.
fn own(picture: &Picture<'_>) -> Inputs {
    let measured = picture.context.filter(|context| {
        let young = picture.now.since(context.at) <= CONTEXT_AGE_MAX;
        young && context.source == ContextSource::Bars
    });
    Inputs {
        volatility: measured.map(|context| context.volatility),
        ..Inputs::default()
    }
}

/// Inputs of the own maths in place of an answer: young advice and the risk state count too. A
/// target counts only where the advice is sure enough of it.
fn advised(picture: &Picture<'_>) -> Inputs {
    let hint = advice(picture);
    let sure = hint.filter(|hint| {
        let least = picture.policy.hints.confidence_min;
        hint.confidence.is_none_or(|given| given >= least)
    });
    let mode = picture.risk.map(|risk| risk.mode).unwrap_or_default();
    Inputs {
        confidence: hint.and_then(|hint| hint.signal_confidence.or(hint.confidence)),
        target_hint: sure.and_then(|hint| hint.take_profit),
        risk: RiskFactor::from(mode),
        systemic_risk: picture.risk.and_then(|risk| risk.heat),
        ..own(picture)
    }
}

fn stop(picture: &Picture<'_>, distances: Distances) -> Option<StopWish> {
    let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
    let side = position.key.side;
    let price = stop_at(side, position.entry_price, distances.stop, instrument)?;
    Some(StopWish {
        price,
        reason: StopReason::Initial,
    })
}

fn target(picture: &Picture<'_>, distances: Distances) -> Option<Target> {
    let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
    let side = position.key.side;
    let price = target_at(side, position.entry_price, distances.target, instrument)?;
    let size = if distances.partial {
        PARTIAL
    } else {
        Ratio::ONE
    };
    Some(Target {
        leg: 1,
        price,
        from: Ratio::ZERO,
        size,
    })
}

#[cfg(test)]
mod tests;
