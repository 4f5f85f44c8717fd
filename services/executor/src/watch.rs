//! Which positions are looked at when: at a price, at a moment, or, while they are restless, at
//! every mark and every beat.
//!
//! A position that has been looked at and found at rest gives the book its two prices and its
//! moment (`domain::decide::rest`), and is left alone until one of them comes. Whatever else is
//! heard of it makes it restless: forgetting to look is the one thing that must not happen.

use std::collections::{BTreeMap, BTreeSet};

use domain::decide::Rest;
use domain::grid::Grid;
use domain::triggers::{Slot, TriggerBook};
use domain::{PositionKey, Price, Symbol, Timestamp};

/// Everybody who is followed.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    contracts: BTreeMap<Symbol, Contract>,
    /// Nobody rests: each is looked at at every mark and every beat.
    sleepless: bool,
}

/// The positions of one contract.
#[derive(Debug)]
struct Contract {
    grid: Option<Grid>,
    book: TriggerBook,
    seats: Vec<Option<Seat>>,
    free: Vec<Slot>,
    restless: BTreeSet<Slot>,
    moments: BTreeSet<(Timestamp, Slot)>,
    /// The first of `moments`.
    next: Option<Timestamp>,
    woken: Vec<Slot>,
}

#[derive(Debug)]
struct Seat {
    key: PositionKey,
    until: Option<Timestamp>,
}

impl Watch {
    /// One that lets nobody rest.
    pub(crate) fn sleepless() -> Self {
        Self {
            sleepless: true,
            ..Self::default()
        }
    }

    /// A position is followed from now on; its place is to be named whenever it is spoken of. The
    /// grid of the first one is that of all of the contract: it only has to be fine enough.
    pub(crate) fn follow(&mut self, key: &PositionKey, grid: Option<Grid>) -> Slot {
        let contract = self.contracts.entry(key.symbol.clone());
        contract.or_insert_with(|| Contract::new(grid)).follow(key)
    }

    /// It is followed no more.
    pub(crate) fn leave(&mut self, symbol: &Symbol, slot: Slot) {
        let Some(contract) = self.contracts.get_mut(symbol) else {
            return;
        };
        contract.leave(slot);
        if contract.free.len() == contract.seats.len() {
            self.contracts.remove(symbol);
        }
    }

    /// It is to be looked at at the next mark or beat.
    pub(crate) fn wake(&mut self, symbol: &Symbol, slot: Slot) {
        if let Some(contract) = self.contracts.get_mut(symbol) {
            contract.wake(slot);
        }
    }

    /// So are all of the contract.
    pub(crate) fn wake_symbol(&mut self, symbol: &Symbol) {
        if let Some(contract) = self.contracts.get_mut(symbol) {
            contract.wake_all();
        }
    }

    /// So is everybody.
    pub(crate) fn wake_all(&mut self) {
        self.contracts.values_mut().for_each(Contract::wake_all);
    }

    /// It has been looked at, and may rest that long, or not.
    pub(crate) fn settle(&mut self, symbol: &Symbol, slot: Slot, rest: Option<Rest>) {
        let Some(contract) = self.contracts.get_mut(symbol) else {
            return;
        };
        match rest.filter(|_| !self.sleepless) {
            Some(rest) => contract.settle(slot, &rest),
            None => contract.wake(slot),
        }
    }

    /// How many rest.
    pub(crate) fn resting(&self) -> usize {
        let resting = |it: &Contract| it.seats.len() - it.free.len() - it.restless.len();
        self.contracts.values().map(resting).sum()
    }

    /// Whom to look at now that the price of `symbol` is `mark`, or is none to decide by; in their
    /// order.
    pub(crate) fn at_mark(
        &mut self,
        symbol: &Symbol,
        mark: Price,
        now: Timestamp,
    ) -> Vec<PositionKey> {
        let Some(contract) = self.contracts.get_mut(symbol) else {
            return Vec::new();
        };
        contract.cross(mark);
        if !contract.is_anybody_due(now) {
            return Vec::new();
        }
        let mut keys = Vec::new();
        contract.due(now, &mut keys);
        keys.sort_unstable();
        keys
    }

