//! The legs of a plan: which set the policy asks for, then the rules that hold for every set.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rust_decimal::Decimal;

use super::build::{PlanError, PlanInputs};
use super::costs::{self, Floor};
use super::steps::{self, rounded};
use super::words::{Leg, Percent};
use super::{ExitLeg, LegKind, PlanStep, StepName, Strategy};
use crate::num::{Money, Ratio};
use crate::policy::{Distances, Policy, ProfileMode, StepClose, Tightening};
use crate::time::Span;

mod challenge;
pub(super) mod dynamic;
mod ladder;
pub mod profile;

/// Most legs beside the stop: with it, what a message can carry.
const CLOSING_LEGS_MAX: usize = 15;

/// What every set of legs is made of.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub(super) inputs: &'a PlanInputs<'a>,
    pub(super) policy: &'a Policy,
    /// The trading strategy whose position it is.
    pub(super) strategy_id: &'a str,
    /// Distances after all steps.
    pub(super) found: Distances,
    /// No target lies nearer.
    pub(super) floor: Floor,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        inputs: &'a PlanInputs<'a>,
        policy: &'a Policy,
        strategy_id: &'a str,
        found: Distances,
    ) -> Self {
        Self {
            inputs,
            policy,
            strategy_id,
            found,
            floor: costs::floor(inputs, policy),
        }
    }

    /// A target of `size` at `nominal`, or at the floor where that is farther.
    fn target(&self, close: StepClose, size: Ratio, nominal: Ratio) -> Draft {
        let kind = match close {
            StepClose::Market => LegKind::Partial,
            StepClose::Limit | StepClose::Trail => LegKind::TakeProfit,
        };
        let nominal = rounded(nominal);
        Draft {
            kind,
            size,
            offset: nominal.max(self.floor.distance),
            nominal,
            callback: None,
            tightening: Vec::new(),
            target_multiple: None,
        }
    }

    /// The regime's word on trailing.
    fn may_trail(&self) -> bool {
        self.policy.regime(self.inputs.context.regime).trailing
    }

    /// What was opened in this life, at entry. A part that is closed changes neither what is
    /// risked nor how large the position counts.
    fn opened_notional(&self) -> Money {
        let position = self.inputs.position;
        let opened = position.initial_qty.max(position.qty);
        opened.notional(position.entry_price)
    }
}

/// A leg before it has a price.
#[derive(Debug, Clone)]
struct Draft {
    kind: LegKind,
    size: Ratio,
    offset: Ratio,
    /// Where it would lie if closing cost nothing.
    nominal: Ratio,
    callback: Option<Ratio>,
    tightening: Vec<Tightening>,
    target_multiple: Option<Ratio>,
}

impl Draft {
    /// A leg that trails by `callback` from `activation` on.
    fn trail(size: Ratio, activation: Ratio, callback: Ratio) -> Self {
        let activation = rounded(activation);
        Self {
            kind: LegKind::Trail,
            size,
            offset: activation,
            nominal: activation,
            callback: Some(callback),
            tightening: Vec::new(),
            target_multiple: None,
        }
    }
}

/// A set of closing legs, nearest first, and what goes with it.
#[derive(Debug, Clone)]
struct Set {
    drafts: Vec<Draft>,
    /// The distances that the set really has.
    distances: Distances,
    /// Its profile; none for the default ladder.
    profile: Option<String>,
    time_stop: Option<Span>,
    /// Where it comes from, for people.
    note: String,
}

/// Legs with prices, and what goes with them.
#[derive(Debug, Clone)]
pub(super) struct Legs {
    pub(super) legs: Vec<ExitLeg>,
    pub(super) distances: Distances,
    pub(super) profile: Option<String>,
    pub(super) time_stop: Option<Span>,
    /// Costs and legs.
    pub(super) steps: [PlanStep; 2],
}

