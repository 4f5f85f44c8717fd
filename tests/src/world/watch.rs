//! The sixteen truths, checked from outside: on what is said, on what the venue does, and on what
//! is so after every step.

mod gone;
pub(super) mod handed;
mod left;
pub mod naked;
mod said;
mod shares;
#[cfg(test)]
mod tests;
mod venue;

use std::collections::{BTreeMap, BTreeSet};

use domain::decision::Rule;
use domain::ids::{ClientOrderId, Module};
use domain::instrument::Instrument;
use domain::invariant::{
    Verdict, i2_protected, i4_stop_only_tightens, i8_stands_aside, i12_loss_keeps_protection,
};
use domain::mode::Mode;
use domain::plan::{ExitPlan, PlanId};
use domain::snapshot::{Heartbeat, PositionSnapshot};
use domain::{Epoch, Position, PositionKey, Price, Qty, Side, Span, Timestamp};
use paper_exchange::protection::ProtectionJudge;
use paper_exchange::venue::{PositionSide, Venue};
use rust_decimal::Decimal;

use super::cast::{Cast, Service};
use super::seat::Seat;
use super::touched::Touched;
use super::truth;
use gone::Gone;
use handed::Handed;
use left::Left;
use naked::Naked;
use shares::Shares;

/// How old a heartbeat of the executor may be for the incumbents to stand aside (the same 3 s as
/// in their own rules, and not read from there).
const SUCCESSOR_AGE_MAX: Span = Span::from_secs(3);

/// An event that is lost is made up for by the next read of the positions, a second later at most;
/// then there is a beat, and the way there and back.
const UNSEEN_MS: i64 = 1_500;

/// A position of a symbol on the venue.
type Leg = (String, PositionSide);

/// What the checks remember.
#[derive(Debug, Default)]
pub struct Watch {
    /// Until when a declared outage excuses a naked position.
    pub outage_until: Timestamp,
    /// The same for one symbol only, while it does not trade.
    pub halted_until: BTreeMap<String, Timestamp>,
    /// Whether what the venue does next was done by hand.
    pub by_hand: bool,
    /// Messages refused at their readers' border, by reader and counter.
    pub refused: BTreeMap<Seat, BTreeMap<String, u64>>,
    /// The last heartbeat said by each.
    pub heartbeats: BTreeMap<Seat, Heartbeat>,
    /// Decisions said, by kind of action.
    pub decisions: BTreeMap<String, u64>,
    /// Decisions said that would have changed something, had they been said in LIVE.
    pub shadow_decisions: u64,
    /// Decisions said, by the rule that decided.
    pub rules: BTreeMap<Rule, u64>,
    /// Denials said, by code.
    pub denials: BTreeMap<String, u64>,
    /// Intents said, by module.
    pub intents: BTreeMap<String, u64>,
    /// The last picture said of each position.
    pub snapshots: BTreeMap<PositionKey, PositionSnapshot>,
    /// What the venue was handed.
    pub handed: Handed,
    /// What the gateway sent since it started.
    left: Left,
    /// Every name that the venue accepted from us.
    pub accepted: BTreeSet<String>,
    /// The filters that the venue told the gateway last.
    told_filters: BTreeMap<String, Vec<Instrument>>,
    /// Positions without their stops.
    pub naked: Naked,
    amounts: BTreeMap<Leg, (Decimal, Decimal)>,
    /// When something was added last, and what was held before.
    growths: BTreeMap<Leg, (i64, Qty)>,
    /// What each executor has heard of, and the stop that it wanted last.
    lives: BTreeMap<(Service, PositionKey), Epoch>,
    /// What each has heard of last: another one where the gateway has corrected it.
    last_lives: BTreeMap<(Service, PositionKey), Epoch>,
    desired: BTreeMap<(Service, PositionKey), (Epoch, Price)>,
    modes: BTreeMap<u64, Mode>,
    /// How often a position had an intent approved under a newer token than before.
    pub takeovers: u64,
    /// The newest token that was approved, of each module, and of the executors for each position.
    pub fences: BTreeMap<(Module, Option<PositionKey>), u64>,
    filled: BTreeMap<ClientOrderId, Qty>,
    /// Stops that have gone a moment ago.
    gone: Gone,
    shares: Shares,
    /// Every plan that was said.
    pub plans: BTreeMap<(PositionKey, PlanId), ExitPlan>,
    /// When each incumbent last heard of the executor, by position.
    successor: BTreeMap<Seat, BTreeMap<PositionKey, Timestamp>>,
    /// Until then each incumbent has heard of it for every position, and may stand aside.
    heard_until: Timestamp,
    /// Whether some position's stops did not cover it when the venue last changed.
    is_uncovered: bool,
    gateway_mode: Option<(u64, Mode)>,
    /// The lowest mode that each has been demoted to since it started.
    killed: BTreeMap<Seat, Mode>,
    /// Orders of which pictures told when an order of the executor left, by its name, until it
    /// is heard of.
    told_before: BTreeMap<String, BTreeSet<String>>,
    /// What was covered at the loss of something that removes no protection, less what was closed
    /// since; and what was open when the venue last changed.
    before_loss: BTreeMap<(PositionKey, Epoch), (Qty, Qty)>,
}

