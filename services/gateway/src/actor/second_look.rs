//! The last look before a stop is taken away: what was approved may rest on a picture that has
//! changed since, while the approval was on its way or the cancel waited for its turn. The rest
//! must cover what is open by what is known now. While there is no user stream, and right after
//! it has come back, nobody has kept that up: so both books and the positions are read once more.
//! So they are before a disaster stop goes, the last that would be left: that is seldom, and the
//! one event that tells of a fired stop may be lost.

use std::collections::BTreeMap;

use domain::guard::keeps_cover;
use domain::ids::{ClientOrderId, LegId};
use domain::order::{CloseOrder, RestingOrder};
use domain::{Module, Position, Qty, Side, Span, Symbol, Timestamp};

use super::GatewayActor;
use super::book::Open;
use super::calls::{Cancel, Waiting};
use super::door::Refusal;
use super::reads::Round;

/// A cancel that waits for the read is looked at again after this long.
const LOOK_EVERY: Span = Span::from_millis(50);

/// With a user stream the positions are read every second beside it, because an event may be lost;
/// a stop is taken away by a read that is no older than this. Reads are held back now and then.
const POSITIONS_AGE_MAX: Span = Span::from_millis(1_300);

/// When the positions and both books were read last, as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Seen {
    positions: Timestamp,
    all: Timestamp,
    /// Symbols that were read by themselves since.
    symbols: BTreeMap<Symbol, Timestamp>,
}

impl Seen {
    /// A round without errors.
    pub(super) fn took(&mut self, round: &Round) {
        let asked = round.parts.iter().map(|(asked_at, _)| *asked_at).min();
        let Some(asked) = asked else {
            return;
        };
        self.positions = asked;
        match &round.scope {
            None => {
                self.all = asked;
                self.symbols.retain(|_, at| *at > asked);
            }
            Some(symbols) => {
                let read = symbols.iter().map(|symbol| (symbol.clone(), asked));
                self.symbols.extend(read);
            }
        }
    }

    /// What is known of `symbol` is no older than this.
    pub(super) fn at(&self, symbol: &Symbol) -> Timestamp {
        let own = self.symbols.get(symbol).copied();
        own.map_or(self.all, |own| own.max(self.all))
    }
}

/// Whether a stop that is as tight is left without `target`, a stop of the executor for this life:
/// what replaced it when its cancel was approved may have fired since.
fn stays_as_tight(
    target: &ClientOrderId,
    position: &Position,
    orders: &[RestingOrder],
) -> Result<(), Refusal> {
    let key = &position.key;
    let (taken, others): (Vec<_>, Vec<_>) =
        orders.iter().partition(|it| it.client_order_id == *target);
    let trigger = |it: &&RestingOrder| match it.order {
        CloseOrder::Stop { trigger, .. } => Some(trigger),
        _ => None,
    };
    let cause = target.cause(&key.symbol);
    let is_current = cause
        .is_some_and(|cause| cause.module == Module::ExitExecutor && cause.epoch == position.epoch);
    let Some(gone) = taken.iter().find_map(trigger).filter(|_| is_current) else {
        return Ok(());
    };
    let left = others.iter().filter_map(trigger);
    match left.reduce(|a, b| key.side.tighter(a, b)) {
        Some(left) if !key.side.is_tighter(gone, left) => Ok(()),
        _ => Err(Refusal::new(
            "STOP_LOOSENED",
            "no stop that is as tight would be left",
        )),
    }
}

/// What is to be canceled.
struct Target {
    symbol: Symbol,
    side: Side,
    leg: LegId,
}

impl GatewayActor {
    /// Whether the stop may be taken away now; `false` where it has to wait for a read, which is
    /// asked for.
    ///
    /// # Errors
    /// What would be left, where that is too little.
    pub(super) fn looks_again(&mut self, cancel: &Cancel) -> Result<bool, Refusal> {
        let Some(Target { symbol, side, leg }) = self.target(&cancel.target) else {
            return Ok(true); // nothing of it is known: the venue says so too
        };
        let is_told = leg != LegId::Disaster && self.reads.is_told_since(cancel.approved_at);
        let seen = &self.reads.seen;
        let is_fresh = match is_told {
            true => self.now.since(seen.positions) <= POSITIONS_AGE_MAX,
            false => seen.at(&symbol) >= cancel.approved_at,
        };
        if !is_fresh {
            self.reads.want(&symbol);
            return Ok(false);
        }
        let leg = self.legs.get(&(symbol.clone(), side));
        let open = leg.map_or(Qty::ZERO, |leg| leg.position.qty);
        let Some(instrument) = self.rules.instrument(&symbol) else {
            return Ok(true); // it rests, and yet there is no such symbol
        };
        // One that the list does not show may be gone already.
        let stays = |it: &&Open| {
            let id = &it.resting.client_order_id;
            let is_listed = is_told && !it.lacked || it.listed_at >= cancel.approved_at;
            *id == cancel.target || is_listed && !self.calls.is_canceling(id)
        };
        let orders = self.books.all_of(&symbol, side).filter(stays);
        let orders: Vec<RestingOrder> = orders.map(Open::shown).collect();
        keeps_cover(&cancel.target, (open, instrument), orders.iter())?;
        if let Some(leg) = leg.filter(|leg| !leg.position.qty.is_zero()) {
            stays_as_tight(&cancel.target, &leg.position, &orders)?;
        }
        Ok(true)
    }

    /// The cancel waits for its read.
    pub(super) fn look_later(&mut self, waiting: &Waiting) {
        let mut later = waiting.clone();
        later.not_before = self.now + LOOK_EVERY;
        self.push(later);
    }

    /// What an order protects, and as which part of it.
    fn target(&self, target: &ClientOrderId) -> Option<Target> {
        if let Some(own) = self.ledger.get(target) {
            return Some(Target {
                symbol: own.key.symbol.clone(),
                side: own.key.side,
                leg: own.leg,
            });
        }
        let mut all = self.books.all();
        let open = all.find(|it| it.resting.client_order_id == *target)?;
        let leg = match open.resting.order {
            CloseOrder::DisasterStop { .. } => LegId::Disaster,
            _ => LegId::Stop,
        };
        Some(Target {
            symbol: open.symbol.clone(),
            side: open.side,
            leg,
        })
    }
}
