//! Missed targets that the mark may still reach: then the exit came too early.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::score::Slot;
use super::{PREMATURE_WINDOW, within};
use crate::ids::Symbol;
use crate::num::Price;
use crate::position::Side;
use crate::time::Timestamp;

/// Watched targets of all symbols: four hours of a busy account. Beyond it the oldest are let go.
const WATCHED_MAX: usize = 4_096;

/// A target whose life ended without it.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub slot: Slot,
    pub leg: u8,
    pub side: Side,
    pub price: Price,
    pub ended_at: Timestamp,
}

/// All of them, by symbol.
#[derive(Debug, Clone, Default)]
pub(super) struct Watches {
    by_symbol: BTreeMap<Symbol, Vec<Watched>>,
    len: usize,
    untold: u64,
}

impl Watches {
    pub(super) fn add(&mut self, watched: Watched) {
        while self.len >= WATCHED_MAX {
            self.drop_oldest();
        }
        let symbol = watched.slot.symbol.clone();
        self.by_symbol.entry(symbol).or_default().push(watched);
        self.len += 1;
    }

    /// Takes out what the mark has reached within its window.
    pub(super) fn reached(
        &mut self,
        symbol: &Symbol,
        mark: Price,
        at: Timestamp,
    ) -> Vec<(Slot, u8)> {
        let Some(of_symbol) = self.by_symbol.get_mut(symbol) else {
            return Vec::new();
        };
        let mut reached = Vec::new();
        of_symbol.retain(|it| {
            let is_reached = within(it.ended_at, at) && it.side.target_reached(it.price, mark);
            if is_reached {
                reached.push((it.slot.clone(), it.leg));
            }
            !is_reached
        });
        self.tidy();
        reached
    }

    /// Lets go of what has left its window.
    pub(super) fn expire(&mut self, now: Timestamp) {
        for of_symbol in self.by_symbol.values_mut() {
            of_symbol.retain(|it| now.since(it.ended_at) <= PREMATURE_WINDOW);
        }
        self.tidy();
    }

    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn untold(&self) -> u64 {
        self.untold
    }

    fn drop_oldest(&mut self) {
        // Of one symbol they stand in the order of their ends, but for late judgements.
        let first = |of_symbol: &Vec<Watched>| of_symbol.first().map(|it| it.ended_at);
        let oldest = self.by_symbol.values_mut().min_by_key(|it| first(it));
        if let Some(of_symbol) = oldest
            && !of_symbol.is_empty()
        {
            of_symbol.remove(0);
            self.untold = self.untold.saturating_add(1);
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.by_symbol.retain(|_, of_symbol| !of_symbol.is_empty());
        self.len = self.by_symbol.values().map(Vec::len).sum();
    }
}
