//! Which reads are due: the basics, the rounds over positions and both books, and their backoff.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Span, Symbol, Timestamp};

use super::budget::Room;
use super::pace::{Pace, ROUND_SPACING, backoff, full_spacing};
use super::second_look::Seen;
use binance::ApiRequest;
use binance::request::USER_TRADES_MAX;
use binance::response::{AlgoAnswer, OrderAnswer, PositionRisk};

/// The whole picture is compared with the venue this often.
pub(super) const RECONCILE: Span = Span::from_secs(10);
/// The same, while there is no user stream: this often is what the weight of a minute allows.
const RECONCILE_BLIND: Span = Span::from_secs(5);
/// Positions alone are read this often (weight 5), so that one whose opening event was lost is
/// found within about the placement window.
const GLANCE: Span = Span::from_secs(1);
/// Weight of a full round, of the 2,400 that a minute has.
const FULL_WEIGHT: u32 = 85;
/// Weight of a glance; a minute of them costs 300.
const GLANCE_WEIGHT: u32 = 5;
/// What reading one symbol adds to it.
const SYMBOL_WEIGHT: u32 = 2;
/// A round for more symbols than this reads everything: the lists then cost less than the parts.
const SYMBOLS_PER_ROUND_MAX: usize = 8;
/// Clocks drift some ms a minute; the venue takes calls up to 5 s old.
const CLOCK_EVERY: Span = Span::from_secs(600);
/// Filters, status and limits of the venue are read anew this often, counted from the last good
/// read: they change some times a month, and a refused order asks for them at once.
const FILTERS_EVERY: Span = Span::from_secs(3_600);
/// A refused filter or position mode asks for a fresh read, not more often than this.
const REFRESH_SPACING: Span = Span::from_secs(5);

/// What is read once and refreshed at need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Basic {
    /// The venue's clock; first, because the others are signed with it.
    Clock,
    /// Filters of every symbol.
    Filters,
    /// One-way or hedge.
    PositionMode,
    /// Leverage of every symbol.
    Leverages,
}

const BASICS: [Basic; 4] = [
    Basic::Clock,
    Basic::Filters,
    Basic::PositionMode,
    Basic::Leverages,
];

/// One read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Read {
    Basic(Basic),
    Positions,
    Orders(Option<Symbol>),
    Algos(Option<Symbol>),
    /// Fills of a symbol, to learn the life of its position.
    Trades(Symbol),
}

impl Read {
    pub(super) fn request(&self) -> ApiRequest {
        let name = |symbol: &Option<Symbol>| symbol.as_ref().map(|s| s.as_str().to_owned());
        match self {
            Self::Basic(Basic::Clock) => ApiRequest::server_time(),
            Self::Basic(Basic::Filters) => ApiRequest::exchange_info(),
            Self::Basic(Basic::PositionMode) => ApiRequest::position_mode(),
            Self::Basic(Basic::Leverages) => ApiRequest::symbol_config(None),
            Self::Positions => ApiRequest::position_risk_v3(),
            Self::Orders(symbol) => ApiRequest::open_orders(name(symbol).as_deref()),
            Self::Algos(symbol) => ApiRequest::open_algo_orders(name(symbol).as_deref()),
            Self::Trades(symbol) => ApiRequest::user_trades(symbol.as_str(), None, USER_TRADES_MAX),
        }
    }
}

/// One answered part of a round.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Positions(Vec<PositionRisk>),
    Orders(Option<Symbol>, Vec<OrderAnswer>),
    Algos(Option<Symbol>, Vec<AlgoAnswer>),
}

/// One comparison with the venue.
#[derive(Debug)]
pub(super) struct Round {
    /// None for everything.
    pub scope: Option<BTreeSet<Symbol>>,
    pub parts: Vec<(Timestamp, Part)>,
    /// Whether every part came.
    pub is_clean: bool,
    /// Whether the lives of all positions are to be checked after it.
    pub after_gap: bool,
    waits_for: BTreeSet<Read>,
}

#[derive(Debug, Default)]
struct BasicState {
    is_known: bool,
    in_flight: bool,
    due: Option<Timestamp>,
    last: Option<Timestamp>,
    fails: u32,
}