impl Watch {
    /// What must be so after every step. What can't have changed since it held is not looked at
    /// again: stops and positions are the venue's, the desired stops change only where the
    /// executor got an input. `by_legacy` is what time the incumbents believe it is.
    ///
    /// # Errors
    /// The truth that does not hold.
    pub fn after_step(
        &mut self,
        (now, by_legacy): (Timestamp, Timestamp),
        reader: Option<Service>,
        cast: &Cast,
        venue: &Touched<Venue>,
        judge: &ProtectionJudge,
    ) -> Verdict {
        if venue.is_touched() {
            self.is_uncovered = open(venue).any(|it| truth::covered(venue, &it) < it.qty);
            // What a loss took, the venue lacks: noted cover equals what was there at that moment.
            self.loss_keeps(now.millis(), venue)?;
        }
        self.protected(now, venue, judge)?;
        if let Some(executor) = reader.filter(|it| it.is_executor()) {
            self.desired_tightens(executor, cast)?;
        }
        self.incumbents_wait(by_legacy, cast)
    }

    /// A service has died.
    pub fn on_crash(&mut self, service: Service, venue: &Venue) {
        self.refused.retain(|seat, _| seat.service != service);
        self.killed.retain(|seat, _| seat.service != service);
        match service {
            Service::Executor | Service::SecondExecutor => {
                self.desired.retain(|(of, _), _| *of != service);
                self.lives.retain(|(of, _), _| *of != service);
                self.last_lives.retain(|(of, _), _| *of != service);
                self.shares.forget(service);
            }
            Service::Gateway => {
                self.gateway_mode = None;
                self.left = Left::default();
            }
            Service::Legacy => {
                self.successor.clear();
                self.heard_until = Timestamp::default();
            }
            Service::Market | Service::Planner => self.note_cover(venue),
            Service::Guard | Service::Diagnostics => {}
        }
    }

    /// Nobody hears anybody any more: no protection may go by that.
    pub fn bus_lost(&mut self, venue: &Venue) {
        self.note_cover(venue);
    }

    /// A service is back.
    pub fn on_boot(&mut self, service: Service) {
        match service {
            Service::Market | Service::Planner => self.before_loss.clear(),
            Service::Legacy => self.heard_until = Timestamp::default(),
            _ => {}
        }
    }

    /// The mode in which the gateway may send at most, by what it has been told.
    #[must_use]
    pub fn gateway_mode(&self, own: Mode) -> Mode {
        let said = self.gateway_mode.map_or(Mode::Shadow, |said| said.1);
        let killed = self.killed.get(&Seat::from(Service::Gateway));
        let killed = killed.copied().unwrap_or(Mode::Live);
        own.min(said).min(killed)
    }

    /// Protection was taken away by hand: no loss of a service is to blame.
    pub fn uncovered_by_hand(&mut self, venue: &Venue) {
        for ((key, epoch), before) in &mut self.before_loss {
            let held = truth::position_of(venue, key.symbol.as_str(), key.side);
            if let Some(held) = held.filter(|it| it.epoch == *epoch) {
                *before = (truth::covered(venue, &held), held.qty);
            }
        }
    }

    fn note_cover(&mut self, venue: &Venue) {
        for position in open(venue) {
            let before = (truth::covered(venue, &position), position.qty);
            self.before_loss
                .insert((position.key, position.epoch), before);
        }
    }