/// The legs of a plan of that strategy.
pub(super) fn legs(frame: &Frame<'_>, strategy: Strategy) -> Result<Legs, PlanError> {
    if strategy == Strategy::EmergencyExit {
        return Ok(emergency(frame));
    }
    let set = match frame.policy.profiles.mode {
        ProfileMode::Ladder => ladder::set(frame),
        ProfileMode::Static => profile::set(frame),
        ProfileMode::Dynamic => dynamic::set(frame),
        ProfileMode::Challenge100 => challenge::set(frame),
    };
    let stop_offset = match strategy {
        // Beyond entry, and never at a loss after fees (M090).
        Strategy::ProfitLock => {
            let policy = frame.policy;
            policy.profit_lock.offset.max(policy.breakeven_offset())
        }
        Strategy::StandardLadder | Strategy::EmergencyExit => Ratio::new(-set.distances.stop.get()),
    };
    let legs = priced(frame, &set, stop_offset)?;
    let words: Vec<String> = legs.iter().map(|leg| format!("{}", Leg(leg))).collect();
    let note = format!("{}: {}", set.note, words.join(", "));
    let costs = steps::step(StepName::Costs, frame.found, costs_note(frame, &set.drafts));
    Ok(Legs {
        legs,
        distances: set.distances,
        profile: set.profile,
        time_stop: set.time_stop,
        steps: [costs, steps::step(StepName::Legs, set.distances, note)],
    })
}

fn emergency(frame: &Frame<'_>) -> Legs {
    let leg = ExitLeg {
        kind: LegKind::Emergency,
        size: Ratio::ONE,
        offset: None,
        trigger_price: None,
        callback: None,
        tightening: Vec::new(),
        target_multiple: None,
        r_multiple: None,
        priority: 0,
    };
    let note = format!("emergency: {}", Leg(&leg));
    let costs = steps::step(StepName::Costs, frame.found, "no target".into());
    Legs {
        legs: alloc::vec![leg],
        distances: frame.found,
        profile: None,
        time_stop: None,
        steps: [costs, steps::step(StepName::Legs, frame.found, note)],
    }
}

fn costs_note(frame: &Frame<'_>, drafts: &[Draft]) -> String {
    let raised: Vec<String> = drafts
        .iter()
        .zip(1_u8..)
        .filter(|(draft, _)| draft.nominal < draft.offset)
        .map(|(draft, number)| format!("leg {number} from {}", Percent(draft.nominal)))
        .collect();
    let floor = &frame.floor.note;
    if raised.is_empty() {
        return floor.clone();
    }
    format!("{floor}: raised {}", raised.join(", "))
}

/// Stop first, then the others in their order. Whatever the policy asks for, no more than all of
/// the position is closed.
fn priced(frame: &Frame<'_>, set: &Set, stop_offset: Ratio) -> Result<Vec<ExitLeg>, PlanError> {
    let stop = Draft {
        kind: LegKind::Stop,
        size: Ratio::ONE,
        offset: stop_offset,
        nominal: stop_offset,
        callback: None,
        tightening: Vec::new(),
        target_multiple: None,
    };
    let one_r = set.distances.stop;
    let mut legs = alloc::vec![price(frame, stop, one_r, 0)?];
    let mut left = Decimal::ONE;
    for (draft, priority) in set.drafts.iter().take(CLOSING_LEGS_MAX).zip(0_u8..) {
        let size = draft.size.get().min(left);
        if size > Decimal::ZERO {
            left -= size;
            let draft = Draft {
                size: Ratio::new(size),
                ..draft.clone()
            };
            legs.push(price(frame, draft, one_r, priority)?);
        }
    }
    Ok(legs)
}

fn price(
    frame: &Frame<'_>,
    draft: Draft,
    one_r: Ratio,
    priority: u8,
) -> Result<ExitLeg, PlanError> {
    let position = frame.inputs.position;
    let entry = position.entry_price;
    let offset = draft.offset;
    let signed = Ratio::new(offset.get() * position.key.side.sign());
    let trigger_price = entry.offset(signed).ok_or_else(|| PlanError::NoPrice {
        key: format!("{}", position.key),
        leg: draft.kind,
        offset,
        entry,
    })?;
    Ok(ExitLeg {
        kind: draft.kind,
        size: draft.size,
        offset: Some(offset),
        trigger_price: Some(trigger_price),
        callback: draft.callback,
        tightening: draft.tightening,
        target_multiple: draft.target_multiple,
        r_multiple: offset.get().checked_div(one_r.get()),
        priority,
    })
}
