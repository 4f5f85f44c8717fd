//! One side of the book: the lowest level first. Near levels are rungs of an array with a bit for
//! each rung that somebody stands on, far ones wait in a tree until the price comes near.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Slot;

const WORD: usize = 64;
/// Words of the bitmap; one more word says which of them are not empty.
const WORDS: usize = 16;
/// Levels that are near: 4 KB of rungs, and as much of a trend as passes between two moves of them.
const RUNGS: usize = WORD * WORDS;
/// Rungs that are left free under a level that has come in below all others.
const ROOM: i64 = RUNGS as i64 / 4;
/// No slot, at the end of a rung.
const END: Slot = Slot::MAX;
/// No level. A real one is clamped below it.
const NEVER: i64 = i64::MAX;
/// Farthest level: beyond it sums with rungs could overflow. No price is that far.
const FAR_MAX: i64 = i64::MAX / 4;

/// Where a slot stands, and with whom.
#[derive(Debug, Clone, Copy)]
struct Link {
    level: i64,
    next: Slot,
    previous: Slot,
}

const NOWHERE: Link = Link {
    level: NEVER,
    next: END,
    previous: END,
};

/// Levels in ascending order.
#[derive(Debug, Clone)]
pub(super) struct Rungs {
    lowest: i64,
    /// Level of the first rung. Nobody stands below it.
    base: i64,
    /// Who stands first on each rung.
    heads: Box<[Slot; RUNGS]>,
    taken: [u64; WORDS],
    words: u64,
    far: BTreeSet<(i64, Slot)>,
    links: Vec<Link>,
}

impl Default for Rungs {
    fn default() -> Self {
        Self {
            lowest: NEVER,
            base: 0,
            heads: Box::new([END; RUNGS]),
            taken: [0; WORDS],
            words: 0,
            far: BTreeSet::new(),
            links: Vec::new(),
        }
    }
}

impl Rungs {
    /// The lowest level; the largest number there is where nobody stands.
    #[inline]
    pub(super) const fn lowest(&self) -> i64 {
        self.lowest
    }

    pub(super) fn level(&self, slot: Slot) -> Option<i64> {
        let level = self.links.get(slot as usize)?.level;
        (level != NEVER).then_some(level)
    }

    /// Puts `slot` on `level`, or nowhere.
    #[inline]
    pub(super) fn set(&mut self, slot: Slot, level: Option<i64>) {
        let level = level.map_or(NEVER, |level| level.clamp(-FAR_MAX, FAR_MAX));
        let known = self.links.get(slot as usize).map_or(NEVER, |it| it.level);
        if known == level {
            return;
        }
        if known != NEVER {
            self.leave(slot);
            if known == self.lowest {
                self.lowest = self.find_lowest();
            }
        }
        if level != NEVER {
            self.enter(slot, level);
        }
    }

    /// Takes out somebody on the lowest rung, where that is at most `tick`.
    #[inline]
    pub(super) fn pop(&mut self, tick: i64) -> Option<Slot> {
        if self.lowest > tick || self.lowest == NEVER {
            return None;
        }
        if self.rung(self.lowest).is_none() {
            self.come_near();
        }
        let rung = self.rung(self.lowest)?;
        let slot = self.heads[rung];
        self.leave(slot);
        if self.heads[rung] == END {
            self.lowest = self.find_lowest();
        }
        Some(slot)
    }

    /// The rung of `level`, where it is near.
    #[inline]
    fn rung(&self, level: i64) -> Option<usize> {
        let rung = level.wrapping_sub(self.base);
        usize::try_from(rung).ok().filter(|rung| *rung < RUNGS)
    }

    fn enter(&mut self, slot: Slot, level: i64) {
        let index = slot as usize;
        if index >= self.links.len() {
            self.links.resize(index + 1, NOWHERE);
        }
        if self.lowest == NEVER || level < self.base {
            self.move_to(level - ROOM);
        }
        self.lowest = self.lowest.min(level);
        self.place(slot, level);
    }

    fn place(&mut self, slot: Slot, level: i64) {
        let mut link = Link { level, ..NOWHERE };
        if let Some(rung) = self.rung(level) {
            let head = self.heads[rung];
            link.next = head;
            if head != END {
                self.links[head as usize].previous = slot;
            }
            self.heads[rung] = slot;
            self.taken[rung / WORD] |= 1 << (rung % WORD);
            self.words |= 1 << (rung / WORD);
        } else {
            self.far.insert((level, slot));
        }
        self.links[slot as usize] = link;
    }

    fn leave(&mut self, slot: Slot) {
        let link = core::mem::replace(&mut self.links[slot as usize], NOWHERE);
        let Some(rung) = self.rung(link.level) else {
            self.far.remove(&(link.level, slot));
            return;
        };
        if link.next != END {
            self.links[link.next as usize].previous = link.previous;
        }
        if link.previous != END {
            self.links[link.previous as usize].next = link.next;
            return;
        }
        self.heads[rung] = link.next;
        if link.next == END {
            self.taken[rung / WORD] &= !(1 << (rung % WORD));
            if self.taken[rung / WORD] == 0 {
                self.words &= !(1 << (rung / WORD));
            }
        }
    }

    fn find_lowest(&self) -> i64 {
        if self.words == 0 {
            return self.far.first().map_or(NEVER, |(level, _)| *level);
        }
        let word = self.words.trailing_zeros() as usize;
        let rung = word * WORD + self.taken[word].trailing_zeros() as usize;
        self.base + rung as i64
    }

    /// All rungs are empty and the lowest level is a far one: the rungs go there.
    fn come_near(&mut self) {
        self.base = self.lowest;
        let beyond = self.far.split_off(&(self.base + RUNGS as i64, 0));
        let near = core::mem::replace(&mut self.far, beyond);
        for (level, slot) in near {
            self.place(slot, level);
        }
    }

    /// The first rung is at `base` from now on; whoever stands too high then becomes far.
    fn move_to(&mut self, base: i64) {
        let mut standing = Vec::new();
        while self.words != 0 {
            let level = self.find_lowest();
            let Some(rung) = self.rung(level) else {
                break;
            };
            let slot = self.heads[rung];
            self.leave(slot);
            standing.push((level, slot));
        }
        self.base = base;
        for (level, slot) in standing {
            self.place(slot, level);
        }
    }
}