    fn protected(&mut self, now: Timestamp, venue: &Venue, judge: &ProtectionJudge) -> Verdict {
        if !self.is_uncovered && self.naked.is_empty() {
            return Ok(());
        }
        let judged = match self.is_uncovered {
            true => judge.report(now.millis()).naked_now,
            false => Vec::new(),
        };
        if judged.is_empty() {
            self.naked.keep(|_| false);
            return Ok(());
        }
        let is_naked = |key: &PositionKey| judged.contains(&judged_name(venue, key));
        self.naked.keep(is_naked);
        for mut position in open(venue).filter(|it| is_naked(&it.key)) {
            let halted = self.halted_until.get(position.key.symbol.as_str());
            let alarm = now <= self.outage_until || halted.is_some_and(|until| now <= *until);
            // The window has passed by the judge's word; from here on only the allowance counts.
            position.opened_at = self.naked.seen(&position.key, now, alarm);
            let covered = truth::covered(venue, &position);
            i2_protected(&position, covered, self.naked.allowed(), alarm, now)?;
        }
        Ok(())
    }

    fn desired_tightens(&mut self, of: Service, cast: &Cast) -> Verdict {
        let Some(executor) = cast.executors.get(&of) else {
            return Ok(());
        };
        for ((_, key), epoch) in self.lives.iter().filter(|((it, _), _)| *it == of) {
            // Of an ended life only the sweeping is left.
            let told = self.snapshots.get(key).map(|it| &it.position);
            let open = told.is_some_and(|it| it.is_open() && it.epoch == *epoch);
            let Some(after) = executor.desired_stop(key).filter(|_| open) else {
                continue;
            };
            let whose = (of, key.clone());
            let known = self.desired.get(&whose).filter(|(life, _)| life == epoch);
            i4_stop_only_tightens(key.side, known.map(|it| it.1), Some(after))?;
            self.desired.insert(whose, (*epoch, after));
        }
        Ok(())
    }

    /// While every incumbent has heard of its successor within the age that lets it stand aside,
    /// standing aside and not are both right, so nobody is asked.
    fn incumbents_wait(&mut self, by_legacy: Timestamp, cast: &Cast) -> Verdict {
        if by_legacy <= self.heard_until {
            return Ok(());
        }
        let mut until = Timestamp::from_micros(i64::MAX);
        for (seat, incumbent) in &cast.legacy {
            let heard = self.successor.get(seat);
            for key in self.snapshots.keys() {
                let aside = incumbent.stands_aside(key, by_legacy);
                let at = heard.and_then(|it| it.get(key));
                let ago = at.map(|at| by_legacy.since(*at));
                i8_stands_aside(aside, ago, SUCCESSOR_AGE_MAX)?;
                until = until.min(at.map_or_else(Timestamp::default, |at| *at + SUCCESSOR_AGE_MAX));
            }
        }
        self.heard_until = until;
        Ok(())
    }

    fn loss_keeps(&mut self, now_ms: i64, venue: &Venue) -> Verdict {
        let growths = &self.growths;
        for ((key, epoch), (covered, open)) in &mut self.before_loss {
            let name = key.symbol.as_str();
            let Some(position) = truth::position_of(venue, name, key.side) else {
                continue;
            };
            if position.epoch != *epoch {
                continue;
            }
            // A stop that has fired has done what it was there for.
            let closed = open.saturating_sub(position.qty);
            (*covered, *open) = (covered.saturating_sub(closed), position.qty);
            if !truth::has_fired(venue, name) {
                let after = truth::covered(venue, &position);
                let leg = (name.to_owned(), truth::leg(venue, key.side));
                let known = position.qty.min(before_growth(growths, &leg, now_ms));
                i12_loss_keeps_protection(known, *covered, after)?;
            }
        }
        Ok(())
    }
}

/// What was held before all that was added within the time in which nobody may know of it.
fn before_growth(growths: &BTreeMap<Leg, (i64, Qty)>, leg: &Leg, now_ms: i64) -> Qty {
    let growth = growths.get(leg);
    let fresh = growth.filter(|(at_ms, _)| now_ms.saturating_sub(*at_ms) < UNSEEN_MS);
    fresh.map_or_else(|| truth::qty(Decimal::MAX), |(_, before)| *before)
}

/// Every open position of the account.
fn open(venue: &Venue) -> impl Iterator<Item = Position> {
    let symbols = venue.symbols();
    symbols.flat_map(|spec| truth::positions(venue, &spec.symbol))
}

/// How the judge names a position.
fn judged_name(venue: &Venue, key: &PositionKey) -> String {
    let leg = match key.side {
        Side::Long => PositionSide::Long,
        Side::Short => PositionSide::Short,
    };
    if venue.is_hedge() {
        format!("{}:{}", key.symbol, leg.wire())
    } else {
        key.symbol.to_string()
    }
}
