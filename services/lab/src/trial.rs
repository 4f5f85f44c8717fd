//! One entry, one contender: the position's whole life on a venue of its own.
//!
//! Time jumps from tick to tick. What happens in between (orders on their way, answers, the
//! services' beats while something is going on) happens at its own moment, at the prices of the
//! tick before.

use std::collections::VecDeque;

use bus::{Heard, Message};
use domain::decision::Decision;
use domain::market::{MarkTick, MarketContext, Regime};
use domain::{Price, Span, Timestamp};
use rust_decimal::Decimal;

use crate::contender::{Contender, Party};
use crate::costs::Costs;
use crate::entries::Entry;
use crate::tape::{SILENCE_MAX, Tape, Tick};

mod desk;
mod fills;
mod party;
mod path;
mod picture;
#[cfg(test)]
mod tests;

use desk::{Desk, Parcel};
pub use fills::{Exit, Fill};
pub use path::Curve;
use path::Path;

/// How often the services are asked for what only time changes, while something is going on.
/// Production beats every 100 ms; nothing that is waited for is shorter than 250 ms.
const BEAT: Span = Span::from_millis(250);
/// Something is going on for so long after the last order, answer or picture. Longer than an intent
/// is valid; what waits longer is looked at with the next tick.
const AWAKE: Span = Span::from_millis(2_500);
/// The venue tells marks once a second; trades come more often than that.
const MARK_EVERY: Span = Span::from_secs(1);
/// A context is said again after so long: whoever hears it takes one of a minute for stale.
const CONTEXT_REPEAT: Span = Span::from_secs(30);
/// What was measured longer ago is not said again.
const CONTEXT_AGE_MAX: Span = Span::from_secs(120);
/// Beats of one wait, and messages of one moment: far more than a healthy life has.
const TURNS_MAX: usize = 10_000;

/// What a trial is about.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The prices.
    pub tape: &'a Tape,
    /// What is opened.
    pub entry: &'a Entry,
    /// Its number among the entries of the run.
    pub number: usize,
    /// What trading costs.
    pub costs: &'a Costs,
    /// When equity is looked at.
    pub curve: Curve,
    /// Whether decisions are kept with what they looked at.
    pub records: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Number of the entry.
    pub entry: usize,
    /// When it was filled, and when nothing was open any more.
    pub opened_at: Timestamp,
    /// The end of its life, or of the data.
    pub closed_at: Timestamp,
    /// Average price of the opening fill.
    pub entry_price: Decimal,
    /// What the wallet gained: realised, fees and funding.
    pub pnl: Decimal,
    /// Of which price alone.
    pub gross: Decimal,
    /// Of which fees; below zero.
    pub fees: Decimal,
    /// Of which funding.
    pub funding: Decimal,
    /// Largest profit of the opened quantity that a mark showed, quote currency; zero or more.
    pub favourable: Decimal,
    /// Largest loss that a mark showed; zero or less.
    pub adverse: Decimal,
    /// How its last part was closed.
    pub exit: Exit,
    /// The market's temper when it was opened.
    pub regime: Regime,
    /// Orders asked for, and those that guard or venue refused.
    pub orders: u32,
    /// Of which refused.
    pub refused: u32,
    /// Steps of its equity, by number of the curve's moment.
    pub steps: Vec<(u32, Decimal)>,
    /// What was decided, where that was to be kept.
    pub decided: Vec<Decided>,
}

/// A decision, and what was known besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision itself.
    pub decision: Decision,
    /// The market's context.
    pub context: MarketContext,
    /// How long the position was open.
    pub age: Span,
    /// What the position had gained until then, costs and what was open included.
    pub equity: Decimal,
    /// The largest profit and loss until then.
    pub favourable: Decimal,
    /// Zero or less.
    pub adverse: Decimal,
}

/// Plays it; none where the data holds no tick for the entry, or the venue does not take it.
#[must_use]
pub fn play(ground: Ground<'_>, contender: &Contender) -> Option<Outcome> {
    let ticks = ground.tape.ticks(ground.entry.side);
    let from = ticks.partition_point(|tick| tick.at < ground.entry.at);
    let (first, rest) = ticks.get(from..)?.split_first()?;
    let mut stage = Stage::open(ground, contender, first)?;
    let mut before = first.at;
    for tick in rest {
        if tick.at.since(before) > SILENCE_MAX {
            break;
        }
        before = tick.at;
        stage.run_until(tick.at);
        stage.tick(tick);
        if stage.desk.is_flat() {
            return Some(stage.end());
        }
    }
    stage.run_until(before);
    stage.now = before;
    stage.desk.close_at_end(before);
    Some(stage.end())
}

struct Stage<'a> {
    ground: Ground<'a>,
    now: Timestamp,
    desk: Desk<'a>,
    party: Party,
    path: Path,
    said: VecDeque<Message>,
    awake_until: Timestamp,
    next_beat: Timestamp,
    marked_at: Option<Timestamp>,
    marks: u64,
    next_context: usize,
    context: MarketContext,
    measured_at: Timestamp,
    regime: Regime,
    decided: Vec<Decided>,
}

impl<'a> Stage<'a> {
    fn open(ground: Ground<'a>, contender: &Contender, first: &Tick) -> Option<Self> {
        let now = first.at;
        let desk = Desk::open(&ground, contender.mode(), first)?;
        let next_context = ground.tape.contexts_until(now);
        let known = next_context.checked_sub(1);
        let known = known.and_then(|at| ground.tape.contexts().get(at)).cloned();
        let unknown = || MarketContext::unknown(ground.entry.symbol.clone(), now);
        let context = known.unwrap_or_else(unknown);
        let mut stage = Self {
            path: Path::new(ground.curve, desk.opening(), first.mark),
            party: contender.party(now),
            desk,
            now,
            said: VecDeque::new(),
            awake_until: now + AWAKE,
            next_beat: now,
            marked_at: None,
            marks: 0,
            next_context,
            regime: context.regime,
            measured_at: context.at,
            context: context.clone(),
            decided: Vec::new(),
            ground,
        };
        stage.hear(Heard::Mode(stage.desk.mode_in_force(now)));
        stage.hear(Heard::Context(context));
        stage.mark(first);
        Some(stage)
    }