/// The plan of reads.
#[derive(Debug)]
pub(super) struct Reads {
    basics: BTreeMap<Basic, BasicState>,
    round: Option<Round>,
    want_all: bool,
    want: BTreeSet<Symbol>,
    /// Of all rounds.
    pace: Pace,
    /// Of full ones, beside it: however far these are spread, the cheap ones go on.
    full_pace: Pace,
    full_due: Timestamp,
    glance_due: Timestamp,
    gap_at: Option<Timestamp>,
    /// Whether there is no user stream.
    pub is_blind: bool,
    /// Both books were read without error since the start and since the last gap.
    pub is_complete: bool,
    /// Since when they are.
    complete_at: Timestamp,
    /// They were so once.
    was_complete: bool,
    /// How old what is known may be.
    pub seen: Seen,
    /// Symbols whose fills are being read.
    pub trades_out: BTreeSet<Symbol>,
}

impl Reads {
    pub(super) fn new() -> Self {
        Self {
            basics: BASICS
                .into_iter()
                .map(|basic| (basic, BasicState::default()))
                .collect(),
            round: None,
            want_all: false,
            want: BTreeSet::new(),
            pace: Pace::default(),
            full_pace: Pace::default(),
            full_due: Timestamp::default(),
            glance_due: Timestamp::default(),
            gap_at: None,
            is_blind: true,
            is_complete: false,
            complete_at: Timestamp::default(),
            was_complete: false,
            seen: Seen::default(),
            trades_out: BTreeSet::new(),
        }
    }

    /// Everything is due now.
    pub(super) fn start(&mut self, now: Timestamp) {
        for state in self.basics.values_mut() {
            state.due = Some(now);
        }
        self.full_due = now;
    }

    /// Whether everything that has happened since was told: there is a stream, and nothing that it
    /// missed before is unread.
    pub(super) fn is_told_since(&self, at: Timestamp) -> bool {
        !self.is_blind && self.is_complete && self.complete_at <= at
    }

    pub(super) fn has_basics(&self) -> bool {
        self.basics.values().all(|state| state.is_known)
    }

    /// Basics that are due; they count as on their way from now on.
    pub(super) fn take_basics(&mut self, now: Timestamp) -> Vec<Basic> {
        let clock_known = self
            .basics
            .get(&Basic::Clock)
            .is_some_and(|state| state.is_known);
        let mut due = Vec::new();
        for (basic, state) in &mut self.basics {
            let may = *basic == Basic::Clock || clock_known;
            if may && !state.in_flight && state.due.is_some_and(|due| due <= now) {
                state.in_flight = true;
                state.last = Some(now);
                due.push(*basic);
            }
        }
        due
    }

    pub(super) fn basic_done(&mut self, basic: Basic, now: Timestamp) {
        if let Some(state) = self.basics.get_mut(&basic) {
            state.is_known = true;
            state.in_flight = false;
            state.fails = 0;
            state.due = match basic {
                Basic::Clock => Some(now + CLOCK_EVERY),
                Basic::Filters => Some(now + FILTERS_EVERY),
                Basic::PositionMode | Basic::Leverages => None,
            };
        }
    }

    pub(super) fn basic_failed(&mut self, basic: Basic, now: Timestamp) {
        if let Some(state) = self.basics.get_mut(&basic) {
            state.in_flight = false;
            state.due = Some(now + backoff(state.fails));
            state.fails = state.fails.saturating_add(1);
        }
    }

    /// Asks for a fresh read of a basic; of the clock at once, of the others not too often.
    pub(super) fn refresh(&mut self, basic: Basic, now: Timestamp) {
        if let Some(state) = self.basics.get_mut(&basic) {
            let earliest = match (basic, state.last) {
                (Basic::Clock, _) | (_, None) => now,
                (_, Some(last)) => now.max(last + REFRESH_SPACING),
            };
            state.due = Some(state.due.map_or(earliest, |due| due.min(earliest)));
        }
    }

    /// Events may have been lost around now: nothing may be concluded from an absence until both
    /// books have been read again.
    pub(super) fn gap(&mut self, now: Timestamp) {
        self.is_complete = false;
        self.gap_at = Some(now);
        self.want_all = true;
    }

    /// The next round reads everything.
    pub(super) const fn want_all(&mut self) {
        self.want_all = true;
    }

    pub(super) fn want(&mut self, symbol: &Symbol) {
        self.want.insert(symbol.clone());
    }