    /// Whom to look at at this moment, in their order.
    pub(crate) fn at_beat(&mut self, now: Timestamp) -> Vec<PositionKey> {
        let mut keys = Vec::new();
        for contract in self.contracts.values_mut() {
            contract.due(now, &mut keys);
        }
        keys.sort_unstable();
        keys
    }
}

impl Contract {
    fn new(grid: Option<Grid>) -> Self {
        Self {
            grid,
            book: TriggerBook::new(),
            seats: Vec::new(),
            free: Vec::new(),
            restless: BTreeSet::new(),
            moments: BTreeSet::new(),
            next: None,
            woken: Vec::new(),
        }
    }

    fn follow(&mut self, key: &PositionKey) -> Slot {
        let seat = Seat {
            key: key.clone(),
            until: None,
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.seats.push(None);
            Slot::try_from(self.seats.len() - 1).unwrap_or(Slot::MAX)
        });
        if let Some(empty) = self.seats.get_mut(slot as usize) {
            *empty = Some(seat);
        }
        self.restless.insert(slot);
        slot
    }

    fn leave(&mut self, slot: Slot) {
        self.wake(slot);
        self.restless.remove(&slot);
        if let Some(seat) = self.seats.get_mut(slot as usize)
            && seat.take().is_some()
        {
            self.free.push(slot);
        }
    }

    fn wake(&mut self, slot: Slot) {
        self.book.remove(slot);
        self.forget_moment(slot);
        self.restless.insert(slot);
    }

    fn wake_all(&mut self) {
        for slot in 0..self.seats.len() {
            if let (Some(Some(_)), Ok(slot)) = (self.seats.get(slot), Slot::try_from(slot)) {
                self.wake(slot);
            }
        }
    }

    fn settle(&mut self, slot: Slot, rest: &Rest) {
        let levels = self.grid.as_ref().and_then(|grid| rest.levels(grid));
        let Some(levels) = levels else {
            return self.wake(slot);
        };
        self.book.set(slot, levels);
        self.forget_moment(slot);
        if let (Some(Some(seat)), Some(until)) = (self.seats.get_mut(slot as usize), rest.until()) {
            seat.until = Some(until);
            self.moments.insert((until, slot));
            self.next = self.moments.first().map(|(until, _)| *until);
        }
        self.restless.remove(&slot);
    }

    fn forget_moment(&mut self, slot: Slot) {
        let seat = self.seats.get_mut(slot as usize).and_then(Option::as_mut);
        if let Some(until) = seat.and_then(|seat| seat.until.take()) {
            self.moments.remove(&(until, slot));
            self.next = self.moments.first().map(|(until, _)| *until);
        }
    }

    /// Whoever the price wakes is restless.
    fn cross(&mut self, mark: Price) {
        match self.grid.as_ref().and_then(|grid| grid.floor(mark.get())) {
            Some(tick) if self.book.is_quiet(tick) => {}
            Some(tick) => {
                self.book.cross(tick, &mut self.woken);
                for slot in std::mem::take(&mut self.woken) {
                    self.wake(slot);
                }
            }
            None => self.wake_all(),
        }
    }

    fn is_anybody_due(&self, now: Timestamp) -> bool {
        !self.restless.is_empty() || self.next.is_some_and(|next| next <= now)
    }

    fn due(&mut self, now: Timestamp, keys: &mut Vec<PositionKey>) {
        while let Some((_, slot)) = self.moments.first().filter(|(until, _)| *until <= now) {
            self.wake(*slot);
        }
        let seat = |slot: &Slot| self.seats.get(*slot as usize)?.as_ref();
        let restless = self.restless.iter().filter_map(seat);
        keys.extend(restless.map(|seat| seat.key.clone()));
    }
}
