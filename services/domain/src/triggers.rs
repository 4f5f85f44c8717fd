//! The trigger book: who is to be looked at when the price comes to which tick.
//!
//! A price that reaches nobody's level costs two comparisons, however many levels there are; one
//! that reaches `k` of them costs `O(k log n)`, mostly `O(k)`. See decision 0028.

use alloc::vec::Vec;

mod rungs;

use rungs::Rungs;

/// Who waits: a small number that the caller gives, from 0 up, and gives again once it is free. The
/// book's memory grows with the largest one.
pub type Slot = u32;

/// The ticks at which one slot is woken, both included. Without any it sleeps for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Levels {
    /// Woken at this price or below.
    pub below: Option<i64>,
    /// Woken at this price or above.
    pub above: Option<i64>,
}

impl Levels {
    /// Whether a price of `tick` wakes.
    #[must_use]
    pub fn reached(&self, tick: i64) -> bool {
        self.below.is_some_and(|level| tick <= level)
            || self.above.is_some_and(|level| tick >= level)
    }
}

/// The levels of one contract, in integer ticks.
#[derive(Debug, Clone, Default)]
pub struct TriggerBook {
    rises: Rungs,
    /// Mirrored: a price that falls to a level is one that rises to its negative.
    falls: Rungs,
}

impl TriggerBook {
    /// A book without levels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives `slot` these levels in place of those it had.
    pub fn set(&mut self, slot: Slot, levels: Levels) {
        self.rises.set(slot, levels.above);
        self.falls.set(slot, levels.below.map(mirrored));
    }

    /// Takes `slot` out.
    pub fn remove(&mut self, slot: Slot) {
        self.set(slot, Levels::default());
    }

    /// The levels of `slot`.
    #[must_use]
    pub fn levels(&self, slot: Slot) -> Levels {
        Levels {
            below: self.falls.level(slot).map(mirrored),
            above: self.rises.level(slot),
        }
    }

    /// Whether a price of `tick` wakes nobody.
    #[inline]
    #[must_use]
    pub fn is_quiet(&self, tick: i64) -> bool {
        tick < self.rises.lowest() && mirrored(tick) < self.falls.lowest()
    }

    /// Takes whoever a price of `tick` wakes out of the book, with both levels, and puts them into
    /// `woken`: each once, in ascending order, after what was in it.
    #[inline]
    pub fn cross(&mut self, tick: i64, woken: &mut Vec<Slot>) {
        if !self.is_quiet(tick) {
            self.take(tick, woken);
        }
    }

    #[cold]
    fn take(&mut self, tick: i64, woken: &mut Vec<Slot>) {
        let begin = woken.len();
        while let Some(slot) = self.rises.pop(tick) {
            self.falls.set(slot, None);
            woken.push(slot);
        }
        while let Some(slot) = self.falls.pop(mirrored(tick)) {
            self.rises.set(slot, None);
            woken.push(slot);
        }
        woken[begin..].sort_unstable();
    }
}

/// The ends of the range are no prices: what is mirrored can be mirrored back.
const fn mirrored(tick: i64) -> i64 {
    tick.saturating_neg()
}