    /// The reads of the next round, where one is due. While a full one is due and may not go yet,
    /// the positions are read all the same, and the symbols that are asked for.
    pub(super) fn take_round(&mut self, room: Room, now: Timestamp) -> Vec<Read> {
        if self.round.is_some() || !self.has_basics() || now < self.pace.not_before {
            return Vec::new();
        }
        let glance_due = now >= self.glance_due || !self.want.is_empty();
        let full_due = self.want_all
            || now >= self.full_due
            || self.want.len() > SYMBOLS_PER_ROUND_MAX
            || (glance_due && !self.is_complete);
        let full_room = match (self.is_complete && !self.want_all, self.was_complete) {
            (true, _) => room.routine,
            (false, true) => room.rounds,
            (false, false) => room.start,
        };
        let all = full_due && now >= self.full_pace.not_before && full_room >= FULL_WEIGHT;
        let symbols = self.want.len().min(SYMBOLS_PER_ROUND_MAX);
        let symbols = u32::try_from(symbols).unwrap_or(u32::MAX);
        let light = glance_due && room.rounds >= GLANCE_WEIGHT + SYMBOL_WEIGHT * symbols;
        if !all && !light {
            return Vec::new();
        }
        let scope = if all {
            self.want_all = false;
            self.want.clear();
            // What a process has not read at all yet is not spread: others used the weight up.
            let used = if self.was_complete { room.used } else { 0 };
            self.full_pace.not_before = now + full_spacing(used);
            None
        } else {
            Some(self.take_wanted())
        };
        // Every round reads the positions; one that is wanted for no symbol reads nothing else.
        self.glance_due = now + GLANCE;
        self.pace.not_before = now + ROUND_SPACING;
        let waits_for: BTreeSet<Read> = match &scope {
            None => [Read::Positions, Read::Orders(None), Read::Algos(None)].into(),
            Some(symbols) => symbols
                .iter()
                .flat_map(|symbol| {
                    let symbol = Some(symbol.clone());
                    [Read::Orders(symbol.clone()), Read::Algos(symbol)]
                })
                .chain([Read::Positions])
                .collect(),
        };
        let reads = waits_for.iter().cloned().collect();
        self.round = Some(Round {
            scope,
            parts: Vec::new(),
            is_clean: true,
            after_gap: self.gap_at.is_some(),
            waits_for,
        });
        reads
    }

    /// As many of the wanted symbols as one round reads.
    fn take_wanted(&mut self) -> BTreeSet<Symbol> {
        let mut taken = std::mem::take(&mut self.want);
        if let Some(first_left) = taken.iter().nth(SYMBOLS_PER_ROUND_MAX).cloned() {
            self.want = taken.split_off(&first_left);
        }
        taken
    }

    /// Takes one part of the round in; the round itself where it was the last one.
    pub(super) fn part(
        &mut self,
        read: &Read,
        part: Option<(Timestamp, Part)>,
        now: Timestamp,
    ) -> Option<Round> {
        let round = self.round.as_mut()?;
        if !round.waits_for.remove(read) {
            return None;
        }
        match part {
            Some(part) => round.parts.push(part),
            None => round.is_clean = false,
        }
        if !round.waits_for.is_empty() {
            return None;
        }
        let round = self.round.take()?;
        self.finish(&round, now);
        Some(round)
    }

    fn finish(&mut self, round: &Round, now: Timestamp) {
        if round.is_clean {
            self.seen.took(round);
        }
        match (&round.scope, round.is_clean) {
            (None, false) => {
                self.full_pace.failed(now);
                self.pace.not_before = self.pace.not_before.min(self.full_pace.not_before);
                self.want_all = true;
                return;
            }
            (Some(symbols), false) => {
                self.pace.failed(now);
                self.want.extend(symbols.iter().cloned());
                return;
            }
            (Some(_), true) => {
                self.pace.fails = 0;
                return;
            }
            (None, true) => (self.pace.fails, self.full_pace.fails) = (0, 0),
        }
        let every = match self.is_blind {
            true => RECONCILE_BLIND,
            false => RECONCILE,
        };
        self.full_due = now + every;
        let asked_after = |gap: Timestamp| round.parts.iter().all(|(sent, _)| *sent >= gap);
        if self.gap_at.is_none_or(asked_after) {
            self.gap_at = None;
            if !self.is_complete {
                self.complete_at = now;
            }
            (self.is_complete, self.was_complete) = (true, true);
        }
    }
}

#[cfg(test)]
#[path = "reads/tests.rs"]
mod tests;