    /// Everything that happens before `end`.
    fn run_until(&mut self, end: Timestamp) {
        for _ in 0..TURNS_MAX {
            let parcel = self.desk.next_at().filter(|at| *at <= end);
            let beat = Some(self.next_beat).filter(|at| *at < end && *at <= self.awake_until);
            match (parcel, beat) {
                (Some(at), beat) if beat.is_none_or(|beat| at <= beat) => {
                    self.now = at.max(self.now);
                    self.receive();
                }
                (_, Some(at)) => {
                    self.now = at;
                    self.next_beat = at + BEAT;
                    self.beat();
                }
                _ => return,
            }
        }
    }

    fn receive(&mut self) {
        let Some(parcel) = self.desk.receive() else {
            return;
        };
        self.wake();
        match parcel {
            Parcel::Order(intent) => self.desk.execute(self.now, &intent),
            Parcel::Event(event) => self.hear(Heard::Event(event)),
            Parcel::Picture(picture) => self.hear(Heard::Position(picture)),
        }
    }

    /// Beats go on from the one before, not from each thing that happens.
    fn wake(&mut self) {
        if self.awake_until < self.now {
            self.next_beat = self.now + BEAT;
        }
        self.awake_until = self.now + AWAKE;
    }

    fn tick(&mut self, tick: &Tick) {
        self.now = tick.at;
        self.desk.price(tick);
        self.path.see(&self.desk, tick);
        self.tell_context();
        self.mark(tick);
        if self.party.waits_for_beats() {
            self.beat();
        }
    }

    /// Production says a context every five seconds. Here a new one is said once a minute, and in
    /// between again before anybody takes it for stale.
    fn tell_context(&mut self) {
        let contexts = self.ground.tape.contexts();
        let until = self.ground.tape.contexts_until(self.now);
        let newest = until
            .checked_sub(1)
            .filter(|_| until > self.next_context)
            .and_then(|at| contexts.get(at));
        self.next_context = until;
        if let Some(newest) = newest {
            self.measured_at = newest.at;
            self.context = newest.clone();
        } else {
            let is_young = self.now.since(self.measured_at) <= CONTEXT_AGE_MAX;
            if !is_young || self.now.since(self.context.at) < CONTEXT_REPEAT {
                return;
            }
            self.context.at = self.now;
        }
        self.hear(Heard::Context(self.context.clone()));
    }

    fn mark(&mut self, tick: &Tick) {
        let is_due = |said: Timestamp| self.now.since(said) >= MARK_EVERY;
        let Ok(mark_price) = Price::new(tick.mark) else {
            return;
        };
        if !self.marked_at.is_none_or(is_due) {
            return;
        }
        self.marked_at = Some(self.now);
        self.marks += 1;
        self.hear(Heard::Mark(MarkTick {
            symbol: self.ground.entry.symbol.clone(),
            mark_price,
            index_price: None,
            event_at: self.now,
            received_at: self.now,
            sequence: self.marks,
        }));
    }

    fn hear(&mut self, heard: Heard) {
        self.party.hear(self.now, heard, &mut self.said);
        self.carry();
    }

    fn beat(&mut self) {
        self.party.beat(self.now, &mut self.said);
        self.carry();
    }

    /// Brings what was said to whom it concerns, until nothing is said any more.
    fn carry(&mut self) {
        for _ in 0..TURNS_MAX {
            let Some(message) = self.said.pop_front() else {
                return;
            };
            if self.party.may_ignore(&message) {
                continue;
            }
            match bus::decode(&message) {
                Ok(Heard::Intent(intent)) => {
                    self.wake();
                    if let Err(denial) = self.desk.ask(self.now, intent) {
                        self.party
                            .hear(self.now, Heard::Denied(*denial), &mut self.said);
                    }
                }
                Ok(Heard::Decision { decision, .. }) => self.decide(decision),
                Ok(heard) => self.party.hear(self.now, heard, &mut self.said),
                // What our own services say can be read; if not, it is as if it had not been said.
                Err(_) => {}
            }
        }
    }

    fn decide(&mut self, decision: Decision) {
        self.desk.note_decision(&decision);
        if !self.ground.records {
            return;
        }
        let equity = self.desk.equity();
        self.decided.push(Decided {
            context: self.context.clone(),
            age: self.now.since(self.desk.opening().at),
            equity,
            favourable: self.path.favourable(),
            adverse: self.path.adverse(),
            decision,
        });
    }

    fn end(mut self) -> Outcome {
        self.path.finish(&self.desk, self.now);
        let sums = self.desk.sums();
        let opening = self.desk.opening();
        let closed_at = self.desk.closed_at().unwrap_or(self.now);
        let (orders, refused) = self.desk.counts();
        Outcome {
            entry: self.ground.number,
            opened_at: opening.at,
            closed_at,
            entry_price: opening.price,
            pnl: sums.total(),
            gross: sums.gross,
            fees: sums.fees,
            funding: sums.funding,
            favourable: self.path.favourable(),
            adverse: self.path.adverse(),
            exit: self.desk.exit(),
            regime: self.regime,
            orders,
            refused,
            steps: self.path.into_steps(),
            decided: self.decided,
        }
    }
}
