//! One slot of the workload: a position that opens, closes in parts, trails and opens again.

use super::Outcome;

const ENTER: u64 = 1;
const LEG1: u64 = 2;
const LEG2: u64 = 3;
const AMEND: u64 = 4;
const EXIT: u64 = 5;
const QTY: i64 = 100;
const PART: i64 = 25;
/// Points beyond entry that breakeven locks in.
const EVEN: i64 = 2;

/// The decisions so far.
#[derive(Debug, Clone)]
pub(super) struct Book {
    hash: u64,
    pnl: i64,
    decisions: u64,
}

impl Book {
    pub(super) const fn new() -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            pnl: 0,
            decisions: 0,
        }
    }

    pub(super) const fn outcome(&self) -> Outcome {
        Outcome {
            hash: self.hash,
            pnl: self.pnl,
            decisions: self.decisions,
        }
    }

    #[inline]
    pub(super) const fn decisions(&self) -> u64 {
        self.decisions
    }

    #[inline]
    fn note(&mut self, at: At, kind: u64, qty: i64) {
        let words = [at.tick, at.slot, kind, at.price as u64, qty as u64];
        for word in words {
            self.hash = (self.hash ^ word).wrapping_mul(0x100_0000_01b3);
        }
        self.decisions += 1;
    }

    #[inline]
    fn close(&mut self, at: At, kind: u64, (m, qty): (i64, i64)) {
        self.note(at, kind, qty);
        self.pnl += m * qty;
    }
}

/// When, where and for whom something is decided.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) tick: u64,
    pub(super) slot: u64,
    pub(super) price: i64,
}

/// What a slot holds. `m` is the distance of the price from entry on the profit side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) is_open: bool,
    long: bool,
    entries: u32,
    r: i64,
    entry: i64,
    mfe: i64,
    stop: i64,
    rem: i64,
    leg: u8,
    stage: u8,
}

impl Slot {
    pub(super) fn new(id: u64) -> Self {
        Self {
            is_open: false,
            long: false,
            entries: 0,
            r: 40 + 2 * (id % 32) as i64,
            entry: 0,
            mfe: 0,
            stop: 0,
            rem: 0,
            leg: 0,
            stage: 0,
        }
    }

    /// The tick of its symbol, from 0, at which slot `place` of it may enter first.
    pub(super) const fn first_entry(place: u64) -> u64 {
        (place * 7) % 997
    }

    #[inline]
    pub(super) fn enter(&mut self, at: At, book: &mut Book) {
        *self = Self {
            is_open: true,
            long: (at.slot + u64::from(self.entries)).is_multiple_of(2),
            entries: self.entries + 1,
            r: self.r,
            entry: at.price,
            mfe: 0,
            stop: -self.r,
            rem: QTY,
            leg: 0,
            stage: 0,
        };
        book.note(at, ENTER, QTY);
    }

    #[inline]
    pub(super) fn look(&mut self, at: At, book: &mut Book) {
        let change = at.price - self.entry;
        let m = if self.long { change } else { -change };
        if m <= self.stop {
            self.is_open = false;
            book.close(at, EXIT + u64::from(self.stage), (m, self.rem));
        } else if m > self.mfe {
            self.gain(m, at, book);
        }
    }

    #[inline]
    fn gain(&mut self, m: i64, at: At, book: &mut Book) {
        let r = self.r;
        self.mfe = m;
        if self.leg == 0 && m >= r / 2 {
            self.leg = 1;
            self.rem -= PART;
            book.close(at, LEG1, (m, PART));
        }
        if self.leg == 1 && m >= r {
            self.leg = 2;
            self.rem -= PART;
            book.close(at, LEG2, (m, PART));
        }
        let mut stop = self.stop;
        if m >= r {
            stop = stop.max(EVEN);
            self.stage = self.stage.max(1);
        }
        if m >= 3 * r / 2 {
            stop = stop.max(r / 2);
            self.stage = self.stage.max(2);
        }
        if m >= 2 * r {
            stop = stop.max(m - r / 2);
            self.stage = 3;
        }
        if stop > self.stop {
            self.stop = stop;
            book.note(at, AMEND, stop);
        }
    }

    /// The prices at which the next look finds something: at or below the one, at or above the
    /// other.
    #[inline]
    pub(super) fn levels(&self) -> (i64, i64) {
        let r = self.r;
        let marks = [r / 2, r, 3 * r / 2, 2 * r];
        let next = marks.into_iter().find(|mark| *mark > self.mfe);
        let next = next.unwrap_or(self.mfe + 1);
        if self.long {
            (self.entry + self.stop, self.entry + next)
        } else {
            (self.entry - next, self.entry - self.stop)
        }
    }
}
